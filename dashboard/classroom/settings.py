"""How a class uses the pages: which lesson, which step, what is hidden, how large; as a value and as an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace

from dashboard.session.codec import Codec, Field, PartlyReadError, member


@dataclass(frozen=True)
class ClassSettings:
    """One setting of the classroom.

    Attributes:
        lesson: name of the one that runs, or "".
        step: of it, counted from 1 as people do.
        done: names of lessons that have been finished.
        hide: full names of parts that are not shown.
        large: large type.
        projector: white, large, few parts, thick lines.
        tour: the stop of the tour, counted from 1; 0 if none runs. It is not part of the address.
        said: (step, option) of each prediction of the lesson that has been fixed, in order, both counted from 1.
        teacher: the answers of the class are shown on the Learn page.
    """

    lesson: str = ""
    step: int = 1
    done: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    large: bool = False
    projector: bool = False
    tour: int = 0
    said: tuple[tuple[int, int], ...] = ()
    teacher: bool = False

    def answer(self, step: int) -> int | None:
        """The option that was predicted at a step, counted from 1."""
        return dict(self.said).get(step)

    def saying(self, step: int, option: int | None) -> ClassSettings:
        """The same with a prediction at a step; ``None`` to be asked again."""
        others = {number: each for number, each in self.said if number != step}
        return replace(self, said=tuple(sorted((others | ({step: option} if option else {})).items())))

    def finished(self) -> ClassSettings:
        """The lesson that runs is done."""
        done = self.done if self.lesson in self.done else (*self.done, self.lesson)
        return replace(self, lesson="", step=1, said=(), done=done)


@dataclass(frozen=True)
class Offer:
    """What the parameters may name.

    Attributes:
        lessons: by name, the number of options at each step, 0 where nothing is predicted; ``lesson=2`` means the
            second one.
        parts: names of parts that may be hidden.
    """

    lessons: Mapping[str, Sequence[int]]
    parts: Sequence[str]


def encode(settings: ClassSettings) -> dict[str, str]:
    """Settings as address parameters; what is usual is left out."""
    return ADDRESS.encode(settings, ClassSettings())


def decode(parameters: Mapping[str, str], offer: Offer) -> tuple[ClassSettings, tuple[str, ...]]:
    """Read address parameters; what cannot be read is left out, with a sentence.

    Args:
        parameters: of an address.
        offer: what they may name.
    """
    return ADDRESS.decode(parameters, ClassSettings(), offer)


def publish(address: MutableMapping[str, str], settings: ClassSettings) -> None:
    """Make an address say settings, leaving other parameters alone."""
    ADDRESS.publish(address, settings, ClassSettings())


def _lesson(text: str, settings: ClassSettings, offer: Offer) -> str:
    names = list(offer.lessons)
    if re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= len(names):
        return names[int(text) - 1]
    return member(text, names) if text else ""


def _step(text: str, settings: ClassSettings, offer: Offer) -> int:
    """Of the lesson; without one, a step means nothing."""
    if not settings.lesson:
        return settings.step
    last = len(offer.lessons[settings.lesson])
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= last:
        raise ValueError(f"it must be from 1 to {last}")
    return int(text)


def _said(text: str, settings: ClassSettings, offer: Offer) -> tuple[tuple[int, int], ...]:
    options = offer.lessons.get(settings.lesson)
    if options is None:
        return ()
    parts = [part for part in text.split("~") if part]
    pairs = [tuple(map(int, part.split("-"))) for part in parts if re.fullmatch(r"[0-9]{1,2}-[0-9]{1,2}", part)]
    found = {step: option for step, option in pairs if 1 <= step <= len(options) and 1 <= option <= options[step - 1]}
    kept = tuple(sorted(found.items()))
    if len(kept) < len(parts):
        raise PartlyReadError(kept, "each must be a step and an option, as in 2-1")
    return kept


def _write_said(said: Sequence[tuple[int, int]]) -> str:
    return "~".join(f"{step}-{option}" for step, option in said)


def _listed(text: str, known: Sequence[str]) -> tuple[str, ...]:
    parts = [part for part in re.split(r"[~,]", text) if part]
    found = tuple(name for name in known if name in parts)
    if any(part not in known for part in parts):
        raise PartlyReadError(found, f"each must be one of {', '.join(known)}")
    return found


def _switch(word: str) -> tuple[Callable[[str, ClassSettings, Offer], bool], Callable[[bool], str]]:
    """How a switch is read and written: the word if it is on, and nothing if it is off."""

    def parse(text: str, settings: ClassSettings, offer: Offer) -> bool:
        if text != word:
            raise ValueError(f"it must be {word}")
        return True

    return parse, lambda on: word if on else ""


ADDRESS: Codec[ClassSettings, Offer] = Codec(
    (
        Field("lesson", "lesson", "lesson", _lesson, instead="was left out"),
        Field("step", "step", "step", _step, instead="was replaced by the first"),
        Field("said", "predictions (said)", "said", _said, _write_said, "were left out in part"),
        Field(
            "done", "finished lessons (done)", "done", lambda text, _, offer: _listed(text, tuple(offer.lessons)),
            "~".join, "were left out in part",
        ),
        Field(
            "hide", "hidden parts (hide)", "hide", lambda text, _, offer: _listed(text, offer.parts), "~".join,
            "were left out in part",
        ),
        Field("font", "type size (font)", "large", *_switch("large"), "was left out"),
        Field("projector", "projector mode (projector)", "projector", *_switch("1"), "was left out"),
        Field("teacher", "teacher's view (teacher)", "teacher", *_switch("1"), "was left out"),
    )
)  # fmt: skip
"""All settings but the tour, by parameter."""
