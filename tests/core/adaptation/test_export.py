"""A classifier to take away: the shipped model's, whole, in every form, and the same answers in each."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import core
from core.adaptation import Adapted, Settings, adapt, predict, prepared
from core.adaptation.classifier import Classifier, classifier_of, seen
from core.adaptation.export import CARD, LABELS, PREDICT, fitted_module, load_fitted, save_bundle, zipped
from core.adaptation.network_file import ONNX, WEIGHTS
from core.tasks import Task, known_tasks

NAME = "digits despite hue"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> core.AmortisedExtractor:
    return core.load_checkpoint()


@pytest.fixture(scope="module")
def task(model: core.AmortisedExtractor) -> Task:
    source = next(each for each in known_tasks(model.transforms, model.input_size) if each.name == NAME)
    drawn = source.with_shots(4, 0)
    return prepared(model, drawn)


@pytest.fixture(scope="module")
def adapted(model: core.AmortisedExtractor, task: Task) -> Adapted:
    return adapt(model, task, Settings(steps=3))


@pytest.fixture(scope="module")
def classifier(model: core.AmortisedExtractor, task: Task, adapted: Adapted) -> Classifier:
    return classifier_of(model, task, adapted)


@pytest.fixture(scope="module")
def folder(
    model: core.AmortisedExtractor, task: Task, adapted: Adapted, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Unpacked from the zip; :mod:`tests.dashboard.adapt.test_take_home` has its ONNX made by a process of its own."""
    made = tmp_path_factory.mktemp("made") / "classifier"
    save_bundle(made, model, task, adapted, {"shots": 4})
    place = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(io.BytesIO(zipped(made, "classifier"))) as archive:
        archive.extractall(place)
    return place / "classifier"


def photograph(number: int, task: Task) -> bytes:
    """A test image as somebody's file: twice as large and not square."""
    pixels = (task.test.pixels[number].permute(1, 2, 0) * 255).round().byte().numpy()
    wide = np.pad(pixels, ((0, 0), (20, 20), (0, 0)), mode="edge")
    buffer = io.BytesIO()
    Image.fromarray(wide).resize((2 * wide.shape[1], 2 * wide.shape[0])).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def test_the_program_in_the_zip_says_what_the_page_says(
    folder: Path, model: core.AmortisedExtractor, task: Task, classifier: Classifier, tmp_path: Path
) -> None:
    files = []
    for number in range(3):
        files.append(tmp_path / f"{number}.jpg")
        files[-1].write_bytes(photograph(number, task))
    run = subprocess.run(
        [sys.executable, folder / PREDICT, *files], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    pixels = torch.stack([seen(each.read_bytes(), each.name, model.input_size) for each in files])
    for file, line, answer in zip(files, run.stdout.splitlines(), classifier.answers(model, pixels), strict=True):
        found = re.fullmatch(rf"{re.escape(str(file))}: (.+) \((0\.\d{{4}}|1\.0000)\)", line)
        assert found and found[1] == task.classes[int(np.argmax(answer.shares))]
        assert float(found[2]) == pytest.approx(max(answer.shares), abs=1e-3)


def test_onnx_has_stem_tail_and_head_and_agrees(
    folder: Path, model: core.AmortisedExtractor, task: Task, adapted: Adapted, classifier: Classifier
) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / ONNX, providers=["CPUExecutionProvider"])
    images = task.test.pixels[:5]
    outputs, sure = map(torch.from_numpy, session.run(None, {"images": images.numpy()}))
    torch.testing.assert_close(outputs, predict(model, adapted, task.test.at(slice(5))), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(
        sure, torch.tensor([each.shares for each in classifier.answers(model, images)]), atol=1e-3, rtol=1e-3
    )
    assert {path.name for path in folder.iterdir()} == {CARD, LABELS, ONNX, PREDICT, WEIGHTS}
    assert json.loads((folder / LABELS).read_text(encoding="utf-8")) == list(task.classes)


def test_the_weights_open_again_without_the_hypernetwork(
    folder: Path, model: core.AmortisedExtractor, task: Task, adapted: Adapted, tmp_path: Path
) -> None:
    images: Tensor = task.test.pixels[:5]
    again, first = load_fitted(folder / WEIGHTS), fitted_module(model, adapted)
    torch.testing.assert_close(again(images), first(images), atol=1e-5, rtol=1e-5)
    (tmp_path / "other.safetensors").write_bytes(b"no weights")
    with pytest.raises(ValueError, match="cannot be read as a fitted network"):
        load_fitted(tmp_path / "other.safetensors")


def test_the_card_says_the_pages_figures(
    folder: Path, model: core.AmortisedExtractor, task: Task, adapted: Adapted
) -> None:
    text = (folder / CARD).read_text(encoding="utf-8")
    assert task.judge(predict(model, adapted, task.test)).sentence(task.score_name).split(";")[0].split("[")[0] in text
    assert core.Descriptor(adapted.descriptor, model.transforms).brief in text
    assert "| 90 to 100 % | " in text and "each left out in turn" in text and "`confidences`" in text
