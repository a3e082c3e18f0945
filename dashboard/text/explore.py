"""Every sentence that is computed from numbers; fixed words are in :mod:`dashboard.text.labels`. No layout in here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.axes.presets import presets
from core.axes.transforms import Axis
from core.evaluation.stored import Evidence
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
    return f"{axis.description.capitalize()} ({signed(axis.low)} to {with_unit(axis.high, axis.unit)})."


def controls(axes: Sequence[Axis]) -> dict[str, str]:
    """What every control of the Explore page does, by its name."""
    sliders = {axis.name: axis_help(axis) for axis in axes}
    buttons = {preset.name: preset.purpose for preset in presets(axes)[:2]}
    return sliders | buttons | labels.CONTROLS


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
    marks = ", ".join(f"{labels.MARKS[kind]} {meaning}" for kind, meaning in kinds(axis).items() if kind in shown)
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
        return NO_STATEMENT
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
        return NO_STATEMENT
    if len(parts) == 2:
        parts[1] = parts[1].replace(" of the way to another picture", "")
    where = f"With {axis.name} at {with_unit(strength, axis.unit)}"
    return f"{where}, the features of the {picture} move {' and '.join(parts)}."


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
        lines.append(
            f":material/check_circle: {inked(label, label)} tells different pictures apart ({rank}) and recognises "
            f"{share} after the strongest {axis.name}{'' if still[label] else ', which it notices'}."
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
    """Two digits, with a true minus."""
    text = f"{abs(value):.2f}"
    return f"−{text}" if value < 0 and float(text) else text


def moving_back(axis: Axis) -> str:
    """What the switch of the feature maps does."""
    if axis.warp is None:
        return f"There is nothing to move back: {axis.name} leaves everything in its place."
    return f"Undoes the {axis.name} on the maps: those that only moved with the picture become equal to the original's."


def maps(layer: str, axis: Axis, value: float, agreement: dict[str, tuple[float, float | None]]) -> str:
    """How alike the maps of a layer stay, as they are and moved back.

    Args:
        layer: its name.
        axis, value: what was done to the picture.
        agreement: label -> correlation with the original's maps, as they are and moved back (``None``: nothing moves).
    """
    if not agreement:
        return NO_STATEMENT
    if value == 0:
        return "The picture is unchanged: choose another frame of the filmstrip to compare with."
    said = []
    for label, (still, back) in agreement.items():
        moved = "" if back is None else f", {two(back)} once moved back"
        said.append(f"{inked(label, label)} {two(still)}{moved}{_kind_of_map(still, back)}")
    where = f"With {axis.name} at {with_unit(value, axis.unit)}"
    return f"{where}, the maps of the layer “{layer}” agree with the original's by {'; '.join(said)}."


def _kind_of_map(still: float, back: float | None) -> str:
    if still > 0.8:
        return " (invariant)"
    if back is not None and back > 0.8:
        return " (equivariant)"
    return ""


def looks(axis: Axis, value: float, agreement: dict[str, float]) -> str:
    """How much the maps of where a change is noticed owe to the training."""
    said = " and ".join(f"{inked(label, label)} by {two(alike)}" for label, alike in agreement.items())
    alike = max(agreement.values())
    verdict = "so they tell little about the training" if alike > 0.6 else "so they tell about the training"
    where = f"With {axis.name} at {with_unit(value, axis.unit)}"
    return f"{where}, the maps agree with that of random weights, {said}: {verdict}."


def control(evidence: Evidence) -> str:
    """What the control matrix says."""
    own = evidence.matrix.diagonal()
    best, worst = evidence.axes[int(own.argmax())], evidence.axes[int(own.argmin())]
    return (
        f"The slider of **{best}** takes most of its transformation away ({two(float(own.max()))}), "
        f"that of **{worst}** least ({two(float(own.min()))}); "
        f"{percent(evidence.leakage)} of all change leaks to other transformations."
    )


def control_lamps(evidence: Evidence, valid: bool) -> str:
    """Whether the matrix means anything."""
    rank = f"effective rank {evidence.rank:.1f} at the worst of all corners"
    if not valid:
        return f":material/warning: Drawn in grey: {rank}, so different pictures look alike there."
    return (
        f":material/check_circle: Different pictures stay apart ({rank}), and with everything ignored "
        f"{percent(evidence.recognised)} of pictures are still recognised."
    )


def measured(evidence: Evidence) -> str:
    """Where the figures come from, under the figure."""
    return (
        f"Change of the share of variance, whitened; {evidence.count} images of {evidence.images}, "
        f"seed {evidence.seed}, {evidence.date}, checkpoint {evidence.digest}"
    )


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
