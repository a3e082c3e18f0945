"""Training from a bank of views, by the library and by the command."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch

from core import AmortisedExtractor, load_checkpoint
from core.pretraining.bank import Bank, group_of
from core.pretraining.groups import draw_group
from core.pretraining.loop import pretrain
from core.pretraining.recipe import Recipe
from core.pretraining.state import FILE, read_average
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.commands import Run, assert_one_sentence
from tests.core.conftest import smooth_images
from tests.core.pretraining.banks import LITE, contents, lite_bank, lite_model, lite_pictures
from tests.core.pretraining.runs import state, unequal
from tests.core.samples import write_images

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model() -> AmortisedExtractor:
    return lite_model()


@pytest.fixture(scope="module")
def made(model: AmortisedExtractor, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A complete bank of four groups of a frozen network's outputs."""
    return lite_bank(tmp_path_factory.mktemp("banks") / "lite", model)


@pytest.mark.slow
def test_training_from_a_bank_is_the_training_on_its_views(made: Bank, tmp_path: Path) -> None:
    recipe, images = replace(LITE, steps=2, rate=2e-4), lite_pictures()

    def run(name: str, bank: Bank | None, stop: int = 2) -> Path:
        steps = pretrain(images, recipe, tmp_path / name, data="smooth", every=1, bank=bank, device=CPU)
        assert len(list(islice(steps, stop))) <= stop
        steps.close()
        return tmp_path / name

    stored, drawn = state(run("stored", made)), state(run("drawn", None))
    assert unequal(stored, state(run("again", made))) == []
    far = [n for n in stored if n.startswith("average.hyper") and not torch.allclose(stored[n], drawn[n], atol=5e-3)]
    assert far == [] and unequal(stored, drawn) != [], "half precision is all that differs"
    run("parted", made, 1)
    assert unequal(state(run("parted", made)), stored) == []
    assert read_average(tmp_path / "stored")[1]["bank"] == "4 groups of seed 0"
    with pytest.raises(ValueError, match="from a bank of 4 groups of seed 0, not from views drawn at each step"):
        run("stored", None)


@pytest.mark.parametrize("change", [{"path": "blocks"}, {"shared": 0.0}], ids=str)
def test_groups_of_a_bank_of_something_else_are_drawn_anew(made: Bank, change: dict[str, Any]) -> None:
    """A variant with another stem, or with other views, of whatever seed."""
    recipe = replace(LITE, views=replace(LITE.views, **change)) if "shared" in change else LITE
    other = (
        lite_model()
        if "shared" in change
        else AmortisedExtractor(replace(ARCHITECTURE, backbone=replace(SMALL, **change)))
    )
    found = group_of(lite_pictures(), replace(recipe, seed=5), 2, 1, other, made)
    expected = draw_group(lite_pictures(), recipe, 0, 1, other)  # the bank has two steps, of seed 0
    assert all(map(torch.equal, found.prepared.parts, expected.prepared.parts)) and found.prepared.by == other.prepares
    stored = vars(made.group(2, 1, CPU).views).values()
    assert all(map(torch.equal, stored, vars(found.views).values())) == (recipe == LITE)


def test_an_incomplete_bank_or_one_of_another_recipe_is_not_trained_from(made: Bank, tmp_path: Path) -> None:
    def begin(bank: Bank, recipe: Recipe = LITE) -> None:
        next(pretrain(lite_pictures(), recipe, tmp_path / "run", data="smooth", bank=bank, device=CPU))

    with pytest.raises(ValueError, match="is not complete"):
        begin(replace(made, groups=6))
    with pytest.raises(ValueError, match=r"something else \(different: size\)"):
        begin(made, replace(LITE, size=3))
    assert not (tmp_path / "run" / FILE).exists()


@pytest.mark.slow
def test_the_command_makes_a_bank_says_its_size_and_trains_from_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_images(tmp_path / "pictures", {"a": 12, "b": 12})
    settings = json.dumps({"architecture": json.loads(json.dumps(asdict(ARCHITECTURE))), "components": 4})
    words = ["pretrain", "--images", folder, "--steps", 3, "--size", 4, "--settings", settings]
    words += ["--bank", tmp_path / "bank", "--bank-groups", 4]
    first = run(*words, "--out", tmp_path / "run")
    assert first.code == 0, first.error
    assert re.search(
        r"The bank of views in \S+ takes 0\.\d GB|takes \d+\.\d MB; [\d.]+ GB are free on that disk\.", first.out
    )
    model = load_checkpoint(tmp_path / "run" / "hypernetwork.safetensors")
    assert model.metadata["bank"] == "4 groups of seed 0" and model.backbone == SMALL
    trained, _ = read_average(tmp_path / "run")
    for value in (0.0, 0.5, 1.0):  # stem, buffers and generated weights in half precision
        found, expected = (each.features(smooth_images(9, SMALL.side), [value] * 6) for each in (model, trained))
        assert (found - expected).norm() < 2e-2 * expected.norm()
    before = contents(tmp_path / "bank")
    again = run(*words, "--out", tmp_path / "other", "--seed", 1, "--rate", 1e-4)
    assert again.code == 0 and "The bank of views" not in again.out and contents(tmp_path / "bank") == before
    assert_one_sentence(
        run(*words, "--out", tmp_path / "run", "--size", 5), "holds a bank of something else (different: size)"
    )
    assert_one_sentence(run(*words[:-1], 3, "--out", tmp_path / "run"), "whole steps of 2 groups; got 3 groups")
    assert_one_sentence(
        run(*words[:-1], 2, "--out", tmp_path / "run"), "from a bank of 4 groups of seed 0, not from a bank of 2"
    )
    monkeypatch.setattr("core.pretraining.bank.free_bytes", lambda folder: 100_000)
    fresh = run(*words, "--bank", tmp_path / "more", "--out", tmp_path / "third")
    assert_one_sentence(fresh, "0.1 MB are free on that disk. Give another folder, or fewer groups")
