"""Numbers in, figures out: no Streamlit, no torch, no model in here, so each figure can be tested alone."""

from dashboard.figures.curve import Trace, sensitivity_figure
from dashboard.figures.filmstrip import Frame, Row, numbers_html, strip_html
from dashboard.figures.overview import Profile, overview_figure

__all__ = [
    "Frame",
    "Profile",
    "Row",
    "Trace",
    "numbers_html",
    "overview_figure",
    "sensitivity_figure",
    "strip_html",
]
