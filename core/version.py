"""The version of the project, written into every file that is passed on, and how its commands are called."""

VERSION = "1.0"
# The package has another name where it is installed.
PACKAGE = __name__.partition(".")[0]
PROGRAM = f"python -m {PACKAGE}"
SCRIPT = "./run.sh" if PACKAGE == "core" else PACKAGE
