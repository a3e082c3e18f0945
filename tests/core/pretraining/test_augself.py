"""AugSelf: what is known of each view is what was done to it, and it is what the features are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from kornia.augmentation import AugmentationSequential, ColorJitter, RandomResizedCrop
from torch import Tensor

from core.model.checkpoints import load_plain
from core.pretraining.augself import ChangeHead, change_loss, drawn_changes
from core.pretraining.simclr import train_plain
from tests.core.backbones.small import SMALL
from tests.core.commands import Run
from tests.core.conftest import TINY
from tests.core.pretraining.runs import pictures, small_checkpoint
from tests.core.samples import normal, write_images

SIDE = 48


def views(colour: float) -> AugmentationSequential:
    return AugmentationSequential(
        RandomResizedCrop((SIDE, SIDE), scale=(0.2, 1.0)),
        ColorJitter(colour, colour, colour, 0.1, p=0.5),
        data_keys=["input"],
    )


def correlation(one: Tensor, other: Tensor) -> float:
    return float(torch.corrcoef(torch.stack([one, other]))[0, 1])


def test_a_crop_is_known_by_where_it_is_in_the_picture_and_how_large() -> None:
    torch.manual_seed(0)
    ramp = torch.linspace(-1, 1, SIDE)
    picture = torch.stack([ramp[:, None].expand(SIDE, SIDE), ramp.expand(SIDE, SIDE), torch.zeros(SIDE, SIDE)])
    crop = AugmentationSequential(
        RandomResizedCrop((SIDE, SIDE), scale=(0.2, 1.0)), ColorJitter(p=0.0), data_keys=["input"]
    )
    seen = crop(picture.expand(40, -1, -1, -1))
    row, column, height, width = drawn_changes(crop, SIDE)[:, :4].T
    torch.testing.assert_close(seen[:, 0].mean((1, 2)), row, atol=0.05, rtol=0)
    torch.testing.assert_close(seen[:, 1].mean((1, 2)), column, atol=0.05, rtol=0)
    spans = [seen[:, place].amax((1, 2)) - seen[:, place].amin((1, 2)) - 1 for place in (0, 1)]
    torch.testing.assert_close(torch.stack(spans), torch.stack([height, width]), atol=0.1, rtol=0)


def test_colours_are_known_and_none_is_a_change_that_was_not_made() -> None:
    torch.manual_seed(0)
    drawn, grey = views(0.4), torch.full((60, 3, SIDE, SIDE), 0.5)
    seen, found = drawn(grey).mean((1, 2, 3)), drawn_changes(drawn, SIDE)
    still = (seen - 0.5).abs() < 1e-6
    assert 15 < int(still.sum()) < 45 and bool((found[still, 4:] == 0).all()) and bool((found[~still, 4:] != 0).all())
    assert float(found.abs().max()) <= 1 and correlation(seen, found[:, 4]) > 0.7


def test_the_loss_is_the_squared_error_of_differences() -> None:
    told, drawn = normal(3, 8), normal(6, 8)
    by_hand = sum((float(told[n, k]) - float(drawn[n, k] - drawn[n + 3, k])) ** 2 for n in range(3) for k in range(8))
    assert float(change_loss(told, drawn)) == pytest.approx(by_hand / 24)
    assert ChangeHead(5)(normal(6, 5).float()).shape == (3, 8)


def test_training_with_it_is_another_training_and_without_it_the_old_one() -> None:
    def losses(changes: float) -> list[float]:
        return [loss for _, loss, _ in train_plain(pictures(), TINY.backbone, 2, 8, changes=changes)]

    assert losses(0.0) == losses(0.0) != losses(1.0) and losses(1.0)[0] > losses(0.0)[0]


def test_the_head_learns_to_tell_changes() -> None:
    torch.manual_seed(0)
    head, drawn = ChangeHead(8), normal(200, 8).float()
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    first = float(change_loss(head(drawn), drawn).detach())
    for _ in range(200):
        optimiser.zero_grad()
        loss = change_loss(head(drawn), drawn)  # features that are the changes themselves
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.1 * first


@pytest.mark.slow
def test_the_command_says_in_the_file_that_it_is_one(run: Run, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pictures", {"a": 12, "b": 12})
    words = ("--images", folder, "--out", tmp_path / "augself.safetensors", "--steps", 1, "--size", 4)
    result = run("pretrain-plain", *words, "--like", small_checkpoint(tmp_path), "--augself", 0.5)
    assert result.code == 0, result.error
    assert load_plain(tmp_path / "augself.safetensors").backbone == SMALL
    assert b'augself\\":' in (tmp_path / "augself.safetensors").read_bytes()
