"""Where the classifier is wrong: what test pictures of each class were called, and the pictures of a cell."""

from __future__ import annotations

from typing import Any

import streamlit as st
from torch import Tensor

from core import AmortisedExtractor
from core.adaptation.confidence import Confidence
from core.tasks import Task
from dashboard import cache, component
from dashboard.adapt.misclassified import (
    ConfusionTable,
    Line,
    confusion,
    confusion_table,
    in_cell,
    mistakes,
    name_of,
    picture_of,
    shares_in,
    test_picture,
)
from dashboard.adapt.setup import Run
from dashboard.encode import bytes_of
from dashboard.figures.image_grid import Cell, pictures_html
from dashboard.figures.theme import percent
from dashboard.session import state
from dashboard.text import classifier as words

KEY = "adapt.confusion"
_MOST = 24


def render(run: Run, model: AmortisedExtractor) -> None:
    """Draw the panel, once there is an end."""
    seen = run.worker.snapshot()
    if seen.adapted is None or seen.outputs is None:
        return
    st.header(words.WRONG, anchor=False)
    task, outputs = run.worker.task, seen.outputs
    if task.regression:
        _worst(task, outputs)
        return
    try:
        sure = cache.classifier(model, run.worker.kept, seen.adapted, outputs).confidence
    except ValueError:  # of another network: the counts are those of the file, confidences there are none
        sure = None
    st.fragment(_table)(run, outputs, sure)


def _table(run: Run, outputs: Tensor, sure: Confidence | None) -> None:
    task = run.worker.task  # not handed over: Streamlit keeps what a part is drawn from, and the images go to disk
    table = confusion_table(confusion(task, outputs))
    if len(table.classes) < len(task.classes):
        st.caption(words.FEWER_CLASSES.format(count=len(task.classes), shown=len(table.classes)))
    names = [task.classes[place] for place in table.classes]
    columns = names + ([words.ELSE] if len(table.lines[0].cells) > len(names) else [])
    chosen = chosen_cell(state.reported(KEY, "cell"), table)
    data = {
        "rows": [_line(line, place, task) for place, line in enumerate(table.lines)],
        "columns": columns,
        "chosen": chosen,
        "words": words.CONFUSION,
    }
    component.confusion(key=KEY, data=data, on_cell_change=_nothing)
    st.caption(words.CONFUSION_CAPTION)
    if chosen is None:
        _worst(task, outputs)
        return
    row, column = chosen
    truth = table.classes[row]
    rows = in_cell(task, outputs, truth, table.called(column, len(task.classes)))
    some = rows[:_MOST]
    st.markdown(words.cell(len(rows), task.classes[truth], columns[column], len(some)))
    shares = shares_in(some, outputs, sure) if sure else [None] * len(some)
    named = outputs.argmax(1)
    cells = []
    for each, share in zip(some, shares, strict=True):
        called = "" if column < len(names) else f" · {task.classes[named[each]]}"
        below = f"{name_of(task, each)}{called}" + ("" if share is None else f" · {percent(share)} sure")
        cells.append(Cell(bytes_of(test_picture(task, each)), f"Is {task.classes[truth]}: {below}", below))
    st.html(pictures_html(cells))


def _nothing() -> None:
    """The cell is read when the part is drawn."""


def _line(line: Line, right: int, task: Task) -> dict[str, Any]:
    span = line.interval
    return {
        "name": task.classes[line.truth],
        "cells": line.cells,
        "right": right,
        "count": line.count,
        "recall": percent(line.right / line.count) if line.count else "–",
        "interval": "" if span is None else f"({100 * span[0]:.0f} to {percent(span[1])})",
    }


def chosen_cell(said: Any, table: ConfusionTable) -> tuple[int, int] | None:
    """Row and column of a cell, as the browser says it; ``None`` for anything that is no cell with pictures."""
    if not (isinstance(said, list) and len(said) == 2 and all(type(each) is int for each in said)):
        return None
    row, column = said
    if not (0 <= row < len(table.lines) and 0 <= column < len(table.lines[row].cells)):
        return None
    return (row, column) if table.lines[row].cells[column] else None


def _worst(task: Task, outputs: Tensor) -> None:
    found = mistakes(task, outputs)
    if not found:
        st.markdown(words.RIGHT)
        return
    st.caption(words.WORST)
    cells = [Cell(bytes_of(picture_of(task, each)), each.said, each.said) for each in found]
    st.html(pictures_html(cells))
