"""Landscapes and walks: squares of the cube, marks one by one, and the way a fit takes."""

from __future__ import annotations

import numpy as np
import pytest

from core.adaptation import Fit, Settings, Step, run
from core.adaptation.landscape import Mark, Square, judged, task_judge
from core.adaptation.trajectories import Walk, starting_point, walks
from tests.core.samples import Blinds, blind_task


def test_a_square_varies_two_coordinates_only() -> None:
    square = Square((0.1, 0.2, 0.3, 0.4), across=2, up=0, side=3)
    points = square.points()
    assert points.shape == (9, 4) and (points[:, 1] == 0.2).all() and (points[:, 3] == 0.4).all()
    assert points[1].tolist() == [0, 0.2, 0.5, 0.4] and points[3].tolist() == [0.5, 0.2, 0, 0.4]
    table = square.table([1, 2, 3, 4])
    assert table[0].tolist() == [1, 2, 3] and table[1, 0] == 4 and np.isnan(table[1:, 1:]).all()


@pytest.mark.parametrize("across, up, side", [(1, 1, 3), (0, 4, 3), (-1, 1, 3), (0, 1, 1)])
def test_a_square_that_is_none_is_refused(across: int, up: int, side: int) -> None:
    with pytest.raises(ValueError, match="A square needs"):
        Square((0.5,) * 4, across, up, side)


def test_marks_come_one_by_one_and_in_order() -> None:
    asked = []

    def judge(point: tuple[float, ...]) -> Mark:
        asked.append(point)
        return Mark(point[0], -point[0])

    marks = judged(judge, Square((0.0, 0.0), 0, 1, 3).points())
    assert next(marks) == Mark(0, 0) and len(asked) == 1
    assert [mark.loss for mark in marks] == [0.5, 1, 0, 0.5, 1, 0, 0.5, 1]


def test_the_landscape_of_a_task_falls_where_its_fit_walks() -> None:
    """Number 2 counts, so its coordinate must be kept; judged and fitted by the same loss."""
    model, task = Blinds(), blind_task(2)
    square = Square((0.5,) * 6, across=2, up=3, side=5)
    judge = task_judge(model, task)
    losses = square.table([mark.loss for mark in judged(judge, square.points())])
    assert np.isfinite(losses).all() and (losses[:, 0] < losses[:, -1]).all()
    fit = Fit(model, task, Settings(steps=5))
    first = fit.advance()
    mark = judge(first.descriptor)
    count, labelled = len(task.labelled) - 1, len(task.labelled)  # the fit's loss is per degree of freedom
    assert mark.loss * labelled == pytest.approx(first.loss * count, rel=1e-4)
    assert mark.score == pytest.approx(first.score)


def steps(*restarts: int) -> list[Step]:
    return [
        Step(n, restart, 1.0 - n, 0.1 * n, (0.1 * n, 0.5), (0.0, 0.0), 0.0)
        for restart, count in enumerate(restarts)
        for n in range(count)
    ]


def test_a_run_is_one_walk_per_restart_and_ends_where_it_stood() -> None:
    first, second = walks("seed 3", steps(3, 2), end=(1.0, 1.0))
    assert (first.name, second.name) == ("seed 3", "seed 3, restart 1")
    assert first.start == (0.0, 0.5) and first.end == (0.2, 0.5) and len(first) == 3
    assert second.end == (1.0, 1.0) and np.isnan(second.losses[-1]) and len(second) == 3
    assert walks("none", []) == ()


def test_a_walk_is_replayed_up_to_a_step() -> None:
    walk = walks("a", steps(4))[0]
    assert [len(walk.until(step)) for step in (-1, 0, 2, 3, 99)] == [1, 1, 3, 4, 4]
    assert walk.until(1).end == tuple(walk.points[1].tolist())
    with pytest.raises(ValueError, match="at least one descriptor"):
        Walk("x", np.zeros((0, 2)), np.zeros(0), np.zeros(0))


def test_fits_start_in_the_middle_or_where_their_seed_says() -> None:
    assert starting_point(4, 0).tolist() == [0.5] * 4
    assert starting_point(4, 1).tolist() == starting_point(4, 1).tolist() != starting_point(4, 2).tolist()
    fit = Fit(Blinds(), blind_task(0), Settings(steps=2), start=starting_point(6, 1))
    way = walks("one", run(fit), fit.state.ends[-1] if fit.state.ends else None)
    assert np.allclose(way[0].start, starting_point(6, 1))
