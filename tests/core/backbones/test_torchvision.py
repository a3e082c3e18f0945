"""Networks of torchvision, cut at a module: nothing is lost at the cut, and weights come from a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision import models

from core import AmortisedExtractor, Architecture, load_checkpoint
from core.backbones import Compact, backbone_named, backbone_of
from core.backbones.torchvision_graphs import traced
from core.backbones.torchvision_networks import Tail, TorchvisionNetwork
from core.evaluation.controls import untrained_beside
from core.model.checkpoints import save_checkpoint
from core.pretraining.loop import pretrain
from core.pretraining.recipe import Recipe
from tests.core.backbones.networks import penultimate, random_network
from tests.core.commands import Run, assert_one_sentence
from tests.core.conftest import smooth_images

SMALL = TorchvisionNetwork("mobilenet_v3_small", side=64, features=24)


@pytest.fixture(scope="module")
def weights_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Files of random weights, by network."""
    folder = tmp_path_factory.mktemp("weights")

    def give(name: str) -> Path:
        path = folder / f"{name}.pth"
        if not path.exists():
            torch.save(random_network(name).state_dict(), path)
        return path

    return give


@pytest.mark.parametrize(
    ("choice", "last", "split"),
    [
        ("resnet18:64", "fc", "layer4"),
        ("resnet18@layer3.1.relu:64", "fc", "layer3.1.relu"),
        ("mobilenet_v3_small:64", "classifier.3", "features.9"),
        ("squeezenet1_1:64", "classifier.1", "features.9"),
        ("shufflenet_v2_x0_5:64", "fc", "stage4"),
        ("regnet_y_400mf:64", "fc", "trunk_output.block4"),
        pytest.param("efficientnet_b0:64", "classifier.1", "features.6", marks=pytest.mark.slow),
        pytest.param("convnext_tiny:64", "classifier.2", "features.6", marks=pytest.mark.slow),
        pytest.param("densenet121:64", "classifier", "features.transition3", marks=pytest.mark.slow),
        pytest.param("swin_t:64", "head", "features.6", marks=pytest.mark.slow),
        pytest.param("mnasnet0_5:64", "classifier.1", "layers.12", marks=pytest.mark.slow),
        pytest.param("vit_b_16:224", "heads.head", "encoder.layers.encoder_layer_11", marks=pytest.mark.slow),
    ],
)
def test_stem_and_tail_are_the_network(choice: str, last: str, split: str, weights_of: Callable[[str], Path]) -> None:
    backbone = backbone_named(f"torchvision:{choice}")
    assert isinstance(backbone, TorchvisionNetwork) and backbone.split == split
    initial = backbone.initial(weights_of(backbone.network))
    stem, tail = backbone.stem().eval(), backbone.tail().eval()
    stem.load_state_dict(initial.stem)
    tail.load_state_dict(initial.tail)
    assert isinstance(tail, Tail)
    images = smooth_images(3, backbone.side)
    expected = penultimate(random_network(backbone.network), last, images)
    expected = expected.mean((2, 3)) if expected.ndim == 4 else expected
    with torch.no_grad():
        parts = stem(images)
        kept = [part.clone() for part in parts]
        torch.testing.assert_close(tail.pooled(*parts), expected)
        features, maps = tail(*parts), tail.maps(*parts)
    torch.testing.assert_close(backbone.frozen(*parts), expected)
    assert features.shape == (3, backbone.features) and expected.std() > 0
    assert tuple(maps) == backbone.layers
    assert all(each.ndim == 4 and each.shape[2] == each.shape[3] > 1 for each in maps.values())
    assert all(torch.equal(part, before) for part, before in zip(parts, kept, strict=True)), "the tail wrote into them"


def test_every_network_is_known_and_a_checkpoint_names_it_in_full() -> None:
    document = json.loads(json.dumps(asdict(SMALL)))
    assert document == {
        "name": "torchvision",
        "network": "mobilenet_v3_small",
        "split": "features.9",
        "side": 64,
        "features": 24,
    }
    assert backbone_of(document) == SMALL and hash(backbone_of(document)) == hash(SMALL)


