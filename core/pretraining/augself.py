"""AugSelf: plain SimCLR that is also asked how two views differ, so that its features keep what was changed.

Lee et al., Improving Transferability of Representations via Augmentation-Aware Self-Supervision, NeurIPS 2021
(arXiv 2111.09613, section 3): one extractor for all tasks that is neither deaf to a change nor ruled by it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from kornia.augmentation import AugmentationSequential
from torch import Tensor, nn

CROP = ("row", "column", "height", "width")
COLOUR = {"brightness_factor": 0.4, "contrast_factor": 0.4, "saturation_factor": 0.4, "hue_factor": 0.1}
"""What a view's colours are changed by, and how far at most; a factor of 1, or a hue of 0, is none."""


class ChangeHead(nn.Module):
    """Tells from the features of two views of each picture by how much their crops and colours differ.

    Args:
        width: D, of the features.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2 * width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, len(CROP) + len(COLOUR)),
        )  # fmt: skip

    def forward(self, features: Tensor) -> Tensor:
        """(2 b, D) -> (b, 8); rows n and n + b are two views of one picture."""
        first, second = features.chunk(2)
        return self.layers(torch.cat([first, second], 1))


def change_loss(told: Tensor, drawn: Tensor) -> Tensor:
    """Mean squared error of the differences that were told (the paper's Eq. 2, for crop and colour).

    Args:
        told: (b, 8), of :class:`ChangeHead`.
        drawn: (2 b, 8), of :func:`drawn_changes`.
    """
    first, second = drawn.chunk(2)
    return F.mse_loss(told, first - second)


def drawn_changes(views: AugmentationSequential, side: int) -> Tensor:
    """How each of the views that were drawn last was cropped and coloured.

    Args:
        views: a random crop and a change of colours among its parts.
        side: of the pictures, in pixels.

    Returns:
        (N, 8): middle and size of the crop and the four factors of colour, each between about -1 and 1.
    """
    parts = {each.name.partition("_")[0]: each.data for each in views._params or () if isinstance(each.data, dict)}
    corners = parts["RandomResizedCrop"]["src"]
    low, high = corners[:, 0].flip(1), corners[:, 2].flip(1)  # kornia has (x, y)
    found = [(low + high) / side - 1, 2 * (high - low) / side - 1]
    colours = parts["ColorJitter"]
    for name, most in COLOUR.items():
        moved = (colours[name] - (0 if name == "hue_factor" else 1)) / most
        found.append((moved * (colours["batch_prob"] > 0.5))[:, None])
    return torch.cat(found, 1)
