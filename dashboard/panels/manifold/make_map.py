"""Another map: its settings, and a process that makes it while the old one stays."""

from __future__ import annotations

import streamlit as st

from core.manifold import DESIGNS, DISTANCES, KINDS, ExtractorMap, Settings
from core.model.amortised import AmortisedExtractor
from dashboard.jobs.map_jobs import MapJobs
from dashboard.text import manifold


def render(model: AmortisedExtractor, map_jobs: MapJobs, mapped: ExtractorMap | None) -> None:
    """Draw the form; what is chosen is only used when the button is pressed."""
    now = mapped.settings if mapped else Settings()
    with st.form("manifold.form"):
        first, second, third = st.columns(3)
        with first:
            design = st.selectbox("Descriptors", list(DESIGNS), list(DESIGNS).index(now.design))
            st.caption(_list(manifold.HOW))
            count = st.number_input("How many at the least", 50, 3000, max(now.count, 50), step=50)
        with second:
            kind = st.selectbox("Compared by", KINDS, KINDS.index(now.kind))
            st.caption(_list(manifold.KIND))
            distance = st.selectbox("Distance", DISTANCES, DISTANCES.index(now.distance))
            st.caption(manifold.DISTANCE)
        with third:
            neighbours = st.number_input("Neighbours", 2, 200, now.neighbours)
            st.caption(manifold.NEIGHBOURS)
            seed = st.number_input("Seed", 0, 9999, now.seed)
            st.caption(manifold.SEED)
        pressed = st.form_submit_button(
            "Make the map", key="manifold.make", type="primary", disabled=bool(map_jobs.job and map_jobs.job.running)
        )
    if pressed:
        settings = Settings(design, int(count), kind, distance, int(neighbours), int(seed))
        map_jobs.make_map(settings, model.metadata["digest"])
        st.rerun()
    if map_jobs.mapped and st.button("Back to the shipped map", key="manifold.shipped"):
        map_jobs.mapped = None
        st.rerun()


def _list(meanings: dict[str, str]) -> str:
    return "  \n".join(f"{name}: {meaning}" for name, meaning in meanings.items())
