"""HyperInvariances: a hypernetwork that turns an invariance descriptor into a feature extractor.

>>> import core
>>> model = core.load_checkpoint()
>>> features = model.features(core.probe_images(4), "rotation=1, hue=0")

Reading order: :mod:`core.axes.transforms` (what may happen to an image), :mod:`core.axes.descriptor` (which of
it to ignore), :mod:`core.model.hypernetwork` and :mod:`core.backbones.compact` (descriptor -> weights -> features),
:mod:`core.model.amortised` (both as one object), :mod:`core.pretraining.pairs`, :mod:`core.pretraining.losses` and
:mod:`core.pretraining.loop` (how it is learned), :mod:`core.measures` (whether it works).
"""

from . import measures
from .axes.descriptor import Descriptor, corners
from .axes.transforms import AXES, Axis, compose
from .backbones import Compact
from .data.pictures import Photograph, decode_image, photographs
from .inspect.probes import probe_images
from .model.amortised import AmortisedExtractor
from .model.architecture import Architecture
from .model.checkpoints import load_checkpoint, save_checkpoint

__all__ = [
    "AXES",
    "AmortisedExtractor",
    "Architecture",
    "Axis",
    "Compact",
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
