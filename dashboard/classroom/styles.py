"""What a class sees of a page, as a style sheet: which parts, what is pointed at, how large."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dashboard.figures.theme import Palette
from dashboard.session.outline import Part

_HERE = Path(__file__).parent


def style(
    hidden: Sequence[Part], focus: Part | None, colours: Palette, *, large: bool = False, projector: bool = False
) -> str:
    """A style element.

    Args:
        hidden: parts that are not shown.
        focus: the part that a lesson or the tour points at.
        colours: of the current theme.
        large: large type.
        projector: large type, and figures of our own with large type too.
    """
    rules = [(_HERE / "lesson.css").read_text(encoding="utf-8")]
    if large or projector:
        rules.append((_HERE / "projector.css").read_text(encoding="utf-8"))
    edge = f"background: {colours.surface}; border-left-color: {colours.a};"
    rules.append(f".st-key-lesson, .st-key-tour {{ {edge} }}")
    # Streamlit writes white on the primary colour, which is a light one on a dark page.
    rules.append(f'button[kind="primary"]:enabled, button[kind="primary"]:enabled * {{ color: {colours.surface}; }}')
    if hidden:
        away = ", ".join(f".st-key-{part.key}" for part in hidden)
        # With the names of tabs in which nothing is shown.
        empty = f'[class*="st-key-group-"]:not(:has([class*="st-key-part-"]:not({away})))'
        rules.append(f"{away}, {empty} {{ display: none !important; }}")
    if focus:
        rules.append(f".st-key-{focus.key} {{ outline: 4px dashed {colours.a}; outline-offset: 6px; }}")
    return f"<style>{' '.join(rules)}</style>"
