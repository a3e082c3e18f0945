"""Checkpoints: safetensors with JSON metadata, never pickles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ..assets import asset
from ..axes.transforms import AXES, Axis
from ..backbones import Backbone, Compact, Extractor, backbone_of
from ..files import whole
from ..version import SCRIPT
from .amortised import AmortisedExtractor
from .architecture import Architecture

SHIPPED = asset("hypernetwork.safetensors")
PLAIN, AUGSELF = asset("plain.safetensors"), asset("augself.safetensors")
FORMAT = "hyperinvariances/2"
PLAIN_FORMAT = "hyperinvariances-plain/2"
_OLDER, _OLDER_PLAIN = "hyperinvariances/1", "hyperinvariances-plain/1"  # from before there were backbones


def save_checkpoint(model: AmortisedExtractor, path: Path, metadata: Mapping[str, Any]) -> None:
    """Write a model with its axes, architecture and ``metadata`` (recipe, data, seed, date, metrics).

    Weights are stored as float16, which halves the size; evaluations measure the rounded weights.
    The file appears whole or not at all.

    Raises:
        ValueError: a weight does not fit float16, the metadata cannot be written as JSON, or see
            :func:`core.files.whole`.
    """
    tensors = _halved(model)
    header = {
        **metadata,
        "format": FORMAT,
        "axes": axes_document(model.transforms),
        "architecture": asdict(cast(Any, model.architecture)),
    }
    try:
        text = json.dumps(header)
    except TypeError as error:
        raise ValueError(f"The metadata cannot be written as JSON: {error}.") from None
    with whole(path) as partial:
        save_file(tensors, partial, {"format": FORMAT, "hyperinvariances": text})


def load_checkpoint(path: str | Path | None = None) -> AmortisedExtractor:
    """Load an amortised extractor, ready for use: no gradients, metadata attached.

    Args:
        path: a checkpoint file; default: the one in ``assets/``.

    Returns:
        The model; ``model.metadata["digest"]`` identifies its weights.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is truncated, foreign, of another version, or has axes this program lacks.
    """
    path = Path(path or SHIPPED)
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint at {path}. Give the path of a .safetensors file.")
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {}).get("hyperinvariances", "null"))
            tensors = {name: _doubled(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118, not a dict
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path} is not a whole safetensors file ({error}). It may be truncated; copy it again."
        ) from None
    if not isinstance(header, dict) or header.get("format") not in (FORMAT, _OLDER):
        raise ValueError(
            f"{path} is not a HyperInvariances checkpoint of format {FORMAT}. Make one with '{SCRIPT} pretrain'."
        )
    try:
        axes, architecture = known_axes(header["axes"]), _architecture(header["architecture"])
        model = AmortisedExtractor(architecture, axes, header, empty=True)
        model.load_state_dict(tensors)
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} does not fit the architecture it names ({error}). Make the file anew.") from None
    model.metadata["digest"] = digest(model)
    return model.eval().requires_grad_(False)


def save_plain(extractor: Extractor, path: Path, metadata: Mapping[str, Any]) -> None:
    """Write an extractor that has no hypernetwork, as float16, with its backbone and ``metadata``."""
    header = {**metadata, "format": PLAIN_FORMAT, "backbone": asdict(cast(Any, extractor.backbone))}
    with whole(path) as partial:
        save_file(_halved(extractor), partial, {"hyperinvariances": json.dumps(header)})


def load_plain(path: str | Path | None = None, backbone: Backbone | None = None) -> Extractor:
    """Load an extractor written by :func:`save_plain`.

    Args:
        path: of the file; default: the one in ``assets/``.
        backbone: that it must have; default: whatever it has.

    Raises:
        FileNotFoundError: there is none.
        ValueError: the file is damaged or foreign, or has another backbone.
    """
    path = Path(path or PLAIN)
    if not path.is_file():
        how = "pretrain-plain" + (" --augself 1" if path == AUGSELF else "")
        raise FileNotFoundError(f"There is no plain extractor at {path}. Make one with '{SCRIPT} {how}'.")
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {})["hyperinvariances"])
            tensors = {name: _doubled(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118, not a dict
        extractor = Extractor(_plain_backbone(header))
        if header["format"] == _OLDER_PLAIN:
            tensors = {f"tail.{name}": value for name, value in tensors.items()}
        extractor.load_state_dict(tensors)
    except (SafetensorError, OSError, json.JSONDecodeError, KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} is not a whole plain extractor ({error}). Make it anew.") from None
    if backbone is not None and extractor.backbone != backbone:
        raise ValueError(f"{path} has the backbone {extractor.backbone}, not {backbone}. Make one with it.")
    return extractor.eval().requires_grad_(False)


def _plain_backbone(header: dict[str, Any]) -> Backbone:
    if header["format"] == _OLDER_PLAIN:
        return Compact(header["architecture"]["widths"], header["architecture"]["features"])
    if header["format"] != PLAIN_FORMAT:
        raise KeyError(header["format"])
    return backbone_of(header["backbone"])


def _halved(module: nn.Module) -> dict[str, Tensor]:
    """All tensors of a module as they are stored (a model's: stem, constants of the tail, hypernetwork).

    Counters stay whole numbers.

    Raises:
        ValueError: one does not fit float16.
    """
    stored = {name: value.detach().contiguous().cpu() for name, value in module.state_dict().items()}
    halves = {name: value.half() if value.is_floating_point() else value for name, value in stored.items()}
    if not all(bool(torch.isfinite(value).all()) for value in halves.values()):
        raise ValueError("A weight is infinite or too large for float16; the model has diverged and was not saved.")
    return halves


def _doubled(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def digest(model: AmortisedExtractor) -> str:
    """Twelve hexadecimal digits that identify a model's weights, whatever its metadata says."""
    total = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        total.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
    return total.hexdigest()[:12]


def _architecture(document: dict[str, Any]) -> Architecture:
    try:
        return Architecture.of(document)
    except ValueError as error:
        raise TypeError(str(error).rstrip(".")) from None


def axes_document(axes: tuple[Axis, ...]) -> list[dict[str, Any]]:
    """Axes for JSON: their names and ranges."""
    return [{"name": axis.name, "unit": axis.unit, "low": axis.low, "high": axis.high} for axis in axes]


def known_axes(stored: list[dict[str, Any]]) -> tuple[Axis, ...]:
    """Axes of this version from what :func:`axes_document` has written.

    Raises:
        ValueError: one that this version lacks, or has with another range.
    """
    known = {axis.name: axis for axis in AXES}
    unknown = [entry["name"] for entry in stored if entry["name"] not in known]
    if unknown:
        raise ValueError(
            f"The checkpoint was trained on axes this version lacks: {', '.join(unknown)}. "
            "Add them to core/axes/transforms.py."
        )
    axes = tuple(known[entry["name"]] for entry in stored)
    for axis, entry in zip(axes, stored, strict=True):
        if (axis.low, axis.high) != (entry["low"], entry["high"]):
            raise ValueError(
                f"The checkpoint was trained with {axis.name} from {entry['low']} to {entry['high']} {axis.unit}, "
                f"and this version has {axis.low} to {axis.high}. Use the version that made it."
            )
    return axes
