"""What the hypernetwork costs: ratios, each of two things timed in the same run; and what a picture costs."""

from __future__ import annotations

import copy
import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.benchmark import Timer

from ..axes.descriptor import Descriptor
from ..backbones.base import whole
from ..data.decode import read_picture
from ..inspect.sensitivity import seen
from ..model.amortised import AmortisedExtractor
from ..pretraining import losses
from ..pretraining.groups import draw_group
from ..pretraining.half import fast_half
from ..pretraining.objective import Objective
from ..pretraining.recipe import Recipe
from . import from_files


@dataclass(frozen=True)
class Cost:
    """One line of the benchmark: ``value`` in ``unit``, what it is aimed at, and the times it comes from, in ms.

    ``key`` stays the same in files, however the line is called.
    """

    key: str
    name: str
    value: float
    unit: str
    aim: str
    milliseconds: tuple[float, ...]


def bench(model: AmortisedExtractor, picture: Tensor, seconds: float = 2.0) -> list[Cost]:
    """Time generation, features, a pretraining step, a sweep, the opening of a large photo, and a task from files.

    Args:
        model: any amortised extractor.
        picture: (3, H, W) in [0, 1], for the sweep.
        seconds: time given to each measurement.
    """
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(256, 3, model.input_size, model.input_size, generator=generator)
    middle = Descriptor.constant(0.5, model.transforms)
    weights, point, plain = model.frozen_weights(middle), middle.tensor(), model.tail_at(middle)
    prepared = model.prepare(images)
    moved = seen(picture, model.transforms, 21, model.input_size).flatten(0, 1)
    at_hand = model.prepare(moved)

    def generate() -> None:
        with torch.inference_mode():
            model.weights(point)

    def whole_pass(count: int) -> None:
        """Stem and tail."""
        with torch.inference_mode():
            model.extract(model.prepare(images[:count]), weights)

    def tail() -> None:
        with torch.inference_mode():
            model.extract(prepared, weights)

    def frozen() -> None:
        with torch.inference_mode():
            plain(*prepared.parts)

    def swept() -> None:
        model.features(at_hand, middle)

    def shown() -> None:
        model.features(seen(picture, model.transforms, 21, model.input_size).flatten(0, 1), middle)

    one, pass_64, pass_256 = _times(seconds, generate, lambda: whole_pass(64), lambda: whole_pass(256))
    tail_256, nn_256 = _times(seconds, tail, frozen)
    sweep_ms, new_ms = _times(seconds, swept, shown)
    (photo_ms,) = _times(seconds, _photo())
    ours, simclr = _times(3 * seconds, *_steps(model))
    task_ms = from_files.milliseconds(model)
    whole, tails = "stem and tail for 64 pictures", "tail for 256 pictures"
    sweep = f"sweep of {len(model.transforms)} axes x 21 strengths"
    task = f"{from_files.CLASSES * from_files.SHOTS} images of {from_files.CLASSES} classes"
    return [
        Cost("weights", f"weights for one descriptor / {whole}", one / pass_64, "x", "<= 0.02", (one, pass_64)),
        Cost(
            "plain", f"{tails}, generated weights / plain nn.Module", tail_256 / nn_256, "x", "<= 1.05",
            (tail_256, nn_256),
        ),
        Cost("step", "pretraining step / plain SimCLR step, same views", ours / simclr, "x", "<= 1.2", (ours, simclr)),
        Cost("rate", "images per second, batch of 256", 256 / pass_256 * 1000, "images/s", "", (pass_256,)),
        Cost("sweep", f"{sweep}, from what the stem gives", sweep_ms, "ms", "<= 60", (sweep_ms,)),
        Cost("new", f"{sweep}, of a new picture", new_ms, "ms", "", (new_ms,)),
        Cost("photo", "a photo of 108 megapixels, from its file to pixels", photo_ms, "ms", "<= 1000", (photo_ms,)),
        Cost("task", f"{task}, from files to the fitted task", task_ms / 1000, "s", "<= 6", (task_ms,)),
    ]  # fmt: skip


def _photo() -> Callable[[], None]:
    """Opening a JPEG of 12,000 x 9,000 pixels with noise in it, as a camera makes them."""
    content = io.BytesIO()
    noise = np.asarray(Image.effect_noise((1500, 1125), 6).convert("RGB"))
    Image.fromarray(np.tile(noise, (8, 8, 1))).save(content, "JPEG", quality=90)

    def opened() -> None:
        read_picture(content.getvalue())

    return opened


def _steps(model: AmortisedExtractor) -> tuple[Callable[[], None], Callable[[], None]]:
    """One optimiser step of ours and of plain SimCLR: same backbone, same pictures, same number of views."""
    recipe = Recipe(groups=1, architecture=model.architecture)
    device = torch.device("cpu")
    side = model.input_size
    images = torch.randint(0, 256, (512, 3, side, side), dtype=torch.uint8)
    objective = Objective(copy.deepcopy(model).requires_grad_(True), recipe)
    network = model.backbone.tail()
    optimisers = [torch.optim.AdamW(module.parameters(), lr=1e-4) for module in (objective, network)]

    def advance(loss: Tensor, optimiser: torch.optim.Optimizer) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    def ours() -> None:
        advance(objective([draw_group(images, recipe, 0, 0, model)])["total"], optimisers[0])

    def simclr() -> None:
        group = draw_group(images, recipe, 0, 0, model)
        with torch.autocast("cpu", torch.bfloat16, enabled=fast_half(device)):
            views = whole(network(*group.prepared.parts)).chunk(3)
        none = torch.zeros(len(views[0]))
        pairs = ((0, 1), (1, 2), (2, 0))
        loss = sum(losses.contrastive_loss(views[a], views[b], views[b], none, 0.2, recipe.hardness) for a, b in pairs)
        advance(torch.as_tensor(loss), optimisers[1])

    return ours, simclr


def _times(seconds: float, *functions: Callable[[], None]) -> list[float]:
    """Median milliseconds of each function; the functions take turns, so that a busy machine slows all alike."""
    threads = torch.get_num_threads()
    timers = [Timer("f()", globals={"f": function}, num_threads=threads) for function in functions]
    loops = [max(1, int(0.01 / timer.timeit(3).mean)) for timer in timers]
    rounds: list[list[float]] = []
    end = time.monotonic() + seconds * len(timers)
    while time.monotonic() < end or len(rounds) < 5:
        rounds.append([timer.timeit(count).mean for timer, count in zip(timers, loops, strict=True)])
    return [1000 * statistics.median(times) for times in zip(*rounds, strict=True)]
