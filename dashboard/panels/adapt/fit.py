"""The fit while it goes: controls, streaming figures, and a hand on the descriptor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core import AmortisedExtractor
from core.baselines import Origin, baselines, title_of
from dashboard.adapt import runs
from dashboard.adapt.rows import line, line_of
from dashboard.adapt.setup import Run
from dashboard.classroom import session
from dashboard.figures.fit_progress import TARGET, Line, score_figure, traces_figure
from dashboard.figures.theme import palette
from dashboard.jobs.snapshot import Snapshot
from dashboard.text import labels
from dashboard.text.markdown import literal
from dashboard.widgets import charts, glossary

_POLL_S = 0.4
_POINTS = 300
_PACES = {"slow": 1.0, "medium": 0.2, "fast": 0.0}
_CHART = {"displayModeBar": False}


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the controls, and below them what a poll keeps up to date."""
    names = [axis.name for axis in model.transforms]
    with st.container(key="part-fit"):
        _fit(run, names)
    with st.container(key="part-hand"):
        _by_hand(run, names)


def _fit(run: Run, names: list[str]) -> None:
    _controls(run)
    seen = run.worker.snapshot()
    active = run.worker.alive and (seen.status == "running" or bool(seen.busy))
    st.fragment(_stream, run_every=_POLL_S if active else None)(run, names, len(seen.outcomes), active)


def _controls(run: Run) -> None:
    worker = run.worker
    seen = worker.snapshot()
    status = seen.status
    ended = status in ("done", "stopped", "failed")
    going = status in ("running", "paused") or bool(seen.busy)
    with st.container(horizontal=True, gap="small"):
        st.button("Play", key="adapt.play", type="primary", on_click=worker.play, disabled=ended or status == "running")
        st.button("Pause", key="adapt.pause", on_click=worker.pause, disabled=status != "running")
        st.button("Step", key="adapt.step", on_click=worker.play, args=(1,), disabled=ended or status == "running")
        st.button("Stop", key="adapt.stop", on_click=worker.stop, disabled=not going)
        st.button(
            "Rewind", key="adapt.rewind", on_click=worker.rewind, disabled=not seen.steps and not ended,
            shortcut=session.reset_key(),
        )  # fmt: skip
        pace = st.segmented_control(
            "Speed", list(_PACES), default="fast", key="adapt.pace", required=True, label_visibility="collapsed"
        )
    worker.pace(_PACES[pace])
    with st.container(key="narrow-choices-baselines"):
        choose, go, aim = st.columns([4, 2, 3], vertical_alignment="bottom")
    offered = baselines(worker.model)
    with choose:
        chosen = st.multiselect(
            "Baselines with the same images", [each.name for each in offered], key="adapt.baselines",
            format_func=title_of, placeholder="Each becomes a line and a row",
        )  # fmt: skip
    with go:
        st.button(
            "Run the baselines", key="adapt.run_baselines", on_click=_queue, args=(run, chosen), disabled=not chosen
        )
    with aim:
        st.slider("Target", 0.0, 1.0, TARGET, 0.01, key="adapt.target")
    glossary.render("What are these baselines?", {each.title: each.sentence for each in offered})


def _queue(run: Run, names: list[str]) -> None:
    for name in names:
        run.worker.baseline(name)


def _stream(run: Run, names: list[str], known: int, active: bool) -> None:
    seen = run.worker.snapshot()
    if active and (not (seen.status == "running" or seen.busy) or len(seen.outcomes) != known):
        st.rerun()  # the whole page: buttons change, the table grows, the timer goes away
    st.markdown(_headline(seen))
    if seen.problem:
        st.error(literal(seen.problem))
    if not seen.steps and not seen.outcomes:
        return
    with st.container(key="narrow-charts-scores"):
        scores, loss = st.columns(2) if seen.steps else (st.container(), None)
    with scores:
        _scores(run, seen)
    if loss is None:
        return
    with loss:
        _traces(seen, "loss", ("loss",), f"loss ({run.worker.settings.objective})")
        st.caption(labels.SEE_LOSS)
    with st.container(key="narrow-charts-traces"):
        left, right = st.columns(2)
    with left:
        _traces(seen, "descriptor", names, "descriptor: 0 keeps, 1 ignores")
    with right:
        _traces(seen, "gradient", names, "gradient of the loss")
    st.caption(f"{labels.SEE_TRACES} {labels.SEE_GRADIENTS}")


