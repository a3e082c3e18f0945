"""How the hypernetwork is learned: pairs, loss terms, the loop, its state. Imports model and axes."""

from .loop import pretrain
from .recipe import Recipe

__all__ = ["Recipe", "pretrain"]
