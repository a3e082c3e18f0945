"""The version of the project, written into every file that is passed on."""

VERSION = "1.0"
