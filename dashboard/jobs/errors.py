"""What a thread beside the page says when it fails: nobody catches it, and a page must not wait for it forever."""

from __future__ import annotations

import logging

from core.data.names import shown

_EXPECTED = (RuntimeError, ValueError)
_LOG = logging.getLogger(__name__)


def told(error: Exception) -> str:
    """A sentence for the person; an error that nobody expected is also written to the terminal, with where it was."""
    if isinstance(error, _EXPECTED):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f"{shown(str(error.filename))} cannot" if error.filename else "A file could not"
        return f"{where} be read or written: {error.strerror}. Check that it is there and open to you."
    _LOG.error("A thread beside the page has failed.", exc_info=error)
    return f"An error that nobody expected: {type(error).__name__}: {error}. The terminal says where; please report it."
