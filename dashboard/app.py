"""The page's script: one run reads what is chosen, draws the controls and the page, and writes the address."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import perf_counter

import streamlit as st

from core import AmortisedExtractor
from dashboard import cache
from dashboard.adapt import runs
from dashboard.classroom import overlay, session
from dashboard.classroom import sidebar as classroom_sidebar
from dashboard.lessons.measures import LessonContext
from dashboard.lessons.reader import known_lessons
from dashboard.pages import PAGES, Visit
from dashboard.session import state
from dashboard.session.settings import Choices, Study
from dashboard.text import explore, labels
from dashboard.text.markdown import literal
from dashboard.views import adapt

_HERE = Path(__file__).parent
_ICON = _HERE / "icon.svg"  # a file of our own: named icons are fetched from the internet


def main() -> None:
    """One run."""
    start = perf_counter()
    st.set_page_config("HyperInvariances", _ICON, layout="wide", initial_sidebar_state=350)
    st.html(_HERE / "style.css")
    model = _model()
    choices = Choices(tuple(cache.photographs()), model.transforms, PAGES, model.backbone.layers)
    adapt.settle(st.empty())
    lessons, problems = known_lessons(choices)
    notices = session.begin(lessons, choices)
    base = session.base(lessons, choices)
    study = state.begin(choices, base)
    for sentence in (*notices, *state.notices(study)):
        st.error(literal(sentence))
    _draw(Visit(LessonContext(model, study, runs.wanted(model)), choices, lessons, problems), base)
    classroom_sidebar.render()
    with st.sidebar:
        st.caption(f"{explore.provenance(model.metadata)}. Drawn in {1000 * (perf_counter() - start):.0f} ms.")


def _model() -> AmortisedExtractor:
    """The model, or a sentence in place of every page."""
    try:
        return cache.model()
    except (FileNotFoundError, ValueError) as error:
        st.error(f"The model cannot be loaded. {literal(str(error))} {labels.CHECKPOINT_HELP}")
        st.stop()


def _draw(visit: Visit, base: Study) -> None:
    """The page that the address names, with its sidebar and what a class sees above it; ``base``: see
    :func:`dashboard.classroom.session.base`."""
    menu = {
        page.name: st.Page(partial(page.render, visit), title=page.title, url_path=page.name, default=page is PAGES[0])
        for page in PAGES
    }
    # On a projector the sliders have to be seen without scrolling.
    chosen = st.navigation(list(menu.values()), position="top" if session.current().projector else "sidebar")
    page = next(page for page in PAGES if menu[page.name] == chosen)
    if page.sidebar:
        with st.sidebar, st.container(key="controls"):
            page.sidebar(visit)
    overlay.render(visit.lessons, visit.choices, visit.context, page.name, menu)
    # Before the page: Streamlit drops what a run says at its very end where another begins that moment.
    state.publish(visit.context.study, base)
    session.publish()
    chosen.run()


main()
