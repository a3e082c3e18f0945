"""The amortised extractor: hypernetwork and extractor as one object, the one that users hold."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from ..axes.descriptor import Descriptor, DescriptorLike
from ..axes.transforms import AXES, Axis
from ..backbones.base import Backbone, Calibration, Extractor, Prepared, Tail, has_weights, joined, parts_of, whole
from ..checks import check_images, check_unit
from .architecture import Architecture
from .hypernetwork import Hypernetwork, check_keys, key_of

Weights = dict[str, Tensor]
AT_ONCE = {"cpu": 16}
"""Images through a stem at once, by device, 512 on others: more do not fit a processor's caches."""


class AmortisedExtractor(nn.Module):
    """g(x; h(i)): images and a descriptor in, features out (HyperInvariances, Section 3).

    The backbone's stem is frozen and sees an image once (:meth:`prepare`); the weights of its tail are
    generated for each descriptor (:meth:`weights`), and together they give features (:meth:`extract`).

    Attributes:
        transforms: the K axes of invariance, in the order of the descriptor's coordinates.
        architecture: backbone and sizes.
        metadata: recipe, data, seed, date and metrics of the checkpoint; empty for a new model.

    Args:
        empty: whether the weights are read from somewhere afterwards, so that the backbone is not asked for any.
        weights: file of pretrained weights, see :meth:`core.backbones.base.Backbone.initial`; kept nowhere.

    Raises:
        ValueError: the backbone's tail cannot be stored, or :meth:`core.backbones.base.Backbone.initial` has no
            weights, or lacks something of it.
    """

    def __init__(
        self,
        architecture: Architecture | None = None,
        transforms: tuple[Axis, ...] = AXES,
        metadata: Mapping[str, Any] | None = None,
        *,
        empty: bool = False,
        weights: Path | None = None,
    ) -> None:
        super().__init__()
        self.architecture = architecture or Architecture()
        self.transforms = transforms
        self.metadata = dict(metadata or {})
        self.stem = self.backbone.stem().eval().requires_grad_(False)
        template, initial = _template(self.backbone), None if empty else self.backbone.initial(weights)
        if initial is not None:
            self.stem.load_state_dict(initial.stem)
        shapes = {name: tuple(parameter.shape) for name, parameter in template.named_parameters()}
        self.hypernetwork = Hypernetwork(
            shapes,
            len(transforms),
            self.architecture.rank,
            self.architecture.hidden,
            None if initial is None else initial.tail,
        )
        self.constants = nn.Module()
        buffers = dict(template.named_buffers())
        check_keys(buffers)
        for name, buffer in buffers.items():
            if name not in template.state_dict():
                raise ValueError(f"The buffer {name} of the backbone {self.backbone.name} must be persistent.")
            if not empty and (initial is None or name not in initial.tail):
                raise ValueError(f"The backbone {self.backbone.name} has no value for the buffer {name} to start from.")
            given = torch.empty(buffer.shape, dtype=buffer.dtype) if initial is None else initial.tail[name]
            self.constants.register_buffer(key_of(name), given.detach().clone())
        if has_weights(self.stem):
            self.stem.register_buffer("fingerprint", torch.tensor(_fingerprint(self.stem)))

    @property
    def backbone(self) -> Backbone:
        """Stem and tail as such."""
        return self.architecture.backbone

    @property
    def input_size(self) -> int:
        """S, pixels of a side of the images that the backbone sees."""
        return self.backbone.input_size

    @property
    def prepares(self) -> str:
        """Which prepared images fit: those of a stem with the same weights; pixels of a size where there is none."""
        mark = getattr(self.stem, "fingerprint", None)
        return f"pixels of {self.input_size}" if mark is None else f"{self.backbone.name} {int(mark):x}"

    def calibrate(self, shown: Prepared, moved: Iterable[Prepared] = ()) -> None:
        """Fit the tail to what the stem gives, and let vectors begin as it asks; before training, once.

        Args:
            shown, moved: see :meth:`core.backbones.base.Backbone.calibrate`.

        Raises:
            ValueError: fewer images than the backbone needs.
        """
        self.begin(self.backbone.calibrate(shown.parts, (each.parts for each in moved)))

    def begin(self, found: Calibration) -> None:
        """Take what a calibration has found."""
        for name, value in found.buffers.items():
            self.constants.get_buffer(key_of(name)).copy_(value)
        for name, shutting in found.shutting.items():
            self.hypernetwork.shut(name, shutting)

    def frozen_features(self, prepared: Prepared) -> Tensor | None:
        """The pretrained network's own features (N, P), without gradients; ``None`` where the backbone has none."""
        with torch.inference_mode():
            return self.backbone.frozen(*self._own(prepared).parts)

    def content(self, prepared: Prepared) -> Tensor | None:
        """What the pretrained network tells (N, Q), see :meth:`core.backbones.base.Backbone.content`; no gradients."""
        with torch.inference_mode():
            return self.backbone.content(*self._own(prepared).parts)

    def requires_grad_(self, requires_grad: bool = True) -> AmortisedExtractor:
        """As any module, but the frozen stem stays as it is."""
        super().requires_grad_(requires_grad)
        self.stem.requires_grad_(False)
        return self

    def train(self, mode: bool = True) -> AmortisedExtractor:
        """As any module, but the frozen stem stays as it is."""
        super().train(mode)
        self.stem.eval()
        return self

    def prepare(self, images: Tensor) -> Prepared:
        """Images as the tail takes them, once for every descriptor: resized, and through the frozen stem.

        Args:
            images: (N, 3, H, W), float, in [0, 1].

        Returns:
            On the model's device and of its type, without gradients.

        Raises:
            TypeError, ValueError: see :mod:`core.checks`.
        """
        where = next(self.hypernetwork.parameters())
        images = check_images(images)
        size = len(images) if not has_weights(self.stem) else AT_ONCE.get(where.device.type, 512)
        with torch.no_grad():
            pieces = [
                self.through_stem(to_size(piece.to(where.device, where.dtype), self.input_size))
                for piece in images.split(size)
            ]
        return pieces[0] if len(pieces) == 1 else joined(pieces)

    def through_stem(self, images: Tensor) -> Prepared:
        """As :meth:`prepare` for images (N, 3, S, S), all at once, without checks, keeping gradients."""
        return Prepared(parts_of(self.stem(images)), self.prepares)

    def weights(self, descriptor: Tensor) -> Weights:
        """Generate the weights of one tail; differentiable in ``descriptor`` (K,).

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

    def extract(self, prepared: Prepared, weights: Weights) -> Tensor:
        """Features (N, D) under generated weights, never of half precision; no checks, keeps gradients."""
        template = _template(self.backbone)
        return whole(functional_call(template, {**weights, **self._constants()}, prepared.parts, strict=True))

    def maps(self, prepared: Prepared, descriptor: DescriptorLike) -> dict[str, Tensor]:
        """The tail's activation maps by layer name, (N, C, H, W) each, without gradients."""
        with torch.inference_mode():
            return cast(Tail, self.tail_at(descriptor)).maps(*self._own(prepared).parts)

    def features(self, images: Tensor | Prepared, descriptor: DescriptorLike) -> Tensor:
        """Features under a descriptor, without gradients.

        Args:
            images: (N, 3, H, W), float, in [0, 1]; resized if they have not the backbone's size. Or what
                :meth:`prepare` has made of them.
            descriptor: K numbers in [0, 1], a :class:`~core.axes.descriptor.Descriptor` or its text.

        Returns:
            (N, D), where the images are, of the model's type: float32, or float64 after ``model.double()``.

        Raises:
            TypeError, ValueError: see :mod:`core.checks`; or they were prepared by another backbone.
        """
        return self.features_with(images, self.frozen_weights(descriptor))

    def features_with(self, images: Tensor | Prepared, weights: Weights) -> Tensor:
        """As :meth:`features`, with weights that are at hand already."""
        with torch.inference_mode():
            prepared = self._own(images) if isinstance(images, Prepared) else self.prepare(images)
            return self.extract(prepared, weights).to(images.device)

    @property
    def beside(self) -> Tensor | None:
        """Which features are the branch's, see :meth:`core.backbones.base.Backbone.beside`."""
        return self.backbone.beside(self._constants())

    def frozen_weights(self, descriptor: DescriptorLike) -> Weights:
        """Weights for a descriptor, without gradients; made anew each time, see :mod:`core.model.weight_cache`.

        Raises:
            ValueError: it is no descriptor of this model's axes.
        """
        point = self.point(descriptor)
        with torch.inference_mode(False), torch.no_grad():
            where = next(self.parameters())
            return self.weights(torch.tensor(point.values, dtype=where.dtype, device=where.device))

    def point(self, descriptor: DescriptorLike) -> Descriptor:
        """A descriptor of this model's axes from any form of it; ``ValueError`` if it is of others."""
        point = Descriptor.of(descriptor, self.transforms)
        if len(point) == len(self.transforms) and point.axes != self.transforms:
            theirs, ours = (", ".join(axis.name for axis in axes) for axes in (point.axes, self.transforms))
            raise ValueError(f"The descriptor is for other axes ({theirs}) than the model ({ours}). Make a new one.")
        return point

    def tail_at(self, descriptor: DescriptorLike) -> nn.Module:
        """The tail at a descriptor as a plain module with its own weights."""
        with torch.device("meta"):
            tail = self.backbone.tail()
        constants = {name: value.clone() for name, value in self._constants().items()}
        tail.load_state_dict({**self.frozen_weights(descriptor), **constants}, assign=True)
        return tail.eval().requires_grad_(False)

    def freeze(self, descriptor: DescriptorLike) -> Extractor:
        """The extractor at a descriptor as a plain module with its own weights, independent of this object."""
        return Extractor(self.backbone, copy.deepcopy(self.stem), self.tail_at(descriptor)).eval()

    def _constants(self) -> Weights:
        names = (name for name, _ in _template(self.backbone).named_buffers())
        return {name: self.constants.get_buffer(key_of(name)) for name in names}

    def _own(self, prepared: Prepared) -> Prepared:
        if prepared.by != self.prepares:
            raise ValueError(
                f"These images were prepared as {prepared.by}, and this model takes {self.prepares}. "
                "Prepare them with model.prepare(images)."
            )
        return prepared.to(next(self.hypernetwork.parameters()))


def _fingerprint(stem: nn.Module) -> int:
    """A number that tells stems apart by their weights; kept with them, so that rounding in a file does not matter."""
    total = hashlib.sha256()
    for name, value in stem.state_dict().items():
        total.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
    return int.from_bytes(total.digest()[:7], "big")


_own = threading.local()


def _template(backbone: Backbone) -> nn.Module:
    """A tail without weights, into which generated ones are put for a call; each thread has its own."""
    made: dict[Backbone, nn.Module] = _own.__dict__.setdefault("templates", {})
    if backbone not in made:
        with torch.device("meta"):
            made[backbone] = backbone.tail().eval()
    return made[backbone]


def to_size(images: Tensor, side: int) -> Tensor:
    """Resize (N, 3, H, W) to ``side`` pixels, anti-aliased; as they are if they have them already."""
    if images.shape[-2:] == (side, side):
        return images
    resized = F.interpolate(images, (side, side), mode="bilinear", antialias=True, align_corners=False)
    return resized.clamp(0, 1)
