"""What the fit can promise about new images, while it goes: its certificate, and when it holds."""

from __future__ import annotations

import streamlit as st

from core import AmortisedExtractor
from core.certificates.fit_certificate import LEVELS
from dashboard.adapt.setup import Run
from dashboard.text import adapt, theory
from dashboard.text.markdown import bullets, literal
from dashboard.widgets.following import following

_POLL_S = 2.0  # not faster: each certificate takes time from the fit, whose seconds are compared


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the panel; it follows a fit that goes on, and says before one what will stand there."""
    seen = run.worker.snapshot()
    going = run.worker.alive and (seen.status == "running" or bool(seen.busy))
    if not seen.steps and not going:
        st.caption(adapt.NO_PROMISE_YET)
        return
    st.header("What it can promise", anchor=False)
    waiting = run.worker.certificate_job.asked != _where(run) or run.worker.certificate_job.busy
    names = tuple(axis.name for axis in model.transforms)
    following(_show, "certificate", seen.pause(_POLL_S) if going or waiting else None)(run, names, going or waiting)


def _where(run: Run) -> tuple[float, ...]:
    """Where the fit stands, or has ended."""
    seen = run.worker.snapshot()
    return seen.adapted.descriptor if seen.adapted else seen.descriptor


def _show(run: Run, names: tuple[str, ...], polled: bool) -> None:
    promise = run.worker.certificate_job
    _said(run, names)
    seen = run.worker.snapshot()
    if polled and not (seen.status == "running" or seen.busy or promise.busy) and promise.asked == _where(run):
        st.rerun()  # the whole page, so that the timer goes away


def _said(run: Run, names: tuple[str, ...]) -> None:
    promise = run.worker.certificate_job
    found = promise.ask(_where(run))
    if promise.problem:
        st.caption(theory.NO_PROMISE.format(why=literal(promise.problem)))
        return
    if found is None:
        st.caption("Computing the certificate …")
        return
    certificate = found.certificate
    st.markdown(theory.fit_verdict(found))
    st.markdown(
        theory.PAID.format(step=1 / (LEVELS - 1), count=found.candidates, nats=certificate.kl.descriptor)
    )  # fmt: skip
    where = ", ".join(f"{name} {value:g}" for name, value in zip(names, found.descriptor, strict=True))
    st.caption(
        f"Rounded descriptor: {where}. "
        f"Error on the {certificate.n} certified images: {theory.share(certificate.gibbs)}."
    )
    with st.expander("When does it hold?", icon=":material/rule:"):
        st.markdown(bullets((*certificate.conditions, *found.about)))
