"""The backbone ``torchvision``: any classification network of torchvision, cut in two at a module."""

from __future__ import annotations

import copy
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, fx, nn

from .base import Backbone, Calibration, Initial, whole
from .torchvision_graphs import Cut, as_map, blank, cut, last_stage
from .weight_files import VERSIONS, read_weights

_WITH_RANDOM_START = ("googlenet", "inception_v3")
"""They warn unless they are told whether to begin with random weights."""
_OLD_NAMES = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))")
"""Of the published densenets, from before names could not hold dots."""


@dataclass(frozen=True)
class TorchvisionNetwork:
    """Its numbers; see :class:`core.backbones.base.Backbone`.

    The stem is the whole pretrained network: it gives what crosses the cut, and the pooled features, which are the
    pretrained network's own. The tail begins as the rest of the same network, and a linear layer.

    Attributes:
        network: its name in torchvision, such as ``resnet18``.
        split: path of the module whose first operation begins the tail, such as ``layer4`` or ``features.12``;
            empty: where the last stage begins, or the last block of a network without stages. Kept in full.
        side: pixels of a side of the images.
        features: D, the length of a feature vector.
    """

    name: str = field(default="torchvision", init=False)
    network: str = "resnet18"
    split: str = ""
    side: int = 96
    features: int = 256

    def __post_init__(self) -> None:
        if self.network not in known():
            near = get_close_matches(str(self.network), known(), 5, 0) or known()[:5]
            raise ValueError(
                f"torchvision has no classification network called {self.network!r}. It has {len(known())} others, "
                f"such as {', '.join(near)}. Name one of them."
            )
        numbers = (self.side, self.features)
        if not isinstance(self.split, str) or not all(isinstance(n, int) and n > 0 for n in numbers):
            raise ValueError(
                f"The backbone {self.name} needs a positive side, a positive feature size and the name of a module; "
                f"got {self}."
            )
        if not self.split:
            object.__setattr__(self, "split", last_stage(self.network, _make(self.network)))
        self._cut  # noqa: B018, raises what is wrong with it

    @classmethod
    def chosen(cls, text: str) -> TorchvisionNetwork:
        """From a person's choice: ``NETWORK``, ``NETWORK@MODULE``, or either with ``:SIDE`` in the end.

        Raises:
            ValueError: see the class.
        """
        found = re.fullmatch(r"([^@:]+)(?:@([^@:]+))?(?::(\d+))?", text)
        if found is None:
            raise ValueError(
                f"torchvision:{text} names no network. Write torchvision:NETWORK, torchvision:NETWORK@MODULE, "
                "or either with :SIDE in the end, such as torchvision:resnet18@layer4:128."
            )
        network, split, side = found.groups()
        return cls(network, split or "") if side is None else cls(network, split or "", int(side))

    @property
    def _cut(self) -> Cut:
        return cut(self.network, _make(self.network), self.split, self.side)

    @property
    def input_size(self) -> int:
        """Pixels of a side."""
        return self.side

    @property
    def layers(self) -> tuple[str, ...]:
        """Modules of the tail that give maps, from the picture to the features."""
        return tuple(name for name, _ in self._cut.maps)

    def stem(self) -> nn.Module:
        """The whole network."""
        return Stem(self._cut.stem(_make(self.network)()), *_scaling(self.network))

    def tail(self) -> nn.Module:
        """What comes after the cut, and a linear layer."""
        if torch.get_default_device().type == "meta":
            return copy.deepcopy(_blank_tail(self))
        return self._tail(_make(self.network)())

    def _tail(self, network: nn.Module) -> Tail:
        return Tail(self._cut.tail(network), self.layers, self._cut.width, self.features)

    def initial(self, weights: Path | None = None) -> Initial:
        """Pretrained weights, and a linear layer that turns the pooled features.

        Its rows are random and orthogonal: each feature mixes all pooled ones, so that distances between pictures
        survive the shorter vector. Keeping the first D pooled features would lose the others for good.

        Args:
            weights: file of the network's weights; default: torchvision's, fetched unless it has them already.

        Raises:
            ValueError: they cannot be read or fetched, or are of another network.
        """
        network = _make(self.network)()
        tail = self._tail(network)
        stem = Stem(self._cut.stem(network), *_scaling(self.network))
        needed = {*stem.network.state_dict(), *tail.body.state_dict()} & network.state_dict().keys()
        _load(network, self.network, needed, weights)  # stem and tail hold the same tensors
        nn.init.orthogonal_(tail.head.weight, generator=torch.Generator().manual_seed(0))
        nn.init.zeros_(tail.head.bias)
        return Initial(stem.state_dict(), tail.state_dict())

    @property
    def branches(self) -> dict[str, Backbone]:
        """None."""
        return {}

    def calibrate(self, parts: tuple[Tensor, ...], moved: Iterable[tuple[Tensor, ...]] = ()) -> Calibration:
        """Mean and spread of the pooled features; they are taken off before the linear layer.

        Raises:
            ValueError: fewer than two images.
        """
        pooled = parts[-1]
        if len(pooled) < 2:
            raise ValueError(f"A spread of features needs at least two images; got {len(pooled)}. Add images.")
        variance = pooled.double().var(0)
        # With a ridge: features that the network hardly uses are not made as loud as the others.
        spread = (variance + variance.mean()).clamp(min=1e-12).sqrt()
        return Calibration({"centre": pooled.double().mean(0).float(), "spread": spread.float()})

    def frozen(self, *parts: Tensor) -> Tensor:
        """The network's own pooled features (N, P)."""
        return parts[-1]

    def content(self, *parts: Tensor) -> Tensor:
        """The same."""
        return parts[-1]

    def beside(self, buffers: Mapping[str, Tensor]) -> None:
        """None."""


