"""The page's script: one run reads the study, draws the controls and the view, and writes the address."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import perf_counter

import streamlit as st

from dashboard import cache
from dashboard.adapt import runs
from dashboard.classroom import overlay, session
from dashboard.classroom import sidebar as classroom_sidebar
from dashboard.lessons.lesson import read_shelf
from dashboard.lessons.measures import LessonContext
from dashboard.panels.explore import sidebar
from dashboard.session import state
from dashboard.session.settings import UPLOAD, Choices
from dashboard.text import explore as explore_text
from dashboard.text import labels
from dashboard.text.markdown import literal
from dashboard.views import adapt, explore, learn, manifold, theory

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
        st.error(f"The model cannot be loaded. {literal(str(error))} {labels.CHECKPOINT_HELP}")
        st.stop()
    photographs = cache.photographs()
    choices = Choices(tuple(photographs), model.transforms)
    lessons, problems = cache.shelf(choices.pictures, choices.axes, lambda: read_shelf(choices))
    notices = session.begin(lessons)
    base = session.base(lessons, choices)
    study = state.begin(choices, base)
    for sentence in (*notices, *state.notices(study)):
        st.error(literal(sentence))
    picture = study.upload if study.picture == UPLOAD and study.upload else photographs[study.picture]
    context = LessonContext(model, study, runs.wanted(model))
    pages = {
        "explore": st.Page(
            partial(explore.render, study, model, picture), title="Explore", url_path="explore", default=True
        ),
        "adapt": st.Page(partial(adapt.render, model), title="Adapt", url_path="adapt"),
        "manifold": st.Page(partial(manifold.render, study, model), title="Manifold", url_path="manifold"),
        "theory": st.Page(partial(theory.render, model), title="Theory", url_path="theory"),
        "learn": st.Page(partial(learn.render, lessons, problems, choices, context), title="Learn", url_path="learn"),
    }
    # On a projector the sliders have to be seen without scrolling.
    page = st.navigation(list(pages.values()), position="top" if session.current().projector else "sidebar")
    name = next(name for name, each in pages.items() if each == page)
    if name not in ("adapt", "theory", "learn"):
        sidebar.sidebar(study, model, picture, choices)
    overlay.render(lessons, choices, context, name, pages)
    page.run()
    state.publish(study, base)
    session.publish()
    classroom_sidebar.class_room()
    with st.sidebar:
        st.caption(f"{explore_text.provenance(model.metadata)}. This page: {1000 * (perf_counter() - start):.0f} ms.")


main()
