"""Everything that fixes the shapes of a model: its backbone, and the size of what generates the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..backbones import DEFAULT, Backbone, Compact, backbone_of


@dataclass(frozen=True)
class Architecture:
    """Backbone and hypernetwork.

    Attributes:
        backbone: the network whose weights are generated.
        rank, hidden: see :class:`core.model.hypernetwork.Hypernetwork`.
    """

    backbone: Backbone = DEFAULT
    rank: int = 48
    hidden: int = 128

    def __post_init__(self) -> None:
        if not (isinstance(self.rank, int) and isinstance(self.hidden, int)) or self.rank < 0 or self.hidden < 1:
            raise ValueError(f"An architecture needs a rank of at least 0 and a positive hidden size; got {self}.")

    @property
    def features(self) -> int:
        """D."""
        return self.backbone.features

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Architecture:
        """From JSON, of today or from before there were backbones, when all were ``compact``.

        Raises:
            ValueError: an unknown backbone, or fields that do not fit.
        """
        fields = dict(document)
        try:
            if "backbone" in fields:
                return cls(backbone_of(fields.pop("backbone")), **fields)
            return cls(Compact(fields.pop("widths"), fields.pop("features")), **fields)
        except (KeyError, TypeError) as error:
            raise ValueError(f"An architecture cannot be read from {dict(document)} ({error}).") from None
