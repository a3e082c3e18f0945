"""The tour: offered once, by a strip that can be sent away, and found again by its button."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import classroom, component, labels
from dashboard.lessons.parts import PARTS


def render(pages: Mapping[str, object]) -> None:
    """Draw the stop where the tour is, or the offer.

    Args:
        pages: by name, to go there.
    """
    stop = classroom.current().tour
    if not stop:
        if not classroom.current().lesson:
            data = {"running": False, "words": labels.TOUR_OFFER}
            component.tour(key="tour-offer", data=data, on_start_change=_start)
        return
    name, text = labels.TOUR[stop - 1]
    with st.container(border=True, key="tour"):
        st.markdown(f"**Tour, stop {stop} of {len(labels.TOUR)}.** {text}")
        with st.container(horizontal=True, gap="small"):
            st.button("Back", key="tour.back", on_click=classroom.tour, args=(stop - 1,), disabled=stop == 1)
            last = stop == len(labels.TOUR)
            st.button(
                "End" if last else "Next", key="tour.next", on_click=classroom.tour, args=(0 if last else stop + 1,),
                type="primary",
            )  # fmt: skip
            if not last:
                st.button("End the tour", key="tour.end", on_click=classroom.tour, args=(0,))
        page = PARTS[name].page
        st.page_link(pages[page], label=f"It is on the {page.capitalize()} page")


def _start() -> None:
    classroom.tour(1)
