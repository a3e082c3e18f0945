"""Where figures meet the page: the only module that hands them to Streamlit, larger when a projector shows them."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.classroom import session
from dashboard.figures.projector import projected


def plotly_chart(figure: go.Figure, **options: Any) -> Any:
    """As ``st.plotly_chart``, which takes the same options."""
    return st.plotly_chart(projected(figure) if session.current().projector else figure, **options)
