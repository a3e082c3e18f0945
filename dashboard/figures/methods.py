"""How a method is drawn: on every page in the colour of its family, with a dash and a mark of its own."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.figures.theme import DASHES, Palette


@dataclass(frozen=True)
class Look:
    """Colour, dash of a line and symbol of a mark."""

    colour: str
    dash: str
    symbol: str


# By the keys of core.baselines and core.certificates. Colours say what a method is: the fit; a hand; a descriptor that
# nothing is fitted to (ink); the frozen network (grey) and more of what it tells (teal); self-supervised networks
# without a descriptor (magenta); fine-tuning (wine); what has learnt from no other pictures (olive).
_LOOKS = {
    "ours": ("a", "solid", "circle"),
    "fitted descriptor": ("a", "solid", "circle"),
    "by hand": ("b", "dot", "diamond"),
    "i=0.5": ("ink", "dash", "square"),
    "head, i = 0.5": ("ink", "dash", "square"),
    "i=0": ("ink", "dot", "triangle-down"),
    "head, i = 0": ("ink", "dot", "triangle-down"),
    "i=1": ("ink", "longdash", "triangle-up"),
    "corners": ("ink", "dashdot", "hexagon"),
    "concatenated": ("ink", "longdashdot", "pentagon"),
    "oracle": ("ink", "solid", "cross"),
    "frozen": ("quiet", "solid", "triangle-left"),
    "frozen-averaged": ("quiet", "dash", "triangle-right"),
    "frozen-told": ("teal", "dash", "diamond"),
    "normalisation": ("teal", "dot", "triangle-up"),
    "plain": ("magenta", "longdash", "x"),
    "augself": ("magenta", "dot", "hexagon2"),
    "finetune": ("wine", "dash", "hexagram"),
    "finetune-fitted": ("wine", "dot", "star-square"),
    "finetune-backbone": ("wine", "dashdot", "star"),
    "fine-tuning": ("wine", "dashdot", "star"),
    "augerino-backbone": ("wine", "longdash", "star-diamond"),
    "pixels": ("olive", "dot", "cross"),
    "scratch": ("olive", "longdashdot", "x"),
    "from scratch": ("olive", "longdashdot", "x"),
    "augerino": ("olive", "dash", "pentagon"),
}
_OTHER = ("ink", "solid", "bowtie")


def look(method: str, colours: Palette, turn: int = 0) -> Look:
    """How to draw a method.

    Args:
        method: its key in :data:`core.baselines.METHODS` or :data:`core.certificates.comparators.METHODS`.
        colours: of the current theme.
        turn: for another run of a method that the figure has already: how many there are before it.
    """
    hue, dash, symbol = _LOOKS.get(method, _OTHER)
    return Look(getattr(colours, hue), DASHES[(DASHES.index(dash) + turn) % len(DASHES)], symbol)
