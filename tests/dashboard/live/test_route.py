"""The live route: the page's own numbers, and a short answer to anything else."""

from __future__ import annotations

import json
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
from dashboard.live.measured import Shown, shown
from dashboard.live.route import live
from dashboard.session.settings import Choices
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
    assert {name: found[name] for name in sent["readings"]["A"]} == sent["readings"]["A"]


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


def test_an_unknown_scene_is_not_found() -> None:
    assert ask(scene="0" * 24, a=VALUES)[0] == 404
    assert ask()[0] == 404
