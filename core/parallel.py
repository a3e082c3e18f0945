"""Where independent pieces of work run: on this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import joblib


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
