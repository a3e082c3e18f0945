"""The promise over the number of labels, how it is made up, and the same as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.bounds.operating_points import OperatingPoint, contours
from core.certificates.feature_bank import FIXED, OURS, Row
from core.certificates.findings import alone_bound
from dashboard.figures import theme
from dashboard.figures.methods import look
from dashboard.figures.risk_complexity import Dot, Lines, Rate, extent, growth_figure, tradeoff_figure
from dashboard.panels.theory.shown import Reading
from dashboard.text import theory
from dashboard.widgets import charts

_RISKS = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
_POINTS = 80
_CHART = {"displayModeBar": False}


def render(reading: Reading) -> None:
    """Draw how the promise is made up; its axes hold for every number of labels."""
    st.header("Fitted well, or learned much: both have a price", anchor=False)
    dots = [_dot(row.point) for row in reading.rows]
    first, all_rows = reading.rows[0].point, reading.stored.rows if reading.stored else reading.rows
    size = extent([*dots, *(_dot(row.point) for row in all_rows)], first.chance)
    across = np.linspace(0, size.right, _POINTS)
    risks = _RISKS[first.chance - 0.02 > _RISKS]
    fits = contours(risks, across, first.n, first.delta, first.priors)
    edge = contours([first.chance], across, first.n, first.delta, first.priors)[0]
    figure = tradeoff_figure(
        dots, Lines(risks, across, fits), edge, first.chance, size, theme.palette(st.context.theme.type)
    )  # fmt: skip
    said = "; ".join(theory.promised(row.point.method, row.point) for row in reading.rows)
    with st.container(key="theory-chart"):
        charts.plotly_chart(
            figure, key="theory.tradeoff", theme=None, config=_CHART, alt=f"Error against what was learned. {said}"
        )
    st.caption(theory.CAPTION.format(tests=reading.tests))


def growth(reading: Reading) -> None:
    """Draw the promise over the number of labels, where all of them are stored."""
    task, prior = reading.stored, reading.choice.prior
    if task is None or len(sizes := task.sizes()) < 2:
        return
    found = {(row.labels, row.point.method): row for row in task.rows if row.point.prior == prior}
    ours, colours = [found[n, OURS] for n in sizes], theme.palette(st.context.theme.type)
    rates = [
        Rate(theory.SERIES["holdout"], [row.held_out_bound for row in ours], None, "dashdot", "cross"),
        Rate(theory.SERIES["alone"], [alone_bound(row) for row in ours], OURS, "longdash", "diamond"),
        Rate(theory.SERIES["drawn"], [row.point.bound for row in ours], OURS, "solid", "circle"),
        Rate(theory.SERIES["fresh"], [row.point.held_out for row in ours], OURS, "dot", "circle-open"),
    ]
    for (method, value), dash in zip(FIXED.items(), ("dash", "longdashdot"), strict=True):
        values = [found[n, method].point.bound if (n, method) in found else None for n in sizes]
        rates.append(
            Rate(theory.SERIES["fixed"].format(value=value), values, method, dash, look(method, colours).symbol)
        )
    rates = [rate for rate in rates if any(value is not None for value in rate.values)]
    figure = growth_figure(sizes, rates, ours[-1].point.chance, reading.choice.labels, colours)
    charts.plotly_chart(
        figure, key="theory.growth", theme=None, config=_CHART,
        alt="Promised error of the fitted descriptor over the number of labels: "
        + ", ".join(f"{row.labels} labels {row.point.bound:.1%}" for row in ours),
    )  # fmt: skip
    st.caption(theory.GROWTH.format(tests=reading.tests))


def _dot(point: OperatingPoint) -> Dot:
    name = theory.promised(point.method, point)
    return Dot(name, point.method, point.complexity, point.gibbs_upper, point.bound, point.held_out, point.vacuous)


def table(reading: Reading) -> None:
    """Draw the numbers of every method."""
    frame = pd.DataFrame(
        {
            "method": row.point.method,
            "hold-out bound": _promised(row, row.held_out_bound),
            "descriptor alone": _promised(row, alone_bound(row)),
            "drawn head": _promised(row, row.point.bound),
            "its majority vote": _promised(row, row.vote),
            "on certified images": theory.share(row.point.gibbs),
            "on fresh images": _known(row.point.held_out),
            "nats": f"{row.point.kl:,.1f}",
            "numbers fitted": f"{row.point.parameters:,}",
        }
        for row in reading.rows
    )
    st.dataframe(frame, hide_index=True, key="theory.table")


def _promised(row: Row, bound: float | None) -> str:
    return _known(bound) + (" (nothing)" if bound is not None and bound >= row.point.chance else "")


def _known(rate: float | None) -> str:
    return "not computed" if rate is None else theory.share(rate)
