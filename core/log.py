"""Results kept on disk as they come, so that hours of work that was cut go on where they were."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from .files import save_text
from .parallel import spread

T = TypeVar("T")
R = TypeVar("R")


def unlike(expected: Mapping[str, Any], found: Mapping[str, Any], keys: Iterable[str]) -> str:
    """Which of these keys have another value in one than in the other, in words; "" if none."""
    different = sorted(key for key in keys if expected.get(key) != found.get(key))
    return ", ".join("other images" if key == "images" else f"another {key}" for key in different)


class Log(ABC, Generic[T]):
    """A file with a line of JSON per result, after a first line with what all of them share.

    Args:
        path: the file; made if missing.
        shared: what makes results comparable, such as checkpoint and settings; JSON values.

    Attributes:
        called: what the results are called in sentences.
        results: those that are in the file.

    Raises:
        ValueError: the file is of something else, or is no such log.
    """

    called: ClassVar[str]

    def __init__(self, path: Path, shared: Mapping[str, Any]) -> None:
        self.path = path
        self.results: list[T] = []
        expected = json.loads(json.dumps(dict(shared)))
        if not path.exists() or not path.stat().st_size:
            save_text(path, json.dumps(expected) + "\n")
            return
        try:
            first, *lines = path.read_text(encoding="utf-8").split("\n")
            found = json.loads(first)
            # The last line has no end if the machine went off while it was written; it is done again.
            self.results = [self.read(json.loads(line)) for line in lines[:-1]]
            named = unlike(expected, found, expected.keys() | found.keys())
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"{path} cannot be read as {self.called} ({error}). Give another file, or delete it."
            ) from None
        if named:
            raise ValueError(f"The {self.called} in {path} were made with {named}. Give another file, or delete it.")
        save_text(path, "\n".join([first, *lines[:-1]]) + "\n")

    def keep(self, found: Iterable[T]) -> None:
        """Add results, on disk at once."""
        found = list(found)
        self.results += found
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(self.document(each)) + "\n" for each in found)

    @abstractmethod
    def read(self, document: Any) -> T:
        """A result from what :meth:`document` gave for it."""

    @abstractmethod
    def document(self, result: T) -> Any:
        """A result as JSON values."""


def completed(
    work: Callable[[T], R],
    items: Sequence[T],
    log: Log[tuple[T, R]] | None,
    progress: Callable[[float], None],
    jobs: int = 1,
    scheduler: str | None = None,
    *,
    together: int = 1,
) -> list[R]:
    """The same work on each of many things, but for those whose results are in a log already.

    Args:
        work, items, jobs, scheduler, together: see :func:`core.parallel.spread`; a thing can be a key of a dictionary.
        log: of pairs, a thing and its result; new ones are kept in it as they come.
        progress: called with the share of the things that have their result, as each comes.

    Returns:
        The results, in the order of the things.
    """
    done = dict(log.results) if log else {}
    left = [each for each in dict.fromkeys(items) if each not in done]
    if not left:
        progress(1.0)
    finished = zip(left, spread(work, left, jobs, scheduler, together=together), strict=True)
    for number, (each, found) in enumerate(finished, 1):
        done[each] = found
        if log:
            log.keep([(each, found)])
        progress(1 - (len(left) - number) / len(items))
    return [done[each] for each in items]
