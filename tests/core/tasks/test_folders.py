"""Folders and zip archives as people really have them: nothing vanishes without a word."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.data import zip_files
from core.data.names import added_by_computer, last, shown
from core.tasks import folder_task
from tests.core.commands import ROOT
from tests.core.pets import BOTH, as_folder, packed, pets, picture

ADDED = (
    ".ipynb_checkpoints/0.png", "cat/.ipynb_checkpoints/0-checkpoint.png", "__MACOSX/cat/._0.png", "cat/._0.png",
    "cat/@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg", "cat/Thumbs.db", "dog/desktop.ini", "dog/.DS_Store", ".git/config.png",
    "#recycle/cat/9.png",
)  # fmt: skip


@BOTH
def test_what_computers_add_by_themselves_is_not_there(tmp_path: Path, pack: str) -> None:
    source = folder_task(packed(pets() | {name: picture() for name in ADDED}, tmp_path, pack))
    assert source.classes == ("cat", "dog") and source.notes == () and source.name == "pets"
    assert [each.sentence() for each in source.counts] == ["cat: 4 found, 4 used.", "dog: 4 found, 4 used."]


@BOTH
def test_every_class_gets_a_line_and_what_is_left_out_a_reason(tmp_path: Path, pack: str) -> None:
    tiny = io.BytesIO()
    Image.new("RGB", (2, 2)).save(tiny, "PNG")
    files = pets() | {
        "bird/": b"",
        "fish/1.txt": b"no picture",
        "fish/2.mov": b"no picture",
        "cat/8.png": picture()[:900],
        "cat/9.JPEG": b"",
        "dog/IMG 1.GIF": picture("GIF"),
        "dog/tiny.png": tiny.getvalue(),
        "dog/notes": b"a file without an ending that is no picture",
        "dog/scan": picture("BMP"),
    }
    source = folder_task(packed(files, tmp_path, pack))
    assert source.classes == ("cat", "dog")
    assert [each.sentence() for each in source.counts] == [
        "bird: 0 found, 0 used.",
        "cat: 6 found, 4 used; left out: 1 damaged (cat/8.png), 1 empty (cat/9.JPEG).",
        "dog: 8 found, 6 used; left out: 1 of an unknown format (dog/notes), 1 too small (dog/tiny.png).",
        "fish: 2 found, 0 used; left out: 1 of type .txt (fish/1.txt), 1 of type .mov (fish/2.mov).",
    ]
    notes = " ".join(source.notes)
    assert "6 files are left out: 1 damaged (cat/8.png)" in notes
    assert "The class bird has no readable image and is left out: its folder is empty." in notes
    assert "The class fish has no readable image and is left out." in notes


@pytest.mark.parametrize(("ending", "kind"), [("gif", "GIF"), ("jfif", "JPEG"), ("WEBP", "WEBP"), ("avif", "AVIF")])
def test_other_endings_are_read(tmp_path: Path, ending: str, kind: str) -> None:
    files = pets() | {f"bird/{n}.{ending}": picture(kind) for n in range(4)}
    assert folder_task(as_folder(files, tmp_path / "pets")).classes == ("bird", "cat", "dog")


def test_heic_is_read_with_a_plug_in_and_named_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    folder = as_folder(pets() | {f"bird/IMG_{n}.HEIC": picture("HEIF") for n in range(4)}, tmp_path / "pets")
    assert folder_task(folder).classes == ("bird", "cat", "dog")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    source = folder_task(folder)
    assert source.classes == ("cat", "dog")
    assert "4 HEIC, for which a plug-in is missing: pip install pillow-heif" in source.notes[0]


def test_links_that_lead_elsewhere_are_named_and_not_followed(tmp_path: Path) -> None:
    secret = as_folder(pets(), tmp_path / "secret")
    folder = as_folder(pets(), tmp_path / "pets")
    os.symlink(secret / "cat", folder / "bird")
    os.symlink(secret / "cat" / "0.png", folder / "cat" / "link.png")
    os.symlink(folder / "cat" / "1.png", folder / "cat" / "inside.png")
    source = folder_task(folder)
    assert source.classes == ("cat", "dog")
    lines = [each.sentence() for each in source.counts]
    assert lines[0] == "bird: 1 found, 0 used; left out: 1 linked elsewhere (bird)."
    assert lines[1] == "cat: 6 found, 4 used; 1 copy of these; left out: 1 linked elsewhere (cat/link.png)."


def test_links_and_archives_that_are_not_opened_come_with_advice(tmp_path: Path) -> None:
    secret = as_folder(pets(), tmp_path / "secret")
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        os.symlink(secret / name / "0.png", tmp_path / "pets" / name / "0.png")
        (tmp_path / "pets" / name / "more.zip").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"copy the images themselves into it\. Archives .*: unpack them first\."):
        folder_task(tmp_path / "pets")


def test_all_classes_that_are_too_small_are_named_at_once(tmp_path: Path) -> None:
    files = pets() | {"bird/1.png": picture(), "fish/1.png": picture(), "fish/2.png": picture()}
    with pytest.raises(ValueError, match=r"Too few different readable images in pets: bird \(1\), fish \(2\)\."):
        folder_task(as_folder(files, tmp_path / "pets"))


def test_what_lies_beside_the_classes_is_named(tmp_path: Path) -> None:
    files = pets() | {"labels.csv": b"x", "broken.jpg": b"x", "more.zip": b"x"}
    notes = folder_task(as_folder(files, tmp_path / "pets")).notes
    assert notes == ("Not used, because it lies outside the class folders: broken.jpg, labels.csv, more.zip.",)


def test_which_copies_count_once_can_be_chosen(tmp_path: Path) -> None:
    folder = as_folder(pets(), tmp_path / "pets")
    one = Image.open(folder / "cat" / "0.png")
    one.save(folder / "cat" / "exact.bmp")
    one.save(folder / "cat" / "near.jpg", quality=90)
    used = {copies: folder_task(folder, copies=copies).counts[0].different for copies in ("near", "exact", "none")}
    assert used == {"near": 4, "exact": 5, "none": 6}
    with pytest.raises(ValueError, match="got “all”"):
        folder_task(folder, copies="all")


def test_a_folder_works_as_a_zip_of_it_does(tmp_path: Path) -> None:
    files = {f"outer/{name}": content for name, content in pets(6).items()}
    one, other = (folder_task(packed(files, tmp_path, pack)) for pack in ("folder", "zip"))
    assert one.classes == other.classes and one.digest == other.digest
    assert (one.with_shots(2, 0).train.images == other.with_shots(2, 0).train.images).all()
    content = io.BytesIO((tmp_path / "pets.zip").read_bytes())
    assert folder_task(content, "Kätzchen [1].zip").name == "Kätzchen [1]"


def test_different_names_are_different_classes_whatever_the_system_calls_them(tmp_path: Path) -> None:
    """Names in Latin-1 from an old disk, names that differ in the middle of 200 letters, and in what is not printed."""
    for name in (
        b"K\xe4fer",
        b"K\xf6fer",
        b"a\nb",
        b"a\tb",
        b"x" * 90 + b"1" + b"y" * 90,
        b"x" * 90 + b"2" + b"y" * 90,
    ):
        folder = os.fsencode(tmp_path / "pets") + b"/" + name
        os.makedirs(folder)
        for number in range(3):
            Path(os.fsdecode(folder), f"{number}.png").write_bytes(picture())
    source = folder_task(tmp_path / "pets")
    assert {"Käfer", "Köfer", r"a\nb", r"a\tb"} < set(source.classes) and len(source.classes) == 6
    program = "from core.tasks import folder_task; import sys; print(ascii(folder_task(sys.argv[1]).classes))"
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    there = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "pets"], env=os.environ | plain, cwd=ROOT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert there.stdout.strip() == ascii(source.classes)


def test_links_in_a_circle_and_closed_folders_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = as_folder(pets(), tmp_path / "pets")
    os.symlink(folder / "cat" / "loop.png", folder / "cat" / "loop.png")
    assert "1 linked elsewhere (cat/loop.png)" in folder_task(folder).notes[0]
    closed = folder / "dog" / "closed"
    closed.mkdir()
    real = os.scandir

    def refuse(path: object) -> object:
        if str(path) == str(closed):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    assert "1 not readable (dog/closed)" in folder_task(folder).notes[0]


@given(st.text(max_size=300))
def test_a_name_as_it_is_said_moves_no_cursor_and_turns_no_text(name: str) -> None:
    said = shown(name)
    assert len(said) <= 121 and not set(said) & {*map(chr, range(32)), "\x7f", "\u2028", "\u202e", "\u2066"}
    said.encode("utf-8")
    assert shown(said) == said
    assert "/" not in last(name) and last(name)


@pytest.mark.parametrize("name", ["cat", "1.png", "Café", "猫", "a.b.c", "Thumbs", "macosx"])
def test_names_that_people_give_are_theirs(name: str) -> None:
    assert not added_by_computer((name,)) and shown(name) == name
    assert added_by_computer((name, ".hidden")) and added_by_computer(("THUMBS.DB",))
    assert zip_files.MAX_FILES >= 10_000
