"""The first screen of a fit: buttons, six sliders that move by themselves, the verdict and what the score is worth."""

from __future__ import annotations

import time

import streamlit as st

from core import AmortisedExtractor
from core.adaptation.preferences import looked_at
from core.baselines import BY_HAND, Outcome, title_of
from core.tasks import Task
from dashboard import component
from dashboard.adapt import runs
from dashboard.adapt.setup import Run
from dashboard.classroom import session
from dashboard.figures.scoreboard import Kind, Mark, scoreboard_html
from dashboard.figures.theme import palette
from dashboard.jobs.snapshot import Snapshot
from dashboard.text import adapt
from dashboard.text.markdown import literal
from dashboard.widgets.following import following

_POLL_S = 0.4
_PLAY_PX = 84
_GOING = ("running", "paused")


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the part, and keep it up to date while something goes on."""
    names = tuple(axis.name for axis in model.transforms)
    run.worker.complete()
    with st.container(key="part-fit"):
        seen = run.worker.snapshot()
        active = _active(run, seen)
        following(_stage, "fit", seen.pause(_POLL_S) if active else None)(run, names, _drawn(run, seen))


def _active(run: Run, seen: Snapshot) -> bool:
    return run.worker.alive and (seen.status == "running" or bool(seen.busy or seen.waiting))


def _drawn(run: Run, seen: Snapshot) -> tuple[object, ...]:
    """What the rest of the page depends on: buttons, timers and tables."""
    slices = len(seen.slices) == len(run.worker.model.transforms)
    waits = bool(seen.place) and seen.status != "done"
    return (_active(run, seen), waits, seen.status, len(seen.outcomes), seen.by_hand, slices, bool(seen.steps))


def _buttons(run: Run, seen: Snapshot, said: str) -> None:
    worker, status = run.worker, seen.status
    with st.container(key="adapt-buttons", horizontal=True, gap="small", vertical_alignment="center"):
        goes = status == "running"
        st.button(  # one button of one width: what follows must not move away under the hand
            "Pause" if goes else "Play", key="adapt.play", type="primary", width=_PLAY_PX,
            on_click=worker.pause if goes else worker.play, disabled=status in ("done", "failed"),
        )  # fmt: skip
        going = status in _GOING or bool(seen.busy or seen.waiting)
        st.button("Stop", key="adapt.stop", on_click=worker.stop, disabled=not going)
        st.button(
            "Rewind", key="adapt.rewind", on_click=worker.rewind, disabled=status == "ready" and not seen.hand,
            shortcut=session.reset_key(),
        )  # fmt: skip
        if seen.hand and status not in _GOING:
            st.button("Fit the head alone here", key="adapt.by_hand", on_click=worker.by_hand, args=(seen.hand,))
            if seen.adapted:
                st.button("Let the fit go on from here", key="adapt.go_on", on_click=worker.go_on)
        st.markdown(said)


def _stage(run: Run, names: tuple[str, ...], drawn: tuple[object, ...]) -> None:
    runs.feel(run)
    seen = run.worker.snapshot()
    _buttons(run, seen, adapt.headline(seen, run.worker.task, [names[place] for place in sorted(seen.held)]))
    if seen.problem:
        st.error(literal(seen.problem))
    with st.container(key="narrow-stage"):
        left, right = st.columns([11, 9], gap="medium")
    with left, st.container(key="part-hand"):
        _dials(seen, names, seen.pause(_POLL_S) if _active(run, seen) else 0.0)
        with st.container(key="adapt-hand-hint"):
            st.caption(adapt.HAND)
    with right, st.container(key="adapt-card", border=True):
        _verdict(run, seen, names)
        _scores(seen, run.worker.task)
    # Only once all of it is drawn: what a part leaves out goes, and a busy server takes long to come back to it.
    if _drawn(run, seen) != drawn:
        st.rerun()  # the whole page: buttons and tables change, the timer comes or goes


def _dials(seen: Snapshot, names: tuple[str, ...], due: float) -> None:
    fitted = seen.adapted.descriptor if seen.adapted else None
    component.dials(
        key=runs.DIALS,
        data={
            "axes": names, "values": seen.hand or fitted or seen.descriptor, "fitted": fitted,
            "said": [adapt.beside(cut) for cut in seen.slices], "held": sorted(seen.held),
            "hand": seen.hand is not None, "ack": runs.heard(), "words": adapt.DIALS,
            "due": due, "said_at": time.time(),  # no two alike: the browser waits anew after each
        },
        default={"hand": None},
        on_hand_change=lambda: None,
    )  # fmt: skip


def _verdict(run: Run, seen: Snapshot, names: tuple[str, ...]) -> None:
    if seen.adapted is None:
        st.markdown(adapt.PLAY if seen.status == "ready" else adapt.NOT_YET)
    elif len(seen.slices) < len(names) and not seen.busy:
        st.markdown(adapt.UNCHECKED)
        st.button("Check it", key="adapt.check", on_click=run.worker.complete, kwargs={"again": True})
    elif len(seen.slices) < len(names):
        st.progress(len(seen.slices) / len(names), adapt.CHECKING.format(done=len(seen.slices), total=len(names)))
    else:
        told, by = adapt.verdict(seen.slices, looked_at(run.worker.task))
        st.markdown(f"**{literal(told)}** {literal(by)}")


def _scores(seen: Snapshot, task: Task) -> None:
    if seen.ours:
        st.markdown(adapt.worth(seen.ours, seen.rivals, task.regression))
    marks = [_mark("fitted sliders", seen.ours, task, "fit")] if seen.ours else []
    if not seen.ours and seen.steps:
        last = seen.steps[-1].score
        marks.append(Mark("so far, labelled", last, adapt.amount(last, task.regression), kind="going"))
    if seen.by_hand:
        marks.append(_mark(title_of(BY_HAND), seen.by_hand, task, "hand"))
    marks += [_mark(title_of(each.method), each, task, "simple") for each in seen.rivals]
    judged = seen.ours or seen.by_hand
    if judged and judged.majority is not None:
        marks.append(Mark("one class for all", judged.majority, adapt.amount(judged.majority, False)))
    if marks:
        st.html(scoreboard_html(marks, palette(st.context.theme.type)))


def _mark(name: str, outcome: Outcome, task: Task, kind: Kind) -> Mark:
    low, high = outcome.judged.interval or (None, None)
    return Mark(name, outcome.score, adapt.amount(outcome.score, task.regression), low, high, kind)
