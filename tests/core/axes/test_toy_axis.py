"""An axis is one entry: a model, its pretraining, measures, a fit and the page all take it from there."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core import AXES, AmortisedExtractor, Descriptor, measures
from core.axes.augmentation_code import policy_code
from core.axes.presets import presets
from core.inspect.picture_report import look
from core.model.checkpoints import load_checkpoint, save_checkpoint
from core.pretraining.groups import draw_group
from core.pretraining.loop import optimise, optimiser_of, pretrain
from core.pretraining.objective import Objective
from core.pretraining.recipe import Recipe
from core.pretraining.state import read_average
from core.tasks import known_tasks
from tests.core.conftest import TINY, smooth_images
from tests.toy_axis import MORE, TOY


@pytest.fixture
def model() -> AmortisedExtractor:
    torch.manual_seed(0)
    return AmortisedExtractor(TINY, MORE).eval().requires_grad_(False)


def test_a_descriptor_a_preset_and_a_policy_know_it(model: AmortisedExtractor) -> None:
    point = Descriptor.parse("saturation=1", default=0.0, axes=MORE)
    assert point.values == (0.0,) * 6 + (1.0,)
    assert all(len(preset.values) == 7 for preset in presets(MORE))
    assert "v2.ColorJitter(saturation=(0.500, 2.000))," in policy_code(point.values, MORE)
    images = smooth_images(4)
    kept, ignored = (model.features(images, Descriptor.parse(f"saturation={end}", axes=MORE)) for end in (0, 1))
    assert (kept - ignored).norm() > 0


def test_it_is_measured_and_looked_at(model: AmortisedExtractor) -> None:
    found = measures.control(model, smooth_images(20), draws=2, steps=3)
    assert found.axes[-1] == "saturation" and found.matrix.shape == (7, 7)
    pictures = {f"picture {n}": image for n, image in enumerate(smooth_images(3))}
    report = look(model, pictures, "picture 0", Descriptor.constant(0.5, MORE), TOY)
    assert report["axis"] == "saturation" and len(report["curves"]) == 7


def test_it_is_pretrained_and_kept_in_a_state(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.model.checkpoints.AXES", MORE)  # as an entry in the file would
    images = (smooth_images(12) * 255).byte()
    recipe = Recipe(steps=2, groups=2, size=4, architecture=TINY)
    steps = list(pretrain(images, recipe, tmp_path, data="smooth", device=torch.device("cpu"), axes=MORE))
    assert len(steps) == 2 and all(np.isfinite(step.terms["total"]) for step in steps)
    trained, _ = read_average(tmp_path)
    assert trained.transforms == MORE
    with pytest.raises(ValueError, match="made with other axes"):
        next(pretrain(images, recipe, tmp_path, data="smooth", device=torch.device("cpu")))
    save_checkpoint(trained, tmp_path / "toy.safetensors", {})
    assert load_checkpoint(tmp_path / "toy.safetensors").transforms == MORE


def test_a_training_step_pulls_on_its_coordinate() -> None:
    torch.manual_seed(0)
    recipe = Recipe(groups=1, size=8, architecture=TINY)
    objective = Objective(AmortisedExtractor(TINY, MORE), recipe)
    group = draw_group((smooth_images(12) * 255).byte(), recipe, 0, 0, objective.model)
    assert group.descriptor.shape == (7,) and group.views.anchor.shape == (8, 7)
    optimise(objective, [group], optimiser_of(objective, recipe), 1e-3)
    gradient = objective.model.hypernetwork.direct.weight.grad
    assert gradient is not None and float(gradient[:, [6, 13]].abs().max()) > 0


def test_tasks_of_the_other_axes_stay_as_they_are() -> None:
    assert [each.name for each in known_tasks(MORE)] == [each.name for each in known_tasks(AXES)]
