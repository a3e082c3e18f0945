"""Folders of images: nested, flat, partly broken, or none at all."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import data
from core.data import split

SIDE = 32
load_folder = partial(data.load_folder, side=SIDE)


def picture(path: Path, seed: int = 0, size: tuple[int, int] = (SIDE, SIDE)) -> np.ndarray:
    """Write random pixels losslessly; returns them, (H, W, 3)."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return pixels


def test_a_flat_folder_is_one_class_in_the_order_of_names(tmp_path: Path) -> None:
    pixels = {name: picture(tmp_path / name, seed) for seed, name in enumerate(("b.png", "a.png", "c.bmp"))}
    loaded = load_folder(tmp_path)
    expected = np.stack([pixels[name].transpose(2, 0, 1) for name in ("a.png", "b.png", "c.bmp")])
    assert torch.equal(loaded.images, torch.from_numpy(expected)) and loaded.images.dtype == torch.uint8
    assert loaded.labels.tolist() == [0, 0, 0] and len(loaded.classes) == 1 and loaded.skipped == ()
    assert loaded.name == tmp_path.name


def test_a_nested_folder_has_one_class_per_subfolder(tmp_path: Path) -> None:
    for number, name in enumerate(("dog/1.png", "cat/2.png", "cat/1.JPG", "dog/deep/3.png")):
        picture(tmp_path / name, number)
    loaded = load_folder(str(tmp_path))
    assert loaded.classes == ("cat", "dog")
    assert [loaded.classes[label] for label in loaded.labels] == ["cat", "cat", "dog", "dog"]
    assert loaded.images.shape == (4, 3, 32, 32)


def test_pictures_of_any_size_become_their_central_square(tmp_path: Path) -> None:
    pixels = picture(tmp_path / "wide.png", size=(52, 32))
    assert torch.equal(load_folder(tmp_path).images[0], torch.from_numpy(pixels[:, 10:42].transpose(2, 0, 1).copy()))
    Image.new("RGB", (300, 90), (200, 10, 60)).save(tmp_path / "wide.png")
    assert load_folder(tmp_path).images[0].flatten(1).unique(dim=1).tolist() == [[200], [10], [60]]


def test_pictures_are_shrunk_like_averages(tmp_path: Path) -> None:
    large = np.kron(np.random.default_rng(0).integers(0, 256, (4, 4, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    Image.fromarray(large).save(tmp_path / "large.png")
    averaged = large.reshape(32, 2, 32, 2, 3).mean((1, 3)).transpose(2, 0, 1)
    difference = np.abs(load_folder(tmp_path).images[0].numpy() - averaged)
    assert np.median(difference) <= 1  # the inside of each block; its edges are softer


@pytest.mark.parametrize(
    "mode, white", [("L", 255), ("1", 1), ("P", 255), ("RGBA", (255, 255, 255, 255)), ("CMYK", (0,) * 4)]
)
def test_white_is_white_in_every_colour_mode(tmp_path: Path, mode: str, white: int | tuple[int, ...]) -> None:
    image = Image.new("RGB", (40, 40), "white").convert("P") if mode == "P" else Image.new(mode, (40, 40), white)
    image.save(tmp_path / "white.tiff")
    assert bool((load_folder(tmp_path).images == 255).all())


def test_grey_values_of_16_bits_keep_their_order(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 32).astype(np.uint16)
    Image.fromarray(np.tile(ramp, (32, 1))).save(tmp_path / "deep.png")
    row = load_folder(tmp_path).images[0, 0, 0].int()
    assert bool((row.diff() > 0).all())


def test_files_that_cannot_be_read_are_reported_and_left_out(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "good.png")
    whole = (tmp_path / "a" / "good.png").read_bytes()
    (tmp_path / "a" / "cut.png").write_bytes(whole[:200])
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "text.jpg").write_text("not a picture", encoding="utf-8")
    (tmp_path / "b" / "empty.png").write_bytes(b"")
    picture(tmp_path / "b" / "good.png")
    (tmp_path / "notes.txt").write_text("files that are no images are not even tried", encoding="utf-8")
    loaded = load_folder(tmp_path)
    assert set(loaded.skipped) == {"a/cut.png", "b/text.jpg", "b/empty.png"}
    assert loaded.labels.tolist() == [0, 1] and loaded.classes == ("a", "b")


def test_links_that_lead_out_of_the_folder_are_ignored(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    picture(inside / "mine.png", 0)
    picture(outside / "secret.png", 1)
    (inside / "link.png").symlink_to(outside / "secret.png")
    (inside / "folder").symlink_to(outside)
    (inside / "dead.png").symlink_to(tmp_path / "nowhere.png")
    assert len(load_folder(inside).images) == 1


def test_a_folder_reached_by_a_link_is_read(tmp_path: Path) -> None:
    picture(tmp_path / "real" / "a.png")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert len(load_folder(tmp_path / "link").images) == 1


def test_progress_counts_the_files(tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / f"{number}.png")
    calls: list[tuple[int, int]] = []
    load_folder(tmp_path, lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for wrong in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(ValueError, match=f"There is no folder {wrong}|file is no zip archive"):
            load_folder(wrong)


def test_a_folder_without_readable_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"No readable image in .*; no file was found\. Known endings: .*\.jpg"):
        load_folder(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"left out: 1 of an unknown format \(broken\.png\)"):
        load_folder(tmp_path)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=4), st.integers(0, 10), st.integers(0, 99))
def test_a_split_is_disjoint_of_the_asked_sizes_and_repeatable(parts: list[int], spare: int, seed: int) -> None:
    count = sum(parts) + spare
    pieces = split(count, tuple(parts), seed)
    assert [len(piece) for piece in pieces] == parts
    together = torch.cat(pieces).tolist()
    assert len(set(together)) == len(together) and set(together) <= set(range(count))
    assert all(map(torch.equal, pieces, split(count, tuple(parts), seed)))


def test_a_split_larger_than_the_set_is_refused() -> None:
    with pytest.raises(ValueError, match="11 images are needed, 10 are there"):
        split(10, (5, 6), 0)
