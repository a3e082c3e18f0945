"""The README's picture: ``./run.sh picture`` opens the dashboard in a real browser and keeps its first screen."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.files import save_bytes
from tests.browser import ROOT, launched, opened, served, settled, watched

PICTURE = ROOT / "assets" / "explore.png"
WIDTH, HEIGHT = 1440, 1500


def taken(address: str) -> bytes:
    """What somebody sees who opens the dashboard and takes no tour, as a PNG."""
    with launched() as browser, watched(browser, WIDTH, HEIGHT) as page:
        opened(page, address).get_by_role("button", name="No, thanks").click()  # to the tour
        return settled(page).screenshot(animations="disabled")


def main() -> None:
    """Take it and write it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=PICTURE, help="file to write; default: the README's picture")
    out = options.parse_args().out
    with served() as server:
        save_bytes(out, taken(server.address))
    print(f"Wrote {out}.")


if __name__ == "__main__":
    main()
