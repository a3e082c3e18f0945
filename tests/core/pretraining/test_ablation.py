"""The ablation: what each variant changes, what is measured, and the command that goes on where it was."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from core import AXES, AmortisedExtractor, Architecture
from core.backbones import Backbone, Compact, EfficientNetLite0
from core.data import ImageSet
from core.measures import control, effective_rank
from core.measures.shots import check_shots, shots
from core.pretraining import ablation
from core.pretraining.ablation import Finding, ablate, measured, trained
from core.pretraining.ablation_table import COLUMNS, read, table
from core.pretraining.bank import Bank
from core.pretraining.content import content_of
from core.pretraining.recipe import Recipe
from core.pretraining.variants import VARIANTS, Variant
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.commands import Result, Run, assert_one_sentence
from tests.core.conftest import smooth_images, tiny_model
from tests.core.samples import normal

K = len(AXES)
SAME = next(each for each in VARIANTS if len(each.recipe) == 1)
"""A variant that changes a number, which a test makes part of the recipe."""
RECIPE = Recipe(steps=2, groups=2, size=4, warmup=1, components=4, architecture=ARCHITECTURE)


@pytest.mark.parametrize("backbone", [EfficientNetLite0(), Compact()], ids=lambda each: each.name)
def test_every_variant_changes_one_thing_of_a_backbone_or_is_not_for_it(backbone: Backbone) -> None:
    recipe = Recipe(architecture=Architecture(backbone, rank=48))
    made = []
    for variant in VARIANTS:
        parts = {each.name for each in fields(backbone)}  # type: ignore[arg-type]  # every backbone is a dataclass
        if set(variant.backbone) <= parts:
            made.append(variant.of(recipe))
        else:
            with pytest.raises(TypeError):
                variant.of(recipe)
        changed = [variant.recipe, variant.times, variant.views, variant.backbone, variant.rank is not None]
        slower = ", rate" in variant.name  # another variant again, at another rate
        assert sum(map(bool, changed)) == (variant.name != "the recipe") + slower, variant.name
    assert made[0] == recipe and len({json.dumps(asdict(each)) for each in made}) == len(made) >= 20
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)


def test_a_factor_is_one_on_what_the_recipe_has() -> None:
    (variant,) = (each for each in VARIANTS if each.name == "rate x 3")
    assert variant.of(replace(RECIPE, rate=0.5)) == replace(RECIPE, rate=1.5)


def images(count: int = 40, seed: int = 0) -> Tensor:
    return (smooth_images(count, SMALL.side, seed=seed) * 255).round().byte()


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    torch.manual_seed(0)
    model = AmortisedExtractor(ARCHITECTURE)
    made = Bank.of(tmp_path_factory.mktemp("bank"), images(), RECIPE, 4, model)
    list(made.make(images(), model))
    return made


@pytest.fixture(scope="module")
def content(bank: Bank) -> Tensor:
    found = content_of(AmortisedExtractor(ARCHITECTURE), images(), 4, stored=bank.content())
    assert found is not None
    return found


def labelled() -> ImageSet:
    return ImageSet("two", images(50, seed=2), torch.arange(50) % 2, ("a", "b"))


@pytest.fixture(scope="module")
def findings(bank: Bank, content: Tensor) -> list[Finding]:
    """Two variants."""
    chosen, held_out = (VARIANTS[0], Variant("rank 1", rank=1)), images(16, seed=1).float() / 255
    found = list(ablate(images(), held_out, labelled(), RECIPE, bank, content, chosen, (3,)))
    shares = [each[1] for each in found if not isinstance(each, Finding)]
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) == 4
    return [each for each in found if isinstance(each, Finding)]


@pytest.mark.slow
def test_every_variant_is_trained_and_measured(findings: list[Finding]) -> None:
    assert [(each.variant, each.seed) for each in findings] == [("the recipe", 3), ("rank 1", 3)]
    for each in findings:
        for values in (each.own, each.whitened, each.kept, each.left, each.onset, *each.places.values()):
            assert len(values) == K and np.isfinite(values).all()
        assert set(each.places) == {"0", "1"} and set(each.labels) == {"0", "0.5", "1", "frozen"}
        assert 0 <= each.leakage <= 1 and 1 <= each.rank <= 16 and each.seconds > 0
        assert {"contrastive", "content", "total"} <= set(each.loss)
    assert findings[0].stored > findings[1].stored
    assert findings[0].labels["frozen"] == findings[1].labels["frozen"]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_model(bank: Bank, content: Tensor) -> None:
    def weights(seed: int) -> Tensor:
        *_, (model, _, _) = trained(images(), replace(RECIPE, seed=seed), bank, content, torch.device("cpu"))
        return torch.cat([each.detach().flatten() for each in model.hypernetwork.parameters()])

    assert torch.equal(weights(0), weights(0)) and not torch.equal(weights(0), weights(1))


@pytest.mark.slow
def test_a_model_is_measured_as_in_the_evaluation() -> None:
    model, pictures = tiny_model().eval().requires_grad_(False), smooth_images(24)
    found = measured(model, pictures, None, "untrained", 0, {}, 0.5)
    expected = control(model, pictures, steps=2, others=(0.0, 1.0))
    assert found.own == pytest.approx(expected.ratio("own")) and found.whitened == pytest.approx(expected.ratio())
    assert (found.leakage, found.labels, found.seconds) == (expected.leakage, {}, 0.5)
    for value in (0.0, 1.0):
        assert found.places[f"{value:g}"] == pytest.approx(expected.ratio("own", value), rel=1e-3)
    points = [[float(number >> k & 1) for k in range(K)] for number in range(2**K)]
    assert found.rank == pytest.approx(min(effective_rank(model.features(pictures, point)) for point in points))


def test_findings_survive_json(tmp_path: Path) -> None:
    one = finding(own=(math.nan, *(2.0,) * 5))
    text = json.dumps({"findings": [one.document()]}).replace("NaN", "null")
    (again,) = read(json.loads(text))
    assert again.own[1:] == one.own[1:] and math.isnan(again.own[0])
    assert replace(again, own=one.own) == one
    with pytest.raises(ValueError, match="of another version of the ablation"):
        read({"findings": [{"form": "low rank"}]})


def finding(**changed: Any) -> Finding:
    one = Finding(
        "the recipe",
        0,
        {"total": 3.0},
        own=(4.0,) * K,
        whitened=(2.0,) * K,
        places={"0": (1.0,) * K, "1": (4.0,) * K},
        kept=(0.9,) * K,
        left=(0.1, 0.1, 0.1, 0.1, 0.1, 0.4),
        onset=(0.05, 0.2, 0.1, 0.1, 0.1, 0.1),
        leakage=0.25,
        rank=12.4,
        labels={"0": 0.7, "0.5": 0.65, "1": 0.6, "frozen": 0.68},
        stored=1_500_000,
        seconds=0.4,
    )
    return replace(one, **changed)


def test_the_table_has_a_row_a_variant_with_means_and_ranges_over_seeds() -> None:
    rows = table(
        [finding(), finding(seed=1, rank=20.0), finding(variant="rank 8", own=(1.0, *(4.0,) * 5))]
    ).splitlines()
    assert len(rows) == 4 and len({row.count("|") for row in rows}) == 1
    names = [cell.strip() for cell in rows[0].split("|")[1:-1]]
    cells = [dict(zip(names, [cell.strip() for cell in row.split("|")[1:-1]], strict=True)) for row in rows[2:]]
    assert [each["variant"] for each in cells] == ["the recipe", "rank 8"] and len(names) == 1 + len(COLUMNS)
    first, second = cells
    assert first["lowest rank"] == "16 (12 to 20)" and second["lowest rank"] == "12"
    assert second["control, own metric"] == f"{4 ** (5 / 6):.2f}" and second["worst axis"] == "1.00"
    assert second["others at 0 and 1"] == "2.00" and second["worst axis there"] == "1.00"
    assert second["decodability kept − left"] == "0.75" and second["most left"] == "0.40"
    assert second["onset off by"] == "0.20" and second["leakage, %"] == "25" and second["whitened"] == "2.00"
    assert second["i = 0.5 − frozen, points"] == "-3.0" and second["best fixed − frozen, points"] == "+2.0"
    assert second["numbers, million"] == "1.5" and second["s a step"] == "0.40"
    assert second["20 labels a class at i = 0.5, %"] == "65.0"
    assert "frozen" not in table([finding(labels={})])


def test_labels_are_counted_before_the_work_begins() -> None:
    check_shots(torch.arange(42) % 2)
    with pytest.raises(
        ValueError, match=r"20 labels a class need more images than that in each class; the smallest has 20"
    ):
        check_shots(torch.arange(40) % 2)


def test_few_labels_suffice_where_classes_lie_apart_and_none_where_they_do_not() -> None:
    labels = torch.arange(200) % 4
    apart = normal(200, 6).float() + 8 * torch.eye(4, 6)[labels]
    assert shots(apart, labels) > 0.99 and shots(100 * apart + 7, labels) == shots(apart, labels)
    assert shots(normal(200, 6).float(), labels) == pytest.approx(0.25, abs=0.08)


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Pictures as files: to train on, held out, and of two classes."""
    made = {}
    for seed, (name, count) in enumerate({"train": 30, "other": 16, "classes": 44}.items()):
        for number, pixels in enumerate(images(count, seed).permute(0, 2, 3, 1).numpy()):
            folder = tmp_path / name / ("ab"[number % 2] if name == "classes" else "")
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / f"{number}.png")
        made[name] = tmp_path / name
    return made


