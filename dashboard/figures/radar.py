"""The radar of invariances: one ring for each extractor, one direction for each transformation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard.figures.frame import framed, legend_above
from dashboard.figures.text import literal
from dashboard.figures.theme import DASHES, LABEL_SIZE, TICK_SIZE, Palette, signed

_HEIGHT = 520
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")


@dataclass(frozen=True)
class Ring:
    """An extractor: its name, and how invariant it is to each transformation.

    Attributes:
        name: of the extractor, or of the descriptor it has.
        values: (K,) at most 1 = the features stay where they are; 0 = as if it were another picture.
        reference: whether it stands beside the model for comparison; then it is grey.
    """

    name: str
    values: Sequence[float]
    reference: bool = False


def radar_figure(rings: Sequence[Ring], axes: Sequence[str], caption: str, colours: Palette) -> go.Figure:
    """Draw the rings; what lies below 0 is drawn at the centre, and its number says how far.

    Args:
        rings: at least one.
        axes: K names, clockwise from the top.
        caption: one sentence, part of the figure so that an exported one has it.
        colours: of the current theme.
    """
    around = [literal(name) for name in (*axes, axes[0])]
    traces, places = [], {True: 0, False: 0}
    for ring in rings:
        place = places[ring.reference]
        places[ring.reference] += 1
        colour = colours.quiet if ring.reference else (colours.ink, colours.a)[place % 2]
        closed = [*ring.values, ring.values[0]]
        traces.append(
            {"type": "scatterpolar", "mode": "lines+markers", "theta": around, "r": np.clip(closed, 0, 1).tolist(),
             "name": literal(ring.name), "text": [signed(value) for value in closed],
             "line": {"color": colour, "width": 2 if ring.reference else 3,
                      "dash": DASHES[(place + ring.reference) % len(DASHES)]},
             "marker": {"symbol": _SYMBOLS[place % len(_SYMBOLS)] + "-open" * ring.reference, "size": 9},
             "hovertemplate": f"{literal(ring.name)}, %{{theta}}: %{{text}}<extra></extra>"}
        )  # fmt: skip
    note = {
        "xref": "paper", "yref": "paper", "x": 0.5, "y": 0, "xanchor": "center", "yanchor": "top", "yshift": -34,
        "showarrow": False, "text": literal(caption), "font": {"size": TICK_SIZE, "color": colours.quiet},
    }  # fmt: skip
    line = {"gridcolor": colours.quiet, "griddash": "dot", "gridwidth": 0.5, "linecolor": colours.quiet}
    polar = {
        "bgcolor": "rgba(0, 0, 0, 0)",
        "radialaxis": line
        | {"range": [0, 1], "tickvals": [0, 0.5, 1], "ticktext": ["0", "0.5", "1"], "angle": 60, "tickangle": 60}
        | {"tickfont": {"size": TICK_SIZE, "color": colours.quiet}},
        "angularaxis": line
        | {"direction": "clockwise", "rotation": 90, "tickfont": {"size": LABEL_SIZE, "color": colours.ink}},
    }
    return go.Figure(
        traces,
        framed(colours, _HEIGHT, (60, 60, 60, 70))
        | {"polar": polar, "showlegend": True, "legend": legend_above(1.08), "annotations": [note]},
    )


def radar_said(rings: Sequence[Ring], axes: Sequence[str]) -> str:
    """What is to be seen, in one sentence and as plain text: how far the model's rings are apart, and the references'.

    Args:
        rings, axes: see :func:`radar_figure`; without rings of a model, the references alone are described.
    """
    own = [ring for ring in rings if not ring.reference]
    others = [ring for ring in rings if ring.reference]
    beside = "; ".join(f"{ring.name}: {_span(ring.values)}" for ring in others)
    if not own:
        return f"{beside}." if beside else "Nothing was measured."
    table = np.array([ring.values for ring in own], dtype=float)
    if len(own) == 1:
        said = f"“{own[0].name}” lies at {_span(own[0].values)}"
    else:
        k = int(np.ptp(table, axis=0).argmax())
        low, high = (own[int(pick)] for pick in (table[:, k].argmin(), table[:, k].argmax()))
        said = (
            f"The same network goes furthest in {axes[k]}: from {_number(table[:, k].min())} at “{low.name}” "
            f"to {_number(table[:, k].max())} at “{high.name}”, where 1 is not moved at all"
        )
    return f"{said}; {beside}." if beside else f"{said}."


def _span(values: Sequence[float]) -> str:
    return f"{_number(min(values))} to {_number(max(values))}"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
