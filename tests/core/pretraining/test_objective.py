"""The loss of a step: which term sees what, weights, and groups one after the other or all at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from core import AmortisedExtractor
from core.pretraining import losses
from core.pretraining.content import content_of
from core.pretraining.groups import Group, draw_group
from core.pretraining.objective import PROJECTION, Objective
from core.pretraining.pairs import ViewRecipe
from core.pretraining.recipe import PROJECTABLE, Recipe
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.conftest import smooth_images

RECIPE = Recipe(size=6, groups=2, components=4, ramp=0.2, views=ViewRecipe(inside=0.4), architecture=ARCHITECTURE)
IMAGES = (smooth_images(40, SMALL.side) * 255).byte()


@pytest.fixture(scope="module")
def model() -> AmortisedExtractor:
    torch.manual_seed(0)
    made = AmortisedExtractor(ARCHITECTURE)
    made.calibrate(made.prepare(IMAGES.float() / 255))
    return made


@pytest.fixture(scope="module")
def content(model: AmortisedExtractor) -> Tensor:
    found = content_of(model, IMAGES, 4)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def groups(model: AmortisedExtractor) -> list[Group]:
    return [draw_group(IMAGES, RECIPE, step, number, model) for step in range(2) for number in range(2)]


def test_the_total_is_the_weighted_sum_of_the_terms(
    model: AmortisedExtractor, content: Tensor, groups: list[Group]
) -> None:
    terms = Objective(model, RECIPE, content)(groups)
    assert set(terms) == {*PROJECTABLE, "content", "total"}
    expected = sum(getattr(RECIPE, name) * float(term.detach()) for name, term in terms.items() if name != "total")
    assert float(terms["total"].detach()) == pytest.approx(expected, rel=1e-4)
    without = Objective(model, replace(RECIPE, content=0.0), content)(groups)
    assert set(without) == {*PROJECTABLE, "total"}


def test_groups_all_at_once_are_groups_one_after_the_other(
    model: AmortisedExtractor, content: Tensor, groups: list[Group]
) -> None:
    """What a graphics processor does with them, done here."""
    objective = Objective(model, replace(RECIPE, projected=("contrastive",)), content)
    expected = objective(groups)
    inputs = tree_map(lambda *same: torch.stack(same), *map(objective._inputs, groups))
    found = torch.func.vmap(objective._terms)(*inputs)
    for name, term in expected.items():
        assert found[name].shape == (4,)
        # Half precision, and products in another order.
        torch.testing.assert_close(found[name].mean(), term, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("name", PROJECTABLE)
def test_a_term_behind_a_projection_does_not_see_the_features(
    model: AmortisedExtractor, groups: list[Group], name: str
) -> None:
    direct, behind = (Objective(model, replace(RECIPE, projected=each), None) for each in ((), (name,)))
    assert direct.projector is None and behind.projector is not None
    assert behind.reader.in_features == (PROJECTION if name == "sensitivity" else SMALL.features)
    before = behind(groups[:1])
    with torch.no_grad():
        last = behind.projector.get_parameter("2.weight")
        last.copy_(last.roll(1, 0) * 3)
    after, plain = behind(groups[:1]), direct(groups[:1])
    changed = {each for each in PROJECTABLE if not torch.allclose(before[each], after[each], rtol=1e-4)}
    assert changed <= {name} and (changed or name not in ("variance", "sensitivity"))
    same = {each for each in PROJECTABLE if torch.allclose(before[each], plain[each])}
    assert name not in same and {*PROJECTABLE} - {name, "sensitivity"} <= same


def test_pairs_are_compared_with_the_distances_that_they_should_have(
    model: AmortisedExtractor, groups: list[Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All third views that differ count alike."""
    seen: list[tuple[Tensor, ...]] = []
    plain = losses.separation_loss

    def watched(own: Tensor, whitened: Tensor, *given: Tensor) -> Tensor:
        seen.append((own, whitened, *given))
        return plain(own, whitened, *given)

    monkeypatch.setattr(losses, "separation_loss", watched)
    Objective(model, RECIPE, None)(groups)
    assert len(seen) == len(groups)
    for (_, _, weight, target, within), group in zip(seen, groups, strict=True):
        views, ignored = group.views, group.descriptor[group.views.moved]
        inside = views.compared & (views.weight == 0)
        assert torch.equal(weight, views.compared)
        assert bool((within == (inside & ((views.negative - views.anchor).abs().amax(1) <= ignored))).all())
        assert bool((target[within] <= 0.5 * RECIPE.margin + 1e-6).all())
        assert bool((target[views.weight > 0] >= 0.5 * RECIPE.margin - 1e-6).all())
