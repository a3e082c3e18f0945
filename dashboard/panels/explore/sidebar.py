"""The sidebar: picture, descriptors A and B. Draws widgets; their values live in :mod:`dashboard.session.state`."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core import AmortisedExtractor
from core.axes.presets import presets
from core.data.pictures import MAX_BYTES as PICTURE_BYTES
from dashboard import component
from dashboard.classroom import session
from dashboard.encode import Picture
from dashboard.live.measured import shown
from dashboard.session import state
from dashboard.session.settings import MAX_SEED, UPLOAD, Choices, Study, quick
from dashboard.text import explore, labels

_MB = PICTURE_BYTES >> 20


def render(study: Study, model: AmortisedExtractor, picture: Picture, choices: Choices) -> None:
    """Draw all shared controls, where the page wants its sidebar."""
    _verbs(study, choices.opening())
    with st.container(key="part-picture"):
        _picture(study, choices)
    with st.container(key="part-sliders"):
        _sliders(study, model, picture)
        _presets(study, choices)
    with st.container(key="part-pinned"):
        _compare(study, choices.opening())
    with st.container(key="part-others"):
        _others(study)


def _verbs(study: Study, opening: Study) -> None:
    with st.container(horizontal=True, gap="xsmall", key="verbs"):
        st.button(
            "Undo", key="undo", on_click=state.undo, disabled=not state.can_undo(), shortcut="Ctrl+Z", width="stretch"
        )
        st.button(
            "Redo", key="redo", on_click=state.redo, disabled=not state.can_redo(), shortcut="Ctrl+Y", width="stretch"
        )
        st.button(
            "Reset", key="reset", on_click=state.reset, args=(opening,), disabled=state.is_opening(study, opening),
            shortcut=session.reset_key(), width="stretch",
        )  # fmt: skip


def _picture(study: Study, choices: Choices) -> None:
    names = [*choices.pictures, *([UPLOAD] if study.upload else [])]
    st.pills("Photograph", names, key="picture", required=True)
    with st.expander("Your own picture", icon=":material/upload:"):
        opening = choices.opening().picture
        st.file_uploader(
            labels.UPLOAD, key=state.uploader_key("upload"), max_upload_size=_MB, on_change=state.take_upload,
            args=("upload", opening),
        )  # fmt: skip
        if st.toggle("Use the camera", key="camera"):
            st.camera_input(
                labels.CAMERA, key=state.uploader_key("camera.picture"), on_change=state.take_upload,
                args=("camera.picture", opening),
            )  # fmt: skip


def _sliders(study: Study, model: AmortisedExtractor, picture: Picture) -> None:
    st.markdown(f"#### Descriptor {explore.inked('A', 'A')}")
    st.caption(labels.SCALE)
    axes = [{"name": axis.name, "help": explore.axis_help(axis)} for axis in model.transforms]
    with st.spinner(labels.PREPARING):  # here, because the first to ask waits for what a picture needs once
        now = shown(study, model, picture)
    data = now.for_browser() | {
        "axes": axes,
        "values": study.a,
        "pinned": study.b,
        "pad": study.arrangement.pad,
        "ack": state.acknowledged(),
        "words": labels.SLIDERS,
    }
    component.sliders(key=state.SLIDERS, data=data, on_value_change=_nothing, on_pad_change=_take_pad)


def _nothing() -> None:
    """The sliders' value is read at the start of the run."""


def _take_pad() -> None:
    names = state.reported(state.SLIDERS, "pad")
    if names:
        state.arrange(pad=tuple(names))


def _presets(study: Study, choices: Choices) -> None:
    for pair in (presets(choices.axes)[:2], quick(study.axis, choices.axes, study.a)):
        for column, preset in zip(st.columns(2, gap="small"), pair, strict=True):
            with column:
                target = replace(study, a=preset.values)
                _button(preset.name, f"do.{preset.name}", target, disabled=study.a == preset.values)


def _compare(study: Study, opening: Study) -> None:
    st.markdown(f"#### Descriptor {explore.inked('B', 'B')}, pinned")
    st.caption(labels.PINNED)
    b = study.b
    swapped = study if b is None else replace(study, a=b, b=study.a)
    pin, swap, unpin = st.columns(3, gap="small")
    with pin:
        target = replace(study, b=study.a)
        _button("Pin A", "do.Pin A", target, disabled=b == study.a)
    with swap:
        _button("Swap", "do.Swap", swapped, disabled=b in (None, study.a))
    with unpin:
        _button("Unpin", "do.Unpin", replace(study, b=None), disabled=b is None)
    both = replace(study, a=opening.a, b=opening.b)
    _button("Reset A and B", "do.Reset A and B", both, disabled=study == both)


def _others(study: Study) -> None:
    with st.expander("The other pictures", icon=":material/photo_library:"):
        st.file_uploader(
            labels.GALLERY, key=state.uploader_key("gallery"), accept_multiple_files=True, max_upload_size=_MB,
            on_change=state.take_gallery,
        )  # fmt: skip
        if study.gallery:
            st.caption(explore.gallery(study.gallery))
        st.number_input("Seed of the bands", 0, MAX_SEED, step=1, key="seed")
        st.caption(labels.SEED)


def _button(name: str, key: str, target: Study, *, disabled: bool) -> None:
    st.button(name, key=key, disabled=disabled, width="stretch", on_click=state.show, args=(target,))
