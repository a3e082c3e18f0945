"""Settings of the fit, which the first screen does without."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.adaptation.objectives import OBJECTIVES
from dashboard.adapt import runs
from dashboard.adapt.setup import SEEDS, SHOTS, Run
from dashboard.text import adapt, labels
from dashboard.widgets import glossary

_PACES = {"slow": 3.0, "medium": 0.5, "fast": 0.0}
"""Seconds between two steps, so that six of them can be watched."""


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the fold."""
    worker = run.worker
    status = worker.snapshot().status
    with st.expander("Settings of the fit", icon=":material/tune:"):
        with st.container(key="narrow-choices-setup"):
            shots, seed, how, pace = st.columns([3, 2, 2, 3])
        with shots:
            st.slider(
                "Labelled images per class", *SHOTS, key="adapt.shots", on_change=runs.choose,
                args=(run, model, "shots"),
            )  # fmt: skip
        with seed:
            st.number_input("Seed", *SEEDS, key="adapt.seed", on_change=runs.choose, args=(run, model, "seed"))
        with how:
            st.selectbox(
                "Fitted to", list(OBJECTIVES), key="adapt.objective", on_change=runs.choose,
                args=(run, model, "objective"),
            )  # fmt: skip
        with pace:
            going = next((name for name, pause in _PACES.items() if pause == worker.paced), "fast")
            chosen = st.segmented_control("Speed", list(_PACES), default=going, key="adapt.pace", required=True)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.button(
                "Step", key="adapt.step", on_click=worker.play, args=(1,),
                disabled=status in ("running", "done", "failed"),
            )  # fmt: skip
            st.caption(adapt.STEP)
        glossary.render("What do these settings mean?", labels.ADAPT_TERMS)
    worker.pace(_PACES[chosen])
