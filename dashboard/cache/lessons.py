"""Lessons, and what they have measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.model.amortised import AmortisedExtractor
from dashboard.cache.keys import resource


@resource(max_entries=4)
def lessons(offer: tuple[Any, ...], _read: Callable[[], Any]) -> Any:
    """The lessons, which depend on what the pages offer."""
    return _read()


@resource(max_entries=128)
def found(model: AmortisedExtractor, name: str, key: str, _take: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a lesson has measured; ``key`` says on what."""
    return _take()


@resource(max_entries=32)
def lesson_task(model: AmortisedExtractor, key: str, _make: Callable[[], Any]) -> Any:
    """What pictures of lessons need of a task, which takes seconds to draw and is the same in all colours."""
    return _make()


@resource(max_entries=64)
def lesson_picture(model: AmortisedExtractor, key: str, _make: Callable[[], str]) -> str:
    """A picture of a lesson as HTML; ``key`` says of what."""
    return _make()
