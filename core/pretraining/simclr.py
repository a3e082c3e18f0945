"""Plain SimCLR with the same extractor: the baseline that has no descriptor."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from kornia.augmentation import (
    AugmentationSequential,
    ColorJitter,
    RandomGrayscale,
    RandomHorizontalFlip,
    RandomResizedCrop,
)
from torch import Tensor, nn

from ..backbones import Backbone, Extractor


def train_plain(
    images: Tensor, backbone: Backbone, steps: int, size: int = 256, seed: int = 0, rate: float = 1e-3
) -> Iterator[tuple[int, float, Extractor]]:
    """SimCLR (Chen et al., arXiv 2002.05709) with its usual crops, mirroring and colours.

    Args:
        images: (N, 3, S, S), uint8.
        backbone: of the extractor, all of which is trained.
        steps: batches.
        size: images per batch, two views of each.
        seed: of weights, batches and views.
        rate: peak of a one-cycle schedule.

    Yields:
        (step, loss, the extractor so far).
    """
    if len(images) < 2:
        raise ValueError(f"Contrastive training needs at least 2 images; got {len(images)}. Add images.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        extractor = Extractor(backbone)
        width = backbone.features
        projector = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        parameters = [*extractor.parameters(), *projector.parameters()]
        optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=1e-4)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=max(steps, 2), pct_start=0.1)
        views = AugmentationSequential(
            RandomResizedCrop((backbone.input_size, backbone.input_size), scale=(0.2, 1.0)),
            RandomHorizontalFlip(),
            ColorJitter(0.4, 0.4, 0.4, 0.1, p=0.8),
            RandomGrayscale(p=0.2),
            data_keys=["input"],
        )
        for step in range(steps):
            batch = images[torch.randperm(len(images))[:size]].float() / 255
            moved = views(batch.repeat(2, 1, 1, 1))
            loss = nt_xent(projector(extractor(moved)), temperature=0.2)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            yield step, float(loss.detach()), extractor


def nt_xent(projections: Tensor, temperature: float) -> Tensor:
    """Normalised temperature-scaled cross-entropy (SimCLR, Eq. 1).

    Args:
        projections: (2 b, D); rows n and n + b are two views of one image.
        temperature: > 0.
    """
    z = F.normalize(projections, dim=1)
    logits = (z @ z.T / temperature).fill_diagonal_(float("-inf"))
    partner = torch.arange(len(z), device=z.device).roll(len(z) // 2)
    return F.cross_entropy(logits, partner)
