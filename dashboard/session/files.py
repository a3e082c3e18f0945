"""What the Explore page shows, as a file of :mod:`core.sharing`, and back again; no Streamlit in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from core.inspect.gallery import read_gallery
from core.sharing import SharedView, write_view
from dashboard.encode import png, read_upload
from dashboard.session.settings import Choices, Study
from dashboard.session.url import ADDRESS, decode


def view_file(study: Study, digest: str, lesson: Mapping[str, str] | None = None) -> bytes:
    """A study with the person's own pictures.

    Args:
        study: what the Explore page shows.
        digest: of the checkpoint.
        lesson: parameters of the lesson that goes on, if there is one.

    Raises:
        ValueError: the pictures are too many for one file.
    """
    picture = png(study.upload.pixels) if study.upload else None
    own = study.gallery.pictures if study.gallery else ()
    gallery = tuple((each.name, png(each.pixels)) for each in own)
    return write_view(SharedView(ADDRESS.texts(study) | dict(lesson or {}), picture, gallery, bool(lesson)), digest)


def opened_view(view: SharedView, choices: Choices) -> tuple[Study, tuple[str, ...]]:
    """The study of a file, and a sentence for each part that was replaced; its pictures are read as uploads are.

    Raises:
        ValueError: a picture in it is none.
    """
    upload = read_upload(view.picture, "The picture in the file") if view.picture is not None else None
    own = [(f"{name}.png", content) for name, content in view.gallery]
    study, problems = decode(view.address, choices, upload)
    return replace(study, gallery=read_gallery(own) if own else None), problems


def link(view: SharedView) -> str:
    """The address of a lesson's state, from the root of the dashboard; the parameter ``page`` names its page."""
    rest = {name: value for name, value in view.address.items() if name != "page"}
    page = view.address.get("page", "")
    return f"/{page if page.isalpha() else ''}?{urlencode(rest)}"
