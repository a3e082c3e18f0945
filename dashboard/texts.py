"""Every sentence that the pages compute or print; no layout in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.gallery import Gallery
from core.sensitivity import Background
from core.transforms import Axis
from dashboard.theme import percent, signed

if TYPE_CHECKING:
    from dashboard.study import Study

LEAD = (
    "One hypernetwork makes a feature extractor for every setting of the sliders. "
    "**0 keeps** a kind of change, **1 ignores** it."
)

SCALE = "0 keeps a kind of change, 1 ignores it, 0.5 ignores differences up to half its range."

CHECKPOINT_HELP = "Put the file assets/hypernetwork.safetensors in place, or make one with `./run.sh pretrain`."

EXPLANATION = """
**Similarity** is the cosine between the features of the changed and of the original picture, after the mean over
{probes} other pictures is taken away: 1 is the same, 0 is what two unrelated pictures have.

**Features move** is one minus that similarity, divided by its mean between different pictures. At 0 % the extractor
does not notice the change; at 100 % (dotted line) the changed picture is as far away as another picture.

**The shaded band** holds the middle 80 % of {probes} other pictures. A line inside it is typical, a line outside means
that this picture is special.

**The check below the curve** guards against a trick: an extractor that gives every picture the same features would
seem to ignore everything. It counts the directions that the features of different pictures use (effective rank), and
below {minimum:g} the page draws grey and claims nothing.

**Edges** are filled by reflection, so that black corners do not give the change away.
"""


UPLOAD = "A picture, at most 20 MB; its central square is used and it stays on this computer."
CAMERA = "Take a picture; it stays on this computer."
GALLERY = "Your own pictures, several files or a zip of a folder: yours is looked up among them."
RESET = "Back to the first screen. Your saved presets stay, and Undo brings everything back."
RESET_DESCRIPTORS = "A and B as on the first screen; the rest stays."
PINNED = "A second descriptor to compare with: a diamond on every slider, orange in every figure."
SEED = "Draws the other pictures that make the bands and say what 100 % means."

BANK = {
    "scale": "0 keeps this kind of change, 1 ignores it",
    "across": "across",
    "up": "up",
    "pad": "Two coordinates at once; the arrow keys move the point",
    "live": "last frame",
    "pace": "Time from your last movement to the drawn answer",
    "broken": "The figures follow when you let go:",
}

NEIGHBOURS = {
    "query": "Looking for",
    "found": "finds the same thing in {object} and the same change in {change} of {count}",
    "collapsed": "tells no pictures apart, so its order means nothing",
}
MARKS = {"object": "●", "change": "◆", "neither": "○"}

FILMSTRIP = {"choose": "Look this one up among others", "seen": "What the extractor sees: 32 × 32 pixels"}

CURVES = {
    "mean": "mean",
    "choose": "Show this transformation above",
    "scrub": "The left and right arrow keys move along the range",
    "save": "save figure",
}
CURVES_CAPTION = (
    "What to see: a flat line means that the change is ignored. 100 % (dotted) is as far as another picture. "
    "Bands hold the middle 80 % of {probes} other pictures. Point at a curve to read all of them at that place."
)


def axis_help(axis: Axis) -> str:
    """What an axis does and how far."""
    return f"{axis.description.capitalize()} ({axis.low:g} to {axis.high:g} {axis.unit})."


def strength(axis: Axis, value: float) -> str:
    """A strength as a label; 0 is the original."""
    return "original" if value == 0 else with_unit(value, axis.unit).replace(" of width", "")


def short(name: str, axis: Axis, value: float) -> str:
    """A transformed picture in few words."""
    return name if value == 0 else f"{name}, {strength(axis, value)}"


def pictured(name: str, axis: Axis, value: float) -> str:
    """A transformed picture for those who do not see it."""
    return f"{name}, unchanged" if value == 0 else f"{name} with {axis.name} at {with_unit(value, axis.unit)}"


def kinds(axis: Axis) -> dict[str, str]:
    """What the marks of the line-up mean."""
    return {
        "object": f"the same thing, other {axis.name}",
        "change": f"another thing, same {axis.name}",
        "neither": "another thing, unchanged",
    }


def lineup(axis: Axis, shown: list[str]) -> str:
    """What to see in the line-up, and what one would see by chance."""
    marks = ", ".join(f"{MARKS[kind]} {meaning}" for kind, meaning in kinds(axis).items() if kind in shown)
    return (
        f"What to see: does an extractor go by the thing or by its {axis.name}? Nearest of {len(shown)} first; {marks}."
    )


def found(picture: str, axis: Axis, value: float, first: dict[str, dict[Any, int]], count: int) -> str:
    """What each extractor goes by.

    Args:
        picture: name of what is looked up.
        axis, value: what was done to it.
        first: label -> how many of each kind are among the nearest; without those that have collapsed.
        count: how many are nearest.
    """
    if not first:
        return "No statement: to these extractors different pictures look alike."
    said = []
    for label, kinds_found in first.items():
        by_object = kinds_found["object"] >= kinds_found["change"]
        number = kinds_found["object" if by_object else "change"]
        what = f"the {picture} again" if by_object else f"other things with the same {axis.name}"
        said.append(f"{inked(label, label)} finds {what} ({number} of {count})")
    where = f"unchanged {picture}" if value == 0 else f"{picture} with {axis.name} at {with_unit(value, axis.unit)}"
    return f"Looking for the {where}, {' and '.join(said)}."


def filmstrip(picture: str, axis: Axis, strengths: list[float], movement: dict[str, list[float]]) -> str:
    """Where A and B differ most along the filmstrip; without B, where A moves most."""
    if not movement:
        return headline(picture, axis, strengths[-1], {})
    rows = list(movement.values())
    gaps = [abs(x - y) for x, y in zip(rows[0], rows[-1], strict=True)] if len(rows) == 2 else rows[0]
    at = gaps.index(max(gaps))
    return headline(picture, axis, strengths[at], {label: row[at] for label, row in movement.items()})


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
    """What the curves say where they differ most.

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
        return "No statement: to this extractor different pictures look alike."
    if len(parts) == 2:
        parts[1] = parts[1].replace(" of the way to another picture", "")
    where = f"With {axis.name} at {with_unit(strength, axis.unit)}"
    return f"{where}, the features of the {picture} move {' and '.join(parts)}."


def lamps(grounds: dict[str, Background], recognised: dict[str, float], probes: int) -> str:
    """Whether the extractors tell pictures apart, so that their curves mean something.

    Args:
        grounds: by label.
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
        lines.append(
            f":material/check_circle: {inked(label, label)} tells different pictures apart ({rank}) and, after the "
            f"strongest change, still recognises {percent(recognised[label])} of {probes} others."
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


def plain(markdown: str) -> str:
    """Markdown of this module without its marks, for readers of the screen."""
    for mark in (":blue[", ":orange[", ":material/warning:", ":material/check_circle:", "]", "**"):
        markdown = markdown.replace(mark, "")
    return markdown.strip()


def provenance(metadata: dict[str, Any]) -> str:
    """Where the model comes from."""
    known = [("data", "trained on {}"), ("date", "{}"), ("step", "{} steps"), ("digest", "`{}`")]
    facts = [form.format(metadata[key]) for key, form in known if metadata.get(key)]
    return f"Checkpoint **{metadata.get('name', 'unnamed')}**, " + ", ".join(facts)
