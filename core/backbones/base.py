"""What a backbone is: a frozen stem, the tail whose weights are generated, and the names and sizes of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Initial:
    """``stem``: its whole state. ``tail``: the parameters that generation starts from, and all buffers."""

    stem: Mapping[str, Tensor]
    tail: Mapping[str, Tensor]


@dataclass(frozen=True)
class Calibration:
    """``buffers``: of the tail. ``shutting``: by the name of a generated vector, (K, size), what it goes down by as a
    coordinate goes from 0 to 1, see :meth:`core.model.hypernetwork.Hypernetwork.shut`."""

    buffers: Mapping[str, Tensor] = field(default_factory=dict)
    shutting: Mapping[str, Tensor] = field(default_factory=dict)


class Tail(Protocol):
    """The network whose weights a hypernetwork generates."""

    def __call__(self, *parts: Tensor) -> Tensor:
        """What the stem gives, (N, ...) each -> features (N, D)."""

    def maps(self, *parts: Tensor) -> dict[str, Tensor]:
        """Activation maps by layer name, (N, C, H, W) each, in the order of :attr:`Backbone.layers`."""


class Backbone(Protocol):
    """A network in two parts, as a frozen dataclass of the numbers that fix its shapes.

    A checkpoint names it and keeps its fields, so they are what JSON can hold, and hashable. ``stem`` and ``tail`` are
    called anew for every model, also for one whose weights are read from a file: they make the modules and ask for
    nothing else. A stem is never trained and is the same for every descriptor; what brings pixels in [0, 1] to the
    range that its weights were trained on belongs into it.

    Attributes:
        name: under which it is registered in :data:`core.backbones.BACKBONES`; a field that no caller sets.
        input_size: S, pixels of a side of the images.
        layers: names of the tail's maps, from the picture to the features.
        features: D.
        branches: parts of the tail that are backbones of their own and can be trained alone first, by the name of
            the module in the tail.
    """

    @property
    def name(self) -> str: ...
    @property
    def input_size(self) -> int: ...
    @property
    def layers(self) -> tuple[str, ...]: ...
    @property
    def features(self) -> int: ...
    @property
    def branches(self) -> Mapping[str, Backbone]: ...

    def stem(self) -> nn.Module:
        """(N, 3, S, S) in [0, 1] -> one tensor (N, ...) or a tuple of them; :class:`Empty` passes the images on."""

    def tail(self) -> nn.Module:
        """A :class:`Tail`; may be made on the device "meta", where only its shapes matter."""

    def initial(self, weights: Path | None = None) -> Initial | None:
        """Weights for a new model, such as pretrained ones. ``None``: the stem as it is made, generation at random.

        Args:
            weights: file of pretrained weights; default: where the backbone itself looks for them.

        Raises:
            ValueError: they cannot be had, or are of another network.

        At random, vectors are generated around 0 (see :class:`core.model.hypernetwork.Hypernetwork`): a scale that
        should start at 1 has to be stored as a difference from 1, as :class:`core.backbones.compact.Norm` does.
        """

    def calibrate(self, parts: tuple[Tensor, ...], moved: Iterable[tuple[Tensor, ...]] = ()) -> Calibration:
        """What fits the tail to what the stem gives, measured once.

        Args:
            parts: of N images, (N, ...) each.
            moved: of the same images moved along one axis alone, (N J, ...) each, J >= 2 times in a row, for each
                axis in turn; none where there is no descriptor. Costly: read it only where it is needed.

        Raises:
            ValueError: too few images.
        """

    def frozen(self, *parts: Tensor) -> Tensor | None:
        """The pretrained network's own features (N, P), from what the stem gives; ``None``: there is no such one."""

    def content(self, *parts: Tensor) -> Tensor | None:
        """All that the pretrained network tells of pictures and features should go on telling, (N, Q), in any units;
        ``None``: there is no such network."""

    def beside(self, buffers: Mapping[str, Tensor]) -> Tensor | None:
        """Which features are of a network beside the pretrained one: orthonormal directions (D, P); ``None``: none.

        Args:
            buffers: the tail's.
        """


