"""Undo and redo: a value with its past and its future."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

DEPTH = 200

T = TypeVar("T")


@dataclass(frozen=True)
class History(Generic[T]):
    """Immutable; every verb returns a new history.

    Attributes:
        present: the current value.
        past: older values, the latest last; at most :data:`DEPTH`.
        future: values that were undone, the next one last.
    """

    present: T
    past: tuple[T, ...] = ()
    future: tuple[T, ...] = ()

    def push(self, value: T) -> History[T]:
        """Make a value the present one; what was undone is forgotten."""
        if value == self.present:
            return self
        return History(value, (*self.past, self.present)[-DEPTH:])

    def amend(self, value: T) -> History[T]:
        """Replace the present value without a step."""
        return History(value, self.past, self.future)

    def undo(self) -> History[T]:
        """One step back; itself if there is no past."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (*self.future, self.present))

    def redo(self) -> History[T]:
        """One step forward; itself if nothing was undone."""
        if not self.future:
            return self
        return History(self.future[-1], (*self.past, self.present), self.future[:-1])
