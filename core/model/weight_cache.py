"""Generated weights that are kept, for whoever comes back to the same descriptors: sliders, lessons, maps."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from torch import Tensor

from ..axes.descriptor import DescriptorLike
from ..backbones import Prepared
from .amortised import AmortisedExtractor, Weights


class WeightCache:
    """The weights of the descriptors that were used last, of a model that is no longer trained. Threads may share it.

    Args:
        model: whose parameters must not change any more; nobody would tell the cache.
        size: descriptors whose weights are kept; a megabyte or two each with the shipped model.

    Raises:
        ValueError: the model's parameters still ask for gradients, so that it is going to change; or no size.
    """

    def __init__(self, model: AmortisedExtractor, size: int = 64) -> None:
        if any(parameter.requires_grad for parameter in model.parameters()):
            raise ValueError(
                "A model that is trained has no weights to keep. Call model.eval().requires_grad_(False) first, or "
                "ask the model itself."
            )
        if size < 1:
            raise ValueError(f"A cache keeps the weights of at least one descriptor; got a size of {size}.")
        self.model, self.size = model, size
        self._kept: OrderedDict[tuple[object, ...], Weights] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def weights(self, descriptor: DescriptorLike) -> Weights:
        """The weights at a descriptor; see :meth:`core.model.amortised.AmortisedExtractor.frozen_weights`."""
        where = next(self.model.parameters())
        key = (self.model.point(descriptor).values, where.dtype, where.device)
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found
        made = self.model.frozen_weights(descriptor)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self.size:
                self._kept.popitem(last=False)
        return made

    def features(self, images: Tensor | Prepared, descriptor: DescriptorLike) -> Tensor:
        """Features (N, D); see :meth:`core.model.amortised.AmortisedExtractor.features`."""
        return self.model.features_with(images, self.weights(descriptor))
