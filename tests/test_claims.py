"""Sentences that turned out to be wrong stand nowhere any more: not in the README, a report, a page or a lesson."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WRONG = {
    r"ignores? up to half (of )?(its|the) range": "a slider at 0.5 ignores more or less, see onset",
    r"every dial is real": "on some images, and with the others in the middle",
    r"recovered 0\.91": "one coordinate of six was checked, and chance is 0.5",
    r"is recovered in 9\d ?%": "one coordinate of six was checked",
    r"no tasks? (was|were) used to choose": "the objective was chosen on tasks",
    r"beats? (all|every) (baselines?|rivals?|methods?)": "some rival wins on most tables",
    r"hundreds? of times (faster|less time)": "against which rival, and at which score?",
    r"test images that no choice was made on": "the objective had been chosen by scores on the same tasks",
    r"promises 196": "it promises nothing",
}
"""Patterns, and why they are wrong."""
PLACES = ("README.md", "CHANGELOG.md", "assets/*.md", "dashboard/**/*.py", "dashboard/**/*.json", "dashboard/**/*.md",
          "core/**/*.py")  # fmt: skip
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
    assert len(READ) > 100 and any(path.name == "BENCHMARKS.md" for path in READ)
