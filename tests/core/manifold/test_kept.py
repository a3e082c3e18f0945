"""What is kept with a map: line-ups of its extractors and marks of tasks, made part by part, read back as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import AmortisedExtractor, load_checkpoint, save_checkpoint
from core.adaptation.landscape import task_judge
from core.inspect import grid
from core.inspect.background import background_of
from core.inspect.neighbours import Kind, nearest
from core.inspect.probes import probe_images
from core.manifold import SHIPPED, Desk, ExtractorMap, load_map, pictures_of, save_map, stored_tasks, told
from core.manifold.line_ups import line_ups
from core.manifold.task_marks import main_square, mark_task, marked_rows
from core.tasks import SHIPPED as SHIPPED_TASKS
from core.tasks import TaskSource, known_tasks
from tests.core.conftest import tiny_model
from tests.core.maps import small_map


def quiet(text: str, share: float) -> None:
    assert text and 0 <= share <= 1


@pytest.fixture(scope="module")
def model() -> AmortisedExtractor:
    model = tiny_model()
    model.metadata["digest"] = "tiny"
    return model.eval().requires_grad_(False)


def source(model: AmortisedExtractor, name: str = "digits despite hue") -> TaskSource:
    return next(each for each in known_tasks(model.transforms, model.input_size) if each.name == name)


def test_a_line_up_is_what_the_features_say(model: AmortisedExtractor) -> None:
    hue = next(axis for axis in model.transforms if axis.name == "hue")
    desk, point = Desk(model, (hue,)), (0.5, 0.1, 0.9, 0.3, 0.0, 1.0)
    order, near = desk.answer(point)
    pictures = pictures_of(desk.questions[0], hue, model.input_size)
    ground = background_of(model.features(probe_images(grid.PROBES, 0, model.input_size), point))
    rows = model.features(pictures, point)
    wanted = nearest(rows[0], rows[1:], ground)
    assert order.shape == near.shape == (1, grid.NEAREST)
    np.testing.assert_allclose(near[0].astype(float), wanted.similarity[order[0]], atol=0.03)
    assert near[0, 0] == pytest.approx(wanted.similarity.max(), abs=0.03) and (np.diff(near[0]) <= 0.001).all()


def test_all_extractors_are_asked_about_every_axis(model: AmortisedExtractor) -> None:
    heard: list[float] = []
    points = np.array([[0.0] * 6, [1.0] * 6, [0.5] * 6], np.float32)
    found = line_ups(model, points, lambda text, share: heard.append(share))
    assert found.order.shape == (3, 6, grid.NEAREST) and len(found.questions) == 6
    assert heard == pytest.approx([1 / 3, 2 / 3, 1])
    np.testing.assert_array_equal(found.order[2], Desk(model).answer([0.5] * 6)[0])
    for asked in found.questions:
        assert {each.kind for each in asked.candidates} == set(Kind) and len(asked.candidates) < 255


def test_a_place_tells_what_divides_the_map_and_not_what_is_mixed_in_it() -> None:
    generator = np.random.default_rng(0)
    positions = generator.random((400, 2))
    found = told(positions, np.stack([positions[:, 0], generator.random(400)], 1))
    assert found[0] > 0.9 and found[1] < 0.1


def test_corners_and_middles_of_edges_are_marked() -> None:
    points = small_map().points
    rows = marked_rows(points)
    assert np.isin(points[rows], (0, 0.5, 1)).all() and set(range(64)) <= set(rows.tolist())


def test_a_task_is_marked_as_the_landscape_marks_it(model: AmortisedExtractor) -> None:
    points = np.array([[0.0] * 6, [0.5] * 6, [0.2] * 6], np.float32)
    shares: list[float] = []
    found = mark_task(model, source(model), points, lambda text, share: shares.append(share))
    assert found.rows.tolist() == [0, 1] and np.isnan(found.scores(3)).tolist() == [False, False, True]
    mark = task_judge(model, source(model).draw(found.labels, found.seed))((0.5,) * 6)
    assert found.marks[1].tolist() == pytest.approx([mark.loss, mark.score], rel=1e-4)
    assert len(found.walks) == 3 and found.walks[0].start == (0.5,) * 6 and found.date
    assert len(found.landscape()) == found.square.side**2 and found.square.across == 3
    assert shares == sorted(shares) and shares[-1] == 1


@pytest.mark.slow
def test_tasks_and_line_ups_are_the_same_in_processes(model: AmortisedExtractor) -> None:
    points = small_map().points[:40]
    for one, other in zip(*(_arrays(model, points, jobs) for jobs in (1, 2)), strict=True):
        np.testing.assert_allclose(one.astype(float), other.astype(float), atol=1e-4)


def _arrays(model: AmortisedExtractor, points: np.ndarray, jobs: int) -> list[np.ndarray]:
    shares: list[float] = []
    found = mark_task(model, source(model), points, lambda text, share: shares.append(share), jobs)
    assert shares == sorted(shares) and shares[-1] == 1
    asked = line_ups(model, points, quiet, jobs)
    return [asked.order, asked.near, found.marks, found.ground, *(walk.points for walk in found.walks)]


@pytest.mark.parametrize("end, known, axes", [((0.5, 0.9, 0.0), {"a": 1}, (0, 2)), ((0.5, 0.9, 0.0), {}, (2, 1))])
def test_the_square_is_about_the_task(end: tuple[float, ...], known: dict[str, int], axes: Sequence[int]) -> None:
    square = main_square(end, known, ["a", "b", "c"])
    assert (square.across, square.up) == tuple(axes)
    assert [square.base[n] for n in axes] == [0, 0]


def test_for_each_axis_one_task_that_ignores_it_and_one_that_measures_it_are_stored(model: AmortisedExtractor) -> None:
    kept = [next(iter(each.known.items())) for each in stored_tasks(model) if each.known]
    assert sorted(kept) == sorted((axis.name, wanted) for axis in model.transforms for wanted in (0, 1))


def test_the_tasks_that_are_shipped_are_stored(model: AmortisedExtractor) -> None:
    assert [each.name for each in stored_tasks(model) if not each.known] == [each.name for each in SHIPPED_TASKS]


def filled(model: AmortisedExtractor) -> ExtractorMap:
    mapped = small_map()
    task = mark_task(model, source(model), mapped.points[:2], quiet)
    return replace(mapped, line_ups=line_ups(model, mapped.points[:3], quiet), tasks={task.name: task})


def test_what_is_kept_survives_the_file(model: AmortisedExtractor, tmp_path: Path) -> None:
    mapped, path = filled(model), tmp_path / "map.safetensors"
    save_map(mapped, path)
    read = load_map(mapped.checkpoint, path)
    assert read.line_ups and mapped.line_ups and read.line_ups.questions == mapped.line_ups.questions
    np.testing.assert_array_equal(read.line_ups.order, mapped.line_ups.order)
    (one,), (other,) = read.tasks.values(), mapped.tasks.values()
    assert (one.name, one.score, one.labels, one.date, one.square) == (
        other.name, other.score, other.labels, other.date, other.square,
    )  # fmt: skip
    np.testing.assert_array_equal(one.marks, other.marks)
    for walk, before in zip(one.walks, other.walks, strict=True):
        assert walk.name == before.name and walk.end == pytest.approx(before.end, abs=1e-6)


def test_a_map_without_them_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "map.safetensors"
    save_map(small_map(), path)
    read = load_map("tiny", path)
    assert read.tasks == {} and read.line_ups is None


def test_a_map_that_was_stopped_goes_on_with_what_is_missing(
    model: AmortisedExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layouts are in the file and one task of two: only the other one and the line-ups are made."""
    from core import manifold
    from core.cli.manifold import manifold as command

    checkpoint, out = tmp_path / "tiny.safetensors", tmp_path / "map.safetensors"
    save_checkpoint(model, checkpoint, {})
    digest = load_checkpoint(checkpoint).metadata["digest"]
    mapped = replace(small_map(digest), points=small_map().points[:3])
    first, second = source(model), source(model, "hue of digits")
    save_map(replace(mapped, tasks={first.name: mark_task(model, first, mapped.points, quiet)}), out)
    monkeypatch.setattr(manifold, "stored_tasks", lambda model: (first, second))
    monkeypatch.setattr(manifold, "compute", lambda *given: pytest.fail("the layouts are there"))
    before = load_map(digest, out).tasks[first.name]
    command(out=out, checkpoint=checkpoint, count=60, threads=1, tasks=True, anew=False, report=True)
    after = load_map(digest, out)
    assert list(after.tasks) == [first.name, second.name] and after.line_ups is not None
    np.testing.assert_array_equal(after.tasks[first.name].marks, before.marks)


def test_the_shipped_map_has_line_ups_and_tasks_of_every_axis_and_is_small() -> None:
    model = load_checkpoint()
    mapped = load_map(model.metadata["digest"])
    assert mapped.line_ups and mapped.line_ups.order.shape == (len(mapped.points), 6, grid.NEAREST)
    assert [each.name for each in stored_tasks(model)] == list(mapped.tasks), "no other ones, which no page offers"
    assert SHIPPED.stat().st_size < 2**20
    for task in mapped.tasks.values():
        assert len(task.rows) >= 256 and len(task.walks) == 3
        end = tuple(round(value, 2) for value in task.walks[0].end)
        rest = [n for n in range(6) if n not in (task.square.across, task.square.up)]
        assert [task.square.base[n] for n in rest] == [end[n] for n in rest], "the page finds the stored square again"
