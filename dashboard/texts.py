"""Every sentence that the pages compute or print; no layout in here."""

from __future__ import annotations

from core.sensitivity import Background
from core.transforms import Axis
from dashboard.theme import percent, signed

FIELD_NAMES = {
    "picture": "picture",
    "axis": "transformation",
    "a": "descriptor A",
    "b": "descriptor B",
    "seed": "seed of the other pictures",
}

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


def verdict(means: dict[str, float], axis: Axis, probes: int) -> str:
    """What the whole curves say, for the extractors that have not collapsed.

    Args:
        means: label -> mean movement over the range.
        axis: the transformation.
        probes: number of pictures behind the band.
    """
    said = [f"{inked(label, label)} {_judged(mean, axis.name)} ({percent(mean)})" for label, mean in means.items()]
    if not said:
        return ""
    return (
        f"On average over the range, {' and '.join(said)}. The bands hold the middle 80 % of {probes} other pictures."
    )


def _judged(mean: float, name: str) -> str:
    if mean < 0.1:
        return f"is nearly invariant to {name}"
    return f"notices {name} {'somewhat' if mean < 0.3 else 'clearly'}"


def lamps(grounds: dict[str, Background]) -> str:
    """Whether the extractors tell pictures apart, so that their curves mean something."""
    lines = []
    healthy = {label: ground for label, ground in grounds.items() if not ground.collapsed}
    if healthy:
        who = " and ".join(inked(label, label) for label in healthy)
        ranks = " and ".join(f"{ground.rank:.1f}" for ground in healthy.values())
        verb = "tells" if len(healthy) == 1 else "tell"
        most = max(len(ground.originals) for ground in healthy.values()) - 1
        lines.append(
            f":material/check_circle: {who} {verb} different pictures apart (effective rank {ranks} of at most {most})."
        )
    for label, ground in grounds.items():
        if ground.collapsed:
            lines.append(
                f":material/warning: {inked(label, label)} is drawn in grey: its extractor hardly tells different "
                f"pictures apart (effective rank {ground.rank:.1f}), so a flat curve says nothing."
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


def provenance(metadata: dict[str, object]) -> str:
    """Where the model comes from."""
    known = [("data", "trained on {}"), ("date", "{}"), ("step", "{} steps"), ("digest", "`{}`")]
    facts = [form.format(metadata[key]) for key, form in known if metadata.get(key)]
    return f"Checkpoint **{metadata.get('name', 'unnamed')}**, " + ", ".join(facts)
