"""What every figure is shown beside: an untrained network of the same shape, and raw pixels."""

from __future__ import annotations

import torch
from torch import Tensor

from ..axes.descriptor import DescriptorLike
from ..axes.transforms import AXES, Axis
from ..backbones import Backbone, Prepared
from ..checks import check_images
from ..measures.response import Images
from ..model.amortised import AmortisedExtractor, to_size
from ..model.architecture import Architecture


def untrained(architecture: Architecture, transforms: tuple[Axis, ...] = AXES, seed: int = 0) -> AmortisedExtractor:
    """The same networks at their random start."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AmortisedExtractor(architecture, transforms).eval().requires_grad_(False)


class Pixels:
    """Raw pixels, projected on their leading principal components; deaf to the descriptor.

    Args:
        images: (N, 3, H, W) in [0, 1], from which the components are computed.
        backbone: beside which it is shown: it says how large images are, and how many components there are, so
            that the measures work in as many dimensions.
    """

    def __init__(self, images: Tensor, backbone: Backbone, transforms: tuple[Axis, ...] = AXES) -> None:
        self.transforms, self._backbone = transforms, backbone
        flat = self.prepare(check_images(images, minimum=2)).parts[0].flatten(1)
        self._mean = flat.mean(0)
        self._components = torch.linalg.svd(flat - self._mean, full_matrices=False).Vh[: backbone.features].T

    def prepare(self, images: Tensor) -> Prepared:
        """The pixels (N, 3, S, S) of images (N, 3, H, W) at the backbone's size."""
        side = self._backbone.input_size
        return Prepared((to_size(check_images(images), side),), f"pixels of {side}")

    def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
        """N images -> (N, D); the descriptor is ignored."""
        pixels = images if isinstance(images, Prepared) else self.prepare(images)
        return (pixels.parts[0].flatten(1) - self._mean) @ self._components
