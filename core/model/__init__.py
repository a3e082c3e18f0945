"""Hypernetwork and extractor as one object, its kept weights and its files. Imports axes and backbones."""

from .amortised import AmortisedExtractor
from .checkpoints import load_checkpoint, save_checkpoint
from .weight_cache import WeightCache

__all__ = ["AmortisedExtractor", "WeightCache", "load_checkpoint", "save_checkpoint"]
