"""Every sentence that is computed from numbers; fixed words are in :mod:`dashboard.text.labels`. No layout in here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from core.axes.presets import presets
from core.axes.transforms import Axis
from core.inspect.gallery import Gallery
from core.inspect.sensitivity import Background
from dashboard.figures.theme import percent, signed
from dashboard.text import labels
from dashboard.text.markdown import literal

if TYPE_CHECKING:
    from dashboard.session.settings import Study


NO_STATEMENT = "No statement: to these extractors different pictures look alike."


def axis_help(axis: Axis) -> str:
    """What an axis does and how far."""
    return f"{axis.description.capitalize()} ({reach(axis)})."


def controls(axes: Sequence[Axis]) -> dict[str, str]:
    """What every control of the Explore page does, by its name."""
    sliders = {axis.name: axis_help(axis) for axis in axes}
    buttons = {preset.name: preset.purpose for preset in presets(axes)[:2]}
    return sliders | buttons | labels.CONTROLS


_POWERS = ("octaves", "stops")
"""Units that count doublings: people say twice as much."""


def strength(axis: Axis, value: float) -> str:
    """A strength as a label; 0 is the original."""
    if value == 0:
        return "original"
    if axis.unit in _POWERS:
        return f"×{2**value:.2g}"
    return with_unit(value, axis.unit).replace(" of width", "")


def reach(axis: Axis) -> str:
    """The range of an axis."""
    if axis.unit in _POWERS:
        return f"{labels.strength(axis, axis.low)} to {labels.strength(axis, axis.high)}"
    return f"{signed(axis.low)} to {with_unit(axis.high, axis.unit)}"


def short(name: str, axis: Axis, value: float) -> str:
    """A transformed picture in few words."""
    return name if value == 0 else f"{name}, {strength(axis, value)}"


def pictured(name: str, axis: Axis, value: float) -> str:
    """A transformed picture for those who do not see it."""
    return f"{name}, {labels.strength(axis, value)}"


def kinds(axis: Axis) -> dict[str, str]:
    """What the marks of the line-up mean."""
    return {
        "object": f"the same thing, other {axis.name}",
        "change": f"another thing, same {axis.name}",
        "neither": "another thing, unchanged",
    }


def lineup(axis: Axis, shown: list[str]) -> str:
    """What to see in the line-up, and what one would see by chance."""
    marks = ", ".join(f"{labels.MARKS[kind]} {meaning}" for kind, meaning in kinds(axis).items() if kind in shown)
    return (
        f"What to see: does an extractor go by the thing or by its {axis.name}? Nearest of {len(shown)} first; {marks}."
        " Below each picture, its similarity to the one that is looked for: 1 is the same, 0 is any two pictures."
    )


def invisible(picture: str, axis: Axis) -> str:
    """Where a change changes nothing."""
    return (
        f"This {axis.name} leaves the {picture} as it is, as another hue leaves a grey photograph: there is nothing to "
        "notice, so A and B cannot differ. Choose another transformation or another picture."
    )


def found(
    picture: str, axis: Axis, value: float, first: dict[str, dict[Any, int]], count: int, moved: dict[str, float]
) -> str:
    """What each extractor goes by; where both go by the same, how far the change moves their features.

    Args:
        picture: name of what is looked up.
        axis, value: what was done to it.
        first: label -> how many of each kind are among the nearest; without those that have collapsed.
        count: how many are nearest.
        moved: label -> movement of the picture's features; 1 is another picture.
    """
    if not first:
        return NO_STATEMENT
    where = f"unchanged {picture}" if value == 0 else f"{picture} {labels.strength(axis, value)}"
    kinds_first = [each["object"] >= each["change"] for each in first.values()]
    if len(first) == 2 and value != 0 and kinds_first[0] == kinds_first[1]:
        what = f"the {picture} again" if kinds_first[0] else f"other things with the same {axis.name}"
        far = [f"{inked(label, label)} by\u00a0{inked(label, percent(moved[label]))}" for label in first]
        but = "but" if abs(moved["A"] - moved["B"]) > 0.1 else "and"
        return (
            f"Looking for the {where}, {' and '.join(inked(each, each) for each in first)} both find {what}, {but} the "
            f"change moves {' and '.join(far)} of the way to another picture."
        )
    said = []
    for label, kinds_found in first.items():
        by_object = kinds_found["object"] >= kinds_found["change"]
        number = kinds_found["object" if by_object else "change"]
        what = f"the {picture} again" if by_object else f"other things with the same {axis.name}"
        said.append(f"{inked(label, label)} finds {what} ({number} of {count})")
    return f"Looking for the {where}, {' and '.join(said)}."


def caption(picture: str, study: Study, metadata: dict[str, Any], said: str) -> list[str]:
    """Two lines under an exported figure: what it says, and what made it."""
    a = " ".join(f"{value:g}" for value in study.a)
    b = "" if study.b is None else f", B = ({' '.join(f'{value:g}' for value in study.b)})"
    made = f"{picture}, A = ({a}){b}, seed {study.seed}, checkpoint {metadata.get('digest', 'unknown')}"
    return [said, f"HyperInvariances; {made}."]


def gallery(found: Gallery) -> str:
    """What was taken of a person's own pictures."""
    parts = [f"{len(found.pictures)} pictures of yours are used"]
    if found.skipped:
        parts.append(f"{len(found.skipped)} files are no pictures")
    if found.surplus:
        parts.append(f"{found.surplus} more were left out")
    return "; ".join(parts) + "."


