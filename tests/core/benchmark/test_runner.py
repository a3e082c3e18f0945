"""Baselines, trials over seeds, the command line, a Dask cluster, and the exported folder."""

from __future__ import annotations

import inspect
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.adaptation import Settings, adapt
from core.adaptation.export import save_bundle
from core.baselines.job import Budget
from core.benchmark.runner import Outcome, Plan, Trial, rows, run_trials
from core.benchmark.summary import findings
from core.benchmark.trial_log import TrialLog
from core.data import decode
from core.model import checkpoints
from core.pretraining.simclr import nt_xent, train_plain
from core.tasks import Task, folder_task
from core.tasks.score import mean_interval
from tests.core.cluster import cluster
from tests.core.commands import Run
from tests.core.conftest import TINY, smooth_images, tiny_model
from tests.core.samples import write_images

SHORT = Budget(steps=4, batch=8, every=2)
QUICK = Settings(steps=2)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return folder_task(
        write_images(tmp_path / "pets", {"cat": 12, "dog": 12}), side=TINY.backbone.input_size
    ).with_shots(6, 0)


def test_contrastive_loss_knows_partners() -> None:
    apart = torch.eye(4)
    assert nt_xent(apart.repeat(2, 1), 0.1) < 0.01 < nt_xent(torch.cat([apart, apart.roll(1, 0)]), 0.1)


def test_plain_training_lowers_its_loss_and_is_stored(tmp_path: Path) -> None:
    images = (smooth_images(48) * 255).byte()
    steps = list(train_plain(images, TINY.backbone, 25, size=24, seed=0, rate=3e-3))
    assert steps[-1][1] < steps[0][1]
    checkpoints.save_plain(steps[-1][2], tmp_path / "p.safetensors", {"steps": 25})
    loaded = checkpoints.load_plain(tmp_path / "p.safetensors")
    with torch.no_grad():
        assert torch.allclose(loaded(smooth_images(3)), steps[-1][2](smooth_images(3)), atol=0.05)
    (tmp_path / "bad.safetensors").write_bytes(b"short")
    with pytest.raises(ValueError, match="not a whole plain extractor"):
        checkpoints.load_plain(tmp_path / "bad.safetensors")


def test_intervals_are_those_of_student() -> None:
    assert mean_interval([0.5]) is None
    near = mean_interval([0.49, 0.51])
    assert near is not None
    low, high = near
    assert (low + high) / 2 == pytest.approx(0.5) and (high - low) / 2 == pytest.approx(12.706 * 0.01, rel=1e-3)
    assert mean_interval([0.4, 0.6]) == [0.0, 1.0], "no accuracy is outside"
    far = mean_interval([-0.4, 0.6], -math.inf)
    assert far is not None and far[0] < -1, "but an R2 may be"


def outcome(method: str, score: float, seconds: float = 1.0) -> Outcome:
    return Outcome(method, score, seconds, 10)


def test_findings_rank_and_time_what_was_tried() -> None:
    trials = []
    for number in range(6):
        for method, score, seconds in (("ours", 0.9, 1.0), ("i=0", 0.5, 0.1), ("augerino", 0.8, 20.0)):
            trials.append(Trial(f"t{number}", "accuracy", 0, outcome(method, score, seconds), 0.9 - score, True))
    found = {finding.name: finding for finding in findings(trials)}
    assert found["mean rank of the fitted descriptor among 3"].value == 1
    assert found["rank of i = 0 minus rank of the fitted descriptor"].value == 2
    assert found["regret against the best corner, points"].value == 0
    assert found["known descriptor recovered, share of runs"].value == 1
    assert next(f for name, f in found.items() if name.startswith("time of Augerino")).value == 20


def test_ranks_compare_methods_on_the_seeds_that_all_of_them_ran() -> None:
    trials = [Trial("t", "accuracy", 0, outcome("ours", 0.9)), Trial("t", "accuracy", 0, outcome("scratch", 0.8))]
    trials.append(Trial("t", "accuracy", 1, outcome("ours", 0.1)))  # scratch was not trained with this seed
    found = {finding.name: finding.value for finding in findings(trials)}
    assert found["rank of from scratch minus rank of the fitted descriptor"] == 1


def test_networks_can_be_repeated_less_often_than_the_rest() -> None:
    plan = Plan(("ours", "i=0", "scratch"), (3, 4, 5), network_seeds=2)
    assert [plan.methods_for(seed) for seed in plan.seeds] == [plan.methods, plan.methods, ("ours", "i=0")]
    assert replace(plan, network_seeds=None).methods_for(5) == plan.methods


@pytest.mark.slow
def test_trials_do_not_depend_on_where_they_run(tmp_path: Path) -> None:
    source = folder_task(write_images(tmp_path / "pets", {"cat": 10, "dog": 10}))
    plan = Plan(("ours", "i=0", "oracle"), (0, 1), shots=4, settings=QUICK)
    model = tiny_model()
    here, _ = run_trials(model, [source], plan)
    with cluster(1) as scheduler:
        there, _ = run_trials(model, [source], plan, scheduler=scheduler)
    for a, b in zip(rows(here), rows(there), strict=True):
        for key in a.keys() - {"seconds", "descriptors"}:
            assert a[key] == b[key], key
        np.testing.assert_allclose(a["descriptors"] or [], b["descriptors"] or [], atol=1e-4)
    assert all(row["regret"] == 0 for row in rows(here) if row["method"] == "oracle")


