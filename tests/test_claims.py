"""Sentences that turned out to be wrong stand nowhere any more: not in the README, a report, a page or a lesson."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WRONG = {
    r"ignores? up to half (of )?(its|the) range": "a slider at 0.5 ignores more or less, see onset",
    r"every dial is real": "on some images, and with the others in the middle",
    r"recovered\b[^.]{0,120}\b0\.91|known descriptor recovered \|": "one coordinate of six was checked; chance is 0.5",
    r"is recovered in 9\d ?%": "one coordinate of six was checked",
    r"no tasks? (was|were) used to choose": "the objective was chosen on tasks",
    r"beats? (all|every) (baselines?|rivals?|methods?)": "some rival wins on most tables",
    r"hundreds? of times (faster|less time)": "against which rival, and at which score?",
    r"test images that no choice was made on": "the objective had been chosen by scores on the same tasks",
    r"promises 196": "it promises nothing",
}
"""Patterns, and why they are wrong."""
PLACES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "assets/*.md", "core/**/*.py",
          *(f"dashboard/**/*.{ending}" for ending in ("py", "json", "md", "toml", "js")))  # fmt: skip
READ = sorted({path for pattern in PLACES for path in ROOT.glob(pattern)})


def wrong_in(text: str) -> list[str]:
    """The patterns that a text has, however its lines are broken."""
    flat = re.sub(r"[\s\"']+", " ", text)
    return [pattern for pattern in WRONG if re.search(pattern, flat, re.IGNORECASE)]


@pytest.mark.parametrize("path", READ, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_wrong_sentence_stands_nowhere(path: Path) -> None:
    found = wrong_in(path.read_text(encoding="utf-8"))
    assert not found, {pattern: WRONG[pattern] for pattern in found}


def test_the_old_sentences_are_found_when_they_are_there() -> None:
    assert wrong_in("A slider at 0.5 ignores up to\n    half its range.") == [next(iter(WRONG))]
    assert wrong_in('"Every dial "\n        "is real."') and wrong_in("the descriptor (recovered 0.91)")
    table = "| objective | known descriptor recovered | mean test score |\n|---|---|---|\n| evidence | 0.9{}7 | 0.821 |"
    assert wrong_in(table.format(1)) and wrong_in(table.format(3)) and wrong_in("recovered in most runs: 0.917")
    assert not wrong_in("The whole descriptor is recovered in 68 % of runs, by chance in 42 %. The score is 0.91.")


def test_every_kind_of_text_is_read() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in READ}
    lessons = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dashboard" / "lessons").glob("*.toml")}
    assert lessons and lessons < names and len(READ) > 100
    assert {"README.md", "CONTRIBUTING.md", "assets/BENCHMARKS.md", "dashboard/component/tour.js"} <= names
