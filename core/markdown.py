"""Plain text in Markdown: names of files, folders and classes appear as they are."""

from __future__ import annotations

import re

_MARK = "\0"
_SHORTCODE = re.compile(r":(?=[\w+-]+:|//)|www(?=\.)", re.ASCII | re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\\`*_\[\]<>#~$|]|:(?=\S)|&(?=[#\w])|^[-+=]")
_ORDER = re.compile(r"^(\d+)(?=[.)])")
_SPACE = re.compile(r"(?<=\s)\s")


def literal(text: str, replaced: re.Pattern[str] = _SHORTCODE, apart: str = "<!-- -->") -> str:
    """Markdown that shows plain text as it is, in one line: in a sentence, a heading or a cell of a table.

    Args:
        text: whatever it is.
        replaced: beginnings of what readers of Markdown replace within parsed text, where no backslash helps: codes
            of emoji, addresses.
        apart: shows nothing, and what is before it is another piece of text than what is after it.
    """
    # Bytes of a file's name that are no Unicode could not be written.
    known = text.encode("utf-8", "backslashreplace").decode("utf-8").replace(_MARK, "\ufffd")
    known = re.sub(r"[\t\r\n]", " ", known.strip())
    marked = replaced.sub(lambda found: found.group() + _MARK, _SPACE.sub("\u00a0", known))
    escaped = _ORDER.sub(r"\1\\", _PUNCTUATION.sub(r"\\\g<0>", marked))
    return escaped.replace(_MARK, apart)


def code(text: str) -> str:
    """Markdown that shows plain text as it is, in one line, as code."""
    known = " ".join(text.encode("utf-8", "backslashreplace").decode("utf-8").split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", known)), default=0))
    return f"{fence}{known}{fence}" if len(fence) == 1 else f"{fence} {known} {fence}"
