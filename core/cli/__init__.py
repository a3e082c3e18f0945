"""The command line: a module a command, named as it; what they share is in the modules named by a noun.

:mod:`~core.cli.options` that several commands have, :mod:`~core.cli.sources` (what ``--data`` and ``--images`` name),
:mod:`~core.cli.output` (files with what was found) and the :mod:`~core.cli.terminal`. May import all of core; in it,
only ``__main__`` imports it.
"""
