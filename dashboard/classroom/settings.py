"""How a class uses the pages: which lesson, which step, what is hidden, how large; as a value and as an address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.lessons.parts import PARTS

PARAMETERS = ("lesson", "step", "said", "done", "hide", "font", "projector")


@dataclass(frozen=True)
class ClassSettings:
    """One setting of the class room.

    Attributes:
        lesson: name of the one that runs, or "".
        step: of it, counted from 1 as people do.
        done: names of lessons that have been finished.
        hide: full names of parts that are not shown.
        large: large type.
        projector: white, large, few parts, thick lines.
        tour: the stop of the tour, counted from 1; 0 if none runs. It is not part of the address.
        said: (step, option) of each prediction of the lesson that has been fixed, in order, both counted from 1.
    """

    lesson: str = ""
    step: int = 1
    done: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    large: bool = False
    projector: bool = False
    tour: int = 0
    said: tuple[tuple[int, int], ...] = ()

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


def encode(room: ClassSettings) -> dict[str, str]:
    """A room as address parameters; what is usual is left out."""
    found = {
        "lesson": room.lesson,
        "step": str(room.step) if room.lesson and room.step > 1 else "",
        "said": "~".join(f"{step}-{option}" for step, option in room.said) if room.lesson else "",
        "done": "~".join(room.done),
        "hide": "~".join(room.hide),
        "font": "large" if room.large else "",
        "projector": "1" if room.projector else "",
    }
    return {name: text for name, text in found.items() if text}


def decode(
    parameters: Mapping[str, str], lessons: Mapping[str, Sequence[int]]
) -> tuple[ClassSettings, tuple[str, ...]]:
    """Read address parameters; what cannot be read is left out, with a sentence.

    Args:
        parameters: of an address.
        lessons: by name, the number of options at each step, 0 where nothing is predicted; ``lesson=2`` means
            the second one.
    """
    room, problems = ClassSettings(), []
    lesson = parameters.get("lesson", "")
    if lesson.isdecimal() and 1 <= int(lesson) <= len(lessons):
        lesson = list(lessons)[int(lesson) - 1]
    if lesson in lessons:
        room = replace(room, lesson=lesson)
        text = parameters.get("step", "1")
        if re.fullmatch(r"[0-9]{1,2}", text) and 1 <= int(text) <= len(lessons[lesson]):
            room = replace(room, step=int(text))
        else:
            problems.append(f"The link's step was replaced by the first: it must be from 1 to {len(lessons[lesson])}.")
        said, unknown = _answers(parameters.get("said", ""), lessons[lesson])
        room = replace(room, said=said)
        if unknown:
            problems.append(
                "The link's predictions (said) were left out in part: each must be a step and an option, as in 2-1."
            )
    elif lesson:
        problems.append(f"The link's lesson was left out: it must be one of {', '.join(lessons)}.")
    rest: dict[str, Any] = {}
    for name, known in (("done", tuple(lessons)), ("hide", tuple(PARTS))):
        rest[name], unknown = _listed(parameters.get(name, ""), known)
        if unknown:
            problems.append(f"The link wants {name} what there is not; known: {', '.join(known)}.")
    for name, field, usual in (("font", "large", "large"), ("projector", "projector", "1")):
        text = parameters.get(name, usual)
        if text != usual:
            problems.append(f"The link's {name} was left out: it must be {usual}.")
        rest[field] = parameters.get(name) == usual
    return replace(room, **rest), tuple(problems)


def _answers(text: str, options: Sequence[int]) -> tuple[tuple[tuple[int, int], ...], bool]:
    parts = [part for part in text.split("~") if part]
    pairs = [tuple(map(int, part.split("-"))) for part in parts if re.fullmatch(r"[0-9]{1,2}-[0-9]{1,2}", part)]
    found = {step: option for step, option in pairs if 1 <= step <= len(options) and 1 <= option <= options[step - 1]}
    return tuple(sorted(found.items())), len(found) < len(parts)


def _listed(text: str, known: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    parts = [part for part in re.split(r"[~,]", text) if part]
    return tuple(name for name in known if name in parts), any(part not in known for part in parts)
