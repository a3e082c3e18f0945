"""Where independent pieces of work run: on this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

import joblib
import torch

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def place(scheduler: str | None) -> Iterator[None]:
    """Let joblib work on a Dask cluster; here without one.

    Args:
        scheduler: address of a Dask scheduler, or ``None``.

    Raises:
        ValueError: Dask is not installed, or nothing answers at the address.
    """
    if scheduler is None:
        yield
        return
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("Dask is not installed. Install it with: pip install dask distributed.") from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"No Dask scheduler answers at {scheduler} ({error}). Start one, or check the address."
        ) from None
    with client, joblib.parallel_config("dask"):
        yield


def spread(
    work: Callable[[T], R], items: Iterable[T], jobs: int = 1, scheduler: str | None = None, *, together: int = 1
) -> Iterator[R]:
    """The same work on each of many things: its results in their order, one by one, wherever they are computed.

    Args:
        work: what is done with one of them; it is sent to where that happens, with all that it holds.
        items: the things.
        jobs: processes on this machine, each with one processor thread; with 1 it is done in this one.
        scheduler: address of a Dask scheduler to use instead.
        together: how many things are sent at a time, so that what ``work`` holds is not sent for each of them.

    Raises:
        ValueError: see :func:`place`.
    """
    if jobs == 1 and scheduler is None:
        yield from map(work, items)
        return
    calls = (joblib.delayed(_done)(work, piece) for piece in _pieces(items, together))
    with place(scheduler):
        for found in joblib.Parallel(n_jobs=-1 if scheduler else jobs, return_as="generator")(calls):
            yield from found


def _pieces(items: Iterable[T], count: int) -> Iterator[list[T]]:
    left = iter(items)
    while piece := list(islice(left, count)):
        yield piece


def _done(work: Callable[[T], R], items: list[T]) -> list[R]:
    torch.set_num_threads(1)
    return [work(each) for each in items]
