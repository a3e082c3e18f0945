"""Does slider k control transformation k, and what leaks? Measured on many pictures, stored with the checkpoint."""

from __future__ import annotations

import streamlit as st

from core.evaluation.stored import read_evidence
from core.measures.intraclass import MINIMUM_RANK
from dashboard import figures
from dashboard.figures import theme
from dashboard.live.measured import Shown
from dashboard.text import control, explore, labels
from dashboard.text.markdown import literal
from dashboard.widgets import charts

_CONFIG = {
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "displayModeBar": True,
    "toImageButtonOptions": {"format": "svg", "filename": "hyperinvariances-control", "width": 900, "height": 520},
}


def render(shown: Shown) -> None:
    """Draw the matrix with its lamps, or say why there is none."""
    try:
        evidence = read_evidence(shown.model)
    except ValueError as error:
        st.warning(literal(str(error)))
        return
    valid = evidence.rank >= MINIMUM_RANK
    said = control.said(evidence) if valid else labels.CONTROL_COLLAPSED
    st.markdown(said)
    st.markdown(control.lamps(evidence, valid))
    colours = theme.palette(st.context.theme.type)
    if not valid:
        colours = theme.greyed(colours)
    figure = figures.matrix_figure(
        evidence.matrix, evidence.monotone, evidence.axes, control.measured(evidence), colours
    )  # fmt: skip
    charts.plotly_chart(figure, key="matrix", theme=None, config=_CONFIG, alt=explore.plain(said))
    st.caption(labels.CONTROL_CAPTION)
