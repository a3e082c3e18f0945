"""The Theory page in Streamlit's test harness: from the file and without it, every choice, networks on request."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.bounds import Alone
from core.bounds.operating_points import OperatingPoint
from core.certificates import survey as certificates
from core.certificates.feature_bank import HEAD, KEPT, OURS, Row
from core.certificates.findings import WHY_THE_OTHERS
from core.certificates.survey import Certified, Survey, save_survey
from core.tasks import known_tasks
from dashboard.jobs.background import Stream
from dashboard.jobs.network_certificates import Comparisons
from dashboard.panels.theory import choice
from dashboard.text import theory as words
from tests.dashboard.harness import healthy, prose, waited

TASK = "digits despite rotation"
SIZES = (40, 100)
DIGEST = "tiny theory"
BOUNDS = {HEAD: 0.45, KEPT: 0.4, OURS: 0.3}


def page_of_a_small_model() -> None:
    """The script under test; it runs in its own namespace."""
    import core
    from core.evaluation.controls import untrained
    from dashboard.views import theory

    sizes = core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8)
    model = untrained(sizes)
    model.metadata["digest"] = "tiny theory"
    theory.render(model)


def row(method: str, prior: str, labels: int, bound: float, held_out_bound: float | None = None) -> Row:
    n = labels if prior == "initial" else labels // 2
    point = OperatingPoint(method, prior, 3.0, 0.0, n, 0.1, 0.1, bound, 0.2, 0.5, 0.05, 8, 34)
    return Row(
        labels, point, (1.0,) * 6, held_out_bound, ("It holds on Sundays.",), 1.7 if prior == "initial" else None
    )


def stored() -> Survey:
    """Certificates that nobody has computed: vacuous at 40 labels, not at 100."""
    rows = [
        row(method, prior, labels, bound, 0.25 if prior == "half" else None)
        for labels in SIZES
        for method, prior, bound in (
            (HEAD, "half", 0.6 if labels == 40 else 0.45),
            (OURS, "half", 0.55 if labels == 40 else 0.3),
            (HEAD, "initial", 0.7),
            (OURS, "initial", 0.45),
        )
    ]
    names = [source.name for source in known_tasks() if source.classes]
    more = (row("fine-tuning", "initial", 100, 0.5, None),)
    tasks = tuple(Certified(n, n, 100, 100, 77, (*rows, *(more if n == TASK else ()))) for n in names)
    return Survey(DIGEST, 0, 0.05, tasks, (), "./run.sh certify", "2026-01-01", 9.0)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "certificates.json"
    save_survey(stored(), path)
    monkeypatch.setattr(certificates, "SHIPPED", path)
    return path


def opened(**chosen: object) -> AppTest:
    page = AppTest.from_function(page_of_a_small_model, default_timeout=60)
    for name, value in chosen.items():
        page.session_state[f"theory.{name}"] = value
    return healthy(page.run())


@pytest.fixture
def page(file: Path) -> AppTest:
    return opened(prior="half")


def slider(app: AppTest):
    (found,) = app.select_slider
    return found


def test_the_page_opens_with_the_most_methods_where_something_is_promised(file: Path) -> None:
    page = opened()
    assert page.selectbox(key="theory.task").value == TASK
    assert page.segmented_control(key="theory.prior").value == "half", (
        "with no label known, next to nothing is promised"
    )
    page.segmented_control(key="theory.prior").set_value("initial")
    page = healthy(page.run())
    assert "no test set to compare with" in prose(page)
    assert list(page.dataframe[0].value["method"]) == [HEAD, OURS, "fine-tuning"]


def test_stored_certificates_are_shown_with_what_they_rest_on(page: AppTest) -> None:
    text = prose(page)
    assert "At most **30.0\u00a0%** of new images are named wrongly by a head drawn at random" in text
    assert "that would be twice as many, which promises **nothing**" in text and "on 77 images" in text
    assert "promise **25.0\u00a0%**, lower than the 30.0\u00a0% of the drawn head" in text and WHY_THE_OTHERS in text
    assert "With every slider at 0.5 instead of fitted" in text and "makes the promise stronger by 15.0 points" in text
    assert "It holds on Sundays." in text and r"R\le0.300" in text and "made on 2026-01-01" in text
    assert "170.0\u00a0%" in text and "vacuous: naming one class" in text
    assert len(page.get("plotly_chart")) == 2 and page.button(key="theory.networks")


def test_the_yardstick_stands_first_in_legend_and_table_and_the_descriptor_alone_beside_it(file: Path) -> None:
    rows = [
        replace(each, alone=Alone(0.4, 3, each.point.n, 10.75) if each.point.prior == "half" else None)
        for labels in SIZES
        for prior in ("half", "initial")
        for each in (row(method, prior, labels, bound, 0.2) for method, bound in BOUNDS.items())
    ]
    found = stored()
    save_survey(replace(found, tasks=(replace(found.tasks[0], rows=tuple(rows)),)), file)
    page = opened(task=found.tasks[0].name, prior="half")
    assert lines(page) == [
        "hold-out bound", "descriptor alone", "drawn head", "measured on new images", "drawn head, sliders at 0.5",
        "drawn head, sliders at 0",
    ]  # fmt: skip
    table = page.dataframe[0].value
    assert list(table.columns)[:3] == ["method", "hold-out bound", "descriptor alone"]
    assert list(table["method"]) == [HEAD, KEPT, OURS] and set(table["descriptor alone"]) == {"40.0\u00a0%"}
    assert list(table["its majority vote"]) == [f"{n}.0\u00a0% (nothing)" for n in (90, 80, 60)]
    text = prose(page)
    assert "With every slider at 0 instead of fitted" in text and "at most **40.0\u00a0%** of new images" in text
    page.segmented_control(key="theory.prior").set_value("initial")
    assert "descriptor alone" not in lines(healthy(page.run()))


def lines(page: AppTest) -> list[str]:
    """Names of the lines of the chart over the number of labels."""
    figure = next(each.proto for each in page.get("plotly_chart") if "theory.growth" in each.proto.id)
    return [each["name"] for each in json.loads(figure.spec)["data"]]


def test_a_stored_task_whose_images_are_elsewhere_can_be_chosen_and_says_what_is_not_to_be_had(file: Path) -> None:
    found = stored()
    far = replace(found.tasks[0], name="far away")
    save_survey(replace(found, tasks=(*found.tasks, far)), file)
    page = opened(task="far away", prior="half", seed=7)
    text = prose(page)
    assert "At most **30.0\u00a0%**" in text and words.NO_DRAWS in text and words.NO_NETWORKS in text
    (seed,) = page.number_input
    assert seed.disabled and seed.value == found.seed and "Any other draw" not in text
    assert not [each for each in page.button if each.key == "theory.networks"]
    slider(page).set_value(40)
    page = healthy(page.run())
    assert "This promises **nothing**" in prose(page)
    page.selectbox(key="theory.task").set_value(TASK)
    page = healthy(page.run())
    assert words.NO_DRAWS not in prose(page) and page.button(key="theory.networks")


def test_fewer_labels_make_it_vacuous_and_the_page_says_so(page: AppTest) -> None:
    assert "This promises **nothing**" not in prose(page)
    slider(page).set_value(40)
    text = prose(healthy(page.run()))
    assert "This promises **nothing**" in text and "Nothing shown here promises anything" in text


def test_without_labels_for_the_prior_only_one_certificate_is_left(page: AppTest) -> None:
    page.segmented_control(key="theory.prior").set_value("initial")
    text = prose(healthy(page.run()))
    assert "Fitted descriptor alone promises anything" in text
    assert "no test set to compare with" in text


@pytest.mark.slow
@pytest.mark.parametrize("reason", ["another draw", "another checkpoint", "no file"])
def test_what_is_not_stored_is_computed(file: Path, reason: str) -> None:
    if reason == "another checkpoint":
        file.write_text(file.read_text(encoding="utf-8").replace(DIGEST, "other"), encoding="utf-8")
    if reason == "no file":
        file.unlink()
    text = prose(page := opened(task=TASK, prior="half", seed=1 if reason == "another draw" else 0))
    assert "Computed here, for this draw." in text and "The 100 certified images are independent draws" in text
    assert "other digits, drawn in the same way" in text and len(page.get("plotly_chart")) == 1
    assert ("are of checkpoint other" in text) == (reason == "another checkpoint")
    assert ("There are no certificates" in text) == (reason == "no file")


def test_networks_are_computed_when_asked_for_and_can_be_stopped(page: AppTest) -> None:
    page = healthy(page.selectbox(key="theory.task").set_value(TASK).run())
    healthy(page.button(key="theory.networks").click().run())
    healthy(page.button(key="theory.cancel").click().run())
    assert re.search(r": stopped[.;]", prose(page)) and page.button(key="theory.networks")


def test_a_comparison_gives_rows_one_by_one_and_stops_between_batches() -> None:
    ledger, key = Comparisons(), ("t", 0, 40, "half")

    def make(progress: Callable[[str, float], None]) -> Iterator[Row]:
        progress("first", 0.5)
        yield row("fine-tuning", "half", 40, 0.4)
        while True:
            progress("second", 0.25)
            time.sleep(0.001)

    ledger.start(key, "t", make, 2)
    job = ledger.get(key)
    assert job is not None
    waited(lambda: job.text == "second")
    assert len(job.found()) == 1 and job.share == pytest.approx(0.625) and ledger.running() is job
    ledger.cancel()
    assert ledger.running() is None and "stopped" in job.problem and len(job.found()) == 1

    def fail(progress: Callable[[str, float], None]) -> Iterator[Row]:
        raise ValueError("No images left.")
        yield

    broken = Stream("t", fail, 1)
    waited(lambda: not broken.running)
    assert broken.problem == "No images left."


def test_sentences_follow_the_numbers() -> None:
    lower, higher = row(OURS, "half", 100, 0.3, 0.2), row(OURS, "half", 100, 0.3, 0.4)
    assert "lower than" in words.yardstick(lower) and "higher than" in words.yardstick(higher)
    head = row(HEAD, "half", 100, 0.2)
    assert "makes the promise weaker by 10.0 points" in words.against_fixed([head, lower])
    assert words.against_fixed([lower]) == ""
    assert "makes the promise neither stronger nor weaker" in words.against_fixed([row(HEAD, "half", 100, 0.3), lower])
    both = words.against_fixed([head, row(KEPT, "half", 100, 0.35), lower])
    assert re.search("slider at 0.5 .* weaker by 10.0 points.* slider at 0 .* stronger by 5.0 points", both)
    paid = replace(lower, alone=Alone(0.15, 9, 50, 10.75))
    assert "lower than the 30.0\u00a0% of the drawn head and higher than the 15.0" in words.yardstick(paid)
    assert "9 of the 50 certified images wrongly" in words.alone(paid) and "10.8 nats" in words.alone(paid)
    assert words.alone(lower) == ""
    assert words.telling([head, lower]) == ""


def test_the_headline_says_what_is_promised_of_one_classifier() -> None:
    said = words.verdict(row(OURS, "half", 100, 0.2).point)
    assert "**20.0\u00a0%**" in said and "the guarantee is twice that before rounding, **40.0\u00a0%**" in said
    assert words.verdict(row(OURS, "half", 100, 0.5).point).startswith("This promises **nothing**")
    assert words.vote(0.7) == 1


def test_the_slider_stops_where_the_promise_changes() -> None:
    rows = tuple(row(OURS, "half", labels, bound) for labels, bound in ((40, 0.9), (60, 0.9), (100, 0.3), (200, 0.2)))
    task = Certified("t", "t", 200, 200, 50, rows)
    assert choice._stops(task, "half") == (40, 100, 200)
