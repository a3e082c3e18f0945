"""Small things that many tests share: a tiny model, a few smooth images, one processor thread."""

from __future__ import annotations

import sys

import pytest
import torch
import torch.nn.functional as F
from hypothesis import settings
from torch import Tensor

from core import AmortisedExtractor, Architecture, Compact
from core.backbones import Prepared
from tests.core.commands import Result, Run

TINY = Architecture(Compact((8,) * 6, 16), rank=4, hidden=8)

settings.register_profile("core", deadline=None, max_examples=20, derandomize=True, database=None)
settings.load_profile("core")
torch.set_num_threads(1)  # equal sums in every process, and no quarrel over cores


def smooth_images(count: int, size: int = 32, seed: int = 0) -> Tensor:
    """Random pictures without fine detail, (count, 3, size, size) in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 5, 5, generator=generator)
    return F.interpolate(coarse, (size, size), mode="bicubic", align_corners=True).clamp(0, 1)


def unprepared(images: Tensor) -> Prepared:
    """Images as a stem that does nothing leaves them, for models that tests make by hand."""
    return Prepared((images,), f"pixels of {images.shape[-1]}")


def pixels_of(images: Tensor | Prepared) -> Tensor:
    """The images again."""
    return images.parts[0] if isinstance(images, Prepared) else images


def tiny_model(seed: int = 0) -> AmortisedExtractor:
    """An untrained model; its weights depend on the descriptor from the start."""
    torch.manual_seed(seed)
    return AmortisedExtractor(TINY)


@pytest.fixture
def model() -> AmortisedExtractor:
    return tiny_model()


@pytest.fixture
def images() -> Tensor:
    return smooth_images(4)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, as ``python -m core`` does."""

    from core.__main__ import main  # imports everything: only who runs commands waits

    def command(*words: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["core", *map(str, words)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Result(code, *capsys.readouterr())

    return command
