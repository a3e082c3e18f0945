"""What tests of pretraining share: a finished run, and one thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.core.pretraining.runs import train


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Bit for bit needs one thread, and UMAP, in tests before these, leaves a process with one per core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    for _ in train(folder):
        pass
    return folder