class Empty(nn.Module):
    """The stem that does nothing: the tail sees the pixels."""

    def forward(self, images: Tensor) -> Tensor:
        """The images themselves, as processors convolve them fastest."""
        return images.contiguous(memory_format=torch.channels_last)


class Normalisation(nn.Module):
    """Base class of normalisation layers that are not torch's own, so that they are found as such."""


def has_weights(module: nn.Module) -> bool:
    """Whether a module has parameters, as a pretrained stem has and an empty one has not."""
    return next(module.parameters(), None) is not None


NORMALISATIONS = (nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, nn.modules.batchnorm._NormBase, Normalisation)


def normalisation_parameters(network: nn.Module) -> tuple[str, ...]:
    """Names of the parameters of all normalisation layers of a network."""
    return tuple(
        f"{where}.{name}" if where else name
        for where, module in network.named_modules()
        if isinstance(module, NORMALISATIONS)
        for name, _ in module.named_parameters(recurse=False)
    )


@dataclass(frozen=True)
class Prepared:
    """N images as a tail takes them: what does not depend on the descriptor is done.

    Attributes:
        parts: one tensor or several, (N, ...) each.
        by: which stem made them, see :attr:`core.model.amortised.AmortisedExtractor.prepares`; no other may use them.
    """

    parts: tuple[Tensor, ...]
    by: str

    def __len__(self) -> int:
        return len(self.parts[0])

    def __getitem__(self, rows: Tensor | slice) -> Prepared:
        """Some of the images."""
        return Prepared(tuple(part[rows] for part in self.parts), self.by)

    def split(self, sizes: int | Sequence[int]) -> list[Prepared]:
        """Pieces of a size, or of several sizes, as :meth:`torch.Tensor.split` makes them."""
        pieces = zip(*(part.split(cast(Any, sizes)) for part in self.parts), strict=True)
        return [Prepared(tuple(piece), self.by) for piece in pieces]

    def to(self, like: Tensor) -> Prepared:
        """With the type and on the device of a tensor."""
        return Prepared(tuple(part.to(like.device, like.dtype) for part in self.parts), self.by)

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self.parts[0].device


def joined(pieces: Sequence[Prepared]) -> Prepared:
    """Several pieces of one backbone, one after the other."""
    parts = zip(*(piece.parts for piece in pieces), strict=True)
    return Prepared(tuple(torch.cat(part) for part in parts), pieces[0].by)


class Extractor(nn.Module):
    """Stem and tail as an ordinary module with weights of its own, ignorant of hypernetworks.

    Args:
        backbone: what it is.
        stem, tail: its parts with their weights; default: new ones at their random start.
    """

    def __init__(self, backbone: Backbone, stem: nn.Module | None = None, tail: nn.Module | None = None) -> None:
        super().__init__()
        self.backbone = backbone
        self.stem = backbone.stem() if stem is None else stem
        self.tail = backbone.tail() if tail is None else tail

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) in [0, 1] -> features (N, D), never of half precision."""
        return whole(self.tail(*parts_of(self.stem(images))))

    @property
    def beside(self) -> Tensor | None:
        """See :meth:`Backbone.beside`."""
        return self.backbone.beside(dict(self.tail.named_buffers()))

    def maps(self, images: Tensor) -> dict[str, Tensor]:
        """The tail's activation maps by layer name, (N, C, H, W) each."""
        return cast(Tail, self.tail).maps(*parts_of(self.stem(images)))


def parts_of(stemmed: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What a stem gives, as a tuple even where it is one tensor."""
    return stemmed if isinstance(stemmed, tuple) else (stemmed,)


def whole(features: Tensor) -> Tensor:
    """Features of mixed precision as float32; float64 stays."""
    return features if features.dtype == torch.float64 else features.float()
