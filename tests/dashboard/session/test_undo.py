"""Undo and redo against a plain list and a position."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from dashboard.session.undo import DEPTH, History

verbs = some.lists(some.sampled_from(["undo", "redo"]) | some.integers(0, 5), max_size=60)


@given(verbs)
def test_it_behaves_like_a_list_and_a_position(moves: list[str | int]) -> None:
    history: History[str | int] = History(0)
    values: list[str | int] = [0]
    at = 0
    for move in moves:
        if move == "undo":
            history, at = history.undo(), max(at - 1, 0)
        elif move == "redo":
            history, at = history.redo(), min(at + 1, len(values) - 1)
        elif move != values[at]:
            values, at = [*values[: at + 1], move], at + 1
            history = history.push(move)
        else:
            history = history.push(move)
        assert history.present == values[at]
        assert (bool(history.past), bool(history.future)) == (at > 0, at < len(values) - 1)


def test_it_is_bounded() -> None:
    history = History(0)
    for value in range(1, 3 * DEPTH):
        history = history.push(value)
    assert len(history.past) == DEPTH and history.undo().present == 3 * DEPTH - 2


def test_amending_is_no_step() -> None:
    assert History(0).push(1).amend(2).undo().present == 0
