"""The HTML report: complete, without a network, harmless, and its command gives the same descriptor."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch

import core
from core.__main__ import main
from core.adaptation import Settings
from core.adaptation.preferences import looked_at, sentence
from core.baselines import Origin
from core.certificates.fit_certificate import certify_fit
from core.evaluation.controls import untrained
from core.sharing import SharedRun, command, record, write_run
from core.tasks import Task, TaskSource, known_tasks
from dashboard.adapt import report
from dashboard.adapt.misclassified import Mistake, confusion, mistakes, picture_of
from dashboard.text import theory
from tests.core.conftest import TINY

TASK = "textures despite hue"
ROOT = Path(__file__).parents[3]


def source(name: str = TASK) -> TaskSource:
    return next(each for each in known_tasks(core.AXES) if each.name == name)


@pytest.fixture(scope="module")
def model() -> core.AmortisedExtractor:
    made = untrained(TINY)
    made.metadata["digest"] = "0123456789ab"
    return made


@pytest.fixture(scope="module")
def task() -> Task:
    return source().with_shots(6, 4)


@pytest.fixture(scope="module")
def run(model: core.AmortisedExtractor) -> SharedRun:
    return record(model, source(), 6, Settings(seed=4), ("i=1",))[0]


class Page(HTMLParser):
    """Tags with their attributes, text outside scripts, and whether every tag is closed in order."""

    VOID = ("meta", "img", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_it_holds_everything_and_asks_nobody(run: SharedRun, task: Task, model: core.AmortisedExtractor) -> None:
    text = report.html(run, task, model)
    assert len(text) < 6e6
    page = Page(text)
    for wanted in (
        task.title,
        sentence(run.slices, looked_at(task)),
        "seed",
        "v2.Compose",
        "fitted descriptor",
        "i = 1",
        command(run),
        model.metadata["digest"],
    ):
        assert wanted in page.text, wanted
    assert run.adapted is not None and run.outputs is not None
    assert f"{run.adapted.score:.3f}" in page.text and f"{run.outcomes[1].score:.3f}" in page.text
    sources = [each.get("src") or "" for tag in ("img", "script", "link", "iframe") for each in page.of(tag)]
    assert all(source.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")) for source in sources if source)
    assert not page.of("link") and not page.of("iframe")
    policy = next(each["content"] for each in page.of("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and policy.startswith("default-src 'none'") and "http" not in policy
    figures = [each for each in page.of("div") if each.get("role") == "img"]
    assert len(figures) == 4 and all(each["aria-label"] for each in figures)
    wrong = mistakes(task, run.outputs)
    assert len(page.of("img")) == len(wrong) > 0 and all(each["alt"] for each in page.of("img"))
    assert text.count("plotly.js v") == 1, "the library is in it once"


def test_mistakes_are_mistakes_the_worst_first(run: SharedRun, task: Task) -> None:
    assert run.outputs is not None
    found = mistakes(task, run.outputs, 1000)
    called = run.outputs.argmax(1)
    assert {each.row for each in found} == set(torch.where(called != task.test.targets)[0].tolist())
    first, last = (run.outputs[each.row] for each in (found[0], found[-1]))
    assert first.max() - first[task.test.targets[found[0].row]] >= last.max() - last[task.test.targets[found[-1].row]]
    counts = confusion(task, run.outputs)
    assert counts.sum() == len(task.test) and counts.trace() == len(task.test) - len(found)
    perfect = torch.nn.functional.one_hot(task.test.targets, task.outputs).float()
    assert mistakes(task, perfect) == []


def test_a_mistake_is_shown_as_it_is_also_where_images_are_kept_as_bytes(task: Task) -> None:
    kept = replace(task.test, images=(task.test.pixels * 255).round().byte(), prepared=None)
    assert torch.allclose(picture_of(replace(task, test=kept), Mistake(3, "")), task.test.pixels[3], atol=1 / 255)


def test_a_quantity_has_a_report_without_confusion(model: core.AmortisedExtractor) -> None:
    number = source("hue of textures")
    run, _ = record(model, number, 4, Settings())
    page = Page(report.html(run, number.with_shots(4, 0), model))
    assert "R²" in page.text and "each row is a class" not in page.text and len(page.of("img")) == 12


def test_an_unfinished_run_says_so(run: SharedRun, task: Task, model: core.AmortisedExtractor) -> None:
    page = Page(report.html(replace(run, adapted=None, outputs=None, slices=()), task, model))
    assert "had not ended" in page.text and "v2.Compose" not in page.text
    empty = replace(run, adapted=None, outputs=None, slices=(), steps=(), outcomes=())
    assert "had not ended" in Page(report.html(empty, task, model)).text


def test_rows_of_another_origin_say_so(run: SharedRun, task: Task, model: core.AmortisedExtractor) -> None:
    assert "fitted with" not in Page(report.html(run, task, model)).text
    other = replace(run.outcomes[1], name="mine", origin=Origin(20, 4, "joint"))
    page = Page(report.html(replace(run, outcomes=(run.outcomes[0], other)), task, model))
    assert "fitted with" in page.text and "20 per class, fitted to joint" in page.text and "mine" in page.text


def test_a_certificate_is_in_it_with_its_conditions(run: SharedRun, task: Task, model: core.AmortisedExtractor) -> None:
    assert run.adapted is not None
    found = certify_fit(model, task, run.adapted.descriptor)
    page = Page(report.html(run, task, model, found))
    assert "What it can promise" in page.text and theory.share(found.certificate.bound) in page.text
    assert all(each in page.text for each in (*found.certificate.conditions, *found.about)) and "**" not in page.text
    assert "What it can promise" not in Page(report.html(run, task, model)).text


def test_names_cannot_become_markup(run: SharedRun, task: Task, model: core.AmortisedExtractor) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    named = replace(task, title=evil, classes=tuple(f"{name}{evil}" for name in task.classes))
    rows = (replace(run.outcomes[0], name=evil), *run.outcomes[1:])
    clean = Page(report.html(run, task, model))
    page = Page(report.html(replace(run, task=evil, outcomes=rows), named, model))
    assert evil in page.text
    for tag in ("script", "img"):
        assert len(page.of(tag)) == len(clean.of(tag))
    assert not any("onerror" in each for each in page.of("img"))


@pytest.mark.slow
def test_the_command_gives_the_same_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = core.load_checkpoint()
    run, _ = record(shipped, source(), 3, Settings(seed=5, steps=3), ("i=1",))
    line = command(run)
    assert line.startswith("python -m core fit ") and "i=1" in line
    rows = tmp_path / "rows.json"
    monkeypatch.setattr(sys, "argv", ["core", *shlex.split(line)[3:], "--json", str(rows)])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    found = {row["method"]: row for row in json.loads(rows.read_text(encoding="utf-8"))["rows"]}
    assert run.adapted is not None
    assert found["ours"]["descriptors"][0] == pytest.approx(run.adapted.descriptor, abs=1e-3)
    assert found["ours"]["accuracy"] == pytest.approx(run.outcomes[0].score)
    assert found["i=1"]["accuracy"] == pytest.approx(run.outcomes[1].score)


def test_a_run_that_no_command_repeats_says_so(run: SharedRun, task: Task, model: core.AmortisedExtractor) -> None:
    disturbed = replace(run, steps=(*run.steps, run.steps[0]))
    other = replace(run, settings=replace(run.settings, rate=0.1))
    for each in (disturbed, other):
        assert command(each) == ""
        assert "No command repeats this run" in Page(report.html(each, task, model)).text
    own = command(replace(run, own=True, task="my pets; rm -rf"))
    assert "--data FOLDER" in own and "rm" not in own


@pytest.mark.slow
def test_it_is_made_from_a_file_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = core.load_checkpoint()
    run, _ = record(shipped, source(), 4, Settings(steps=1))
    file, out = tmp_path / "run.json", tmp_path / "report.html"
    file.write_bytes(write_run(run, shipped))
    monkeypatch.setattr(sys, "argv", ["report", str(file), str(out)])
    monkeypatch.delitem(sys.modules, "dashboard.adapt.report")  # it is run as a script here
    with pytest.raises(SystemExit) as end:
        runpy.run_module("dashboard.adapt.report", run_name="__main__")
    assert not end.value.code and re.search(r"Wrote .*report\.html \(\d\.\d MB\)", capsys.readouterr().out)
    assert Page(out.read_text(encoding="utf-8")).text
    file.write_text("{", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        runpy.run_module("dashboard.adapt.report", run_name="__main__")
    said = "Error: run.json is not JSON. Choose a file that this project has saved.\n"
    assert end.value.code == 1 and capsys.readouterr().err == said
