"""Plain SimCLR with the same extractor: the baseline that has no descriptor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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

from ..backbones import Backbone, Extractor, Prepared, joined
from ..backbones.base import has_weights, parts_of
from ..model.amortised import AT_ONCE
from .augself import ChangeHead, change_loss, drawn_changes
from .beginning import CALIBRATION


def train_plain(
    images: Tensor,
    backbone: Backbone,
    steps: int,
    size: int = 256,
    seed: int = 0,
    rate: float = 1e-3,
    weights: Path | None = None,
    changes: float = 0.0,
) -> Iterator[tuple[int, float, Extractor]]:
    """SimCLR (Chen et al., arXiv 2002.05709) with its usual crops, mirroring and colours.

    A pretrained stem stays as it is, as it does in the hypernetwork's training: this is the default SimCLR on the same
    backbone, and what is compared is what becomes of its tail.

    Args:
        images: (N, 3, S, S), uint8.
        backbone: of the extractor; its tail is trained, from where generation would start.
        steps: batches.
        size: images per batch, two views of each.
        seed: of weights, batches and views.
        rate: peak of a one-cycle schedule.
        weights: file of pretrained weights, see :meth:`core.backbones.base.Backbone.initial`.
        changes: weight of telling how two views differ, see :mod:`core.pretraining.augself`; 0: plain SimCLR.

    Yields:
        (step, loss, the extractor so far).
    """
    if len(images) < 2:
        raise ValueError(f"Contrastive training needs at least 2 images; got {len(images)}. Add images.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        extractor = _start(backbone, images, weights)
        width = backbone.features
        projector = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        parameters = [*extractor.tail.parameters(), *projector.parameters()]
        if teller := ChangeHead(width) if changes else None:
            parameters += teller.parameters()
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
            moved = through(extractor.stem, views(batch.repeat(2, 1, 1, 1)))
            features = extractor.tail(*moved.parts)
            loss = nt_xent(projector(features), temperature=0.2)
            if teller:
                loss = loss + changes * change_loss(teller(features), drawn_changes(views, images.shape[-1]))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            yield step, float(loss.detach()), extractor


def _start(backbone: Backbone, images: Tensor, weights: Path | None) -> Extractor:
    """Stem and tail as the hypernetwork's training has them at its start."""
    extractor = Extractor(backbone)
    extractor.stem.eval().requires_grad_(False)
    extractor.tail.eval()  # as generated weights are used: running statistics stay those of the pretraining
    if (initial := backbone.initial(weights)) is not None:
        extractor.stem.load_state_dict(initial.stem)
        extractor.tail.load_state_dict(initial.tail)
    some = images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:CALIBRATION]]
    if any(True for _ in extractor.tail.buffers()):
        prepared = joined([through(extractor.stem, piece.float() / 255) for piece in some.split(256)])
        for name, value in backbone.calibrate(prepared.parts).buffers.items():
            extractor.tail.get_buffer(name).copy_(value)
    return extractor


@torch.no_grad()
def through(stem: nn.Module, images: Tensor) -> Prepared:
    """What a stem gives for images (N, 3, S, S) in [0, 1], in pieces that fit a processor's caches."""
    pieces = images.split(AT_ONCE["cpu"]) if has_weights(stem) else (images,)
    return joined([Prepared(parts_of(stem(piece)), "") for piece in pieces])


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
