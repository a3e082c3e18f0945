"""Numbers in, figures out: no Streamlit, no torch, no model in here, so each figure can be tested alone."""

from dashboard.figures.control_matrix import matrix_figure
from dashboard.figures.descriptor_glyph import card_html, descriptor_svg
from dashboard.figures.image_grid import Cell, Row, glow, heat, sheet_html, sheet_png

__all__ = ["Cell", "Row", "card_html", "descriptor_svg", "glow", "heat", "matrix_figure", "sheet_html", "sheet_png"]