def test_a_scheduler_that_is_not_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = folder_task(write_images(tmp_path / "pets", {"cat": 5, "dog": 5}))
    with pytest.raises(ValueError, match="No Dask scheduler answers"):
        run_trials(tiny_model(), [source], Plan(("ours",), (0,), 2, settings=QUICK), scheduler="no address")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match="pip install dask"):
        run_trials(tiny_model(), [source], Plan(("ours",), (0,), 2, settings=QUICK), scheduler="tcp://127.0.0.1:1")


@pytest.mark.slow
def test_the_command_line_fits_a_folder_and_writes_rows(run: Run, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pets", {"cat": 10, "dog": 10})
    checkpoint, target = tmp_path / "m.safetensors", tmp_path / "rows.json"
    checkpoints.save_checkpoint(tiny_model(), checkpoint, {})
    words = ["--shots", 4, "--seeds", 2, "--baselines", "i=1,oracle", "--checkpoint", checkpoint, "--json", target]
    words += ["--markdown", tmp_path / "report.md"]
    done = run("fit", "--data", folder, "--steps", 2, *words)
    assert done.code == 0 and "pets" in done.out, done.error
    document = json.loads(target.read_text(encoding="utf-8"))
    assert [row["method"] for row in document["rows"]] == ["ours", "i=1", "oracle"]
    wanted = {"task", "method", "accuracy", "interval", "seconds", "parameters", "regret", "descriptor"}
    for row in document["rows"]:
        assert wanted <= row.keys() and row["interval"][0] <= row["accuracy"] <= row["interval"][1]
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "| pets | i = 1 |" in text and "- **oracle** (`oracle`): " in text
    assert "python -m core fit --data pets" in text and str(tmp_path) not in text
    assert run("fit", "--data", tmp_path / "nowhere").error.startswith("Error: There is no folder")
    assert run("export", "--out", tmp_path / "x").error.startswith("Error: Nothing to export")


@pytest.mark.slow
def test_the_exported_folder_works_alone(task: Task, tmp_path: Path) -> None:
    import onnxruntime

    model = tiny_model()
    adapted = adapt(model, task, QUICK)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "README.md").write_text("my own notes", encoding="utf-8")
    with pytest.raises(ValueError, match=r"holds files that would be written over \(README\.md\)"):
        save_bundle(folder, model, task, adapted)
    (folder / "README.md").unlink()
    module = save_bundle(folder, model, task, adapted, {"seed": 0})
    assert len({(folder / name).stat().st_mode for name in ("model.safetensors", "labels.json")}) == 1
    save_bundle(folder, model, task, adapted, {"seed": 0})  # an earlier model may be written over
    images = task.test.pixels[:5]
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"images": images.numpy()})[0]
    assert np.allclose(theirs, module(images).detach().numpy(), atol=1e-4)
    expected = adapted.head(model.features(images, adapted.descriptor))
    assert torch.allclose(module(images), expected, atol=1e-5)
    assert json.loads((folder / "labels.json").read_text(encoding="utf-8")) == list(task.classes)
    assert "test images" in (folder / "README.md").read_text(encoding="utf-8")
    script = (folder / "predict.py").read_text(encoding="utf-8")
    assert inspect.getsource(decode) in script
    picture = tmp_path / "one.png"
    Image.fromarray((images[0].permute(1, 2, 0) * 255).round().byte().numpy()).save(picture)
    done = subprocess.run([sys.executable, folder / "predict.py", picture], capture_output=True, text=True, check=True)
    outputs = module(images[:1])
    best = int(outputs.argmax())
    assert done.stdout == f"{picture}: {task.classes[best]} ({float(module.confidences(outputs)[0, best]):.4f})\n"
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="is a file"):
        save_bundle(tmp_path / "file", model, task, adapted)


@pytest.mark.slow
def test_a_benchmark_that_was_cut_goes_on_and_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    source = folder_task(write_images(tmp_path / "pets", {"cat": 10, "dog": 10}))
    model, path, shared = tiny_model(), tmp_path / "trials", {"checkpoint": "x"}
    plan = Plan(("ours", "i=0", "oracle"), (0, 1), shots=4, settings=QUICK)
    whole, _ = run_trials(model, [source], plan)

    cut = replace(plan, methods=("ours", "i=0"), seeds=(0,))  # one seed, and not yet the oracle
    run_trials(model, [source], cut, keep=TrialLog(path, shared).keep)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"task": "pe')  # the power went
    ledger = TrialLog(path, shared)
    assert [trial.outcome.method for trial in ledger.results] == ["ours", "i=0"]
    kept: list[Trial] = []

    def keep(found: list[Trial]) -> None:
        kept.extend(found)
        ledger.keep(found)

    resumed, _ = run_trials(model, [source], plan, known=tuple(ledger.results), keep=keep)
    assert len(kept) == 4 and len(TrialLog(path, shared).results) == 6

    def facts(trials: list[Trial]) -> set[tuple[Any, ...]]:
        return {(t.task, t.seed, t.outcome.method, t.outcome.score, t.regret, t.outcome.descriptor) for t in trials}

    assert facts(resumed) == facts(whole)


def test_trials_of_something_else_are_refused(tmp_path: Path) -> None:
    TrialLog(tmp_path / "trials", {"checkpoint": "x"})
    with pytest.raises(ValueError, match="made with another checkpoint"):
        TrialLog(tmp_path / "trials", {"checkpoint": "y"})
    (tmp_path / "text").write_text("hello\n", encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be read as trials"):
        TrialLog(tmp_path / "text", {"checkpoint": "x"})
