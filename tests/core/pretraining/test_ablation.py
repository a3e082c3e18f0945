"""The ablation of the hypernetwork's form: what each form can and cannot vary, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from core import AXES
from core.__main__ import app
from core.cli.ablate import table
from core.model.hypernetwork import Hypernetwork
from core.pretraining.ablation import FORMS, Form, FullBasis, ablate, build
from core.pretraining.recipe import Recipe
from tests.core.conftest import TINY, smooth_images

K = len(AXES)
TWO = (Form("vectors", Hypernetwork, 0), Form("basis", FullBasis, 3))


def change(form: Form) -> dict[str, torch.Tensor]:
    """What differs between the weights at i = 0 and at i = 1."""
    weights = build(form, TINY, 0).hypernetwork(torch.stack([torch.zeros(K), torch.ones(K)]))
    return {name: (both[1] - both[0]).detach() for name, both in weights.items()}


def test_of_rank_zero_only_vectors_depend_on_the_descriptor() -> None:
    for name, moved in change(TWO[0]).items():
        assert (float(moved.abs().max()) > 0) == (moved.ndim == 1), name


def test_a_full_basis_changes_matrices_by_more_than_any_low_rank_and_has_gradients() -> None:
    moved = change(TWO[1])["conv3.weight"].flatten(1)
    assert int(torch.linalg.matrix_rank(moved, rtol=1e-4)) == min(moved.shape)
    model, point = build(TWO[1], TINY, 0), torch.full((K,), 0.3, requires_grad=True)
    torch.stack([weight.square().sum() for weight in model.weights(point).values()]).sum().backward()
    assert point.grad is not None and bool((point.grad.abs() > 0).all())


def test_a_full_basis_is_the_sum_over_its_matrices() -> None:
    network = build(TWO[1], TINY, 0).hypernetwork
    assert isinstance(network, FullBasis)
    mix = torch.tensor([[0.5, -1.0, 2.0]])
    base, basis = network.base["conv1_weight"], network.basis["conv1_weight"]
    expected = base + 0.5 * basis[0] - basis[1] + 2 * basis[2]
    torch.testing.assert_close(network.matrix("conv1.weight", mix)[0], expected)


@pytest.mark.slow
def test_runs_are_repeatable_and_differ_between_seeds() -> None:
    images = (smooth_images(16) * 255).to(torch.uint8)
    recipe = Recipe(steps=2, size=8, architecture=TINY)

    def losses(seeds: tuple[int, ...]) -> list[float]:
        return [each.loss for each in ablate(images, smooth_images(16), recipe, TWO[:1], seeds)]

    first, second = losses((0, 1))
    assert losses((0,)) == [first] and first != second


@pytest.mark.slow
def test_the_command_writes_every_form_and_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, image in enumerate(smooth_images(20)):
        Image.fromarray((image * 255).byte().permute(1, 2, 0).numpy()).save(tmp_path / f"{number}.png")
    monkeypatch.setattr("core.cli.ablate.Architecture", lambda: TINY)
    words = f"ablate --images {tmp_path} --held-out {tmp_path} --json {tmp_path}/f.json --seeds 1 --size 4"
    result = CliRunner().invoke(app, [*words.split(), "--steps", "1", "--count", "16"])
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))["findings"]
    assert [each["form"] for each in found] == [form.name for form in FORMS]
    assert all(len(each["own"]) == K for each in found)
    stored = {each["form"]: each["stored"] for each in found}
    assert stored["scale and shift only"] < stored["low rank, 8"] < stored["full basis, 12"]
    assert all(form.name in result.output for form in FORMS)


@pytest.mark.slow
def test_the_table_has_means_and_ranges_over_seeds() -> None:
    images = (smooth_images(16) * 255).to(torch.uint8)
    found = list(ablate(images, smooth_images(16), Recipe(steps=1, size=4, architecture=TINY), TWO[:1], (0, 1)))
    row = table(found).splitlines()[2]
    low, high = sorted(each.loss for each in found)
    assert row.startswith("| vectors |") and f"({low:.2f} to {high:.2f})" in row
