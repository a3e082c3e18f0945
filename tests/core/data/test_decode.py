"""One door for pictures: every kind of file gives the same pixels to everybody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.adaptation.export import predict_text
from core.data import load_folder
from core.data.decode import ENOUGH, central_square, endings, read_picture
from core.data.pictures import decode_image, square
from tests.core.data.kinds import CUT, KINDS, PHONES, RAMP, RANDOM, SKY, STORED, encoded, exif


@pytest.mark.parametrize("name", PHONES)
def test_a_photo_stands_upright_whatever_else_its_exif_block_holds(name: str) -> None:
    seen = np.asarray(read_picture(PHONES[name])).astype(int)
    assert np.abs(seen - SKY)[[2, 20, 28, 45]].max() <= 12, "sky above"


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("boxed", [True, False])
def test_a_heic_photo_stands_upright_by_its_box_or_by_its_tag(orientation: int, boxed: bool) -> None:
    """As bytes the encoder also writes a box that turns the picture; as an object it leaves the tag alone."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    tag = exif(orientation)
    content = encoded(STORED[orientation](SKY), "HEIF", quality=90, exif=tag.tobytes() if boxed else tag)
    assert (b"irot" in content or b"imir" in content) == (boxed and orientation > 1)
    seen = np.asarray(read_picture(content)).astype(int)
    assert np.abs(seen - SKY)[[2, 20, 28, 45]].max() <= 12


def seen(name: str) -> np.ndarray:
    return np.asarray(read_picture(KINDS[name], name)).astype(int)


STUB = """
import numpy as np
FED = []
class InferenceSession:
    def __init__(self, *a, **k): pass
    def run(self, names, feed):
        FED.append(next(iter(feed.values()))[0])
        np.save("fed.npy", np.stack(FED))
        return [np.zeros((1, 1), np.float32)]
"""


@pytest.mark.slow
def test_explore_a_folder_and_the_exported_program_see_the_same_pixels(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, content in enumerate(KINDS.values()):
        (folder / f"{number:03}.png").write_bytes(content)  # the ending promises nothing
    (tmp_path / "predict.py").write_text(predict_text(32), encoding="utf-8")
    (tmp_path / "labels.json").write_text("[]", encoding="utf-8")
    (tmp_path / "onnxruntime.py").write_text(STUB, encoding="utf-8")
    files = sorted(folder.iterdir())
    run = subprocess.run(
        [sys.executable, tmp_path / "predict.py", *files], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    fed = np.load(tmp_path / "fed.npy") * 255
    loaded = load_folder(folder, side=32)
    assert len(fed) == len(KINDS) and loaded.skipped == ()
    for name, content, theirs, ours in zip(KINDS, KINDS.values(), fed, loaded.images.numpy(), strict=True):
        assert np.abs(theirs - ours).max() <= 1, name
        shown = square(decode_image(content, name))
        if shown.shape[-1] == 32:
            assert np.abs(shown.numpy() * 255 - ours).max() <= 1, name
        means = [float(each.mean()) for each in (shown * 255, torch.from_numpy(ours).float())]
        assert abs(means[0] - means[1]) < 6, name


def test_transparency_is_laid_on_white() -> None:
    alpha = CUT[..., 3:] / 255
    for name in ("RGBA", "RGBA in WEBP"):
        assert np.abs(seen(name) - (RANDOM * alpha + 255 * (1 - alpha))).max() <= 1
    assert seen("RGB with a clear colour")[0, 0].tolist() == [255] * 3
    assert np.abs(seen("RGB with a clear colour") - RANDOM)[1:].mean() < 1
    assert seen("palette")[0, [0, 15]].tolist() == [[10, 20, 30], [200, 100, 50]]
    assert seen("palette with a clear entry")[0, [0, 15]].tolist() == [[255, 255, 255], [200, 100, 50]]


def test_colours_of_print_and_of_lab_become_rgb() -> None:
    for name in ("CMYK", "CMYK in TIFF"):
        assert np.abs(seen(name) - (255, 0, 0)).max() <= 8
    red = seen("LAB")[0, 0]
    assert red[0] > 180 and red[1] < 120


def test_greys_of_any_depth_span_black_to_white() -> None:
    ramp = np.round((RAMP - 1000) / 2000 * 255)
    for name in ("16 bits", "16 bits in TIFF", "16 bits, big-endian", "32 bits"):
        assert np.abs(seen(name)[..., 0] - ramp).max() <= 1, name
    np.testing.assert_array_equal(seen("grey"), np.repeat(RANDOM[..., :1], 3, 2))
    assert set(np.unique(seen("1 bit"))) == {0, 255}


def test_values_that_are_missing_are_white_and_infinite_ones_the_ends() -> None:
    grey = seen("floats")[..., 0]
    assert (grey[:4] == 255).all() and (grey[4:8, :9] == 0).all() and (grey[8:12, 30:] == 255).all()
    assert grey[12, 0] == 0 and grey[12, -1] == 255 and (np.diff(grey[12]) > 0).all()


@pytest.mark.parametrize("empty", ["least", "tag"])
def test_what_stands_for_no_value_is_white_and_does_not_count(empty: str) -> None:
    values = np.tile(np.linspace(2, 6, 40, dtype=np.float32), (24, 1))
    values[:4] = -3.4028234663852886e38 if empty == "least" else -9999
    tags = {} if empty == "least" else {42113: "-9999"}
    grey = np.asarray(read_picture(encoded(values, "TIFF", tiffinfo=tags)))[..., 0].astype(int)
    assert (grey[:4] == 255).all() and grey[12, 0] == 0 and grey[12, -1] == 255 and (np.diff(grey[12]) > 0).all()


@pytest.mark.parametrize("name", ["animated GIF", "animated WEBP", "animated PNG", "TIFF of several pages", "MPO"])
def test_of_several_pictures_the_first_is_shown(name: str) -> None:
    assert np.abs(seen(name) - (255, 0, 0)).max() <= 4


@pytest.mark.parametrize("name", ["large JPEG", "large PNG over white", "large palette", "large 16 bits"])
def test_a_large_picture_is_shrunk_like_an_average(name: str) -> None:
    found = read_picture(KINDS[name])
    assert ENOUGH <= min(found.size) < 2 * ENOUGH
    small = {
        "large JPEG": RANDOM,
        "large palette": RANDOM,
        "large 16 bits": seen("16 bits"),
        "large PNG over white": seen("RGBA"),
    }
    blocks = np.asarray(found.resize((40, 24), Image.Resampling.BOX)).astype(int)
    limit = 45 if name == "large palette" else 12  # 256 colours for 960
    assert np.abs(blocks - small[name]).mean() < limit / 3 and np.abs(blocks - small[name]).max() <= 2 * limit


def test_every_ending_of_what_is_read_is_known() -> None:
    wanted = {".jpg", ".jpeg", ".jfif", ".png", ".gif", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".ppm", ".heic"}
    assert wanted <= endings() and ".txt" not in endings() and ".ico" not in endings()


@given(st.integers(8, 90), st.integers(8, 90), st.integers(1, 48))
def test_the_square_is_the_middle_of_the_picture(width: int, height: int, side: int) -> None:
    red = Image.new("RGB", (width, height), "red")
    short = min(width, height)
    left, top = (width - short) // 2, (height - short) // 2
    red.paste("blue", (left, top, left + short, top + short))
    assert (central_square(red, side) == np.array([0, 0, 255])[:, None, None]).all()
