"""The words of the Evidence page."""

from __future__ import annotations

LEAD = (
    "Sliders that do nothing would be easy to draw. What this model really does was measured on pictures that it was "
    "never trained on, beside networks that have no sliders, and held against marks that were set beforehand."
)
RADAR = "How far the features stay where they are"
RADAR_CAPTION = "{count} pictures of the folder {images}; {date}"
RADAR_HELP = (
    "What to see: each direction is a transformation. At the rim it does not move the features at all; at the centre "
    "it moves them as far as another picture would. The thick rings are one network under different "
    "descriptors; the thin grey ones have no descriptor, so they have one ring each. (Cosine similarity of whitened "
    "features, the measure of both papers.)"
)
RIVALS = "Beside what else one could do"
RIVALS_LEAD = (
    "Every method has the same labelled images, the same test images and the same simple classifier on its features. "
    "Nothing was chosen on test images. Who is ahead of the fit is named first, by how many points of 100, with a 95 % "
    "interval over tasks."
)
DIFFERENCES_CAPTION = "dots: means over tasks, with 95 % intervals; grey ticks: single tasks"
DIFFERENCES_HELP = (
    "What to see: right of the line the fit is ahead, left of it the rival. A filled dot leaves no doubt; an open one "
    "has 0 in its interval, so these few tasks do not tell."
)
FEW_HELP = (
    "What to see: further up is better. The thick line is the fit; a line above it is a method that does better with "
    "so many labels."
)
COST_HELP = (
    "What to see: the quickest method is on top. The number beside a dot says by how many points of accuracy it is "
    "above the fit on the same tasks; waiting longer than for the fit pays where it is large."
)
KNOWN = "Known descriptors"
COINS = "coins"
KNOWN_HELP = (
    "What to see: in how many runs all that a task determines was found, on tasks that are made so that the answer is "
    "known. The line is a 95 % interval over tasks; coins toss every coordinate, i = 0 and i = 1 say the same on every "
    "task."
)
BARS = "What it must reach, and what it does"
BARS_HELP = (
    "What to see: ✓ reaches what must be, ✓✓ the aim too, ✗ falls short. {reached} of {measured} measured rows reach "
    "what must be. Each row names the command that measures it again."
)
GATES = "What the gates cost and buy"
GATES_HELP = (
    "What to see: further right is more control, further up more of what a picture shows; along the lines only the "
    "threshold of the gates changes, and a mark above and right of the solid one would be better than every threshold."
)
MARKS = {"✗": "**✗ missed**", "✓": "✓", "✓✓": "✓✓"}
"""How a mark stands in the table, so that what is missed is seen first."""
HEAD = {
    "mark": "reached",
    "figure": "figure",
    "must": "must",
    "aim": "aim",
    "measured": "measured [95 % interval]",
    "source": "command",
}
