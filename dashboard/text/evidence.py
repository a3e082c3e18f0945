"""The words of the Evidence page."""

from __future__ import annotations

LEAD = (
    "Sliders that do nothing would be easy to draw. What this model really does was measured on pictures that it was "
    "never trained on, beside networks that have no sliders, and held against marks that were set beforehand."
)
RADAR = "How far the features stay where they are"
RADAR_CAPTION = "{images}, {count} pictures; {date}"
RADAR_HELP = (
    "What to see: each direction is a transformation. At the rim it does not move the features at all; at the centre "
    "it moves them as far as another picture would. The dark and coloured rings are one network under different "
    "descriptors; the grey ones have no descriptor, so they have one ring each. (Cosine similarity of whitened "
    "features, the measure of both papers.)"
)
BARS = "What it must reach, and what it does"
BARS_HELP = (
    "What to see: ✓ reaches what must be, ✓✓ the aim too, ✗ falls short. {reached} of {measured} measured rows reach "
    "what must be. Each row names the command that measures it again."
)
HEAD = {
    "figure": "figure",
    "must": "must",
    "aim": "aim",
    "measured": "measured [95 % interval]",
    "source": "command",
    "mark": "reached",
}
