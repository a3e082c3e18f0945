"""Colours, sizes and number formats, shared by every figure so that one colour keeps one meaning."""

from __future__ import annotations

from dataclasses import dataclass

GUTTER = 92
"""Pixels left of the picture columns; the charts use it as margin, so that every strength is one vertical line."""

FONT = "Source Sans, sans-serif"
TICK_SIZE = 15
LABEL_SIZE = 16
MOVEMENT_LIMIT = 1.25
"""Top of every movement axis. Fixed, so that a curve that rises means something; 1 is another picture."""


@dataclass(frozen=True)
class Palette:
    """One theme's colours (Okabe and Ito's, plus greys).

    Attributes:
        a, b: descriptor A (the sliders) and the pinned descriptor B.
        ink, quiet, grid: text, secondary text and reference lines, grid lines.
        surface: background of the page.
    """

    a: str
    b: str
    ink: str
    quiet: str
    grid: str
    surface: str

    def of(self, label: str) -> str:
        """The colour of ``"A"`` or ``"B"``."""
        return self.a if label == "A" else self.b


# Orange is darker than Okabe and Ito's #D55E00 where it is small text on white (contrast 4.6 instead of 3.9).
LIGHT = Palette(a="#0072B2", b="#C05200", ink="#1F2328", quiet="#5B636C", grid="#E3E6EA", surface="#FFFFFF")
DARK = Palette(a="#56B4E9", b="#E69F00", ink="#F2F4F7", quiet="#A6AEB8", grid="#2F3640", surface="#0E1117")


def palette(kind: str | None) -> Palette:
    """The palette of the theme that Streamlit reports: ``"dark"``, ``"light"`` or not known yet."""
    return DARK if kind == "dark" else LIGHT


def translucent(colour: str, alpha: float) -> str:
    """A #RRGGBB colour as CSS rgba."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


def signed(value: float) -> str:
    """A strength for people: true minus, explicit plus, no trailing zeros."""
    text = f"{abs(value):.3g}"
    return text if float(text) == 0 else f"{'−' if value < 0 else '+'}{text}"


def percent(value: float) -> str:
    """A share in per cent; the space before the sign does not break."""
    return f"{100 * max(value, 0):.0f}\u00a0%"