@pytest.fixture
def command(run: Run, folders: dict[str, Path], tmp_path: Path) -> Callable[..., Result]:
    settings = {"architecture": json.loads(json.dumps(asdict(ARCHITECTURE))), "components": 4, **SAME.recipe}

    def ask(*words: object) -> Result:
        return run(
            "ablate",
            *("--images", folders["train"], "--held-out", folders["other"], "--bank", tmp_path / "bank"),
            *("--bank-groups", 2, "--steps", 1, "--size", 4, "--settings", json.dumps(settings), *words),
        )

    return ask


@pytest.mark.slow
def test_the_command_writes_every_run_and_goes_on_where_it_was(
    command: Callable[..., Result], folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(_model: Any, _images: Any, _labelled: Any, variant: str, seed: int, *_rest: Any) -> Finding:
        return finding(variant=variant, seed=seed)

    monkeypatch.setattr(ablation, "measured", at_once)  # what it gives is tested above; here it is about the file
    words = ["--json", tmp_path / "f.json", "--labelled", folders["classes"], "--only", "the recipe"]
    first = command(*words, "--only", "scale and shift only (rank 0)", "--only", SAME.name)
    assert first.code == 0, first.error
    assert "The bank of views in" in first.out and "are free on that disk" in first.out
    assert f"Left out, as they are the recipe itself: {SAME.name}." in first.out
    stored = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    runs = [("the recipe", 0), ("scale and shift only (rank 0)", 0)]
    assert [(each["variant"], each["seed"]) for each in stored["findings"]] == runs
    assert set(stored["findings"][0]) == {each.name for each in fields(Finding)}
    assert stored["bank"] == "2 groups of seed 0" and stored["labelled"] == "classes" and stored["held_out"] == 16

    from core.cli import ablate as module

    asked: list[tuple[str, int]] = []
    real = module.run_ablation

    def watched(*given: Any, **named: Any) -> Iterator[tuple[str, float] | Finding]:
        asked.append((given[6][0].name, given[7][0]))
        return real(*given, **named)

    monkeypatch.setattr(module, "run_ablation", watched)
    again = command(*words, "--only", "rank 8", "--seeds", 2)
    assert again.code == 0 and asked == [("rank 8", 0), ("the recipe", 1), ("rank 8", 1)]
    assert "| scale and shift only (rank 0) |" in again.out and "The bank of views" not in again.out
    assert len(json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))["findings"]) == 5
    assert_one_sentence(command(*words, "--count", 16, "--steps", 2), "of another comparison (different: recipe)")


