"""Named descriptors with their fingerprints: ours, and those that a person has saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.axes.presets import Preset, presets
from dashboard import figures
from dashboard.figures import theme
from dashboard.live.measured import Shown
from dashboard.session import state
from dashboard.session.settings import MAX_SAVED
from dashboard.text import labels
from dashboard.text.markdown import literal


def render(shown: Shown) -> None:
    """Draw a card for each preset and the form that saves one."""
    study, axes = shown.study, shown.model.transforms
    own = tuple(Preset(name, labels.OWN_PRESET, values) for name, values in study.saved)
    st.markdown(labels.PRESETS)
    cards = [*presets(axes), *own]
    for start in range(0, len(cards), 3):
        for column, preset in zip(st.columns(3), cards[start : start + 3], strict=False):
            with column, st.container(border=True):
                _card(shown, preset, removable=preset in own)
    _form(shown)


def _card(shown: Shown, preset: Preset, *, removable: bool) -> None:
    study, names = shown.study, [axis.name for axis in shown.model.transforms]
    st.markdown(f"**{literal(preset.name)}**")
    colours = theme.palette(st.context.theme.type)
    glyph = figures.descriptor_svg(preset.values, colours.a, colours.quiet)
    st.html(figures.card_html(glyph, preset.values, names))
    st.caption(preset.purpose)
    with st.container(horizontal=True):
        _verb("Use as A", preset, replace(study, a=preset.values), disabled=study.a == preset.values)
        _verb("as B", preset, replace(study, b=preset.values), disabled=study.b == preset.values)
        if removable:
            _verb("Delete", preset, replace(study, saved=_without(study.saved, preset.name)), disabled=False)


def _verb(name: str, preset: Preset, target: object, *, disabled: bool) -> None:
    st.button(
        name, key=f"preset.{preset.name}.{name}", on_click=state.show, args=(target,), disabled=disabled,
    )  # fmt: skip


def _without(saved: Sequence[tuple[str, tuple[float, ...]]], name: str) -> tuple[tuple[str, tuple[float, ...]], ...]:
    return tuple(each for each in saved if each[0] != name)


def _form(shown: Shown) -> None:
    full = len(shown.study.saved) >= MAX_SAVED
    with (
        st.form("save", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("Save the present A as", key=state.NAME, max_chars=24, disabled=full, placeholder="a name")
        st.form_submit_button("Save", on_click=state.save, disabled=full)
        st.caption(labels.SAVE.format(most=MAX_SAVED))
    if problem := state.naming_problem():
        st.error(literal(problem))
