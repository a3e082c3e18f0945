"""The command line: a whole life of a checkpoint, and one sentence for every mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from PIL import Image

from core import AXES, load_checkpoint, save_checkpoint
from core.backbones import Extractor
from core.model.checkpoints import save_plain
from core.pretraining.state import FILE
from tests.core.commands import ROOT, Run, assert_one_sentence, squeezed
from tests.core.conftest import TINY, smooth_images, tiny_model
from tests.core.pretraining.runs import curve

K = len(AXES)
SETTINGS = json.dumps({"architecture": asdict(TINY), "warmup": 2})
TRAIN = ["--steps", "4", "--groups", "2", "--size", "8", "--every", "2", "--threads", "1", "--settings", SETTINGS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of 16 smooth pictures each."""
    root = tmp_path_factory.mktemp("pictures")
    for number, pixels in enumerate((smooth_images(32) * 255).byte().permute(0, 2, 3, 1).numpy()):
        path = root / f"class{number % 2}" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
    return root


@pytest.mark.slow
def test_a_checkpoint_is_trained_exported_and_measured(run: Run, folder: Path, tmp_path: Path) -> None:
    runs, checkpoint, figures = tmp_path / "run", tmp_path / "out.safetensors", tmp_path / "figures.json"
    trained = run("pretrain", "--images", folder, "--out", runs, *TRAIN)
    assert trained.code == 0, trained.error
    assert "from step 4" in trained.out and load_checkpoint(runs / "hypernetwork.safetensors").architecture == TINY
    assert [step for step, _ in curve(runs)] == [0, 1, 2, 3]

    again = run("pretrain", "--images", folder, "--out", runs, *TRAIN)
    assert again.code == 0 and "from step 4" in again.out

    measured = run(
        "evaluate", "--images", folder, "--checkpoint", runs / "hypernetwork.safetensors", "--json", figures,
        "--count", 16, "--draws", 2, "--labels", 16, "--also", folder, "--probe", folder,
    )  # fmt: skip
    assert measured.code == 0, measured.error
    document = json.loads(figures.read_text(encoding="utf-8"))
    assert document["axes"] == [axis.name for axis in AXES] and len(document["control"]["value"]) == K
    assert {"images": 16, "draws": 2, "labels": 16, "seed": 0}.items() <= document["settings"].items()
    assert [each["images"] for each in document["also"]] == [folder.name] and document["probe"] == folder.name
    assert document["checkpoint"] == load_checkpoint(runs / "hypernetwork.safetensors").metadata["digest"]
    assert document["images"] == folder.name and "evaluate" in document["command"]
    assert set(document["references"]) == {"untrained", "pixels"}
    assert document["references"]["pixels"]["control"]["value"] == pytest.approx([1] * K)
    assert "untrained" in measured.out and "pixels" in measured.out

    exported = run("export", "--run", runs, "--out", checkpoint, "--data", "smooth", "--metrics", figures)
    assert exported.code == 0, exported.error
    metadata = load_checkpoint(checkpoint).metadata
    assert metadata["data"] == "smooth" and metadata["steps"] == 4
    assert metadata["metrics"]["control"] == document["control"]["value"]

    table = run("table", figures)
    assert table.code == 0 and table.out.startswith("| figure | axis |") and "| leakage" in table.out
    assert f"| left at i = 1 on {folder.name}: R²(1) | hue |" in table.out
    bars = run("table", figures, "--bars").out
    assert bars.count(f"| left at i = 1 on {folder.name}: R²(1) | ≤ 0.3 | ≤ 0.1 |") == 1 and "plain SimCLR" not in bars


@pytest.mark.slow
def test_plain_simclr_stands_beside_a_model(run: Run, folder: Path, tmp_path: Path) -> None:
    save_checkpoint(tiny_model(), tmp_path / "model.safetensors", {})
    save_plain(Extractor(TINY.backbone), tmp_path / "plain.safetensors", {})
    words = ("--images", folder, "--checkpoint", tmp_path / "model.safetensors", "--count", 16, "--draws", 2)
    files = ("--plain", tmp_path / "plain.safetensors", "--json", tmp_path / "figures.json")
    assert run("evaluate", *words, *files, "--no-references").code == 0
    document = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert list(document["references"]) == ["plain"]
    assert document["references"]["plain"]["cosine"]["descriptors"] == ["any descriptor"]
    assert "| plain SimCLR |" in run("table", tmp_path / "figures.json").out


def test_further_sets_of_one_name_are_refused(run: Run, folder: Path) -> None:
    found = run("evaluate", "--images", folder, "--also", folder, "--also", folder)
    assert_one_sentence(found, f"Two of the folders given with --also are called {folder.name}. Rename one of them.")


