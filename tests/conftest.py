"""What tests of the core and of the dashboard share: a model with another backbone, pretrained for four steps."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from core import Architecture, save_checkpoint
from core.pretraining.loop import pretrain
from core.pretraining.recipe import Recipe
from core.pretraining.state import read_average
from tests.core.conftest import smooth_images
from tests.split_resnet import SplitResnet, registered


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, or one process would be alone with them in the end: those with a browser, those right here,
    and those with a slow test."""
    browser, slow = set[Path](), set[Path]()
    for item in items:
        if isinstance(item, pytest.Function) and {"browser", "server"} & set(item.fixturenames):
            browser.add(item.path)
        if item.path.parent == Path(__file__).parent or item.get_closest_marker("slow"):
            slow.add(item.path)
    items.sort(key=lambda item: (item.path not in browser, item.path not in slow))


@pytest.fixture(scope="session")
def other_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The checkpoint of a model whose backbone is :class:`tests.split_resnet.SplitResnet`."""
    folder = tmp_path_factory.mktemp("other")
    architecture = Architecture(SplitResnet(), rank=4, hidden=8)
    images = (smooth_images(40, architecture.backbone.input_size) * 255).byte()
    # Forty pictures are told apart by heart; at the usual rate the first steps would leave that behind.
    recipe = Recipe(steps=4, groups=2, size=8, warmup=2, rate=1e-5, architecture=architecture)
    with registered():
        steps = list(pretrain(images, recipe, folder, data="smooth", device=torch.device("cpu")))
        assert len(steps) == 4 and steps[-1].terms["total"] < steps[0].terms["total"]
        model, header = read_average(folder)
        save_checkpoint(model, folder / "other.safetensors", {"recipe": header["recipe"], "seed": recipe.seed})
        assert header["recipe"]["architecture"]["backbone"] == asdict(SplitResnet())
        yield folder / "other.safetensors"


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit's harness leaves its script as ``__main__``, which processes that are spawned afterwards would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
