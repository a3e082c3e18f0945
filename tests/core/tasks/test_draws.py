"""Draws from a folder: balanced as far as the classes go, and never at the cost of testing."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.data.image_folder import ImageSet
from core.tasks import draws
from core.tasks.draws import draw, kept_for_testing
from core.tasks.folders import labelled_task
from core.tasks.task import Task


def images_of(counts: list[int], held: list[int] | None = None) -> ImageSet:
    """So many images of each class, each with its own number in its pixels; the last ``held`` ones are for testing."""
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    numbers = torch.arange(len(labels))
    images = torch.stack([numbers // 256, numbers % 256, labels], 1).to(torch.uint8)[:, :, None, None]
    tested = torch.zeros(len(labels), dtype=torch.bool)
    for label, count in enumerate(held or ()):
        tested[torch.where(labels == label)[0][counts[label] - count :]] = True
    names = tuple(f"class {n}" for n in range(len(counts)))
    return ImageSet("set", images.expand(-1, -1, 2, 2), labels, names, held_out=tested)


def drawn(data: ImageSet, count: int, seed: int = 0, groups: torch.Tensor | None = None) -> Task:
    groups = torch.arange(len(data.images)) if groups is None else groups
    return draw(data, groups, "set", "which?", "", count, seed)


def numbers(task: Task) -> tuple[set[int], set[int]]:
    """Which images are labelled and which are tested."""

    def read(images: torch.Tensor) -> set[int]:
        pixels = (images[:, :2, 0, 0] * 255).round().long()
        return set((pixels[:, 0] * 256 + pixels[:, 1]).tolist())

    return read(task.labelled.pixels), read(task.test.pixels)


@given(st.lists(st.integers(3, 40), min_size=2, max_size=5), st.integers(2, 30), st.integers(0, 99))
def test_every_class_keeps_its_share_for_testing_and_gives_what_it_can(
    counts: list[int], shots: int, seed: int
) -> None:
    task = drawn(images_of(counts), shots * len(counts), seed)
    labelled = torch.bincount(task.labelled.targets, minlength=len(counts)).tolist()
    tested = torch.bincount(task.test.targets, minlength=len(counts)).tolist()
    for there, given_, left in zip(counts, labelled, tested, strict=True):
        assert given_ + left == there
        assert left >= there / 3 and (left >= 5 or there < 10) and given_ >= 2
        assert given_ == min(shots, there - kept_for_testing(there))
    one, other = numbers(task)
    assert not one & other and len(one) == sum(labelled)
    short = [n for n, there in enumerate(counts) if there - kept_for_testing(there) < shots]
    assert bool(task.notes) == bool(short)
    assert all(f"class {n} gives" in task.notes[0] for n in short[:4])


def test_what_was_not_possible_is_one_sentence() -> None:
    task = drawn(images_of([12, 300]), 80)
    assert torch.bincount(task.labelled.targets).tolist() == [7, 40]
    assert task.notes == (
        "Not every class gives 40 labelled images: class 0 gives 7 of its 12, because at least a third of each class, "
        "and 5 where there are 10, is kept for testing.",
    )


def test_the_same_seed_draws_the_same_task() -> None:
    one, same, other = (numbers(drawn(images_of([30, 30]), 20, seed)) for seed in (0, 0, 1))
    assert one == same != other


def test_a_split_that_somebody_has_made_is_kept() -> None:
    data = images_of([20, 16], held=[8, 6])
    task = drawn(data, 100)
    labelled, tested = numbers(task)
    held = set(torch.where(data.held_out)[0].tolist()) if data.held_out is not None else set()
    assert tested == held and labelled == set(range(36)) - held
    assert "labelled images: class 0 gives 12 of its 12, class 1 gives 10 of its 10." in task.notes[0]


def test_a_picture_in_both_parts_is_tested_only() -> None:
    data = images_of([10, 10], held=[4, 4])
    groups = torch.arange(20)
    groups[0] = groups[9]  # image 0 is labelled and 9 is for testing
    labelled, tested = numbers(drawn(data, 12, groups=groups))
    assert 0 not in labelled and 9 in tested


@given(st.lists(st.integers(0, 14), min_size=40, max_size=40), st.integers(0, 20))
def test_of_the_same_picture_one_image_is_used(shown: list[int], seed: int) -> None:
    groups = torch.tensor([*shown, *range(20, 40)])  # 20 further pictures, so that no class runs out
    data = images_of([30, 30])
    try:
        task = drawn(data, 10, seed, groups)
    except ValueError as error:
        assert "no copies of others" in str(error)
        return
    labelled, tested = numbers(task)
    used = groups[sorted(labelled | tested)].tolist()
    assert len(used) == len(set(used)) == len(set(groups.tolist()))


def test_test_images_are_limited_with_every_class_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "MAX_TEST_IMAGES", 50)
    task = drawn(images_of([300, 12, 200]), 30)
    assert len(task.test) == 50 and set(task.test.targets.tolist()) == {0, 1, 2}
    assert "50 are used" in " ".join(task.notes)


def test_a_source_without_files_has_no_lines_and_no_notes() -> None:
    source = labelled_task(images_of([6, 6]), "set")
    assert source.notes == () and source.counts == () and len(source.digest) == 16
    assert (
        source.digest == labelled_task(images_of([6, 6]), "other").digest != labelled_task(images_of([6, 7]), "").digest
    )
