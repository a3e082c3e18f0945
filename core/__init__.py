"""HyperInvariances: a hypernetwork that turns an invariance descriptor into a feature extractor.

>>> import core
>>> model = core.load_checkpoint()
>>> features = model.features(core.probe_images(4), "rotation=1, hue=0")

Reading order: :mod:`core.transforms` (what may happen to an image), :mod:`core.descriptor` (which of
it to ignore), :mod:`core.hypernetwork` and :mod:`core.extractor` (descriptor -> weights -> features),
:mod:`core.model` (both as one object), :mod:`core.views`, :mod:`core.losses` and
:mod:`core.pretraining` (how it is learned), :mod:`core.measures` (whether it works).
"""

from . import measures
from .checkpoints import load_checkpoint, save_checkpoint
from .descriptor import Descriptor, corners
from .extractor import Architecture
from .images import Photograph, decode_image, photographs, probe_images
from .model import AmortisedExtractor
from .transforms import AXES, Axis, compose

__all__ = [
    "AXES",
    "AmortisedExtractor",
    "Architecture",
    "Axis",
    "Descriptor",
    "Photograph",
    "compose",
    "corners",
    "decode_image",
    "load_checkpoint",
    "measures",
    "photographs",
    "probe_images",
    "save_checkpoint",
]
