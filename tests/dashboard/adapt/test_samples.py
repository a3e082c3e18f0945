"""Pictures of a task before it is fitted, the scoreboard, and the sentences beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import AXES
from core.adaptation.preferences import Slice
from core.baselines import Outcome
from core.tasks import Task
from core.tasks.task import Split
from dashboard.adapt.samples import MOST, SIDE, samples
from dashboard.adapt.touch import read_touch
from dashboard.figures.class_sheet import Card, cards_html
from dashboard.figures.fit_progress import Chosen, traces_figure
from dashboard.figures.scoreboard import Mark, scoreboard_html
from dashboard.figures.theme import LIGHT
from dashboard.text import adapt
from tests.core.samples import blind_task


def split(targets: Sequence[float], side: int = 8) -> Split:
    """Pictures whose brightness is their number in the split."""
    shades = torch.arange(len(targets)) / len(targets)
    kind = torch.float32 if any(isinstance(target, float) for target in targets) else torch.int64
    return Split(shades[:, None, None, None].expand(-1, 3, side, side).clone(), torch.tensor(targets, dtype=kind))


def task(classes: int) -> Task:
    names = tuple(f"class {place}" for place in range(classes))
    each = list(range(classes))
    return Task("t", "T?", split(each * 3), split(each), split(each * 5), names)


def test_every_class_shows_its_own_pictures_and_counts_all() -> None:
    found = samples(task(4), AXES)
    assert [(each.name, each.labelled, each.tests) for each in found] == [(f"class {n}", 4, 5) for n in range(4)]
    first = found[1].pictures
    assert first.shape == (3, found[1].down * SIDE, found[1].across * SIDE)
    shades = [float(first[0, SIDE // 2, SIDE // 2 + SIDE * n]) for n in range(3)]
    assert shades == pytest.approx([1 / 12, 5 / 12, 9 / 12]), "the pictures of class 1 among the training images"
    assert len(samples(task(30), AXES)) == MOST


def test_a_quantity_goes_from_least_to_most_in_its_unit() -> None:
    numbers = [0.5, -1.0, 0.0, 1.0]
    quantity = Task("t", "T?", split(numbers), split(numbers), split(numbers))
    assert [each.name for each in samples(quantity, AXES)] == ["−1.00", "+0.00", "+0.50", "+1.00"]
    turned = replace(quantity, known={AXES[0].name: 0})
    assert [each.name for each in samples(turned, AXES)] == ["−45°", "+0°", "+22°", "+45°"]
    larger = replace(quantity, known={AXES[2].name: 0})
    assert [each.name for each in samples(larger, AXES)][-1] == "×\u202f2", "twice as large"
    shades = [float(each.pictures.mean()) for each in samples(turned, AXES)]
    assert shades == pytest.approx([0.25, 0.5, 0, 0.75])


def test_names_of_classes_are_no_html() -> None:
    shown = cards_html([Card("<b>x</b>", "data:,", 2, 2, "3 + 4", "4 pictures of <i>")])
    assert "<b>&lt;b&gt;x&lt;/b&gt;</b>" in shown and "&lt;i&gt;" in shown


def test_bars_are_as_long_as_scores_and_lines_as_intervals() -> None:
    shown = scoreboard_html([Mark("fit", 0.5, "50 %", 0.25, 0.75, "fit"), Mark("below", -0.5, "R² −0.50")], LIGHT)
    assert 'class="bar fit" style="width:50.0%"' in shown and 'style="left:25.0%;width:50.0%"' in shown
    assert 'class="bar simple" style="width:0.0%"' in shown and shown.count('span class="span"') == 1
    assert LIGHT.a in shown


def test_the_chosen_step_and_the_rounding_are_marked() -> None:
    values = np.array([[0.5, 0.5], [0.3, 0.8], [0.4, 0.7]])
    figure = traces_figure(values, ("a", "b"), "t", LIGHT, chosen=Chosen((0.3, 0.8), (0.0, 1.0)))
    lines = figure.layout.shapes
    assert [(line.x0, line.x1, line.xref) for line in lines] == [(1, 1, "x"), (1, 1, "x2")], "in each one's panel"
    assert "kept: 1" in " ".join(found.title.text for found in figure.select_xaxes())
    diamonds = [trace for trace in figure.data if trace.mode == "markers"]
    assert [(trace.x[0], trace.y[0]) for trace in diamonds] == [(3, 0.0), (3, 1.0)]
    assert not traces_figure(values, ("a", "b"), "t", LIGHT).layout.shapes


def cut(*heights: float, at: float, here: float, score: float | None = None) -> Slice:
    scores = None if score is None else np.array([score - 0.25, *[score] * (len(heights) - 1)])
    return Slice(AXES[3], np.linspace(0, 1, len(heights)), np.array(heights), at, here, scores, score)


@pytest.mark.parametrize(
    ("given", "text", "kind"),
    [
        (cut(0, 5, 50, at=1, here=50, score=0.75), "ignored, +25 points", "told"),
        (cut(0, 5, 50, at=1, here=50), "ignored", "told"),
        (cut(50, 5, 0, at=0, here=50), "kept", "told"),
        (cut(0, 1, 2, at=1, here=2), "cannot tell", "open"),
        (cut(0, 50, 0, at=0.5, here=50), "in between", "told"),
        (cut(40, 20, 7, at=1, here=7), "better at 0", "missed"),
        (cut(0, 38, 40, at=0.4, here=36), "no worse than 1", "told"),
    ],
)
def test_what_stands_beside_a_slider_agrees_with_it(given: Slice, text: str, kind: str) -> None:
    said = adapt.beside(given)
    assert (said["text"], said["kind"]) == (text, kind) and said["whole"]


def test_the_verdict_says_by_how_much() -> None:
    told, by = adapt.verdict([cut(0, 5, 50, at=1, here=50, score=0.75)], 80)
    assert told == f"This task wants to ignore {AXES[3].name}."
    assert by == f"Ignoring {AXES[3].name} wins most: 25 points over keeping it, on labelled pictures."
    flat = replace(cut(0, 5, 50, at=1, here=50, score=0.75), scores=np.full(3, 0.75))
    assert "(50 nats)" in adapt.verdict([flat], 80)[1]
    assert adapt.verdict([cut(0, 1, 2, at=1, here=2)], 80)[1] == ""


def test_what_a_score_is_worth() -> None:
    ours = Outcome("ours", 0.9, 1.0, 3, tests=200, majority=0.5)
    best = Outcome("frozen", 0.7, 1.0, 3, tests=200, majority=0.5)
    said = adapt.worth(ours, [best], False)
    assert (
        "on 200 test pictures (95 % interval 85 to 94\u00a0%), 20 points above the best simple method (frozen backbone)"
        in said
    )
    assert "12 points below" in adapt.worth(replace(ours, score=0.58), [best], False)
    assert "does not tell it from frozen backbone (88" in adapt.worth(ours, [replace(best, score=0.88)], False)
    assert "too few to tell much" in adapt.worth(replace(ours, score=1.0, tests=2), [], False)
    assert adapt.worth(Outcome("ours", 0.9, 1.0, 3, tests=9), [], True).startswith("**R² 0.90** on 9 test pictures")


GOOD = {"number": 3, "axis": 1, "held": True, "values": [0.1, 2.0]}


@pytest.mark.parametrize(
    "told",
    [
        None, "x", {}, GOOD | {"axis": 2}, GOOD | {"axis": -1}, GOOD | {"values": [0.1]}, GOOD | {"number": "many"},
        GOOD | {"values": [0.1, float("nan")]}, GOOD | {"values": [[], 1]}, GOOD | {"number": 1e999},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_no_touch(told: object) -> None:
    assert read_touch(told, 2) is None


def test_a_touch_is_read_within_the_cube() -> None:
    touch = read_touch(GOOD, 2)
    assert touch is not None and (touch.number, touch.axis, touch.held, touch.values) == (3, 1, True, (0.1, 1.0))


def test_a_task_of_the_tests_has_samples_too() -> None:
    assert len(samples(blind_task(2), AXES)) == 2
