"""The manifold page in Streamlit's test harness, with a small model and a small map: every panel, click, jobs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import Queue

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import manifold
from core.adaptation import Step
from core.adaptation.landscape import Mark
from core.evaluation.controls import untrained
from core.manifold import Settings, save_map
from dashboard import cache
from dashboard.jobs.background import Progress, Stream
from dashboard.jobs.map_jobs import MapJobs, Marking, scores, subjects
from dashboard.jobs.map_process import MapJob
from dashboard.panels.manifold import jobs, map
from dashboard.text import manifold as words
from tests.core.conftest import TINY
from tests.core.maps import DIGEST, small_map
from tests.dashboard.harness import healthy, prose, waited


def page_of_a_small_model() -> None:
    """The script under test; it runs in its own namespace."""
    import core
    from core.evaluation.controls import untrained
    from dashboard.session import state
    from dashboard.session.settings import Choices
    from dashboard.views import manifold

    sizes = core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8)
    model = untrained(sizes)
    model.metadata["digest"] = "tiny"
    manifold.render(state.begin(Choices(("cat",), model.transforms)), model)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "manifold.safetensors"
    save_map(small_map(), path)
    monkeypatch.setattr(manifold, "SHIPPED", path)
    return path


@pytest.fixture
def page(shipped: Path) -> Iterator[AppTest]:
    yield healthy(AppTest.from_function(page_of_a_small_model, default_timeout=60).run())


def look(app: AppTest, panel: str) -> AppTest:
    return healthy(app.segmented_control(key="manifold.panel").set_value(panel).run())


def test_the_page_opens_with_a_sentence_the_map_the_cube_and_what_may_be_read(page: AppTest) -> None:
    text = prose(page)
    assert "divides them best by" in text and "What is drawn" in text
    assert page.segmented_control(key="manifold.method").value == "umap"
    assert "Gaps, areas and angles mean nothing" in text and "trustworthiness **0.970**" in text
    assert len(page.get("plotly_chart")) == 2
    assert "PCA's plane holds" in text  # the first panel is trust


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", ["umap", "pca"])
def test_every_projection_is_drawn_with_its_caption(page: AppTest, method: str, dimensions: int) -> None:
    page.segmented_control(key="manifold.method").set_value(method)
    page.segmented_control(key="manifold.dimensions").set_value(dimensions)
    text = prose(healthy(page.run()))
    assert ("PCA is a shadow" in text) == (method == "pca")
    assert (words.SPACE in text) == (dimensions == 3)


@pytest.mark.parametrize("by", words.SEEN)
def test_every_colour_is_drawn(page: AppTest, by: str) -> None:
    healthy(page.segmented_control(key="manifold.by").set_value(by).run())
    assert ("Dots are grey until" in prose(page)) == (by == "a task")


def test_only_some_points_in_colour(page: AppTest) -> None:
    axis = small_map().axes[0]
    healthy(page.selectbox(key="manifold.only").set_value(axis).run())
    healthy(page.slider(key="manifold.part").set_value((0.0, 0.2)).run())


@pytest.mark.parametrize("panel", words.PANELS)
def test_every_panel_is_drawn(page: AppTest, panel: str) -> None:
    healthy(look(page, panel))
    assert words.TITLES[panel] in [each.value for each in page.header]


def test_the_way_from_a_to_b_needs_two(page: AppTest) -> None:
    text = prose(look(page, "from A to B"))
    assert "changes most" in text and "each moved once" in text
    study = page.session_state["history"].present
    page.session_state["history"] = page.session_state["history"].push(replace(study, b=None))
    assert words.NO_ROUTE in prose(healthy(page.run()))


def test_a_click_sets_descriptor_a(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped = small_map()
    chosen: dict[str, tuple[float, ...]] = {}
    monkeypatch.setattr(map.state, "choose", lambda **changes: chosen.update(changes))

    def click(points: list[dict[str, int]]) -> None:
        monkeypatch.setattr(map.state, "reported", lambda key, name: {"points": points})
        map._clicked(mapped)

    click([{"curve_number": 0, "point_index": 3}])  # a line of the map, not a point
    click([])
    assert not chosen
    click([{"curve_number": 1, "point_index": 9}])
    assert chosen["a"] == pytest.approx(mapped.points[9], abs=0.006)


def test_without_a_map_of_this_checkpoint_the_page_says_how_to_make_it(shipped: Path) -> None:
    save_map(small_map("other"), shipped)
    page = healthy(AppTest.from_function(page_of_a_small_model, default_timeout=60).run())
    assert "shows the extractors of checkpoint other" in prose(page) and "./run.sh manifold" in prose(page)
    assert page.button(key="manifold.make")
    shipped.unlink()
    page = healthy(AppTest.from_function(page_of_a_small_model, default_timeout=60).run())
    assert "There is no map" in prose(page)


def test_marks_and_fits_and_a_landscape_of_a_task(page: AppTest) -> None:
    look(page, "the walk")
    assert words.NO_WALK in prose(page)
    healthy(page.button(key="manifold.square").click().run())
    assert page.button(key="manifold.cancel.walk.0")
    healthy(page.button(key="manifold.cancel.walk.0").click().run())
    assert re.search(r"Computing the landscape of .+: stopped[.;]", prose(page))
    healthy(page.button(key="manifold.fit").click().run())
    end = time.monotonic() + 60
    while "The fit stands at" not in prose(page):
        assert time.monotonic() < end
        healthy(page.run())
    healthy(page.button(key="manifold.square").click().run())
    assert page.button(key="manifold.cancel.walk.1"), "the landscape has not ended the fits"
    for number in (1, 0):
        healthy(page.button(key=f"manifold.cancel.walk.{number}").click().run())


def step(number: int) -> Step:
    return Step(number, 0, 1.0, 0.5, (0.1 * number,) * 2, (0.0, 0.0), 0.0)


def test_a_desk_tells_walks_and_marks_apart() -> None:
    map_jobs = MapJobs()
    passed = [("seed 0", step(0), (0.1, 0.1)), ("seed 0", step(1), (0.9, 0.9)), ("seed 1", step(0), (0.3, 0.3))]
    map_jobs.fits["t"] = Stream("fits", lambda heard: iter(passed), 0)
    waited(lambda: not map_jobs.running())
    first, second = map_jobs.walks("t")
    assert first.end == (0.9, 0.9) and second.end == (0.3, 0.3) and map_jobs.walks("none") == ()
    marks = Stream("marks", lambda heard: iter([Mark(0.5, 0.25)]), 3)
    waited(lambda: not marks.running)
    found = scores(Marking(np.array([2, 0, 1]), marks), None, 3)
    assert found[2] == 0.25 and np.isnan(found[:2]).all() and np.isnan(scores(None, None, 2)).all()
    assert marks.share == pytest.approx(1 / 3) and marks.text == "1 of 3"


def test_a_stream_stops_between_results_and_says_what_went_wrong() -> None:
    gate = iter(range(10**9))
    stream = Stream("count", lambda heard: gate, 10**9)
    waited(lambda: len(stream.found()) > 3)
    stream.cancel()
    count = len(stream.found())
    assert not stream.running and stream.problem and len(stream.found()) == count

    def fail(heard: Progress) -> Iterator[int]:
        yield 1
        raise ValueError("No images left.")

    broken = Stream("fail", fail, 2)
    waited(lambda: not broken.running)
    assert broken.problem == "No images left." and broken.found() == (1,)


@pytest.mark.slow
def test_cancelling_a_map_leaves_the_old_one_and_a_bad_checkpoint_is_a_sentence(tmp_path: Path) -> None:
    map_jobs = MapJobs(mapped=small_map())
    old = map_jobs.mapped
    map_jobs.make_map(Settings(), DIGEST)
    assert map_jobs.job and map_jobs.job.running
    map_jobs.cancel()
    map_jobs.take_map()
    assert map_jobs.mapped is old and map_jobs.job and not map_jobs.job.running and "cancelled" in map_jobs.job.problem

    job = MapJob(Settings(), DIGEST, tmp_path / "none.safetensors")
    waited(lambda: not job.running, 300)  # a process of its own imports PyTorch first
    assert job.mapped is None and "There is no checkpoint" in job.problem


def test_subjects_say_how_they_are_scored() -> None:
    model = untrained(TINY)
    known = subjects(model, partial(cache.task, model))
    assert {subject.score for subject in known.values()} == {"accuracy", "R²"}
    drawn = next(iter(known.values())).draw
    assert len(drawn().labelled().labelled) == 200 and drawn() is drawn(), "a task is drawn and prepared once"


def test_what_is_marked_is_drawn_at_every_tenth_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    gate: Queue[None] = Queue()
    again: list[int] = []

    def make(_: Progress) -> Iterator[Mark]:
        for _n in range(40):
            gate.get()
            yield Mark(0.5, 0.5)

    stream = Stream("Marking", make, 40)

    def reached(number: int) -> Callable[[], bool]:
        return lambda: len(stream.found()) == number and stream.running == (number < 40)

    monkeypatch.setattr(jobs.st, "rerun", lambda: again.append(len(stream.found())))
    drawn = jobs.drawn([stream])
    for number in range(1, 41):
        gate.put(None)
        waited(reached(number))
        seen = len(again)
        jobs._bars([stream], "walk", drawn)
        if len(again) > seen:
            drawn = jobs.drawn([stream])
    assert again == list(range(4, 41, 4))
