"""Single pictures: as tensors of limited size, and the photographs that need no network."""

from __future__ import annotations

import io
import socket
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from sklearn.datasets import load_sample_image

from core.data.pictures import decode_image, packaged, photographs, square

RANDOM = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_large_picture_is_shrunk_to_512_pixels() -> None:
    for kind in ("PNG", "JPEG"):
        assert decode_image(encoded(Image.new("RGB", (1200, 600), "teal"), kind)).shape == (3, 256, 512)


def test_a_picture_becomes_a_tensor_of_the_same_pixels() -> None:
    expected = torch.from_numpy(RANDOM.transpose(2, 0, 1).copy()).float() / 255
    decoded = decode_image(encoded(Image.fromarray(RANDOM), "PNG"))
    assert decoded.dtype == torch.float32 and torch.equal(decoded, expected)


@pytest.mark.parametrize("height, width", [(5, 9), (9, 5), (6, 6), (5, 8)])
def test_the_central_square_leaves_equal_margins(height: int, width: int) -> None:
    picture = torch.arange(height * width).view(1, height, width)
    side, top, left = min(height, width), (height - min(height, width)) // 2, (width - min(height, width)) // 2
    assert torch.equal(square(picture), picture[:, top : top + side, left : left + side])


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("offline")
def test_the_photographs_need_no_network() -> None:
    pictures = photographs()
    assert len({picture.name for picture in pictures}) == len(pictures) >= 2
    for picture in pictures:
        channels, height, width = picture.pixels.shape
        assert channels == 3 and 32 <= height == width <= 512 and picture.source
        assert float(picture.pixels.min()) >= 0 and float(picture.pixels.max()) <= 1 and picture.pixels.std() > 0.05


def test_the_photographs_are_those_that_the_packages_give() -> None:
    """The files are read without the packages, which take seconds to import."""
    ours = {picture.source: picture.pixels for picture in photographs()}
    for name in ("chelsea", "astronaut", "coffee", "rocket"):
        theirs = torch.from_numpy(getattr(data, name)().copy()).permute(2, 0, 1)
        assert torch.equal(ours[f"scikit-image, {name}"], square(theirs) / 255)
    for name in ("flower.jpg", "china.jpg"):
        theirs = torch.from_numpy(load_sample_image(name).copy()).permute(2, 0, 1)
        assert torch.equal(ours[f"scikit-learn, {name}"], square(theirs) / 255)


@pytest.mark.parametrize(("package", "file"), [("no_such_package", "picture.png"), ("sklearn", "no/such.png")])
def test_a_package_or_picture_that_is_not_there_is_named(package: str, file: str) -> None:
    with pytest.raises(FileNotFoundError, match=f"{package} or its {file} is not there.*pip install {package}"):
        packaged(package, file)