def colour_name(label: str) -> str:
    """The Markdown colour of a descriptor."""
    return "blue" if label == "A" else "orange"


def inked(label: str, text: str) -> str:
    """Markdown: bold, in the descriptor's colour."""
    return f":{colour_name(label)}[**{text}**]"


def with_unit(value: float, unit: str) -> str:
    """A strength with its unit; no space before a degree sign."""
    return f"{signed(value)}{'' if unit == '°' else ' '}{unit}"


def headline(picture: str, axis: Axis, strength: float, movement: dict[str, float | None]) -> str:
    """How far features move at one strength.

    Args:
        picture: its name.
        axis: the transformation.
        strength: where.
        movement: label -> movement there, ``None`` where the extractor has collapsed.
    """
    parts = [
        f"{inked(label, percent(value))} of the way to another picture under {inked(label, label)}"
        for label, value in movement.items()
        if value is not None
    ]
    if not parts:
        return NO_STATEMENT
    if len(parts) == 2:
        parts[1] = parts[1].replace(" of the way to another picture", "")
    if strength == 0:
        return f"Unchanged, the {picture} is itself: choose another strength, and the features move or stay."
    where = labels.strength(axis, strength)
    return f"With the {picture} {where}, its features move {' and '.join(parts)}."


def lamps(
    axis: Axis, grounds: dict[str, Background], still: dict[str, bool], recognised: dict[str, float], probes: int
) -> str:
    """Whether the extractors tell pictures apart, so that their curves mean something.

    Args:
        axis: the transformation that is shown.
        grounds: by label.
        still: by label, the curve is flat: a claim of invariance.
        recognised: by label, share of other pictures that are still found at the ends of the range.
        probes: number of other pictures.
    """
    lines = []
    for label, ground in grounds.items():
        rank = f"effective rank {ground.rank:.1f} of at most {len(ground.originals) - 1}"
        if ground.collapsed:
            lines.append(
                f":material/warning: {inked(label, label)} is drawn in grey: it hardly tells different "
                f"pictures apart ({rank}), so a flat curve says nothing."
            )
            continue
        share = f"{percent(recognised[label])} of {probes} others"
        if still[label] and recognised[label] < 0.5:
            lines.append(
                f":material/warning: {inked(label, label)} hardly moves with {axis.name}, but recognises only {share} "
                f"afterwards ({rank}): it ignores more than {axis.name}, so this is no invariance."
            )
            continue
        lost = not still[label] and recognised[label] < 0.5
        lines.append(
            f":material/check_circle: {inked(label, label)} tells different pictures apart ({rank}) and recognises "
            f"{'only ' if lost else ''}{share} after the strongest {axis.name}"
            f"{f', as it should: it notices {axis.name}' if lost else ''}."
        )
    return "  \n".join(lines)


def overview(names: list[str], a: list[float], b: list[float] | None) -> str:
    """What the comparison of all transformations says."""
    least, most = (names[a.index(pick(a))] for pick in (min, max))
    first = f"Under {inked('A', 'A')} this picture's features move least with **{least}** and most with **{most}**"
    if b is None:
        return f"{first}."
    gaps = [abs(x - y) for x, y in zip(a, b, strict=True)]
    if max(gaps) < 0.02:
        return f"{first}; {inked('B', 'B')} hardly differs."
    return f"{first}; {inked('A', 'A')} and {inked('B', 'B')} differ most on **{names[gaps.index(max(gaps))]}**."


def two(value: float) -> str:
    """Two digits, with a true minus; rounded as the scripts in the browser round, halves away from 0."""
    text = str(Decimal(abs(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return f"−{text}" if value < 0 and float(text) else text


def pieces(markdown: str) -> list[list[str]]:
    """Markdown of this module for our scripts: text and the label whose colour it has, or ""."""
    found, end = [], 0
    for match in re.finditer(r":(blue|orange)\[\*\*(.*?)\*\*\]", markdown):
        found += [[markdown[end : match.start()], ""], [match[2], "A" if match[1] == "blue" else "B"]]
        end = match.end()
    return [[text, label] for text, label in [*found, [markdown[end:], ""]] if text]


def plain(markdown: str) -> str:
    """Markdown of this module without its marks, for readers of the screen."""
    for mark in (":blue[", ":orange[", ":material/warning:", ":material/check_circle:", "]", "**"):
        markdown = markdown.replace(mark, "")
    return markdown.strip()


def provenance(metadata: dict[str, Any]) -> str:
    """Where the model comes from."""
    known = [("data", "trained on {}"), ("date", "{}"), ("steps", "{} steps"), ("digest", "`{}`")]
    facts = [form.format(literal(str(metadata[key]))) for key, form in known if metadata.get(key)]
    return f"Checkpoint **{literal(str(metadata.get('name', 'unnamed')))}**, " + ", ".join(facts)
