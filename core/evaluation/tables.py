"""Evaluation results as rows of text, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_PER_AXIS = (
    ("control", "control, own metric: V(0) / V(1)", "{:.1f}"),
    ("control_whitened", "control, whitened (M1): V(0) / V(1)", "{:.2f}"),
    ("decodability", "decodability (M3): R²(0) − R²(1)", "{:.2f}"),
    ("monotone", "Spearman, the worse of both metrics", "{:.2f}"),
)
_SINGLE = (
    ("leakage", "leakage, whitened", "{:.1%}"),
    ("leakage_own", "leakage, own metric", "{:.1%}"),
    ("effective_rank", "effective rank, worst corner", "{:.1f}"),
    ("identity_retrieval", "identity retrieval at i = 1", "{:.1%}"),
    ("linear_probe", "linear probe, best corner", "{:.1%}"),
)


BARS: dict[str, tuple[str, Callable[[float], bool]]] = {
    "control": ("≥ 5", lambda value: value >= 5),
    "control_whitened": ("≥ 1.5", lambda value: value >= 1.5),
    "decodability": ("≥ 0.3", lambda value: value >= 0.3),
    "monotone": ("≤ −0.95", lambda value: value <= -0.95),
    "leakage": ("≤ 35 %", lambda value: value <= 0.35),
    "effective_rank": ("≥ 12", lambda value: value >= 12),
    "identity_retrieval": ("≥ 70 %", lambda value: value >= 0.7),
    "linear_probe": ("≥ 60 %", lambda value: value >= 0.6),
}
"""What a shipped model must reach, by figure; set before it was trained."""


def rows(document: dict[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """(figure, axis, model, untrained, pixels) for each line of an evaluation document."""
    subjects = [document, *(document["references"].get(name, {}) for name in ("untrained", "pixels"))]
    lines = []
    for key, title, form in _PER_AXIS:
        for number, axis in enumerate(document["axes"]):
            lines.append((title, axis, *(_cell(subject.get(key), form, number) for subject in subjects)))
    for key, title, form in _SINGLE:
        lines.append((title, "", *(_cell(subject.get(key), form, None) for subject in subjects)))
    return lines


def markdown(document: dict[str, Any]) -> str:
    """The same as a Markdown table."""
    head = ["| figure | axis | model | untrained network | raw pixels |", "|---|---|---|---|---|"]
    return "\n".join(head + ["| " + " | ".join(row) + " |" for row in rows(document)])


def verdicts(document: dict[str, Any]) -> str:
    """Markdown: each figure against its bar (:data:`BARS`), one table per axis and one for the rest."""
    axes = document["axes"]
    lines = ["| figure | must | " + " | ".join(axes) + " |", "|---|---|" + "---|" * len(axes)]
    for key, title, form in _PER_AXIS:
        bar, reached = BARS[key]
        cells = [form.format(value) + (" ✓" if reached(value) else " ✗") for value in document[key]["value"]]
        lines.append(f"| {title} | {bar} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| figure | must | measured [95 % interval] | untrained network | raw pixels |",
        "|---|---|---|---|---|",
    ]
    references = [document["references"].get(name, {}) for name in ("untrained", "pixels")]
    for key, title, form in _SINGLE:
        if key in BARS and document.get(key):
            bar, reached = BARS[key]
            mark = "✓" if reached(document[key]["value"]) else "✗"
            others = [form.format(each[key]["value"]) if each.get(key) else "–" for each in references]
            lines.append(
                f"| {title} | {bar} | {_cell(document[key], form, None)} {mark} | " + " | ".join(others) + " |"
            )
    return "\n".join(lines)


def _cell(figure: dict[str, Any] | None, form: str, number: int | None) -> str:
    if not figure:
        return "–"
    value, (low, high) = (
        (figure["value"], figure["interval"])
        if number is None
        else (figure["value"][number], figure["interval"][number])
    )
    return f"{form.format(value)} [{form.format(low)}, {form.format(high)}]"
