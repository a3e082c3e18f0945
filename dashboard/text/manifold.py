"""Every sentence of the manifold page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.adaptation.trajectories import Walk
from core.manifold import ExtractorMap, Layout
from dashboard.figures.text import literal
from dashboard.figures.theme import percent

METHODS = {"umap": "UMAP", "pca": "PCA"}
SEEN = {"what it ignores": "coordinate", "what it notices": "movement", "a task": "score"}
PANELS = ("trust it or not", "from A to B", "the walk", "another map")
TITLES = {
    "trust it or not": "How far may this map be believed?",
    "from A to B": "What lies between A and B?",
    "the walk": "Where does a fit walk?",
    "another map": "Make another map",
}
HOW = {
    "wireframe": "all corners of the cube and points along all its edges",
    "lattice": "a grid through the whole cube, filled up with evenly spread points",
    "scattered": "all corners and points spread evenly through the cube",
}
KIND = {
    "features": "how they arrange the same pictures (1 − CKA of their features)",
    "sensitivity": "how far their features move with each transformation",
    "weights": "their generated weights",
}
DISTANCE = "Euclidean counts size and direction of a difference from the mean extractor; cosine the direction alone."
NEIGHBOURS = "How many neighbours UMAP looks at: few show detail, many show the whole."
SEED = "A feature of the map that changes with this number is an artefact of UMAP, not a fact about the network."
SPACE = "Turn it with the mouse. Dots in space cannot be clicked; the plane can."
LOOKUP = {
    "query": "Looked up:",
    "hint": "Point at a dot of the map, or tap one, and see here what its extractor finds alike.",
    "pointed": "The dot",
    "ignores": "It ignores",
    "partly": "partly",
    "nothing": "It keeps everything",
}
LOOKUP_CAPTION = (
    "Most alike first, with the cosine of the features. {marks}. All dots were asked about the {picture} when the map "
    "was made; the photograph in the sidebar is Explore's."
)
NO_LINE_UPS = "This map was made without the line-ups of its extractors; make it anew to point at its dots."
ROUTE_CAPTION = (
    "What to see: how the features' movement with each transformation changes on the straight line from A to B in the "
    "cube. 100 % is as far as another picture. The line is dashed on the map above, where it need not be straight. "
    "Measured on {pictures} pictures, each moved once by a random strength; it is not the curve of your picture."
)
WALKING = "Looking at the same pictures with every extractor on the way …"
NO_ROUTE = "Pin a descriptor B in the sidebar that is not A; then the extractors on the way are measured."
CUBE_CAPTION = (
    "What to see: the descriptors themselves, exactly. Each vertical line is one axis of the cube, each "
    "connected line one descriptor; nothing is projected."
)
LANDSCAPE_CAPTION = (
    "What to see: bright is better, and fits should end where it is bright. Rings are starts, stars are ends. The "
    "square is exact, with the other coordinates at {base}; a fit that left them is drawn where its shadow falls, so "
    "it may seem to walk uphill. Marks are those of a linear head on {count} labelled images, each judged by a head "
    "that has not seen it; differences below {noise} are chance."
)
MARKED = (
    "Marked: {some} of {count:,} dots, the corners of the cube and the middles of its edges, each with a linear head "
    "on {labels} images (seed {seed}, {date})."
)
NO_MARKS = "Dots are grey until they are marked: at each of them, a linear head is fitted to the task's images."
NO_WALK = "No fit of this task yet. Start some here, or run one on the Adapt page."
FITS = "Three fits of the whole descriptor: the first starts in the middle of the cube, the others at random."
STORED_WALKS = "Three fits from the file: {labels} labelled images, seed {seed}, made on {date}."
EDGES = "differ in one slider"
PULLED = "the {axis} slider from 0 to 1"
DRAWN = "What is drawn: the colours of the dots"
MORE = "More settings, and what they mean"
TERMS = {
    "Coloured by": "what an extractor ignores (its slider), what it notices (as measured), or how well it does "
    "at a task.",
    "Projection": "*UMAP* keeps neighbours together and is free with the rest; *PCA* is a shadow, straight and exact.",
    "Seed of UMAP": SEED,
    "Fit from three seeds": FITS,
    "Replay": "How far the fits on the map and in the landscape have come.",
}
"""Names of the page's settings and what they mean."""
NO_MAP = "Until then, only this page is without its map; all else works."


def hover(names: Sequence[str]) -> str:
    """Template of plotly: one line per axis, from columns of coordinates, then of movements."""
    count = len(names)
    lines = [
        f"{literal(name)} %{{customdata[{n}]:.2f}}, features move %{{customdata[{count + n}]:.0%}}"
        for n, name in enumerate(names)
    ]
    return "<br>".join(lines) + "<extra></extra>"


def provenance(mapped: ExtractorMap) -> str:
    """What is on the map and how it came there."""
    made = mapped.settings
    return (
        f"{len(mapped.points):,} extractors ({HOW[made.design]}), compared by {KIND[made.kind]}; {made.distance} "
        f"distance, {made.neighbours} neighbours, seed {made.seed}, checkpoint {mapped.checkpoint}, {mapped.date}."
    )


