"""How fast the page follows a hand: ``./run.sh bench-drag``.

A real browser drags a slider back and forth. For every input event we take the time until a frame is
on the screen that shows its value or a later one: what a person feels. It is measured alone and with
four more tabs open, each of which drags nothing but is connected. Pictures that the server has never seen
are given to the page, each until all of it is drawn again. Then the slider is moved and let go a
thousand times; the server's memory is read before and after, and the page dragged again.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import statistics
import time
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from playwright.sync_api import FilePayload, Page

from core import load_checkpoint, photographs
from core.cli.output import check_places, command_line, save_json, stamped
from core.model.amortised import to_size
from tests.browser import TIMEOUT_MS, Server, drag, launched, opened, served, settled, slider

AXIS = 3
WATCH = """() => {
  const log = (window.__log = {inputs: [], frames: []});
  const bank = document.querySelector('.sliders') ?? [...document.querySelectorAll('*')]
    .map(e => e.shadowRoot?.querySelector('.sliders')).find(Boolean);
  for (const input of bank.querySelectorAll('input'))
    input.addEventListener('input', () => log.inputs.push(performance.now()), true);
  window.addEventListener('hyperinvariances:painted',
    e => log.frames.push([e.detail.moved, performance.now(), e.detail.server]));
}"""

COMPLETED = """() => {
  window.__completed = [];
  const curves = document.querySelector('.curves') ?? [...document.querySelectorAll('*')]
    .map(e => e.shadowRoot?.querySelector('.curves')).find(Boolean);
  new MutationObserver(() => window.__completed.push(curves.dataset.complete))
    .observe(curves, {attributeFilter: ['data-complete']});
}"""
PICTURE_SIDE = 1200


def delays(page: Page, axis: int, seconds: float) -> tuple[list[float], list[float]]:
    """Drag; milliseconds from each input to a frame that shows it, and of each frame in the server."""
    page.evaluate("() => Object.assign(window.__log, {inputs: [], frames: []})")
    shares = [0.5 + 0.5 * math.sin(n / 9) for n in range(round(seconds * 1000 / 32))]
    drag(page, axis, shares, pause_ms=32)
    page.wait_for_timeout(600)
    log = page.evaluate("() => window.__log")
    found = []
    for moved in log["inputs"]:
        drawn = [painted for shown, painted, _ in log["frames"] if shown >= moved - 0.5]
        found.append(min(drawn) - moved if drawn else math.inf)
    return found, [server for _, _, server in log["frames"]]


def report(name: str, found: list[float], server: list[float], seconds: float) -> dict[str, Any]:
    """One line, and the same for a file."""
    ordered = sorted(found)
    p50, p95, worst = statistics.median(ordered), _late(ordered), ordered[-1]
    print(
        f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, worst {worst:.0f} ms "
        f"({len(ordered)} inputs, {len(server) / seconds:.0f} frames/s, "
        f"in the server p50 {statistics.median(server):.0f} ms, p95 {_late(sorted(server)):.0f} ms)"
    )
    line = {"name": name, "p50_ms": p50, "p95_ms": p95, "worst_ms": worst, "inputs": len(ordered)}
    return line | {"server_p50_ms": statistics.median(server), "server_p95_ms": _late(sorted(server))}


def _late(ordered: list[float]) -> float:
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def pictures(page: Page, count: int) -> list[float]:
    """Give the page pictures that are new to the server; seconds from each to the complete page."""
    generator = torch.Generator().manual_seed(time.time_ns() % 2**32)  # a picture of an earlier run may be kept
    found = []
    for _ in range(count):
        photo = photographs()[1].pixels  # 512 x 512
        top, left = torch.randint(100, (2,), generator=generator).tolist()
        piece = to_size(photo[None, :, top : top + 412, left : left + 412], PICTURE_SIDE)[0]
        file = io.BytesIO()
        Image.fromarray((piece * 255).byte().permute(1, 2, 0).numpy()).save(file, "JPEG", quality=90)
        given: FilePayload = {"name": "new.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
        page.evaluate(COMPLETED)
        start = time.monotonic()
        page.locator(".st-key-part-picture input[type=file]").set_input_files(given)
        page.wait_for_function("() => window.__completed.includes('false')")
        settled(page)
        found.append(time.monotonic() - start)
        page.wait_for_timeout(500)
    if found:
        print(f"a new picture: the page is complete after {', '.join(f'{each:.2f}' for each in found)} s")
    return found


def memory(page: Page, server: Server, moves: int) -> tuple[float, float]:
    """Move and let go, many times; the server's megabytes before and after."""
    before = server.megabytes
    start = time.monotonic()
    for number in range(moves):
        slider(page, number % 6).fill(f"{(number * 37 % 101) / 100:.2f}")
        if number % 20 == 19:
            page.wait_for_timeout(450)
            settled(page)
        if number == moves // 2:
            print(f"memory after {number} moves: {server.megabytes:.0f} MB")
    page.wait_for_timeout(1000)
    settled(page)
    after = server.megabytes
    print(f"memory before {before:.0f} MB, after {moves} moves {after:.0f} MB ({time.monotonic() - start:.0f} s)")
    return before, after


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10.0, help="of dragging")
    options.add_argument("--moves", type=int, default=1000, help="0: leave the memory out")
    options.add_argument("--pictures", type=int, default=5, help="new ones that are given to the page; 0: none")
    options.add_argument("--json", type=Path, help="write the figures here")
    wanted = options.parse_args()
    check_places(wanted.json)
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start")
    drags: list[dict[str, Any]] = []
    found: dict[str, Any] = {"drag": drags, "cores": os.cpu_count(), "load": load}
    model, command = load_checkpoint(), command_line("./run.sh bench-drag")

    def keep() -> None:
        """After every part: what comes later may take too long, or fail."""
        save_json(wanted.json, stamped(model, **found, command=command))

    with served() as server, launched() as browser:
        print(f"server answers after {server.seconds:.1f} s")
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(4 * TIMEOUT_MS)  # on a busy machine figures are bad, but figures
        page = context.new_page()
        start = time.monotonic()
        opened(page, server.address)
        found["first_screen_s"] = time.monotonic() - start
        print(f"first screen complete {found['first_screen_s']:.1f} s later")
        page.evaluate(WATCH)
        drags.append(report("one tab", *delays(page, AXIS, wanted.seconds), wanted.seconds))
        settled(page)
        tabs = [opened(context.new_page(), server.address) for _ in range(4)]
        page.bring_to_front()
        drags.append(report("with four more tabs", *delays(page, AXIS + 1, wanted.seconds), wanted.seconds))
        for tab in tabs:
            tab.close()
        settled(page)
        keep()
        found["new_picture_s"] = pictures(page, wanted.pictures)
        keep()
        if wanted.moves:
            found["moves"], found["memory_mb"] = wanted.moves, memory(page, server, wanted.moves)
            drags.append(report("after these moves", *delays(page, AXIS + 2, wanted.seconds), wanted.seconds))
            keep()
        context.close()


if __name__ == "__main__":
    main()
