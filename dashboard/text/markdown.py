"""Plain text where Streamlit reads Markdown: names of files, folders and classes appear as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from core.markdown import literal as in_line

_BREAK = ":small[]"
"""Shows nothing, and what is before it is another piece of text than what is after it. Streamlit replaces shortcodes,
arrows and addresses within a piece of parsed text, where backslashes are gone already. Unlike an invisible character,
it is not copied with the name."""

_REPLACED = re.compile(
    r":(?=[\w+/-]+:|//)|-(?=[->])|<(?=[-=])|[>~](?==)|(?<=[\w.+-])@(?=[\w-])|www(?=\.)", re.ASCII | re.IGNORECASE
)
_ICON = re.compile(r"[^\x00-\x7f\w]|\u2139|.[\ufe0f\u20e3]")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_KEPT = 0xD800  # no letter of any text, so that escaped marks can wait there


def literal(text: str) -> str:
    """Markdown that shows plain text as it is: alone, as a label, or within a sentence."""
    lines = "\\\n".join(_line(line) for line in re.split(r"\r\n|\r|\n", text.strip()))
    return _BREAK + lines if _ICON.match(lines) else lines  # an emoji would become the icon of a warning


def title(text: str) -> str:
    """The same for a heading, which is one line."""
    return literal(" ".join(text.split()))


def bullets(texts: Iterable[str]) -> str:
    """A list of plain sentences."""
    return "\n".join(f"- {literal(text)}" for text in texts)


def html(markdown: str) -> str:
    """Markdown with no more than emphasis and :func:`literal` parts in it, as HTML."""
    kept = _ESCAPED.sub(lambda found: chr(_KEPT + ord(found[1])), markdown.replace(_BREAK, "").replace("\\\n", "\n"))
    out = escape(" ".join(kept.split()))
    for mark, tag in (("**", "b"), ("*", "i")):
        pieces = out.split(mark)
        out = pieces[0] + "".join(f"{'<' if n % 2 else '</'}{tag}>{piece}" for n, piece in enumerate(pieces[1:], 1))
    return re.sub(r"[\ud800-\ud87f]", lambda found: escape(chr(ord(found[0]) - _KEPT)), out)


def _line(line: str) -> str:
    return "\u00a0" * (len(line) - len(line.lstrip())) + in_line(line, _REPLACED, _BREAK)
