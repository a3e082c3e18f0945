"""What a shipped model has to reach, and what stored measurements say about it, as one Markdown table."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..assets import asset
from ..evaluation.tables import BARS, BARS_ALSO, Bar
from ..markdown import code, literal
from .bars_of_tasks import line_of_certificates, lines_of_known, lines_of_tasks, searched
from .lines import Line, line, number, said_commands, with_interval

Document = Mapping[str, Any]

BEGIN, END = "<!-- bars: written by a command -->", "<!-- end of bars -->"
"""What the table stands between in a file."""

FILES = {
    "evaluate": "evaluation.json",
    "real-tasks": "real_tasks.json",
    "fit": "known_tasks.json",
    "certify": "certificates.json",
    "bench": "costs.json",
    "bench-drag": "page.json",
}
"""The files of the measurements in ``assets/``, by the command that writes them with --json."""
HEAD = ("figure", "must", "aim", "measured [95 % interval]", "command", "reached")

COSTS: dict[str, tuple[str, Bar, str]] = {
    "size": ("checkpoint with its stem, MB", Bar(25, 12, least=False), "{:.1f}"),
    "task": ("200 images of 10 classes, from files to the fitted task, s", Bar(6, 2, least=False), "{:.2f}"),
    "weights": (
        "weights for one descriptor / stem and tail for 64 pictures",
        Bar(0.02, 0.01, least=False, percent=True),
        "{:.2%}",
    ),
}
"""Of the costs: title, bar, and form of what was measured."""
DRAG = Bar(100, 60, least=False)
NEW = Bar(2, 1, least=False)

_EVALUATED = (
    ("control", "control, own metric, others at 0.5; the worst axis", "{:.1f}"),
    ("control_at_0", "the same, others at 0", "{:.1f}"),
    ("control_at_1", "the same, others at 1", "{:.1f}"),
    ("control_whitened", "control, whitened; the worst axis", "{:.2f}"),
    ("decodability", "decodability kept minus ignored; the worst axis", "{:.2f}"),
    ("left", "left at i = 1; the worst axis", "{:.2f}"),
)
_AFTER = (("onset", "onset: distance from i at ¼, ½, ¾; the worst axis", "{:.2f}"),)
_SINGLE = (
    ("leakage", "leakage, whitened", "{:.1%}"),
    ("effective_rank", "effective rank at the worst corner", "{:.1f}"),
)


def stored(folder: Path | None = None) -> dict[str, Document]:
    """The measurements that are there, by command.

    Args:
        folder: of :data:`FILES`; default: the shipped ones.

    Raises:
        ValueError: one cannot be read.
    """
    places = {name: folder / file if folder else asset(file) for name, file in FILES.items()}
    return {name: _read(place, name) for name, place in places.items() if place.is_file()}


def lines(documents: Mapping[str, Document]) -> list[Line]:
    """All rows.

    Args:
        documents: by the command that writes them, see :data:`FILES`; what is missing is a row that says so.

    Raises:
        ValueError: they are of several checkpoints.
        KeyError, TypeError: one is something else.
    """
    digests = {name: document["checkpoint"] for name, document in documents.items()}
    if len(set(digests.values())) > 1:
        said = ", ".join(f"{name}: {digest}" for name, digest in digests.items())
        raise ValueError(f"The measurements are of several checkpoints ({said}). Make them all of one.")
    evaluation, real, known, certificates, costs, page = (documents.get(name, {}) for name in FILES)
    found = [*lines_of_tasks(real), *lines_of_known(known), line_of_certificates(certificates)]
    found += [_per_axis(evaluation, key, BARS[key], title, form) for key, title, form in _EVALUATED]
    found += _also(evaluation)
    found += [_per_axis(evaluation, key, BARS[key], title, form) for key, title, form in _AFTER]
    found += [_single(evaluation, key, title, form) for key, title, form in _SINGLE]
    found += [_cost(costs, "size"), _drag(page), _new(page), _cost(costs, "task"), *searched(real)]
    return [*found, _cost(costs, "weights")]


def table(documents: Mapping[str, Document]) -> str:
    """Markdown: the rows, and below them the commands that measured them; see :func:`lines`."""
    rows = [HEAD, *(each.cells for each in lines(documents))]
    written = ["| " + " | ".join(row) + " |" for row in rows]
    digests = dict.fromkeys(str(document["checkpoint"]) for document in documents.values())
    about = [f"- {code(name)}: {said_commands(document)}" for name, document in documents.items()]
    probe = documents.get("real-tasks", {}).get("probe") or {}
    if "command" in probe:
        about.append(f"- the linear probe: {code(str(probe['command']))}, {probe['date']}")
    of = f"Of checkpoint {', '.join(map(code, digests))}, measured by:" if digests else "Nothing was measured."
    return "\n".join([written[0], "|" + "---|" * len(HEAD), *written[1:], "", of, "", *about]).rstrip()


def placed(text: str, made: str) -> str:
    """A text with what was made between its two markers.

    Raises:
        ValueError: it has them not, or not in this order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The table has no place: the file needs a line {BEGIN} and, below it, a line {END}.")
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def _per_axis(evaluation: Document, key: str, bar: Bar, title: str, form: str) -> Line:
    """Every axis has to reach it, so the worst one is shown."""
    found = evaluation.get(key)
    return _worst(found, evaluation.get("axes", ()), bar, title, form)


