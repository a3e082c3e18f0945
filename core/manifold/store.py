"""Maps as files: safetensors with JSON, bound to the checkpoint whose extractors they show."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ..adaptation.landscape import Square
from ..adaptation.trajectories import Walk
from ..assets import asset
from ..files import whole
from ..inspect.neighbours import Candidate, Kind
from ..version import SCRIPT
from .line_ups import LineUp, LineUps
from .map import ExtractorMap, Settings
from .projections import Layout
from .quality import Quality
from .task_marks import TaskMarks

SHIPPED = asset("manifold.safetensors")
FORMAT = "hyperinvariances-manifold/1"
_TABLES = ("points", "edges", "sensitivity", "explained")


def save_map(mapped: ExtractorMap, path: Path) -> None:
    """Write a map; the file appears whole or not at all."""
    tables = {name: getattr(mapped, name) for name in _TABLES}
    tables |= {
        f"layout{number}": np.ascontiguousarray(layout.positions) for number, layout in enumerate(mapped.layouts)
    }
    more, described = _packed(mapped)
    header = described | {
        "checkpoint": mapped.checkpoint,
        "axes": mapped.axes,
        "settings": asdict(mapped.settings),
        "layouts": [{"method": e.method, "seed": e.seed, "trust": e.trust.as_dict()} for e in mapped.layouts],
        "seconds": dict(mapped.seconds),
        "date": mapped.date or date.today().isoformat(),
    }
    with whole(path) as partial:
        save_file(tables | more, partial, {"format": FORMAT, "manifold": json.dumps(header)})


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
            _line_ups(header.get("line_ups"), tables),
            {entry["name"]: _task(entry, number, tables) for number, entry in enumerate(header.get("tasks", ()))},
        )
    except (SafetensorError, OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is not a whole map ({error}). Make it anew with '{SCRIPT} manifold'.") from None


_TASK = ("rows", "marks", "ground")
_NAMED = ("name", "score", "labels", "seed", "date")


def _packed(mapped: ExtractorMap) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Line-ups and tasks as tables, and what the header says of them."""
    tables: dict[str, np.ndarray] = {}
    header: dict[str, Any] = {}
    if found := mapped.line_ups:
        tables |= {"line_ups.order": found.order, "line_ups.near": found.near}
        questions = [
            {"strength": each.strength, "candidates": [(c.name, c.strength, str(c.kind)) for c in each.candidates]}
            for each in found.questions
        ]
        header["line_ups"] = {"picture": found.picture, "questions": questions}
    entries = []
    for number, task in enumerate(mapped.tasks.values()):
        tables |= {f"task{number}.{name}": getattr(task, name) for name in _TASK}
        steps = [np.column_stack([walk.points, walk.losses, walk.scores]) for walk in task.walks]
        tables[f"task{number}.walks"] = np.concatenate(steps).astype(np.float32)
        walks = [(walk.name, len(walk)) for walk in task.walks]
        entries.append({name: getattr(task, name) for name in _NAMED} | {"square": asdict(task.square), "walks": walks})
    return tables, header | {"tasks": entries}


def _line_ups(entry: dict[str, Any] | None, tables: dict[str, np.ndarray]) -> LineUps | None:
    if entry is None:
        return None
    questions = tuple(
        LineUp(each["strength"], tuple(Candidate(name, at, Kind(kind)) for name, at, kind in each["candidates"]))
        for each in entry["questions"]
    )
    return LineUps(entry["picture"], questions, tables["line_ups.order"], tables["line_ups.near"])


def _task(entry: dict[str, Any], number: int, tables: dict[str, np.ndarray]) -> TaskMarks:
    square = Square(**entry["square"] | {"base": tuple(entry["square"]["base"])})
    rows, marks, ground = (tables[f"task{number}.{name}"] for name in _TASK)
    ends = np.cumsum([count for _, count in entry["walks"]])[:-1]
    steps = np.split(tables[f"task{number}.walks"].astype(float), ends)
    walks = tuple(
        Walk(name, each[:, :-2], each[:, -2], each[:, -1])
        for (name, _), each in zip(entry["walks"], steps, strict=True)
    )
    named = {name: entry[name] for name in _NAMED}
    return TaskMarks(**named, rows=rows, marks=marks, square=square, ground=ground, walks=walks)
