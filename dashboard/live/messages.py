"""What the scripts in the browser are told of a reading: lists and numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.inspect import grid
from core.inspect.scene import Reading, Scene


def as_json(scene: Scene, reading: Reading) -> dict[str, Any]:
    """What the components in the browser draw of a reading; lists and numbers only."""
    return {
        "movement": np.round(reading.movement, 4).tolist(),
        "similarity": np.round(reading.similarity[scene.number, :: grid.STRIDE], 4).tolist(),
        "order": reading.ranking.order.tolist(),
        "near": np.round(reading.ranking.similarity, 4).tolist(),
        "muted": reading.ground.collapsed,
    }


def bands_json(bands: Sequence[np.ndarray | None], waiting: str) -> dict[str, Any]:
    """As :func:`as_json`, of bands; ``None`` for those that are not there yet, and how far they are."""
    rounded = [None if band is None else np.round(band, 4).tolist() for band in bands]
    low, high = ([None if band is None else band[end] for band in rounded] for end in (0, 1))
    return {"low": low, "high": high, "waiting": waiting}
