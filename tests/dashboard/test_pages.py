"""A page is one entry: what the menu, its sidebar, lessons, links and projectors know of it comes from there."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import AXES
from core.data.pictures import photographs
from dashboard import pages, server
from dashboard.classroom.parts import hidden
from dashboard.classroom.settings import Offer, decode
from dashboard.lessons import reader
from dashboard.pages import PAGES, Page, Visit
from dashboard.session.outline import Part
from dashboard.session.settings import Choices
from dashboard.session.url import link
from tests.dashboard.harness import healthy, places

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
LESSON = """
title = "A toy"
goal = "Look at it."
minutes = 1
order = 1

[[steps]]
focus = "toy.block"
text = "This is about the toy."
"""


def _draw(visit: Visit) -> None:
    import streamlit as st

    st.title("A toy")
    with st.container(key="part-block"):
        st.markdown(f"It has {len(visit.model.transforms)} sides.")


def _sidebar(visit: Visit) -> None:
    import streamlit as st

    st.markdown("The toy's own sidebar")


TOY = Page("toy", "Toy", _draw, _sidebar, parts=(Part("toy.block", "the block"),))


def choices(*more: Page) -> Choices:
    return Choices(tuple(photo.name for photo in photographs()), AXES, (*PAGES, *more))


def said(app: AppTest) -> str:
    return "\n".join(each.value for kind in (app.title, app.markdown, app.sidebar.markdown) for each in kind)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    (tmp_path / "toys.toml").write_text(LESSON, encoding="utf-8")
    monkeypatch.setattr(pages, "PAGES", (*PAGES, TOY))
    monkeypatch.setattr(reader, "FOLDER", tmp_path)
    return AppTest.from_file(str(APP), default_timeout=60)


def test_a_page_is_added_by_one_entry(app: AppTest) -> None:
    """A lesson about it takes there, it is drawn beside its sidebar, and the address goes along."""
    app.query_params["lesson"] = "toys"
    app = healthy(app.run())
    assert "This is about the toy" in said(app) and not app.error, "the lesson about it can be read"
    assert "sides" not in said(app)
    app = healthy(app.button(key="lesson.reset").click().run())
    assert f"It has {len(AXES)} sides" in said(app) and "The toy's own sidebar" in said(app)
    assert not app.get("file_uploader"), "and no other page's sidebar"
    assert app.query_params["lesson"] in ("toys", ["toys"])


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_whatever_stays_keeps_its_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At another place it is a new element to the browser: what is open there shuts, and a click on the old is lost."""
    first = next(page for page in PAGES if page.name == name)
    monkeypatch.setattr(pages, "PAGES", (first, *(page for page in PAGES if page is not first)))
    app = healthy(AppTest.from_file(str(APP), default_timeout=120).run())
    before = places(app)
    after = places(healthy(app.run()))
    assert [each for each in before if each not in after] == []


def test_its_name_is_a_link_and_its_parts_can_be_hidden(app: AppTest) -> None:
    toys = choices(TOY)
    assert link("http://school", toys.path("toy"), {"lesson": "1"}) == "http://school/toy?lesson=1"
    assert decode({"hide": "toy.block"}, Offer({}, tuple(toys.parts)))[0].hide == ("toy.block",)
    assert decode({"hide": "toy.block"}, Offer({}, tuple(choices().parts)))[1], (
        "without the entry there is no such part"
    )
    app.query_params["hide"] = "toy.block"
    app = healthy(app.run())
    assert not app.error


def test_a_projector_shows_few_parts_of_it() -> None:
    blocks = tuple(Part(f"toy.{n}", f"block {n}") for n in range(6))
    toys = choices(Page("toy", "Toy", _draw, parts=blocks))
    away = hidden(toys.parts, "toy", (), "toy.5", projector=True)
    assert set(blocks) - set(away) == {blocks[0], blocks[1], blocks[5]}


def test_only_the_first_page_has_no_path_and_is_found_by_its_name_too() -> None:
    every = choices()
    assert [every.path(page.name) for page in PAGES] == ["", *(page.name for page in PAGES[1:])]
    paths = {getattr(each, "path", "") for each in server.ROUTES}
    assert f"/{PAGES[0].name}" in paths and not {f"/{page.name}" for page in PAGES[1:]} & paths


@pytest.mark.parametrize("name", ["", "Toy", "a b", "../x", "spielzeug2"])
def test_a_name_that_cannot_be_an_address_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="small letters only"):
        Page(name, "Toy", _draw)


def test_a_part_of_another_page_is_refused() -> None:
    with pytest.raises(ValueError, match=r"begin with 'toy\.'"):
        Page("toy", "Toy", _draw, parts=(Part("explore.curves", "the curves"),))


def test_every_page_has_a_name_of_its_own() -> None:
    assert len({page.name for page in PAGES}) == len({page.title for page in PAGES}) == len(PAGES)
    keys = [part.key for page in PAGES for part in page.parts]
    assert len(set(keys)) == len(keys), "a key belongs to one container"
