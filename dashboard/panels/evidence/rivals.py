"""The fit beside its rivals on real tasks, in the order of the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.baselines import OURS, title_of
from core.benchmark.amortisation import amortised
from core.benchmark.bars import stored
from core.benchmark.report import cost_said
from core.benchmark.standing import KINDS, Standing, sentences, standing
from dashboard.figures import theme
from dashboard.figures.cost import Price, cost_figure
from dashboard.figures.differences import Gain, differences_figure
from dashboard.figures.few_labels import Line, few_labels_figure
from dashboard.text import evidence as words
from dashboard.text.markdown import literal
from dashboard.widgets import charts

Section = Callable[[Mapping[str, Any], theme.Palette], None]
_DRAWN = (OURS, "frozen", "frozen-told", "plain", "finetune-backbone", "pixels")
"""Methods with a line over the number of labels; more would hide each other."""


def render(digest: str, known: Section) -> None:
    """Draw what was measured of a checkpoint, or say why there is nothing.

    Args:
        digest: of the checkpoint in use.
        known: draws the section about known descriptors, which stands before the cost.
    """
    try:
        documents = {name: found for name, found in stored().items() if found.get("checkpoint") == digest}
        real = documents.get("real-tasks", {})
        if shown := bool(real):
            _sections(real, documents.get("fit", {}), known)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        st.warning(f"The stored comparisons cannot be read ({literal(str(error))}). Make them anew: see the README.")
        return
    if not shown:
        st.info("No rival was compared with this checkpoint. Do it with `./run.sh real-tasks --rivals all --json`.")


def _sections(real: Mapping[str, Any], found: Mapping[str, Any], known: Section) -> None:
    colours = theme.palette(st.context.theme.type)
    first = real["settings"]["shots"][0]
    _differences(standing(real, "", first), f"{KINDS['']}, {first} labels a class", "real", colours)
    _few(real, colours)
    for kind in ("axis", "foreign"):
        _differences(standing(real, kind, first), KINDS[kind], kind, colours)
    known(found, colours)
    _cost(real, first, colours)


def _differences(found: Standing | None, title: str, key: str, colours: theme.Palette) -> None:
    if found is None:
        return
    said = sentences(found, brief=True)
    st.subheader(title, anchor=False)
    st.markdown(literal(said))
    gains = []
    for each in found.entries:
        low, high = each["interval"] or (each["value"], each["value"])
        tasks = [(f"{task['task']} {task['by']}".strip(), task["value"]) for task in each["tasks"]]
        gains.append(Gain(title_of(each["rival"]), each["value"], low, high, tasks))
    figure = differences_figure(gains, words.DIFFERENCES_CAPTION, colours)
    charts.plotly_chart(figure, key=f"evidence.{key}.chart", theme=None, alt=said)
    st.caption(words.DIFFERENCES_HELP)


def _few(real: Mapping[str, Any], colours: theme.Palette) -> None:
    labels = sorted(real["settings"]["shots"])
    rows = [row for row in real["tasks"] if not row["kind"]]
    tasks = {row["task"] for row in rows}
    lines = []
    for method in _DRAWN:
        means = []
        for count in labels:
            own = [row["accuracy"] for row in rows if (row["method"], row["shots"]) == (method, count)]
            means.append(sum(own) / len(own) if len(own) == len(tasks) else math.nan)
        if not all(math.isnan(mean) for mean in means):
            lines.append(Line(method, title_of(method), means))
    if len(labels) < 2 or not lines:
        return
    st.subheader("Few labels", anchor=False)
    fewest = standing(real, "", labels[0])
    said = f"With {labels[0]} labels a class: {sentences(fewest, brief=True)}" if fewest else ""
    st.markdown(literal(said))
    charts.plotly_chart(few_labels_figure(lines, labels, colours), key="evidence.few.chart", theme=None, alt=said)
    st.caption(words.FEW_HELP)


def _cost(real: Mapping[str, Any], shots: int, colours: theme.Palette) -> None:
    found = standing(real, "", shots)
    gains = {each["rival"]: -each["value"] for each in found.entries} if found else {}
    prices = [
        Price(title_of(each.method), each.seconds, gains.get(each.method))
        for each in amortised(real)
        if each.method == OURS or each.method in gains
    ]
    if not prices:
        return
    said = cost_said(real)
    st.subheader("Cost", anchor=False)
    st.markdown(literal(said))
    charts.plotly_chart(cost_figure(prices, colours), key="evidence.cost.chart", theme=None, alt=said)
    st.caption(words.COST_HELP)
