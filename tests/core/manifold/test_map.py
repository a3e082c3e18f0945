"""The map of the descriptor space: designs, fingerprints, layouts, trust, files, and where a point lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from scipy.spatial.distance import pdist, squareform

from core import AmortisedExtractor, load_checkpoint, save_checkpoint
from core.cli.manifold import heard
from core.inspect.sensitivity import background
from core.manifold import DESIGNS, SHIPPED, ExtractorMap, Settings, compute, load_map, place, save_map
from core.manifold.projections import pca_layout, reduce
from core.manifold.quality import judge
from core.manifold.representations import Representations, probe, take_representations
from core.manifold.store import FORMAT
from core.model.checkpoints import digest
from tests.core.conftest import tiny_model

SMALL = Settings(count=60, neighbours=5)


def quiet(text: str, share: float) -> None:
    assert text and 0 <= share <= 1


@pytest.fixture(scope="module")
def model() -> AmortisedExtractor:
    model = tiny_model()
    model.metadata["digest"] = digest(model)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def mapped(model: AmortisedExtractor) -> ExtractorMap:
    return compute(model, SMALL, quiet)


def fingerprints(model: AmortisedExtractor, points: np.ndarray) -> Representations:
    return take_representations(model, points, probe(model, 0, 42), quiet)


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("axes", [2, 3, 6])
def test_a_design_has_all_corners_and_its_edges_join_neighbours(name: str, axes: int) -> None:
    design = DESIGNS[name](axes, 300)
    assert len(design.points) >= 300 and design.points.dtype == np.float32
    assert len(np.unique(design.points, axis=0)) == len(design.points)
    assert design.points.min() >= 0 and design.points.max() <= 1
    assert np.isin(design.points, (0, 1)).all(1).sum() == 2**axes
    changed = np.abs(np.diff(design.points[design.edges], axis=1)[:, 0]) > 1e-6
    assert (changed.sum(1) == 1).all()
    again = DESIGNS[name](axes, 300)
    assert np.array_equal(again.points, design.points)


def test_a_wireframe_is_connected_and_every_corner_has_an_edge_per_axis() -> None:
    design = DESIGNS["wireframe"](3, 100)
    degree = np.bincount(design.edges.ravel(), minlength=len(design.points))
    assert (degree[:8] == 3).all() and (degree[8:] == 2).all()


def test_features_are_compared_by_cka(model: AmortisedExtractor) -> None:
    points = np.array([[0.0] * 6, [1.0] * 6, [0.5] * 6], np.float32)
    images = probe(model, 0, 42)
    rows = take_representations(model, points, images, quiet).features
    kernels = []
    for point in points:
        z = model.features(images.images, point.tolist())
        z = torch.nn.functional.normalize(z - z[: images.pictures].mean(0), dim=1)
        kernels.append(z @ z.T)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        cka = float((kernels[a] * kernels[b]).sum() / kernels[a].norm() / kernels[b].norm())
        assert np.sum((rows[a] - rows[b]) ** 2) == pytest.approx(2 - 2 * cka, abs=0.01)


def test_sensitivity_is_movement_on_the_scale_of_other_pictures(model: AmortisedExtractor) -> None:
    point = np.array([[0.2, 0.9, 0.4, 0.5, 0.1, 1.0]], np.float32)
    images = probe(model, 0, 140)
    measured = take_representations(model, point, images, quiet).sensitivity[0]
    ground = background(lambda x: model.features(x, point[0].tolist()), images.images[: images.pictures])
    for k in range(len(model.transforms)):
        moved = images.images[images.pictures * (k + 1) :][: images.pictures]
        similarity = ground.cosine(model.features(moved, point[0].tolist()), ground.originals)
        assert measured[k] == pytest.approx(ground.movement(similarity).mean(), abs=0.02)


def test_all_kinds_of_fingerprints_tell_descriptors_apart(model: AmortisedExtractor) -> None:
    points = DESIGNS["scattered"](6, 70).points
    found = fingerprints(model, points)
    for kind in ("features", "sensitivity", "weights"):
        rows = found.of(kind)
        assert len(rows) == len(points) and np.isfinite(rows).all() and pdist(rows).min() > 0
    assert np.array_equal(fingerprints(model, points[:3]).weights, found.weights[:3])


@pytest.mark.slow
def test_fingerprints_are_the_same_in_processes(model: AmortisedExtractor) -> None:
    points = DESIGNS["scattered"](6, 70).points
    shares: list[float] = []
    found = take_representations(model, points, probe(model, 0, 42), lambda text, share: shares.append(share), 2)
    here = fingerprints(model, points)
    assert len(shares) == len(points) and shares[-1] == 1
    for kind in ("features", "sensitivity", "weights"):
        np.testing.assert_allclose(found.of(kind), here.of(kind), atol=1e-5)


def test_work_can_be_stopped(model: AmortisedExtractor) -> None:
    def stop(text: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute(model, SMALL, stop)


def test_trust_is_full_for_a_copy_and_chance_for_a_shuffled_one() -> None:
    points = np.random.default_rng(0).random((200, 2))
    same = judge(points, 3 * points[:, ::-1])
    assert same.trustworthiness == same.continuity == 1 and same.shepard == pytest.approx(1)
    lost = judge(points, np.random.default_rng(1).permutation(points))
    assert lost.trustworthiness < 0.6 and lost.continuity < 0.6 and abs(lost.shepard) < 0.1


def test_trust_is_that_of_its_definition() -> None:
    generator = np.random.default_rng(0)
    truth, drawn = generator.random((60, 4)), generator.random((60, 2))
    k, n = 5, 60

    def missed(a: np.ndarray, b: np.ndarray) -> float:
        """1 - 2 / (n k (2n - 3k - 1)) * sum of how far false neighbours in ``b`` rank beyond k in ``a``."""
        ranks = squareform(pdist(a)).argsort(1).argsort(1)
        near = squareform(pdist(b)).argsort(1)[:, 1 : k + 1]
        beyond = sum(max(ranks[i, j] - k, 0) for i in range(n) for j in near[i])
        return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * beyond

    marks = judge(truth, drawn, k)
    assert marks.trustworthiness == pytest.approx(missed(truth, drawn))
    assert marks.continuity == pytest.approx(missed(drawn, truth))


def test_pca_of_a_plane_is_the_plane() -> None:
    generator = np.random.default_rng(0)
    flat = generator.random((80, 2)) @ generator.random((2, 30))
    reduced = reduce(flat, "euclidean")
    layout = pca_layout(reduced, 2)
    assert reduced.explained[:2].sum() == pytest.approx(1) and layout.trust.shepard == pytest.approx(1)


@pytest.mark.slow
def test_same_seed_same_map(model: AmortisedExtractor, mapped: ExtractorMap) -> None:
    again = compute(model, SMALL, quiet)
    for one, other in zip(mapped.layouts, again.layouts, strict=True):
        assert np.array_equal(one.positions, other.positions) and one.trust == other.trust
    assert np.array_equal(mapped.sensitivity, again.sensitivity)
    assert not np.allclose(mapped.layout("umap", 2, 0).positions, mapped.layout("umap", 2, 1).positions)


@pytest.mark.slow
def test_a_map_has_plane_and_space_of_both_methods(mapped: ExtractorMap) -> None:
    assert torch.get_num_threads() == 1, "UMAP would leave as many as there are cores to everything that follows"
    for method in ("pca", "umap"):
        for dimensions in (2, 3):
            layout = mapped.layout(method, dimensions)
            assert layout.positions.shape == (len(mapped.points), dimensions) and np.isfinite(layout.positions).all()
    assert mapped.seeds("umap", 2) == (0, 1, 2)
    with pytest.raises(ValueError, match="no layout by umap in 2 dimensions with seed 7"):
        mapped.layout("umap", 2, 7)
    assert 0 < mapped.explained.sum() <= 1.0001 and (np.diff(mapped.explained) <= 1e-6).all()


@pytest.mark.slow
def test_a_map_survives_its_file(mapped: ExtractorMap, tmp_path: Path) -> None:
    path = tmp_path / "map.safetensors"
    save_map(mapped, path)
    read = load_map(mapped.checkpoint, path)
    assert read.settings == mapped.settings and read.axes == mapped.axes and read.date
    assert np.array_equal(read.points, mapped.points) and np.array_equal(read.edges, mapped.edges)
    for one, other in zip(read.layouts, mapped.layouts, strict=True):
        assert (one.method, one.seed, one.trust) == (other.method, other.seed, other.trust)
        assert np.array_equal(one.positions, other.positions)
    assert [file.name for file in tmp_path.iterdir()] == ["map.safetensors"]


@pytest.mark.slow
def test_a_map_of_another_checkpoint_is_refused_with_a_sentence(mapped: ExtractorMap, tmp_path: Path) -> None:
    path = tmp_path / "map.safetensors"
    save_map(mapped, path)
    with pytest.raises(ValueError, match=rf"checkpoint {mapped.checkpoint}.*is abc.*\./run\.sh manifold"):
        load_map("abc", path)


def _damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def _forget(path: Path) -> None:
    save_file({"points": np.zeros(3)}, path, {"format": FORMAT})


def _replace(path: Path) -> None:
    save_file({"points": np.zeros(3)}, path)


@pytest.mark.slow
@pytest.mark.parametrize("harm", [_damage, _forget, _replace, Path.unlink])
def test_a_file_that_is_no_map_is_refused_with_a_sentence(
    mapped: ExtractorMap, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    path = tmp_path / "map.safetensors"
    save_map(mapped, path)
    harm(path)
    with pytest.raises((ValueError, FileNotFoundError), match=r"map\.safetensors.*\./run\.sh manifold"):
        load_map(mapped.checkpoint, path)


@pytest.mark.parametrize("bad", [{"design": "star"}, {"kind": "taste"}, {"distance": "far"}, {"count": 3},
                                 {"neighbours": 1}, {"seed": -1}])  # fmt: skip
def test_settings_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        replace(SMALL, **bad)


@pytest.mark.slow
def test_a_descriptor_of_the_map_lies_at_its_own_place(mapped: ExtractorMap) -> None:
    positions = mapped.layout("umap", 2).positions
    np.testing.assert_allclose(place(mapped.points, positions, mapped.points), positions, atol=1e-3)


def test_a_moving_descriptor_does_not_jump() -> None:
    design = DESIGNS["wireframe"](3, 100)
    way = np.linspace(0, 1, 400)[:, None] * np.array([1.0, 0.7, 0.2])
    placed = place(design.points, design.points[:, :2], way)
    assert max(np.linalg.norm(b - a) for a, b in pairwise(placed)) < 0.1
    assert np.abs(placed - way[:, :2]).max() < 0.35


def test_the_middle_of_the_cube_lies_in_the_middle() -> None:
    design = DESIGNS["wireframe"](6, 1000)
    np.testing.assert_allclose(place(design.points, design.points, np.full((1, 6), 0.5)), 0.5, atol=1e-6)


def test_progress_is_heard_and_other_lines_are_not() -> None:
    assert heard("progress\t0.2500\textractors\n") == (0.25, "extractors")
    for line in ("", "progress", "progress\tx\ty", "Traceback (most recent call last):"):
        assert heard(line) is None


def test_the_shipped_map_is_of_the_shipped_checkpoint_and_may_be_believed() -> None:
    """After a new checkpoint: run ./run.sh manifold."""
    mapped = load_map(load_checkpoint().metadata["digest"])
    assert len(mapped.points) >= 1000 and SHIPPED.stat().st_size < 3 * 2**20
    assert all(mapped.layout("umap", 2, seed).trust.trustworthiness >= 0.95 for seed in mapped.seeds("umap", 2))


@pytest.mark.slow
def test_the_command_makes_the_map_of_a_checkpoint(
    model: AmortisedExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.__main__ import main

    checkpoint, out = tmp_path / "tiny.safetensors", tmp_path / "map.safetensors"
    save_checkpoint(model, checkpoint, {})
    line = ["core", "manifold", "--checkpoint", str(checkpoint), "--out", str(out), "--count", "50", "--no-tasks"]
    line += ["--jobs", "2"]
    monkeypatch.setattr("sys.argv", line)
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    assert "trustworthiness" in capsys.readouterr().out
    mapped = load_map(load_checkpoint(checkpoint).metadata["digest"], out)
    assert set(mapped.seconds) >= {"extractors", "UMAP"}
