"""Certificates, stored and computed, and a visitor's slow ones."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.certificates import survey as certificates
from core.certificates.feature_bank import FeatureBank, Row, exact_rows
from core.certificates.independent_images import LABELS, sample_of
from core.model.amortised import AmortisedExtractor
from core.tasks import offered_tasks
from dashboard.cache.bounded import bounded
from dashboard.cache.keys import resource
from dashboard.cache.tasks import task
from dashboard.jobs.network_certificates import Comparisons


def survey(model: AmortisedExtractor) -> certificates.Survey:
    """The stored certificates of a model; read again when the file changes.

    Raises:
        FileNotFoundError, ValueError: a sentence that says how to make them.
    """
    path = certificates.SHIPPED
    return _survey(model.metadata["digest"], str(path), path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(show_spinner=False, max_entries=2)
def _survey(digest: str, path: str, stamp: int) -> certificates.Survey:
    return certificates.read_survey(digest, Path(path))


@bounded(512)
def bank(model: AmortisedExtractor, name: str, seed: int) -> FeatureBank:
    """Features for certificates of a task with a known answer; computed as far as they are asked for."""
    source = next(source for source in offered_tasks(model.transforms, model.input_size) if source.name == name)
    return FeatureBank(model, sample_of(task(model, source, LABELS[-1], seed).task, seed))


@resource(max_entries=128)
def certified(model: AmortisedExtractor, name: str, seed: int, n: int) -> tuple[Row, ...]:
    """Heads at fixed descriptors and the fitted one on the first n images of a sample, with both priors."""
    return tuple(exact_rows(bank(model, name, seed), n))


@st.cache_resource(show_spinner=False, scope="session", on_release=Comparisons.cancel)
def comparisons() -> Comparisons:
    """The certificates that take this visitor minutes; they end with the session."""
    return Comparisons()
