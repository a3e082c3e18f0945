"""Networks with a linear head, and averaged over transformations of learned width."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor, nn

from ..axes.transforms import Axis, compose
from ..backbones.base import whole


def _alike(features: Tensor) -> Tensor:
    return features


class Classifier(nn.Module):
    """A network with a linear head.

    Args:
        extractor: images, or what a stem has made of them -> (N, features).
        features, outputs: lengths.
        weighed: features (N, features) as a ridge head reads them, see :func:`core.adaptation.reading.weighed`.
    """

    def __init__(
        self, extractor: nn.Module, features: int, outputs: int, weighed: Callable[[Tensor], Tensor] = _alike
    ) -> None:
        super().__init__()
        self.extractor, self.weighed = extractor, weighed
        self.head = nn.Linear(features, outputs)

    def features(self, *parts: Tensor) -> Tensor:
        """What the head reads, (N, features)."""
        return whole(self.extractor(*parts))

    def forward(self, *parts: Tensor) -> Tensor:
        """(N, ...) -> (N, outputs)."""
        return self.head(self.features(*parts))

    def reward(self) -> Tensor | None:
        """What is added to the objective: nothing."""
        return None


class Augerino(nn.Module):
    """Average a network over copies moved by learned widths (Benton et al., NeurIPS 2020, Section 3).

    Width k, between 0 and 1, is the share of axis k's range from which magnitudes are drawn uniformly;
    it is learned by gradients through the transformations, with a reward for being wide.

    Args:
        network: what is averaged.
        axes: the transformations.
        copies: J.
    """

    def __init__(self, network: Classifier, axes: tuple[Axis, ...], copies: int = 4) -> None:
        super().__init__()
        self.network, self.axes, self.copies = network, axes, copies
        self.width = nn.Parameter(torch.full((len(axes),), -2.0))
        self.generator = Generator().manual_seed(0)

    @property
    def head(self) -> nn.Linear:
        """The last layer."""
        return self.network.head

    def weighed(self, features: Tensor) -> Tensor:
        """Features as a ridge head reads them."""
        return self.network.weighed(features)

    def features(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) -> (N, features), averaged over the copies."""
        return self._averaged(images, self.network.features)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) -> (N, outputs), averaged over the copies."""
        return self._averaged(images, self.network)

    def reward(self) -> Tensor:
        """Length of the widths, times the weight that the authors use."""
        return 0.01 * self.width.sigmoid().norm()

    def _averaged(self, images: Tensor, of: Callable[[Tensor], Tensor]) -> Tensor:
        many = images.repeat(self.copies, 1, 1, 1)
        magnitudes = self.width.sigmoid() * anywhere(many, self.axes, self.generator)
        return of(compose(many, magnitudes, self.axes)).view(self.copies, len(images), -1).mean(0)


def anywhere(images: Tensor, axes: tuple[Axis, ...], generator: Generator) -> Tensor:
    """Magnitudes (N, K), uniform over every axis' range; where the images are."""
    place = torch.rand(len(images), len(axes), generator=generator)
    low, high = (torch.tensor([getattr(axis, end) for axis in axes]) for end in ("low", "high"))
    return (low + (high - low) * place).to(images.device)