@pytest.mark.slow
def test_views_may_be_drawn_at_every_step_and_runs_go_side_by_side(
    run: Run, folders: dict[str, Path], tmp_path: Path
) -> None:
    backbone = {"name": "compact", "widths": [8] * 6, "features": 8}
    settings = {"architecture": {"backbone": backbone, "rank": 2, "hidden": 8}, "content": 0.0}
    words = ["ablate", "--images", folders["train"], "--held-out", folders["other"], "--steps", 1, "--size", 4]
    other = "no third views within what is ignored"
    words += ["--settings", json.dumps(settings), "--only", "the recipe", "--only", other]
    found = {}
    for jobs in (1, 2):
        made = run(*words, "--jobs", jobs, "--json", tmp_path / f"{jobs}.json")
        assert made.code == 0 and f"| {other} |" in made.out, made.error
        stored = json.loads((tmp_path / f"{jobs}.json").read_text(encoding="utf-8"))
        assert stored["bank"] == ""
        found[jobs] = {each["variant"]: each["loss"]["separation"] for each in stored["findings"]}
    assert found[1] == pytest.approx(found[2], rel=1e-3)
    assert found[1]["the recipe"] != pytest.approx(found[1][other], rel=1e-3)


@pytest.mark.slow
def test_the_table_of_stored_findings_is_printed_again(run: Run, tmp_path: Path) -> None:
    document = {"findings": [finding().document(), finding(variant="rank 8").document()]}
    (tmp_path / "f.json").write_text(json.dumps(document), encoding="utf-8")
    assert table([finding(), finding(variant="rank 8")]) in run("table", tmp_path / "f.json").out


def test_what_cannot_be_compared_is_said(
    command: Callable[..., Result], folders: dict[str, Path], run: Run, tmp_path: Path
) -> None:
    assert_one_sentence(command("--only", "everything"), "no variant called 'everything'. Name some of: the recipe;")
    assert_one_sentence(command("--only", SAME.name), "No variant is left that differs from the recipe")
    assert_one_sentence(command("--labelled", folders["other"]), "20 labels a class need more images than that")
    (tmp_path / "f.json").write_text("[]", encoding="utf-8")
    for image in list(folders["other"].iterdir())[:3]:
        image.unlink()
    assert_one_sentence(command(), "has 13 images, and measuring needs at least 16")
    words = ("--images", folders["train"], "--held-out", folders["train"], "--bank", tmp_path / "b")
    compact = ("--settings", '{"architecture": {"backbone": {"name": "compact"}}}', "--only", "64 components")
    assert_one_sentence(run("ablate", *words, *compact), "compact has nothing that “64 components” could change")
