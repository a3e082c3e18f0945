"""The manifold page's figures as pure functions: every point in its place, grey where nothing is claimed."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.figures.colour_scale import STEPS, coloured
from dashboard.figures.cube import Line, cube_figure
from dashboard.figures.landscape import Ground, Track, landscape_figure
from dashboard.figures.map import POINTS, Cloud, Overlay, Way, map_figure
from dashboard.figures.route import route_figure
from dashboard.figures.theme import DARK, LIGHT, Palette

NAMES = ("one", "two", "three")


def cloud(dimensions: int = 2, chosen: int = 6, known: int = 6) -> Cloud:
    spots = np.random.default_rng(0).random((6, dimensions))
    values = np.where(np.arange(6) < known, np.linspace(0, 1, 6), np.nan)
    return Cloud(
        spots, np.array([[0, 1], [2, 5]]), values, "share", (0.0, 1.0), np.arange(6) < chosen, "%{customdata[0]}",
        np.zeros((6, 2)),
    )  # fmt: skip


def names(figure: go.Figure) -> list[str]:
    return [trace.name for trace in figure.data if trace.showlegend is not False]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_points_keep_their_order_so_that_a_click_finds_its_row(dimensions: int, colours: Palette) -> None:
    given = cloud(dimensions)
    way = Way("walk", given.positions[:3], colours.ink, "dash", marked=True)
    figure = map_figure(given, Overlay({"A": given.positions[0]}, [way]), ("x", "y"), "r", colours)
    points = figure.data[POINTS]
    assert points.name == "points" and np.array_equal(points.x, given.positions[:, 0])
    assert names(figure) == ["differ in one coordinate", "walk"], "A is labelled where it lies"
    assert len({trace.type for trace in figure.data}) == 1
    assert figure.data[-2].marker.symbol[0] == "circle-open" and figure.data[-2].marker.symbol[-1] != "circle"


@pytest.mark.parametrize("chosen, known", [(4, 6), (6, 4)])
def test_points_that_are_not_chosen_or_not_known_are_grey_and_stay(chosen: int, known: int) -> None:
    figure = map_figure(cloud(2, chosen, known), Overlay(), ("x", "y"), "r", LIGHT)
    colours = figure.data[POINTS].marker.color
    assert len(colours) == 6 and colours[4] == colours[5]
    channels = [int(colours[4][n : n + 2], 16) for n in (1, 3, 5)]
    assert max(channels) - min(channels) < 10, "grey"
    assert len(set(colours[:4])) == 4 and "not selected or not known" in names(figure)


def test_edges_join_the_points_they_name() -> None:
    given = cloud()
    edges = map_figure(given, Overlay(), ("x", "y"), "r", LIGHT).data[0]
    assert np.array_equal(edges.x[[0, 1, 3, 4]], given.positions[[0, 1, 2, 5], 0]) and np.isnan(edges.x[[2, 5]]).all()


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_edges_in_space_are_opaque_and_stand_out_from_the_page(colours: Palette) -> None:
    """WebGL draws lines white that let the page shine through."""
    colour = map_figure(cloud(3), Overlay(), ("x", "y"), "r", colours).data[0].line.color
    assert re.fullmatch("#[0-9A-F]{6}", colour) and colour not in (colours.surface, colours.quiet)


def test_the_scale_grows_lighter_and_its_ends_hold() -> None:
    def lightness(colour: str) -> float:
        return float(np.dot([int(part) for part in colour[4:-1].split(",")], (0.3, 0.59, 0.11)))

    ramp = [lightness(colour) for colour in coloured(np.linspace(0, 1, 12), 0, 1)]
    assert (np.diff(ramp) > 0).all()
    assert coloured(np.array([-5.0, 9.0]), 0, 1) == [STEPS[0][1], STEPS[-1][1]]
    assert coloured(np.array([np.nan, 1.0]), 1, 1)[0] == STEPS[0][1]


def test_the_cube_shows_coordinates_exactly() -> None:
    figure = cube_figure([Line("A", (0.0, 0.25, 1.0), LIGHT.a)], NAMES, LIGHT)
    assert list(figure.data[0].y) == [0.0, 0.25, 1.0] and list(figure.data[0].x) == list(NAMES)


def test_the_route_has_a_chart_per_transformation_that_ends_in_a_and_b() -> None:
    movement = np.linspace([0, 1, 0.5], [1, 0, 0.5], 5)
    figure = route_figure(np.linspace(0, 1, 5), movement, NAMES, LIGHT)
    assert len(figure.data) == 9 and [note.text for note in figure.layout.annotations] == list(NAMES)
    assert figure.data[1].y == (0.0,) and figure.data[1].marker.color == LIGHT.a
    assert figure.data[2].y == (1.0,) and figure.data[2].marker.color == LIGHT.b


def test_a_landscape_is_bright_where_it_is_good_and_shows_what_is_there() -> None:
    table = np.array([[0.1, np.nan], [np.nan, np.nan]])
    ticks = np.array([0.0, 1.0])
    loss = landscape_figure(Ground(ticks, table, "loss", True, ("one", "two")), [], LIGHT)
    assert loss.data[0].reversescale and loss.data[0].showscale and loss.layout.xaxis.title.text.startswith("one")
    tracks = [Track("a", np.array([[0.5, 0.5], [1.0, 0.0]]), "dash")]
    score = landscape_figure(Ground(ticks, table * np.nan, "score", False, ("one", "two")), tracks, LIGHT)
    assert not score.data[0].reversescale and not score.data[0].showscale
    assert [trace.name for trace in score.data if trace.showlegend] == ["a"]
