"""Views for pretraining: what a descriptor says about pairs of pictures, turned into pictures.

Positions on an axis are written as u in [0, 1], from the axis' low end to its high end. Anchors are
drawn from the same distribution for every descriptor, so an extractor meets every factor at every
i; what depends on i is how far the other view of an image may lie from its anchor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from core.transforms import AXES, NUISANCES, Axis, compose


@dataclass(frozen=True)
class ViewRecipe:
    """How views are drawn.

    Attributes:
        at_reference: probability that a factor stays where the photograph has it.
        shared: probability, per axis and step, that all anchors have the same position. Such
            negatives differ in content alone; without them hue solves the task by itself.
        margin: a hard negative lies at least this share of the range beyond what i ignores.
        emphasis: how many times more often than others an axis, by name, is swept and has hard negatives.
            Scale is the slowest to learn: blur resembles it, and what an object's size is cannot be seen at once.
        nuisance: probability that a view differs in :data:`core.transforms.NUISANCES`.
        erased: probability that a square of a view is erased.
    """

    at_reference: float = 0.5
    shared: float = 0.5
    margin: float = 0.2
    emphasis: dict[str, float] = field(default_factory=lambda: {"scale": 3.0})
    nuisance: float = 0.0
    erased: float = 0.0

    def shares(self, axes: Sequence[Axis]) -> Tensor:
        """(K,) emphasis of each axis, 1 where none is given."""
        return torch.tensor([self.emphasis.get(axis.name, 1.0) for axis in axes])


@dataclass(frozen=True)
class Views:
    """Positions of three views per image, (b, K) each, and the axis in which the third differs.

    Attributes:
        anchor, positive, negative: u in [0, 1]; ``negative`` equals ``anchor`` except on one axis.
        moved: (b,) index of that axis.
        weight: (b,) in [0, 1], 1 - i of that axis; 0 where no hard negative exists.
    """

    anchor: Tensor
    positive: Tensor
    negative: Tensor
    moved: Tensor
    weight: Tensor

    def to(self, device: torch.device) -> Views:
        """The same positions on another device."""
        return Views(*(value.to(device) for value in vars(self).values()))


def sample_descriptor(shares: Tensor, generator: Generator) -> Tensor:
    """Draw one descriptor (K,): a corner, an interior point, or a sweep of one axis through mid-cube.

    Interior points are trained because a model trained at corners alone need not behave between them.

    Args:
        shares: (K,) how often each axis is swept, relative to the others.
        generator: the source of chance.
    """
    count = len(shares)
    kind = torch.rand((), generator=generator)
    uniform = torch.rand(count, generator=generator)
    if kind < 0.4:
        return uniform.round()
    if kind < 0.6:
        return uniform
    sweep = torch.full((count,), 0.5)
    axis = torch.multinomial(shares, 1, generator=generator)[0]
    end = torch.rand((), generator=generator) < 0.7
    sweep[axis] = uniform[axis].round() if end else uniform[axis]
    return sweep


def sample_views(
    descriptor: Tensor, size: int, recipe: ViewRecipe, generator: Generator, axes: Sequence[Axis] = AXES
) -> Views:
    """Draw the positions of anchor, positive and hard negative for ``size`` images.

    The positive lies within i_k of the anchor on axis k (0: same position, 1: anywhere). The hard
    negative shares all positions with the anchor but one, chosen with probability growing as
    (1 - i_k)^2 times its emphasis, where it lies beyond i_k + margin.
    """
    k = len(axes)
    reference = torch.tensor([(0 - axis.low) / axis.width for axis in axes])
    resting = torch.rand(2, size, k, generator=generator) < recipe.at_reference
    anchor = torch.where(resting[0], reference, torch.rand(size, k, generator=generator))
    common = torch.rand(k, generator=generator) < recipe.shared
    anchor = torch.where(common, anchor[:1], anchor)

    low, high = (anchor - descriptor).clamp(min=0), (anchor + descriptor).clamp(max=1)
    positive = low + (high - low) * torch.rand(size, k, generator=generator)
    rests = resting[1] & ((reference >= low) & (reference <= high))
    positive = torch.where(rests, reference, positive)

    gap = descriptor + recipe.margin
    below, above = (anchor - gap).clamp(min=0), (1 - anchor - gap).clamp(min=0)
    room = below + above
    odds = recipe.shares(axes) * (1 - descriptor) ** 2 * (room > 0) + 1e-9
    moved = torch.multinomial(odds.expand(size, k), 1, generator=generator)
    place = torch.rand(size, 1, generator=generator) * room.gather(1, moved)
    below, gap = below.gather(1, moved), gap.expand(size, k).gather(1, moved)
    target = torch.where(place < below, place, anchor.gather(1, moved) + gap + place - below)
    possible = room.gather(1, moved) > 0
    target = torch.where(possible, target, anchor.gather(1, moved)).clamp(0, 1)
    negative = anchor.scatter(1, moved, target)
    weight = (1 - descriptor)[moved[:, 0]] * possible[:, 0]
    return Views(anchor, positive, negative, moved[:, 0], weight)


def render(
    images: Tensor, views: Views, recipe: ViewRecipe, generator: Generator, axes: Sequence[Axis] = AXES
) -> Tensor:
    """Draw the three views of each image, (3 b, 3, H, W): anchors, positives, hard negatives.

    Half of the images are mirrored, in all three views alike. Mirroring the views of a pair
    independently, as SimCLR does, would ask for f(R F x) = f(R x) for every rotation R, and since
    R F = F R^-1 that is invariance to rotation (and likewise to translation) whatever i says.

    Anchor and positive also differ in :data:`~core.transforms.NUISANCES` and in an erased square,
    whatever i says: at i = 0 they would be one and the same picture otherwise, which teaches nothing
    about content. A hard negative shares them with its anchor.
    """
    count, device = len(images), images.device
    mirrored = torch.rand(count, 1, 1, 1, generator=generator).to(device) < 0.5
    images = torch.where(mirrored, images.flip(-1), images)
    drawn = torch.rand(2, count, len(NUISANCES), generator=generator)
    drawn = torch.where(torch.rand(2, count, 1, generator=generator) < recipe.nuisance, drawn, 0.5)
    nuisance = drawn[[0, 1, 0]].flatten(0, 1).to(device)
    positions = torch.cat([views.anchor, views.positive, views.negative]).to(device)
    every = (*axes, *NUISANCES)
    low = torch.tensor([axis.low for axis in every], device=device)
    width = torch.tensor([axis.width for axis in every], device=device)
    pictures = compose(images.repeat(3, 1, 1, 1), low + width * torch.cat([positions, nuisance], 1), every)
    squares = _squares(2 * count, images.shape[-1], recipe.erased, generator).unflatten(0, (2, count))
    erased = squares[[0, 1, 0]].flatten(0, 1)[:, None].to(device)
    return torch.where(erased, pictures.mean((2, 3), keepdim=True), pictures)


def _squares(count: int, width: int, share: float, generator: Generator) -> Tensor:
    """(count, width, width) masks: in a share of them one square, a quarter to a half of the width wide."""
    side = (0.25 + 0.25 * torch.rand(count, 1, generator=generator)) * width
    side = side * (torch.rand(count, 1, generator=generator) < share)
    start = torch.rand(2, count, 1, generator=generator) * (width - side)
    pixel = torch.arange(width)
    rows, columns = ((pixel >= s) & (pixel < s + side) for s in start)
    return rows[:, :, None] & columns[:, None, :]
