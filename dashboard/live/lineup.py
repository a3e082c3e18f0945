"""The line-up and its sentences for the browser, at the strength that is chosen and at those that a hand moves to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.inspect import grid
from core.inspect.neighbours import Kind
from core.inspect.scene import Reading
from dashboard.cache.scenes import LiveScene, Sibling
from dashboard.live.messages import as_json
from dashboard.text import explore


def at_frame(view: Sibling, readings: Mapping[str, Reading]) -> dict[str, Any]:
    """All that changes with the strength: pictures, numbers and sentences.

    Args:
        view: the scene with its pictures.
        readings: of it, by label; A first.
    """
    scene, axis = view.scene, view.scene.axis
    items = [
        {"src": src, "alt": explore.pictured(each.name, axis, each.strength), "kind": each.kind,
         "label": explore.short(each.name, axis, each.strength)}
        for each, src in zip(scene.candidates, view.tiles, strict=True)
    ]  # fmt: skip
    query = {
        "src": view.photo,
        "alt": explore.pictured(scene.looked_at, axis, scene.strength),
        "label": explore.short(scene.looked_at, axis, scene.strength),
    }
    return {
        "scene": scene.key,
        "family": scene.family,
        "at": scene.at,
        "query": query,
        "items": items,
        "readings": {label: as_json(scene, reading) for label, reading in readings.items()},
        **sentences(scene, readings),
    }


def sentences(scene: LiveScene, readings: Mapping[str, Reading]) -> dict[str, Any]:
    """What is found, and how far features move, at the strength that is looked up; as pieces that may have a colour."""
    return {
        "said": explore.pieces(found(scene, readings)),
        "strip": explore.pieces(moved(scene, readings)),
    }


def found(scene: LiveScene, readings: Mapping[str, Reading]) -> str:
    """The headline."""
    seen = {label: each for label, each in readings.items() if not each.ground.collapsed}
    first: dict[str, dict[Kind, int]] = {
        label: each.ranking.first(scene.candidates, grid.NEAREST) for label, each in seen.items()
    }
    return explore.found(scene.looked_at, scene.axis, scene.strength, first, grid.NEAREST, _movement(scene, seen))


def moved(scene: LiveScene, readings: Mapping[str, Reading]) -> str:
    """The filmstrip's sentence."""
    known = {label: None if each.ground.collapsed else value for (label, each), value in
             zip(readings.items(), _movement(scene, readings).values(), strict=True)}  # fmt: skip
    return explore.headline(scene.looked_at, scene.axis, scene.strength, known)


def _movement(scene: LiveScene, readings: Mapping[str, Reading]) -> dict[str, float]:
    where = scene.number, scene.at * grid.STRIDE
    return {label: float(each.movement[where]) for label, each in readings.items()}