class Stem(nn.Module):
    """(N, 3, S, S) in [0, 1] -> what crosses the cut, (N, ...) each, and the pooled features (N, P)."""

    mean: Tensor
    spread: Tensor

    def __init__(self, network: fx.GraphModule, mean: tuple[float, ...], spread: tuple[float, ...]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("spread", torch.tensor(spread)[:, None, None])

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        *crossing, last = self.network((images - self.mean) / self.spread)
        return (*crossing, _vector(last))


class Tail(nn.Module):
    """What a :class:`Stem` gives -> features (N, D); the pooled features of the frozen network are not used."""

    centre: Tensor
    spread: Tensor

    def __init__(self, body: fx.GraphModule, layers: tuple[str, ...], width: int, features: int) -> None:
        super().__init__()
        self.body = body
        self.layers = layers
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.head = nn.Linear(width, features)

    def forward(self, *parts: Tensor) -> Tensor:
        return whole(self.head((self.pooled(*parts) - self.centre) / self.spread))

    def pooled(self, *parts: Tensor) -> Tensor:
        """What the linear layer reads, (N, P); under the pretrained weights the network's own pooled features."""
        return _vector(self.body(*parts[:-1])[0])

    def maps(self, *parts: Tensor) -> dict[str, Tensor]:
        """Activation maps by module, (N, C, H, W) each; tokens of a transformer in their places."""
        return dict(zip(self.layers, map(as_map, self.body(*parts[:-1])[1:]), strict=True))


def _vector(read: Tensor) -> Tensor:
    """(N, P): the average over the grid, where a network's last layer is a convolution."""
    return read.mean((2, 3)) if read.ndim == 4 else read


def _models() -> Any:
    """torchvision's, imported where they are needed: they take more than a second."""
    from torchvision import models

    return models


@lru_cache(maxsize=1)
def known() -> tuple[str, ...]:
    """Names of torchvision's classification networks."""
    return tuple(_models().list_models(module=_models()))


@lru_cache
def _make(name: str) -> Callable[[], nn.Module]:
    start: dict[str, Any] = {"init_weights": True} if name in _WITH_RANDOM_START else {}
    return partial(_models().get_model, name, weights=None, **start)


@lru_cache(maxsize=16)
def _blank_tail(backbone: TorchvisionNetwork) -> Tail:
    with torch.device("meta"):
        return backbone._tail(blank(_make(backbone.network)))


def _scaling(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and spread by which pixels are scaled for the published weights."""
    preset = _models().get_model_weights(name).DEFAULT.transforms()
    return tuple(preset.mean), tuple(preset.std)


def _load(network: nn.Module, name: str, needed: set[str], path: Path | None) -> None:
    stored = _fetched(name) if path is None else read_weights(path)
    own = network.state_dict()
    fitting = OrderedDict[str, Tensor]()
    for key, value in stored.items():
        key = _OLD_NAMES.sub(r"\1\2", key) if name.startswith("densenet") else key
        if key in needed or key not in own or own[key].shape == value.shape:
            fitting[key] = value  # the last layer may be for other classes; it is not used
    today = getattr(own, VERSIONS) if name.startswith("mnasnet") else None  # it reads nothing without a version
    setattr(fitting, VERSIONS, getattr(stored, VERSIONS, None) or today)
    try:
        missing = sorted(needed & set(network.load_state_dict(fitting, strict=False).missing_keys))
        problem = f"{missing[0]} and {len(missing) - 1} more are missing" if missing else ""
    except RuntimeError as error:
        problem = str(error).splitlines()[-1].strip().rstrip(".")
    if problem:
        where = f"The weights in {path}" if path else "The fetched weights"
        raise ValueError(f"{where} are not those of torchvision's {name}: {problem}. Give the file of this network.")


def _fetched(name: str) -> Mapping[str, Tensor]:
    published = _models().get_model_weights(name).DEFAULT
    try:
        return published.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        reason = str(getattr(error, "reason", error)).splitlines()[0].rstrip(".")
        raise ValueError(
            f"The weights of {name} cannot be fetched ({reason}). Where there is a network, torchvision fetches "
            f"{Path(published.url).name}; give that file with --weights."
        ) from None
