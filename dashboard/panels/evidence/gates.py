"""What the gates of the model in use cost and buy, beside other ways to measure them."""

from __future__ import annotations

import streamlit as st

from core.pretraining.gates import AS_SHIPPED, stored
from dashboard.figures import theme
from dashboard.figures.trade import Place, trade_figure, trade_said
from dashboard.text import evidence as words
from dashboard.text.markdown import literal
from dashboard.widgets import charts


def render(digest: str) -> None:
    """Draw the section; nothing where nothing was measured of a checkpoint.

    Args:
        digest: of the checkpoint in use.
    """
    try:
        found = stored(digest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        st.warning(f"The comparison of gates cannot be read ({literal(str(error))}). Make it anew: see the README.")
        return
    if not found:
        return
    places = [
        Place(each.variant, each.control, each.open, each.half, each.threshold is not None, each.variant == AS_SHIPPED)
        for each in found
    ]
    said = trade_said(places)
    st.header(words.GATES, anchor=False)
    st.markdown(literal(said))
    figure = trade_figure(places, theme.palette(st.context.theme.type))
    charts.plotly_chart(figure, key="evidence.gates.chart", theme=None, alt=said)
    st.caption(words.GATES_HELP)
