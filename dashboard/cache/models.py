"""Models: the shipped one, its control, and the extractor at a descriptor."""

from __future__ import annotations

from functools import partial

import streamlit as st
import torch
from torch import Tensor

import core
from core.backbones import Prepared
from core.evaluation import controls
from core.measures.response import Features, Images, Prepare
from core.model import checkpoints
from core.model.amortised import AmortisedExtractor
from core.model.weight_cache import WeightCache
from dashboard.cache.keys import inference, resource
from dashboard.jobs import network_pool


def model() -> AmortisedExtractor:
    """The shipped model; read again when the file changes.

    Raises:
        FileNotFoundError, ValueError: a sentence that says what is wrong with the file.
    """
    path = checkpoints.SHIPPED
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _load(str(path), stamp)


@st.cache_resource(show_spinner=False, max_entries=2)
def _load(path: str, stamp: int) -> AmortisedExtractor:
    # One thread: on a busy machine two threads wait for each other (measured: 111 images in 45 ms against 400 ms).
    torch.set_num_threads(1)
    return core.load_checkpoint(path)


@resource(max_entries=2)
def untrained(model: AmortisedExtractor) -> AmortisedExtractor:
    """The same networks with random weights, the control of every picture of the inside."""
    control = controls.untrained_beside(model)
    control.metadata["digest"] = f"random beside {model.metadata['digest']}"
    return control


def features(model: AmortisedExtractor, descriptor: core.Descriptor) -> Features:
    """The extractor at a descriptor, one call at a time; the weights of the latest descriptors are kept."""
    kept = _weights(model)

    def extract(images: Images) -> Tensor:
        images, weights = images if isinstance(images, Prepared) else prepare(model)(images), kept.weights(descriptor)
        with inference:
            return network_pool.extracted(lambda piece: model.features_with(piece, weights), images)

    return extract


def prepare(model: AmortisedExtractor) -> Prepare:
    """What prepares pixels for a model, in all threads."""
    return partial(network_pool.prepared_to_keep, model)


@resource(max_entries=3)
def _weights(model: AmortisedExtractor) -> WeightCache:
    return WeightCache(model)
