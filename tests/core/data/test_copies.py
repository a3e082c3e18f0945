"""Copies and near copies: found whatever was done to them, and not where pictures only look alike."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from core.adaptation import Settings, adapt, predict
from core.certificates.fit_certificate import certify_fit
from core.certificates.independent_images import sample_of
from core.data import copies
from core.data.copies import Mark, exact_groups, near_groups
from core.data.pictures import photographs
from core.tasks import folder_task
from tests.core.conftest import tiny_model


def pieces(count: int, side: int = 120) -> list[Image.Image]:
    """Different pieces of the shipped photographs that overlap little or not at all."""
    found = []
    for photo in photographs():
        whole = Image.fromarray((photo.pixels * 255).round().byte().permute(1, 2, 0).numpy())
        for top in range(0, whole.height - side + 1, side):
            for left in range(0, whole.width - side + 1, side):
                piece = whole.crop((left, top, left + side, top + side))
                if np.asarray(piece.convert("L")).std() > 12:
                    found.append(piece)
    assert len(found) >= count
    return found[:count]


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG 90": lambda p: jpeg(p, 90),
    "JPEG 50": lambda p: jpeg(p, 50),
    "half the size": lambda p: p.resize((p.width // 2, p.height // 2), Image.Resampling.LANCZOS),
    "twice the size": lambda p: p.resize((p.width * 2, p.height * 2), Image.Resampling.BICUBIC),
    "a little brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.05),
}


@pytest.mark.parametrize("change", CHANGES)
def test_near_copies_of_photographs_are_found(change: str) -> None:
    originals = pieces(40)
    groups = near_groups([Mark.of(each) for each in [*originals, *map(CHANGES[change], originals)]])
    found = (groups[:40] == groups[40:]).float().mean()
    assert found >= 0.95 and len(groups[:40].unique()) == 40, "and different pieces are different"


def test_a_copy_of_half_the_size_is_found_where_the_sides_are_odd() -> None:
    originals = [each.crop((0, 0, 119, 91)) for each in pieces(40)]
    halves = [each.resize((59, 45), Image.Resampling.LANCZOS) for each in originals]
    groups = near_groups([Mark.of(each) for each in [*originals, *halves]])
    assert (groups[:40] == groups[40:]).float().mean() >= 0.9 and len(groups[:40].unique()) == 40


def test_exact_copies_are_those_with_the_same_pixels() -> None:
    one, other = pieces(2)
    marks = [Mark.of(each) for each in (one, other, one.copy(), jpeg(one, 90))]
    assert exact_groups(marks).tolist() == [0, 1, 0, 2]
    assert near_groups(marks).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("radius", [6, 12])
def test_near_copies_of_smooth_pictures_are_found(change: str, radius: int) -> None:
    originals = [each.filter(ImageFilter.GaussianBlur(radius)) for each in pieces(40)]
    groups = near_groups([Mark.of(each) for each in [*originals, *map(CHANGES[change], originals)]])
    assert (groups[:40] == groups[40:]).float().mean() >= 0.9 and len(groups[:40].unique()) == 40


def test_near_copies_of_noise_are_found() -> None:
    random = np.random.default_rng(0)
    originals = [Image.fromarray(random.integers(0, 256, (40, 40, 3), dtype=np.uint8)) for _ in range(20)]
    for quality in (90, 60):
        groups = near_groups([Mark.of(each) for each in [*originals, *(jpeg(each, quality) for each in originals)]])
        assert torch.equal(groups[:20], groups[20:]) and len(groups.unique()) == 20


def test_what_differs_in_colour_or_contrast_is_no_copy() -> None:
    picture = pieces(1)[0]
    swapped = Image.merge("RGB", picture.split()[::-1])
    flat = ImageEnhance.Contrast(picture).enhance(0.5)
    assert len(near_groups([Mark.of(each) for each in (picture, swapped, flat)]).unique()) == 3


def drawn(*, text: str = "", x: int = 60, colour: str = "silver") -> Image.Image:
    """A product on white, with something written on it."""
    picture = Image.new("RGB", (160, 160), "white")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((x, 20, x + 44, 150), 8, fill=colour)
    pen.rectangle((x + 4, 60, x + 40, 110), fill="white")
    pen.text((x + 8, 72), text, "black", ImageFont.load_default(24))
    return picture


def test_the_same_sign_with_another_number_and_the_same_product_elsewhere_are_no_copies() -> None:
    numbers = [drawn(text=each) for each in ("30", "58", "71", "94")]
    places = [drawn(x=x) for x in (40, 50, 60, 70)]
    colours = [drawn(colour=each) for each in ("navy", "maroon", "olive", "black")]
    for different in (numbers, places, colours):
        marks = [Mark.of(each) for each in [*different, *(jpeg(each, 80) for each in different)]]
        assert near_groups(marks).tolist() == [0, 1, 2, 3, 0, 1, 2, 3]


def test_pictures_without_anything_in_them_are_only_compared_exactly() -> None:
    plain = [Image.new("RGB", (64, 64), (200, 10 + n, 30)) for n in range(4)]
    assert near_groups([Mark.of(each) for each in [*plain, plain[0]]]).tolist() == [0, 1, 2, 3, 0]


def test_a_chain_of_small_differences_is_not_one_group() -> None:
    rng = np.random.default_rng(0)
    walk = rng.normal(size=(9, 1024)).astype(np.float32)
    greys = [20 * walk[8]]
    for step in walk[:8]:  # each is a copy of the one before, and not of the one before that
        greys.append(greys[-1] + 1.2 * step)
    colours = np.full(48, 128, np.float32)
    marks = [Mark(rng.bytes(8), grey + 128, colours, rng.random(256) > 0.5) for grey in greys]
    assert near_groups(marks).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4]


def test_groups_do_not_depend_on_how_many_are_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    originals = pieces(30)
    marks = [Mark.of(each) for each in [*originals, *map(CHANGES["JPEG 50"], originals), *originals]]
    expected = near_groups(marks)
    monkeypatch.setattr(copies, "_BLOCK", 7)
    assert torch.equal(near_groups(marks), expected) and len(expected.unique()) == 30


def copied(root: Path, pictures: list[Image.Image], copies: int, classes: np.ndarray) -> Path:
    """Each picture so many times, near copies among them, each time in the class that is given."""
    changes = [lambda p: p, *CHANGES.values()]
    for number, picture in enumerate(pictures):
        for again in range(copies):
            folder = root / ("cat", "dog")[classes[number, again]]
            folder.mkdir(parents=True, exist_ok=True)
            changes[again % len(changes)](picture).save(folder / f"IMG_{number} ({again}).png")
    return root


@pytest.mark.slow
def test_ten_copies_of_each_picture_with_random_labels_teach_nothing(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    root = copied(tmp_path / "pets", pieces(48), 10, random.integers(0, 2, (48, 10)))
    source = folder_task(root)
    notes = " ".join(source.notes)
    assert "copies or near copies" in notes and "in more than one class, e.g. cat/IMG_" in notes
    scores, model = [], tiny_model()
    for seed in range(4):
        task = source.with_shots(12, seed)
        adapted = adapt(model, task, Settings(seed=seed, steps=5, restarts=1))
        judged = task.judge(predict(model, adapted, task.test))
        scores.append(judged)
        assert len(task.labelled) + len(task.test) <= 50, "each picture counts once"
        assert judged.interval is not None and judged.majority is not None
        assert certify_fit(model, task, adapted.descriptor).certificate.vacuous
    right = sum(each.value * each.tests for each in scores)
    tests = sum(each.tests for each in scores)
    assert abs(right / tests - 0.5) < 3 * 0.5 / tests**0.5, "chance"


@pytest.mark.slow
def test_no_picture_is_both_labelled_and_tested_and_each_counts_once_in_a_certificate(tmp_path: Path) -> None:
    classes = np.repeat(np.arange(40)[:, None] % 2, 6, 1)
    source = folder_task(copied(tmp_path / "pets", pieces(40), 6, classes))
    for seed in range(3):
        task = source.with_shots(20, seed)
        marks = [
            Mark.of(Image.fromarray((each * 255).round().byte().permute(1, 2, 0).numpy()).resize((64, 64)))
            for split in (task.labelled, task.test)
            for each in split.images
        ]
        assert len(near_groups(marks).unique()) == len(marks) >= 38
        certified = sample_of(task)
        assert certified.drawn == len(certified.labelled) == len(task.labelled)
        assert "perceptual hash" in " ".join(certified.about)


def test_pictures_that_are_all_alike_are_only_compared_exactly(tmp_path: Path) -> None:
    """A fixed camera: a good and a broken part differ in a corner, and no hash would tell."""
    scene, random = np.asarray(pieces(1)[0]).copy(), np.random.default_rng(0)
    for name, mark in (("good", 0), ("broken", 255)):
        (tmp_path / "parts" / name).mkdir(parents=True)
        for number in range(12):
            picture = (scene + random.integers(0, 3, scene.shape)).clip(0, 255).astype(np.uint8)
            picture[:6, :6] = mark
            Image.fromarray(picture).save(tmp_path / "parts" / name / f"{number}.png")
    source = folder_task(tmp_path / "parts")
    assert any("only exact copies" in note for note in source.notes)
    task = source.with_shots(5, 0)
    assert torch.bincount(task.labelled.targets).tolist() == [5, 5]
