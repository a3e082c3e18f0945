"""What came out: the table of runs, and the verdict with its slices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core import AmortisedExtractor
from core.adaptation.preferences import looked_at, sentence
from core.baselines import Origin, called
from core.tasks.score import Score
from dashboard.adapt import runs
from dashboard.adapt.rows import line_of, unlike
from dashboard.adapt.setup import Run
from dashboard.figures.fit_progress import Line, slices_figure, time_to_target
from dashboard.figures.theme import palette
from dashboard.jobs.snapshot import Snapshot
from dashboard.text import adapt as words
from dashboard.text import labels
from dashboard.text.markdown import literal, title
from dashboard.widgets import charts

_CHART = {"displayModeBar": False}
_SILENT = ("fitted with", "95 % interval", "test images", "one class for all", "balanced")
"""Columns that are left out if they say nothing of any row."""


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw whatever is there already."""
    seen = run.worker.snapshot()
    if seen.outcomes:
        st.header("Runs", anchor=False)
        _table(run, seen, [axis.name for axis in model.transforms])
    if seen.adapted is None:
        return
    st.header("What this task wants", anchor=False)
    if len(seen.slices) == len(model.transforms):
        _verdict(run, seen)
    else:
        st.caption(words.MEASURING if seen.busy else words.UNCHECKED)


def _table(run: Run, seen: Snapshot, names: list[str]) -> None:
    score = f"test {run.worker.task.score_name}"
    frame = table(seen, run.worker.task.score_name, names, runs.target(), run.setup.origin)
    st.data_editor(
        frame, key="adapt.table", num_rows="delete", disabled=list(frame.columns[2:]), hide_index=True,
        on_change=runs.edit_table, args=(run,),
        column_config={
            "drawn": st.column_config.CheckboxColumn(width="small"),
            **{name: st.column_config.NumberColumn(format="%.3f") for name in (score, "one class for all", "balanced")},
            "seconds": st.column_config.NumberColumn(format="%.2f"),
        },
    )  # fmt: skip
    if seen.outputs is not None:
        st.markdown(literal(run.worker.task.judge(seen.outputs).sentence(run.worker.task.score_name)))
    st.caption(labels.SEE_TABLE)
    frame = frame.drop(columns="drawn")
    st.download_button("Save the table as CSV", frame.to_csv(index=False), "runs.csv", "text/csv", key="adapt.csv")


def table(seen: Snapshot, score_name: str, names: list[str], target: float, now: Origin) -> pd.DataFrame:
    """A row per outcome: whether it is drawn, name, origin, score and what it takes to judge it, cost, descriptor.

    Columns that say nothing of any row are left out.
    """
    frame = pd.DataFrame(
        {
            "drawn": place not in seen.hidden,
            "name": called(each),
            "fitted with": unlike(each, now),
            f"test {score_name}": each.score,
            "95 % interval": _interval(each.judged),
            "test images": each.tests or None,
            "one class for all": each.majority,
            "balanced": each.balanced,
            "seconds": each.seconds,
            f"seconds to {target:.0%}": _reached(line_of("", each.curve), target),
            "parameters": each.parameters,
            "descriptor": ", ".join(f"{name} {value:.2f}" for name, value in zip(names, each.descriptor, strict=True))
            if each.descriptor
            else "",
        }
        for place, each in enumerate(seen.outcomes)
    )
    silent = [name for name in _SILENT if name in frame and not frame[name].replace("", None).notna().any()]
    return frame.drop(columns=silent)


def _interval(score: Score) -> str:
    return "{:.3f} to {:.3f}".format(*score.interval) if score.interval else ""


def _reached(line: Line, target: float) -> str:
    if not len(line.seconds):
        return "not timed"
    when = time_to_target(line, target)
    return "not reached" if when is None else f"{when:.2f}"


def _verdict(run: Run, seen: Snapshot) -> None:
    st.markdown(f"### {title(sentence(seen.slices, looked_at(run.worker.task)))}")
    nats = np.stack([cut.evidence for cut in seen.slices])
    names = [cut.axis.name for cut in seen.slices]
    figure = slices_figure(seen.slices[0].points, nats, names, palette(st.context.theme.type))
    charts.plotly_chart(figure, key="adapt.slices", theme=None, config=_CHART, alt="Evidence along each axis")
    st.caption(labels.SEE_SLICES)
