"""Names of rows tell the setup that they were fitted with, wherever they are carried; and the chart obeys ticks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adaptation import Step
from core.adaptation.objectives import OBJECTIVES
from core.baselines import Outcome
from dashboard.adapt.run_names import LONGEST, carried, renamed
from dashboard.adapt.runs import Setup
from dashboard.figures.fit_progress import Line, score_figure, time_to_target
from dashboard.figures.theme import LIGHT
from dashboard.jobs.snapshot import Snapshot
from dashboard.panels.adapt.fit import lines_of
from dashboard.panels.adapt.results import table

SETUPS = st.builds(
    Setup, st.just("t"), shots=st.integers(4, 100), seed=st.integers(0, 9999), objective=st.sampled_from(
        sorted(OBJECTIVES)
    ),
)  # fmt: skip
NAMES = st.sampled_from(["fit", "i=0.5", "by hand", "mine · yours", "seed 3", ""])


def name_of(name: str, *setups: Setup) -> str:
    row = Outcome(name, 0.5, 1.0, 3)
    for before, now in pairwise(setups):
        (row,) = carried([row], before, now)
    return row.method


@given(NAMES, SETUPS, SETUPS, SETUPS)
def test_only_where_a_row_comes_from_counts(name: str, first: Setup, between: Setup, last: Setup) -> None:
    assert name_of(name, first, between, last) == name_of(name, first, last)
    assert name_of(name, first, between, first) == name


def test_a_name_tells_what_differs_and_nothing_else() -> None:
    setup = Setup("t", 20, 0, "evidence")
    assert name_of("fit", setup, Setup("t", 8, 0, "evidence")) == "fit · 20 per class"
    assert name_of("fit", setup, Setup("t", 8, 3, "joint")) == "fit · 20 per class · seed 0 · fitted to evidence"


@given(NAMES, SETUPS, SETUPS)
def test_a_row_with_another_name_still_tells_where_it_comes_from(name: str, first: Setup, last: Setup) -> None:
    there = name_of(name, first, last)
    assert renamed(there, "mine") == "mine" + there[len(name) :]
    assert renamed(renamed(there, f"mine{there[len(name) :]}"), "x" * 99)[:LONGEST] == "x" * LONGEST
    assert renamed("fit", "mine · seed 7") == "mine", "what it does not come from cannot be claimed"
    assert renamed("fit", "") == "unnamed"


CURVE = ((0.5, 0.4), (2.0, 0.95))
ROWS = (
    Outcome("fit", 0.9, 2.0, 70, (1.0, 0.0), ((0.1, 0.2), (0.3, 0.8))),
    Outcome("scratch", 0.7, 2.0, 900, None, CURVE),
    Outcome("oracle", 0.8, 9.0, 64, (1.0, 1.0)),
)
STEPS = tuple(Step(n, 0, 1.0 - n, s, (0.5, 0.5), (0, 0), t) for n, (t, s) in enumerate(ROWS[0].curve))


def snapshot(*hidden: int) -> Snapshot:
    return Snapshot("done", STEPS, (0.5, 0.5), ROWS, hidden=frozenset(hidden))


@pytest.mark.parametrize(
    ("hidden", "names"),
    [((), ["this fit", "scratch 2"]), ((1,), ["this fit"]), ((0,), ["scratch 2"]), ((2,), ["this fit", "scratch 2"])],
)
def test_only_rows_with_a_tick_are_drawn_and_the_others_keep_their_colours(
    hidden: tuple[int, ...], names: list[str]
) -> None:
    figure = score_figure(lines_of(snapshot(*hidden)), 0.9, "accuracy", LIGHT)
    whole = {trace.name: trace.line.color for trace in score_figure(lines_of(snapshot()), 0.9, "a", LIGHT).data}
    assert [trace.name for trace in figure.data] == names
    assert all(trace.line.color == whole[trace.name] for trace in figure.data)


def test_the_target_is_a_line_and_has_a_time() -> None:
    lines = lines_of(snapshot())
    (mark,) = score_figure(lines, 0.85, "accuracy", LIGHT).layout.shapes
    assert mark.y0 == mark.y1 == 0.85
    assert time_to_target(lines[1], 0.85) == 2.0 and time_to_target(lines[1], 0.3) == 0.5
    assert time_to_target(Line("", *np.array(CURVE).T), 0.96) is None


def test_the_table_has_every_row_with_its_time_to_target() -> None:
    frame = table(snapshot(1), "accuracy", ["turn", "tint"], 0.75)
    assert list(frame["drawn"]) == [True, False, True] and list(frame["name"]) == ["fit", "scratch", "oracle"]
    assert list(frame["seconds to 75%"]) == ["0.30", "2.00", "not timed"]
    assert list(frame["descriptor"]) == ["turn 1, tint 0", "", "turn 1, tint 1"]
    assert list(table(snapshot(), "accuracy", ["turn", "tint"], 0.99)["seconds to 99%"])[:2] == ["not reached"] * 2