def _worst(found: Document | None, axes: Sequence[str], bar: Bar, title: str, form: str) -> Line:
    if not found:
        return line(title, bar, None, "", "evaluate")
    values = [number(value, bar) for value in found["value"]]
    worst = (min if bar.least else max)(range(len(values)), key=values.__getitem__)
    low, high = found["interval"][worst]
    reached = sum(bar.reached(value, bar.must) for value in values)
    spread = with_interval({"value": values[worst], "interval": (low, high)}, form)
    measured = f"{spread}, {literal(axes[worst])}; {reached} of {len(values)} axes reach it"
    return line(title, bar, values[worst], measured, "evaluate")


def _also(evaluation: Document) -> Iterator[Line]:
    """What is left on other kinds of images."""
    bar, sets = BARS_ALSO["left"], evaluation.get("also", ())
    for each in sets:
        yield _worst(each["left"], evaluation["axes"], bar, f"left at i = 1 on {literal(each['images'])}", "{:.2f}")
    if not sets:
        yield line("left at i = 1 on other kinds of images", bar, None, "", "evaluate")


def _single(evaluation: Document, key: str, title: str, form: str) -> Line:
    found = evaluation.get(key)
    value = number(found["value"], BARS[key]) if found else None
    return line(title, BARS[key], value, with_interval(found, form) if found else "", "evaluate")


def _cost(costs: Document, key: str) -> Line:
    title, bar, form = COSTS[key]
    found = [each["value"] for each in costs.get("costs", ()) if each["key"] == key]
    return line(title, bar, found[0] if found else None, form.format(found[0]) if found else "", "bench")


def _drag(page: Document) -> Line:
    """With one tab; the others beside it."""
    title, drags = "slider to screen while dragging, p95, ms", page.get("drag", ())
    if not drags:
        return line(title, DRAG, None, "", "bench-drag")
    values = [(each["name"], number(each["p95_ms"], DRAG)) for each in drags]
    (first, value), *others = values
    measured = f"{value:.0f} with {literal(first)}" + "".join(
        f"; {other:.0f} {literal(name)}" for name, other in others
    )
    return line(title, DRAG, value, measured, "bench-drag")


def _new(page: Document) -> Line:
    title, found = "a new picture, to the complete Explore page, s", page.get("new_picture_s", ())
    if not found:
        return line(title, NEW, None, "", "bench-drag")
    value = statistics.median(found)
    measured = f"{value:.2f} (median of {len(found)}; {min(found):.2f} to {max(found):.2f})"
    return line(title, NEW, value, measured, "bench-drag")


def _read(path: Path, name: str) -> Document:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as JSON ({error}). Make it with '{name} --json'.") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no measurements. Make it with '{name} --json'.")
    return found
