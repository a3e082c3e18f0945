"""A Dask cluster on this machine, for what should be the same on one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from unittest.mock import patch


@contextmanager
def cluster(workers: int = 2) -> Iterator[str]:
    """The address of a scheduler with so many processes, each with one thread."""
    import dask
    from distributed import LocalCluster

    # A worker begins by running the main module anew, and an earlier test of a page may have left its page there.
    # On a busy machine a worker takes longer to start than Dask waits by default.
    with (
        patch.dict(sys.modules, {"__main__": ModuleType("__main__")}),
        dask.config.set({"distributed.comm.timeouts.connect": "300s"}),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as found,
    ):
        yield found.scheduler_address
