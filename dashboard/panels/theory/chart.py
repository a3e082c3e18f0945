"""Fit against complexity, and the same as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.bounds.operating_points import contours
from core.certificates import comparators
from core.certificates.feature_bank import HEAD, OURS
from dashboard.figures import theme
from dashboard.figures.risk_complexity import Dot, Lines, growth_figure, reach, tradeoff_figure
from dashboard.panels.theory.shown import Reading
from dashboard.text import theory
from dashboard.widgets import charts

_RISKS = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
_POINTS = 80
_CHART = {"displayModeBar": False}


def render(reading: Reading) -> None:
    """Draw both."""
    points = [row.point for row in reading.rows]
    dots = [
        Dot(p.method, comparators.METHODS.index(p.method), p.complexity, p.gibbs_upper, p.bound, p.held_out, p.vacuous)
        for p in points
    ]
    first = points[0]
    across = np.linspace(0, reach(dots), _POINTS)
    risks = _RISKS[first.chance - 0.02 > _RISKS]
    fits = contours(risks, across, first.n, first.delta, first.priors)
    edge = contours([first.chance], across, first.n, first.delta, first.priors)[0]
    figure = tradeoff_figure(
        dots, Lines(risks, across, fits), edge, first.chance, theme.palette(st.context.theme.type)
    )  # fmt: skip
    said = "; ".join(f"{p.method}: certified {p.bound:.1%}, error on certified images {p.gibbs:.1%}" for p in points)
    with st.container(key="theory-chart"):
        charts.plotly_chart(
            figure, key="theory.tradeoff", theme=None, config=_CHART, alt=f"Fit against complexity. {said}"
        )
    st.caption(theory.CAPTION.format(tests=reading.tests))
    _table(reading)


def growth(reading: Reading) -> None:
    """The promise over the number of labels, where all of them are stored."""
    task, prior = reading.stored, reading.choice.prior
    if task is None or len(sizes := task.sizes()) < 2:
        return
    st.header("The promise over the number of labels", anchor=False)
    found = {(row.labels, row.point.method): row for row in task.rows if row.point.prior == prior}
    ours = [found[n, OURS] for n in sizes]
    series: list[tuple[str, Sequence[float | None]]] = [
        ("certified, fitted descriptor", [row.point.bound for row in ours]),
        ("certified, i = 0.5", [found[n, HEAD].point.bound for n in sizes]),
        ("fresh images, fitted descriptor", [row.point.held_out for row in ours]),
    ]
    if prior == "half":
        series.append(("hold-out bound", [row.held_out_bound for row in ours]))
    figure = growth_figure(sizes, series, ours[-1].point.chance, theme.palette(st.context.theme.type))
    charts.plotly_chart(
        figure, key="theory.growth", theme=None, config=_CHART,
        alt="Certified error of the fitted descriptor over the number of labels: "
        + ", ".join(f"{row.labels} labels {row.point.bound:.1%}" for row in ours),
    )  # fmt: skip
    st.caption(theory.GROWTH)


def _table(reading: Reading) -> None:
    frame = pd.DataFrame(
        {
            "method": row.point.method,
            "certified error": theory.share(row.point.bound),
            "verdict": "vacuous" if row.point.vacuous else "says something",
            "on certified images": theory.share(row.point.gibbs),
            "on fresh images": _known(row.point.held_out),
            "hold-out bound": _known(row.held_out_bound),
            "nats": f"{row.point.kl:,.1f}",
            "numbers fitted": f"{row.point.parameters:,}",
        }
        for row in reading.rows
    )
    st.dataframe(frame, hide_index=True, key="theory.table")


def _known(rate: float | None) -> str:
    return "not computed" if rate is None else theory.share(rate)
