"""Folders and zip archives as people really have them: nothing vanishes without a word, nothing leads outside."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.data import listing as listing_module
from core.data import load_folder, zip_files
from core.data.listing import listed
from core.data.names import added_by_computer, last, shown
from core.tasks import folder_task

_drawn = np.random.default_rng(7)


def picture(kind: str = "PNG") -> bytes:
    """A new picture of noise, unlike any other."""
    buffer = io.BytesIO()
    Image.fromarray(_drawn.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(buffer, kind)
    return buffer.getvalue()


Files = dict[str, bytes]


def pets(count: int = 4, **more: bytes) -> Files:
    files = {f"{name}/{number}.png": picture() for name in ("cat", "dog") for number in range(count)}
    return files | more


def as_folder(files: Files, root: Path) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content)
    return root


def as_zip(files: Files, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


BOTH = pytest.mark.parametrize("pack", ["folder", "zip"])


def packed(files: Files, place: Path, pack: str) -> Path:
    return as_folder(files, place / "pets") if pack == "folder" else as_zip(files, place / "pets.zip")


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


SPLIT = {
    f"{part}/{name}/{number}.png": count
    for part, count in (("train", 6), ("val", 3), ("test", 4))
    for name in ("cat", "dog")
    for number in range(count)
}


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


def test_links_and_archives_that_are_not_opened_come_with_advice(tmp_path: Path) -> None:
    secret = as_folder(pets(), tmp_path / "secret")
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        os.symlink(secret / name / "0.png", tmp_path / "pets" / name / "0.png")
        (tmp_path / "pets" / name / "more.zip").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"copy the images themselves into it\. Archives .*: unpack them first\."):
        folder_task(tmp_path / "pets")


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


def test_all_classes_that_are_too_small_are_named_at_once(tmp_path: Path) -> None:
    files = pets() | {"bird/1.png": picture(), "fish/1.png": picture(), "fish/2.png": picture()}
    with pytest.raises(ValueError, match=r"Too few different readable images in pets: bird \(1\), fish \(2\)\."):
        folder_task(as_folder(files, tmp_path / "pets"))


def test_what_lies_beside_the_classes_is_named(tmp_path: Path) -> None:
    files = pets() | {"labels.csv": b"x", "broken.jpg": b"x", "more.zip": b"x"}
    notes = folder_task(as_folder(files, tmp_path / "pets")).notes
    assert notes == ("Not used, because it lies outside the class folders: broken.jpg, labels.csv, more.zip.",)


def test_an_archive_in_an_archive_is_named(tmp_path: Path) -> None:
    inner = as_zip(pets(), tmp_path / "train.zip").read_bytes()
    with pytest.raises(ValueError, match=r"It holds another archive \(train\.zip\): unpack that first"):
        folder_task(as_zip({"train.zip": inner}, tmp_path / "all.zip"))


def test_which_copies_count_once_can_be_chosen(tmp_path: Path) -> None:
    folder = as_folder(pets(), tmp_path / "pets")
    one = Image.open(folder / "cat" / "0.png")
    one.save(folder / "cat" / "exact.bmp")
    one.save(folder / "cat" / "near.jpg", quality=90)
    used = {copies: folder_task(folder, copies=copies).counts[0].different for copies in ("near", "exact", "none")}
    assert used == {"near": 4, "exact": 5, "none": 6}
    with pytest.raises(ValueError, match="got “all”"):
        folder_task(folder, copies="all")


def test_a_class_that_is_only_tested_is_refused_by_name(tmp_path: Path) -> None:
    files = {name: picture() for name in SPLIT} | {f"test/bird/{n}.png": picture() for n in range(4)}
    with pytest.raises(ValueError, match="Too few images of pets that are not for testing: bird"):
        folder_task(as_folder(files, tmp_path / "pets"))


def test_a_folder_works_as_a_zip_of_it_does(tmp_path: Path) -> None:
    files = {f"outer/{name}": content for name, content in pets(6).items()}
    one, other = (folder_task(packed(files, tmp_path, pack)) for pack in ("folder", "zip"))
    assert one.classes == other.classes and one.digest == other.digest
    assert (one.with_shots(2, 0).train.images == other.with_shots(2, 0).train.images).all()
    content = io.BytesIO((tmp_path / "pets.zip").read_bytes())
    assert folder_task(content, "Kätzchen [1].zip").name == "Kätzchen [1]"


def named(name: bytes, flag: bool, content: bytes = b"x") -> bytes:
    """A zip archive whose only entry has these very bytes as its name, with or without the flag for UTF-8."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("n" * len(name), content)
    raw = bytearray(buffer.getvalue().replace(b"n" * len(name), name))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(signature) + place
        raw[at : at + 2] = (0x800 if flag else 0).to_bytes(2, "little")
    return bytes(raw)


