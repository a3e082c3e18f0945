"""What tests and measurements in a real browser share: the browser, a server, a page that is ready.

``python -m tests.browser`` starts the browser and prints where it is, or says how to install one.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary, WeakSet

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Request, ViewportSize

Scheme = Literal["light", "dark"]
ROOT = Path(__file__).parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "No browser found. Run './run.sh test', which installs one, or: apt-get install -y chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# The one test id of Streamlit's that tests need: nothing else says whether the script runs, or is the page's ground.
APP = "[data-testid=stApp]"
IDLE = f"{APP}[data-test-script-state=notRunning]"
COMPLETE = ".curves[data-complete=true]"
TIMEOUT_MS = 60_000
# Opened below the root, Streamlit's page asks for these beside its address first and takes the 404 as an answer.
PROBES = re.compile(r"/[\w-]+/_stcore/(health|host-config)$")
_under_way: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()
_leaving: WeakSet[Page] = WeakSet()


def find() -> str:
    """Path of Chromium: what run.sh got from npm because no other starts, the system's, or Playwright's own.

    Raises:
        RuntimeError: there is none; the message is the line to run.
    """
    if (unpacked := Path(sys.prefix) / "browser" / "start").exists():
        return str(unpacked)
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    raise RuntimeError(MISSING)


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless browser."""
    from playwright.sync_api import sync_playwright

    path = find()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Server:
    """A running dashboard: its address, its process and how long it took to answer, in seconds."""

    address: str
    process: subprocess.Popen[bytes]
    seconds: float

    @property
    def megabytes(self) -> float:
        """Resident memory of the process."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    @property
    def processor_s(self) -> float:
        """Seconds of processor time that the process has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served() -> Iterator[Server]:
    """A server of our own on a free port, started as run.sh starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    start = time.monotonic()
    variables = {"MALLOC_ARENA_MAX": "2"} | os.environ
    process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield Server(f"http://127.0.0.1:{port}", process, time.monotonic() - start)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"The server ended with code {server.returncode}.")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"No answer from {url} in {seconds} s.")


@contextmanager
def watched(browser: Browser, width: int = 1440, height: int = 900, scheme: Scheme = "light") -> Iterator[Page]:
    """A page in a session of its own that raises at the end if anything went wrong.

    Wrong is: a console error, a script error, a failed request, an HTTP status of 400 or more, and any request that
    leaves the machine.
    """
    faults: list[str] = []
    size: ViewportSize = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=scheme, accept_downloads=True)
    try:
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)

        def fault(sentence: str, url: str) -> None:
            if not PROBES.search(urlsplit(url).path):
                faults.append(f"{sentence} {url}")

        def failed(sent: Request) -> None:
            if page not in _leaving:
                faults.append(f"failed: {sent.url} {sent.failure}")

        page.on("console", lambda line: fault(line.text, line.location["url"]) if line.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("response", lambda reply: fault(str(reply.status), reply.url) if reply.status >= 400 else None)
        page.on("requestfailed", failed)
        page.on("request", lambda sent: faults.append(f"left the machine: {sent.url}") if _foreign(sent.url) else None)
        _follow(page)
        yield page
        seen = list(faults)
    finally:
        context.close()
    assert not seen, "; ".join(seen)


def _follow(page: Page) -> None:
    """Keep which of the page's requests have no answer yet."""
    waiting = _under_way[page] = set()
    page.on("request", lambda request: waiting.add(request))
    page.on("requestfinished", lambda request: waiting.discard(request))
    page.on("requestfailed", lambda request: waiting.discard(request))


def _foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1"


def opened(page: Page, url: str) -> Page:
    """Go there and wait until everything is drawn."""
    page.goto(url)
    return settled(page)


def settled(page: Page) -> Page:
    """Wait until the script has run and the curves and their bands are drawn."""
    page.wait_for_selector(IDLE)
    page.wait_for_selector(COMPLETE)
    return page


def reload(page: Page) -> None:
    """Reload a watched page once all its requests are answered; see :func:`_answered`."""
    _answered(page)
    _going(page, page.reload)


def leave(page: Page, url: str) -> None:
    """Go elsewhere from a watched page once all its requests are answered; see :func:`_answered`."""
    if page.url != "about:blank":
        _answered(page)
    _going(page, lambda: page.goto(url))


def comes_back(page: Page, lose: Callable[[], object]) -> None:
    """Do what makes a watched page load itself anew, once all its requests are answered; wait until it has."""
    _answered(page)
    page.evaluate("window.__before = true")
    _going(page, lambda: (lose(), page.wait_for_function("!window.__before")))


def _going(page: Page, where: Callable[[], object]) -> None:
    """Go; what a timer of the page asks for in that very moment is cut off, which is nobody's fault."""
    _leaving.add(page)
    where()
    _leaving.discard(page)


def _answered(page: Page) -> None:
    """Wait for the answers to all requests of a page.

    A page that goes cuts off what it is still waiting for, which counts as a failed request. That is nobody's fault
    and nothing a person would see, but a failed request of a page that stays is both.

    Raises:
        TimeoutError: a request has no answer in a minute; the message names all of them.
    """
    waiting, end = _under_way[page], time.monotonic() + TIMEOUT_MS / 1000
    page.wait_for_selector(IDLE)
    while waiting:
        if time.monotonic() > end:
            raise TimeoutError(f"Still without an answer: {', '.join(request.url for request in waiting)}.")
        page.wait_for_timeout(20)


def slider(page: Page, number: int) -> Locator:
    """One coordinate of descriptor A."""
    return page.locator(f".sliders #c{number}")


def drag(page: Page, number: int, shares: list[float], pause_ms: float = 16) -> None:
    """Press the slider's knob, move it to each share of the track in turn, and let go."""
    box = slider(page, number).bounding_box()
    assert box
    value = float(slider(page, number).input_value())
    width, middle = box["width"] - 20, box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 10 + value * width, middle)
    page.mouse.down()
    for share in shares:
        page.mouse.move(box["x"] + 10 + share * width, middle)
        page.wait_for_timeout(pause_ms)
    page.mouse.up()


if __name__ == "__main__":
    try:
        with launched() as started:
            print(find(), started.version)
    except RuntimeError as error:
        sys.exit(str(error))
