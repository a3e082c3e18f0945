"""The page's script: one run reads the study, draws the controls and the view, and writes the address."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import perf_counter

import streamlit as st

from dashboard import cache, controls, labels, state, texts
from dashboard.study import UPLOAD, Choices
from dashboard.views import adapt, explore, manifold

_HERE = Path(__file__).parent
_ICON = _HERE / "icon.svg"  # a file of our own: named icons are fetched from the internet


def main() -> None:
    """One run."""
    start = perf_counter()
    st.set_page_config("HyperInvariances", _ICON, layout="wide", initial_sidebar_state=350)
    st.html(_HERE / "style.css")
    try:
        model = cache.model()
    except (FileNotFoundError, ValueError) as error:
        st.error(f"The model cannot be loaded. {error} {labels.CHECKPOINT_HELP}")
        st.stop()
    photographs = cache.photographs()
    choices = Choices(tuple(photographs), model.transforms)
    study = state.begin(choices)
    for sentence in state.notices(study):
        st.error(sentence)
    picture = study.upload if study.picture == UPLOAD and study.upload else photographs[study.picture]
    pages = [st.Page(partial(explore.render, study, model, picture), title="Explore", url_path="explore", default=True)]
    pages.append(st.Page(partial(adapt.render, model), title="Adapt", url_path="adapt"))
    pages.append(st.Page(partial(manifold.render, study, model), title="Manifold", url_path="manifold"))
    page = st.navigation(pages)
    if page != pages[1]:
        controls.sidebar(study, model, picture, choices)
    page.run()
    state.publish(study, choices.opening())
    with st.sidebar:
        st.caption(f"{texts.provenance(model.metadata)}. This page: {1000 * (perf_counter() - start):.0f} ms.")


main()