NAMES = {
    "UTF-8 with the flag": ("Kätzchen/1.png".encode(), True, "Kätzchen/1.png"),
    "UTF-8 without the flag": ("Kätzchen/1.png".encode(), False, "Kätzchen/1.png"),
    "Chinese without the flag": ("猫/1.png".encode(), False, "猫/1.png"),
    "decomposed, as a Mac writes it": ("Ka\u0308tzchen/1.png".encode(), False, "Kätzchen/1.png"),
    "genuine cp437": (b"K\x84tzchen/1.png", False, "Kätzchen/1.png"),
    "backslashes": (rb"pets\cat\1.png", False, "pets/cat/1.png"),
    "a new line": (b"cat/1\n2.png", False, "cat/1\\n2.png"),
}


@pytest.mark.parametrize(("name", "flag", "said"), NAMES.values(), ids=NAMES)
def test_names_in_archives_are_read_as_they_were_meant(name: bytes, flag: bool, said: str) -> None:
    with listed(io.BytesIO(named(name, flag))) as found:
        (entry,) = found.entries
        assert entry.name == said and not isinstance(entry.source, Path) and entry.source() == b"x"


def test_a_name_that_breaks_its_own_promise_is_one_sentence() -> None:
    broken = io.BytesIO(named(b"K\xfftzchen.png", True))
    with pytest.raises(ValueError, match=r"my\.zip cannot be unpacked"), listed(broken, "my.zip"):
        pass


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
        [sys.executable, "-c", program, tmp_path / "pets"], env=os.environ | plain, cwd=Path(__file__).parents[3],
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


def test_messages_name_the_file_of_the_person() -> None:
    for content in (b"", b"no archive", named(b"cat/1.png", False)):
        with pytest.raises(ValueError, match=r"Urlaub \(2\)\.zip"):
            folder_task(io.BytesIO(content), "Urlaub (2).zip")


@pytest.mark.parametrize("name", ["../evil.png", "a/../../evil.png", "/evil.png", "C:\\evil.png", "..\\evil.png"])
def test_an_archive_that_leads_out_is_refused_whole(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/1.png", picture())
        file.writestr(zipfile.ZipInfo(name), picture())
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match="outside its folder"):
        folder_task(archive)
    assert set(tmp_path.rglob("*")) == before


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a/link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    with pytest.raises(ValueError, match="holds a link"):
        folder_task(tmp_path / "link.zip")


def test_a_zip_bomb_is_refused_by_what_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = as_zip(pets() | {"cat/large.png": bytes(3_000_000)}, tmp_path / "bomb.zip")
    content = archive.read_bytes()
    size = (3_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    monkeypatch.setattr(listing_module, "MAX_BYTES", 1_000_000)
    for written in (content, content.replace(size, (1000).to_bytes(4, "little"))):  # the second one lies
        archive.write_bytes(written)
        if written is content:
            with pytest.raises(ValueError, match=r"bomb\.zip unpacks to more than"):
                folder_task(archive)
        else:
            assert "1 damaged (cat/large.png)" in folder_task(archive).notes[0]
    monkeypatch.undo()
    monkeypatch.setattr(zip_files.Budget.__init__, "__defaults__", (1_000_000,))
    archive.write_bytes(content)
    assert "1 too large (cat/large.png)" in folder_task(archive).notes[0]
    monkeypatch.setattr(listing_module, "MAX_FILES", 3)
    with pytest.raises(ValueError, match="at most 3 work"):
        folder_task(archive)


def test_what_is_no_archive_is_a_sentence_and_a_damaged_entry_is_left_out(tmp_path: Path) -> None:
    fake = tmp_path / "fake.zip"
    fake.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ValueError, match=r"cannot be unpacked|is no zip archive"):
        folder_task(fake)
    noise = bytearray(as_zip(pets(5), fake).read_bytes())
    noise[60:120] = _drawn.bytes(60)
    fake.write_bytes(noise)
    source = folder_task(fake)
    assert source.counts[0].sentence() == "cat: 5 found, 4 used; left out: 1 damaged (cat/0.png)."


def test_nothing_is_written_while_an_archive_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = as_zip(pets(), tmp_path / "pets.zip")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    folder_task(archive)
    assert not list(scratch.iterdir()) and list(tmp_path.iterdir()).count(scratch) == 1


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_damaged_archives_give_a_task_or_a_sentence(noise: bytes, at: int) -> None:
    content = bytearray(WHOLE)
    content[at : at + len(noise)] = noise
    try:
        assert len(folder_task(io.BytesIO(bytes(content)), "pets.zip").classes) >= 2
    except ValueError as error:
        assert str(error).endswith((".", ".)")) and "\n" not in str(error)


def _whole() -> bytes:
    buffer = io.BytesIO()
    tiny = dict.fromkeys(pets(), b"")
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in tiny:
            small = io.BytesIO()
            Image.fromarray(_drawn.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(small, "PNG")
            archive.writestr(name, small.getvalue())
    return buffer.getvalue()


WHOLE = _whole()


def test_an_archive_is_read_for_pretraining_too(tmp_path: Path) -> None:
    loaded = load_folder(as_zip(pets(3), tmp_path / "pets.zip"))
    assert loaded.images.shape == (6, 3, 32, 32) and loaded.classes == ("cat", "dog")


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
