"""An evaluation as rows of text: a cell for everything that was measured, and a mark against its bar."""

from __future__ import annotations

from typing import Any

import pytest

from core.evaluation.tables import BARS, BARS_ALSO, Bar, columns, markdown, rows, verdicts

AXES = ("rotation", "hue", "blur")
OLDER = ("control", "control_whitened", "decodability", "monotone")
PER_AXIS = tuple(
    name for name in BARS if name not in ("leakage", "effective_rank", "identity_retrieval", "linear_probe")
)
SINGLE = ("leakage", "leakage_own", "effective_rank", "identity_retrieval", "linear_probe")


def per_axis(value: float) -> dict[str, Any]:
    values = [value, value + 0.01, value + 0.02]
    return {"value": values, "interval": [[each - 0.1, each + 0.1] for each in values]}


def figures() -> dict[str, Any]:
    """Every figure, each with numbers of its own."""
    found: dict[str, Any] = {name: per_axis(1 + number) for number, name in enumerate(PER_AXIS)}
    found |= {name: {"value": 0.3 + n, "interval": [0.2 + n, 0.4 + n]} for n, name in enumerate(SINGLE)}
    return found


def cosine(*names: str, collapsed: str = "") -> dict[str, Any]:
    several = [per_axis(0.1 * number) for number, _ in enumerate(names)]
    return {
        "descriptors": list(names),
        "value": [each["value"] for each in several],
        "interval": [each["interval"] for each in several],
        "collapsed": [name == collapsed for name in names],
    }


def document() -> dict[str, Any]:
    frozen = {**figures(), "cosine": cosine("any descriptor"), "linear_probe": None}
    return {
        **figures(),
        "axes": list(AXES),
        "cosine": cosine("Keep all", "Ignore all", collapsed="Ignore all"),
        "also": [
            {"images": "my | <b>hand</b>_signs", "count": 20, "decodability": per_axis(0.5), "left": per_axis(0.1)}
        ],
        "references": {"pixels": figures(), "frozen": frozen},
    }


def test_a_table_has_a_line_per_figure_and_axis_and_a_column_per_reference() -> None:
    found, lines = document(), rows(document())
    assert columns(found) == ("figure", "axis", "model", "frozen backbone", "raw pixels")
    assert len(lines) == len(AXES) * (len(PER_AXIS) + 2 + 2) + len(SINGLE)
    assert all(len(line) == 5 and line[2] != "–" for line in lines)
    assert len({line[:2] for line in lines}) == len(lines)
    assert len(markdown(found).splitlines()) == len(lines) + 2
    assert "| leakage, whitened |  | 30.0% [20.0%, 40.0%] |" in markdown(found)
    assert lines[-1][3] == "–" and lines[-1][4] != "–", "the frozen backbone has no probe here"


def test_the_cosine_of_what_is_deaf_stands_beside_every_descriptor() -> None:
    lines = [line for line in rows(document()) if line[0].startswith("cosine")]
    assert [line[0].partition(", ")[2] for line in lines] == ["Keep all"] * 3 + ["Ignore all"] * 3
    assert [line[3] for line in lines[:3]] == [line[3] for line in lines[3:]]
    assert [line[2].endswith("collapsed") for line in lines] == [False] * 3 + [True] * 3
    assert all(line[4] == "–" for line in lines)


def test_names_from_outside_are_plain_in_rows_and_literal_in_markdown() -> None:
    assert any("my | <b>hand</b>_signs" in line[0] for line in rows(document()))
    for text in (markdown(document()), verdicts(document())):
        (line, *_) = [line for line in text.splitlines() if "hand" in line]
        assert r"my \| \<b\>hand\</b\>\_signs" in line


def test_an_older_document_is_printed_as_far_as_it_goes() -> None:
    found = {name: figure for name, figure in document().items() if name in (*OLDER, *SINGLE, "axes", "references")}
    assert len(rows(found)) == len(AXES) * len(OLDER) + len(SINGLE)
    assert len(verdicts(found).splitlines()) == 2 + len(OLDER) + 1 + 2 + 4


def test_verdicts_mark_what_reaches_its_bar() -> None:
    found = document()
    found["control"] |= {"value": [5.0, 4.9, 20.0]}
    found["onset"] |= {"value": [0.21, 0.2, 0.05]}
    found["leakage"] |= {"value": 0.36}
    found["also"][0]["left"] |= {"value": [0.31, 0.3, 0.1]}
    text = verdicts(found)
    assert "| control, own metric: V(0) / V(1) | ≥ 5 | ≥ 20 | 5.0 ✓ | 4.9 ✗ | 20.0 ✓✓ |" in text
    assert "≤ 0.2 | ≤ 0.05 | 0.21 ✗ | 0.20 ✓ | 0.05 ✓✓ |" in text
    assert "| leakage, whitened | ≤ 35 % | ≤ 15 % | 36.0% [20.0%, 40.0%] ✗ | 30.0% | 30.0% |" in text
    assert "| ≤ 0.3 | ≤ 0.1 | 0.31 ✗ | 0.30 ✓ | 0.10 ✓✓ |" in text
    assert sum("✓" in line or "✗" in line for line in text.splitlines()) == len(BARS) + len(BARS_ALSO)


def test_the_bars_are_those_that_were_set() -> None:
    said = {name: (bar.said(bar.must), bar.said(bar.aim)) for name, bar in BARS.items()}
    for whitened, must in (("", ("≥ 5", "≥ 3", "≥ 3")), ("_whitened", ("≥ 1.5",) * 3)):
        for at, bound in zip(("", "_at_0", "_at_1"), must, strict=True):
            assert said[f"control{whitened}{at}"] == (bound, "≥ 4" if whitened else "≥ 20")
    assert said["decodability"] == ("≥ 0.3", "≥ 0.6") and said["left"] == ("≤ 0.1", "≤ 0.03")
    assert said["onset"] == ("≤ 0.2", "≤ 0.05") and said["leakage"] == ("≤ 35 %", "≤ 15 %")
    assert said["effective_rank"] == ("≥ 40", "≥ 100") and said["linear_probe"] == ("≥ 70 %", "≥ 85 %")
    assert said["monotone"] == ("≤ −0.95", "–")


@pytest.mark.parametrize(("value", "mark"), [(0.05, "✓✓"), (0.1, "✓✓"), (0.2, "✓"), (0.3, "✓"), (0.31, "✗")])
def test_a_mark_says_how_far_a_value_goes(value: float, mark: str) -> None:
    assert Bar(0.3, 0.1, least=False).mark(value) == mark
    assert Bar(-0.3, -0.1).mark(-value) == mark
