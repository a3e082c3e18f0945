"""The parts of the page that move with the hand: plain scripts without a build step or a network.

``st.slider`` reports when it is let go, and a chart that Streamlit redraws arrives too late to be felt. So
the sliders stream to :mod:`dashboard.live.route`, and what is on the first screen draws the answers itself.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent


def _component(name: str, *scripts: str):
    js = "\n".join((_HERE / f"{each}.js").read_text(encoding="utf-8") for each in ("bus", *scripts, name))
    css = "\n".join((_HERE / f"{each}.css").read_text(encoding="utf-8") for each in ("base", name))
    html = f'<div class="{name}"></div>'
    return st.components.v2.component(f"hyperinvariances_{name}", html=html, css=css, js=js)


sliders = _component("sliders")
curves = _component("curves", "export")
neighbours = _component("neighbours", "strength", "walk")
filmstrip = _component("filmstrip")
lookup = _component("lookup")
guide = _component("guide")
tour = _component("tour")
confusion = _component("confusion")
projector = _component("projector")
dials = _component("dials")
again = _component("again")
