"""A figure for the back row: large type, thick lines, and dashes where colour alone told lines apart."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard.figures.theme import DASHES

TEXT = 20
WIDTH = 5
MARKER = 10
THREAD = 1
"""Width of a line that is one of very many and no wider in the back row, where thick ones would hide everything."""


def projected(figure: go.Figure) -> go.Figure:
    """The same figure with no text below :data:`TEXT` pixels and no line below :data:`WIDTH`, but for threads.

    A figure that says ``projected`` in its layout's ``meta`` gets that height, in pixels; others get higher. Lines
    that are told apart by colour alone get dashes, in the order of the legend; a figure that has dashes already keeps
    them. The figure that is handed in is not changed.
    """
    figure = go.Figure(figure)
    lines = [trace for trace in figure.data if trace.type == "scatter" and "lines" in (trace.mode or "lines")]
    named = [trace for trace in lines if trace.name and trace.showlegend is not False]
    alike = len(named) > 1 and len({trace.line.dash or "solid" for trace in named}) == 1
    for trace in lines:
        if trace.line.width == THREAD:
            continue
        trace.line.width = max(trace.line.width or 0, WIDTH)
    for number, trace in enumerate(named if alike else ()):
        trace.line.dash = DASHES[number % len(DASHES)]
    for trace in figure.data:
        _enlarged(trace, "textfont")
        size = trace.marker.size if "marker" in trace and trace.mode and "markers" in trace.mode else None
        if isinstance(size, int | float) and size < MARKER:
            trace.marker.size = MARKER
        if "colorbar" in trace:
            _enlarged(trace.colorbar, "tickfont")
            _enlarged(trace.colorbar.title, "font")
    for shape in figure.layout.shapes:
        shape.line.width = max(shape.line.width or 0, WIDTH - 1)
    _text(figure)
    return figure


def _text(figure: go.Figure) -> None:
    layout = figure.layout
    for owner in (layout, layout.legend, layout.hoverlabel, layout.title, *layout.annotations):
        _enlarged(owner, "font")
    axes = [axis for each in (figure.select_xaxes(), figure.select_yaxes()) for axis in each]
    for axis in axes:
        _enlarged(axis, "tickfont")
        _enlarged(axis.title, "font")
        axis.automargin = True
    if layout.meta and "projected" in layout.meta:
        layout.height = layout.meta["projected"]
    elif layout.height:
        layout.height = round(1.15 * layout.height)


def _enlarged(owner: Any, name: str) -> None:
    if name not in owner:
        return
    font = owner[name]
    size = font.size
    font.size = max(size if isinstance(size, int | float) else 0, TEXT)
