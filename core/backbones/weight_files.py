"""Files of pretrained weights as others publish them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

VERSIONS = "_metadata"
"""Attribute of torch's state dictionaries: versions of the modules, by which they read what older ones have written."""
_NESTED = ("state_dict", "model")


def read_weights(path: Path) -> OrderedDict[str, Tensor]:
    """The tensors of a file, by name.

    Args:
        path: a safetensors file; or what ``torch.save`` writes, of which nothing is run: a mapping of names to
            tensors, or one under ``state_dict`` or ``model``. A prefix ``module.`` of all names is taken off.

    Returns:
        With the attribute :data:`VERSIONS`, ``None`` if the file has none.

    Raises:
        ValueError: there is none, it is damaged, or it holds something else.
    """
    if not path.is_file():
        raise ValueError(f"There is no file of weights at {path}. Give a .pth, .pt or .safetensors file.")
    try:
        found = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except Exception as error:  # a damaged pickle may fail in any way
        reason = (str(error).splitlines() or [""])[0].rstrip(". ") or type(error).__name__
        raise ValueError(
            f"{path} cannot be read as a file of weights ({reason}). It may be truncated; copy it again."
        ) from None
    for name in _NESTED:
        if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
            found = found[name]
    if not isinstance(found, Mapping):
        raise ValueError(f"{path} is not a file of weights: it holds {type(found).__name__}, not tensors by name.")
    tensors = {str(name): value.detach() for name, value in found.items() if isinstance(value, Tensor)}
    prefix = "module." if tensors and all(name.startswith("module.") for name in tensors) else ""
    named = OrderedDict((name.removeprefix(prefix), value) for name, value in tensors.items())
    setattr(named, VERSIONS, None if prefix else getattr(found, VERSIONS, None))
    return named
