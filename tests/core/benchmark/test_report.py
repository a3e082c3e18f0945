"""The report of all comparisons: who is better comes first, nothing in it is written by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.assets import asset
from core.benchmark.amortisation import amortised
from core.benchmark.report import known_said, report
from core.benchmark.standing import sentences, standing


def against(rival: str, value: float, low: float, high: float, *tasks: float) -> dict[str, Any]:
    found = [{"task": f"task_{n}", "by": "", "value": each} for n, each in enumerate(tasks or (value, value))]
    return {"kind": "", "shots": 20, "rival": rival, "value": value, "interval": [low, high], "tasks": found}


def row(method: str, accuracy: float, task: str = "task_0", shots: int = 20) -> dict[str, Any]:
    return {"seeds": [0, 1], "task": task, "kind": "", "by": "", "shots": shots, "method": method, "accuracy": accuracy}


REAL: dict[str, Any] = {
    "checkpoint": "0123456789ab", "date": "2031-12-31", "command": "python -m core any", "pretraining": 600.0,
    "settings": {"shots": [20, 5]},
    "tasks": [row("ours", 0.7), row("plain", 0.8), row("ours", 0.5, shots=5), row("ours", 0.9, "task_1")],
    "differences": [
        against("i=0", 0.2, -1, 1), against("plain", -3.0, -5, -1), against("frozen", 4.0, 1, 7),
        against("finetune", -2.0, -9, 5, -2.0), against("scratch", -1.0, -9, 5, 4.0, -6.0),
        {**against("pixels", 9.0, 8, 10), "shots": 5},
    ],
    "ranks": [
        {"kind": "", "shots": 20, "tasks": 1, "methods": [{"method": "ours", "value": 2.0, "interval": None}]},
        {"kind": "", "shots": 20, "tasks": 2, "methods": [{"method": "ours", "value": 1.5, "interval": [1.0, 2.0]}]},
    ],
    "times": [
        {"method": "ours", "seconds": 2.0},
        {"method": "plain", "seconds": 1.0, "ours": 2.0, "value": 0.5, "interval": [0.4, 0.6], "as_good": 1, "runs": 4},
        {"method": "finetune", "seconds": 7.0, "ours": 2.0, "value": None, "interval": None, "as_good": 0, "runs": 4},
        {"method": "scratch", "seconds": 7.0, "ours": 2.0, "value": None, "interval": None, "as_good": 0, "runs": 4},
    ],
}  # fmt: skip


LOWER = {"i=0": 1.5, "plain": 1.0, "frozen": 4.0}


def test_rivals_that_are_better_come_first_and_doubt_is_said() -> None:
    found = standing(REAL, "", 20)
    assert found is not None and standing(REAL, "axis", 20) is None
    assert [each["rival"] for each in found.entries] == ["plain", "finetune", "scratch", "i=0", "frozen"]
    said = sentences(found)
    assert said.startswith("Ahead of the fit: plain SimCLR (by 3.0 [1.0, 5.0]).")
    assert (
        "Ahead of the fit on the mean, though the interval over tasks holds 0: "
        "fine-tuning (by 2.0 [−5.0, 9.0]), from scratch"
    ) in said
    assert "Fine-tuning is ahead on each of 1 tasks." in said and "From scratch is ahead" not in said
    assert (
        "Behind it on the mean, though the interval holds 0: i = 0" in said
        and "Behind the fit: frozen backbone (by 4.0" in said
    )
    assert "mean rank is 2.0 among 1 methods on 1 tasks, and 1.5 [1.0, 2.0] among 1 methods on 2 tasks; none" in said
    assert said.endswith("because they take long: fine-tuning (1). Not run here: raw pixels.")


def test_who_has_a_lower_rank_is_named_and_means_of_fewer_draws_are_marked_and_never_the_best() -> None:
    group = REAL["ranks"][0]
    methods = [*group["methods"], *({"method": name, "value": n, "interval": None} for name, n in LOWER.items())]
    found = standing({**REAL, "ranks": [{**group, "methods": methods}]}, "", 20)
    assert (
        found is not None
        and "2.0 among 4 methods on 1 tasks; lower is that of plain SimCLR (1.0), i = 0 (1.5)." in (sentences(found))
    )
    few = [{**each, "seeds": [0]} if each["method"] == "plain" else each for each in REAL["tasks"]]
    text = report({**REAL, "tasks": few})
    assert "| plain SimCLR, 1 of 2 draws | – | 0.800 | – |" in text
    assert "| fitted descriptor | 0.800 | **0.700** | **0.900** |" in text


def test_a_brief_standing_names_who_is_higher_and_counts_the_rest() -> None:
    found = standing(REAL, "", 20)
    assert found is not None
    said = sentences(found, brief=True)
    assert "Ahead of the fit: plain SimCLR" in said and "holds 0: fine-tuning (by 2.0" in said
    assert "The fit is ahead of 1 of 5 rivals; 1 more are not ahead, but undecided." in said
    assert "frozen" not in said


def test_rivals_with_fewer_draws_are_named() -> None:
    rows = [
        {"kind": "", "shots": shots, "method": method, "seeds": list(range(draws))}
        for shots, method, draws in (
            (20, "ours", 5),
            (20, "finetune", 5),
            (20, "finetune", 3),
            (20, "i=0", 5),
            (5, "i=0", 2),
        )
    ]
    found = standing({**REAL, "tasks": rows}, "", 20)
    assert found is not None and found.draws == 5 and found.fewer == (("finetune", 3),)
    assert "With 3 of the 5 draws, and held against the fit on these: fine-tuning." in sentences(found)


def test_no_winner_is_said_too() -> None:
    found = standing({"differences": [against("i=0", 4.0, 1, 7)]}, "", 20)
    assert found is not None and sentences(found).startswith("No rival is ahead of the fit")


def test_rivals_that_did_not_run_here_are_named() -> None:
    found = standing(
        {**REAL, "differences": [against("i=0", 4.0, 1, 7), {**against("finetune", -2, -3, -1), "shots": 5}]}, "", 20
    )
    assert found is not None and found.absent == ("finetune",)
    said = sentences(found)
    assert said.startswith("No rival that ran is ahead of the fit") and said.endswith("Not run here: fine-tuning.")


def test_who_uses_the_hypernetwork_shares_its_pretraining() -> None:
    found = {each.method: each for each in amortised(REAL)}
    assert found["finetune"].tasks is None and found["finetune"].shares == found["ours"].shares == (600.0, 6.0, 0.06)
    assert found["scratch"].shares == found["plain"].shares == (0.0, 0.0, 0.0)
    assert found["scratch"].tasks is not None, "the same seconds as fine-tuning, and nothing to pretrain"
    text = report(REAL)
    assert "| fitted descriptor | 2.00 | 8.00 | 2.06 |" in text and "| from scratch | 7.00 | 7.00 | 7.00 |" in text
    assert "| fine-tuning | 7.00 | 13.00 | 7.06 | – | 0 of 4 | the same pretraining |" in text
    assert "With the same pretraining as the fit: fine-tuning." in text


def test_amortising_pays_from_the_task_at_which_it_has_taken_less_time() -> None:
    found = {each.method: each for each in amortised(REAL)}
    assert found["scratch"].tasks == 121 and 600 + 121 * 2 < 121 * 7 and not 600 + 120 * 2 < 120 * 7
    assert found["plain"].tasks is None and found["ours"].tasks is None, "it takes less than a fit"
    assert found["scratch"].ratio is None and found["plain"].ratio is not None
    assert all(each.tasks is None for each in amortised({**REAL, "pretraining": None}))


def test_the_report_has_its_sections_in_the_order_in_which_one_decides() -> None:
    one = {
        "stage": "final", "method": "ours", "tasks": 11, "runs": 33, "coordinates": 0.8, "whole": 0.6, "chance": 0.4,
        "interval": [0.5, 0.7], "regret": 1.25, "regret_interval": [0.0, 2.0],
    }  # fmt: skip
    known = {"recovered": [one, {**one, "method": "oracle", "whole": 0.7, "regret": None}]}
    text = report(REAL, known)
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert heads == [
        "## Real tasks, 20 labels a class", "## Few labels", "## Known descriptors", "## Cost", "## The methods",
    ]  # fmt: skip
    assert (
        "| plain SimCLR | – | **0.800** | – |" in text and "| fitted descriptor | 0.800 | 0.700 | **0.900** |" in text
    )
    assert "from scratch from task 121 on" in text and "10 minutes, once" in text
    assert "| raw pixels | +9.0 [+8.0, +10.0] | – |" in text, "by labels, rising"
    placed = report({**REAL, "pretraining_on": "a desk", "times_on": "a cloud"})
    assert "took 10 minutes on a desk, once" in placed and " s on a cloud. " in placed
    other = {"times": [{"method": "ours", "seconds": 3.0}, {**REAL["times"][1], "value": 1.5}], "times_on": "cpu"}
    two = report({**REAL, "times_on": "a cloud", "elsewhere": [{**other, "cores": 2, "command": "b", "date": "c"}]})
    assert "2.00 s on a cloud. On 2 cores it takes 3.00 s; where the fit scores no lower, plain SimCLR 1.5 times" in two
    assert "In time alone, at the times on a cloud, it pays against from scratch from task 121 on" in two
    assert "Times on a cloud:" in two and "Times on 2 cores:" in two and "| fitted descriptor | 3.00 |" in two
    assert "Known descriptors" not in report(REAL) and "was not kept" in report({**REAL, "pretraining": None})
    assert "| 11 final | fitted descriptor | 80% | 60% [50%, 70%] | 40% | 1.2 [0.0, 2.0] |" in text
    assert "has all right in 70%, more than the fit. It is 1.2 points ahead of the fit in test score." in text
    assert known_said({}) == "No known task was fitted on which nothing had been chosen."
    assert "Not run here: " in text


@pytest.mark.skipif(not asset("BENCHMARKS.md").is_file(), reason="a package has no report")
def test_the_shipped_report_is_that_of_the_stored_comparisons() -> None:
    """Made again with ``./run.sh bars --report assets/BENCHMARKS.md``."""
    real = json.loads(asset("real_tasks.json").read_text(encoding="utf-8"))
    place = asset("known_tasks.json")
    known = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else None
    assert asset("BENCHMARKS.md").read_text(encoding="utf-8") == report(real, known)
