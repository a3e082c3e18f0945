"""The walk: fits of a task, from the file or made here, and over a square of the cube as a landscape."""

from __future__ import annotations

import streamlit as st

from core.adaptation.landscape import Mark, Square
from core.adaptation.trajectories import Walk
from core.manifold import LABELLED
from dashboard.figures import theme
from dashboard.figures.landscape import Ground, Track, landscape_figure
from dashboard.panels.manifold.shown import DASHES, ShownMap
from dashboard.text import manifold
from dashboard.widgets import charts

_SHOWN = {"loss": "loss (evidence)", "score": "score"}


def choose_step(walks: tuple[Walk, ...]) -> tuple[Walk, ...]:
    """Draw the scrubber; the walks up to the step that it shows."""
    longest = max((len(walk) for walk in walks), default=0)
    if longest < 2:
        return walks
    # The key holds the length: a slider that grows would keep its old end.
    step = st.slider(
        "Replay: steps of the fits that are shown", 0, longest - 1, longest - 1, key=f"manifold.step.{longest}"
    )
    return tuple(walk.until(step) for walk in walks)


def begin(shown: ShownMap) -> Square:
    """Draw what the fits say and what may be started; the square of the landscape."""
    if shown.walks:
        st.markdown(manifold.walked(shown.walks, shown.mapped.axes))
    if stored := shown.stored:
        st.caption(manifold.STORED_WALKS.format(labels=stored.labels, seed=stored.seed, date=stored.date))
    elif not shown.walks:
        st.info(manifold.NO_WALK)
    square = _square(shown)
    stream = shown.map_jobs.landscapes.get((shown.subject.name, square))
    fits = shown.map_jobs.fits.get(shown.subject.name)
    with st.container(horizontal=True, gap="small"):
        if not stored:
            st.button(
                "Fit from three seeds", key="manifold.fit", on_click=shown.map_jobs.fit,
                args=(shown.model, shown.subject), disabled=bool(fits and fits.running),
            )  # fmt: skip
        if not (stored and stored.square == square):
            st.button(
                f"Compute the landscape, {square.side} × {square.side}", key="manifold.square",
                on_click=shown.map_jobs.mark_square, args=(shown.model, shown.subject, square),
                disabled=bool(stream and stream.running),
            )  # fmt: skip
    return square


def render(shown: ShownMap, square: Square) -> None:
    """Draw the landscape, from the file or as far as it has been computed, with the fits on it."""
    stored, stream = shown.stored, shown.map_jobs.landscapes.get((shown.subject.name, square))
    kept = stored.landscape() if stored and stored.square == square else ()
    if kept or stream or shown.walks:
        _draw(shown, square, kept or (stream.found() if stream else ()))


def _square(shown: ShownMap) -> Square:
    names, kept = shown.mapped.axes, shown.stored.square if shown.stored else None
    with st.container(key="narrow-map-square"):
        across, up, fixed, fine = st.columns([3, 3, 4, 2])
    # The keys hold the task: each opens with the square that is stored of it.
    key = shown.subject.name
    with across:
        first = st.selectbox(
            "Across", names, kept.across if kept else 0, key=f"manifold.across.{key}", persist_state="session"
        )
    with up:
        rest = [name for name in names if name != first]
        other = rest.index(names[kept.up]) if kept and names[kept.up] in rest else 0
        second = st.selectbox("Up", rest, other, key=f"manifold.up.{key}", persist_state="session")
    ends = {f"the end of {walk.name}": walk.end for walk in shown.fits} | {
        f"descriptor {label}": values for label, values in shown.pinned().items()
    }
    with fixed:
        base = st.selectbox("Other coordinates as in", list(ends), key=f"manifold.base.{key}", persist_state="session")
    with fine:
        side = st.selectbox("Points per side", [5, 9, 13], index=1, key="manifold.side", persist_state="session")
    # Rounded, and 0 where it does not matter, so that the same square is found again.
    moved = {names.index(first), names.index(second)}
    fixed_at = tuple(0.0 if n in moved else round(value, 2) for n, value in enumerate(ends[base]))
    return Square(fixed_at, names.index(first), names.index(second), side)


def _draw(shown: ShownMap, square: Square, marks: tuple[Mark, ...]) -> None:
    loss = st.segmented_control(
        "Shown", list(_SHOWN), default="loss", key="manifold.shown", required=True, format_func=_SHOWN.__getitem__
    )  # fmt: skip
    names = (shown.mapped.axes[square.across], shown.mapped.axes[square.up])
    title = "loss, nats per label" if loss == "loss" else shown.subject.score
    ground = Ground(square.ticks, square.table([getattr(m, loss) for m in marks]), title, loss == "loss", names)
    tracks = [
        Track(walk.name, walk.points[:, [square.across, square.up]], DASHES[n % len(DASHES)])
        for n, walk in enumerate(shown.walks)
    ]
    said = f"{title} of {shown.subject.name} over {names[0]} and {names[1]}, with {len(tracks)} fits"
    figure = landscape_figure(ground, tracks, theme.palette(st.context.theme.type))
    with st.container(width=640):  # a square; in a wider place its scale would stand far away
        charts.plotly_chart(figure, key="manifold.landscape", theme=None, config={"displayModeBar": False}, alt=said)
    others = [
        f"{name} {value:.2f}"
        for n, (name, value) in enumerate(zip(shown.mapped.axes, square.base, strict=True))
        if n not in (square.across, square.up)
    ]
    noise = theme.percent(LABELLED**-0.5) if not shown.subject.regression else "a few hundredths"
    st.caption(manifold.LANDSCAPE_CAPTION.format(base=", ".join(others), count=LABELLED, noise=noise))
