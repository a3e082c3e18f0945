"""What a class sees of a page, as a style sheet: which parts, what is pointed at, how large."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dashboard.figures.theme import Palette
from dashboard.lessons.parts import key

_HERE = Path(__file__).parent


def style(hidden: Sequence[str], focus: str, colours: Palette, *, large: bool = False, projector: bool = False) -> str:
    """A style element.

    Args:
        hidden: full names of parts that are not shown.
        focus: the part that a lesson or the tour points at, or "".
        colours: of the current theme.
        large: large type.
        projector: large type, and figures of our own with large type too.
    """
    rules = [(_HERE / "room.css").read_text(encoding="utf-8")]
    if large or projector:
        rules.append((_HERE / "projector.css").read_text(encoding="utf-8"))
    edge = f"background: {colours.surface}; border-left-color: {colours.a};"
    rules.append(f".st-key-coach, .st-key-tour {{ {edge} }}")
    if hidden:
        rules.append(", ".join(f".st-key-{key(name)}" for name in hidden) + " { display: none !important; }")
    if focus:
        rules.append(f".st-key-{key(focus)} {{ outline: 4px dashed {colours.a}; outline-offset: 6px; }}")
    return f"<style>{' '.join(rules)}</style>"
