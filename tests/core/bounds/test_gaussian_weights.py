"""Gaussians over network weights against torch and the exact head; all methods and the command end to end."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from scipy.stats import binom
from torch import Tensor, nn
from torch.distributions import Independent, Normal, kl_divergence
from typer.testing import CliRunner

from core import AmortisedExtractor, save_checkpoint
from core.__main__ import app
from core.adaptation import Settings
from core.bounds import Grid, contours, pac_bayes
from core.bounds.gaussian_weights import Training, WeightGaussian, fit_gaussian, sampled_upper, scales_of
from core.bounds.gibbs import gibbs_risk
from core.certificates import Effort, FeatureBank, Labelled, Sample, exact_rows, operating_points
from core.certificates.comparators import METHODS, fitted_names, initial_network
from core.certificates.feature_bank import EXACT, HEAD, KEPT, LEVELS, OURS
from core.certificates.survey import network_rows
from core.tasks.task import Split
from tests.core.conftest import smooth_images, tiny_model

SHORT = Training(steps=30, batch=16)


def images_with_labels(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Is the picture redder than it is blue?"""
    images = smooth_images(count, seed=seed)
    return images, (images[:, 0].mean((1, 2)) > images[:, 2].mean((1, 2))).long()


def linear_gaussian(deviation: float) -> tuple[WeightGaussian, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(60, 5, generator=generator)
    labels = features[:, :3].argmax(1)
    network = nn.Linear(5, 3, bias=False)
    nn.init.zeros_(network.weight)
    return fit_gaussian(network, ("weight",), features, labels, deviation, SHORT), features, labels


@pytest.mark.parametrize("deviation", [0.1, 1.0])
def test_the_divergence_is_torchs(deviation: float) -> None:
    fit, _, _ = linear_gaussian(deviation)
    scale = deviation * fit.scales["weight"]
    q, p = (Independent(Normal(w["weight"], torch.full((3, 5), scale)), 2) for w in (fit.centre, fit.start))
    assert fit.kl == pytest.approx(float(kl_divergence(q, p)), rel=1e-4) and fit.kl > 0 and fit.parameters == 15


def test_drawn_networks_err_as_often_as_the_quadrature_says() -> None:
    fit, features, labels = linear_gaussian(1.0)
    spread = fit.deviation * fit.scales["weight"] * features.norm(dim=1)
    exact = gibbs_risk(features @ fit.centre["weight"].T, spread, labels)
    errors = fit.errors(features, labels, 3000, batch=20)
    assert float(errors.mean()) == pytest.approx(exact, abs=4 * float(errors.std()) / math.sqrt(3000))
    assert torch.equal(errors, fit.errors(features, labels, 3000, batch=20))
    assert exact < float((labels != labels.mode().values).float().mean())


def test_sampling_pays_for_itself() -> None:
    """The bound on a mean from m draws holds as often as promised, computed exactly for draws of 0 or 1."""
    m, risk, delta = 80, 0.3, 0.05
    held = sum(
        binom.pmf(k, m, risk)
        for k in range(m + 1)
        if sampled_upper(torch.tensor([1.0] * k + [0.0] * (m - k)), delta) >= risk
    )
    assert 1 - delta <= held < 1
    assert sampled_upper(torch.zeros(100), delta) == pytest.approx(1 - delta**0.01, abs=1e-9)


def test_scales_come_from_the_initial_weights() -> None:
    scales = scales_of({"kernel": torch.full((4, 2, 3, 3), -0.2), "zeros": torch.zeros(7, 16), "shift": torch.zeros(5)})
    assert scales == pytest.approx({"kernel": 0.2, "zeros": 0.25, "shift": 1.0})


def test_fitting_changes_only_what_is_named(model: AmortisedExtractor) -> None:
    network = initial_network("normalisation", model, 2, seed=0)
    names = fitted_names("normalisation", network)
    assert {"1.weight", "1.bias", "0.tail.norm2.scale"} <= set(names) and "0.tail.conv2.weight" not in names
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    images, labels = images_with_labels(30)
    fit = fit_gaussian(network, names, images, labels, 0.1, Training(steps=3, batch=8))
    assert set(fit.centre) == set(names) and all(not torch.equal(fit.centre[n], fit.start[n]) for n in ("1.weight",))
    assert all(torch.equal(before[name], weight) for name, weight in network.state_dict().items())
    assert set(fitted_names("fine-tuning", network)) == set(dict(network.named_parameters()))


@pytest.mark.slow
def test_a_prior_from_half_of_the_labels_is_worth_more_than_one_from_none(model: AmortisedExtractor) -> None:
    labels = torch.arange(120) % 2
    tints = torch.tensor([[0.6, 0.0, 0.0], [0.0, 0.0, 0.6]])[labels][:, :, None, None]  # plain to see
    data = Labelled(0.4 * smooth_images(120) + tints, labels, 2)
    effort = Effort(draws=60, training=Training(steps=40, batch=32))
    none, half = (
        next(operating_points(model, data, prior=prior, methods=("from scratch",), effort=effort))
        for prior in ("initial", "half")
    )
    assert half.gibbs < 0.2 and half.bound < none.bound and half.kl < none.kl


@pytest.mark.slow
@pytest.mark.parametrize("prior", ["initial", "half"])
def test_all_methods_share_one_currency(model: AmortisedExtractor, prior: str) -> None:
    labelled, test = (Split(*images_with_labels(count, seed=seed)) for seed, count in enumerate((48, 24)))
    sample = Sample(labelled, ("blue", "red"), test, 48, ())
    effort = Effort(draws=30, training=Training(steps=4, batch=8))
    bank = FeatureBank(model, sample, Settings(steps=3))
    rows = [*exact_rows(bank, 48, priors=(prior,)), *network_rows(model, sample, 48, priors=(prior,), effort=effort)]
    points = [row.point for row in rows]
    assert tuple(point.method for point in points) == METHODS
    for point in points:
        assert point.prior == prior and point.n == (48 if prior == "initial" else len(sample.halves(48)[1]))
        assert point.gibbs <= point.gibbs_upper <= point.bound <= 1 and point.held_out is not None
        exact = point.method in EXACT
        assert (point.gibbs == point.gibbs_upper) is exact
        share = 1.0 if exact else 0.8
        again = float(pac_bayes(point.gibbs_upper, point.kl, point.n, share * point.delta, point.priors))
        assert point.bound == pytest.approx(again, abs=1e-9)
        line = contours([point.bound], [point.complexity], point.n, share * point.delta, point.priors)
        assert point.bound > 1 - 1e-9 or line.item() == pytest.approx(point.gibbs_upper, abs=1e-6)
    sizes = {point.method: point.parameters for point in points}
    assert sizes[OURS] == sizes[HEAD] + 6 == sizes[KEPT] + 6
    assert sizes[HEAD] < sizes["normalisation"] < sizes["fine-tuning"] == sizes["from scratch"]


def test_the_command_certifies_a_folder(tmp_path: Path) -> None:
    images, labels = images_with_labels(60)
    for number, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
        folder = tmp_path / "images" / ("blue", "red")[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image.permute(1, 2, 0) * 255).byte().numpy()).save(folder / f"{number}.png")
    save_checkpoint(tiny_model(), tmp_path / "tiny.safetensors", {"name": "tiny"})
    arguments = ["--images", str(tmp_path / "images"), "--checkpoint", str(tmp_path / "tiny.safetensors")]
    done = CliRunner().invoke(app, ["certify", *arguments, "--labels", "40", "--json", str(tmp_path / "out.json")])
    assert done.exit_code == 0, done.output
    assert "drawn anew" in done.output and ("With probability 95\u00a0%" in done.output or "Vacuous" in done.output)
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    rows = {row["point"]["method"]: row for row in document["rows"]}
    assert tuple(rows) == EXACT and document["tests"] == 20
    for row in rows.values():
        point = row["point"]
        assert point["n"] in (19, 20, 21) and point["gibbs"] <= point["bound"] <= 1 and point["held_out"] is not None
    ours = rows[OURS]
    assert ours["descriptor"] == list(Grid(LEVELS, 6).snap(ours["returned"])), "what gradient descent returns, rounded"
    assert ours["point"]["descriptor"] == pytest.approx(6 * math.log(LEVELS)) and "one of 46,656" in done.output
    assert rows[HEAD]["point"]["descriptor"] == rows[KEPT]["point"]["descriptor"] == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_gaussian(nn.Linear(2, 2), ("gone",), torch.ones(4, 2), torch.ones(4).long(), 0.1), "no parameter"),
        (lambda: fit_gaussian(nn.Linear(2, 2), (), torch.ones(4, 2), torch.ones(4).long(), 0.1), "No parameter"),
        (lambda: fit_gaussian(nn.Linear(2, 2), ("bias",), torch.ones(4, 2), torch.ones(4).long(), 0.0), "deviation"),
        (
            lambda: list(operating_points(tiny_model(), Labelled(*images_with_labels(8), 2), methods=("x",))),
            "no network",
        ),
        (lambda: linear_gaussian(1.0)[0].errors(torch.ones(4, 5), torch.ones(4).long(), 0), "number of draws"),
    ],
)
def test_a_wrong_input_gets_a_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
