"""A descriptor as an augmentation policy: the same wish, written for networks that are trained from scratch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .descriptor import Descriptor
from .transforms import Axis

_WORTH_IT = 0.05

# An ignored share i of a range becomes random changes over that share, about no change.
_LINES: dict[str, Callable[[Axis, float], str]] = {
    "rotation": lambda a, i: f"v2.RandomRotation({_most(a) * i:.1f})",
    "translation": lambda a, i: f"v2.RandomAffine(0, translate=({_most(a) * i / 100:.3f}, 0))",
    "scale": lambda a, i: f"v2.RandomAffine(0, scale=({2 ** (a.low * i):.3f}, {2 ** (a.high * i):.3f}))",
    "hue": lambda a, i: f"v2.ColorJitter(hue={min(_most(a) * i / 360, 0.5):.3f})",
    "brightness": lambda a, i: f"v2.ColorJitter(brightness=({2 ** (a.low * i):.3f}, {2 ** (a.high * i):.3f}))",
    "blur": lambda a, i: f"v2.GaussianBlur(2 * (SIZE // 8) + 1, (0.01, {a.high * i / 100:.4f} * SIZE))",
}


def policy_code(descriptor: Sequence[float], axes: Sequence[Axis]) -> str:
    """Python source that builds ``augment``, a torchvision transform for tensors; kept axes are left alone.

    Args:
        descriptor: K coordinates in [0, 1].
        axes: K axes; one without a counterpart in torchvision becomes a comment.
    """
    point = Descriptor.of(tuple(descriptor), tuple(axes))
    lines = ["import torch", "from torchvision.transforms import v2", "", "SIZE = 224  # pixels of your images", ""]
    lines.append(f"# {point}")
    lines.append("augment = v2.Compose([")
    for axis, value in zip(axes, point, strict=True):
        if value < _WORTH_IT:
            continue
        line = _LINES.get(axis.name)
        lines.append(f"    {line(axis, value)}," if line else f"    # {axis.name}: no counterpart in torchvision")
    lines += ["    v2.ToDtype(torch.float32, scale=True),", "])"]
    return "\n".join(lines) + "\n"


def _most(axis: Axis) -> float:
    return max(abs(axis.low), abs(axis.high))
