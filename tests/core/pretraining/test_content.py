"""What a picture shows, and how it is read from features, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from core import AmortisedExtractor
from core.pretraining.content import content_of, reading_of
from core.pretraining.objective import Objective
from core.pretraining.recipe import Recipe
from tests.core.backbones.small import ARCHITECTURE, SMALL
from tests.core.conftest import smooth_images, tiny_model
from tests.core.pretraining.runs import pictures
from tests.core.samples import normal


def correlated(count: int = 60, size: int = 9) -> Tensor:
    return (normal(count, size) * torch.linspace(3, 0.2, size) @ normal(size, size, seed=1) + 5).float()


@pytest.mark.parametrize("size", [1, 4, 9])
@pytest.mark.parametrize("unit", [1.0, 1e3])
def test_content_is_the_leading_components_of_standardised_numbers(size: int, unit: float) -> None:
    told = correlated() * torch.linspace(1, unit, 9)
    found = content_of(tiny_model(), pictures(), size, stored=told)
    values = StandardScaler().fit_transform(told.double().numpy())
    pca = PCA(svd_solver="full").fit(values)
    expected = (
        pca.transform(values)[:, :size] / np.sqrt(pca.explained_variance_ + pca.explained_variance_.mean())[:size]
    )
    expected *= np.sign(pca.components_[range(size), np.abs(pca.components_[:size]).argmax(1)])
    expected /= np.sqrt(np.square(expected).mean())
    assert found is not None and found.dtype == torch.float32
    np.testing.assert_allclose(found.numpy(), expected, atol=2e-2)
    np.testing.assert_allclose(found.square().mean(), 1, rtol=1e-3)


def test_there_are_no_more_components_than_features_or_images() -> None:
    assert [
        content_of(tiny_model(), pictures(), 50, stored=correlated(count)).shape[1]  # type: ignore[union-attr]  # there are features
        for count in (60, 6, 2)
    ] == [9, 5, 1]


def test_content_comes_from_the_frozen_network_and_where_there_is_none_there_is_no_content() -> None:
    images, seen = (smooth_images(20, SMALL.side) * 255).byte(), list[float]()
    model = AmortisedExtractor(ARCHITECTURE)
    told = model.content(model.prepare(images.float() / 255))
    expected = content_of(model, images, 4, stored=told)
    found = content_of(model, images, 4, seen.append)
    assert found is not None and expected is not None and seen == [1.0]
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)
    assert content_of(tiny_model(), pictures(), 4) is None


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_the_reading_is_a_ridge_regression(scale: float) -> None:
    features, content = scale * correlated(200, 6), correlated(200, 4)
    weight, bias = reading_of(features, content)
    z = features.double().numpy()
    strength = 0.1 * 200 * np.square(z - z.mean(0)).mean()
    expected = Ridge(strength, solver="cholesky").fit(z, content.double().numpy())
    np.testing.assert_allclose(weight.numpy(), expected.coef_, atol=1e-5 / scale)
    np.testing.assert_allclose(bias.numpy(), expected.intercept_, atol=1e-3)


def test_the_teller_begins_with_what_the_features_tell_already() -> None:
    images = (smooth_images(48, SMALL.side) * 255).byte()
    torch.manual_seed(0)
    model = AmortisedExtractor(ARCHITECTURE)
    model.calibrate(model.prepare(images.float() / 255))
    content = content_of(model, images, 4)
    objective = Objective(model, Recipe(size=4, components=4, architecture=ARCHITECTURE), content)
    assert objective.teller is not None and content is not None

    @torch.no_grad()
    def error() -> float:
        assert objective.teller is not None
        return float((objective.teller(model.features(images.float() / 255, [0.5] * 6)) - content).square().mean())

    before = error()
    objective.begin(images)
    assert error() < 0.3 < 0.9 < before


def test_without_content_or_its_weight_there_is_no_teller() -> None:
    images, content = pictures(), normal(24, 3).float()
    for objective in (
        Objective(tiny_model(), Recipe(), None),
        Objective(tiny_model(), Recipe(content=0.0), content),
    ):
        objective.begin(images)
        assert objective.teller is None
