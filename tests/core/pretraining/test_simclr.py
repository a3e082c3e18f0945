"""Plain SimCLR: on a pretrained stem only the tail is trained, and it begins where generation begins."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from core import AmortisedExtractor
from core.backbones import Extractor
from core.model.checkpoints import load_plain
from core.pretraining.simclr import nt_xent, through, train_plain
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.commands import Run
from tests.core.conftest import TINY, smooth_images
from tests.core.pretraining.runs import pictures, small_checkpoint
from tests.core.samples import normal, write_images


def small_pictures() -> Tensor:
    return (smooth_images(30, SMALL.side) * 255).byte()


def finished(steps: int, seed: int = 0) -> tuple[Extractor, list[float]]:
    run = [(loss, each) for _, loss, each in train_plain(small_pictures(), SMALL, steps, 8, seed)]
    return run[-1][1], [loss for loss, _ in run]


@pytest.mark.slow
def test_on_a_frozen_network_the_tail_is_trained_and_the_stem_is_not() -> None:
    torch.manual_seed(0)
    model = AmortisedExtractor(ARCHITECTURE)
    model.calibrate(model.prepare(small_pictures().float() / 255))
    extractor, losses = finished(3)
    stem, tail = model.stem.state_dict(), extractor.tail.state_dict()
    assert all(torch.equal(value, stem[name]) for name, value in extractor.stem.state_dict().items())
    assert not extractor.stem.training and len(losses) == 3
    torch.testing.assert_close(tail["centre"], model.constants.get_buffer("centre"), atol=1e-4, rtol=1e-4)
    (first, _), (again, _), (other, _) = finished(1), finished(1), finished(1, seed=1)
    for name, parameter in first.tail.named_parameters():
        assert torch.equal(parameter, again.tail.get_parameter(name)), "the same seed is the same run"
    assert not torch.equal(
        first.tail.get_parameter("branch.head.weight"), other.tail.get_parameter("branch.head.weight")
    )
    moved = [name for name, parameter in first.tail.named_parameters() if not torch.equal(parameter, tail[name])]
    assert {*moved} == {name for name, _ in first.tail.named_parameters()} - {"gates"}, "all are open and stay open"


def test_it_begins_with_what_the_network_tells() -> None:
    extractor = next(iter(train_plain(small_pictures(), SMALL, 1, 4, rate=1e-9)))[2]
    with torch.no_grad():
        told = extractor.stem(smooth_images(20, SMALL.side, seed=1))[0]
        features = extractor(smooth_images(20, SMALL.side, seed=1))
    assert extractor.beside is not None
    features = features - features @ extractor.beside @ extractor.beside.T
    apart = torch.stack([torch.pdist(features), torch.pdist((told - told.mean(0)) / (told.std(0) + 0.1))])
    assert float(torch.corrcoef(apart)[0, 1]) > 0.6, "12 of 2,086 components, without the branch"


def test_the_stem_sees_views_in_pieces_without_gradients() -> None:
    stem, images, seen = SMALL.stem().eval(), smooth_images(40, SMALL.side), list[int]()
    handle = stem.register_forward_hook(lambda _, given, __: seen.append(len(given[0])))
    parts = through(stem, images).parts
    handle.remove()
    assert seen == [16, 16, 8] and not any(part.requires_grad for part in parts)
    with torch.no_grad():
        for found, expected in zip(parts, stem(images), strict=True):
            torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_the_small_network_is_trained_as_a_whole() -> None:
    steps = list(train_plain(pictures(), TINY.backbone, 2, 8))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        start = Extractor(TINY.backbone).state_dict()
    assert all(not torch.equal(value, start[name]) for name, value in steps[-1][2].state_dict().items())


def test_the_contrastive_loss_is_that_of_a_plain_loop() -> None:
    z = normal(8, 3)
    unit = z / z.norm(dim=1, keepdim=True)
    similar, total = (unit @ unit.T / 0.2).exp(), 0.0
    for n in range(8):
        partner = (n + 4) % 8
        total -= float((similar[n, partner] / (similar[n].sum() - similar[n, n])).log()) / 8
    assert float(nt_xent(z, 0.2)) == pytest.approx(total)


@pytest.mark.slow
def test_the_command_takes_the_backbone_of_a_checkpoint(run: Run, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pictures", {"a": 12, "b": 12})
    words = ("--images", folder, "--out", tmp_path / "plain.safetensors", "--steps", 1, "--size", 4)
    result = run("pretrain-plain", *words, "--like", small_checkpoint(tmp_path))
    assert result.code == 0, result.error
    assert load_plain(tmp_path / "plain.safetensors").backbone == SMALL
