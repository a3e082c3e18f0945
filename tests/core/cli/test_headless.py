"""The commands that compute what the pages show: the same numbers, JSON and CSV, and one sentence for every mistake."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core import (
    AXES,
    AmortisedExtractor,
    Descriptor,
    corners,
    load_checkpoint,
    photographs,
    probe_images,
    save_checkpoint,
)
from core.adaptation import Settings, adapt
from core.adaptation.landscape import task_judge
from core.axes.presets import named, presets
from core.cli.sources import find_sources
from core.inspect.grid import FRAMES, POINTS, PROBES, STRIDE
from core.inspect.picture_report import look
from core.inspect.sensitivity import sensitivity, strengths
from core.sharing import read_run
from tests.core.commands import Run, assert_one_sentence, squeezed
from tests.core.conftest import TINY, tiny_model

K = len(AXES)
NAMES = [axis.name for axis in AXES]
TASK = "textures despite hue"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_checkpoint(tiny_model(), path, {})
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def measured(model: AmortisedExtractor, **more: Any) -> dict[str, Any]:
    pictures = {photo.name: photo.pixels for photo in photographs()}
    return look(model, pictures, "cat", "hue=1", AXES[3], seed=2, **more)


@pytest.mark.slow
def test_a_look_has_the_numbers_of_the_library() -> None:
    model = tiny_model()
    found = measured(model, layers=("conv1",), where=True)
    picture = next(photo.pixels for photo in photographs() if photo.name == "cat")
    for axis, curve in zip(AXES, found["curves"], strict=True):
        alone = sensitivity(model, picture, "hue=1", axis, probe_images(PROBES, 2, model.input_size), POINTS)
        assert curve["movement"] == pytest.approx(alone.picture.tolist(), abs=1e-4)
        low, high = np.percentile(alone.probes[:, ::STRIDE], (10, 90), axis=0)
        assert curve["band"]["low"] == pytest.approx(low.tolist(), abs=1e-4)
        assert curve["band"]["high"] == pytest.approx(high.tolist(), abs=1e-4)
        assert curve["band"]["strengths"] == strengths(axis, POINTS)[::STRIDE].tolist()
        assert found["effective_rank"] == pytest.approx(alone.ground.rank, rel=1e-4)
    near = [each["similarity"] for each in found["nearest"]]
    assert near == sorted(near, reverse=True) and {each["kind"] for each in found["nearest"]} == {
        "object",
        "change",
        "neither",
    }
    assert found["strength"] == AXES[3].high and 0 <= found["recognised"] <= 1
    assert (
        found["maps"]["conv1"]["agreement"][FRAMES // 2] == pytest.approx(1)
        and found["maps"]["conv1"]["moved_back"] is None
    )
    where = np.array(found["where"]["map"])
    assert where.shape == (32, 32) and where.max() == pytest.approx(1) and where.min() >= 0
    json.dumps(found, allow_nan=False)


def test_bad_looks_are_sentences() -> None:
    model = tiny_model()
    for more, said in (({"at": FRAMES}, "frames 0 to 6"), ({"layers": ("conv9",)}, "no layer called")):
        with pytest.raises(ValueError, match=said):
            measured(model, **more)
    with pytest.raises(ValueError, match="no picture called"):
        look(model, {"a": torch.zeros(3, 32, 32)}, "b", "hue=1", AXES[0])


@pytest.mark.slow
def test_the_command_looks_at_photographs_and_at_files(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    Image.effect_noise((40, 30), 80).convert("RGB").save(tmp_path / "mine.png")
    out, table = tmp_path / "look.json", tmp_path / "look.csv"
    for picture, name in (("temple", "temple"), (tmp_path / "mine.png", "picture")):
        done = run(
            "look", "--picture", picture, "--descriptor", "Ignore all", "--descriptor", "rotation=1", "--axis", "blur",
            "--at", 3, "--maps", "all", "--checkpoint", checkpoint, "--json", out, "--csv", table,
        )  # fmt: skip
        assert done.code == 0, done.error
        document = json.loads(out.read_text(encoding="utf-8"))
        first, second = document["looks"]
        assert first["picture"] == name and list(first["descriptor"].values()) == [1] * K
        assert second["descriptor"]["rotation"] == 1 and second["descriptor"]["blur"] == 0.5
        assert set(first["maps"]) == set(TINY.backbone.layers) and document["checkpoint"] and "where" not in first
        rows = rows_of(table)
        assert len(rows) == 2 * K * POINTS and {row["transformation"] for row in rows} == set(NAMES)
        assert float(rows[0]["movement"]) == pytest.approx(first["curves"][0]["movement"][0])
    assert "nearest to the picture with blur" in squeezed(done.out)


def test_every_preset_has_a_name_for_the_command_line() -> None:
    for preset in presets(AXES):
        assert named(preset.name.upper(), AXES).values == preset.values
    assert named("hue=1", AXES) == Descriptor.parse("hue=1") and named("1,0,0,0,0,0", AXES).values == (1, 0, 0, 0, 0, 0)
    with pytest.raises(ValueError, match="no descriptor called"):
        named("everything", AXES)


def test_a_landscape_has_the_marks_of_the_judge(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "l.json", tmp_path / "l.csv"
    words = ("landscape", "--data", TASK, "--across", "blur", "--up", "hue", "--base", "Keep all", "--side", 2)
    done = run(*words, "--labels", 12, "--checkpoint", checkpoint, "--json", out, "--csv", table)
    assert done.code == 0, done.error
    found = json.loads(out.read_text(encoding="utf-8"))["points"]
    assert [(each["hue"], each["blur"]) for each in found] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    model = load_checkpoint(checkpoint)
    judge = task_judge(model, find_sources(TASK, model)[0].draw(12, 0))
    for each, row in zip(found, rows_of(table), strict=True):
        mark = judge(tuple(each[name] for name in NAMES))
        assert (each["loss"], each["score"]) == pytest.approx((mark.loss, mark.score), abs=1e-6)
        assert float(row["loss"]) == pytest.approx(each["loss"])
    assert "nats per label" in squeezed(done.out)
    assert_one_sentence(run(*words, "--checkpoint", checkpoint, "--map"), "map")


def test_walks_begin_at_their_starts_and_end_where_the_fit_ends(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "w.json", tmp_path / "w.csv"
    done = run(
        "walk", "--data", TASK, "--seeds", 2, "--labels", 12, "--steps", 3, "--checkpoint", checkpoint,
        "--json", out, "--csv", table,
    )  # fmt: skip
    assert done.code == 0, done.error
    steps = json.loads(out.read_text(encoding="utf-8"))["steps"]
    first = [each for each in steps if each["fit"] == "seed 0"]
    assert [first[0][name] for name in NAMES] == [0.5] * K and {each["fit"] for each in steps} == {"seed 0", "seed 1"}
    assert first[-1]["loss"] is None and rows_of(table)[len(first) - 1]["loss"] == "" and len(first) == 4
    model = load_checkpoint(checkpoint)
    end = adapt(model, find_sources(TASK, model)[0].draw(12, 0), Settings(steps=3, snap=False))
    ends = [tuple(each[name] for name in NAMES) for each in (first[0], first[-1])]
    assert any(end.descriptor == pytest.approx(point, abs=1e-6) for point in ends), "the better of both ends"


@pytest.mark.slow
@pytest.mark.parametrize(
    "words, key",
    [(("walk", "--seeds", 3, "--steps", 2), "steps"), (("landscape", "--side", 5, "--across", "blur"), "points")],
)
def test_walks_and_landscapes_are_the_same_in_processes_and_go_on_from_a_ledger(
    run: Run, checkpoint: Path, tmp_path: Path, words: tuple[object, ...], key: str
) -> None:
    out, ledger = tmp_path / "out.json", tmp_path / "ledger"
    words = (*words, "--data", TASK, "--checkpoint", checkpoint, "--json", out)

    def found(*more: object) -> list[dict[str, Any]]:
        done = run(*words, *more)
        assert done.code == 0, done.error
        return json.loads(out.read_text(encoding="utf-8"))[key]

    here = found("--labels", 12, "--ledger", ledger)
    first, *lines = ledger.read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(lines) == (3 if key == "steps" else 25)
    ledger.write_text("".join([first, *lines[:2], lines[2][:30]]), encoding="utf-8")  # the machine went off
    again, elsewhere = found("--labels", 12, "--ledger", ledger), found("--labels", 12, "--jobs", 2)
    assert again == here and ledger.read_text(encoding="utf-8").splitlines(keepends=True) == [first, *lines]
    for one, other in zip(here, elsewhere, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    assert_one_sentence(run(*words, "--labels", 14, "--ledger", ledger), "made with another labels")


def test_a_route_goes_straight(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "r.json", tmp_path / "r.csv"
    done = run("route", "Keep all", "hue=1", "--steps", 3, "--checkpoint", checkpoint, "--json", out, "--csv", table)
    assert done.code == 0, done.error
    way = json.loads(out.read_text(encoding="utf-8"))["way"]
    assert [each["hue"] for each in way] == [0, 0.5, 1] and [each["blur"] for each in way] == [0, 0.25, 0.5]
    assert all(each[f"moves with {name}"] >= 0 for each in way for name in NAMES) and len(rows_of(table)) == 3


@pytest.mark.slow
def test_a_recorded_run_is_one_that_the_page_opens(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    done = run(
        "record", "--data", TASK, "--shots", 4, "--seed", 2, "--steps", 2, "--baselines", "i=1", "--out", out,
        "--checkpoint", checkpoint,
    )  # fmt: skip
    assert done.code == 0, done.error
    found, notes = read_run(out.read_bytes(), "run.json", load_checkpoint(checkpoint))
    assert not notes and found.task == TASK and found.seed == 2 and len(found.steps) == 2
    assert [each.method for each in found.outcomes] == ["ours", "i=1"]
    assert "this task" in done.out.lower() and "v2.Compose" in done.out and "i = 1: " in done.out


@pytest.mark.parametrize(
    "words, said",
    [
        (["look", "--picture", "unicorn"], "no picture “unicorn”"),
        (["look", "--axis", "speed"], "speed"),
        (["look", "--descriptor", "hue=2"], "hue"),
        (["look", "--descriptor", "everything"], "no descriptor called"),
        (["look", "--at", "7"], "frames 0 to 6"),
        (["look", "--maps", "conv9"], "no layer called"),
        (["look", "--descriptor", "hue=1", "--json", "/nowhere/at/all.json"], "cannot be written"),
        (["landscape", "--data", "chess"], "no folder, archive or task"),
        (["landscape", "--data", "known"], "names 38 tasks"),
        (["landscape", "--data", TASK, "--across", "hue"], "two different axes"),
        (["landscape", "--data", TASK, "--up", "speed"], "speed"),
        (["landscape", "--data", TASK, "--labels", "5"], "too few"),
        (["walk", "--data", TASK, "--objective", "luck"], "no objective called"),
        (["route", "hue=1", "nowhere"], "no descriptor called"),
        (["record", "--data", "known", "--out", "x.json"], "names 38 tasks"),
        (["record", "--data", "", "--out", "x.json"], "no folder, archive or task"),
        (["record", "--data", TASK, "--steps", "1", "--shots", "2", "--out", "/nowhere/x.json"], "cannot be written"),
    ],
)
def test_every_mistake_is_one_sentence(run: Run, checkpoint: Path, words: list[str], said: str) -> None:
    assert_one_sentence(run(*words, "--checkpoint", checkpoint), said)


def test_corners_of_presets_are_in_the_cube() -> None:
    assert {preset.values for preset in presets(AXES)} - {tuple(c) for c in corners(K).tolist()} == {(0.5,) * K}
