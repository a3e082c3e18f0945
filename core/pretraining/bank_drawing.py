"""Drawing many groups for a bank, in one process or in several side by side."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from threading import Thread

import numpy as np
import torch
from torch import Tensor

from ..model.amortised import AmortisedExtractor
from .groups import draw, draw_group, show
from .recipe import Recipe


def drawn(
    images: Tensor, recipe: Recipe, first: int, end: int, model: AmortisedExtractor, processes: int = 1
) -> Iterator[tuple[Tensor, ...]]:
    """What the stem gives for the views of each group, in their order, whichever process is done before another.

    Args:
        images: (N, 3, S, S), uint8.
        recipe: whose groups they are.
        first, end: numbers of the groups, from 0.
        model: where they are drawn, unless there are several processes: those use the CPU, one thread each.
        processes: side by side.

    Yields:
        Tensors (3 b, ...) of half precision; a number that does not fit is infinite.
    """
    if processes < 2:
        for number in range(first, end):
            group = draw_group(images, recipe, *divmod(number, recipe.groups), model)
            yield tuple(part.half() for part in group.prepared.parts)
        return
    context = multiprocessing.get_context("spawn")  # a fork of a process whose threads compute may wait for ever
    drawing = _Drawing(recipe, len(images), model)
    with ProcessPoolExecutor(processes, context, _begin, (drawing,)) as pool:
        waiting: deque[Future[tuple[np.ndarray, ...]]] = deque()
        try:
            for number in range(first, end):
                chosen, _ = draw(len(images), recipe, *divmod(number, recipe.groups), model.transforms)
                waiting.append(pool.submit(_stored, number, images[chosen.chosen].numpy()))
                if len(waiting) > 2 * processes:
                    yield _tensors(waiting.popleft())
            while waiting:
                yield _tensors(waiting.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True)
class _Drawing:
    """What a process needs to draw any group, given the group's own pictures."""

    recipe: Recipe
    count: int
    model: AmortisedExtractor

    def __call__(self, number: int, pictures: Tensor) -> tuple[Tensor, ...]:
        where = divmod(number, self.recipe.groups)
        positions, generator = draw(self.count, self.recipe, *where, self.model.transforms)
        # A process has these pictures alone, in the order in which they were chosen.
        own = replace(positions, chosen=torch.arange(len(pictures)))
        return show(pictures, own, generator, self.model).prepared.parts


_drawing: _Drawing | None = None


def _begin(drawing: _Drawing) -> None:
    global _drawing
    torch.set_num_threads(1)
    _drawing = drawing
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:  # a parent that is killed tells nobody, and its processes would wait for work for ever
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _stored(number: int, pictures: np.ndarray) -> tuple[np.ndarray, ...]:
    assert _drawing is not None
    with torch.inference_mode():
        return tuple(part.half().numpy() for part in _drawing(number, torch.from_numpy(pictures)))


def _tensors(done: Future[tuple[np.ndarray, ...]]) -> tuple[Tensor, ...]:
    return tuple(map(torch.from_numpy, done.result()))
