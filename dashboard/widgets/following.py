"""A part of a page that follows what goes on elsewhere: it asks again once its last answer is there, and not before.

Streamlit's own timer asks at its beat, answered or not. Thirty pages that do so ask for more than one server answers;
its answers then wait in line and take longest of all to look through, and the pages go on asking when nothing is
computed any more. A page that waits for its answer slows down with the server instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from dashboard import component

P = ParamSpec("P")


def following(part: Callable[P, None], key: str, seconds: float | None) -> Callable[P, None]:
    """A fragment.

    Args:
        part: draws it.
        key: of the part.
        seconds: from an answer to the next question; ``None`` asks for nothing.
    """

    @wraps(part)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        part(*args, **kwargs)
        if seconds:
            component.again(
                key=f"again.{key}", data={"due": seconds, "said_at": time.time()}, default={"again": None},
                on_again_change=lambda: None,
            )  # fmt: skip

    return st.fragment(drawn)
