"""What every figure is shown beside: an untrained network of the same shape, and raw pixels."""

from __future__ import annotations

import torch
from torch import Tensor

from ..axes.descriptor import DescriptorLike
from ..axes.transforms import AXES, Axis
from ..backbones.compact import Architecture
from ..checks import check_images
from ..model.amortised import AmortisedExtractor, to_input


def untrained(architecture: Architecture, transforms: tuple[Axis, ...] = AXES, seed: int = 0) -> AmortisedExtractor:
    """The same networks at their random start."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AmortisedExtractor(architecture, transforms).eval().requires_grad_(False)


class Pixels:
    """Raw pixels, projected on their leading principal components; deaf to the descriptor.

    Args:
        images: (N, 3, H, W) in [0, 1], from which the components are computed.
        size: number of components, so that the measures work in as many dimensions as the extractor has.
    """

    def __init__(self, images: Tensor, size: int, transforms: tuple[Axis, ...] = AXES) -> None:
        self.transforms = transforms
        flat = to_input(check_images(images, minimum=2)).flatten(1)
        self._mean = flat.mean(0)
        self._components = torch.linalg.svd(flat - self._mean, full_matrices=False).Vh[:size].T

    def features(self, images: Tensor, descriptor: DescriptorLike) -> Tensor:
        """(N, 3, H, W) -> (N, size); the descriptor is ignored."""
        return (to_input(check_images(images)).flatten(1) - self._mean) @ self._components
