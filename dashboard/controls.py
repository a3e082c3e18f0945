"""The sidebar: picture, descriptor A, descriptor B. Draws widgets; their values live in :mod:`dashboard.state`."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.transforms import Axis
from dashboard import state, texts
from dashboard.state import Choices, Study


def sidebar(study: Study, choices: Choices) -> None:
    """Draw all shared controls."""
    with st.sidebar:
        _picture(study, choices)
        _descriptor(study, choices)
        _compare(study, choices)


def _picture(study: Study, choices: Choices) -> None:
    names = [*choices.pictures, *([state.UPLOAD] if study.upload else [])]
    st.pills("Photograph", names, key="picture", required=True)
    with st.expander("Your own picture", icon=":material/upload:"):
        st.file_uploader(
            "A picture, at most 20 MB; its central square is used and it stays on this computer.",
            key=state.uploader_key(),
            max_upload_size=20,
            on_change=state.take_upload,
            args=(choices.axes, choices.opening().picture),
        )


def _descriptor(study: Study, choices: Choices) -> None:
    st.markdown(f"#### Descriptor {texts.inked('A', 'A')}", help=texts.SCALE)
    for number, axis in enumerate(choices.axes):
        pinned = "" if study.b is None else f" · :orange[B {study.b[number]:.2f}]"
        st.slider(
            f"{axis.name}{pinned}",
            0.0,
            1.0,
            step=state.STEP,
            key=state.coordinate_key(axis.name),
            help=f"{axis.description.capitalize()} ({axis.low:g} to {axis.high:g} {axis.unit}).",
        )
    columns = st.columns(2, gap="small")
    for number, (name, (explanation, values)) in enumerate(state.presets(study.axis, choices.axes).items()):
        with columns[number % 2]:
            _button(name, replace(study, a=values), choices.axes, disabled=study.a == values, explanation=explanation)


def _compare(study: Study, choices: Choices) -> None:
    st.markdown(f"#### Descriptor {texts.inked('B', 'B')}, pinned")
    b, axes = study.b, choices.axes
    swapped = study if b is None else replace(study, a=b, b=study.a)
    pin, swap, unpin = st.columns(3, gap="small")
    with pin:
        _button("Pin A", replace(study, b=study.a), axes, disabled=b == study.a, explanation="B becomes what A is now.")
    with swap:
        _button("Swap", swapped, axes, disabled=b is None or b == study.a, explanation="A and B change places.")
    with unpin:
        _button("Unpin", replace(study, b=None), axes, disabled=b is None, explanation="Show A alone.")
    opening = choices.opening()
    st.button(
        "Reset everything", key="reset", icon=":material/restart_alt:", on_click=state.reset, args=(opening, axes),
        disabled=study == opening, width="stretch",
    )  # fmt: skip


def _button(name: str, target: Study, axes: tuple[Axis, ...], *, disabled: bool, explanation: str) -> None:
    st.button(
        name,
        key=f"do.{name}",
        on_click=state.apply,
        args=(target, axes),
        disabled=disabled,
        help=explanation,
        width="stretch",
    )
