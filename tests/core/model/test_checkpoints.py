"""Checkpoints: what is written is read, and nothing else is."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from core import AXES, AmortisedExtractor, load_checkpoint, save_checkpoint
from core.backbones import Extractor
from core.model.checkpoints import save_plain
from tests.core.conftest import TINY, tiny_model

K = len(AXES)
METADATA = {"name": "tiny", "recipe": {"steps": 3}, "seed": 0, "date": "2026-01-01", "metrics": {"rank": 9.5}}


@pytest.fixture
def path(tmp_path: Path, model: AmortisedExtractor) -> Path:
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(model, path, METADATA)
    return path


def rewrite(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Store the same weights under a changed header."""
    with safe_open(path, "pt") as file:
        header = json.loads(file.metadata()["hyperinvariances"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a dict
    change(header)
    save_file(tensors, path, {"format": "hyperinvariances/1", "hyperinvariances": json.dumps(header)})


def test_a_checkpoint_gives_the_model_back_up_to_half_precision(
    path: Path, model: AmortisedExtractor, images: Tensor
) -> None:
    loaded = load_checkpoint(path)
    original = dict(model.named_parameters())
    for name, parameter in loaded.named_parameters():
        assert parameter.dtype == torch.float32
        torch.testing.assert_close(parameter, original[name].detach(), rtol=2**-11, atol=2**-25)
    for values in ([0.0] * K, [1.0] * K):
        first, second = loaded.features(images, values), model.features(images, values)
        assert (first - second).norm() < 0.01 * second.norm()


def test_a_loaded_model_is_ready_for_use(path: Path) -> None:
    loaded = load_checkpoint(str(path))
    assert not loaded.training and not any(p.requires_grad for p in loaded.parameters())
    assert loaded.architecture == TINY and loaded.transforms == AXES


def test_saving_what_was_loaded_changes_nothing(path: Path, tmp_path: Path) -> None:
    loaded = load_checkpoint(path)
    save_checkpoint(loaded, tmp_path / "again.safetensors", METADATA)
    again = load_checkpoint(tmp_path / "again.safetensors")
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in loaded.state_dict().items())


def test_the_metadata_names_recipe_axes_architecture_and_the_file(path: Path) -> None:
    metadata = load_checkpoint(path).metadata
    assert {name: metadata[name] for name in METADATA} == METADATA
    backbone = {"name": "compact", "widths": [8] * 6, "features": 16}
    assert metadata["architecture"] == {"backbone": backbone, "rank": TINY.rank, "hidden": TINY.hidden}
    assert [entry["name"] for entry in metadata["axes"]] == [axis.name for axis in AXES]
    assert len(metadata["digest"]) == 12


def test_a_checkpoint_of_fewer_axes_keeps_them(tmp_path: Path) -> None:
    axes = (AXES[3], AXES[0])
    save_checkpoint(AmortisedExtractor(TINY, axes), tmp_path / "two.safetensors", {})
    assert load_checkpoint(tmp_path / "two.safetensors").transforms == axes


def test_weights_take_two_bytes_each(path: Path, model: AmortisedExtractor) -> None:
    weights = sum(parameter.numel() for parameter in model.parameters())
    assert 2 * weights < path.stat().st_size < 2 * weights + 20_000


def test_missing_folders_are_created(model: AmortisedExtractor, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path / "a" / "b" / "c.safetensors", {})
    assert load_checkpoint(tmp_path / "a" / "b" / "c.safetensors").architecture == TINY


def test_saving_replaces_a_file_as_a_whole(path: Path) -> None:
    before = path.read_bytes()
    with path.open("rb") as reader:  # someone who is reading the old file while a new one is saved
        start = reader.read(100)
        save_checkpoint(tiny_model(seed=1), path, METADATA)
        assert start + reader.read() == before
    assert path.read_bytes() != before
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("trouble", ["metadata", "infinite", "too large"])
def test_a_failed_save_leaves_the_old_file_and_nothing_else(path: Path, trouble: str) -> None:
    before, model = path.read_bytes(), tiny_model()
    if trouble != "metadata":
        with torch.no_grad():
            next(model.parameters()).fill_(float("inf") if trouble == "infinite" else 1e6)
    with pytest.raises(ValueError, match="cannot be written as JSON" if trouble == "metadata" else "float16"):
        save_checkpoint(model, path, {"metrics": object()} if trouble == "metadata" else {})
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for missing in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(FileNotFoundError, match=f"There is no checkpoint at {missing}"):
            load_checkpoint(missing)


def spoil(path: Path, kind: str) -> None:
    whole = path.read_bytes()
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("weights\n" * 100, encoding="utf-8")
    elif kind == "pickle":
        path.write_bytes(pickle.dumps({"weights": [0.0] * 100}))
    elif kind == "torch":
        torch.save({"weights": torch.zeros(3)}, path)
    else:
        path.write_bytes(whole[: int(len(whole) * float(kind))])


@pytest.mark.parametrize("kind", ["empty", "text", "pickle", "torch", "0.00001", "0.01", "0.5", "0.999"])
def test_a_file_that_is_not_a_whole_checkpoint_is_refused(path: Path, kind: str) -> None:
    spoil(path, kind)
    with pytest.raises(ValueError, match=rf"{path} is not a whole safetensors file .*copy it again\.$"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    "header", [None, {}, {"hyperinvariances": "{}"}, {"hyperinvariances": "[]"}, {"hyperinvariances": "null"}]
)
def test_a_foreign_safetensors_file_is_refused(path: Path, header: dict[str, str] | None) -> None:
    save_file({"weight": torch.zeros(3)}, path, header)
    with pytest.raises(ValueError, match="is not a HyperInvariances checkpoint of format hyperinvariances/2"):
        load_checkpoint(path)


def test_another_version_is_refused(path: Path) -> None:
    rewrite(path, lambda header: header.update(format="hyperinvariances/9"))
    with pytest.raises(ValueError, match="of format hyperinvariances/2"):
        load_checkpoint(path)


def test_an_unknown_axis_is_refused_by_name(path: Path) -> None:
    rewrite(path, lambda header: header["axes"][2].update(name="tilt"))
    with pytest.raises(ValueError, match=r"axes this version lacks: tilt\. "):
        load_checkpoint(path)


@pytest.mark.parametrize("end", ["low", "high"])
def test_an_axis_of_another_range_is_refused_by_name(path: Path, end: str) -> None:
    rewrite(path, lambda header: header["axes"][0].update({end: 90.0 if end == "high" else -90.0}))
    with pytest.raises(ValueError, match=r"trained with rotation from .*90.*and this version has"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.pop("axes"),
        lambda header: header.pop("architecture"),
        lambda header: header["architecture"].update(features=32),
        lambda header: header["architecture"].update(depth=3),
        lambda header: header["axes"].pop(),
        lambda header: header["axes"][0].pop("low"),
    ],
    ids=["no axes", "no architecture", "other sizes", "unknown size", "fewer axes", "no range"],
)
def test_a_header_that_does_not_fit_the_weights_is_refused(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    rewrite(path, change)
    with pytest.raises(ValueError, match=f"{path} does not fit the architecture it names"):
        load_checkpoint(path)


def test_the_digest_follows_the_weights_and_not_the_metadata(model: AmortisedExtractor, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path / "a.safetensors", {"name": "a"})
    save_checkpoint(model, tmp_path / "b.safetensors", {"name": "b"})
    with torch.no_grad():
        next(model.parameters()).add_(1)
    save_checkpoint(model, tmp_path / "c.safetensors", {"name": "a"})
    a, b, c = (load_checkpoint(tmp_path / f"{name}.safetensors").metadata["digest"] for name in "abc")
    assert a == b and a != c


def test_the_metadata_of_another_model_cannot_hide_what_is_stored(tmp_path: Path) -> None:
    stranger = load_checkpoint().metadata
    save_checkpoint(tiny_model(), tmp_path / "tiny.safetensors", stranger)
    assert load_checkpoint(tmp_path / "tiny.safetensors").architecture == TINY


def test_a_plain_extractor_that_has_diverged_is_not_saved(tmp_path: Path) -> None:
    network = Extractor(TINY.backbone)
    with torch.no_grad():
        next(network.parameters()).fill_(1e6)
    with pytest.raises(ValueError, match="too large for float16"):
        save_plain(network, tmp_path / "plain.safetensors", {})
    assert not list(tmp_path.iterdir())
