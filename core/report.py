"""A benchmark as Markdown: what was found over all tasks, then every task and method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.comparison import Finding


def report(
    rows: Sequence[dict[str, Any]], found: Sequence[Finding], *, command: str, checkpoint: str, machine: str
) -> str:
    """The text of a report.

    Args:
        rows: of :func:`core.trials.rows`.
        found: of :func:`core.comparison.findings`.
        command: that made it, for people who want to repeat it.
        checkpoint: digest of the model.
        machine: e.g. ``"2 processor cores"``; seconds mean nothing without it.
    """
    seeds = rows[0]["seeds"] if rows else []
    lines = [
        "# Benchmark of adaptation",
        "",
        f"Made by `{command}` (checkpoint `{checkpoint}`, seeds {', '.join(map(str, seeds))}, {machine}). "
        "Scores are on test images that no choice was made on; intervals are 95 %.",
        "",
        "| over all tasks | measured [95 % interval over tasks] | aim |",
        "|---|---|---|",
        *(f"| {each.name} | {each.value:.2f} [{each.interval[0]:.2f}, {each.interval[1]:.2f}] | {each.aim} |"
          for each in found),
        "",
        "| task | method | test score [interval over seeds] | regret, points | recovered | seconds | parameters |",
        "|---|---|---|---|---|---|---|",
        *(_line(row) for row in rows),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    span = row["interval"]
    score = f"{row['accuracy']:.3f}" + (f" [{span[0]:.3f}, {span[1]:.3f}]" if span else "")
    if row["metric"] != "accuracy":
        score += f" {row['metric']}"
    regret = "" if row["regret"] is None else f"{100 * row['regret']:+.1f}"
    recovered = "" if row["recovered"] is None else f"{row['recovered']:.0%}"
    return (
        f"| {row['task']} | {row['method']} | {score} | {regret} | {recovered} "
        f"| {row['seconds']:.2f} | {row['parameters']:,} |"
    )
