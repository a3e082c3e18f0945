"""Folders that keep pictures for testing, in the layouts of well-known sets; what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.tasks import folder_task
from tests.core.pets import BOTH, SPLIT, as_folder, packed, picture


@BOTH
@pytest.mark.parametrize("wrapped", ["", "my pets/"])
def test_a_split_layout_is_understood_and_its_test_part_is_for_testing(tmp_path: Path, pack: str, wrapped: str) -> None:
    source = folder_task(packed({wrapped + name: picture() for name in SPLIT}, tmp_path, pack))
    assert source.classes == ("cat", "dog")
    assert source.notes == ("The test images are those in test/; the labelled ones are drawn from train/ and val/.",)
    task = source.with_shots(9, 0)
    assert len(task.test) == 8 and len(task.labelled) == 18 and task.notes == ()


def test_without_a_test_part_the_validation_part_is_for_testing(tmp_path: Path) -> None:
    files = {name.replace("val/", "Valid/"): picture() for name in SPLIT if not name.startswith("test/")}
    source = folder_task(as_folder(files | {"stray.png": picture()}, tmp_path / "pets"))
    assert len(source.with_shots(4, 0).test) == 6
    assert "The test images are those in Valid/; the labelled ones are drawn from train/." in source.notes
    assert "Not used, because it lies outside the class folders: stray.png." in source.notes


LAYOUTS = {
    "sets in sets": {"training_set/training_set/{}": 6, "test_set/test_set/{}": 4},
    "segments": {"seg_train/seg_train/{}": 6, "seg_test/seg_test/{}": 4},
    "annotations beside": {"train/{}": 6, "test/{}": 4, "annotations/{}.xml": 0},
    "a note beside the wrapper": {"Pets.v1/train/{}": 6, "Pets.v1/test/{}": 4, "README.roboflow.txt": 0},
    "images and labels": {"images/train/{}": 6, "images/test/{}": 4, "labels/train/{}.txt": 0},
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_split_layouts_of_well_known_sets_are_understood(tmp_path: Path, layout: dict[str, int]) -> None:
    files = {
        f"{pattern.format(name)}/{number}.png": picture()
        for pattern, count in layout.items()
        for name in ("cat", "dog")
        for number in range(count)
    }
    files |= {pattern.format(name): b"x" for pattern, count in layout.items() if not count for name in ("cat", "dog")}
    source = folder_task(as_folder(files, tmp_path / "pets"))
    assert source.classes == ("cat", "dog")
    task = source.with_shots(4, 0)
    assert len(task.test) == 8 and len(task.labelled) == 8


def test_classes_that_hold_the_same_subfolders_could_be_a_split(tmp_path: Path) -> None:
    files = {
        f"{part}/{name}/{n}.png": picture()
        for part in ("lehren", "pruefen")
        for name in ("cat", "dog")
        for n in range(3)
    }
    source = folder_task(as_folder(files, tmp_path / "pets"))
    assert source.classes == ("lehren", "pruefen")
    assert source.notes[0].startswith("lehren, pruefen hold subfolders of the same names. If they are parts of a split")


def test_other_pictures_beside_a_split_are_refused_by_name(tmp_path: Path) -> None:
    files = {name: picture() for name in SPLIT} | {f"chest_xray/{n}.png": picture() for n in range(4)}
    with pytest.raises(ValueError, match=r"test, train and val of pets look like parts .* but chest_xray lies beside"):
        folder_task(as_folder(files, tmp_path / "pets"))


def test_a_class_without_test_images_and_one_spelt_otherwise_are_named(tmp_path: Path) -> None:
    files = {name: picture() for name in SPLIT} | {f"train/bird/{n}.png": picture() for n in range(4)}
    notes = folder_task(as_folder(files, tmp_path / "pets")).notes
    assert any(note.startswith("There is no test image of bird") for note in notes)
    as_folder({f"test/Bird/{n}.png": picture() for n in range(4)}, tmp_path / "pets")
    with pytest.raises(ValueError, match=r"not for testing: Bird.* “bird” is spelt otherwise"):
        folder_task(tmp_path / "pets")


def test_a_class_that_is_only_tested_is_refused_by_name(tmp_path: Path) -> None:
    files = {name: picture() for name in SPLIT} | {f"test/bird/{n}.png": picture() for n in range(4)}
    with pytest.raises(ValueError, match="Too few images of pets that are not for testing: bird"):
        folder_task(as_folder(files, tmp_path / "pets"))
