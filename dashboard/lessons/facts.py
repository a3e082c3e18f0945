"""What a lesson's check may ask about the pages, by name."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.adapt.setup import Run
from dashboard.lessons.rules import Value
from dashboard.session.settings import Choices, Study

_STUDY = ("page", "picture", "axis", "at", "panel", "pinned", "seed")
_FIT = ("fit_task", "fit_shots", "fit_steps", "fit_done", "fit_rows")
_MAP = {
    "map_method": "manifold.method",
    "map_seed": "manifold.seed",
    "map_by": "manifold.by",
    "map_panel": "manifold.panel",
    "prior": "theory.prior",
}


def names(choices: Choices) -> frozenset[str]:
    """Of all facts: the study, one coordinate of A and of B per axis, the fit and the map."""
    values = {f"{label}_{name}" for label in "ab" for name in choices.names}
    return frozenset((*_STUDY, *_FIT, *_MAP, *values))


def widgets() -> tuple[str, ...]:
    """Keys of the map's widgets that facts come from."""
    return tuple(_MAP.values())


def gather(
    page: str, study: Study, choices: Choices, run: Run | None, widget: Mapping[str, object]
) -> dict[str, Value]:
    """All facts that there are now.

    Args:
        page: the one that is shown.
        study: with both descriptors.
        choices: names of the axes.
        run: the fit of this session, if there is one.
        widget: by key, values of the map's widgets.
    """
    found: dict[str, Value] = {
        "page": page, "picture": study.picture, "axis": study.axis, "at": study.at, "panel": study.arrangement.panel,
        "pinned": float(study.b is not None), "seed": study.seed,
    }  # fmt: skip
    for label, values in (("a", study.a), ("b", study.b)):
        found |= {f"{label}_{name}": value for name, value in zip(choices.names, values or (), strict=False)}
    if run:
        seen = run.worker.snapshot()
        found |= {
            "fit_task": run.setup.task, "fit_shots": run.setup.shots, "fit_steps": len(seen.steps),
            "fit_done": float(seen.adapted is not None), "fit_rows": len(seen.outcomes),
        }  # fmt: skip
    return found | {name: value for name, key in _MAP.items() if isinstance(value := widget.get(key), str | int)}
