"""Explore: one picture, one transformation, and what two extractors notice of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core import AmortisedExtractor, Descriptor
from core.measures.intraclass import MINIMUM_RANK
from core.sensitivity import Background
from core.transforms import Axis, axis_named
from dashboard import cache, figures, measurement, texts, theme
from dashboard.pictures import Picture
from dashboard.state import Study

_CHART = {"displayModeBar": False}


@dataclass(frozen=True)
class Reading:
    """One descriptor's numbers: similarity of the picture (K, S) and of other pictures (P, F)."""

    label: str
    ground: Background
    similarity: np.ndarray
    crowd: np.ndarray

    @property
    def movement(self) -> np.ndarray:
        """(K, S) on the scale where 1 is another picture."""
        return self.ground.movement(self.similarity)


def render(study: Study, model: AmortisedExtractor, picture: Picture) -> None:
    """Draw the page."""
    axis = axis_named(study.axis, model.transforms)
    readings = _measure(study, model, picture, axis)
    number = model.transforms.index(axis)
    _title(model.transforms)
    said = _headline(picture, axis, number, readings)
    _filmstrip(picture, axis, number, readings)
    _curve(axis, number, readings, said)
    _lamps(axis, number, readings)
    _overview(readings, axis, model.transforms)
    _explanation()


def _measure(study: Study, model: AmortisedExtractor, picture: Picture, axis: Axis) -> list[Reading]:
    pinned = {"A": study.a} | ({} if study.b is None else {"B": study.b})
    readings = []
    for label, values in pinned.items():
        descriptor = Descriptor(values, model.transforms)
        readings.append(
            Reading(
                label,
                cache.ground(model, descriptor, study.seed),
                cache.similarity(model, descriptor, picture, study.seed),
                cache.crowd(model, descriptor, axis, study.seed),
            )
        )
    return readings


def _title(axes: tuple[Axis, ...]) -> None:
    st.title("Which changes does the network notice?", anchor=False)
    st.markdown(texts.LEAD)
    st.segmented_control(
        "Transformation", [axis.name for axis in axes], key="axis", required=True, label_visibility="collapsed"
    )


def _headline(picture: Picture, axis: Axis, number: int, readings: list[Reading]) -> str:
    strengths = measurement.frame_strengths(axis)
    shown = [reading.movement[number, :: measurement.STRIDE] for reading in readings]
    # The strength at which the two differ most speaks; without B, the one that moves A most.
    at = int(np.argmax(np.abs(shown[0] - shown[-1]) if len(shown) == 2 else shown[0]))
    moved = {
        reading.label: None if reading.ground.collapsed else float(values[at])
        for reading, values in zip(readings, shown, strict=True)
    }
    sentence = texts.headline(picture.name, axis, float(strengths[at]), moved)
    st.markdown(f"### {sentence}")
    return sentence


def _filmstrip(picture: Picture, axis: Axis, number: int, readings: list[Reading]) -> None:
    colours = theme.palette(st.context.theme.type)
    st.html(cache.strip(picture, axis))
    rows = [
        figures.Row(reading.label, reading.similarity[number, :: measurement.STRIDE], reading.ground.collapsed)
        for reading in readings
    ]
    st.html(figures.numbers_html(rows, colours))


def _curve(axis: Axis, number: int, readings: list[Reading], said: str) -> None:
    frames = measurement.frame_strengths(axis)
    traces = []
    for reading in readings:
        low, high = np.percentile(reading.ground.movement(reading.crowd), (10, 90), axis=0)
        traces.append(
            figures.Trace(
                reading.label, measurement.curve_strengths(axis), reading.movement[number], frames, low, high,
                reading.ground.collapsed,
            )
        )  # fmt: skip
    figure = figures.sensitivity_figure(
        traces, frames, f"{axis.name}, {axis.unit}", theme.palette(st.context.theme.type)
    )
    st.plotly_chart(figure, key="curve", theme=None, config=_CHART, alt=texts.plain(said))


def _lamps(axis: Axis, number: int, readings: list[Reading]) -> None:
    means = {each.label: float(each.movement[number].mean()) for each in readings if not each.ground.collapsed}
    st.markdown(texts.verdict(means, axis, measurement.PROBES))
    st.markdown(texts.lamps({each.label: each.ground for each in readings}))


def _overview(readings: list[Reading], axis: Axis, axes: tuple[Axis, ...]) -> None:
    st.header("All transformations", anchor=False)
    names = [each.name for each in axes]
    means = [reading.movement.mean(1) for reading in readings]
    said = texts.overview(names, means[0].tolist(), means[1].tolist() if len(means) == 2 else None)
    st.markdown(said)
    profiles = [
        figures.Profile(reading.label, mean, reading.ground.collapsed)
        for reading, mean in zip(readings, means, strict=True)
    ]
    figure = figures.overview_figure(profiles, names, axis.name, theme.palette(st.context.theme.type))
    st.plotly_chart(figure, key="overview", theme=None, config=_CHART, alt=texts.plain(said))


def _explanation() -> None:
    with st.expander("What do these numbers mean?", icon=":material/help:"):
        st.markdown(texts.EXPLANATION.format(probes=measurement.PROBES, minimum=MINIMUM_RANK))
