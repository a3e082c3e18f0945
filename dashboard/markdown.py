"""Plain text where Markdown is read: names of files, folders and classes appear as they are."""

from __future__ import annotations

import re

_BREAK = ":small[]"
"""Shows nothing, and what is before it is another piece of text than what is after it. Streamlit replaces shortcodes,
arrows and addresses within a piece of parsed text, where backslashes are gone already. Unlike an invisible character,
it is not copied with the name."""

_MARK = "\0"
_REPLACED = re.compile(
    r":(?=[\w+/-]+:|//)|-(?=[->])|<(?=[-=])|[>~](?==)|(?<=[\w.+-])@(?=[\w-])|www(?=\.)", re.ASCII | re.IGNORECASE
)
_ICON = re.compile(r"[^\x00-\x7f\w]|\u2139|.[\ufe0f\u20e3]")
_PUNCTUATION = re.compile(r"[\\`*_\[\]<>#~$|]|:(?=\S)|&(?=[#\w])|^[-+=]")
_ORDER = re.compile(r"^(\d+)(?=[.)])")
_SPACE = re.compile(r"(?<=\s) |\t")


def literal(text: str) -> str:
    """Markdown that shows plain text as it is: alone, as a label, or within a sentence."""
    # Bytes of a file's name that are no Unicode would stop the page.
    known = text.encode("utf-8", "backslashreplace").decode("utf-8").replace(_MARK, "\ufffd")
    lines = "\\\n".join(_line(line) for line in re.split(r"\r\n|\r|\n", known.strip()))
    return _BREAK + lines if _ICON.match(lines) else lines  # an emoji would become the icon of a warning


def title(text: str) -> str:
    """The same for a heading, which is one line."""
    return literal(" ".join(text.split()))


def _line(line: str) -> str:
    words = line.lstrip()
    marked = _REPLACED.sub(lambda found: found.group() + _MARK, _SPACE.sub("\u00a0", words))
    escaped = _ORDER.sub(r"\1\\", _PUNCTUATION.sub(r"\\\g<0>", marked))
    return "\u00a0" * (len(line) - len(words)) + escaped.replace(_MARK, _BREAK)
