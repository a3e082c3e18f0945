"""Command line: train, measure and export models, and compute headless whatever the dashboard shows."""

from __future__ import annotations

import sys

import typer

from .adaptation import Diverged
from .cli.ablate import ablate
from .cli.ablate_gates import ablate_gates
from .cli.bars import bars
from .cli.bench import bench
from .cli.certify import certify
from .cli.combine import combine
from .cli.evaluate import evaluate
from .cli.export import export
from .cli.fit import fit
from .cli.landscape import landscape
from .cli.look import look
from .cli.manifold import manifold
from .cli.pretrain import pretrain
from .cli.pretrain_plain import pretrain_plain
from .cli.real_tasks import real_tasks
from .cli.record import record
from .cli.route import route
from .cli.table import table
from .cli.terminal import complain, tolerate
from .cli.walk import walk

COMMANDS = (
    manifold,
    fit,
    pretrain_plain,
    certify,
    look,
    landscape,
    walk,
    route,
    record,
    ablate,
    ablate_gates,
    pretrain,
    combine,
    export,
    evaluate,
    table,
    bench,
    real_tasks,
    bars,
)
"""In the order of the help."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help=__doc__)
for command in COMMANDS:
    app.command()(command)


def main() -> None:
    """Run a command; what a person did wrong becomes one sentence and exit code 1."""
    tolerate()
    try:
        app()
    except (ValueError, FileNotFoundError, Diverged) as error:
        complain(error)
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename} cannot" if error.filename else "A file could not"
        complain(ValueError(f"{where} be read or written: {error.strerror}. Check that it is there and open to you."))
        sys.exit(1)


if __name__ == "__main__":
    main()
