"""The promise in words and as a formula, its conditions, and the yardstick."""

from __future__ import annotations

import streamlit as st

from core.certificates.feature_bank import OURS, Row
from core.markdown import code
from dashboard.figures.theme import percent
from dashboard.panels.theory.shown import Reading
from dashboard.text import theory
from dashboard.text.markdown import bullets


def headline(reading: Reading) -> None:
    """The certificate of the fitted descriptor."""
    st.markdown(f"## {theory.verdict(_ours(reading).point)}")


def beside(reading: Reading) -> None:
    """The yardstick; how often the promise may fail, and whether fitting paid."""
    ours = _ours(reading)
    st.markdown(theory.yardstick(ours))
    sentences = [theory.surety(ours.point), theory.against_fixed(reading.rows), theory.telling(reading.rows)]
    st.markdown(" ".join(sentence for sentence in sentences if sentence))


def _ours(reading: Reading) -> Row:
    return next(row for row in reading.rows if row.point.method == OURS)


def render(reading: Reading) -> None:
    """Draw the formula and the conditions."""
    ours = _ours(reading)
    st.markdown(f"With probability {percent(1 - ours.point.delta)} at least,")
    st.latex(
        r"\mathrm{kl}\big(\hat R\,\big\|\,R\big)\le\frac{\mathrm{KL}+\ln\big(2\sqrt{n}\,J/\delta\big)}{n}"
    )  # fmt: skip
    st.markdown("and with the numbers of the fitted descriptor")
    st.latex(theory.formula(ours.point))
    st.latex(rf"R\le{ours.point.bound:.3f}")
    st.markdown(theory.MEANING)
    st.caption(theory.SOURCE)
    st.markdown("**It holds under these conditions.**")
    st.markdown(bullets(ours.conditions))
    for says in filter(None, (theory.alone(ours), theory.papers(reading.initial))):
        st.markdown(says)
    if ours.descriptor:
        names = [axis.name for axis in reading.model.transforms]
        where = ", ".join(f"{name} {value:g}" for name, value in zip(names, ours.descriptor, strict=True))
        st.caption(f"The fitted descriptor here: {where}.")
    if reading.stored and reading.survey:
        found = reading.survey
        other = " Any other draw is computed here." if reading.choice.here else ""
        st.caption(
            f"From assets/certificates.json, made on {found.date} by {code(found.command)}, "
            f"checkpoint {found.checkpoint}.{other}"
        )
    else:
        st.caption("Computed here, for this draw.")
