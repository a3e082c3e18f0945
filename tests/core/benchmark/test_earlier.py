"""An earlier run's file stands in for its ledger: every figure that a file can hold comes out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.benchmark.differences import accuracies, differences, ranks
from core.benchmark.earlier import Earlier
from core.benchmark.lines import said_commands
from core.benchmark.real_tasks import FROZEN, Place
from core.benchmark.runner import Trial
from tests.core.benchmark.samples import MADE, trial

SHARED = {"checkpoint": "abc", "budget": {"steps": 4}, "images": {"a": "1"}, "seed": 0, "trust": 0.125}


def written(folder: Path, trials: list[Trial], **more: Any) -> Path:
    path = folder / "real.json"
    machine = {"device": "cpu", "trials": {"a fast one": len(trials)}}
    times = [{"method": "ours", "seconds": 1.0}]
    document = SHARED | {"tasks": accuracies(trials), "times": times, "times_on": "a fast one", "machine": machine}
    path.write_text(json.dumps(document | {"probe": {"value": 0.7}, "command": "before"} | more), encoding="utf-8")
    return path


def test_every_figure_comes_out_again_and_a_new_method_is_compared_draw_by_draw(tmp_path: Path) -> None:
    moved = trial(Place("a", "axis", "hue").name, "ours", 0, 0.25)
    found = Earlier.read(written(tmp_path, [*MADE, moved]), SHARED).trials
    assert {each.device for each in found} == {""}
    read, made = accuracies(found), accuracies([*MADE, moved])
    assert [row | {"descriptors": None} for row in read] == [row | {"descriptors": None} for row in made]
    assert next(row["descriptors"] for row in read if row["descriptors"])[0] == (0.5,) * 6
    assert ranks(read) == ranks(made) and differences(found) == differences([*MADE, moved])
    more = [*found, trial("a", "scratch", 0, 0.5), trial("b", "scratch", 1, 0.5)]
    (scratch,) = (each for each in differences(more) if each["rival"] == "scratch")
    assert [each["value"] for each in scratch["tasks"]] == pytest.approx([100 * (0.8 - 0.5), 100 * (0.6 - 0.5)])


def test_from_another_checkpoint_come_methods_that_do_not_use_it(tmp_path: Path) -> None:
    networks = {"stem": "lite 1a", "plain": "12"}
    path = written(tmp_path, [*MADE, trial("a", "i=0", 0, 0.5)], networks=networks, pretraining=60.0)
    other = SHARED | {"checkpoint": "def"}
    before = Earlier.read(path, other, networks)
    assert {each.outcome.method for each in before.trials} == {FROZEN} and before.foreign
    new: dict[str, Any] = {"times": [], "times_on": "", "probe": None, "machine": {"trials": {"cpu": 2}}}
    found = before.carried(new, 4)
    assert found["probe"] is None and found["times"] == [] and "pretraining" not in found
    assert (
        found["machine"]["trials"] == {"a fast one, earlier": 4, "cpu": 2} and found["earlier"]["checkpoint"] == "abc"
    )
    again = written(tmp_path, MADE, networks=networks, machine={"trials": {"a or b, earlier": 3, "b": 1}})
    assert Earlier.read(again, other, networks).carried(new, 4)["machine"]["trials"] == {"a or b, earlier": 4, "cpu": 2}
    path = written(tmp_path, MADE, networks=networks)
    for wrong in (None, networks | {"plain": "13"}):
        with pytest.raises(ValueError, match="another checkpoint"):
            Earlier.read(path, other, wrong)
    with pytest.raises(ValueError, match="another seed"):
        Earlier.read(path, other | {"seed": 1}, networks)


def test_from_a_run_that_trusted_branches_otherwise_come_methods_without_one(tmp_path: Path) -> None:
    networks = {"stem": "lite 1a"}
    path = written(tmp_path, [*MADE, trial("a", "i=0", 0, 0.5), trial("a", "plain", 0, 0.5)], networks=networks)
    assert len(Earlier.read(path, SHARED, networks).trials) == len(MADE) + 2
    other = SHARED | {"trust": 0.5}
    assert {each.outcome.method for each in Earlier.read(path, other, networks).trials} == {FROZEN}
    with pytest.raises(ValueError, match="another trust"):
        Earlier.read(path, other)
    old = json.loads(path.read_text(encoding="utf-8"))
    del old["trust"]
    path.write_text(json.dumps(old), encoding="utf-8")
    assert {each.outcome.method for each in Earlier.read(path, SHARED, networks).trials} == {FROZEN}


def test_times_stay_those_of_the_earlier_run(tmp_path: Path) -> None:
    before = Earlier.read(written(tmp_path, MADE, pretraining=60.0), SHARED)
    new: dict[str, Any] = {
        "tasks": [],
        "times": [],
        "times_on": "",
        "probe": None,
        "machine": {"device": "cpu", "trials": {"cpu": 2}},
    }
    found = before.carried(new, len(MADE))
    assert found["times"] == [{"method": "ours", "seconds": 1.0}] and found["times_on"] == "a fast one"
    assert found["machine"]["trials"] == {"a fast one": len(MADE), "cpu": 2}
    assert found["probe"] == {"value": 0.7} and found["pretraining"] == 60 and found["earlier"]["command"] == "before"
    assert before.carried({**new, "probe": {"value": 0.8}}, len(MADE))["probe"] == {"value": 0.8}


def test_where_the_fit_was_measured_anew_no_time_beside_another_fit_is_kept(tmp_path: Path) -> None:
    beside = [{"times": [{"method": "ours", "seconds": 2.0}], "times_on": "cpu", "cores": 2}]
    before = Earlier.read(written(tmp_path, MADE, elsewhere=beside), SHARED)
    times = [{"method": "ours", "seconds": 0.5}]
    new: dict[str, Any] = {
        "tasks": [], "times": times, "times_on": "cpu", "elsewhere": [], "probe": None, "pretraining": None,
        "machine": {"device": "cpu", "trials": {"cpu": 3}},
    }  # fmt: skip
    found = before.carried(new, len(MADE) - 3)
    assert (found["times"], found["times_on"], found["elsewhere"]) == (times, "cpu", [])
    assert found["machine"]["trials"] == {"a fast one, earlier": len(MADE) - 3, "cpu": 3}
    assert before.carried(new, 0)["machine"]["trials"] == {"cpu": 3}


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"checkpoint": "xyz"}, "another checkpoint"),
        ({"images": {"a": "2"}}, "other images"),
        ({"seed": 3}, "another seed"),
    ],
)
def test_figures_of_something_else_are_refused(tmp_path: Path, other: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        Earlier.read(written(tmp_path, MADE, **other), SHARED)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tasks": [{"task": "a"}]}', '{"tasks": 3}'])
def test_what_is_no_such_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "no.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="Give a file that real-tasks --json wrote"):
        Earlier.read(tmp_path / "no.json", SHARED)


def test_figures_made_before_files_named_their_images_are_taken(tmp_path: Path) -> None:
    document = json.loads(written(tmp_path, MADE).read_text(encoding="utf-8"))
    del document["images"]
    (tmp_path / "old.json").write_text(json.dumps(document), encoding="utf-8")
    assert len(Earlier.read(tmp_path / "old.json", SHARED).trials) == len(MADE) and FROZEN in str(document)


def test_a_report_says_how_many_runs_its_figures_come_from() -> None:
    first = {"command": "real-tasks --draws 2", "date": "2026-01-01"}
    third = {
        "command": "now",
        "date": "2026-01-03",
        "earlier": {"command": "a | b", "date": "2026-01-02", "earlier": first},
    }
    assert said_commands(first) == "`real-tasks --draws 2`, 2026-01-01"
    said = said_commands(third)
    assert said == "`now`, 2026-01-03; went on from 2 earlier runs (2026-01-01 to 2026-01-02; commands in the file)"
    assert said_commands({**third, "earlier": first}).endswith("an earlier run (2026-01-01; commands in the file)")
