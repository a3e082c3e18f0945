"""A benchmark as Markdown: what was found over all tasks, then every task and method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..baselines import METHODS, title_of
from ..markdown import code, literal
from ..tasks.score import sentence
from .summary import Finding

SCORE_COLUMNS = ("task", "method", "test score", "test images", "one class for all", "balanced")
"""What stands in front of every row: the score with its 95 % interval, what it was measured on, and what is trivial."""


def report(
    rows: Sequence[dict[str, Any]], found: Sequence[Finding], *, command: str, checkpoint: str, machine: str
) -> str:
    """The text of a report.

    Args:
        rows: of :func:`core.benchmark.runner.rows`.
        found: of :func:`core.benchmark.summary.findings`.
        command: that made it, for people who want to repeat it.
        checkpoint: digest of the model.
        machine: e.g. ``"2 processor cores"``; seconds mean nothing without it.
    """
    seeds = rows[0]["seeds"] if rows else []
    ran = {row["method"] for row in rows}
    lines = [
        "# Benchmark of adaptation",
        "",
        f"Made by {code(command)} (checkpoint `{checkpoint}`, seeds {', '.join(map(str, seeds))}, {machine}). "
        "Every method chooses on its labelled images alone; scores are on test images, intervals 95 %.",
        "",
        "| over all tasks | measured [95 % interval over tasks] | aim |",
        "|---|---|---|",
        *(f"| {each.name} | {each.value:.2f} [{each.interval[0]:.2f}, {each.interval[1]:.2f}] | {each.aim} |"
          for each in found),
        "",
        f"| {' | '.join(SCORE_COLUMNS)} | regret, points | recovered | seconds | parameters |",
        f"|{'---|' * (len(SCORE_COLUMNS) + 4)}",
        *(_line(row) for row in rows),
        "",
        *(f"- **{each.title}** (`{each.name}`): {each.sentence}" for each in METHODS.values() if each.name in ran),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def score_cells(row: dict[str, Any]) -> tuple[str, ...]:
    """The cells of :data:`SCORE_COLUMNS` for a row of :func:`core.benchmark.runner.rows`."""
    span = row["interval"]
    score = f"{row['accuracy']:.3f}" + (f" [{span[0]:.3f}, {span[1]:.3f}]" if span else "")
    if row["metric"] != "accuracy":
        score += f" {row['metric']}"
    trivial, balanced = (_figure(row.get(name)) for name in ("majority", "balanced"))
    return row["task"], title_of(row["method"]), score, f"{row['tests']:,}", trivial, balanced


def said(row: dict[str, Any]) -> str:
    """The score of a row in one sentence, with what it takes to judge it."""
    values = (row[name] for name in ("accuracy", "interval", "tests", "majority", "balanced"))
    text = sentence(row["metric"], *values)
    return text if len(row["seeds"]) < 2 else f"Mean over {len(row['seeds'])} seeds: {text[0].lower()}{text[1:]}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _line(row: dict[str, Any]) -> str:
    task, method, *cells = score_cells(row)
    regret = "" if row["regret"] is None else f"{100 * row['regret']:+.1f}"
    recovered = "" if row["recovered"] is None else f"{row['recovered']:.0%}"
    return (
        f"| {literal(task)} | {literal(method)} | {' | '.join(cells)} | {regret} | {recovered} "
        f"| {row['seconds']:.2f} | {row['parameters']:,} |"
    )
