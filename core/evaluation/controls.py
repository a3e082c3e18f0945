"""What every figure is shown beside: an untrained network, and features that know no descriptor."""

from __future__ import annotations

import torch
from torch import Tensor

from ..axes.descriptor import DescriptorLike
from ..axes.transforms import AXES, Axis
from ..backbones import Backbone, Extractor, Prepared
from ..backbones.base import Empty, whole
from ..checks import check_images
from ..measures.response import Images
from ..model.amortised import AmortisedExtractor, to_size
from ..model.architecture import Architecture
from ..model.hypernetwork import Hypernetwork

_PIXELS = 32
"""Most pixels of a side of the raw pixels: more of them only make the components slower."""
_BATCH = 256


def untrained(architecture: Architecture, transforms: tuple[Axis, ...] = AXES, seed: int = 0) -> AmortisedExtractor:
    """The same networks at their random start."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AmortisedExtractor(architecture, transforms).eval().requires_grad_(False)


def untrained_beside(model: AmortisedExtractor, seed: int = 0) -> AmortisedExtractor:
    """The same networks with a tail at its random start, on the frozen stem of the model where it has one.

    As :func:`untrained`, but a pretrained backbone is not asked for weights: whoever has the checkpoint may not have
    them.
    """
    if isinstance(model.stem, Empty):
        return untrained(model.architecture, model.transforms, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        control, tail = AmortisedExtractor(model.architecture, model.transforms, empty=True), model.backbone.tail()
        theirs, start = model.hypernetwork, dict(tail.named_parameters())
        sizes = (theirs.shapes, theirs.coordinates, model.architecture.rank, model.architecture.hidden)
        control.hypernetwork = Hypernetwork(*sizes, start)
    for part in ("stem", "constants"):
        getattr(control, part).load_state_dict(getattr(model, part).state_dict())
    return control.to(next(theirs.parameters()).device).eval().requires_grad_(False)


class Components:
    """Leading principal components of features (N, P): their mean, and as many as the measures shall work in."""

    def __init__(self, features: Tensor, count: int) -> None:
        self.mean = features.mean(0)
        self.vectors = torch.linalg.svd(features - self.mean, full_matrices=False).Vh[:count].T

    def __call__(self, features: Tensor) -> Tensor:
        """(N, P) -> (N, count)."""
        return (features - self.mean) @ self.vectors


class Pixels:
    """Raw pixels, projected on their leading principal components; deaf to the descriptor.

    Args:
        images: (N, 3, H, W) in [0, 1], from which the components are computed.
        backbone: beside which it is shown: it says how large images are, up to a limit, and how many components there
            are, so that the measures work in as many dimensions.
    """

    deaf = True

    def __init__(self, images: Tensor, backbone: Backbone, transforms: tuple[Axis, ...] = AXES) -> None:
        self.transforms, self._side = transforms, min(backbone.input_size, _PIXELS)
        self._components = Components(self._flat(check_images(images, minimum=2)), backbone.features)

    def prepare(self, images: Tensor) -> Prepared:
        """The features (N, D) of images (N, 3, H, W): nothing is left to do for a descriptor."""
        return Prepared((self._components(self._flat(check_images(images))),), "components of pixels")

    def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
        """N images -> (N, D); the descriptor is ignored."""
        return (images if isinstance(images, Prepared) else self.prepare(images)).parts[0]

    def _flat(self, images: Tensor) -> Tensor:
        return to_size(images, self._side).flatten(1)


class FrozenFeatures:
    """The pretrained network's own features under a model's tail, as it has them before any training here.

    Deaf to the descriptor, and projected on as many leading principal components as the model has features: with more
    directions than images, what is whitened would measure the images.

    Args:
        model: whose stem and backbone it is.
        images: (N, 3, H, W) in [0, 1], from which the components are computed.

    Raises:
        ValueError: the backbone has no such features.
    """

    deaf = True

    def __init__(self, model: AmortisedExtractor, images: Tensor) -> None:
        self.transforms, self._model = model.transforms, model
        self._components = Components(self._own(self.prepare(check_images(images, minimum=2))), model.backbone.features)

    def prepare(self, images: Tensor) -> Prepared:
        """As the model prepares them."""
        return self._model.prepare(images)

    def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
        """N images -> (N, D); the descriptor is ignored."""
        found = self._components(self._own(images if isinstance(images, Prepared) else self.prepare(images)))
        return found.to(images.device)

    def _own(self, prepared: Prepared) -> Tensor:
        backbone = self._model.backbone
        found = backbone.frozen(*prepared.parts)
        if found is None:
            raise ValueError(f"The backbone {backbone.name} has no features before training. Leave them out.")
        return whole(found).flatten(1)


class PlainFeatures:
    """An extractor without a hypernetwork, such as plain SimCLR; deaf to the descriptor."""

    deaf = True

    def __init__(self, extractor: Extractor, transforms: tuple[Axis, ...] = AXES) -> None:
        self.transforms, self._extractor = transforms, extractor

    def prepare(self, images: Tensor) -> Prepared:
        """The features (N, D) of images (N, 3, H, W): nothing is left to do for a descriptor."""
        images, side = check_images(images), self._extractor.backbone.input_size
        where = next(self._extractor.parameters())
        with torch.inference_mode():
            found = [self._extractor(to_size(piece.to(where), side)) for piece in images.split(_BATCH)]
        return Prepared((torch.cat(found).to(images.device),), "features of a plain extractor")

    def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
        """N images -> (N, D); the descriptor is ignored."""
        return (images if isinstance(images, Prepared) else self.prepare(images)).parts[0]
