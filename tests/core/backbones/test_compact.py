"""The extractor on its own: sizes, norms, and what it can tell apart."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from core import AXES, Architecture, Compact, load_checkpoint
from core.backbones import Extractor
from core.backbones.compact import MEAN_OF_RELU, CompactTail
from tests.core.conftest import TINY, smooth_images


def extractor() -> Extractor:
    torch.manual_seed(0)
    return Extractor(TINY.backbone)


def test_a_checkpoint_from_before_backbones_could_be_exchanged_gives_the_features_that_it_gave() -> None:
    """Checkpoint and values were written by the version that the files' headers name."""
    folder = Path(__file__).parent
    stored, model = (
        load_file(folder / "compact_features.safetensors"),
        load_checkpoint(folder / "compact_older.safetensors"),
    )
    assert model.backbone == Compact((16, 16, 16, 24, 32, 32), 32)
    points = {"keep": [0.0] * 6, "ignore": [1.0] * 6, "half": [0.5] * 6, "mixed": [1, 0, 0.25, 0.75, 0.5, 0.1]}
    for kind, precise in (("single", 2e-5), ("double", 1e-6)):  # single precision differs between processors
        model.double() if kind == "double" else model.float()
        for name, point in points.items():
            found = model.features(stored["images"], point)
            torch.testing.assert_close(found, stored[f"{kind}.{name}"], atol=precise, rtol=0)


@pytest.mark.parametrize("count", [1, 3])
def test_features_are_one_finite_vector_per_image(count: int) -> None:
    features = extractor()(smooth_images(count))
    assert features.shape == (count, 16) and features.dtype == torch.float32
    assert bool(features.isfinite().all()) and features.std(1).min() > 0


def test_activation_maps_have_the_documented_resolutions() -> None:
    with torch.no_grad():
        maps = extractor().maps(smooth_images(2))
    assert [tuple(m.shape[1:]) for m in maps.values()] == [(8, s, s) for s in (16, 16, 8, 8, 4, 4)]
    assert list(maps)[-1] == "conv5"
    assert all(float(m.min()) >= 0 for m in maps.values())


def test_features_of_an_image_do_not_depend_on_its_neighbours() -> None:
    network, images = extractor().train(), smooth_images(4)
    alone = torch.cat([network(image[None]) for image in images])
    torch.testing.assert_close(network(images), alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.name)
def test_a_plain_extractor_notices_every_transformation(axis: Any) -> None:
    network, images = extractor(), smooth_images(8)
    with torch.no_grad():
        clean, moved = network(images), network(axis.apply(images, axis.high))
    between = (clean - clean.roll(1, 0)).norm(dim=1).mean()
    assert (clean - moved).norm(dim=1).mean() > 0.02 * between


def test_locality_of_minus_one_makes_the_head_blind_to_where_things_are() -> None:
    whole, images = extractor(), smooth_images(3)
    network = whole.tail
    assert isinstance(network, CompactTail)
    with torch.no_grad():
        network.locality.fill_(-1)
        pooled = network.maps(images)["conv5"].mean((2, 3)) - MEAN_OF_RELU
        expected = pooled @ network.head.weight.unflatten(1, (8, 16)).sum(2).T + network.head.bias
        torch.testing.assert_close(network(images), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "arguments",
    [
        {"widths": (8, 8, 8, 8, 8)},
        {"widths": (8, 8, 8, 8, 8, 0)},
        {"widths": (8, 8, 8, 8, 8, 8.0)},
        {"features": 0},
    ],
    ids=str,
)
def test_impossible_sizes_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="six positive widths and a positive feature size"):
        Compact(**arguments)


def test_widths_that_group_normalisation_cannot_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 8"):
        Compact(widths=(8, 8, 12, 8, 8, 8))


@pytest.mark.parametrize("arguments", [{"rank": -1}, {"hidden": "8"}, {"hidden": 0}], ids=str)
def test_an_impossible_hypernetwork_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="rank of at least 0 and a positive hidden size"):
        Architecture(**arguments)


def test_an_architecture_read_from_json_equals_the_original() -> None:
    before = '{"widths": [8, 8, 8, 8, 8, 8], "features": 16, "rank": 4, "hidden": 8}'
    for text in (json.dumps(asdict(TINY)), before):
        stored = Architecture.of(json.loads(text))
        assert stored == TINY and hash(stored) == hash(TINY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"backbone": {"name": "huge"}}', r"^There is no backbone called 'huge' in this version. Known: compact"),
        ('{"backbone": "compact"}', r"^A backbone is an object of its name and fields, .*; got 'compact'\.$"),
        ('{"backbone": {"name": "compact", "depth": 9}}', r"^The backbone compact cannot be made from .*depth"),
        ('{"backbone": {"name": "compact", "features": 0}}', r"^The backbone compact needs six positive widths"),
        ('{"rank": 3}', r"^An architecture cannot be read from"),
    ],
)
def test_an_architecture_that_this_version_lacks_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Architecture.of(json.loads(text))
