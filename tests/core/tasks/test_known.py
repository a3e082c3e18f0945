"""Tasks: splits that share nothing, known answers that fit their names, and folders and archives from outside."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import AXES
from core.tasks import drawn, folder_task, known_tasks
from core.tasks import folders as folders_module
from core.tasks.contents import CONTENTS
from core.tasks.known import PAIRS, Pair, _moved_images
from core.tasks.nuisances import NUISANCES
from core.tasks.task import DEVELOPMENT, FINAL, choose_balanced, divide
from tests.core.samples import write_images, zipped

SOURCES = {source.name: source for source in known_tasks()}


@given(st.integers(2, 6), st.integers(12, 60), st.integers(0, 99))
def test_division_is_a_partition_with_every_class_in_training(classes: int, count: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    targets = torch.randint(classes, (count,), generator=generator)
    train, held = divide(targets, generator, classes=classes)
    assert torch.equal(torch.cat([train, held]).sort().values, torch.arange(count))
    assert set(targets[train].tolist()) == set(targets.tolist())
    assert 0 < len(held) < count / 2


@given(st.integers(2, 5), st.integers(5, 40), st.integers(0, 99))
def test_a_balanced_choice_differs_by_at_most_one_where_there_is_enough(k: int, count: int, seed: int) -> None:
    targets = torch.arange(k).repeat(40)
    chosen = choose_balanced(targets, count, torch.Generator().manual_seed(seed), classes=k)
    amounts = torch.bincount(targets[chosen], minlength=k)
    assert len(chosen.unique()) == count and int(amounts.max() - amounts.min()) <= 1


def test_there_are_at_least_ten_known_tasks_in_opposite_pairs() -> None:
    assert len(SOURCES) >= 10
    twins = zip(list(SOURCES.values())[::2], list(SOURCES.values())[1::2], strict=True)
    for pair, (ignoring, keeping) in zip(PAIRS, twins, strict=True):
        assert ignoring.known == dict.fromkeys((pair.axis, *pair.also), 1)
        assert keeping.known == {**ignoring.known, pair.axis: 0}
        assert ignoring.classes and not keeping.classes
        assert pair.foreign not in ignoring.known and ignoring.foreign == keeping.foreign == pair.foreign
        assert all(word in ignoring.name for word in (pair.content, pair.axis, *pair.beside))
    for stage in (DEVELOPMENT, FINAL):
        used = {pair.axis for pair in PAIRS if pair.stage == stage}
        assert used == {axis.name for axis in AXES}, "every axis is needed by some task of either stage"


def test_nothing_is_chosen_on_what_is_claimed_for() -> None:
    """Objectives and defaults are chosen on the development tasks; the final ones show other things."""
    contents = {stage: {p.content for p in PAIRS if p.stage == stage} for stage in (DEVELOPMENT, FINAL)}
    assert not contents[DEVELOPMENT] & contents[FINAL]
    assert {source.stage for source in SOURCES.values()} == {DEVELOPMENT, FINAL}
    final = [pair for pair in PAIRS if pair.stage == FINAL]
    assert {pair.foreign for pair in final} - {""} == set(NUISANCES)
    assert sum(bool(pair.also) for pair in final) >= 3 and any(len(pair.also) > 1 for pair in final)


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if pair.beside], ids=lambda pair: f"{pair.content} {pair.axis}"
)
def test_both_tasks_of_a_pair_see_the_same_images_moved_by_all_that_is_named(pair: Pair) -> None:
    ignoring, keeping = (source for source in known_tasks(side=32) if source.name in names_of(pair))
    one, other = ignoring.draw(40, 0), keeping.draw(40, 0)
    assert torch.equal(one.test.images, other.test.images)
    source = CONTENTS[pair.content](32)
    chosen = torch.arange(0, len(source.images), len(source.images) // 16)[:16]
    plain = replace(pair, axis=pair.axis, also=(), foreign="")
    moved, less = (
        _moved_images(source.images[chosen], each, torch.Generator().manual_seed(3))[0] for each in (pair, plain)
    )
    changed = (moved - less).abs().flatten(1).mean(1)
    assert float(changed.median()) > 1e-3, "some are hardly disturbed, because strengths begin at 0"
    assert 0 <= float(moved.min()) <= float(moved.max()) <= 1
    assert one.nuisance["test"] == (pair.axis, *pair.also) and other.nuisance["test"] == pair.also


def names_of(pair: Pair) -> tuple[str, str]:
    more = list(pair.beside)
    text = ", ".join(more[:-1]) + (" and " if more[:-1] else "") + more[-1]
    joined = [pair.axis, *more]
    return (
        f"{pair.content} despite {', '.join(joined[:-1])} and {joined[-1]}",
        f"{pair.axis} of {pair.content} despite {text}",
    )


def test_drawn_pictures_differ_and_do_not_depend_on_their_neighbours() -> None:
    for draw, classes in ((drawn.digits, drawn.DIGITS), (drawn.shapes, drawn.SHAPES)):
        rows = torch.arange(0, len(classes) * drawn.PER_CLASS, 60)
        images = draw(rows, 48)
        assert len(images.flatten(1).unique(dim=0)) == len(rows)
        torch.testing.assert_close(draw(rows[[7]], 48)[0], images[7])
        coarse = torch.nn.functional.avg_pool2d(draw(rows[:3], 96), 2)
        assert float((coarse - images[:3]).abs().mean()) < 0.03, "the same picture at another size"


@pytest.mark.parametrize("content", CONTENTS)
def test_contents_are_images_with_labels_and_names(content: str) -> None:
    made = CONTENTS[content](32)
    images = made.images[torch.arange(len(made.images))]
    assert images.shape == (len(made.labels), 3, 32, 32)
    assert float(images.min()) >= 0 and float(images.max()) <= 1
    torch.testing.assert_close(made.images[torch.tensor([5, 3])], images[[5, 3]], msg="whichever are taken with it")
    assert made.labels.max() + 1 == len(made.classes) == len(set(made.classes))
    source = next(s for name, s in SOURCES.items() if name.startswith(f"{content} despite"))
    assert source.classes == made.classes


@pytest.mark.parametrize("name", ["textures despite blur", "rotation of garments"])
def test_a_task_is_repeatable_and_its_splits_share_no_group(name: str) -> None:
    one, same, other = (SOURCES[name].draw(60, seed) for seed in (0, 0, 1))
    assert torch.equal(one.train.images, same.train.images) and torch.equal(one.test.targets, same.test.targets)
    assert not torch.equal(one.train.images, other.train.images)
    assert len(one.labelled) == 60 and len(one.validation) == 12
    assert one.regression is (not one.classes)
    assert one.score_name == ("accuracy" if one.classes else "R²")
    flat = torch.cat([one.labelled.images, one.test.images]).flatten(1)
    assert len(flat.unique(dim=0)) == len(flat)


def test_a_quantity_is_the_place_on_the_axis() -> None:
    task = SOURCES["hue of digits"].draw(60, 0)
    assert -1 <= float(task.train.targets.min()) < -0.5 and 0.5 < float(task.train.targets.max()) <= 1
    perfect = task.encoded(task.test.targets)
    assert task.score(perfect, task.test.targets) == pytest.approx(1)
    assert task.score(torch.zeros_like(perfect) + task.test.targets.mean(), task.test.targets) == pytest.approx(
        0, abs=1e-5
    )


def test_a_folder_and_a_zip_of_it_are_the_same_task(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pets", {"cat": 9, "dog": 7})
    archive = zipped(folder, tmp_path / "pets.zip", "pets/")
    a, b = (folder_task(path).with_shots(3, 0) for path in (folder, archive))
    assert a.classes == ("cat", "dog") and a.name == "pets"
    assert torch.equal(a.train.images, b.train.images) and torch.equal(a.test.targets, b.test.targets)
    assert len(a.labelled) == 6 and len(a.test) == 10
    assert set(a.test.targets.tolist()) == {0, 1}


def test_unreadable_files_are_left_out_and_named(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pets", {"cat": 4, "dog": 4})
    (folder / "cat" / "broken.jpg").write_bytes(b"not an image")
    (folder / "stray.png").write_bytes((folder / "dog" / "5.png").read_bytes())
    source = folder_task(folder)
    assert source.classes == ("cat", "dog")
    assert any("broken.jpg" in note for note in source.notes) and any("stray.png" in n for n in source.notes)
    assert [each.sentence() for each in source.counts] == [
        "cat: 5 found, 4 used; left out: 1 of an unknown format (cat/broken.jpg).",
        "dog: 4 found, 4 used.",
    ]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"cat": 5}, "only the subfolder “cat”"),
        ({"cat": 3, "dog": 1}, r"Too few different readable images in data: dog \(1\)"),
        ({"train": 5, "test": 5}, "are splits"),
        ({"": 5}, "no subfolder"),
        ({"cat": 5, "dog": 0}, "one class only"),
    ],
)
def test_folders_that_are_no_task_get_one_sentence(tmp_path: Path, counts: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        folder_task(write_images(tmp_path / "data", counts))
    assert "\n" not in str(caught.value)


def test_nothing_readable_and_too_many_classes_get_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "x.png").write_bytes(b"no")
    with pytest.raises(ValueError, match="No readable image"):
        folder_task(tmp_path / "data")
    many = tmp_path / "many"
    for number in range(1001):
        (many / str(number)).mkdir(parents=True)
    with pytest.raises(ValueError, match="1,001 classes; at most 1,000"):
        folder_task(many)
    with pytest.raises(ValueError, match="There is no folder"):
        folder_task(tmp_path / "nowhere")
    assert folders_module.MAX_CLASSES < 10_000


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = write_images(tmp_path / "secret", {"x": 3})
    folder = write_images(tmp_path / "data", {"cat": 4, "dog": 4})
    os.symlink(secret / "x", folder / "elsewhere")
    os.symlink(next((secret / "x").iterdir()), folder / "cat" / "link.png")
    task = folder_task(folder)
    assert task.classes == ("cat", "dog")
    assert len(task.draw(4, 0).labelled) + len(task.draw(4, 0).test) == 8


def test_too_few_labels_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two of each class"):
        SOURCES["digits despite hue"].draw(10, 0)
    with pytest.raises(ValueError, match="two of each class"):
        folder_task(write_images(tmp_path / "d", {"a": 4, "b": 4})).draw(2, 0)
