"""Where the tests find a browser; ``python -m tests.browser`` prints it or says how to install one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "No browser found. Run: apt-get install -y chromium, or: .venv/bin/python -m playwright install chromium"


def find() -> str:
    """Path of Chromium, the system's or Playwright's own.

    Raises:
        RuntimeError: there is none; the message is the line to run.
    """
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    raise RuntimeError(MISSING)


if __name__ == "__main__":
    try:
        print(find())
    except RuntimeError as error:
        sys.exit(str(error))
