"""What a training begins with: a branch trained alone, gates on the frozen network, or another model's weights."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import Tensor

from core import AXES, AmortisedExtractor, Architecture, Compact, load_checkpoint, save_checkpoint
from core.backbones.gated_tail import GatedTail
from core.model.amortised import to_size
from core.model.hypernetwork import HALF_WAY, Hypernetwork
from core.pretraining.beginning import check_start, new_model
from core.pretraining.recipe import Recipe
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.commands import Run, assert_one_sentence
from tests.core.conftest import smooth_images
from tests.core.samples import write_images

BRANCH = replace(ARCHITECTURE, backbone=SMALL.branch)
RECIPE = Recipe(architecture=ARCHITECTURE)
POINTS = torch.tensor([[0.0] * 6, [1.0] * 6, [0.2, 0.9, 0.5, 0.0, 1.0, 0.4]])


def pictures() -> Tensor:
    return (smooth_images(40, SMALL.side) * 255).byte()


def trained(seed: int = 3) -> AmortisedExtractor:
    """A branch whose every weight is its own."""
    torch.manual_seed(seed)
    model = AmortisedExtractor(BRANCH)
    with torch.no_grad():
        for parameter in model.hypernetwork.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


@pytest.fixture(scope="module")
def begun() -> AmortisedExtractor:
    return new_model(RECIPE, AXES, pictures(), trained()).eval().requires_grad_(False)


def test_the_branch_is_generated_as_the_network_alone_is(begun: AmortisedExtractor) -> None:
    alone = trained().eval().requires_grad_(False)
    for point in POINTS:
        ours, theirs = begun.weights(point), alone.weights(point)
        for name, value in theirs.items():
            torch.testing.assert_close(ours[f"branch.{name}"], value)
    images = smooth_images(5, SMALL.side, seed=8)
    mixing = begun.constants.get_buffer("mixing")
    found = (begun.features(images, POINTS[2]) @ mixing)[:, -SMALL.pixels :]  # the branch's columns are orthogonal
    torch.testing.assert_close(found, alone.features(to_size(images, 32), POINTS[2]), atol=1e-4, rtol=1e-3)


def test_gates_go_down_with_each_coordinate_by_what_it_moves(begun: AmortisedExtractor) -> None:
    gates = torch.stack([begun.weights(torch.eye(6)[k])["gates"] for k in range(6)])
    torch.testing.assert_close(begun.weights(POINTS[0])["gates"], torch.zeros(SMALL.components), atol=1e-5, rtol=0)
    assert bool((gates < 1e-6).all()) and bool((gates.min(1).values < -1).all())
    for k in range(6):
        half = begun.weights(torch.eye(6)[k] / 2)["gates"]
        torch.testing.assert_close(half, HALF_WAY * gates[k], atol=1e-5, rtol=1e-3)
    torch.testing.assert_close(begun.weights(POINTS[1])["gates"], gates.sum(0), atol=1e-4, rtol=1e-3)


def test_the_same_seed_is_the_same_beginning_and_the_gates_shut_what_moves(begun: AmortisedExtractor) -> None:
    again = new_model(RECIPE, AXES, pictures(), trained())
    for (name, value), other in zip(begun.state_dict().items(), again.state_dict().values(), strict=True):
        assert torch.equal(value, other), name
    images = pictures().float() / 255
    tail = cast(GatedTail, begun.freeze([0.0] * 6).tail)
    shown, moves, shuts = tail.known(begun.prepare(images).parts[0]), list[Tensor](), list[Tensor]()
    for k, axis in enumerate(AXES):
        strengths = axis.low + axis.width * torch.rand(len(images), generator=torch.Generator().manual_seed(k))
        change = tail.known(begun.prepare(axis.apply(images, strengths)).parts[0]) - shown
        moves.append((change.square().mean(0) / shown.var(0)).argsort().argsort())
        shuts.append((-begun.weights(torch.eye(6)[k])["gates"]).argsort().argsort())
    agreement = torch.corrcoef(torch.stack([torch.cat(moves), torch.cat(shuts)]).float())[0, 1]
    assert float(agreement) > 0.4, "at strengths that they were not measured at, too"


def test_a_hypernetwork_adopts_only_what_fits() -> None:
    shapes = {"a.w": (4, 6), "a.b": (4,), "other": (3,)}
    ours = Hypernetwork(shapes, 2, 3, 8)
    for wrong in (
        Hypernetwork({"w": (4, 5), "b": (4,)}, 2, 3, 8),
        Hypernetwork({"w": (4, 6), "b": (4,)}, 2, 2, 8),
        Hypernetwork({"w": (4, 6), "b": (4,)}, 2, 3, 9),
        Hypernetwork({"w": (4, 6), "b": (4,)}, 3, 3, 8),
        Hypernetwork({"w": (4, 6), "c": (4,)}, 2, 3, 8),
    ):
        with pytest.raises(ValueError, match=r"to begin with"):
            ours.adopt(wrong, "a.")
    theirs = Hypernetwork({"w": (4, 6), "b": (4,)}, 2, 3, 8)
    ours.adopt(theirs, "a.")
    point = torch.rand(1, 2)
    torch.testing.assert_close(ours(point)["a.w"], theirs(point)["w"])
    torch.testing.assert_close(ours(point)["a.b"], theirs(point)["b"])


def test_what_is_no_branch_is_refused() -> None:
    for other in (replace(BRANCH, rank=3), Architecture(Compact((8,) * 6, 5), rank=4, hidden=8)):
        with pytest.raises(ValueError, match="The model to start from has"):
            check_start(AmortisedExtractor(other), RECIPE, AXES)
    with pytest.raises(ValueError, match="The model to start from has"):
        check_start(AmortisedExtractor(BRANCH, AXES[::-1]), RECIPE, AXES)
    check_start(trained(), RECIPE, AXES)


@pytest.mark.slow
def test_the_command_writes_what_a_training_would_begin_with(
    run: Run, begun: AmortisedExtractor, tmp_path: Path
) -> None:
    branch, out = tmp_path / "branch.safetensors", tmp_path / "whole.safetensors"
    save_checkpoint(trained(), branch, {"name": "branch", "steps": 7, "data": "smooth"})
    folder = write_images(tmp_path / "pictures", {"a": 20, "b": 20})
    settings = json.dumps({"architecture": json.loads(json.dumps(asdict(ARCHITECTURE)))})
    words = ("combine", "--start", branch, "--images", folder, "--out", out, "--settings", settings)
    result = run(*words)
    assert result.code == 0, result.error
    made = load_checkpoint(out)
    assert made.architecture == ARCHITECTURE and made.metadata["steps"] == 7
    assert made.metadata["branch"]["digest"] == load_checkpoint(branch).metadata["digest"]
    point, alone = POINTS[2], load_checkpoint(branch)
    torch.testing.assert_close(
        made.weights(point)["branch.head.weight"], alone.weights(point)["head.weight"], atol=1e-3, rtol=1e-2
    )
    anew = tmp_path / "anew.safetensors"  # the branch of a combined one, its gates measured again: the same
    again = run("combine", "--start", out, "--images", folder, "--out", anew, "--settings", settings)
    assert again.code == 0, again.error
    assert load_checkpoint(anew).metadata["branch"] == made.metadata["branch"]
    for name, value in made.state_dict().items():
        torch.testing.assert_close(load_checkpoint(anew).state_dict()[name], value, msg=name)
    louder = run(
        "combine", "--start", branch, "--images", folder, "--out", anew, "--settings", settings, "--loudness", 8
    )
    assert louder.code == 0, louder.error
    # four times the variance of the shipped one
    told = {each: load_checkpoint(each).constants.get_buffer("mixing")[:, : SMALL.components] for each in (anew, out)}
    torch.testing.assert_close(told[anew], 2 * told[out], atol=1e-3, rtol=1e-2)
    assert_one_sentence(run(*words, "--loudness", 0), "must be positive and finite")
    bare = ("combine", "--start", branch, "--images", folder, "--out", anew, "--backbone", "compact")
    save_checkpoint(AmortisedExtractor(replace(ARCHITECTURE, backbone=Compact(), rank=48, hidden=128)), branch, {})
    assert_one_sentence(run(*bare), "has no gates")
    save_checkpoint(trained(), branch, {"name": "branch", "steps": 7, "data": "smooth"})
    save_checkpoint(AmortisedExtractor(replace(BRANCH, rank=2)), branch, {})
    assert_one_sentence(run(*words), "The model to start from has")
