"""The bars' table: rows are judged from stored figures, what is missing is said, several checkpoints are refused."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.benchmark.bars import BEGIN, END, FILES, HEAD, lines, placed, table
from core.benchmark.lines import Line
from core.bounds.operating_points import OperatingPoint
from core.certificates.feature_bank import Row
from core.certificates.survey import Certified
from core.model.checkpoints import save_checkpoint
from tests.core.commands import Run, assert_one_sentence
from tests.core.conftest import tiny_model
from tests.core.samples import write_images

STAMP = {"checkpoint": "0123456789ab", "date": "2031-12-31", "command": "python -m core any"}


def per_axis(*values: float | None) -> dict[str, Any]:
    return {"value": list(values), "interval": [[0.01, 9.5]] * len(values)}


def difference(rival: str, kind: str, *values: float, shots: int = 20) -> dict[str, Any]:
    tasks = [{"task": f"task_{n}", "by": "", "value": v, "interval": [v, v]} for n, v in enumerate(values)]
    mean = {"value": sum(values) / len(values), "interval": [-2.0, 4]}
    return {"rival": rival, "kind": kind, "shots": shots, **mean, "tasks": tasks}


def took(method: str, **other: Any) -> dict[str, Any]:
    gain = {"value": -0.25, "interval": None}
    found = {"value": 6.0, "interval": [5.0, 7.0], "as_good": 3, "runs": 6, "gain": gain}
    return {"method": method, "seconds": 9.0, "ours": 1.5, **found, **other}


def ranked(kind: str, shots: int, value: float) -> dict[str, Any]:
    methods = [{"method": name, "value": value, "interval": [1.0, 2.0]} for name in ("ours", "frozen")]
    return {"kind": kind, "shots": shots, "tasks": 2, "methods": methods}


def recovery(stage: str, method: str, whole: float) -> dict[str, Any]:
    regret = {"regret": 1.2, "regret_interval": [0.4, 2.0]} if method == "ours" else {"regret": None}
    mine = {"stage": stage, "method": method, "tasks": 11, "runs": 33, "whole": whole, "chance": 0.4, **regret}
    return {**mine, "coordinates": 0.9, "interval": [0.7, 0.9]}


def certified(name: str, bound: float, *, real: bool = True) -> dict[str, Any]:
    point = OperatingPoint("fitted descriptor", "half", 1.0, 1.0, 50, 0.1, 0.1, bound, 0.1, 0.8, 0.05, 8, 6)
    rows = tuple(Row(n, replace(point, bound=b), None, None, ()) for n, b in ((100, bound), (20, 0.9)))
    return Certified(name, name, 100, 100, 10, rows, real).document()


DOCUMENTS: dict[str, dict[str, Any]] = {
    "evaluate": {
        **STAMP,
        "axes": ["turn", "tint"],
        "control": per_axis(30.0, 4.9),
        "control_at_0": per_axis(30.0, 20.0),
        "control_at_1": per_axis(3.0, 20.0),
        "control_whitened": per_axis(2.0, 1.5),
        "decodability": per_axis(0.7, 0.31),
        "left": per_axis(0.02, 0.03),
        "onset": per_axis(0.04, None),
        "leakage": {"value": 0.2, "interval": [0.1, 0.3]},
        "effective_rank": {"value": 39.9, "interval": [39.0, 41.0]},
        "also": [{"images": "cloth_es", "left": per_axis(0.2, 0.31)}, {"images": "signs", "left": per_axis(0.0, 0.1)}],
    },
    "real-tasks": {
        **STAMP,
        "settings": {"shots": [20, 5]},
        "differences": [
            difference("frozen", "", 1.5, -0.5),
            difference("frozen", "axis", 9.0, 12.0),
            difference("frozen", "foreign", -1.0, 1.5),
            difference("i=0.5", "", 1.0, 2.0),
            difference("frozen", "", -40.0, shots=5),
        ],
        "ranks": [ranked("", 5, 9.0), ranked("axis", 20, 9.0), ranked("", 20, 1.5)],
        "times": [{"method": "ours", "seconds": 1.5}, took("corners"), took("finetune", value=12.0)],
        "probe": {
            "value": 0.72, "interval": [0.7, 0.74], "labels": 5000, "images": ["train", "test"],
            "frozen": {"value": 0.741, "interval": [0.7, 0.8]},
        },
    },
    "fit": {
        **STAMP, "seconds": 5400.0, "cores": 2,
        "recovered": [
            recovery("development", "ours", 1.0), recovery("final", "ours", 0.81), recovery("final", "oracle", 0.9),
        ],
    },
    "certify": {
        **STAMP,
        "tasks": [
            certified("a", 0.7), certified("b", 0.71), certified("c", 0.2), certified("drawn", 0.9, real=False),
        ],
    },
    "bench": {
        **STAMP,
        "costs": [
            {"key": "size", "value": 10.8}, {"key": "task", "value": 6.04}, {"key": "weights", "value": 0.0112},
        ],
    },
    "bench-drag": {
        **STAMP,
        "drag": [{"name": "one tab", "p95_ms": 69.4}, {"name": "with four more tabs", "p95_ms": None}],
        "new_picture_s": [0.7, 0.9, 2.4],
    },
}  # fmt: skip


@pytest.fixture
def documents() -> dict[str, dict[str, Any]]:
    return copy.deepcopy(DOCUMENTS)


def found(documents: dict[str, dict[str, Any]], *words: str) -> Line:
    (line,) = [each for each in lines(documents) if all(word in each.figure for word in words)]
    return line


@pytest.mark.parametrize(
    ("words", "measured", "mark"),
    [
        (("20 labels", "frozen"), "+0.5 [−2.0, +4.0]; lowest task\\_1, −0.5", "✓"),
        (("mean rank",), "1.5 [1.0, 2.0]; of 2 methods on 2 tasks", "✓✓"),
        (("no axis",), "+0.2 [−2.0, +4.0]; lowest task\\_0, −1.0", "✓"),
        (("fine-tuning",), "12.0 [5.0, 7.0] in 3 of 6 runs; −0.2 points over all runs", "✓"),
        (("moved along",), "+10.5 [−2.0, +4.0]; lowest task\\_0, +9.0", "✓✓"),
        (("fitted − i = 0.5",), "+1.5 [−2.0, +4.0]; lowest task\\_0, +1.0", "✗"),
        (("whole",), "81% [70%, 90%], in 33 runs on 11 tasks; coins 40%; best corner on the test images 90%", "✓"),
        (("behind the best corner",), "1.2 [0.4, 2.0]", "✗"),
        (("hours",), "1.5 on 2 cores", "✓"),
        (("certified",), "2 of 3", "✓"),
        (("probe", "train and test", "5,000"), "72.0% [70.0%, 74.0%]; frozen backbone 74.1%", "✓"),
        (("own metric",), "4.9 [0.0, 9.5], tint; 1 of 2 axes reach it", "✗"),
        (("others at 0",), "20.0 [0.0, 9.5], tint; 2 of 2 axes reach it", "✓✓"),
        (("others at 1",), "3.0 [0.0, 9.5], turn; 2 of 2 axes reach it", "✓"),
        (("whitened; ",), "1.50 [0.01, 9.50], tint; 2 of 2 axes reach it", "✓"),
        (("decodability",), "0.31 [0.01, 9.50], tint; 2 of 2 axes reach it", "✓"),
        (("left at i = 1; ",), "0.03 [0.01, 9.50], tint; 2 of 2 axes reach it", "✓✓"),
        (("left at i = 1 on cloth\\_es",), "0.31 [0.01, 9.50], tint; 1 of 2 axes reach it", "✗"),
        (("left at i = 1 on signs",), "0.10 [0.01, 9.50], tint; 2 of 2 axes reach it", "✓✓"),
        (("onset",), "inf [0.01, 9.50], tint; 1 of 2 axes reach it", "✗"),
        (("leakage",), "20.0% [10.0%, 30.0%]", "✓"),
        (("effective rank",), "39.9 [39.0, 41.0]", "✗"),
        (("checkpoint",), "10.8", "✓✓"),
        (("slider",), "69 with one tab; inf with four more tabs", "✓"),
        (("a new picture",), "0.90 (median of 3; 0.70 to 2.40)", "✓✓"),
        (("200 images",), "6.04", "✗"),
        (("64 corners",), "6.0 [5.0, 7.0] in 3 of 6 runs; −0.2 points over all runs", "✓"),
        (("weights for one",), "1.12%", "✓"),
    ],
)
def test_a_row_is_judged_by_its_worst_case(
    words: tuple[str, ...], measured: str, mark: str, documents: dict[str, dict[str, Any]]
) -> None:
    # Titles that others begin with: "others at 0.5" is the row of the own metric.
    own = [each for each in lines(documents) if all(word in each.figure for word in words)]
    line = own[-1] if words == ("others at 0",) else found(documents, *words)
    assert (line.measured, line.mark) == (measured, mark)


def test_one_task_far_below_is_enough_to_fail(documents: dict[str, dict[str, Any]]) -> None:
    documents["real-tasks"]["differences"][0] = difference("frozen", "", 12.0, -5.1)
    assert found(documents, "20 labels", "frozen").mark == "✗"
    documents["real-tasks"]["differences"][0] = difference("frozen", "", 7.0, -0.1)
    assert found(documents, "20 labels", "frozen").mark == "✓", "the aim asks for none below"
    documents["real-tasks"]["differences"][0] = difference("frozen", "", 7.0, 0.0)
    assert found(documents, "20 labels", "frozen").mark == "✓✓"


def test_a_fit_that_is_mostly_worse_than_the_search_does_not_reach_its_bar(
    documents: dict[str, dict[str, Any]],
) -> None:
    documents["real-tasks"]["times"][1] |= {"as_good": 2}
    assert found(documents, "64 corners").mark == "✗"
    documents["real-tasks"]["times"][1] |= {"as_good": 0, "value": None, "interval": None}
    assert found(documents, "64 corners").measured == "in 0 of 6 runs; −0.2 points over all runs"


def test_each_machine_has_its_own_rows_about_time(documents: dict[str, dict[str, Any]]) -> None:
    real = documents["real-tasks"]
    times = [{"method": "ours", "seconds": 2.0}, took("corners", value=5.5), took("finetune", value=9.0)]
    real |= {"times_on": "a fast one", "elsewhere": [{"times": times, "times_on": "cpu", "cores": 2, **STAMP}]}
    rows = [each for each in lines(documents) if "fine-tuning from i = 0.5 /" in each.figure]
    marks = {each.figure.rpartition("score")[2]: each.mark for each in rows}
    assert marks == {", on a fast one": "✓", ", on 2 cores": "✗"}
    assert found(documents, "64 corners", "2 cores").measured.startswith("5.5 ")
    assert "; times on 2 cores from `python -m core any`, 2031-12-31" in table(documents)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_was_not_measured_is_said(name: str, documents: dict[str, dict[str, Any]]) -> None:
    del documents[name]
    there = {line.source: {line.measured == "not measured"} for line in lines(documents)}
    assert there == {each: {each == name} for each in DOCUMENTS}
    assert f"| not measured | `{name}` | – |" in table(documents)
    assert all(line.mark == "–" for line in lines({})) and table({}).endswith("Nothing was measured.")


def test_an_evaluation_from_before_there_were_these_figures_lacks_them(documents: dict[str, dict[str, Any]]) -> None:
    for key in ("control_at_0", "left", "also"):
        del documents["evaluate"][key]
    missing = [line.figure for line in lines(documents) if line.measured == "not measured"]
    assert len(missing) == 3 and "other kinds" in missing[-1]


def test_measurements_of_several_checkpoints_are_refused(documents: dict[str, dict[str, Any]]) -> None:
    documents["bench"]["checkpoint"] = "ba9876543210"
    with pytest.raises(ValueError, match=r"several checkpoints \(evaluate: 0123456789ab, .*bench: ba9876543210"):
        lines(documents)


def test_the_table_names_the_commands_in_full(documents: dict[str, dict[str, Any]]) -> None:
    first, rule, *rows = table(documents).split("\n")
    assert first == f"| {' | '.join(HEAD)} |" and rule == "|---|---|---|---|---|---|"
    assert rows[-1] == "- `bench-drag`: `python -m core any`, 2031-12-31" and "`0123456789ab`" in table(documents)
    assert sum(row.startswith("| ") for row in rows) == len(lines(documents))
    assert all(row.count(" | ") == 5 for row in rows if row.startswith("| "))


def test_a_table_takes_the_place_of_an_earlier_one() -> None:
    text = f"before\n\n{BEGIN}\n\nold\n\n{END}\n\nafter\n"
    assert placed(text, "| new |") == f"before\n\n{BEGIN}\n\n| new |\n\n{END}\n\nafter\n"
    assert placed(placed(text, "one"), "two") == placed(text, "two")
    for wrong in ("no markers", f"{END} {BEGIN}", BEGIN):
        with pytest.raises(ValueError, match="The table has no place"):
            placed(wrong, "made")


@pytest.fixture
def stored(tmp_path: Path, documents: dict[str, dict[str, Any]]) -> Path:
    for name, document in documents.items():
        (tmp_path / FILES[name]).write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


def test_the_command_prints_the_table_or_writes_it_into_a_file(
    run: Run, stored: Path, documents: dict[str, dict[str, Any]]
) -> None:
    assert run("bars", "--folder", stored) == (0, table(documents) + "\n", "")
    readme = stored / "README.md"
    readme.write_text(f"# Title\n{BEGIN}\n{END}\n", encoding="utf-8")
    assert run("bars", "--folder", stored, "--readme", readme).code == 0
    assert readme.read_text(encoding="utf-8") == f"# Title\n{BEGIN}\n\n{table(documents)}\n\n{END}\n"
    (stored / FILES["bench"]).unlink()
    done = run("bars", "--folder", stored)
    assert done.code == 0 and "write it with 'bench --json'" in done.error and "not measured" in done.out


def test_files_that_are_something_else_are_a_sentence(run: Run, stored: Path) -> None:
    assert_one_sentence(run("bars", "--folder", stored, "--readme", stored / "none.md"), "none.md cannot be read")
    (stored / FILES["bench"]).write_text('{"costs": 3}', encoding="utf-8")
    assert_one_sentence(run("bars", "--folder", stored), "not of this version", "bench --json")
    (stored / FILES["bench"]).write_text("[]", encoding="utf-8")
    assert_one_sentence(run("bars", "--folder", stored), "holds no measurements", "bench --json")
    (stored / FILES["bench"]).write_text("{", encoding="utf-8")
    assert_one_sentence(run("bars", "--folder", stored), "cannot be read as JSON", "bench --json")


@pytest.mark.slow
def test_real_tasks_are_written_as_the_table_reads_them(run: Run, tmp_path: Path) -> None:
    checkpoint, target = tmp_path / "m.safetensors", tmp_path / FILES["real-tasks"]
    save_checkpoint(tiny_model(), checkpoint, {})
    pets = write_images(tmp_path / "tasks" / "pets", {"cat": 12, "dog": 12})
    words = ["--shots", 4, "--draws", 2, "--rivals", "i=0,i=0.5,corners,frozen", "--labels", 20, "--seed", 5]
    words += ["--probe-labelled", pets, "--probe-test", pets, "--checkpoint", checkpoint, "--json", target]
    done = run("real-tasks", "--tasks", tmp_path / "tasks", *words)
    assert done.code == 0 and "pets" in done.out and "Probe: " in done.out, done.error
    document = json.loads(target.read_text(encoding="utf-8"))
    assert {"tasks", "differences", "ranks", "times", "probe", "settings", "command", "checkpoint", "date"} <= set(
        document
    )
    assert document["seed"] == document["settings"]["seed"] == 5 and len(document["tasks"]) == 2 * 4
    marks = {line.figure: line.mark for line in lines({"real-tasks": document}) if line.source == "real-tasks"}
    missing = [mark == "–" for mark in marks.values()]
    assert missing == [False, True, True, True, False, False, True, False], "no frozen backbone here"
    assert document["machine"]["trials"] == {"cpu": 2 * 2 * 4}, "four methods, twice, as they are and moved"
    more = ["--shots", 4, "--draws", 2, "--rivals", "i=1", "--seed", 5, "--checkpoint", checkpoint]
    more += ["--earlier", target, "--json", tmp_path / "more.json"]
    assert run("real-tasks", "--tasks", tmp_path / "tasks", *more).code == 0
    added = json.loads((tmp_path / "more.json").read_text(encoding="utf-8"))
    assert added["machine"]["trials"] == {"cpu": 2 * 2 * 5} and added["times"] == document["times"]
    assert added["elsewhere"] == []
    words = [*more, "--elsewhere", target]
    assert run("real-tasks", "--tasks", tmp_path / "tasks", *words).code == 0
    (other,) = json.loads((tmp_path / "more.json").read_text(encoding="utf-8"))["elsewhere"]
    assert other["times"] == document["times"] and other["command"] == document["command"] and other["cores"]
    assert {row["method"] for row in added["tasks"]} - {row["method"] for row in document["tasks"]} == {"i=1"}
    assert all(row in added["tasks"] for row in document["tasks"]) and added["probe"] == document["probe"]
    alone = run("real-tasks", "--tasks", tmp_path / "tasks", "--probe-test", pets)
    assert_one_sentence(alone, "Give both --probe-labelled and --probe-test")
