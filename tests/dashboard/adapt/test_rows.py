"""Rows of the table of runs keep what they were fitted with, wherever they are carried; and the chart obeys ticks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adaptation import Step
from core.adaptation.objectives import OBJECTIVES
from core.baselines import Origin, Outcome, called
from dashboard.adapt.rows import LONGEST, carried, label, name_from, unlike
from dashboard.figures.fit_progress import Line, score_figure, time_to_target
from dashboard.figures.theme import LIGHT
from dashboard.jobs.snapshot import Snapshot
from dashboard.panels.adapt.course import lines_of
from dashboard.panels.adapt.results import table

ORIGINS = st.builds(Origin, st.integers(4, 100), st.integers(0, 9999), st.sampled_from(sorted(OBJECTIVES)))
NOW = Origin(20, 0, "evidence")


@given(ORIGINS, ORIGINS, ORIGINS)
def test_only_where_a_row_comes_from_counts(first: Origin, between: Origin, last: Origin) -> None:
    row = Outcome("ours", 0.5, 1.0, 3)
    (there,) = carried(carried([row], first), between)
    assert unlike(there, last) == first.unlike(last) and unlike(there, first) == "" == unlike(row, last)


def test_a_row_is_called_what_a_person_wants_and_still_tells_where_it_comes_from() -> None:
    row = Outcome("finetune", 0.5, 1.0, 3, origin=Origin(8, 3, "joint"))
    told = "(8 per class, seed 3, fitted to joint)"
    assert called(row) == "fine-tuning" and label(row, NOW) == f"fine-tuning {told}"
    named = Outcome("finetune", 0.5, 1.0, 3, name=name_from(f" {'x' * 99} "), origin=row.origin)
    assert called(named) == "x" * LONGEST and label(named, NOW).endswith(told)
    other, again = replace(row, origin=None), replace(row, score=0.6)
    assert label(other, NOW, [row, other]) == "fine-tuning", "its origin tells it from the other one"
    assert [label(each, NOW, [row, other, again]) for each in (row, again)] == [
        f"fine-tuning, row {place} {told}" for place in (1, 3)
    ], "and where nothing does, its place in the table"
    assert name_from("  ") == "", "and is called as its method again"


CURVE = ((0.5, 0.4), (2.0, 0.95))
ROWS = (
    Outcome("ours", 0.9, 2.0, 70, (1.0, 0.0), ((0.1, 0.2), (0.3, 0.8), (0.4, 0.85))),
    Outcome("scratch", 0.7, 2.0, 900, None, CURVE),
    Outcome("oracle", 0.8, 9.0, 64, (1.0, 1.0)),
)
STEPS = tuple(Step(n, 0, 1.0 - n, s, (0.5, 0.5), (0, 0), t) for n, (t, s) in enumerate(ROWS[0].curve[:-1]))


def snapshot(*hidden: int) -> Snapshot:
    return Snapshot("done", STEPS, (0.5, 0.5), ROWS, hidden=frozenset(hidden))


@pytest.mark.parametrize(
    ("hidden", "names"),
    [
        ((), ["this fit", "from scratch"]),
        ((1,), ["this fit"]),
        ((0,), ["from scratch"]),
        ((2,), ["this fit", "from scratch"]),
    ],
)
def test_only_rows_with_a_tick_are_drawn_and_the_others_keep_their_colours(
    hidden: tuple[int, ...], names: list[str]
) -> None:
    figure = score_figure(lines_of(snapshot(*hidden), NOW), 0.9, "accuracy", LIGHT)
    whole = {trace.name: trace.line.color for trace in score_figure(lines_of(snapshot(), NOW), 0.9, "a", LIGHT).data}
    assert [trace.name for trace in figure.data] == names
    assert all(trace.line.color == whole[trace.name] for trace in figure.data)


def test_the_target_is_a_line_and_has_a_time() -> None:
    lines = lines_of(snapshot(), NOW)
    (mark,) = score_figure(lines, 0.85, "accuracy", LIGHT).layout.shapes
    assert mark.y0 == mark.y1 == 0.85
    assert time_to_target(lines[1], 0.85) == 2.0 and time_to_target(lines[1], 0.3) == 0.5
    assert time_to_target(Line("", *np.array(CURVE).T), 0.96) is None


def test_the_table_has_every_row_with_its_time_to_target() -> None:
    frame = table(snapshot(1), "accuracy", ["turn", "tint"], 0.75, NOW)
    assert list(frame["drawn"]) == [True, False, True] and list(frame["name"]) == [
        "fitted descriptor",
        "from scratch",
        "oracle",
    ]
    assert "fitted with" not in frame, "as long as it is the same for all"
    assert list(frame["seconds to 75%"]) == ["0.30", "2.00", "not timed"]
    assert list(frame["descriptor"]) == ["turn 1.00, tint 0.00", "", "turn 1.00, tint 1.00"]
    assert list(table(snapshot(), "accuracy", ["turn", "tint"], 0.99, NOW)["seconds to 99%"])[:2] == ["not reached"] * 2
    other = Snapshot("done", STEPS, (0.5, 0.5), carried(ROWS[:1], Origin(8, 0, "evidence")) + ROWS[1:])
    assert list(table(other, "accuracy", ["turn", "tint"], 0.5, NOW)["fitted with"]) == ["8 per class", "", ""]


def test_a_fit_that_has_ended_is_one_line_up_to_its_end() -> None:
    (line, *_) = lines_of(snapshot(), NOW)
    assert line.seconds.tolist() == [0.1, 0.3, 0.4] and line.scores[-1] == 0.85
    going = Snapshot("running", STEPS, (0.5, 0.5), ROWS[1:])
    assert lines_of(going, NOW)[0].seconds.tolist() == [0.1, 0.3]
    assert lines_of(Snapshot("ready", (), (0.5, 0.5), ()), NOW)[0].seconds.tolist() == []
