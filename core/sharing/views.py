"""A view of the Explore page, or the state of a lesson: an address, and the pictures that no address can carry."""

from __future__ import annotations

from dataclasses import dataclass

from .envelope import Shared, bytes_of, other_checkpoint, read, text_of, write


@dataclass(frozen=True)
class SharedView:
    """One setting of a page.

    Attributes:
        address: parameters by name, as in the address of the page.
        picture: the person's own picture as a PNG file, if there is one.
        gallery: (name, PNG file) of each of the person's other pictures.
        lesson: whether a lesson is going on.
    """

    address: dict[str, str]
    picture: bytes | None = None
    gallery: tuple[tuple[str, bytes], ...] = ()
    lesson: bool = False


def write_view(view: SharedView, digest: str) -> bytes:
    """The content of a file; ``digest`` is that of the checkpoint in use.

    Raises:
        ValueError: too many or too large pictures, or an address that is none.
    """
    body = {
        "address": dict(view.address),
        "picture": None if view.picture is None else text_of(view.picture),
        "gallery": [{"name": name, "png": text_of(png)} for name, png in view.gallery],
    }
    return write(Shared("lesson" if view.lesson else "view", body, digest))


def read_view(content: bytes, name: str, digest: str) -> tuple[SharedView, tuple[str, ...]]:
    """Read such a file.

    Returns:
        The view, and a sentence if it was made with another checkpoint. Neither address nor pictures
        have been looked into: what reads them has to check them as it checks links and uploads.

    Raises:
        ValueError: see :func:`core.sharing.envelope.read`.
    """
    shared = read(content, name, ("view", "lesson"))
    body = shared.body
    picture = None if body["picture"] is None else bytes_of(body["picture"])
    gallery = tuple((each["name"], bytes_of(each["png"])) for each in body["gallery"])
    warning = other_checkpoint(shared, digest)
    view = SharedView(body["address"], picture, gallery, shared.kind == "lesson")
    return view, (warning,) if warning else ()
