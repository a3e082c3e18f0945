"""What the gates trade: only what a variant names is different, and the command goes on where it was."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from core import AXES, AmortisedExtractor, load_checkpoint, save_checkpoint
from core.backbones import Prepared
from core.backbones.gated_tail import GATING, Gating
from core.pretraining import gates
from core.pretraining.ablation import Seen, measured, measured_on
from core.pretraining.beginning import new_model, shown_and_moved
from core.pretraining.gates import AS_SHIPPED, VARIANTS, GateVariant, as_combined, gated, stored, trades
from core.pretraining.recipe import Recipe
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.commands import Result, Run, assert_one_sentence
from tests.core.conftest import smooth_images, tiny_model

POINT = torch.tensor([0.2, 0.9, 0.5, 0.0, 1.0, 0.4])


def pictures() -> Tensor:
    return (smooth_images(40, SMALL.side) * 255).byte()


@pytest.fixture(scope="module")
def combined() -> AmortisedExtractor:
    """A combined model whose branch has weights of its own."""
    torch.manual_seed(3)
    branch = AmortisedExtractor(replace(ARCHITECTURE, backbone=SMALL.branch))
    return new_model(Recipe(architecture=ARCHITECTURE), AXES, pictures(), branch).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def looked_at(combined: AmortisedExtractor) -> tuple[Prepared, list[Prepared]]:
    shown, moved = shown_and_moved(combined, pictures(), 0)
    return shown, list(moved)


Looked = tuple[Prepared, Sequence[Prepared]]


def test_the_gating_is_the_one_that_the_shipped_checkpoint_was_made_with() -> None:
    assert Gating() == GATING == Gating(shut=0.15, sensitive=0.3, loudness=2.0, turns=150)
    assert "gating" not in json.dumps(load_checkpoint().metadata["architecture"])


def test_measured_again_as_shipped_it_is_the_same_model_bit_for_bit(
    combined: AmortisedExtractor, looked_at: Looked
) -> None:
    again = gated(combined, VARIANTS[0], *looked_at)
    for name, value in combined.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert again.architecture == combined.architecture and again.prepares == combined.prepares


def gates_at(model: AmortisedExtractor) -> Tensor:
    """(K, C): how far each axis alone shuts each gate at i = 1."""
    return torch.stack([-model.weights(torch.eye(6)[k])["gates"] for k in range(6)])


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
def test_a_variant_changes_what_it_says_and_leaves_the_branch(
    combined: AmortisedExtractor, looked_at: Looked, variant: GateVariant
) -> None:
    if variant.components:
        variant = replace(variant, components={64: 4, 256: 8, 640: 16}[variant.components])
    made = gated(combined, variant, *looked_at)
    for name, value in combined.weights(POINT).items():
        if name.startswith("branch."):
            assert torch.equal(value, made.weights(POINT)[name]), name
    before, after = (each.constants.get_buffer("mixing") for each in (combined, made))
    count = variant.components or SMALL.components
    assert made.architecture.features == count + SMALL.pixels
    if not variant.components and variant.gating.turns:
        ratio = math.sqrt(variant.gating.loudness / GATING.loudness)
        torch.testing.assert_close(after[:, :count], ratio * before[:, :count], rtol=1e-4, atol=1e-6 * ratio)
    if variant.threshold:
        torch.testing.assert_close(
            gates_at(made), gates_at(combined) / variant.threshold, rtol=1e-3, atol=1e-3 / variant.threshold
        )
    if not variant.gating.turns:
        assert not torch.allclose(made.constants.get_buffer("components"), combined.constants.get_buffer("components"))


@pytest.mark.slow
def test_what_went_through_the_stem_once_is_measured_as_what_goes_through_it_each_time(
    combined: AmortisedExtractor,
) -> None:
    images = smooth_images(16, SMALL.side, seed=4)
    seen = Seen.of(combined, images, None)
    seen = replace(seen, views=list(seen.views))
    expected = measured(combined, images, None, "one", 0, {}, 1.0)
    for _ in range(2):
        assert measured_on(combined, seen, "one", 0, {}, 1.0) == expected


def test_a_model_without_gates_and_weights_of_another_network_are_refused(combined: AmortisedExtractor) -> None:
    with pytest.raises(ValueError, match="The backbone compact has no gates"):
        gates.gated_backbone(tiny_model().backbone)
    assert as_combined(combined).prepares == combined.prepares
    other = new_model(Recipe(architecture=ARCHITECTURE), AXES, pictures())
    other.stem.get_buffer("fingerprint").add_(1)
    with pytest.raises(ValueError, match="not those in the checkpoint"):
        as_combined(other)


def row(variant: str, own: float, half: float) -> dict[str, Any]:
    return {"variant": variant, "own": [own / 2, own * 2], "labels": {"0": 0.7, "0.5": half, "1": 0.5, "frozen": 0.65}}


def test_the_curve_goes_from_the_lowest_threshold_to_gates_that_never_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["loudness 4", "gates never shut", AS_SHIPPED, "threshold / 4"]
    document = {"checkpoint": "abc", "findings": [row(name, 3.0 + n, 0.6) for n, name in enumerate(names)]}
    found = trades(document)
    assert [each.variant for each in found] == ["threshold / 4", AS_SHIPPED, "gates never shut", "loudness 4"]
    assert [each.threshold for each in found] == [0.25, 1.0, math.inf, None]
    assert found[0].control == pytest.approx(6.0)
    assert (found[0].open, found[0].half) == (pytest.approx(5.0), pytest.approx(-5.0))
    monkeypatch.setattr(gates, "STORED", tmp_path / "gates.json")
    assert stored("abc") == []
    (tmp_path / "gates.json").write_text(json.dumps(document), encoding="utf-8")
    assert stored("abc") == found and stored("another") == []


@pytest.fixture
def command(run: Run, combined: AmortisedExtractor, tmp_path: Path) -> Callable[..., Result]:
    save_checkpoint(combined, tmp_path / "it.safetensors", {})
    for seed, (name, count) in enumerate({"train": 30, "other": 18}.items()):
        (tmp_path / name).mkdir()
        for number, picture in enumerate(smooth_images(count, SMALL.side, seed=seed)):
            pixels = (picture * 255).byte().permute(1, 2, 0).numpy()
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")

    def ask(*words: object) -> Result:
        folders = ("--images", tmp_path / "train", "--held-out", tmp_path / "other")
        return run("ablate-gates", "--start", tmp_path / "it.safetensors", *folders, "--count", 16, *words)

    return ask


@pytest.mark.slow
def test_the_command_writes_every_variant_and_goes_on_where_it_was(
    command: Callable[..., Result], run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "gates.json"
    first = command("--json", file, "--only", AS_SHIPPED)
    assert first.code == 0, first.error
    again = command("--json", file, "--only", AS_SHIPPED, "--only", "threshold / 2")
    assert again.code == 0 and f"| {AS_SHIPPED} |" in again.out, again.error
    document = json.loads(file.read_text(encoding="utf-8"))
    assert [each["variant"] for each in document["findings"]] == [AS_SHIPPED, "threshold / 2"]
    assert document["findings"][0]["own"] != document["findings"][1]["own"]
    assert document["checkpoint"] == load_checkpoint(tmp_path / "it.safetensors").metadata["digest"]
    assert len(document["held_out"]) == 16 and all(name.endswith(".png") for name in document["held_out"])
    assert "ablate-gates" in document["command"] and str(tmp_path) not in document["command"]
    assert {"date", "seed", "machine", "images", "labelled"} <= document.keys()
    assert run("table", file).out.strip() in again.out
    assert_one_sentence(command("--json", file, "--seed", 1), "of another comparison (different: seed)")
    assert_one_sentence(command("--only", "everything"), "no variant called 'everything'. Name some of: as shipped;")
