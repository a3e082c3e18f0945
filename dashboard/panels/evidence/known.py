"""What the fit finds where the right descriptor is known, beside coins and the best corner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.baselines import OURS, cheating, title_of
from core.benchmark.report import BEST, known_said
from core.tasks.task import FINAL
from dashboard.figures.scoreboard import Kind, Mark, scoreboard_html
from dashboard.figures.theme import Palette, percent
from dashboard.text import evidence as words
from dashboard.text.markdown import literal


def render(known: Mapping[str, Any], colours: Palette) -> None:
    """Draw the section of tasks on which nothing was chosen, if there are any.

    Args:
        known: what ``fit --data known --json`` has written.
        colours: of the page.
    """
    found = [each for each in known.get("recovered", ()) if each["stage"] == FINAL]
    if not found:
        return
    st.subheader(words.KNOWN, anchor=False)
    st.markdown(literal(known_said(known)))
    marks = []
    for each in found:
        kind: Kind = "fit" if each["method"] == OURS else "simple"
        name = BEST if each["method"] in cheating() else title_of(each["method"])
        low, high = each["interval"]
        marks.append(Mark(name, each["whole"], percent(each["whole"]), low, high, kind))
    marks.append(Mark(words.COINS, found[0]["chance"], percent(found[0]["chance"])))
    with st.container(key="evidence-known"):
        st.html(scoreboard_html(marks, colours))
    st.caption(words.KNOWN_HELP)
