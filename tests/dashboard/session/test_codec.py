"""Addresses as declared fields: one faulty field costs itself alone, and what was linked before still opens."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from core import AXES
from dashboard.classroom.settings import ClassSettings, Offer
from dashboard.classroom.settings import decode as classroom
from dashboard.session.codec import Codec, Field, PartlyReadError, member, whole
from dashboard.session.settings import PANELS, Choices
from dashboard.session.url import decode


@dataclass(frozen=True)
class Size:
    high: int = 1
    wide: int = 1


@dataclass(frozen=True)
class Box:
    colour: str = "red"
    size: Size = Size()
    marks: tuple[str, ...] = ()


def marks(text: str, box: Box, known: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(text.split("~"))
    if box.colour in found:
        raise PartlyReadError(tuple(each for each in found if each != box.colour), "no mark may be like its ground")
    return found


CODEC: Codec[Box, tuple[str, ...]] = Codec(
    (
        Field("c", "colour", "colour", lambda text, _, known: member(text, known)),
        Field("h", "height", "size.high", lambda text, *_: whole(text, 1, 9)),
        Field("m", "marks", "marks", marks, "~".join, "were kept in part"),
    )
)
KNOWN = ("red", "blue")


def test_only_what_differs_is_written_and_comes_back() -> None:
    box = Box("blue", Size(3), ("red",))
    assert CODEC.encode(box, Box()) == {"c": "blue", "h": "3", "m": "red"}
    assert CODEC.encode(box, Box("blue")) == {"h": "3", "m": "red"}
    assert CODEC.decode(CODEC.encode(box, Box()), Box(), KNOWN) == (box, ())


def test_a_faulty_field_keeps_its_usual_value_and_the_others_are_read() -> None:
    found, problems = CODEC.decode({"c": "gold", "h": "4", "other": "?"}, Box("blue", Size(1, 7)), KNOWN)
    assert found == Box("blue", Size(4, 7))
    assert problems == ("The link's colour was replaced by the usual one: it must be one of red, blue.",)


def test_a_field_sees_those_before_it_and_may_keep_what_it_could_read() -> None:
    found, problems = CODEC.decode({"m": "red~blue", "c": "blue"}, Box(), KNOWN)
    assert found.marks == ("red",)
    assert problems == ("The link's marks were kept in part: no mark may be like its ground.",)


def test_an_address_is_changed_only_where_it_must_be() -> None:
    written = []

    class Address(dict[str, str]):
        def __setitem__(self, name: str, text: str) -> None:
            written.append(name)
            super().__setitem__(name, text)

    address = Address({"c": "blue", "h": "3", "lesson": "two"})
    CODEC.publish(address, Box("blue", Size(), ("red",)), Box())
    assert address == {"c": "blue", "m": "red", "lesson": "two"} and written == ["m"]


def test_links_from_before_still_open() -> None:
    """Written by earlier versions; separators, numbers for names and all."""
    old = (
        "picture=coffee&axis=hue&at=2&a=1-0-0.25-0.5-0.333-1.0&b=none&seed=17&pad=hue-blur&panel=take+away&aligned=yes"
    )
    study, problems = decode(dict(parse_qsl(old)), Choices(("cat", "coffee"), AXES))
    assert not problems and (study.picture, study.axis, study.at, study.seed) == ("coffee", "hue", 2, 17)
    assert study.a == (1, 0, 0.25, 0.5, 0.33, 1) and study.b is None
    assert study.arrangement.pad == ("hue", "blur") and study.arrangement.panel == PANELS[-1]
    old = "lesson=2&step=3&said=1-2~3-1&done=one&hide=explore.help,adapt.hand&font=large&projector=1"
    offer = Offer({"one": (0, 2), "two": (2, 0, 3)}, ("explore.help", "adapt.fit", "adapt.hand"))
    assert classroom(dict(parse_qsl(old)), offer) == (
        ClassSettings("two", 3, ("one",), ("explore.help", "adapt.hand"), True, True, said=((1, 2), (3, 1))),
        (),
    )


def test_a_step_without_its_lesson_means_nothing_and_is_said_once() -> None:
    offer = Offer({"one": (0, 2)}, ())
    found, problems = classroom({"lesson": "three", "step": "9", "said": "1-1"}, offer)
    assert found == ClassSettings() and problems == ("The link's lesson was left out: it must be one of one.",)
