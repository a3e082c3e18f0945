"""The whole descriptor is scored: every coordinate that a task determines, beside chance."""

from __future__ import annotations

from itertools import product

import pytest

from core.benchmark.recovery import recovered
from core.tasks import known_tasks
from core.tasks.recovery import recovery

AXES = ("rotation", "hue", "blur")


def test_every_determined_coordinate_counts_and_no_other() -> None:
    known = {"hue": 1, "blur": 0}
    for right, point in ((2, (0, 1, 0)), (2, (1, 0.8, 0.3)), (1, (0, 1, 1)), (1, (0, 0.5, 0)), (0, (0.5, 0.5, 0.5))):
        found = recovery(point, known, AXES)
        assert found is not None and (found.right, found.determined) == (right, 2)
        assert found.share == right / 2 and found.whole == (right == 2)
    assert recovery((0, 0, 0), {}, AXES) is None


@pytest.mark.parametrize("known", [{"hue": 1}, {"hue": 1, "blur": 0, "rotation": 1}])
def test_chance_is_what_coins_get(known: dict[str, int]) -> None:
    tossed = [recovery(point, known, AXES) for point in product((0, 1), repeat=3)]
    found = [each for each in tossed if each is not None]
    assert sum(each.whole for each in found) / len(found) == found[0].chance
    assert sum(each.share for each in found) / len(found) == 0.5


def test_stages_are_told_apart_and_the_best_corner_stands_beside() -> None:
    sources = {source.name: source for source in known_tasks()}
    names = ("rotation", "translation", "scale", "hue", "brightness", "blur")
    ignore, keep = [1.0] * 6, [0.0] * 6

    def row(task: str, method: str, *points: list[float]) -> dict[str, object]:
        return {"task": task, "method": method, "descriptors": list(points)}

    lines = [
        row("digits despite hue", "ours", ignore, keep),
        {**row("blur of hand signs despite hue and brightness", "ours", ignore, ignore), "regret": 0.02},
        row("blur of hand signs despite hue and brightness", "oracle", keep),
    ]
    found = {(each.stage, each.method): each for each in recovered(lines, list(sources.values()), names)}
    development = found["development", "ours"]
    assert (development.coordinates, development.whole, development.chance, development.runs) == (0.5, 0.5, 0.5, 2)
    final = found["final", "ours"]
    assert final.coordinates == pytest.approx(2 / 3) and (final.whole, final.chance) == (0.0, 0.125)
    assert final.regret == pytest.approx(2) and final.regret_interval == (2.0, 2.0) and development.regret is None
    assert development.interval == (0.5, 0.5)
    assert "a coin 50%" in final.sentence() and "coins 12%" in final.sentence()
    assert found["final", "oracle"].coordinates == pytest.approx(1 / 3)
    always = found["final", "i=1"]
    assert always.coordinates == pytest.approx(2 / 3) and (always.whole, always.runs) == (0.0, 1), "blur is asked for"
    assert found["development", "i=1"].whole == 1.0 and found["development", "i=0"].whole == 0.0
    assert final.names == ("blur of hand signs despite hue and brightness",)
