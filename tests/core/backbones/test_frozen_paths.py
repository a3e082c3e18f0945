"""What a descriptor may do to what a frozen network tells, and how much of it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from core import AmortisedExtractor, Architecture
from core.axes.transforms import AXES
from core.backbones import Prepared
from core.backbones.efficientnet_network import POOLED, TOLD
from core.backbones.frozen_paths import PATHS, TurnedTail
from core.model.hypernetwork import key_of
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.conftest import smooth_images

LOW = [0.0] * len(AXES)


def model_of(**fields: Any) -> AmortisedExtractor:
    torch.manual_seed(0)
    made = AmortisedExtractor(Architecture(replace(SMALL, **fields), ARCHITECTURE.rank, ARCHITECTURE.hidden))
    images = smooth_images(32, SMALL.side)
    repeated = images.repeat_interleave(2, 0)
    torch.manual_seed(0)  # what is measured is the same of every path
    moved = (axis.apply(repeated, axis.low + axis.width * torch.rand(len(repeated))) for axis in AXES)
    made.calibrate(made.prepare(images), map(made.prepare, moved))
    return made.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def models() -> dict[str, AmortisedExtractor]:
    return {path: model_of(path=path) for path in PATHS}


@pytest.mark.parametrize("path", PATHS)
def test_each_path_gives_features_and_exports_the_same_network(
    models: dict[str, AmortisedExtractor], path: str
) -> None:
    model, pictures = models[path], smooth_images(3, SMALL.side)
    for value in (0.0, 0.4, 1.0):
        features = model.features(pictures, [value] * 6)
        assert features.shape == (3, SMALL.features) and bool(torch.isfinite(features).all())
        torch.testing.assert_close(model.freeze([value] * 6)(pictures), features)


def test_only_the_fixed_path_tells_the_same_under_every_descriptor(models: dict[str, AmortisedExtractor]) -> None:
    pictures = smooth_images(6, SMALL.side)
    for path, model in models.items():
        prepared, beside = model.prepare(pictures), model.beside
        assert beside is not None
        low, high = (
            features - features @ beside @ beside.T  # without the branch
            for features in (model.features(prepared, [value] * 6) for value in (0.0, 1.0))
        )
        assert ((low - high).norm() < 1e-4 * low.norm()) == (path == "fixed"), path


def test_gates_stay_between_shut_and_open_and_a_loudness_is_free() -> None:
    tail, free = (PATHS[path](6, 4, SMALL.branch) for path in ("gates", "scale"))
    with torch.no_grad():
        for each in (tail, free):
            each.gates.copy_(torch.tensor([-3.0, -0.5, 0.0, 2.0]))
    assert tail.openings().tolist() == [0.0, 0.5, 1.0, 1.0] and free.openings().tolist() == [-2.0, 0.5, 1.0, 3.0]


def test_a_matrix_takes_out_a_direction_that_is_no_component() -> None:
    tail = TurnedTail(6, 4, SMALL.branch)
    direction, told = F.normalize(torch.tensor([1.0, 1.0, 0.0, 0.0]), dim=0), torch.randn(5, 6)
    assert torch.equal(tail.known(told), told[:, :4]), "the identity at first"
    with torch.no_grad():
        tail.turn.copy_(torch.eye(4) - torch.outer(direction, direction))
        torch.testing.assert_close(tail.known(told) @ direction, torch.zeros(5), atol=1e-6, rtol=0)


def test_only_measured_gates_begin_with_what_an_axis_shuts(models: dict[str, AmortisedExtractor]) -> None:
    base = {path: model.hypernetwork.base for path, model in models.items()}
    assert float(base["gates"]["gates"].abs().max()) > 0.1 and not bool(base["scale"]["gates"].any())
    assert torch.equal(base["matrix"]["turn"], torch.eye(SMALL.components)) and "gates" not in base["fixed"]


def test_pretrained_blocks_begin_as_they_were_trained(models: dict[str, AmortisedExtractor]) -> None:
    """Without generated terms the generated tail is the rest of the frozen network."""
    blocks, fixed = models["blocks"], models["fixed"]
    told, small, grid = blocks.prepare(smooth_images(3, SMALL.side)).parts
    assert grid.shape == (3, 112, SMALL.side // 16, SMALL.side // 16)
    expected = fixed.weights(torch.tensor(LOW))
    base = {name: blocks.hypernetwork.base[key_of(name)] for name in blocks.weights(torch.tensor(LOW))}
    as_trained = {name: expected.get(name, value) for name, value in base.items()}
    found = blocks.extract(Prepared((told, small, grid), blocks.prepares), as_trained)
    torch.testing.assert_close(found, fixed.extract(Prepared((told, small), fixed.prepares), expected))


def test_what_the_blocks_read_is_not_taken_for_what_others_read(models: dict[str, AmortisedExtractor]) -> None:
    marks = {path: model.prepares for path, model in models.items()}
    assert len({marks[path] for path in marks if path != "blocks"}) == 1 and marks["blocks"] != marks["gates"]
    with pytest.raises(ValueError, match="Prepare them with model"):
        models["gates"].features(models["blocks"].prepare(smooth_images(2, SMALL.side)), LOW)


@pytest.mark.parametrize("reads", [POOLED, TOLD])
def test_only_the_numbers_that_are_read_count(reads: int) -> None:
    model = model_of(reads=reads)
    told, small = model.prepare(smooth_images(4, SMALL.side)).parts
    assert told.shape == (4, TOLD), "a stem tells all, so that banks of views serve every tail"
    expected = model.features(Prepared((told, small), model.prepares), LOW)
    for numbers, are_read in ((slice(POOLED), True), (slice(POOLED, None), reads > POOLED)):
        other = told.clone()
        other[:, numbers] += 1
        found = model.features(Prepared((other, small), model.prepares), LOW)
        assert bool((found - expected).norm() > 1e-3) == are_read, numbers


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"path": "doors"}, "The path of efficientnet_lite0 can be one of gates, scale, matrix, fixed, blocks; got"),
        ({"path": "matrix", "balanced": True}, "The path of efficientnet_lite0 can be one of gates; got"),
        ({"reads": 0}, f"The backbone efficientnet_lite0 reads 1 to {TOLD} numbers; got"),
        ({"reads": TOLD + 1}, f"The backbone efficientnet_lite0 reads 1 to {TOLD} numbers; got"),
        ({"path": "blocks", "reads": POOLED - 1}, f"reads the {POOLED} pooled features at least; got"),
        ({"reads": 8}, "The backbone efficientnet_lite0 needs 1 to 8 components; got"),
    ],
    ids=str,
)
def test_impossible_paths_are_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **fields)


def test_the_branch_begins_alike_whatever_the_path() -> None:
    starts = []
    for path in PATHS:
        torch.manual_seed(0)
        tail = replace(SMALL, path=path).initial().tail
        starts.append(torch.cat([value.flatten() for name, value in tail.items() if name.startswith("branch.")]))
    assert all(torch.equal(starts[0], each) for each in starts[1:])
