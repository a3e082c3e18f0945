"""The networks whose weights are generated, ignorant of hypernetworks. Imports nothing of this package.

:mod:`core.backbones.base` says what a backbone is, :mod:`core.backbones.compact` is the one that is shipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Backbone, Extractor, Initial, Prepared, joined
from .compact import Compact
from .efficientnet_lite0 import EfficientNetLite0

BACKBONES: dict[str, type[Backbone]] = {"compact": Compact, "efficientnet_lite0": EfficientNetLite0}
"""By the name that checkpoints carry; another one is an entry here."""

DEFAULT = Compact()


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


__all__ = ["BACKBONES", "DEFAULT", "Backbone", "Compact", "Extractor", "Initial", "Prepared", "backbone_of", "joined"]
