"""Trust it or not: the marks of every layout, side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.figures import theme
from dashboard.panels.manifold.shown import ShownMap
from dashboard.text import manifold


def render(shown: ShownMap) -> None:
    """Draw the table and what PCA leaves out."""
    rows = [
        {
            "projection": manifold.METHODS[layout.method],
            "dimensions": str(layout.dimensions),
            "seed": str(layout.seed) if layout.method == "umap" else "",
            "trustworthiness": layout.trust.trustworthiness,
            "continuity": layout.trust.continuity,
            "Shepard correlation": layout.trust.shepard,
        }
        for layout in shown.mapped.layouts
    ]
    marks = {
        name: st.column_config.NumberColumn(format="%.3f")
        for name in ("trustworthiness", "continuity", "Shepard correlation")
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=marks, key="manifold.marks")
    st.markdown(manifold.explained(shown.mapped.explained.tolist()))
    st.caption(manifold.MARKS.format(held=theme.percent(float(shown.mapped.explained.sum()))))
