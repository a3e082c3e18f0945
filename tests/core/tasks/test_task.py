"""Labelled images of both parts together: the same rows as a copy would be, and no copy where none is needed."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from core.tasks.task import concatenated


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_two_parts_are_what_joining_copies_of_them_gives(begin: int, first: int, gap: int, second: int) -> None:
    rows = torch.arange(3 * 24, dtype=torch.uint8).view(24, 3)
    one = rows[begin : begin + first]
    other = rows[begin + first + gap : begin + first + gap + second]
    found = concatenated(one, other)
    assert torch.equal(found, torch.cat([one, other]))
    if first and second:
        assert (found.data_ptr() == one.data_ptr()) == (gap == 0)


def test_parts_that_only_look_as_if_they_followed_each_other_are_copied() -> None:
    rows = torch.arange(24.0).view(8, 3)
    assert torch.equal(concatenated(rows[:4].clone(), rows[4:]), rows)
    strided = rows[:, :2]
    assert torch.equal(concatenated(strided[:4], strided[4:]), strided)
    every = rows[::2]
    assert torch.equal(concatenated(every[:2], every[2:]), every)
    assert torch.equal(concatenated(rows[4:], rows[:4]), torch.cat([rows[4:], rows[:4]]))
