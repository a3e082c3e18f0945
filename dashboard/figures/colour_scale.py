"""The colour scale for amounts: even in lightness, colour-blind safe, without the colours of A and B."""

from __future__ import annotations

import numpy as np
from plotly.colors import sample_colorscale

_FROM, _TO = 0.22, 0.9  # of Magma: its ends would vanish on a dark and on a white page
STEPS = [(n / 10, sample_colorscale("Magma", _FROM + (_TO - _FROM) * n / 10)[0]) for n in range(11)]


def coloured(values: np.ndarray, low: float, high: float) -> list[str]:
    """One colour per value; beyond the ends as at the ends.

    Args:
        values: (M,)
        low, high: ends of the scale.
    """
    share = np.clip((np.nan_to_num(values, nan=low) - low) / max(high - low, 1e-9), 0, 1)
    return sample_colorscale("Magma", _FROM + (_TO - _FROM) * share)