def _scores(run: Run, seen: Snapshot) -> None:
    figure = score_figure(
        lines_of(seen, run.setup.origin), runs.target(), run.worker.task.score_name, palette(st.context.theme.type)
    )  # fmt: skip
    charts.plotly_chart(
        figure, key="adapt.scores", theme=None, config=_CHART,
        alt="Held-out score of the fit and of the baselines over time",
    )  # fmt: skip
    st.caption(labels.SEE_SCORES.format(target=runs.target()))


def _traces(seen: Snapshot, field: str, names: Sequence[str], title: str) -> None:
    rows = np.unique(np.linspace(0, len(seen.steps) - 1, _POINTS).astype(int))
    values = np.array([getattr(seen.steps[row], field) for row in rows]).reshape(len(rows), len(names))
    colours = palette(st.context.theme.type)
    figure = traces_figure(values, names, title, colours, unit=field == "descriptor")
    charts.plotly_chart(figure, key=f"adapt.{field}", theme=None, config=_CHART, alt=f"{title}, over steps")


def lines_of(seen: Snapshot, now: Origin) -> list[Line]:
    """The present run and all outcomes as lines; the run of an outcome is not drawn twice."""
    curve = tuple((step.seconds, step.score) for step in seen.steps)
    ended = {place for place, each in enumerate(seen.outcomes) if curve and each.curve[: len(curve)] == curve}
    whole = max((seen.outcomes[place].curve for place in ended), key=len, default=curve)
    rest = [
        line(each, place, now, place not in seen.hidden)
        for place, each in enumerate(seen.outcomes)
        if each.curve and place not in ended
    ]
    return [line_of("this fit", whole, not ended & seen.hidden), *rest]


def _headline(seen: Snapshot) -> str:
    words = {
        "ready": "Ready. Press Play.", "running": "Fitting …", "paused": "Paused.", "done": "Done.",
        "stopped": "Stopped. Rewind to start again.", "failed": "Stopped by an error. Rewind to start again.",
    }  # fmt: skip
    said = [f"**{words[seen.status]}**"]
    if seen.steps:
        last = seen.steps[-1]
        loss = f"{last.loss:.4f}".replace("-", "−")
        said.append(f"Step {len(seen.steps)}, loss {loss}, held-out score {last.score:.3f}, {last.seconds:.1f} s.")
    if seen.busy:
        said.append(f"{literal(seen.busy[0].upper() + seen.busy[1:])} …")
    return " ".join(said)


def _by_hand(run: Run, names: list[str]) -> None:
    with st.expander("Take the descriptor into your own hand", icon=":material/pan_tool:"):
        st.caption(
            "While a fit runs, moving a slider puts that coordinate there; let go and the fit goes on from it. "
            "Or beat the optimiser: choose all sliders, fit the head alone, and compare the rows."
        )
        columns = st.columns(min(len(names), 3))
        for place, name in enumerate(names):
            with columns[place % len(columns)]:
                st.slider(
                    name, 0.0, 1.0, 0.5, 0.05, key=f"adapt.hand.{place}", on_change=runs.grab, args=(run, place)
                )  # fmt: skip
        st.button("Fit the head alone here", key="adapt.by_hand", on_click=_hand_in, args=(run, len(names)))


def _hand_in(run: Run, count: int) -> None:
    run.worker.by_hand(runs.held(count))
