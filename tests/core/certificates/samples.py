"""A small task whose answer is plain to see."""

from __future__ import annotations

import torch

from core.tasks import Task
from core.tasks.task import Split
from tests.core.conftest import smooth_images


def red_or_blue(count: int, shows: torch.Tensor | None = None) -> Task:
    images = smooth_images(count)
    labels = torch.arange(count) % 2
    images[:, 0] += 0.3 * labels[:, None, None]
    split, test = Split(images.clamp(0, 1), labels), Split(smooth_images(20, seed=1), torch.arange(20) % 2)
    cut = count // 2
    return Task("red", "Red?", split.at(torch.arange(cut)), split.at(torch.arange(cut, count)), test, ("no", "yes"),
                shows=shows)  # fmt: skip
