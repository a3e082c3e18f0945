"""What one takes home or passes on: pictures, numbers, the view as a file, and the Python that computes it again."""

from __future__ import annotations

import io
from collections.abc import Callable

import streamlit as st

from core.inspect import grid
from dashboard import cache, encode, figures
from dashboard.classroom import session, settings
from dashboard.figures import theme
from dashboard.live import lineup, reproduce_code
from dashboard.live.measured import Shown
from dashboard.live.messages import as_json
from dashboard.session import files
from dashboard.session.settings import Choices
from dashboard.text import explore, labels
from dashboard.widgets.open_file import open_file


def render(shown: Shown) -> None:
    """Draw the downloads and the code."""
    st.markdown(labels.TAKEAWAY)
    with st.container(horizontal=True):
        _file("Filmstrip, PNG", "filmstrip.png", "image/png", lambda: _filmstrip(shown))
        _file("Line-up, PNG", "lineup.png", "image/png", lambda: _lineup(shown))
        _file("Numbers, CSV", "numbers.csv", "text/csv", lambda: _numbers(shown))
    _pass_on(shown)
    st.markdown("### The same with `core` alone")
    st.code(reproduce_code.code(shown), language="python", wrap_lines=True)


def _pass_on(shown: Shown) -> None:
    st.markdown("### Pass it on")
    st.caption(labels.PASS_ON)
    digest = shown.model.metadata["digest"]
    lesson = settings.encode(session.current()) if session.current().lesson else {}
    name = "Save this view and the lesson" if lesson else "Save this view"
    _file(name, "view.json", "application/json", lambda: files.view_file(shown.study, digest, lesson))
    layers = shown.model.backbone.layers
    open_file(Choices(tuple(cache.photographs()), shown.model.transforms, layers=layers), digest)


def _file(name: str, file: str, mime: str, make: Callable[[], str | bytes]) -> None:
    st.download_button(name, make, f"hyperinvariances-{file}", mime, key=f"save.{file}", on_click="ignore")


def _caption(shown: Shown, said: str) -> list[str]:
    return explore.caption(shown.picture.name, shown.study, shown.model.metadata, said)


def _filmstrip(shown: Shown) -> bytes:
    axis, strengths = shown.axis, grid.frame_strengths(shown.axis)
    photos = cache.photos(shown.picture, axis)
    rows = []
    for label, reading in shown.readings.items():
        values = as_json(shown.scene, reading)["similarity"]  # rounded once, for the page and the file alike
        cells = [
            figures.Cell(encode.bytes_of(pixels), "", explore.two(value))
            for pixels, value in zip(photos, values, strict=True)
        ]
        rows.append(figures.Row(f"similarity {label}", cells, theme.LIGHT.of(label)))
    said = explore.plain(lineup.moved(shown.scene, shown.readings))
    return figures.sheet_png([explore.strength(axis, value) for value in strengths], rows, _caption(shown, said))


def _lineup(shown: Shown) -> bytes:
    scene, count = shown.scene, grid.NEAREST
    tiles = cache.tiles(shown.picture, shown.axis, scene, shown.study.gallery)
    query = encode.bytes_of(cache.photos(shown.picture, shown.axis)[shown.study.at])
    rows = []
    for label, reading in shown.readings.items():
        near = as_json(scene, reading)["near"]
        cells = [figures.Cell(query, "", explore.short(shown.picture.name, shown.axis, scene.strength))]
        for number in reading.ranking.order[:count]:
            each = scene.candidates[number]
            alike = explore.two(near[number])
            below = f"{explore.short(each.name, shown.axis, each.strength)} {alike}"
            cells.append(figures.Cell(encode.bytes_of(tiles[number]), "", below))
        rows.append(figures.Row(f"under {label}", cells, theme.LIGHT.of(label)))
    columns = ["looking for", *(f"nearest {number + 1}" for number in range(count))]
    said = explore.plain(lineup.found(scene, shown.readings))
    return figures.sheet_png(columns, rows, _caption(shown, said))


def _numbers(shown: Shown) -> bytes:
    buffer = io.StringIO()
    reproduce_code.table(shown).to_csv(buffer, index=False)
    return buffer.getvalue().encode()
