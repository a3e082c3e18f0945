"""What the model must reach and what was measured of it, as a table."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.benchmark.bars import lines, stored
from dashboard.text import evidence as words
from dashboard.text.markdown import literal


def render(digest: str) -> None:
    """Draw the rows that were measured of a checkpoint, or say why there are none.

    Args:
        digest: of the checkpoint in use.
    """
    try:
        documents = {name: found for name, found in stored().items() if found.get("checkpoint") == digest}
        rows = lines(documents)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        st.warning(f"The stored measurements cannot be read ({literal(str(error))}). Make them anew: see the README.")
        return
    measured = [row for row in rows if row.mark != "–"]
    if not measured:
        st.info("Nothing was measured of this checkpoint. The README names the commands.")
        return
    frame = pd.DataFrame([{**asdict(row), "mark": words.MARKS[row.mark]} for row in measured])
    table = frame[list(words.HEAD)].rename(columns=words.HEAD)
    st.table(table, border="horizontal", hide_index=True)  # cells are Markdown, as the rows are
    reached = sum(row.mark != "✗" for row in measured)
    st.caption(words.BARS_HELP.format(reached=reached, measured=len(measured)))
