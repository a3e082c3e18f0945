"""Plain text in figures, where tags, entities, formulas and templates mean something."""

from __future__ import annotations

_ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in "&<>${}"}


def literal(text: str) -> str:
    """What a figure shows as this text, be it a label, a name, a category or a part of a template."""
    # Bytes of a file's name that are no Unicode would stop the page.
    return text.encode("utf-8", "backslashreplace").decode("utf-8").translate(_ENTITIES)
