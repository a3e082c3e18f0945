"""How well a task does at the dots: from the file, and marked here where a person wants the others too."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.manifold import ExtractorMap
from core.model.amortised import AmortisedExtractor
from dashboard.jobs.map_jobs import MapJobs, Subject, scores
from dashboard.text import manifold


def render(model: AmortisedExtractor, map_jobs: MapJobs, mapped: ExtractorMap, subject: Subject) -> None:
    """Say what is marked; a button for what is not."""
    stored, marking = mapped.tasks.get(subject.name), map_jobs.marks.get(subject.name)
    missing = np.flatnonzero(np.isnan(scores(marking, stored, len(mapped.points))))
    if not len(missing):
        return
    if stored:
        some, count = len(mapped.points) - len(missing), len(mapped.points)
        st.caption(
            manifold.MARKED.format(
                some=some, count=count, labels=stored.labels, seed=stored.seed, date=stored.date
            )
        )  # fmt: skip
    else:
        st.caption(manifold.NO_MARKS)
    if marking is None or not marking.stream.running:
        st.button(
            f"Mark the other {len(missing):,} dots" if stored else f"Mark all {len(missing):,} dots",
            key="manifold.mark", on_click=map_jobs.mark_map, args=(model, subject, mapped),
        )  # fmt: skip
