"""What a lesson may measure on the Explore page's pictures, by name; every number comes from the model in use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from core import AmortisedExtractor
from core.inspect import grid
from core.inspect.neighbours import Kind
from dashboard import cache
from dashboard.adapt.setup import Setup
from dashboard.encode import Picture
from dashboard.figures.theme import percent
from dashboard.live.measured import Shown, shown
from dashboard.session.settings import UPLOAD, Study
from dashboard.text import explore, labels

NEAR, AROUND = 10, 30
"""How many points are the nearest on a map, and how many lie around a point."""


@dataclass(frozen=True)
class LessonContext:
    """What there is to measure: a setting of Explore, a setup of Adapt, and the model."""

    model: AmortisedExtractor
    study: Study
    setup: Setup

    def shown(self) -> Shown:
        """The study with its readings."""
        return shown(self.study, self.model, self.picture)

    @property
    def picture(self) -> Picture:
        """The one that is shown."""
        own = self.study.picture == UPLOAD and self.study.upload
        return own or cache.photographs()[self.study.picture]

    def at(self, value: float) -> LessonContext:
        """The same with A's coordinate of the transformation that is shown at ``value``."""
        axes = self.model.transforms
        moved = tuple(
            value if axis.name == self.study.axis else old for axis, old in zip(axes, self.study.a, strict=True)
        )
        return replace(self, study=replace(self.study, a=moved))


@dataclass(frozen=True)
class Quantity:
    """One measured value and how it is written in a sentence."""

    value: float | str
    text: str


Found = dict[str, Quantity]


@dataclass(frozen=True)
class Measure:
    """Something that can be measured.

    Attributes:
        says: what is measured, for the teacher's sheet.
        names: of the values.
        take: measures.
        slow: it fits something, so it takes a second or two.
    """

    says: str
    names: tuple[str, ...]
    take: Callable[[LessonContext], Found]
    slow: bool = False


def share(value: float) -> Quantity:
    """In per cent."""
    return Quantity(float(value), percent(float(value)))


def points(value: float) -> Quantity:
    """A difference between two shares."""
    return Quantity(float(value), labels.counted(round(100 * value), "point"))


def count(value: float) -> Quantity:
    """A whole number."""
    return Quantity(float(value), f"{value:.0f}")


def two(value: float) -> Quantity:
    """Two digits."""
    return Quantity(float(value), explore.two(float(value)))


def word(text: str) -> Quantity:
    """A name."""
    return Quantity(text, text)


def _movement(context: LessonContext) -> Found:
    now, found = context.shown(), {}
    for label, reading in now.readings.items():
        curve = reading.movement[now.scene.number]
        found[label.lower()] = share(curve.mean())
        found[f"{label.lower()}_here"] = share(curve[now.study.at * grid.STRIDE])
    return found | {"strength": word(labels.strength(now.axis, now.scene.strength))}


def _neighbours(context: LessonContext) -> Found:
    now, found = context.shown(), {"count": count(grid.NEAREST)}
    for label, reading in now.readings.items():
        kinds = reading.ranking.first(now.scene.candidates, grid.NEAREST)
        first = now.scene.candidates[int(reading.ranking.order[0])]
        found |= {
            f"{label.lower()}_object": count(kinds[Kind.OBJECT]),
            f"{label.lower()}_change": count(kinds[Kind.CHANGE]),
            f"{label.lower()}_first": word(explore.short(first.name, now.axis, first.strength)),
        }
    return found


def _recognised(context: LessonContext) -> Found:
    now = context.shown()
    return {
        label.lower(): share(cache.recognised(context.model, now.descriptor(label), now.scene))
        for label in now.readings
    } | {"probes": count(grid.PROBES)}


def _ends(context: LessonContext) -> list[np.ndarray]:
    """(K,) mean movement of every transformation with the shown coordinate at 0, 0.5 and 1."""
    return [context.at(value).shown().readings["A"].movement.mean(1) for value in (0.0, 0.5, 1.0)]


def _one_slider(context: LessonContext) -> Found:
    low, middle, high = _ends(context)
    axes = context.model.transforms
    own = next(n for n, axis in enumerate(axes) if axis.name == context.study.axis)
    others = np.abs(high - low)
    others[own] = -1.0
    other = int(others.argmax())
    fall = low[own] - high[own]
    return {
        "kept": share(low[own]), "middle": share(middle[own]), "ignored": share(high[own]), "fall": share(fall),
        "other": word(axes[other].name), "other_change": share(others[other]),
        "fall_points": points(fall), "other_points": points(others[other]),
        "half_way": share((low[own] - middle[own]) / fall if fall > 0 else float("nan")),
    }  # fmt: skip


def _map(context: LessonContext) -> Found:
    mapped = cache.extractor_map(context.model)
    umap, pca = mapped.layout("umap", 2), mapped.layout("pca", 2)
    found = {
        "umap_near": two(umap.trust.trustworthiness), "pca_near": two(pca.trust.trustworthiness),
        "umap_far": two(umap.trust.shepard), "pca_far": two(pca.trust.shepard),
        "plane": share(float(mapped.explained[:2].sum())),
    }  # fmt: skip
    seeds = mapped.seeds("umap", 2)
    first, second = (mapped.layout("umap", 2, seed).positions for seed in (seeds[0], seeds[-1]))
    return found | {
        "seeds_far": two(_same_distances(first, second)), "seeds_near": share(_still_near(first, second)),
        "seeds_around": share(_still_near(first, second, AROUND)), "around": count(AROUND),
    }  # fmt: skip


def _distances(positions: np.ndarray) -> np.ndarray:
    rows = positions[:: max(1, len(positions) // 1000)].astype(float)
    return np.linalg.norm(rows[:, None] - rows[None], axis=2)


def _same_distances(first: np.ndarray, second: np.ndarray) -> float:
    """Rank correlation of all distances between the same points on two maps."""
    from scipy.stats import spearmanr  # seconds to import on a slow machine

    one, other = _distances(first), _distances(second)
    upper = np.triu_indices(len(one), 1)
    return float(spearmanr(one[upper], other[upper]).statistic)


def _still_near(first: np.ndarray, second: np.ndarray, around: int = NEAR) -> float:
    """Share of the nearest points on one map that are among the ``around`` nearest on another one."""
    one, other = (np.argsort(_distances(each), axis=1)[:, 1:] for each in (first, second))
    pairs = zip(one[:, :NEAR], other[:, :around], strict=True)
    return float(np.mean([len(set(a) & set(b)) / NEAR for a, b in pairs]))


def _of(label: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{label}_{name}" for name in names)


MEASURES: dict[str, Measure] = {
    "movement": Measure(
        "how far the features move: 100 % is as far as another picture",
        ("a", "b", "a_here", "b_here", "strength"),
        _movement,
    ),
    "neighbours": Measure(
        "what is among the nearest pictures",
        ("count", *_of("a", ("object", "change", "first")), *_of("b", ("object", "change", "first"))),
        _neighbours,
    ),
    "recognised": Measure(
        "how many other pictures are recognised after the strongest change", ("a", "b", "probes"), _recognised
    ),
    "one slider": Measure(
        "how far features move with one slider at 0, at 0.5 and at 1",
        ("kept", "middle", "ignored", "fall", "other", "other_change", "half_way", "fall_points", "other_points"),
        _one_slider,
    ),
    "map": Measure(
        "marks of the map, and what is the same on the maps of two seeds",
        ("umap_near", "pca_near", "umap_far", "pca_far", "plane", "seeds_far", "seeds_near", "seeds_around", "around"),
        _map,
    ),
}
