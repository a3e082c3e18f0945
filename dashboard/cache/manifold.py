"""The map, and a visitor's jobs on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from core import manifold
from core.axes.transforms import Axis
from core.manifold import Desk, ExtractorMap, pictures_of, question, representations
from core.model.amortised import AmortisedExtractor
from dashboard.cache.bounded import bounded
from dashboard.cache.keys import inference, resource
from dashboard.encode import jpeg_uri
from dashboard.jobs import network_pool
from dashboard.jobs.map_jobs import MapJobs

_SIDE = 112
"""Pixels of a thumbnail's side."""


def extractor_map(model: AmortisedExtractor) -> ExtractorMap:
    """The shipped map of a model; read again when the file changes.

    Raises:
        FileNotFoundError, ValueError: a sentence that says how to make it.
    """
    path = manifold.SHIPPED
    return _extractor_map(model.metadata["digest"], str(path), path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(show_spinner=False, max_entries=2)
def _extractor_map(digest: str, path: str, stamp: int) -> ExtractorMap:
    return manifold.load_map(digest, Path(path))


@resource(max_entries=16)
def movement(model: AmortisedExtractor, points: tuple[tuple[float, ...], ...]) -> tuple[np.ndarray, int]:
    """(T, K) how far features move under each descriptor, and the number of pictures it was measured on."""
    pictures = _probe(model)
    found = representations.take_representations(
        model, np.array(points, np.float32), pictures, lambda text, share: None
    )
    return found.sensitivity, pictures.pictures


@resource(max_entries=256)
def line_up(
    model: AmortisedExtractor, axis: Axis, picture: str, point: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """What an extractor finds alike when a photograph is moved along an axis: numbers (F,), how near (F,)."""
    with inference:
        order, near = _desk(model, axis, picture).answer(point)
    return order[0], near[0]


@resource(max_entries=8)
def _desk(model: AmortisedExtractor, axis: Axis, picture: str) -> Desk:
    return Desk(model, (axis,), picture)


@resource(max_entries=32)
def line_up_pictures(axis: Axis, picture: str) -> tuple[str, ...]:
    """The moved photograph, then the candidates, as data URIs."""
    return tuple(network_pool.mapped(jpeg_uri, list(pictures_of(question(axis, picture), axis, _SIDE, picture))))


@bounded(64)
def _probe(model: AmortisedExtractor) -> representations.Probe:
    return representations.probe(model, 0)


@st.cache_resource(show_spinner=False, scope="session", on_release=MapJobs.cancel)
def map_jobs() -> MapJobs:
    """What this visitor has had made; its jobs end with the session."""
    return MapJobs()
