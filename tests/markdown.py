"""Markdown as a reader of it shows it."""

from __future__ import annotations

from markdown_it import MarkdownIt

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def read(markdown: str) -> tuple[str, set[str]]:
    """The text that is shown, and the kinds of its parts; what shows nothing is left out."""
    inline = [part for token in READER.parse(markdown) for part in token.children or ()]
    shown = [part for part in inline if part.content != "<!-- -->"]
    return "".join(part.content for part in shown), {part.type for part in shown if part.type != "text"}


def plain(text: str) -> str:
    """Spaces as a page shows them."""
    return " ".join(text.split())
