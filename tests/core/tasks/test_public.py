"""Tasks from torchvision's datasets: copies that lie on this machine; no test asks a network."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import pytest
import torch
from PIL import Image
from torchvision import datasets

from core.cli.sources import find_source
from core.tasks import public as public_module
from core.tasks import public_task
from core.tasks.public import public_named
from tests.core.conftest import smooth_images, tiny_model


def test_a_dataset_without_copy_and_network_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(name: str, root: str, download: bool) -> None:
        raise (OSError("no route to host") if download else RuntimeError("Dataset not found"))

    monkeypatch.setattr(public_module, "dataset", offline)
    with pytest.raises(ValueError, match=r"EuroSAT is not on this machine .*no route to host"):
        public_task("EuroSAT", tmp_path)
    with pytest.raises(ValueError, match="Known: CIFAR10"):
        public_task("ImageNet22k", tmp_path)


def test_torchvision_has_each_dataset_and_takes_what_is_said_of_its_split() -> None:
    for name, split in public_module.PUBLIC.items():
        assert {"root", "download", *split} <= set(signature(getattr(datasets, name)).parameters), name


def test_an_existing_copy_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Copy(list):
        classes = ("zero", "one", "never there")

    pictures = (smooth_images(12) * 255).byte().permute(0, 2, 3, 1).numpy()
    copy = Copy((Image.fromarray(pixels), number % 2) for number, pixels in enumerate(pictures))
    monkeypatch.setattr(public_module, "dataset", lambda name, root, download: copy)
    source = public_task("DTD", tmp_path)
    assert source.classes == ("zero", "one") and len(source.draw(6, 0).labelled) == 6


def test_caltechs_grey_pictures_and_its_categories_are_understood(tmp_path: Path) -> None:
    """The files lie as torchvision unpacks them."""
    root = tmp_path / "caltech101" / "101_ObjectCategories"
    (root / "BACKGROUND_Google").mkdir(parents=True)
    for number, pixels in enumerate((smooth_images(12) * 255).byte().permute(0, 2, 3, 1).numpy()):
        picture = Image.fromarray(pixels)
        folder = root / ("chair", "ant")[number % 2]
        folder.mkdir(exist_ok=True)
        (picture.convert("L") if number < 6 else picture).save(folder / f"image_{number // 2 + 1:04d}.jpg", quality=95)
    source = public_task("Caltech101", tmp_path, 32)
    assert source.classes == ("ant", "chair")
    task = source.draw(8, 0)
    images = torch.cat([task.labelled.images, task.test.images])
    grey = (images == images[:, :1]).flatten(1).all(1)
    assert images.shape == (12, 3, 32, 32) and int(grey.sum()) == 6


def test_a_copy_is_looked_for_where_it_is_said_to_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert public_named("DTD") == ("DTD", public_module.HOME) and public_named("pets") is public_named("a@b") is None
    (tmp_path / "my@sets").mkdir()
    assert public_named("DTD@~/my@sets") == public_named(f"DTD@{tmp_path}/my@sets") == ("DTD", tmp_path / "my@sets")
    for folder in ("", "/nowhere"):
        with pytest.raises(ValueError, match=f"There is no folder “{folder}” for DTD"):
            public_named(f"DTD@{folder}")
    asked: list[str] = []

    def none(name: str, root: str, download: bool) -> None:
        asked.append(root)
        raise (OSError("no route to host") if download else RuntimeError("Dataset not found"))

    monkeypatch.setattr(public_module, "dataset", none)
    with pytest.raises(ValueError, match=r"looked in .*my@sets.*say where one lies: DTD@FOLDER"):
        find_source("DTD@~/my@sets", tiny_model(), "")
    assert asked == [str(tmp_path / "my@sets")] * 2
