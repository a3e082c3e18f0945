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

from ..axes.transforms import AXES, Axis, compose


@dataclass(frozen=True)
class ViewRecipe:
    """How views are drawn.

    Attributes:
        at_reference: probability that a factor stays where the photograph has it.
        shared: probability, per axis and step, that all anchors have the same position. Such
            negatives differ in content alone; without them hue solves the task by itself.
        margin: a hard negative lies at least this share of the range beyond what i ignores.
        inside: probability that a third view lies within what i ignores instead: such a pair must not be told apart.
        emphasis: how many times more often than others an axis, by name, is swept and has hard negatives.
            Scale is the slowest to learn: blur resembles it, and what an object's size is cannot be seen at once.
        alone: probability, per step, that one axis varies alone, all others staying where the photograph
            has them: what a person sees who moves one transformation, and what the measures measure.
        around: in a sweep the other coordinates lie this close to 0.5. At exactly 0.5 the centre of the
            cube is trained more than what surrounds it, and the response is no longer monotone there.
    """

    at_reference: float = 0.5
    shared: float = 0.5
    margin: float = 0.0
    inside: float = 0.3
    emphasis: dict[str, float] = field(default_factory=lambda: {"scale": 3.0})
    alone: float = 0.7
    around: float = 0.2

    def shares(self, axes: Sequence[Axis]) -> Tensor:
        """(K,) emphasis of each axis, 1 where none is given."""
        return torch.tensor([self.emphasis.get(axis.name, 1.0) for axis in axes])


@dataclass(frozen=True)
class Views:
    """Positions of three views per image, (b, K) each, and the axis in which the third differs.

    Attributes:
        anchor, positive, negative: u in [0, 1]; ``negative`` equals ``anchor`` except on one axis.
        moved: (b,) index of that axis.
        weight: (b,) in [0, 1], 1 - i of that axis; 0 where no hard negative exists, or it lies within what i ignores.
        compared: (b,) bool, whether the third view differs at all.
    """

    anchor: Tensor
    positive: Tensor
    negative: Tensor
    moved: Tensor
    weight: Tensor
    compared: Tensor

    def to(self, device: torch.device) -> Views:
        """The same positions on another device."""
        return Views(*(value.to(device) for value in vars(self).values()))


def sample_axis(recipe: ViewRecipe, generator: Generator, axes: Sequence[Axis] = AXES) -> tuple[int, bool]:
    """Draw the axis that a step is about, and whether it varies alone in it."""
    axis = int(torch.multinomial(recipe.shares(axes), 1, generator=generator))
    return axis, bool(torch.rand((), generator=generator) < recipe.alone)


def sample_descriptor(axis: int, recipe: ViewRecipe, generator: Generator, axes: Sequence[Axis] = AXES) -> Tensor:
    """Draw one descriptor (K,): a corner, an interior point, or a sweep of one axis through mid-cube.

    Interior points are trained because a model trained at corners alone need not behave between them.

    Args:
        axis: index of the axis to sweep, if it becomes a sweep.
        recipe: how far the others may lie from the middle.
        generator: the source of chance.
        axes: K axes.
    """
    kind = torch.rand((), generator=generator)
    uniform = torch.rand(len(axes), generator=generator)
    if kind < 0.25:
        return uniform.round()
    if kind < 0.45:
        return uniform
    sweep = 0.5 + recipe.around * (2 * torch.rand(len(axes), generator=generator) - 1)
    end = torch.rand((), generator=generator) < 0.5
    sweep[axis] = uniform[axis].round() if end else uniform[axis]
    return sweep


def sample_views(
    descriptor: Tensor,
    size: int,
    recipe: ViewRecipe,
    generator: Generator,
    alone: int | None = None,
    axes: Sequence[Axis] = AXES,
) -> Views:
    """Draw the positions of anchor, positive and hard negative for ``size`` images.

    The positive lies within i_k of the anchor on axis k (0: same position, 1: anywhere). The hard
    negative shares all positions with the anchor but one, chosen with probability growing as
    (1 - i_k)^2 times its emphasis, where it lies beyond i_k + margin; or, with probability ``inside``, one
    chosen in proportion to i_k, where it lies within i_k. Where one axis varies ``alone``, all three stay at
    the reference on the others.
    """
    k = len(axes)
    reference = torch.tensor([(0 - axis.low) / axis.width for axis in axes])
    resting = torch.rand(2, size, k, generator=generator) < recipe.at_reference
    anchor = torch.where(resting[0], reference, torch.rand(size, k, generator=generator))
    common = torch.rand(k, generator=generator) < recipe.shared
    anchor = torch.where(common, anchor[:1], anchor)
    still = torch.zeros(k, dtype=torch.bool) if alone is None else torch.arange(k) != alone
    anchor = torch.where(still, reference, anchor)

    low, high = (anchor - descriptor).clamp(min=0), (anchor + descriptor).clamp(max=1)
    positive = low + (high - low) * torch.rand(size, k, generator=generator)
    rests = (resting[1] | still) & ((reference >= low) & (reference <= high))
    positive = torch.where(rests, reference, positive)

    gap = descriptor + recipe.margin
    below, above = (anchor - gap).clamp(min=0), (1 - anchor - gap).clamp(min=0)
    room = (below + above) * ~still
    odds = recipe.shares(axes) * (1 - descriptor) ** 2 * (room > 0) + 1e-9
    moved = torch.multinomial(odds.expand(size, k), 1, generator=generator)
    place = torch.rand(size, 1, generator=generator) * room.gather(1, moved)
    below, gap = below.gather(1, moved), gap.expand(size, k).gather(1, moved)
    target = torch.where(place < below, place, anchor.gather(1, moved) + gap + place - below)
    possible = (room.gather(1, moved) > 0)[:, 0]
    target = torch.where(possible[:, None], target, anchor.gather(1, moved))
    compared = possible
    if recipe.inside:
        odds = recipe.shares(axes) * descriptor * ~still
        near = (torch.rand(size, generator=generator) < recipe.inside) & (odds.sum() > 0)
        odds = (odds + 1e-9).expand(size, k)
        axis = torch.multinomial(odds, 1, generator=generator)
        moved = torch.where(near[:, None], axis, moved)
        least, most = low.gather(1, moved), high.gather(1, moved)
        place = least + (most - least) * torch.rand(size, 1, generator=generator)
        target = torch.where(near[:, None], place, target)
        possible, compared = possible & ~near, compared | near
    negative = anchor.scatter(1, moved, target.clamp(0, 1))
    moved = moved[:, 0]
    return Views(anchor, positive, negative, moved, (1 - descriptor)[moved] * possible, compared)


def render(images: Tensor, views: Views, generator: Generator, axes: Sequence[Axis] = AXES) -> Tensor:
    """Draw the three views of each image, (3 b, 3, H, W): anchors, positives, hard negatives.

    Half of the images are mirrored, in all three views alike. Mirroring the views of a pair
    independently, as SimCLR does, would ask for f(R F x) = f(R x) for every rotation R, and since
    R F = F R^-1 that is invariance to rotation (and likewise to translation) whatever i says.
    """
    device = images.device
    mirrored = torch.rand(len(images), 1, 1, 1, generator=generator).to(device) < 0.5
    images = torch.where(mirrored, images.flip(-1), images)
    positions = torch.cat([views.anchor, views.positive, views.negative]).to(device)
    low = torch.tensor([axis.low for axis in axes], device=device)
    width = torch.tensor([axis.width for axis in axes], device=device)
    return compose(images.repeat(3, 1, 1, 1), low + width * positions, axes)
