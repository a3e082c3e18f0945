"""Passing on in a real browser: a view saved by one visitor opens for another, and a report needs no network."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

import core
from core.adaptation import Settings
from core.adaptation.preferences import looked_at, sentence
from core.certificates.fit_certificate import certify_fit
from core.evaluation.controls import untrained
from core.sharing import command, record, write_run
from core.tasks import TaskSource, known_tasks
from dashboard.adapt import report
from dashboard.text.classifier import POLICY
from tests.browser import IDLE, Server, opened, settled, watched
from tests.core.conftest import TINY

AXIS = core.AXES[0].name


def _source() -> TaskSource:
    return next(each for each in known_tasks(core.AXES) if each.name == "textures despite hue")


def saved(page: Page, button: str, path: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(path)
    return path


def test_a_view_saved_by_one_visitor_opens_for_another(
    page: Page, browser: Browser, server: Server, tmp_path: Path
) -> None:
    opened(page, f"{server.address}/?axis={AXIS}&picture=temple&panel=take%20away")
    said = page.get_by_role("heading", name="Looking for the temple").inner_text()
    file = saved(page, "Save this view", tmp_path / "view.json")
    assert json.loads(file.read_text(encoding="utf-8"))["body"]["address"]["picture"] == "temple"
    with watched(browser) as other:
        opened(other, f"{server.address}/?panel=take%20away")
        other.locator(".st-key-view-0 input[type=file]").set_input_files(file)
        expect(other.get_by_role("heading", name="Looking for the temple")).to_have_text(said)
        settled(other)
        assert f"axis={AXIS}" in other.url and "picture=temple" in other.url
        broken = tmp_path / "broken.json"
        broken.write_text(file.read_text(encoding="utf-8")[:300], encoding="utf-8")
        other.locator(".st-key-view-0 input[type=file]").set_input_files(broken)
        expect(other.get_by_text("is cut off")).to_be_visible()


def test_one_press_of_back_is_the_page_before_as_it_was_left(page: Page, server: Server) -> None:
    opened(page, f"{server.address}/")
    photograph = page.locator(".st-key-picture").get_by_role("radio", name="flower")
    photograph.click()
    settled(page)
    page.get_by_role("link", name="Theory", exact=True).click()
    expect(page).to_have_url(re.compile(r"/theory\?.*picture=flower"))
    page.wait_for_selector(IDLE)
    page.go_back()
    expect(page).to_have_url(f"{server.address}/?picture=flower")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which changes does the network notice?")
    expect(photograph).to_be_checked()
    page.go_forward()
    expect(page).to_have_url(re.compile(r"/theory\?.*picture=flower"))
    page.wait_for_selector(IDLE)


def test_a_run_from_the_command_line_opens_and_is_saved_again_with_its_report(
    page: Page, server: Server, tmp_path: Path
) -> None:
    model = core.load_checkpoint()
    run, _ = record(model, _source(), 4, Settings(steps=2))
    given = tmp_path / "given.json"
    given.write_bytes(write_run(run, model))
    page.goto(f"{server.address}/adapt")
    page.wait_for_selector(IDLE)
    page.locator(".st-key-adapt-shared input[type=file]").set_input_files(given)
    expect(page.get_by_text("Done.")).to_be_visible()
    expect(
        page.get_by_role("heading", name=sentence(run.slices, looked_at(_source().with_shots(4, 0))))
    ).to_be_visible()
    # The page is drawn once more when the certificate is there, and a click at that moment is lost.
    page.wait_for_selector(IDLE)
    expect(page.get_by_role("tab", name="What it can promise")).to_have_count(1)
    page.get_by_role("tab", name="What it can promise").click()
    expect(page.get_by_text(re.compile("are named wrongly"))).to_be_visible()
    # So it is, once more, when the augmentation has been measured.
    expect(page.get_by_role("button", name=POLICY)).to_be_enabled()
    page.wait_for_selector(IDLE)
    again = json.loads(saved(page, "Run (JSON)", tmp_path / "run.json").read_text(encoding="utf-8"))
    assert again["body"] == json.loads(given.read_text(encoding="utf-8"))["body"]
    text = saved(page, "Report (HTML)", tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        text.startswith("<!doctype html>")
        and sentence(run.slices, looked_at(_source().with_shots(4, 0))) in text
        and escape(command(run)) in text
    )


def test_a_report_is_drawn_without_a_network(browser: Browser, tmp_path: Path) -> None:
    model = untrained(TINY)
    task = _source().with_shots(8, 0)
    run, _ = record(model, _source(), 8, Settings())
    assert run.adapted is not None
    file = tmp_path / "report.html"
    file.write_text(report.html(run, task, model, certify_fit(model, task, run.adapted.descriptor)), encoding="utf-8")
    with watched(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for width in (1440, 820):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(file.as_uri())
            expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.get_by_role("heading", name="What it can promise")).to_be_visible()
        assert page.get_by_role("img").count() >= 5
        assert {url for url in asked if not url.startswith("data:")} == {file.as_uri()}
