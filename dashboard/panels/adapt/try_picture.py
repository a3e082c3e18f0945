"""A person's own pictures before the fitted classifier: what it calls them, how sure it is, what they are alike to."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from core import AmortisedExtractor
from core.adaptation.classifier import Answer
from core.adaptation.confidence import Reliability, reliability
from core.data.names import last
from core.tasks import Task
from dashboard import cache
from dashboard.adapt.setup import Run
from dashboard.encode import bytes_of
from dashboard.figures.bars import Bar, bars_html
from dashboard.figures.image_grid import Cell, pictures_html
from dashboard.figures.theme import percent
from dashboard.jobs.snapshot import Snapshot
from dashboard.text import classifier as words
from dashboard.text import labels
from dashboard.text.markdown import literal

_MB = 50
_BARS = 5


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the place for pictures, once there is a classifier, and what it says of those that are there."""
    seen = run.worker.snapshot()
    if seen.adapted is None or seen.outputs is None:
        return
    st.header(words.TRY, anchor=False)
    st.fragment(_part)(run, seen, model)


def _part(run: Run, seen: Snapshot, model: AmortisedExtractor) -> None:
    given = st.file_uploader(
        words.TRY_LABEL, key="adapt.try", accept_multiple_files=True, max_upload_size=_MB
    )  # fmt: skip
    if st.toggle("Use the camera", key="adapt.try.camera"):
        shot = st.camera_input(words.TRY_CAMERA, key="adapt.try.shot")
        given = [*([shot] if shot is not None else []), *given]
    if not given:
        return
    assert seen.adapted is not None and seen.outputs is not None
    task = run.worker.task
    try:
        with st.spinner(labels.PREPARING):
            found = cache.classifier(model, run.worker.kept, seen.adapted, seen.outputs)
    except ValueError as error:
        st.info(literal(str(error)))
        return
    sure = reliability(found.confidence, seen.outputs, task.test.targets) if found.confidence else None
    key = cache.fit_key(model, run.worker.kept, seen.adapted)
    for number, file in enumerate(given[: words.MOST_PICTURES]):
        try:
            pixels, answer = cache.answer(model, key, found, file.getvalue(), last(file.name))
        except ValueError as error:
            st.error(literal(str(error)))
            continue
        _picture(number, last(file.name), pixels, answer, task, sure)
    if len(given) > words.MOST_PICTURES:
        st.warning(literal(words.TOO_MANY.format(count=len(given), most=words.MOST_PICTURES)))
    st.caption(words.TRY_CAPTION if sure else words.TRY_NUMBER)
    if sure:
        st.caption(words.how_sure(sure))


def _picture(number: int, name: str, pixels: Tensor, answer: Answer, task: Task, sure: Reliability | None) -> None:
    with st.container(border=True, key=f"narrow-tried-{number}"):
        left, middle, right = st.columns([4, 6, 5])
    with left:
        st.html(pictures_html([Cell(bytes_of(pixels), f"{name}, as the network gets it", name)], 112))
        st.caption(words.GIVEN.format(side=pixels.shape[-1]))
    with middle:
        st.markdown(f"### {words.called(answer, task.classes)}")
        if answer.shares:
            st.html(bars_html(_bars(answer, task)))
            st.markdown(words.measured(answer, sure))
        if answer.strange:
            st.warning(words.STRANGE)
    with right:
        st.markdown(f"**{words.NEAREST}**")
        st.html(pictures_html([_near(each.row, each.similarity, task) for each in answer.near], 84))


def _bars(answer: Answer, task: Task) -> list[Bar]:
    """The likeliest classes, and all others together."""
    order = sorted(range(len(answer.shares)), key=lambda place: -answer.shares[place])
    some = order[:_BARS] if len(order) > _BARS + 1 else order
    bars = [Bar(task.classes[place], answer.shares[place], percent(answer.shares[place])) for place in some]
    if rest := order[len(some) :]:
        share = sum(answer.shares[place] for place in rest)
        bars.append(Bar(words.OTHERS.format(count=len(rest)), share, percent(share)))
    return bars


def _near(row: int, similarity: float, task: Task) -> Cell:
    target = task.labelled.targets[row]
    what = task.classes[int(target)] if task.classes else f"{float(target):+.2f}".replace("-", "−")
    pixels = task.labelled.at(slice(row, row + 1)).pixels[0]
    return Cell(bytes_of(pixels), f"Labelled {what}", f"{what} · {similarity:.2f} alike".replace("-", "−"))