def test_tracing_does_not_disturb_modules_in_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracer replaces what calling any module does, in the whole process."""
    import threading

    other, failed = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), list[BaseException]()
    network = models.get_model("resnet18", weights=None)

    def elsewhere() -> None:
        try:
            other(torch.rand(1, 3, 8, 8))
        except BaseException as error:
            failed.append(error)

    forward = network.layer2.forward

    def while_tracing(x: Any) -> Any:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        return forward(x)

    monkeypatch.setattr(network.layer2, "forward", while_tracing)
    assert len(list(traced(network).nodes)) > 50 and not failed


@pytest.fixture(scope="module")
def images() -> Tensor:
    return (smooth_images(40, SMALL.side) * 255).byte()


@pytest.fixture(scope="module")
def run_folder(
    images: Tensor, weights_of: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Two steps of pretraining, and where its weights came from."""
    recipe = Recipe(steps=2, groups=2, size=12, architecture=Architecture(SMALL, rank=4, hidden=8))
    folder, path = tmp_path_factory.mktemp("run"), weights_of(SMALL.network)
    losses = [step.terms["total"] for step in pretrain(images, recipe, folder, data="smooth", weights=path)]
    assert len(losses) == 2 and all(0 < loss < 1e6 for loss in losses)
    return folder, path


@pytest.mark.slow
def test_it_is_pretrained_stored_and_read_without_weights(
    run_folder: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.pretraining.state import read_average

    folder, weights = run_folder
    model, _ = read_average(folder)
    save_checkpoint(model, tmp_path / "it.safetensors", {"steps": 2})
    monkeypatch.setattr(TorchvisionNetwork, "initial", lambda *_: pytest.fail("weights were asked for"))
    read = load_checkpoint(tmp_path / "it.safetensors")
    assert read.backbone == SMALL and str(weights) not in json.dumps(read.metadata)
    assert str(weights).encode() not in (tmp_path / "it.safetensors").read_bytes()
    pictures = smooth_images(4, SMALL.side)
    prepared = read.prepare(pictures)
    low, high = (read.features(prepared, [value] * 6) for value in (0.0, 1.0))
    before = model.features(pictures, [0.0] * 6)
    assert (low - before).norm() < 1e-2 * before.norm(), "half precision changes little"
    torch.testing.assert_close(low, read.freeze([0.0] * 6)(pictures), atol=1e-4, rtol=1e-4)
    assert (low - high).norm() > 1e-3 * low.norm(), "the descriptor matters"
    frozen = read.frozen_features(prepared)
    expected = penultimate(random_network(SMALL.network), "classifier.3", pictures)
    torch.testing.assert_close(frozen, expected, atol=1e-2, rtol=1e-2)
    assert set(read.maps(prepared, [0.5] * 6)) == set(SMALL.layers)
    control = untrained_beside(read)
    assert control.prepares == read.prepares
    assert float(control.features(prepared, [0.5] * 6).std()) > 1e-3


@pytest.mark.slow
def test_it_runs_in_onnx(run_folder: tuple[Path, Path], tmp_path: Path) -> None:
    import onnxruntime

    from core.pretraining.state import read_average

    model, _ = read_average(run_folder[0])
    module, pictures = model.freeze([0.3] * 6), smooth_images(3, SMALL.side)
    program = torch.onnx.export(module, (pictures,), input_names=["images"], dynamo=True, verbose=False)
    assert program is not None
    program.save(tmp_path / "it.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "it.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"images": pictures.numpy()})
    torch.testing.assert_close(torch.from_numpy(found), module(pictures), atol=1e-3, rtol=1e-3)


def test_the_linear_layer_reads_standardised_features(weights_of: Callable[[str], Path]) -> None:
    model = AmortisedExtractor(Architecture(SMALL, 4, 8), weights=weights_of(SMALL.network))
    pictures = smooth_images(30, SMALL.side)
    model.calibrate(model.prepare(pictures))
    frozen = model.frozen_features(model.prepare(pictures))
    assert frozen is not None
    torch.testing.assert_close(model.constants.get_buffer("centre"), frozen.mean(0))
    spread = model.constants.get_buffer("spread")
    assert (spread >= frozen.std(0) - 1e-6).all() and spread.min() > 0
    with pytest.raises(ValueError, match=r"needs at least two images; got 1\. Add images"):
        model.calibrate(model.prepare(pictures[:1]))


