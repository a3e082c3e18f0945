"""Evaluation results as rows of text, for the terminal and for Markdown."""

from __future__ import annotations

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


def _cell(figure: dict[str, Any] | None, form: str, number: int | None) -> str:
    if not figure:
        return "–"
    value, (low, high) = (
        (figure["value"], figure["interval"])
        if number is None
        else (figure["value"][number], figure["interval"][number])
    )
    return f"{form.format(value)} [{form.format(low)}, {form.format(high)}]"
