"""The networks whose weights are generated, ignorant of hypernetworks. Imports nothing of this package.

:mod:`core.backbones.base` says what a backbone is, :mod:`core.backbones.compact` begins with random weights,
:mod:`core.backbones.efficientnet_lite0` is a pretrained network and a tail of its own, and
:mod:`core.backbones.torchvision_networks` cuts any network of torchvision in two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Backbone, Extractor, Initial, Prepared, joined
from .compact import Compact
from .efficientnet_lite0 import EfficientNetLite0
from .torchvision_networks import TorchvisionNetwork

BACKBONES: dict[str, type[Backbone]] = {
    "compact": Compact,
    "efficientnet_lite0": EfficientNetLite0,
    "torchvision": TorchvisionNetwork,
}
"""By the name that checkpoints carry; another one is an entry here."""

DEFAULT = EfficientNetLite0()


def backbone_of(document: Mapping[str, Any]) -> Backbone:
    """A backbone from its name and its fields.

    Raises:
        ValueError: no name, an unknown one, or fields that it does not have.
    """
    if not isinstance(document, Mapping):
        raise ValueError(
            f'A backbone is an object of its name and fields, such as {{"name": "compact"}}; got {document!r}.'
        )
    fields = dict(document)
    name = fields.pop("name", None)
    if name not in BACKBONES:
        raise ValueError(
            f"There is no backbone called {name!r} in this version. Known: {', '.join(BACKBONES)}. Name one of them."
        )
    try:
        return BACKBONES[name](**{key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()})
    except TypeError as error:
        raise ValueError(f"The backbone {name} cannot be made from {fields} ({error}).") from None


def backbone_named(text: str) -> Backbone:
    """A backbone from a person's choice: a name, or ``torchvision:`` and what
    :meth:`~core.backbones.torchvision_networks.TorchvisionNetwork.chosen` reads.

    Raises:
        ValueError: there is none of this name, or no such network.
    """
    name, colon, network = text.partition(":")
    if colon and name == "torchvision":
        return TorchvisionNetwork.chosen(network)
    if text not in BACKBONES:
        names = ", ".join(f"{each}:NETWORK" if each == "torchvision" else each for each in BACKBONES)
        raise ValueError(f"There is no backbone called {text!r}. Name one of {names}.")
    return BACKBONES[text]()


__all__ = [
    "BACKBONES",
    "DEFAULT",
    "Backbone",
    "Compact",
    "Extractor",
    "Initial",
    "Prepared",
    "backbone_named",
    "backbone_of",
    "joined",
]
