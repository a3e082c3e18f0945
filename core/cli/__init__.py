"""The command line: a module a command, and the terminal. May import all of core; only ``__main__`` imports it."""
