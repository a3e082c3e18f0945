"""Nothing is wired to the shipped backbone: a resnet18, split at its last stage, goes the whole way.

Pretraining is in the fixture ``other_checkpoint``, the pages are in ``tests/dashboard/test_another_backbone.py``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from core import AmortisedExtractor, load_checkpoint, photographs, probe_images
from core.adaptation import Adapted, Settings, adapt, predict
from core.adaptation.export import PREDICT, save_bundle
from core.adaptation.network_file import ONNX
from core.axes.transforms import axis_named
from core.baselines.job import Budget
from core.baselines.methods import METHODS, run_method
from core.certificates.comparators import fitted_names, initial_network
from core.certificates.fit_certificate import certify_fit
from core.data import ImageSet
from core.evaluation.controls import untrained
from core.evaluation.evaluate import Settings as Measured
from core.evaluation.evaluate import evaluate
from core.inspect.picture_report import look
from core.manifold.representations import probe, take_representations
from core.model.checkpoints import load_plain, save_plain
from core.pretraining.simclr import train_plain
from core.tasks import Task, known_tasks
from tests.core.conftest import smooth_images, tiny_model
from tests.split_resnet import SplitResnet

pytestmark = pytest.mark.slow
SIDE = SplitResnet().input_size


@pytest.fixture(scope="module")
def model(other_checkpoint: Path) -> AmortisedExtractor:
    return load_checkpoint(other_checkpoint)


@pytest.fixture(scope="module")
def two_axes(model: AmortisedExtractor) -> AmortisedExtractor:
    """The same networks at their start, where trying all corners takes little time."""
    return untrained(model.architecture, model.transforms[3:5])


@pytest.fixture(scope="module")
def task(model: AmortisedExtractor) -> Task:
    sources = {each.name: each for each in known_tasks(model.transforms, model.input_size)}
    drawn = sources["hand signs despite brightness"].with_shots(10, seed=0)
    return replace(drawn, test=drawn.test.at(slice(30)))


@pytest.fixture(scope="module")
def adapted(model: AmortisedExtractor, task: Task) -> Adapted:
    return adapt(model, task, Settings(steps=3))


def test_the_checkpoint_names_it_and_keeps_stem_and_buffers(model: AmortisedExtractor) -> None:
    assert model.backbone == SplitResnet() and model.input_size == SIDE
    assert model.metadata["architecture"]["backbone"] == {"name": "resnet18", "side": SIDE, "seed": 0}
    names = {name.split(".")[0] for name in model.state_dict()}
    assert names == {"stem", "constants", "hypernetwork"}
    given = SplitResnet().initial().stem
    for name, value in given.items():  # never trained
        torch.testing.assert_close(model.stem.state_dict()[name], value, atol=1e-3, rtol=1e-3)


def test_features_are_those_of_the_frozen_network_and_the_stem_runs_once(model: AmortisedExtractor) -> None:
    images, calls = smooth_images(5, SIDE), []
    handle = model.stem.register_forward_hook(lambda *_: calls.append(1))
    prepared = model.prepare(images)
    points = ([0.0] * 6, [1.0] * 6, [0.2, 0.9, 0.4, 0.5, 0.1, 1.0])
    together = [model.features(prepared, point) for point in points]
    handle.remove()
    assert len(calls) == 1 and len(prepared.parts) == 2
    for point, found in zip(points, together, strict=True):
        torch.testing.assert_close(found, model.freeze(point)(images), atol=1e-4, rtol=1e-4)
    assert (together[0] - together[1]).norm() > 1e-3 * together[0].norm(), "the descriptor matters"


def test_images_of_another_backbone_are_refused(model: AmortisedExtractor) -> None:
    pixels = tiny_model()
    with pytest.raises(ValueError, match="prepared as pixels of 32, and this model takes resnet18"):
        model.features(pixels.prepare(smooth_images(2)), "hue=0")
    same_kind = AmortisedExtractor(replace(model.architecture, backbone=SplitResnet(seed=1)))
    with pytest.raises(ValueError, match="were prepared as resnet18"):
        model.features(same_kind.prepare(smooth_images(2)), "hue=0")
    prepared = model.prepare(smooth_images(2))
    assert model.features(prepared, "hue=0").dtype == torch.float32


def test_a_file_is_read_without_asking_the_backbone_for_weights(
    other_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SplitResnet, "initial", lambda self: pytest.fail("weights were asked for"))
    assert load_checkpoint(other_checkpoint).backbone == SplitResnet()


def test_training_leaves_the_stem_alone(model: AmortisedExtractor) -> None:
    other = AmortisedExtractor(model.architecture).train()
    assert not other.stem.training and not any(p.requires_grad for p in other.stem.parameters())
    assert {name.split(".")[0] for name, p in other.named_parameters() if p.requires_grad} == {"hypernetwork"}


def test_a_picture_is_looked_at(model: AmortisedExtractor) -> None:
    pictures = {photo.name: photo.pixels for photo in photographs()[:3]}
    layers = model.backbone.layers
    found = look(model, pictures, next(iter(pictures)), "hue=0", model.transforms[0], layers=layers, where=True)
    assert np.array(found["where"]["map"]).shape == (SIDE, SIDE) and set(found["maps"]) == set(layers)
    assert len(found["curves"]) == 6 and all(np.isfinite(curve["movement"]).all() for curve in found["curves"])


def test_it_is_evaluated(two_axes: AmortisedExtractor) -> None:
    images = (smooth_images(24, SIDE) * 255).byte()
    data = ImageSet("smooth", images, torch.arange(24) % 2, ("a", "b"))
    found = evaluate(two_axes, data, Measured(images=16, draws=2, labels=12), lambda text, share: None)
    assert len(found["control"]["value"]) == 2 and np.isfinite(found["effective_rank"]["value"])


def test_a_task_is_fitted(model: AmortisedExtractor, task: Task, adapted: Adapted) -> None:
    assert task.test.images.shape[1:] == (3, SIDE, SIDE)
    score = task.score(predict(model, adapted, task.test), task.test.targets)
    assert 0 <= score <= 1 and len(adapted.descriptor) == 6


def test_every_baseline_runs(
    two_axes: AmortisedExtractor, task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = two_axes
    *_, (_, loss, network) = train_plain((smooth_images(16, SIDE) * 255).byte(), model.backbone, 2, 4)
    save_plain(network, tmp_path / "plain.safetensors", {"steps": 2})
    for name in ("PLAIN", "AUGSELF"):
        monkeypatch.setattr(f"core.model.checkpoints.{name}", tmp_path / "plain.safetensors")
    assert np.isfinite(loss) and load_plain(backbone=model.backbone).backbone == model.backbone
    for name in METHODS:
        outcome = run_method(name, model, task, Settings(steps=2), Budget(steps=2, batch=8, every=1))
        assert np.isfinite(outcome.score), name


def test_its_fit_is_certified(model: AmortisedExtractor, task: Task, adapted: Adapted) -> None:
    found = certify_fit(model, task, adapted.descriptor)
    assert 0 < found.certificate.bound <= 1
    for prior in ("normalisation", "fine-tuning"):
        network = initial_network(prior, model, 2, seed=0)
        names = fitted_names(prior, network)
        assert ("0.tail.layer4.0.bn1.weight" in names) and ("0.tail.layer4.0.conv1.weight" in names) == (
            prior != "normalisation"
        )


def test_its_extractors_are_compared_for_a_map(two_axes: AmortisedExtractor) -> None:
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    found = take_representations(two_axes, points, probe(two_axes, 0, 12), lambda text, share: None)
    for kind in ("features", "sensitivity", "weights"):
        assert len(found.of(kind)) == 4 and np.isfinite(found.of(kind)).all()


def test_a_fitted_model_runs_in_onnx(model: AmortisedExtractor, task: Task, adapted: Adapted, tmp_path: Path) -> None:
    import onnxruntime

    module = save_bundle(tmp_path / "model", model, task, adapted)
    session = onnxruntime.InferenceSession(tmp_path / "model" / ONNX, providers=["CPUExecutionProvider"])
    images = task.test.pixels[:5]
    outputs, sure = session.run(None, {"images": images.numpy()})
    assert np.allclose(sure.sum(1), 1, atol=1e-5) and (sure.argmax(1) == outputs.argmax(1)).all()
    torch.testing.assert_close(torch.from_numpy(outputs), module(images), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(module(images), predict(model, adapted, task.test.at(slice(5))), atol=1e-3, rtol=1e-3)
    assert f"SIDE = {SIDE}" in (tmp_path / "model" / PREDICT).read_text(encoding="utf-8")


def test_double_precision_and_its_own_axes(model: AmortisedExtractor) -> None:
    images: Tensor = probe_images(3, side=SIDE)
    single = model.features(images, "rotation=1")
    axis = axis_named("rotation", model.transforms)
    precise = AmortisedExtractor(model.architecture, model.transforms)
    precise.load_state_dict(model.state_dict())
    double = precise.double().features(axis.apply(images, 0.0), "rotation=1")
    assert double.dtype == torch.float64
    torch.testing.assert_close(single.double(), double, atol=1e-3, rtol=1e-3)
