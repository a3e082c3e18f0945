"""The tour: offered once, by a strip that can be sent away, and found again by its button."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import component
from dashboard.classroom import session
from dashboard.classroom.parts import guide
from dashboard.session.settings import Choices
from dashboard.text import learn as words


def render(choices: Choices, page: str, pages: Mapping[str, StreamlitPage]) -> None:
    """Draw the stop where the tour is, or the offer.

    Args:
        choices: of the pages.
        page: name of the one that is drawn.
        pages: by name, to go there.
    """
    stop = session.current().tour
    if not (session.current().lesson or session.current().projector):  # a class has no time for it, nor room
        data = {"running": bool(stop), "words": words.TOUR_OFFER}
        component.tour(key="tour-offer", data=data, on_start_change=_start)
    if not stop:
        return
    name, text = words.TOUR[stop - 1]
    with st.container(border=True, key="tour"):
        st.markdown(f"**Tour, stop {stop} of {len(words.TOUR)}.** {text}")
        with st.container(horizontal=True, gap="small"):
            st.button("Back", key="tour.back", on_click=session.tour, args=(stop - 1,), disabled=stop == 1)
            last = stop == len(words.TOUR)
            st.button(
                "End" if last else "Next", key="tour.next", on_click=session.tour, args=(0 if last else stop + 1,),
                type="primary",
            )  # fmt: skip
            if not last:
                st.button("End the tour", key="tour.end", on_click=session.tour, args=(0,))
        part = choices.parts[name]
        if part.page != page:
            st.page_link(pages[part.page], label=words.GO_TO.format(page=choices.title(part.page)))
        else:
            component.guide(key=f"tour.guide.{stop}", data=guide(part, f"tour.{stop}"))


def _start() -> None:
    session.tour(1)
