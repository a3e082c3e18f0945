"""Certificates of tasks: which images count, rows against the plain functions, the file, the command, a paid fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from core import save_checkpoint
from core.__main__ import app
from core.adaptation import Settings
from core.bounds.gaussian_weights import Training
from core.certificates.comparators import NETWORKS, Effort
from core.certificates.feature_bank import EXACT, HEAD, KEPT, OURS, FeatureBank, exact_rows
from core.certificates.findings import certified, findings
from core.certificates.independent_images import LABELS, sample_of
from core.certificates.markdown import report
from core.certificates.survey import Certified, network_rows, read_survey, save_survey, survey
from core.certificates.survey_log import SurveyLog
from core.tasks import TaskSource, known_tasks
from core.tasks.contents import CONTENTS
from core.tasks.known import _BEYOND
from tests.core.certificates.samples import red_or_blue
from tests.core.conftest import TINY, tiny_model

TEXTURES = "textures despite hue"
FEW = Settings(steps=3)
QUICK = Effort(draws=20, training=Training(steps=2, batch=8))


def source(name: str) -> TaskSource:
    return next(each for each in known_tasks(side=TINY.backbone.input_size) if each.name == name)


@pytest.mark.parametrize("name", ["textures despite hue", "garments despite rotation"])
def test_of_images_that_show_the_same_thing_one_is_kept(name: str) -> None:
    task = source(name).draw(400, 0)
    sample = sample_of(task, 0)
    assert task.shows is not None and len(sample.labelled) == len(task.shows.unique()) < sample.drawn == 400
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
    assert sample.sizes() == (100, 200) and max(LABELS) == 800
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


@pytest.mark.slow
def test_a_survey_is_kept_in_a_file_that_knows_its_checkpoint(tmp_path: Path) -> None:
    model = tiny_model()
    model.metadata["digest"] = "abc"
    sources = [source(TEXTURES), source("hue of textures")]
    seen: list[float] = []
    found = survey(model, sources, labels=60, networks=(TEXTURES,), effort=QUICK, progress=lambda _, s: seen.append(s))
    (task,) = found.tasks
    assert task.sizes() == (36,) and seen[-1] == 1.0 and found.others[0][0] == "hue of textures"
    assert task.methods() == (*EXACT, *NETWORKS)
    networks = task.at(36, "half")[len(EXACT) :]
    assert all(row.descriptor is None and "network drawn anew" in " ".join(row.conditions) for row in networks)
    assert all(row.point.n == 18 for row in networks)
    path = tmp_path / "found.json"
    save_survey(found, path)
    assert read_survey("abc", path) == found
    with pytest.raises(ValueError, match="are of checkpoint abc, and the model in use is xyz"):
        read_survey("xyz", path)
    text = report(found, tuple(axis.name for axis in model.transforms))
    assert text.count(TEXTURES) > 5 and "hue of textures: It measures a quantity" in text and "(vacuous)" in text


def test_sentences_name_the_tasks_on_which_fitting_lowers_what_is_certified() -> None:
    found = survey(tiny_model(), [source(TEXTURES)], labels=12)
    (task,) = found.tasks

    def with_bounds(bound: float, alone: float, plain: float) -> Certified:
        of = {OURS: (bound, alone, plain), HEAD: (0.4, 0.35, 0.25), KEPT: (0.2, 0.18, 0.15)}
        rows = []
        for row in task.rows:
            drawn, mean, held = of[row.point.method]
            half = row.point.prior == "half"
            alone_too = row.alone and replace(row.alone, bound=mean)
            point = replace(row.point, bound=drawn, chance=0.65)
            rows.append(replace(row, point=point, held_out_bound=held if half else None, alone=alone_too))
        return replace(task, rows=tuple(rows))

    def told(bound: float, alone: float, plain: float) -> str:
        return " ".join(findings([with_bounds(bound, alone, plain)]))

    low = told(0.3, 0.28, 0.2)
    assert (
        "The hold-out bound is lower than the certificate of the drawn head on 1 of 1 task, and lower than that of "
        in low
    )
    alone = "With the descriptor as the only complexity, fitting it instead of taking i = {}"
    one = f"the certified error of 1 of 1 task: {TEXTURES}"
    assert f"{alone.format(0.5)} lowers {one} (35.0% → 28.0%)." in low
    assert f"{alone.format(0)} raises {one} (18.0% → 28.0%)." in low
    assert f"By the hold-out bound, fitting the descriptor instead of taking i = 0 raises {one} (15.0% → 20.0%)." in low
    assert f"With a drawn head on top, fitting it instead of taking i = 0.5 lowers {one} (40.0% → 30.0%)." in low
    assert "descriptor alone on 1 of 1, of the drawn head on 1 of 1, of the majority vote on 0 of 1" in low
    assert "too, 0 of 3 certificates of a descriptor alone hold on fresh images" in low, "bounds are lowered here"
    assert all(row.alone.fresh <= row.alone.bound for row in task.rows if row.alone and row.alone.fresh is not None)
    assert "of a descriptor alone hold" not in " ".join(findings([task]))
    high = told(0.6, 0.5, 0.55)
    assert f"{alone.format(0.5)} raises {one} (35.0% → 50.0%)." in high
    assert "of the drawn head on 0 of 1, of the majority vote on 0 of 1" in high
    assert findings([]) == []
    whole = with_bounds(0.4, 0.75, 0.2)
    earlier = replace(whole, rows=tuple(row for row in whole.rows if row.point.method != KEPT))
    assert "i = 0.5" in " ".join(findings([earlier])) and "i = 0 " not in " ".join(findings([earlier]))
    page = report(replace(found, tasks=(earlier,)), ())
    assert "| 20.0% | 75.0% (vacuous) | 35.0% |  | 40.0% | 80.0% (vacuous) | 65.0% |" in page, "no row at i = 0"
    assert "| 75.0% (vacuous) | 35.0% | 18.0% | 40.0% |" in report(replace(found, tasks=(whole,)), ())


def test_a_bound_that_says_nothing_is_marked_wherever_it_stands() -> None:
    row = next(exact_rows(FeatureBank(tiny_model(), sample_of(red_or_blue(24)), FEW), 24))
    chance = row.point.chance
    assert certified(row, chance) == f"{chance:.1%} (vacuous)" and certified(row, None) == ""
    assert certified(row, chance - 0.01) == f"{chance - 0.01:.1%}"


def test_a_survey_that_was_cut_goes_on_where_it_was(tmp_path: Path) -> None:
    model, sources = tiny_model(), [source(TEXTURES), source("textures despite blur")]
    path, shared = tmp_path / "log", {"checkpoint": "abc", "labels": 12}
    log = SurveyLog(path, shared)

    def cut(tasks: list[Certified]) -> None:
        log.keep(tasks)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        survey(model, sources, labels=12, keep=cut)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"name": "half a li')  # the machine went off
    again = SurveyLog(path, shared)
    ran: list[str] = []
    assert [task.name for task in again.results] == [TEXTURES] and again.results == log.results
    found = survey(
        model, sources, labels=12, known=again.results, keep=lambda tasks: ran.extend(task.name for task in tasks)
    )
    assert ran == ["textures despite blur"] and found == survey(model, sources, labels=12)
    with pytest.raises(ValueError, match="made with another labels"):
        SurveyLog(path, {**shared, "labels": 13})
    path.write_text("{]", encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be read as certificates"):
        SurveyLog(path, shared)


@pytest.mark.slow
def test_a_survey_is_the_same_elsewhere() -> None:
    """In processes; :mod:`tests.core.test_parallel` says that a cluster is no different."""
    model, sources = tiny_model(), [source(TEXTURES), source("textures despite blur")]
    told: list[float] = []
    found = survey(model, sources, labels=12, jobs=2, progress=lambda name, share: told.append(share))
    assert [task.name for task in found.tasks] == [each.name for each in sources] and told == [0.5, 1.0]
    for one, other in zip(found.tasks, survey(model, sources, labels=12).tasks, strict=True):
        assert [row.point.bound for row in one.rows] == pytest.approx([row.point.bound for row in other.rows], abs=1e-6)


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
    words = ["certify", "--data", TEXTURES, "--labels", "40", "--checkpoint", str(tmp_path / "tiny.safetensors")]
    files = ["--json", str(tmp_path / "out.json"), "--markdown", str(tmp_path / "out.md")]
    done = CliRunner().invoke(app, [*words, *files])
    assert done.exit_code == 0, done.output
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    found = read_survey(document["checkpoint"], tmp_path / "out.json")
    assert found.date and found.seconds > 0 and [task.name for task in found.tasks] == [TEXTURES]
    page = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert found.checkpoint in page and "hold-out bound" in done.output.lower()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda path: sample_of(source("hue of textures").draw(20, 0)), "measures a quantity"),
        (lambda path: sample_of(red_or_blue(8, torch.tensor([0, 1, 0, 1, 0, 1, 0, 1]))), "cannot be parted"),
        (lambda path: sample_of(red_or_blue(8)).halves(9), "cannot be parted"),
        (lambda path: survey(tiny_model(), [source(TEXTURES)], labels=40, networks=("x",)), "not among the tasks"),
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
    with pytest.raises(FileNotFoundError, match="certify --data shipped --labels"):
        read_survey("a", tmp_path / "none.json")


def broken(folder: Path, text: str) -> Path:
    path = folder / "broken.json"
    path.write_text(text, encoding="utf-8")
    return path


def app_error(words: list[str]) -> None:
    error = CliRunner().invoke(app, words).exception
    if error:
        raise error
