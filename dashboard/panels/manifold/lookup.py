"""What extractors find alike: that of the dot which is pointed at, and A and B."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.inspect.neighbours import Candidate, Kind
from core.manifold import LineUp, LineUps
from dashboard import cache, component
from dashboard.panels.manifold.shown import ShownMap
from dashboard.text import explore, labels, manifold


def render(shown: ShownMap, chart: str) -> None:
    """Draw the line-up beside the map.

    Args:
        shown: its axis is what the photograph is moved along.
        chart: key of the map.
    """
    found = shown.mapped.line_ups
    if found is None:
        st.caption(manifold.NO_LINE_UPS)
        return
    component.lookup(key="manifold.lookup", data=_data(shown, found, chart))
    axis = shown.model.transforms[shown.look.axis]
    meanings = "; ".join(f"{labels.MARKS[kind]} {meaning}" for kind, meaning in explore.kinds(axis).items())
    st.caption(manifold.LOOKUP_CAPTION.format(marks=meanings, picture=found.picture))


def _data(shown: ShownMap, found: LineUps, chart: str) -> dict[str, Any]:
    number, axis = shown.look.axis, shown.model.transforms[shown.look.axis]
    asked = found.questions[number]
    query, *pictures = cache.line_up_pictures(axis, found.picture)
    said = explore.pictured(found.picture, axis, asked.strength)
    return {
        "chart": f".st-key-{chart.replace('.', '-')}",
        "trace": "points",
        "map": f"{shown.mapped.checkpoint} {shown.mapped.settings} {number}",
        "axes": list(shown.mapped.axes),
        "points": _hundredths(shown.mapped.points),
        "order": found.order[:, number].tolist(),
        "near": _hundredths(found.near[:, number]),
        "query": {"src": query, "label": said, "alt": said},
        "items": _items(shown, asked, pictures),
        "pinned": {name: _answer(shown, found, values) for name, values in shown.pinned().items()},
        "words": manifold.LOOKUP | {
            "found": manifold.found(found.picture, axis.name),
            "marks": {kind: labels.MARKS[kind] for kind in Kind},
            "kinds": explore.kinds(axis),
        },
    }  # fmt: skip


def _items(shown: ShownMap, asked: LineUp, pictures: list[str]) -> list[dict[str, str]]:
    axis = shown.model.transforms[shown.look.axis]

    def item(each: Candidate, src: str) -> dict[str, str]:
        alt, label = (words(each.name, axis, each.strength) for words in (explore.pictured, explore.short))
        return {"src": src, "alt": alt, "label": label, "kind": each.kind}

    return [item(each, src) for each, src in zip(asked.candidates, pictures, strict=True)]


def _answer(shown: ShownMap, found: LineUps, values: tuple[float, ...]) -> dict[str, list[int]]:
    order, near = cache.line_up(shown.model, shown.model.transforms[shown.look.axis], found.picture, values)
    return {"order": order.tolist(), "near": _hundredths(near)}


def _hundredths(values: np.ndarray) -> list[Any]:
    """Small numbers make a small message."""
    return np.rint(100 * values.astype(float)).astype(int).tolist()