def finding(names: Sequence[str], told: Sequence[float]) -> str:
    """What there is to see on the map.

    Args:
        names: of the axes.
        told: how much of each axis' coordinate a place on the map tells, at most 1.
    """
    best, worst = max(range(len(told)), key=told.__getitem__), min(range(len(told)), key=told.__getitem__)
    return (
        "Each dot is one setting of the sliders, and dots lie near each other where extractors **do nearly the same**. "
        f"This map divides them best by **{names[best]}**: what lies around a dot tells {percent(told[best])} of how "
        f"far it ignores {names[best]}, and {percent(told[worst])} of how far it ignores {names[worst]}."
    )


def found(picture: str, axis: str) -> str:
    """What a line-up found, with places for the two numbers."""
    return f"{{object}} of {{count}} show the {picture}, {{change}} the same {axis}"


def caption(layout: Layout, design: str, kind: str, axis: str) -> str:
    """What may be read from the map, and what not.

    Args:
        layout: that is shown. design: of the map.
        kind: of the colours, a value of :data:`SEEN`. axis: that they are about.
    """
    if design == "scattered":
        lines = ""
    elif kind == "score":
        lines = f"Lines: {EDGES}. "
    else:
        lines = (
            f"Each line is the {axis} slider pulled from one end to the other, all else equal: long lines mean that "
            f"{axis} changes much of what an extractor does. "
        )
    inside = (
        "The map holds the edges of the cube; A, B and fits lie between the nearest. " if design == "wireframe" else ""
    )
    if layout.method == "pca":
        return (
            f"What to see: {lines}PCA is a shadow: directions and large distances mean something, "
            f"but dots that are far apart may fall on one another. {inside}Click a dot to set A to it."
        )
    return (
        f"What to see: {lines}"
        f"Gaps, areas and angles mean nothing: they change with the seed. {inside}Click a dot to set A to it."
    )


def trust(layout: Layout, other: Layout) -> str:
    """The marks of the layout that is shown, beside those of the other method."""
    here, there = layout.trust, other.trust
    name, rival = METHODS[layout.method], METHODS[other.method]
    return (
        f"Of 10 neighbours: trustworthiness **{here.trustworthiness:.3f}** ({rival}: {there.trustworthiness:.3f}), "
        f"continuity **{here.continuity:.3f}** ({rival}: {there.continuity:.3f}). All distances: Shepard correlation "
        f"**{here.shepard:.2f}** ({rival}: {there.shepard:.2f}), so {_verdict(layout, other, name, rival)}."
    )


def _verdict(layout: Layout, other: Layout, name: str, rival: str) -> str:
    near = name if layout.trust.trustworthiness >= other.trust.trustworthiness else rival
    far = name if layout.trust.shepard >= other.trust.shepard else rival
    return f"believe {near} about neighbours and {far} about distances" if near != far else f"believe {near} here"


MARKS = """
**Trustworthiness** asks whether neighbours on the map are neighbours in truth, **continuity** whether true neighbours
are still together on the map: both are 1 when nothing went wrong and about 0.5 for a map drawn at random. **Shepard
correlation** compares all distances on the map with the true ones by rank. "In truth" means the first principal
components of the fingerprints, which hold {held} of their variance.
"""


def explained(shares: Sequence[float]) -> str:
    """How much of the differences PCA's plane and space show."""
    return (
        f"PCA's plane holds {percent(sum(shares[:2]))} of the differences between extractors and its space "
        f"{percent(sum(shares[:3]))}; the rest is not in the picture."
    )


def map_alt(layout: Layout, mapped: ExtractorMap, title: str, placed: Mapping[str, Sequence[float]]) -> str:
    """The map for those who do not see it."""
    spots = ", ".join(f"{name} at ({', '.join(f'{value:.1f}' for value in spot)})" for name, spot in placed.items())
    return (
        f"{METHODS[layout.method]} map of {len(mapped.points)} extractors in {layout.dimensions} dimensions, coloured "
        f"by {title}; {spots}. Trustworthiness {layout.trust.trustworthiness:.2f}."
    )


def route(names: Sequence[str], first: Sequence[float], last: Sequence[float]) -> str:
    """Which transformation's movement changes most from A to B."""
    gaps = [after - before for before, after in zip(first, last, strict=True)]
    n = max(range(len(gaps)), key=lambda n: abs(gaps[n]))
    return (
        f"From A to B, movement with **{names[n]}** changes most: from {percent(first[n])} to {percent(last[n])} of "
        "the way to another picture."
    )


def walked(found: Sequence[Walk], names: Sequence[str]) -> str:
    """Where fits have ended and whether they agree."""
    ends = [walk.end for walk in found]
    spread = [max(end[n] for end in ends) - min(end[n] for end in ends) for n in range(len(names))]
    where = ", ".join(f"{name} {sum(end[n] for end in ends) / len(ends):.2f}" for n, name in enumerate(names))
    if len(found) == 1:
        return f"The fit stands at {where}."
    n = spread.index(max(spread))
    agree = "agree everywhere" if spread[n] < 0.1 else f"differ most in **{names[n]}**, by {spread[n]:.2f}"
    return f"{len(found)} fits stand at {where} on average, and {agree}."
