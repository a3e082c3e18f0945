"""How the fit went, for those who want to see it: scores beside baselines, the sliders, the gradient and the loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core import AmortisedExtractor
from core.baselines import OURS, Origin, baselines, title_of
from dashboard.adapt import runs
from dashboard.adapt.rows import line, line_of
from dashboard.adapt.setup import Run
from dashboard.figures.fit_progress import TARGET, Chosen, Line, score_figure, traces_figure
from dashboard.figures.theme import palette
from dashboard.jobs.snapshot import Snapshot
from dashboard.text import adapt, labels
from dashboard.widgets import charts, glossary
from dashboard.widgets.following import following

_POLL_S = 2.0  # the sliders above are what is watched
_POINTS = 300
_CHART = {"displayModeBar": False}


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the panel; it follows a fit that goes on."""
    _baselines(run, model)
    active, names = run.worker.working, [axis.name for axis in model.transforms]
    pause = run.worker.snapshot().pause(_POLL_S)
    following(_follow, "course", pause if active else None)(run, names, active)


def _baselines(run: Run, model: AmortisedExtractor) -> None:
    offered = baselines(model)
    with st.container(key="narrow-choices-baselines"):
        choose, go, aim = st.columns([4, 2, 3], vertical_alignment="bottom")
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


def _follow(run: Run, names: list[str], active: bool) -> None:
    _charts(run, names)
    if active and not run.worker.working:
        st.rerun()  # the whole page, so that the timer goes away


def _charts(run: Run, names: list[str]) -> None:
    seen = run.worker.snapshot()
    if not seen.steps and not seen.outcomes:
        st.caption(adapt.NO_COURSE)
        return
    with st.container(key="narrow-charts-scores"):
        left, right = st.columns(2) if seen.steps else (st.container(), None)
    with left:
        _scores(run, seen)
    if right is None:
        return
    with right:
        _traces(seen, "descriptor", names, "descriptor: 0 keeps, 1 ignores")
        st.caption(_see_descriptor(seen))
    with st.container(key="narrow-charts-traces"):
        left, right = st.columns(2)
    with left:
        _traces(seen, "gradient", names, "gradient of the loss")
        st.caption(labels.SEE_GRADIENTS)
    with right:
        _traces(seen, "loss", ("loss",), f"loss ({run.worker.settings.objective})")
        st.caption(labels.SEE_LOSS)


def _see_descriptor(seen: Snapshot) -> str:
    if seen.adapted is None:
        return labels.SEE_TRACES
    rounded = seen.adapted.descriptor != seen.adapted.unsnapped
    return f"{labels.SEE_TRACES} {adapt.SEE_CHOSEN if rounded else adapt.SEE_UNROUNDED}"


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
    chosen = None
    if field == "descriptor" and seen.adapted is not None:
        values, rows = np.vstack([values, seen.descriptor]), np.append(rows, len(seen.steps))
        chosen = Chosen(seen.adapted.unsnapped, seen.adapted.descriptor)
    figure = traces_figure(
        values, names, title, palette(st.context.theme.type), unit=field == "descriptor", steps=rows, chosen=chosen
    )
    charts.plotly_chart(figure, key=f"adapt.{field}", theme=None, config=_CHART, alt=f"{title}, over steps")


def lines_of(seen: Snapshot, now: Origin) -> list[Line]:
    """The present run and all outcomes as lines; the run of an outcome is not drawn twice."""
    curve = tuple((step.seconds, step.score) for step in seen.steps)
    ended = {place for place, each in enumerate(seen.outcomes) if curve and each.curve[: len(curve)] == curve}
    whole = max((seen.outcomes[place].curve for place in ended), key=len, default=curve)
    rest = [
        line(each, now, seen.outcomes, place not in seen.hidden)
        for place, each in enumerate(seen.outcomes)
        if each.curve and place not in ended
    ]
    return [line_of("this fit", whole, not ended & seen.hidden, OURS), *rest]
