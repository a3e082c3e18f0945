"""A descriptor as an augmentation policy: the same wish, written for networks that are trained from scratch."""

from __future__ import annotations

from collections.abc import Sequence

from .descriptor import Descriptor
from .transforms import Axis

_WORTH_IT = 0.05


def policy_code(shares: Sequence[float], axes: Sequence[Axis], reasons: Sequence[str] = ()) -> str:
    """Python source that builds ``augment``, a torchvision transform for tensors; kept axes are left alone.

    Args:
        shares: K numbers in [0, 1]: how much of each axis' range is ignored, as in a descriptor.
        axes: K axes; one without a counterpart in torchvision becomes a comment.
        reasons: K comments, why an axis is left alone or cut short; "" for none.
    """
    point = Descriptor.of(tuple(shares), tuple(axes))
    lines = ["import torch", "from torchvision.transforms import v2", "", "SIZE = 224  # pixels of your images", ""]
    lines.append("augment = v2.Compose([")
    for axis, value, reason in zip(axes, point, reasons or [""] * len(axes), strict=True):
        because = f": {reason}" if reason else ""
        if value < _WORTH_IT:
            lines.append(f"    # {axis.name} is left alone{because}")
            continue
        line = axis.augmentation.format_map(_ranges(axis, value))
        said = f"  # {axis.name}, {value:.0%} of its range{because}"
        lines.append(f"    {line},{said}" if line else f"    # {axis.name}: no counterpart in torchvision")
    lines += ["    v2.ToDtype(torch.float32, scale=True),", "])"]
    return "\n".join(lines) + "\n"


def _ranges(axis: Axis, ignored: float) -> dict[str, float]:
    """An ignored share of a range as random changes over that share, about no change.

    Returns:
        ``most``, the largest change in the axis' unit; the same as ``fraction`` if that unit is per cent, as part of
        a ``turn`` if it is degrees, and as ``least_factor`` and ``most_factor`` if it is octaves or stops.
    """
    most = max(abs(axis.low), abs(axis.high)) * ignored
    return {
        "most": most,
        "fraction": most / 100,
        "turn": min(most / 360, 0.5),
        "least_factor": 2 ** (axis.low * ignored),
        "most_factor": 2 ** (axis.high * ignored),
    }