@pytest.mark.slow
def test_two_processes_learn_what_one_process_learns(run: Run, folder: Path, tmp_path: Path) -> None:
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "core"]
    words = ["pretrain", "--images", folder, *TRAIN, "--out"]
    two = subprocess.run(
        [*launch, *map(str, words), str(tmp_path / "two")],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert two.returncode == 0, two.stderr[-3000:]
    assert run(*words, tmp_path / "one").code == 0
    one, shared = curve(tmp_path / "one"), curve(tmp_path / "two")
    assert [step for step, _ in shared] == [step for step, _ in one] == [0, 1, 2, 3]
    assert [value for _, value in shared] == pytest.approx([value for _, value in one], rel=1e-2)
    first, second = (load_checkpoint(tmp_path / name / "hypernetwork.safetensors") for name in ("one", "two"))
    assert first.metadata["steps"] == second.metadata["steps"] == 4
    features = [model.features(smooth_images(4), [0.5] * K) for model in (first, second)]
    assert (features[0] - features[1]).norm() < 0.1 * features[0].norm()


def test_training_can_begin_with_a_checkpoint(run: Run, folder: Path, tmp_path: Path) -> None:
    first, other = tmp_path / "first.safetensors", tmp_path / "other.safetensors"
    save_checkpoint(tiny_model(seed=5), first, {})
    save_checkpoint(tiny_model(seed=6), other, {})
    words = ["pretrain", "--images", folder, "--out", tmp_path / "run", "--steps", 1, "--size", 8, "--rate", 1e-12]
    assert run(*words, "--start", first).code == 0
    begun, made = load_checkpoint(first), load_checkpoint(tmp_path / "run" / "hypernetwork.safetensors")
    assert made.metadata["recipe"]["start"] == begun.metadata["digest"]
    for name, value in begun.state_dict().items():
        torch.testing.assert_close(made.state_dict()[name], value, atol=1e-6, rtol=1e-3)
    assert_one_sentence(run(*words, "--start", other), "different: start")


def test_a_missing_folder_of_images_is_one_sentence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (("pretrain", "--out", "run"), ("evaluate",)):
        assert_one_sentence(run(*words, "--images", "nowhere"), "There is no folder nowhere.")


@pytest.mark.parametrize("name", ["pics[old]", "a[bold]b", "a[/b]"])
def test_a_folder_with_brackets_is_named_as_it_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_sentence(run("evaluate", "--images", name), f"There is no folder {name}.")


def test_a_folder_without_pictures_is_one_sentence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    assert_one_sentence(
        run("pretrain", "--images", "empty", "--out", "run"), "No readable image in empty; no file was found."
    )


@pytest.mark.parametrize("name, text", [("none.safetensors", None), ("text.safetensors", "no weights here")])
def test_a_bad_checkpoint_is_one_sentence(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    if text:
        Path(name).write_text(text, encoding="utf-8")
    assert_one_sentence(run("evaluate", "--images", folder, "--checkpoint", name), name)


@pytest.mark.parametrize(
    "settings", ["{", "[1]", "3", '{"speed": 1}', '{"rate": "fast"}', '{"rate": 0}', '{"architecture": {"depth": 9}}',
                 '{"architecture": {"widths": [8, 8]}}', '{"architecture": 3}', '{"views": {"share": 1}}'],
)  # fmt: skip
def test_bad_settings_are_one_sentence(run: Run, folder: Path, tmp_path: Path, settings: str) -> None:
    assert_one_sentence(run("pretrain", "--images", folder, "--out", tmp_path, "--settings", settings))
    assert not (tmp_path / FILE).exists()


def test_another_recipe_in_the_same_folder_is_one_sentence(run: Run, folder: Path, tmp_path: Path) -> None:
    assert run("pretrain", "--images", folder, "--out", tmp_path, *TRAIN).code == 0
    changed = run("pretrain", "--images", folder, "--out", tmp_path, *TRAIN, "--seed", "3")
    assert_one_sentence(changed, "different: seed")


def test_exporting_what_was_never_trained_is_one_sentence(run: Run, tmp_path: Path) -> None:
    result = run("export", "--run", tmp_path / "none", "--out", tmp_path / "out.safetensors")
    assert_one_sentence(result, "cannot be read as a training state")
    assert not (tmp_path / "out.safetensors").exists()


def test_a_table_of_something_else_is_one_sentence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.json").write_text("no figures", encoding="utf-8")
    Path("other.json").write_text('{"weather": "fine"}', encoding="utf-8")
    for name in ("text.json", "other.json", "none.json"):
        assert_one_sentence(run("table", name), name)


def test_broken_files_are_mentioned(run: Run, folder: Path, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for file in (folder / "class0").iterdir():
        (pictures / file.name).write_bytes(file.read_bytes())
    (pictures / "broken.png").write_bytes(b"x")
    result = run("pretrain", "--images", pictures, "--out", tmp_path / "run", *TRAIN)
    assert (
        result.code == 0 and "Left out: 1 of an unknown format (" in squeezed(result.out) and "broken.png" in result.out
    )


def test_help_names_every_command(run: Run) -> None:
    result = run("--help")
    assert result.code == 0
    for command in ("pretrain", "export", "evaluate", "table", "bench"):
        assert command in result.out


def test_threads_are_limited_as_asked(run: Run, folder: Path, tmp_path: Path) -> None:
    run("pretrain", "--images", folder, "--out", tmp_path, *TRAIN)
    assert torch.get_num_threads() == 1
