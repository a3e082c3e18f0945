"""Certificates of tasks: which images count, rows against the plain functions, the file, the command, a paid fit."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from core import AmortisedExtractor, save_checkpoint
from core.__main__ import app
from core.bounds import certify
from core.bounds.gaussian_weights import Training
from core.certificates import choose_descriptor
from core.certificates.comparators import NETWORKS, Effort
from core.certificates.feature_bank import HEAD, OURS, FeatureBank, exact_rows
from core.certificates.fit_certificate import LEVELS, certify_fit
from core.certificates.independent_images import LABELS, sample_of
from core.certificates.markdown import report, summary
from core.certificates.survey import network_rows, read_survey, save_survey, survey
from core.tasks import Task, TaskSource, known_tasks
from core.tasks.contents import CONTENTS
from core.tasks.known import _BEYOND
from core.tasks.task import Split
from tests.core.conftest import TINY, smooth_images, tiny_model

FACES = "faces despite rotation"
QUICK = Effort(draws=20, training=Training(steps=2, batch=8))


def source(name: str) -> TaskSource:
    return next(each for each in known_tasks(side=TINY.backbone.input_size) if each.name == name)


def red_or_blue(count: int, shows: torch.Tensor | None = None) -> Task:
    images = smooth_images(count)
    labels = torch.arange(count) % 2
    images[:, 0] += 0.3 * labels[:, None, None]
    split, test = Split(images.clamp(0, 1), labels), Split(smooth_images(20, seed=1), torch.arange(20) % 2)
    cut = count // 2
    return Task("red", "Red?", split.at(torch.arange(cut)), split.at(torch.arange(cut, count)), test, ("no", "yes"),
                shows=shows)  # fmt: skip


@pytest.fixture(scope="module")
def bank() -> FeatureBank:
    return FeatureBank(tiny_model(), sample_of(red_or_blue(48), 3), torch.eye(6)[:3])


@pytest.mark.parametrize("name", ["textures despite hue", FACES])
def test_of_images_that_show_the_same_thing_one_is_kept(name: str) -> None:
    task = source(name).draw(300, 0)
    sample = sample_of(task, 0)
    assert task.shows is not None and len(sample.labelled) == len(task.shows.unique()) < sample.drawn == 300
    assert f"only {len(sample.labelled)} were used" in " ".join(sample.about)
    kept = {tuple(image.flatten()[:50].tolist()) for image in sample.labelled.images}
    groups = [
        group
        for image, group in zip(task.labelled.images, task.shows.tolist(), strict=True)
        if tuple(image.flatten()[:50].tolist()) in kept
    ]
    assert len(groups) == len(set(groups)) == len(kept)


def test_what_a_task_shows_is_in_the_order_of_its_labelled_images() -> None:
    """Two images of the same group have the same class, and the groups of both splits together are all."""
    task = source("textures despite hue").draw(120, 1)
    assert task.shows is not None and len(task.shows) == len(task.labelled)
    content = CONTENTS["textures"](32)
    classes = {int(g): int(label) for g, label in zip(content.groups, content.labels, strict=True)}
    assert [classes[g] for g in task.shows.tolist()] == task.labelled.targets.tolist()


def test_every_content_says_what_new_images_are() -> None:
    assert set(_BEYOND) == set(CONTENTS)


def test_classes_take_turns_and_halves_are_even_and_nested() -> None:
    sample = sample_of(source("digits despite hue").draw(200, 0), 0)
    assert sample.sizes() == (40, 100, 200) and max(LABELS) == 800
    before: set[int] = set()
    for n in sample.sizes():
        first, second = sample.halves(n)
        assert not set(first.tolist()) & set(second.tolist()) and len(first) == len(second) == n // 2
        assert torch.bincount(sample.labelled.targets[second]).tolist() == [n // 20] * 10
        assert before <= set(first.tolist())
        before = set(first.tolist())


def test_where_nobody_knows_what_images_show_the_sample_says_so() -> None:
    assert "cannot be checked here" in " ".join(sample_of(red_or_blue(12)).about)
    known = sample_of(red_or_blue(12, torch.arange(12)))
    assert "cannot be checked" not in " ".join(known.about) and len(known.labelled) == 12


def test_rows_are_what_the_plain_functions_say(bank: FeatureBank) -> None:
    rows = {(row.point.prior, row.point.method): row for row in exact_rows(bank, 40)}
    assert set(rows) == {(prior, method) for prior in ("initial", "half") for method in (HEAD, OURS)}
    first, second = bank.sample.halves(40)
    images, labels = bank.sample.labelled.images, bank.sample.labelled.targets
    ours = rows["half", OURS]
    assert ours.descriptor == choose_descriptor(bank.model, images[first], labels[first], 2, bank.candidates)
    features = [bank.model.features(images[part], ours.descriptor) for part in (first, second)]
    again = certify(features[0], labels[first], features[1], labels[second], 2)
    assert ours.point.bound == pytest.approx(again.bound) and ours.held_out_bound == again.held_out_exact
    paid = rows["initial", OURS]
    assert paid.point.descriptor == pytest.approx(math.log(3)) and paid.point.n == 40 and paid.held_out_bound is None
    assert rows["initial", HEAD].point.descriptor == 0 and rows["initial", HEAD].descriptor == (0.5,) * 6
    assert paid.uniform is not None and paid.uniform > 0.5
    fresh = [row.point.held_out for row in rows.values()]
    assert all(value is not None and 0 <= value <= 1 for value in fresh)


def test_a_bank_that_is_interrupted_goes_on_where_it_was() -> None:
    bank = FeatureBank(tiny_model(), sample_of(red_or_blue(90)), torch.eye(6)[:2])
    shares: list[float] = []

    def interrupt(share: float) -> None:
        shares.append(share)
        if bank.ready:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bank.prepare(90, interrupt)
    assert bank.ready == 40 and shares == sorted(shares)
    bank.prepare(90)
    fresh = FeatureBank(tiny_model(), bank.sample, bank.candidates)
    rows = torch.arange(90)
    assert bank.ready == 90 and torch.allclose(bank.features(1, rows), fresh.features(1, rows), atol=1e-5)


def test_a_fit_that_used_all_labels_pays_for_its_descriptor(model: AmortisedExtractor) -> None:
    task = red_or_blue(60)
    found = certify_fit(model, task, (0.93, 0.5, 0.0, 1.0, 0.11, 0.29))
    assert found.descriptor == pytest.approx((1.0, 0.6, 0.0, 1.0, 0.2, 0.2))
    assert found.candidates == LEVELS**6 and found.certificate.kl.descriptor == pytest.approx(6 * math.log(LEVELS))
    assert found.certificate.n == found.certificate.seen == 30 and "cost 10.8 nats" in " ".join(
        found.certificate.conditions
    )


@pytest.mark.slow
def test_a_survey_is_kept_in_a_file_that_knows_its_checkpoint(tmp_path: Path) -> None:
    model = tiny_model()
    model.metadata["digest"] = "abc"
    sources = [source(FACES), source("rotation of faces")]
    seen: list[float] = []
    found = survey(model, sources, labels=60, networks=(FACES,), effort=QUICK, progress=lambda _, s: seen.append(s))
    (task,) = found.tasks
    assert task.sizes() == (40, 60) and seen[-1] == 1.0 and found.others[0][0] == "rotation of faces"
    assert [row.point.method for row in task.at(60, "half")] == [HEAD, OURS, *NETWORKS]
    assert [row.point.method for row in task.at(40, "half")] == [HEAD, OURS]
    networks = task.at(60, "half")[2:]
    assert all(row.descriptor is None and "network drawn anew" in " ".join(row.conditions) for row in networks)
    assert all(row.point.n == 30 for row in networks)
    path = tmp_path / "found.json"
    save_survey(found, path)
    assert read_survey("abc", path) == found
    with pytest.raises(ValueError, match="are of checkpoint abc, and the model in use is xyz"):
        read_survey("xyz", path)
    text = report(found, tuple(axis.name for axis in model.transforms))
    assert text.count(FACES) > 5 and "rotation of faces: It measures a quantity" in text and "(vacuous)" in text


def test_a_summary_counts_what_is_there() -> None:
    model = tiny_model()
    found = survey(model, [source(FACES)], labels=40)
    (task,) = found.tasks
    low = [replace(row, point=replace(row.point, bound=0.3), held_out_bound=0.2) for row in task.rows]
    text = " ".join(summary(replace(found, tasks=(replace(task, rows=tuple(low)),))))
    assert "1 of 1 certificates say something" in text and "lower than the certificate in 1 of 1" in text
    high = [replace(row, point=replace(row.point, bound=0.9)) for row in task.rows]
    assert "0 of 1 certificates say" in " ".join(summary(replace(found, tasks=(replace(task, rows=tuple(high)),))))
    assert summary(replace(found, tasks=())) == []


def test_networks_report_how_far_they_are_and_can_be_stopped() -> None:
    sample = sample_of(red_or_blue(40))

    class Stop(Exception):
        pass

    heard: list[tuple[str, float]] = []

    def progress(text: str, share: float) -> None:
        heard.append((text, share))
        if len(heard) == 5:
            raise Stop

    with pytest.raises(Stop):
        list(network_rows(tiny_model(), sample, 40, priors=("half",), effort=QUICK, progress=progress))
    assert [text for text, _ in heard] == [NETWORKS[0]] * 5 and heard[-1][1] > heard[0][1]


def test_the_command_certifies_tasks_by_name(tmp_path: Path) -> None:
    save_checkpoint(tiny_model(), tmp_path / "tiny.safetensors", {"name": "tiny"})
    words = ["certify", "--data", FACES, "--labels", "40", "--checkpoint", str(tmp_path / "tiny.safetensors")]
    files = ["--json", str(tmp_path / "out.json"), "--markdown", str(tmp_path / "out.md")]
    done = CliRunner().invoke(app, [*words, *files])
    assert done.exit_code == 0, done.output
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    found = read_survey(document["checkpoint"], tmp_path / "out.json")
    assert found.date and found.seconds > 0 and [task.name for task in found.tasks] == [FACES]
    page = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert found.checkpoint in page and "hold-out bound" in done.output.lower()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda path: sample_of(source("rotation of faces").draw(20, 0)), "measures a quantity"),
        (lambda path: sample_of(red_or_blue(8, torch.tensor([0, 1, 0, 1, 0, 1, 0, 1]))), "cannot be parted"),
        (lambda path: sample_of(red_or_blue(8)).halves(9), "cannot be parted"),
        (lambda path: survey(tiny_model(), [source(FACES)], labels=40, networks=("x",)), "not among the tasks"),
        (lambda path: read_survey("a", broken(path, "{")), "does not hold certificates"),
        (lambda path: read_survey("a", broken(path, "[]")), "does not hold certificates"),
        (lambda path: read_survey("a", broken(path, '{"format": "other"}')), "another format"),
        (lambda path: app_error(["certify"]), "Give either --images"),
        (lambda path: app_error(["certify", "--data", "nothing"]), "no folder, archive or task"),
    ],
)
def test_a_wrong_input_gets_a_sentence(call: Callable[[Path], object], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        call(tmp_path)


def test_without_a_file_the_sentence_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="certify --data known"):
        read_survey("a", tmp_path / "none.json")


def broken(folder: Path, text: str) -> Path:
    path = folder / "broken.json"
    path.write_text(text, encoding="utf-8")
    return path


def app_error(words: list[str]) -> None:
    error = CliRunner().invoke(app, words).exception
    if error:
        raise error
