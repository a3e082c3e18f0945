"""Colours, sizes and number formats, shared by every figure so that one colour keeps one meaning."""

from __future__ import annotations

from dataclasses import dataclass, replace

FONT = "Source Sans, sans-serif"
TICK_SIZE = 15
LABEL_SIZE = 16
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""Of lines, the plainest first."""


@dataclass(frozen=True)
class Palette:
    """One theme's colours (Okabe and Ito's, plus greys).

    Attributes:
        a, b: descriptor A (the sliders) and the pinned descriptor B.
        ink, quiet: text, secondary text.
        surface: background of the page.
        more, less: ends of signed scales.
        teal, magenta, olive, wine: families of methods, see :mod:`dashboard.figures.methods`.
    """

    a: str
    b: str
    ink: str
    quiet: str
    surface: str
    more: str
    less: str
    teal: str
    magenta: str
    olive: str
    wine: str

    def of(self, label: str) -> str:
        """The colour of ``"A"`` or ``"B"``."""
        return self.a if label == "A" else self.b


# Orange is darker than Okabe and Ito's #D55E00 where it is small text on white (contrast 4.6 instead of 3.9).
LIGHT = Palette(
    a="#0072B2", b="#C05200", ink="#2F2D2B", quiet="#5B636C", surface="#FFFFFF", more="#1B7837", less="#762A83",
    teal="#1F857A", magenta="#AA4499", olive="#7A7A1F", wine="#882255",
)  # fmt: skip
DARK = Palette(
    a="#56B4E9", b="#E69F00", ink="#EDEBE8", quiet="#A6AEB8", surface="#171614", more="#7FBF7B", less="#C2A5CF",
    teal="#66CFC2", magenta="#DC8FD0", olive="#CFCF6B", wine="#E58FA9",
)  # fmt: skip


def palette(kind: str | None) -> Palette:
    """The palette of the theme that Streamlit reports: ``"dark"``, ``"light"`` or not known yet."""
    return DARK if kind == "dark" else LIGHT


def greyed(colours: Palette) -> Palette:
    """The same without colour, for figures that claim nothing."""
    return replace(colours, a=colours.quiet, b=colours.quiet, more=colours.quiet, less=colours.quiet)


def signed(value: float) -> str:
    """A strength for people: true minus, explicit plus, no trailing zeros."""
    text = f"{abs(value):.3g}"
    return text if float(text) == 0 else f"{'−' if value < 0 else '+'}{text}"


def points(value: float) -> str:
    """Percentage points: true minus, explicit plus, one decimal."""
    return f"{round(value, 1) + 0.0:+.1f}".replace("-", "−")


def percent(value: float) -> str:
    """A share in per cent; the space before the sign does not break."""
    return f"{100 * max(value, 0):.0f}\u00a0%"
