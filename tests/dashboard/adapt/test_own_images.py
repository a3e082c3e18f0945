"""A person's own images on the Adapt page: read in a thread, counted, and refused in one sentence."""

from __future__ import annotations

import stat
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.data import listing
from core.data.grouping import COPIES
from core.tasks import TaskSource
from dashboard.adapt import making, runs
from dashboard.adapt.setup import OWN
from dashboard.text import labels
from tests.core.samples import write_images, zipped
from tests.dashboard.harness import adapt_page, healthy, html, prose, worker


@pytest.fixture
def page() -> Iterator[AppTest]:
    with adapt_page() as app:
        yield app


def test_own_images_become_the_task(page: AppTest, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pets", {"cat": 12, "dog": 12})
    archive = zipped(folder, tmp_path / "pets.zip")
    page = healthy(page.file_uploader[0].upload("pets.zip", archive.read_bytes(), "application/zip").run())
    assert page.selectbox(key="adapt.task").value == OWN and "2 classes" in prose(page)
    page = healthy(page.text_input(key="adapt.folder").set_value(str(tmp_path / "nowhere")).run())
    assert "There is no folder" in prose(page)


def test_the_page_says_how_many_files_are_read_and_a_click_meanwhile_loses_nothing(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, read = write_images(tmp_path / "pets", {"cat": 12, "dog": 12}), making.folder_task
    calls: list[str] = []
    told, go = threading.Event(), threading.Event()

    def slow(images: str, name: str, heard: Callable[[int, int], None], **rest: Any) -> TaskSource:
        calls.append(images)
        heard(5, 24)
        told.set()
        assert go.wait(60)
        return read(images, name, heard, **rest)

    looks: list[int] = []

    def interrupted() -> None:
        assert told.wait(60)
        looks.append(1)
        if len(looks) == 2:
            st.stop()  # as a further click does

    with monkeypatch.context() as patched:
        patched.setattr(making, "folder_task", slow)
        patched.setattr(runs, "a_moment", interrupted)
        page = healthy(page.text_input(key="adapt.folder").set_value(str(folder)).run())
    (bar,) = page.get("progress")
    assert bar.proto.text == "Reading the images, 5 of 24 files …" and bar.proto.value == 20
    go.set()
    page = healthy(page.run())
    assert len(calls) == 1 and page.selectbox(key="adapt.task").value == OWN and not page.get("progress")
    assert "cat" in html(page, "cards") and "12 files" not in prose(page)


def test_which_copies_count_once_can_be_chosen_on_the_page(page: AppTest, tmp_path: Path) -> None:
    assert tuple(labels.COPIES) == COPIES, "the page offers what there is"
    folder = write_images(tmp_path / "pets", {"cat": 8, "dog": 8})
    for number in range(4):
        (folder / "cat" / f"{number} (1).png").write_bytes((folder / "cat" / f"{number}.png").read_bytes())
    page = healthy(page.text_input(key="adapt.folder").set_value(str(folder)).run())
    (warning,) = page.warning
    assert "4 images are copies or near copies" in warning.value.replace("\\", "")
    assert page.dataframe[0].value["used"].tolist() == [8, 8] and page.dataframe[0].value["copies"].tolist() == [4, 0]
    page = healthy(page.selectbox(key="adapt.copies").set_value("none").run())
    assert not page.warning and page.dataframe[0].value["used"].tolist() == [12, 8]


def test_bad_input_is_one_sentence_and_keeps_the_task(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def archive(name: str, *names: str, content: bytes = b"x") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as file:
            for each in names:
                file.writestr(each, content)
        return tmp_path / name

    outside = write_images(tmp_path / "outside", {"secret": 4})
    linked = write_images(tmp_path / "linked", {"cat": 6})
    (linked / "dog").symlink_to(outside / "secret")
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
    monkeypatch.setattr(listing, "MAX_BYTES", 1_000_000)
    bad = {
        write_images(tmp_path / "one", {"cat": 6}): "only the subfolder “cat”",
        archive("one.zip", "cat/1.png", "cat/2.png"): "only the subfolder “cat”",
        archive("unreadable.zip", "cat/1.png", "dog/2.png"): "No readable image",
        write_images(tmp_path / "three", {"cat": 2, "dog": 1}): "Each class needs at least 3",
        zipped(write_images(tmp_path / "few", {"cat": 2, "dog": 1}), tmp_path / "few.zip"): "Each class needs",
        archive("many.zip", *(f"{number}/1.png" for number in range(10_000))): "10,000 classes; at most 1,000",
        archive("bomb.zip", "cat/1.png", "dog/1.png", content=bytes(2_000_000)): "unpacks to more than",
        archive("climbing.zip", "cat/1.png", "../out.png"): "outside its folder",
        tmp_path / "link.zip": "holds a link",
        linked: "one class only",
    }
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))  # where "../out.png" would be beside
    before, files = worker(page), set(tmp_path.rglob("*"))
    for path, said in bad.items():
        if path.suffix:
            page = healthy(page.file_uploader[0].upload(path.name, path.read_bytes(), "application/zip").run())
        else:
            page = healthy(page.text_input(key="adapt.folder").set_value(str(path)).run())
        error, beside = page.error
        assert beside.value == error.value, "on the page, and where the images were chosen"
        assert said in error.value and "\n" not in error.value, path.name
        assert worker(page) is before
    assert set(tmp_path.rglob("*")) == files, "nothing was written, and nothing is left behind"
