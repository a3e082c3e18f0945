"""What is drawn and what is compared: the two groups of settings, few of each, the rest folded."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.manifold import ExtractorMap, Layout, told
from dashboard.jobs.map_jobs import Subject
from dashboard.panels.manifold.shown import Look
from dashboard.session import state
from dashboard.text import manifold
from dashboard.widgets import glossary

_EVERY = "all dots"
_AXIS = "manifold.axis"


def compared(mapped: ExtractorMap, dimensions: int) -> Layout:
    """Draw the choice among the layouts of the same points."""
    with st.container(horizontal=True):
        kind = st.segmented_control(
            "Projection", list(manifold.METHODS), default="umap", key="manifold.method", required=True,
            format_func=manifold.METHODS.__getitem__, persist_state="session",
        )  # fmt: skip
        seeds = mapped.seeds(kind, dimensions)
        chosen = seeds[0]
        if len(seeds) > 1:
            chosen = st.segmented_control(
                "Seed of UMAP", seeds, default=chosen, key="manifold.seed", required=True,
                persist_state="session",
            )  # fmt: skip
    return mapped.layout(kind, dimensions, chosen)


def more(mapped: ExtractorMap) -> tuple[int, np.ndarray]:
    """Draw what is seldom needed: 2 or 3 dimensions, and (M,) which dots stay in colour."""
    flat, limit = st.columns([3, 7])
    with flat:
        count = st.segmented_control(
            "Dimensions", [2, 3], default=2, key="manifold.dimensions", required=True, persist_state="session"
        )
    with limit:
        chosen = _part(mapped)
    glossary.listed(manifold.TERMS)
    return count, chosen


def drawn(mapped: ExtractorMap) -> Look:
    """Draw the choice of colours; opens with the axis that the map shows best."""
    seen = list(manifold.SEEN)
    with st.container(horizontal=True):
        by = st.segmented_control(
            "Coloured by", seen, default=seen[0], key="manifold.by", required=True, persist_state="session"
        )
        kind = manifold.SEEN[by]
        # That of the first layout for all: a choice should not change with the projection.
        best = int(np.argmax(told(mapped.layout("umap", 2).positions, mapped.points)))
        name = state.kept(_AXIS, mapped.axes[best])
        if kind != "score":
            name = st.selectbox("Transformation", mapped.axes, best, key=_AXIS, persist_state="session", width=190)
        axis = mapped.axes.index(name)
    return Look(kind, axis, np.ones(len(mapped.points), bool))


def task(subjects: dict[str, Subject]) -> Subject:
    """Draw the choice of the task that dots are coloured by and fits are about."""
    return subjects[st.selectbox("Task", list(subjects), key="manifold.task", persist_state="session")]


def last_task(subjects: dict[str, Subject]) -> Subject:
    """The task that was chosen, where the choice is not drawn."""
    return subjects.get(state.kept("manifold.task", ""), next(iter(subjects.values())))


def _part(mapped: ExtractorMap) -> np.ndarray:
    limit = st.selectbox("Keep in colour", [_EVERY, *mapped.axes], key="manifold.only", persist_state="session")
    if limit == _EVERY:
        return np.ones(len(mapped.points), bool)
    low, high = st.slider(f"where {limit} is", 0.0, 1.0, (0.0, 0.5), 0.05, key="manifold.part")
    column = mapped.points[:, mapped.axes.index(limit)]
    return (column >= low - 1e-6) & (column <= high + 1e-6)
