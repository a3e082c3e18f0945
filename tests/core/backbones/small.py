"""A small EfficientNet-Lite0 for tests: the whole frozen network, and few generated weights."""

from __future__ import annotations

from core import Architecture
from core.backbones import EfficientNetLite0

SMALL = EfficientNetLite0(side=64, components=12, widths=(8, 8, 8, 8, 8, 8), pixels=4)
ARCHITECTURE = Architecture(SMALL, rank=4, hidden=8)
