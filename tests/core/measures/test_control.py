"""The control matrix of models made by hand, for which it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from core import Axis, Descriptor
from core.axes.descriptor import DescriptorLike
from core.backbones import Prepared
from core.measures import Control, control
from core.measures.control import control_steps, leakage, spearman
from core.measures.response import Images
from tests.core.conftest import pixels_of, unprepared

K = 5


def _axis(k: int) -> Axis:
    """Adds its magnitude to pixel k of the first row; a picture rests at one half there."""

    def brighten(images: Tensor, t: Tensor) -> Tensor:
        moved = images.clone()
        moved[:, :, 0, k] += t[:, None]
        return moved

    return Axis(f"pixel{k}", "grey", -0.5, 0.5, "one pixel brightens", filter=brighten)


AXES = tuple(_axis(k) for k in range(K))


def pictures(count: int = 40) -> Tensor:
    images = torch.rand(count, 3, K, K, generator=torch.Generator().manual_seed(0))
    images[:, :, 0] = 0.5
    return images


@dataclass
class Switched:
    """Feature k is a pixel of the content plus (1 - obedience * i_k) times the factor of axis k."""

    obedience: float
    transforms: tuple[Axis, ...] = AXES

    def prepare(self, images: Tensor) -> Prepared:
        return unprepared(images)

    def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
        i, pixels = Descriptor.of(descriptor, self.transforms).tensor(), pixels_of(images)
        content, factor = pixels[:, 0, 1], pixels[:, 0, 0] - 0.5
        return content + (1 - self.obedience * i) * factor


@pytest.fixture(scope="module")
def obedient() -> Control:
    return control(Switched(0.9), pictures(), draws=4, steps=5)


@pytest.fixture(scope="module")
def deaf() -> Control:
    return control(Switched(0.0), pictures(), draws=4, steps=5)


def test_the_matrix_of_an_obedient_model_is_diagonal(obedient: Control) -> None:
    matrix = obedient.matrix
    off = matrix - np.diag(np.diag(matrix))
    assert matrix.shape == (K, K) and np.abs(off).max() < 1e-9 and np.diag(matrix).min() > 0.05
    assert obedient.leakage == pytest.approx(0, abs=1e-9)
    assert obedient.valid and obedient.draws == 4 and obedient.axes == tuple(axis.name for axis in AXES)


def test_shares_follow_from_the_variances_of_content_and_factor() -> None:
    images = pictures(2000)
    measured = control(Switched(0.9), images, draws=4, steps=3)
    content = float(torch.cov(images[:, 0, 1].double().T).trace())
    for end, gain in ((0, 1.0), (1, 0.1)):
        within = gain**2 / 12  # the variance of a uniform factor of width 1
        assert measured.shares(end, "own").diagonal() == pytest.approx([within / (content + within)] * K, rel=0.06)


def test_the_ratio_is_that_of_the_shares_at_both_ends(obedient: Control) -> None:
    for metric in ("own", "whitened"):
        expected = obedient.along(metric)[:, 0] / obedient.along(metric)[:, -1]
        assert obedient.ratio(metric) == pytest.approx(expected)
        assert obedient.ratio(metric).min() > 20  # 100 for the variances, less for the shares


def test_every_step_of_an_obedient_slider_lowers_the_share(obedient: Control) -> None:
    for metric in ("own", "whitened"):
        assert obedient.along(metric).shape == (K, 5) and bool((np.diff(obedient.along(metric)) < 0).all())
        assert obedient.monotone(metric) == pytest.approx([-1] * K)


def test_the_sweep_ends_where_the_matrix_is_measured(obedient: Control) -> None:
    assert obedient.sweep == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    for column, end in ((0, 0), (-1, 1)):
        assert obedient.along()[:, column].tolist() == np.diag(obedient.shares(end)).tolist()
    assert obedient.rank.shape == (K, 5) and obedient.rank.min() >= 4 and obedient.rank.max() <= K


def test_control_may_be_lost_where_the_other_coordinates_are() -> None:
    class Shy(Switched):
        """A slider that loses its hold the more the others ignore."""

        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            i, pixels = Descriptor.of(descriptor, self.transforms).tensor(), pixels_of(images)
            rest = (i.sum() - i) / (K - 1)
            content, factor = pixels[:, 0, 1], pixels[:, 0, 0] - 0.5
            return content + (1 - 0.9 * i * (1 - rest)) * factor

    measured = control(Shy(0.0), pictures(), draws=4, steps=3, others=(0.0, 1.0))
    for metric in ("own", "whitened"):
        nowhere, middle, everywhere = (measured.ratio(metric, place) for place in (0.0, 0.5, 1.0))
        assert nowhere.min() > 20 and everywhere == pytest.approx([1] * K)
        assert bool((middle < nowhere).all() and (middle > 1).all())
        pairs = [measured.pair(k, 0.0) for k in range(K)]
        assert nowhere == pytest.approx([getattr(a, metric) / getattr(b, metric) for a, b in pairs])
    plain = control(Shy(0.0), pictures(), draws=4, steps=3)
    assert np.array_equal(plain.ratio(), measured.ratio()) and np.array_equal(plain.matrix, measured.matrix)
    with pytest.raises(KeyError):
        plain.ratio("own", 0.0)


def test_a_deaf_model_has_ratio_one_and_no_trend(deaf: Control) -> None:
    for metric in ("own", "whitened"):
        assert deaf.ratio(metric) == pytest.approx([1] * K)
        assert deaf.monotone(metric).tolist() == [0] * K
    assert np.abs(deaf.matrix).max() == 0 and deaf.leakage == 1


def test_a_defiant_model_has_a_rising_trend() -> None:
    assert control(Switched(-1.0), pictures(), draws=4, steps=3).monotone() == pytest.approx([1] * K)


def test_a_slider_that_also_moves_its_neighbour_leaks() -> None:
    class Leaking(Switched):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            i = Descriptor.of(descriptor, self.transforms).tensor()
            return Switched(1.0).features(images, ((i + i.roll(1)) / 2).tolist())

    measured = control(Leaking(0.0), pictures(), draws=4, steps=3)
    size = np.abs(measured.matrix)
    assert np.roll(size, -1, 1).diagonal() == pytest.approx(np.roll(size.diagonal(), -1))
    assert measured.leakage == pytest.approx(0.5, abs=0.02)


def test_a_model_of_one_direction_is_not_valid_and_a_constant_one_is_refused() -> None:
    class Narrow(Switched):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            return super().features(images, descriptor).sum(1, keepdim=True) * torch.ones(K)

    class Constant(Switched):
        def features(self, images: Images, descriptor: DescriptorLike) -> Tensor:
            return torch.ones(len(images), K)

    assert not control(Narrow(0.5), pictures(), draws=2, steps=3).valid
    with pytest.raises(ValueError, match="collapsed"):
        control(Constant(0.5), pictures(), draws=2, steps=3)


def test_progress_rises_between_zero_and_one_and_ends_with_the_result() -> None:
    *before, result = control_steps(Switched(0.5), pictures(8), draws=2, steps=3)
    assert isinstance(result, Control)
    progress = [share for share in before if not isinstance(share, Control)]
    assert len(progress) == len(before) and all(0 < share < 1 for share in progress) and progress == sorted(progress)


def test_a_measurement_is_repeatable_and_depends_on_the_seed() -> None:
    first, same, other = (control(Switched(0.5), pictures(8), seed, draws=2, steps=3).matrix for seed in (1, 1, 2))
    assert np.array_equal(first, same) and not np.array_equal(first, other)


def test_one_image_is_too_few() -> None:
    with pytest.raises(ValueError, match="At least 2 images"):
        control(Switched(0.5), pictures(1))


def test_leakage_is_the_share_off_the_diagonal() -> None:
    assert leakage(np.eye(4)) == 0
    assert leakage(-3 * np.eye(4)) == 0
    assert leakage(1 - np.eye(4)) == 1
    assert leakage(np.ones((4, 4))) == pytest.approx(0.75)
    assert leakage(np.array([[2.0, -1], [0, 1]])) == pytest.approx(0.25)
    assert leakage(np.zeros((4, 4))) == 1


def test_rank_correlation_ignores_the_form_of_a_curve() -> None:
    sweep = np.linspace(0, 1, 6)
    curves = np.stack([np.exp(-5 * sweep), sweep**3, np.ones(6), [0, 1, 0, 1, 0, 1]])
    assert spearman(sweep, curves)[:3].tolist() == pytest.approx([-1, 1, 0])
    assert 0 < spearman(sweep, curves)[3] < 0.5


def test_one_setting_is_no_sweep() -> None:
    with pytest.raises(ValueError, match="at least 2 settings"):
        control(Switched(0.5), pictures(), steps=1)
