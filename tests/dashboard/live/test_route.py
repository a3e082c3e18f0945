"""The live route: the page's own numbers, and a short answer to anything else."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import torch
from starlette.requests import Request

import core
from core import AXES
from core.inspect import grid
from core.inspect.background import Crowd, background
from core.measures.response import Images
from dashboard import cache
from dashboard.live import lineup
from dashboard.live.measured import Shown, shown
from dashboard.live.route import live
from dashboard.session.settings import Choices
from dashboard.text import explore
from tests.dashboard.harness import waited

VALUES = "-".join(["0.5"] * len(AXES))


@pytest.fixture(scope="module")
def now() -> Shown:
    photographs = cache.photographs()
    study = Choices(tuple(photographs), cache.model().transforms).opening()
    return shown(study, cache.model(), photographs[study.picture])


def ask(**parameters: str) -> tuple[int, dict[str, Any]]:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/live",
        "headers": [],
        "query_string": urlencode(parameters).encode(),
    }
    reply = live(Request(scope))
    assert reply.headers["cache-control"] == "no-store"
    return reply.status_code, json.loads(bytes(reply.body))


def test_it_tells_the_numbers_of_the_page(now: Shown) -> None:
    sent = now.for_browser()
    status, found = ask(scene=sent["scene"], a=sent["a"])
    assert status == 200
    page = sent["readings"]["A"]
    assert found["order"] == page["order"] and found["muted"] == page["muted"] and set(page) <= set(found)
    for name in ("similarity", "near"):
        np.testing.assert_allclose(found[name], page[name], atol=1e-3)
    frames, curves = (np.array(each["movement"])[:, :: grid.STRIDE] for each in (found, page))
    np.testing.assert_allclose(frames, curves, atol=1e-3)


def test_bands_come_as_they_are_prepared_and_hold_the_other_pictures(now: Shown) -> None:
    status, found = ask(scene=now.scene.key, a=VALUES, bands="1")
    assert status == 200 and len(found["low"]) == len(found["high"]) == len(AXES)
    assert bool(found["waiting"]) == (None in found["low"]), "it says so as long as one is missing"
    waited(lambda: not ask(scene=now.scene.key, a=VALUES, bands="1")[1]["waiting"])
    found = ask(scene=now.scene.key, a=VALUES, bands="1")[1]
    low, high = np.array(found["low"]), np.array(found["high"])
    assert low.shape == high.shape == (len(AXES), grid.FRAMES) and np.all(low <= high)
    assert np.abs(low[0, grid.FRAMES // 2]) < 1e-3, "the untransformed picture has not moved"
    crowd = Crowd(now.model.prepare, core.probe_images(grid.PROBES, 0, now.model.input_size), AXES)
    point = core.Descriptor.of(",".join(["0.5"] * len(AXES)), AXES)

    def features(images: Images) -> torch.Tensor:
        return now.model.features(images, point)

    alone = crowd.bands(features, background(features, crowd.probes))
    np.testing.assert_allclose(np.stack([low, high]), alone, atol=1e-3)


@pytest.mark.parametrize(
    "a", ["", "nan", "-".join(["nan"] * len(AXES)), "-".join(["2"] * len(AXES)), VALUES + "-0.5", "x" * 9999]
)
def test_senseless_values_are_refused_with_a_sentence(now: Shown, a: str) -> None:
    status, found = ask(scene=now.scene.key, a=a)
    assert status == 400 and found["error"].endswith(".")


def test_sentences_are_about_both_and_b_s_numbers_come_where_it_moves(now: Shown) -> None:
    sent = now.for_browser()
    alone, both = (ask(scene=sent["scene"], a=sent["a"], **more)[1] for more in ({}, {"b": sent["b"], "both": "1"}))
    assert {"A"} == {label for _, label in alone["said"] if label} and "pinned" not in alone
    assert {"A", "B"} == {label for _, label in both["said"] if label}
    assert both["pinned"] == sent["readings"]["B"]
    assert "".join(text for text, _ in both["said"]) == explore.plain(lineup.found(now.scene, now.readings))


@pytest.mark.parametrize("at", [0, grid.FRAMES // 2])
def test_another_strength_comes_with_its_pictures_and_is_what_the_page_would_show(now: Shown, at: int) -> None:
    sent = now.for_browser()
    status, found = ask(scene=sent["scene"], a=sent["a"], b=sent["b"], at=str(at))
    assert status == 200
    there = shown(replace(now.study, at=at), now.model, now.picture)
    assert found["readings"] == there.for_browser()["readings"]
    assert (found["at"], found["scene"], found["family"]) == (at, there.scene.key, now.scene.family)
    assert len(found["items"]) == len(there.scene.candidates)
    assert all(item["src"].startswith("data:image/") for item in (found["query"], *found["items"]))
    assert ask(scene=found["scene"], a=sent["a"])[0] == 200, "a slider may be dragged there"


@pytest.mark.parametrize("at", ["-1", str(grid.FRAMES), "x", ""])
def test_a_strength_that_is_none_is_refused_with_a_sentence(now: Shown, at: str) -> None:
    status, found = ask(scene=now.scene.key, a=VALUES, at=at)
    assert status == 400 and found["error"].endswith(".")


def test_scenes_do_not_keep_a_person_s_picture(now: Shown) -> None:
    picture = replace(now.picture, digest="somebody's")
    scene = cache.scene(now.model, picture, now.axis, 1, 0, None)
    assert ask(scene=scene.key, a=VALUES, at="2")[0] == 200
    del picture
    gc.collect()
    status, found = ask(scene=scene.key, a=VALUES, at="0")
    assert status == 404 and found["error"].endswith("Reload the page.")


def test_an_unknown_scene_is_not_found() -> None:
    assert ask(scene="0" * 24, a=VALUES)[0] == 404
    assert ask()[0] == 404
