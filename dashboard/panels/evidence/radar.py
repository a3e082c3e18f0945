"""The papers' radar: the model at its presets beside networks without a descriptor."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.evaluation.stored import read_evidence
from core.evaluation.tables import REFERENCES
from dashboard.figures import theme
from dashboard.figures.radar import Ring, radar_figure, radar_said
from dashboard.text import evidence as words
from dashboard.text.markdown import literal
from dashboard.widgets import charts


def render(model: AmortisedExtractor) -> None:
    """Draw it, or say why there is none."""
    try:
        evidence = read_evidence(model)
    except ValueError as error:
        st.warning(literal(str(error)))
        return
    references = set(REFERENCES.values())
    rings = [Ring(name, values.tolist(), name in references) for name, values in evidence.cosine.items()]
    if not rings:
        st.info("The stored evaluation has no such rings. Measure it again with `./run.sh evaluate --json`.")
        return
    said = radar_said(rings, evidence.axes)
    st.markdown(literal(said))
    caption = words.RADAR_CAPTION.format(images=evidence.images, count=evidence.count, date=evidence.date)
    figure = radar_figure(rings, evidence.axes, caption, theme.palette(st.context.theme.type))
    charts.plotly_chart(figure, key="evidence.radar.chart", theme=None, alt=said)
    st.caption(words.RADAR_HELP)
