"""How well a strength is read from features: against cross-validation and what is known of noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.measures import decodability
from core.measures.decodability import paired_bootstrap, r_squared, ridge
from tests.core.samples import normal


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_decodability_is_the_r_squared_of_a_noisy_linear_code(noise: float) -> None:
    magnitudes = normal(800, 4)
    code = magnitudes[:, :, None] * normal(5, seed=1).sign() + noise * normal(800, 4, 5, seed=2)
    value, squares = decodability(code, magnitudes)
    x, t = code.reshape(-1, 5).numpy(), magnitudes.flatten().numpy()
    residual = t - x @ np.linalg.lstsq(x, t)[0]
    assert value == pytest.approx(1 - residual.var() / t.var(), abs=0.005)
    known = 5 / (5 + noise**2)  # the mean of five readings
    assert value == pytest.approx(known, abs=4 * 2 * (1 - known) * (known / len(t)) ** 0.5)
    assert squares.shape == (800, 2) and value == pytest.approx(1 - squares[:, 0].sum() / squares[:, 1].sum())


def test_decodability_agrees_with_cross_validation_of_scikit_learn() -> None:
    magnitudes = normal(200, 4)
    features = torch.cat([magnitudes[:, :, None] + normal(200, 4, 1, seed=1), normal(200, 4, 5, seed=2)], 2)
    x, t = features.reshape(-1, 6).numpy(), magnitudes.flatten().numpy()
    folds = GroupKFold(5).split(x, t, np.repeat(np.arange(200), 4))
    guess = cross_val_predict(LinearRegression(), x, t, cv=list(folds))
    expected = 1 - np.square(guess - t).sum() / np.square(t - t.mean()).sum()
    assert decodability(features, magnitudes)[0] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("count", "noise"), [(300, 0.1), (300, 5.0), (20, 1.0)])
def test_the_reader_is_that_of_scikit_learn(count: int, noise: float) -> None:
    x = normal(count, 30).numpy() * np.logspace(-3, 1, 30) + 7
    x[:, 3] = 2.5  # a feature that does not vary
    t = x[:, 5] / x[:, 5].std() + noise * normal(count, seed=1).numpy() - 40
    penalties = np.logspace(-2, 5, 15)
    reference = make_pipeline(StandardScaler(), RidgeCV(alphas=penalties)).fit(x, t)
    weights, offset = ridge(x, t, penalties)
    assert x @ weights + offset == pytest.approx(reference.predict(x), abs=1e-8)


def test_decodability_of_noise_is_zero() -> None:
    assert decodability(normal(200, 4, 8), normal(200, 4, seed=1))[0] < 0.01


def test_decodability_does_not_profit_from_recognising_an_image() -> None:
    """Each image has one strength of its own: whoever has seen the image knows it, and nobody else can."""
    code = normal(40, 1, 50).expand(-1, 4, -1) + 0.01 * normal(40, 4, 50, seed=2)
    strength = normal(40, 1, seed=1).expand(-1, 4)
    x, t = code.reshape(160, 50).numpy(), strength.reshape(160).numpy()
    seen = cross_val_predict(LinearRegression(), x, t, cv=KFold(5, shuffle=True, random_state=0))
    assert 1 - np.square(seen - t).sum() / np.square(t - t.mean()).sum() > 0.9
    assert decodability(code, strength)[0] < 0.05


def test_decodability_of_a_constant_magnitude_is_zero() -> None:
    assert decodability(normal(20, 3, 4), torch.ones(20, 3))[0] == 0


@pytest.mark.parametrize("features, magnitudes", [((9, 4), (9, 4)), ((9, 4, 3), (9, 3)), ((4, 4, 3), (4, 4))])
def test_decodability_refuses_shapes_that_do_not_fit(features: tuple[int, ...], magnitudes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"features \(N, J, D\) and magnitudes \(N, J\) with N >= 5"):
        decodability(torch.zeros(features), torch.zeros(magnitudes))


def test_the_paired_bootstrap_is_centred_on_the_difference() -> None:
    rng = np.random.default_rng(0)
    first, second = (np.stack([noise * rng.random(300), rng.random(300) + 1], 1) for noise in (0.5, 1.5))
    boot = paired_bootstrap(first, second, seed=0)
    assert boot.shape == (1000,)
    assert float(boot.mean()) == pytest.approx(r_squared(first) - r_squared(second), abs=0.01)
    assert float(paired_bootstrap(first, first, seed=0).abs().max()) == 0