def test_all_forms_of_a_file_give_the_same_weights(weights_of: Callable[[str], Path], tmp_path: Path) -> None:
    path = weights_of(SMALL.network)
    state = torch.load(path, weights_only=True)
    other_classes = {k: v[:7] if k.startswith("classifier.3") else v for k, v in state.items()}
    save_file(dict(state), tmp_path / "a.safetensors")
    torch.save({"state_dict": {f"module.{k}": v for k, v in state.items()}, "epoch": 3}, tmp_path / "b.pt")
    torch.save(other_classes, tmp_path / "c.pth")
    expected = SMALL.initial(path)
    assert list(expected.tail)[:2] == list(SMALL.initial(path).tail)[:2]
    for name in ("a.safetensors", "b.pt", "c.pth"):
        found = SMALL.initial(tmp_path / name)
        for ours, theirs in ((expected.stem, found.stem), (expected.tail, found.tail)):
            assert ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours), name


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("torchvision:resnet19", "no classification network called 'resnet19'. It has 80 others, such as resnet18"),
        ("torchvision:", "torchvision: names no network. Write torchvision:NETWORK, "),
        ("torchvision:resnet18@", "names no network"),
        ("torchvision:resnet18@layer9", "no module called 'layer9' that images pass. Name one of conv1, bn1, "),
        ("torchvision:resnet18@fc", "no map of more than one cell after fc, at 96 pixels. Name an earlier module"),
        ("torchvision:vit_b_16", r"224\)\. Give another side: .* takes 224, as in torchvision:vit_b_16:224"),
        ("torchvision:resnet18:0", "needs a positive side"),
        ("resnet", "no backbone called 'resnet'. Name one of compact, efficientnet_lite0, torchvision:NETWORK"),
    ],
)
def test_what_cannot_be_is_said(choice: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        backbone_named(choice)


def test_weights_that_cannot_be_had_are_said(
    weights_of: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = weights_of(SMALL.network).read_bytes()
    (tmp_path / "cut.pth").write_bytes(good[: len(good) // 2])
    (tmp_path / "cut.safetensors").write_bytes(good[:100])
    (tmp_path / "noise.pt").write_bytes(b"no weights at all")
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save(replace, tmp_path / "code.pt")
    for name in ("cut.pth", "cut.safetensors", "noise.pt", "list.pt", "code.pt", "nothing.pt"):
        with pytest.raises(ValueError, match=name) as caught:
            SMALL.initial(tmp_path / name)
        assert "\n" not in str(caught.value) and str(caught.value).endswith("."), name
    with pytest.raises(ValueError, match=r"not those of torchvision's mobilenet_v3_small: .* missing"):
        SMALL.initial(weights_of("resnet18"))
    with pytest.raises(ValueError, match="compact begins with random weights"):
        AmortisedExtractor(Architecture(Compact()), weights=weights_of(SMALL.network))

    def unreachable(*_: Any, **__: Any) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    with pytest.raises(ValueError, match=r"\(no route to host\).*fetches mobilenet_v3_small-\w+.pth; give .*--weights"):
        SMALL.initial()


@pytest.fixture
def folder(images: Tensor, tmp_path: Path) -> Path:
    """Pictures as files."""
    root = tmp_path / "pictures"
    root.mkdir()
    for number, pixels in enumerate(images.permute(0, 2, 3, 1).numpy()):
        Image.fromarray(pixels).save(root / f"{number}.png")
    return root


@pytest.mark.slow
def test_the_command_takes_a_network_and_a_file(
    run: Run, folder: Path, weights_of: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = json.dumps({"architecture": {"backbone": {"name": "compact"}, "rank": 4, "hidden": 8}})
    train = ("--steps", 2, "--size", 8, "--settings", settings)
    words = ["pretrain", "--images", folder, "--out", tmp_path / "run", *train]
    words += ["--backbone", "torchvision:mobilenet_v3_small@features.11:64"]
    weights = weights_of(SMALL.network)
    result = run(*words, "--weights", weights)
    assert result.code == 0, result.error
    made = tmp_path / "run" / "hypernetwork.safetensors"
    model = load_checkpoint(made)
    assert model.backbone == TorchvisionNetwork("mobilenet_v3_small", "features.11", 64)
    assert_one_sentence(run(*words, "--weights", weights_of("resnet18")), "are not those of torchvision's")
    assert_one_sentence(run(*words, "--start", made, "--weights", weights), "Leave out --start")
    assert_one_sentence(run(*words[:-1], "torchvision:nothing"), "no classification network called 'nothing'")
