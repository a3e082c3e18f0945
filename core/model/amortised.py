"""The amortised extractor: hypernetwork and extractor as one object, the one that users hold."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from ..axes.descriptor import Descriptor, DescriptorLike
from ..axes.transforms import AXES, Axis
from ..backbones.compact import IMAGE_SIZE, Architecture, Extractor
from ..checks import check_images, check_unit
from .hypernetwork import Hypernetwork

Weights = dict[str, Tensor]


class AmortisedExtractor(nn.Module):
    """g(x; h(i)): images and a descriptor in, features out (HyperInvariances, Section 3).

    Attributes:
        transforms: the K axes of invariance, in the order of the descriptor's coordinates.
        architecture: sizes of both networks.
        metadata: recipe, data, seed, date and metrics of the checkpoint; empty for a new model.
    """

    def __init__(
        self,
        architecture: Architecture | None = None,
        transforms: tuple[Axis, ...] = AXES,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.architecture = architecture or Architecture()
        self.transforms = transforms
        self.metadata = dict(metadata or {})
        shapes = {name: tuple(parameter.shape) for name, parameter in _template(self.architecture).named_parameters()}
        self.hypernetwork = Hypernetwork(shapes, len(transforms), self.architecture.rank, self.architecture.hidden)

    def weights(self, descriptor: Tensor) -> Weights:
        """Generate one extractor's weights; differentiable in ``descriptor`` (K,).

        Raises:
            ValueError: wrong length, or a coordinate outside [0, 1].
        """
        if descriptor.shape != (len(self.transforms),):
            raise ValueError(
                f"A descriptor must have shape ({len(self.transforms)},), one number per axis; "
                f"got {tuple(descriptor.shape)}."
            )
        check_unit("Descriptor coordinates", descriptor.detach())
        return {name: weight[0] for name, weight in self.hypernetwork(descriptor[None]).items()}

    def extract(self, images: Tensor, weights: Weights) -> Tensor:
        """Features (N, D) of 32 x 32 images under generated weights; no checks, keeps gradients."""
        return functional_call(_template(self.architecture), weights, (images,), strict=True)

    def features(self, images: Tensor, descriptor: DescriptorLike) -> Tensor:
        """Features under a descriptor, without gradients.

        Args:
            images: (N, 3, H, W), float, in [0, 1]; resized to 32 x 32 if they are not.
            descriptor: K numbers in [0, 1], a :class:`~core.axes.descriptor.Descriptor` or its text.

        Returns:
            (N, D), of the model's type: float32, or float64 after ``model.double()``.

        Raises:
            TypeError, ValueError: see :mod:`core.checks`.
        """
        images = to_input(check_images(images).to(next(self.parameters()).dtype))
        with torch.inference_mode():
            return self.extract(images, self.frozen_weights(descriptor))

    def frozen_weights(self, descriptor: DescriptorLike) -> Weights:
        """Weights for a descriptor, without gradients; made anew each time, see :mod:`core.model.weight_cache`.

        Raises:
            ValueError: it is no descriptor of this model's axes.
        """
        point = Descriptor.of(descriptor, self.transforms)
        if len(point) == len(self.transforms) and point.axes != self.transforms:
            theirs, ours = (", ".join(axis.name for axis in axes) for axes in (point.axes, self.transforms))
            raise ValueError(f"The descriptor is for other axes ({theirs}) than the model ({ours}). Make a new one.")
        with torch.inference_mode(False), torch.no_grad():
            where = next(self.parameters())
            return self.weights(torch.tensor(point.values, dtype=where.dtype, device=where.device))

    def freeze(self, descriptor: DescriptorLike) -> Extractor:
        """The extractor at a descriptor as a plain module with its own weights, independent of this object."""
        weights = self.frozen_weights(descriptor)
        where = next(self.parameters())
        extractor = Extractor(self.architecture).to(where.device, where.dtype)
        extractor.load_state_dict(weights)
        return extractor.eval().requires_grad_(False)


_own = threading.local()


def _template(architecture: Architecture) -> Extractor:
    """An extractor without weights, into which generated ones are put for a call; each thread has its own."""
    made: dict[Architecture, Extractor] = _own.__dict__.setdefault("templates", {})
    if architecture not in made:
        with torch.device("meta"):
            made[architecture] = Extractor(architecture)
    return made[architecture]


def to_input(images: Tensor) -> Tensor:
    """Resize (N, 3, H, W) to the 32 x 32 pixels that the extractor sees, anti-aliased."""
    if images.shape[-2:] == (IMAGE_SIZE, IMAGE_SIZE):
        return images
    resized = F.interpolate(images, (IMAGE_SIZE, IMAGE_SIZE), mode="bilinear", antialias=True, align_corners=False)
    return resized.clamp(0, 1)
