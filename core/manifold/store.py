"""Maps as files: safetensors with JSON, bound to the checkpoint whose extractors they show."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ..assets import asset
from ..files import whole
from ..version import SCRIPT
from .map import ExtractorMap, Settings
from .projections import Layout
from .quality import Quality

SHIPPED = asset("manifold.safetensors")
FORMAT = "hyperinvariances-manifold/1"
_TABLES = ("points", "edges", "sensitivity", "explained")


def save_map(mapped: ExtractorMap, path: Path) -> None:
    """Write a map; the file appears whole or not at all."""
    tables = {name: getattr(mapped, name) for name in _TABLES}
    tables |= {
        f"layout{number}": np.ascontiguousarray(layout.positions) for number, layout in enumerate(mapped.layouts)
    }
    header = {
        "checkpoint": mapped.checkpoint,
        "axes": mapped.axes,
        "settings": asdict(mapped.settings),
        "layouts": [{"method": e.method, "seed": e.seed, "trust": e.trust.as_dict()} for e in mapped.layouts],
        "seconds": dict(mapped.seconds),
        "date": mapped.date or date.today().isoformat(),
    }
    with whole(path) as partial:
        save_file(tables, partial, {"format": FORMAT, "manifold": json.dumps(header)})


def load_map(checkpoint: str, path: Path | None = None) -> ExtractorMap:
    """Read the map of a checkpoint.

    Args:
        checkpoint: digest of the model that is in use.
        path: default: the map in ``assets/``.

    Raises:
        FileNotFoundError: there is no map.
        ValueError: it is damaged, foreign, or shows the extractors of another checkpoint.
    """
    path = path or SHIPPED
    if not path.is_file():
        raise FileNotFoundError(f"There is no map at {path.name}. Make it with '{SCRIPT} manifold'.")
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise ValueError(f"{path.name} is not a map of format {FORMAT}. Make it anew with '{SCRIPT} manifold'.")
            header = json.loads(metadata["manifold"])
            tables = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a dict
        if header["checkpoint"] != checkpoint:
            raise ValueError(
                f"The map {path.name} shows the extractors of checkpoint {header['checkpoint']}, and the model in use "
                f"is {checkpoint}. Make it anew with '{SCRIPT} manifold'."
            )
        layouts = tuple(
            Layout(entry["method"], entry["seed"], tables[f"layout{number}"], Quality(**entry["trust"]))
            for number, entry in enumerate(header["layouts"])
        )
        return ExtractorMap(
            Settings(**header["settings"]),
            header["checkpoint"],
            tuple(header["axes"]),
            tables["points"],
            tables["edges"],
            tables["sensitivity"],
            tables["explained"],
            layouts,
            header["seconds"],
            header["date"],
        )
    except (SafetensorError, OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is not a whole map ({error}). Make it anew with '{SCRIPT} manifold'.") from None
