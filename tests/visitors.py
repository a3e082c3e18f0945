"""What many visitors cost: ``./run.sh bench-visitors``.

So many browsers open the Adapt page at once, and all press Play. Every fit must end, without an error on any page, and
who waits must see how many come first. Then each goes on with further tasks, one after another, until there have been a
hundred fits, and every verdict is there; the server's memory is read before the first of them and after each round. The
same fit is made without a page first: the page must not slow it down much, where nobody waits.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from core import load_checkpoint
from core.adaptation import adapt
from core.cli.output import check_places, command_line, save_json, stamped
from core.tasks import offered_tasks
from dashboard.adapt.setup import Setup
from tests.browser import IDLE, TIMEOUT_MS, Server, launched, served

LIMIT_S = 900
"""For the fits of one round, and again for what is computed after them."""

CALM_SHARE = 0.25
"""Of a processor, which thirty pages that only look need at most."""

_WAITING = re.compile(r"Waiting:.* first\.")
_ENDED = re.compile(r"Done\. \d+ steps in ([0-9.]+) s")
_FAILED = "Stopped by an error"
_OPEN = re.compile(r"Checking how much|The verdict comes when")


@dataclass
class Round:
    """What one round of fits was like.

    Attributes:
        fits: that were begun.
        ended: of them.
        failed: pages that said so.
        queued: pages that said how many come first.
        checked: pages that show how much each slider matters.
        seconds: from the first press to the last end.
        all_seconds: from the first press to the last verdict.
        fit_s: of each fit, as its page says.
        waits: seconds from the first press to the end of each fit.
        megabytes: of the server after it.
    """

    fits: int
    ended: int = 0
    failed: int = 0
    queued: int = 0
    checked: int = 0
    seconds: float = 0.0
    all_seconds: float = 0.0
    megabytes: float = 0.0
    fit_s: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


def ready(page: Page) -> Page:
    """Wait until a fit can begin."""
    page.get_by_text("Ready. Press Play.").wait_for()
    page.wait_for_selector(IDLE)
    return page


def choose(page: Page, task: str) -> None:
    """Choose another task, as a hand does, and wait for nothing."""
    box = page.locator(".st-key-adapt-choices").get_by_role("combobox")
    box.click()
    box.fill(task)
    page.get_by_role("option", name=task, exact=True).first.click()


def played(pages: Sequence[Page], server: Server) -> Round:
    """Press Play on all pages and look at each in turn until all fits have ended."""
    found, start = Round(len(pages)), time.monotonic()
    for page in pages:
        page.get_by_role("button", name="Play").click()
    left, queued = list(range(len(pages))), set()
    while left and time.monotonic() - start < LIMIT_S:
        for number in list(left):
            said = _text(pages[number], ".st-key-adapt-buttons")
            if _WAITING.search(said):
                queued.add(number)
            wrong, ended = _FAILED in said, _ENDED.search(said)
            if wrong or ended:
                left.remove(number)
                found.failed += wrong
                found.waits.append(time.monotonic() - start)
            if ended:
                found.ended += 1
                found.fit_s.append(float(ended[1]))
        pages[0].wait_for_timeout(1000)  # not oftener: the looks of this command must not take what they measure
    found.queued, found.seconds = len(queued), time.monotonic() - start
    found.checked = len(pages) - _unchecked(pages)
    found.all_seconds = time.monotonic() - start
    for page in pages:
        page.wait_for_selector(IDLE)
    _calm(pages[0], server)
    found.megabytes = server.megabytes
    return found


def _calm(page: Page, server: Server) -> None:
    """Wait until what is worked out after the verdicts has ended too: half a minute in which nobody computes."""
    calm, start = 0, time.monotonic()
    while calm < 6 and time.monotonic() - start < LIMIT_S:
        before = server.processor_s
        page.wait_for_timeout(5_000)
        calm = calm + 1 if server.processor_s - before < CALM_SHARE * 5 else 0


def _text(page: Page, place: str) -> str:
    """What a part of a page says; "" while it is not there, as of a page that loads itself anew."""
    try:
        found = page.evaluate("(place) => document.querySelector(place)?.innerText", place)
    except PlaywrightError:
        return ""
    return found or ""


def _unchecked(pages: Sequence[Page]) -> int:
    """Wait until every page has its verdict; how many have none in time."""
    left, start = list(pages), time.monotonic()
    while left and time.monotonic() - start < LIMIT_S:
        left = [page for page in left if _OPEN.search(said := _text(page, ".st-key-adapt-card")) or not said]
        pages[0].wait_for_timeout(1000)
    return len(left)


def _page(browser: Browser, stack: ExitStack, lost: list[str]) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    stack.callback(context.close)
    context.set_default_timeout(8 * TIMEOUT_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: lost.append(str(error).splitlines()[0]))
    return page


def measured(browser: Browser, server: Server, visitors: int, fits: int, lost: list[str]) -> tuple[float, list[Round]]:
    """The server's memory with all pages open, and the rounds; ``lost`` takes errors of pages that load anew."""
    model = load_checkpoint()
    # All pages open on the first task, and choosing the one that is shown changes nothing.
    _, *names = [source.name for source in offered_tasks(model.transforms, model.input_size)]
    rounds: list[Round] = []
    with ExitStack() as stack:
        pages = [_page(browser, stack, lost) for _ in range(visitors)]
        for page in pages:
            page.goto(f"{server.address}/adapt", wait_until="commit")
        for page in pages:
            ready(page)
        pages[0].wait_for_timeout(10_000)
        before = server.megabytes
        print(f"{visitors} pages open: {before:.0f} MB", flush=True)
        while sum(each.fits for each in rounds) < fits:
            here = pages[: fits - sum(each.fits for each in rounds)]
            if rounds:
                for number, page in enumerate(here):
                    choose(page, names[(number + len(rounds)) % len(names)])
                for page in here:
                    ready(page)
            rounds.append(last := played(here, server))
            print(
                f"{last.fits} press Play: {last.ended} end, {last.failed} fail, {last.queued} see how many come first, "
                f"{last.seconds:.0f} s; {last.checked} have their verdict after {last.all_seconds:.0f} s; "
                f"{last.megabytes:.0f} MB", flush=True,
            )  # fmt: skip
    return before, rounds


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--visitors", type=int, default=30, help="browsers that are open at once")
    options.add_argument("--fits", type=int, default=100, help="of all rounds together")
    options.add_argument("--json", type=Path, help="write the figures here")
    wanted = options.parse_args()
    check_places(wanted.json)
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start")
    model = load_checkpoint()
    task = offered_tasks(model.transforms, model.input_size)[0].with_shots(Setup.shots, 0)
    alone = statistics.median(adapt(model, task).seconds for _ in range(3))
    lost: list[str] = []
    with served() as server, launched() as browser:
        before, rounds = measured(browser, server, wanted.visitors, wanted.fits, lost)
    grown = rounds[-1].megabytes - before
    print(f"memory before {before:.0f} MB, after {sum(each.fits for each in rounds)} fits {grown:+.0f} MB")
    print(f"{len(lost)} times a page lost a message and loaded itself anew")
    print(f"a fit took {statistics.median(rounds[0].fit_s or [0.0]):.1f} s on its page (median), {alone:.1f} s alone")
    save_json(
        wanted.json,
        stamped(
            model, visitors=wanted.visitors, alone_s=alone, before_mb=before, rounds=[vars(each) for each in rounds],
            lost=lost, grown_mb=grown, cores=os.cpu_count(), load=load, command=command_line("./run.sh bench-visitors"),
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main()
