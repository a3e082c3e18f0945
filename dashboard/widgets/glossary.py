"""What the settings of a page mean, to be opened in its place: nothing is said by a tooltip alone."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def render(title: str, terms: Mapping[str, str]) -> None:
    """Draw the list, closed.

    Args:
        title: the question that it answers.
        terms: Markdown by the name that the setting has on the page.
    """
    with st.expander(title, icon=":material/help:"):
        listed(terms)


def listed(terms: Mapping[str, str]) -> None:
    """Draw the list where one is."""
    st.markdown("\n".join(f"- **{name}**: {meaning}" for name, meaning in terms.items()))
