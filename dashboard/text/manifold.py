"""Every sentence of the manifold page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.adaptation.trajectories import Walk
from core.manifold import ExtractorMap, Layout
from dashboard.figures.text import literal
from dashboard.figures.theme import percent

LEAD = (
    "Every setting of the sliders is an extractor. Here, each point is one of them, and points are near each other "
    "where extractors **do nearly the same**. Click a point to set descriptor A to it."
)
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
SPACE = "Turn it with the mouse. Points in space cannot be clicked; the plane can."
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
NO_MARKS = "Points are grey until they have been marked: a linear head is fitted at each of {count} descriptors."
NO_WALK = "No fit of this task yet. Start some here, or run one on the Adapt page."
FITS = "Three fits of the whole descriptor: the first starts in the middle of the cube, the others at random."
TERMS = {
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
        f"{literal(name)}: i = %{{customdata[{n}]:.2f}}, features move %{{customdata[{count + n}]:.0%}}"
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


def caption(layout: Layout, design: str) -> str:
    """What may be read from the map, and what not."""
    lines = (
        "Lines join descriptors that differ in one coordinate: where they cross, the map folds; where they are long, "
        "it tears. "
    )
    if design == "scattered":
        lines = ""
    inside = (
        "The map holds the edges of the cube; A, B and fits inside it lie between their nearest edges. "
        if design == "wireframe"
        else ""
    )
    if layout.method == "pca":
        return (
            f"What to see: {lines}PCA is a shadow: directions and large distances mean something, "
            f"but points that are far apart may fall on one another. {inside}"
        )
    return (
        f"What to see: neighbours on the map are extractors that do nearly the same. {lines}"
        f"Gaps, areas and angles mean nothing: they change with the seed. {inside}"
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
