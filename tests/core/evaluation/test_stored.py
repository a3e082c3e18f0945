"""A stored evaluation is shown for its own model only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import AmortisedExtractor
from core.evaluation.stored import STORED, read_evidence
from core.model.checkpoints import digest


@pytest.fixture
def named(model: AmortisedExtractor) -> AmortisedExtractor:
    model.metadata["digest"] = digest(model)
    return model


def document(model: AmortisedExtractor, **changes: Any) -> dict[str, Any]:
    """The shipped file, as if it were about this model."""
    return json.loads(STORED.read_text(encoding="utf-8")) | {"checkpoint": model.metadata["digest"]} | changes


def written(folder: Path, content: Any) -> Path:
    path = folder / "evaluation.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_an_evaluation_of_this_model_is_read(named: AmortisedExtractor, tmp_path: Path) -> None:
    stored = document(named)
    found = read_evidence(named, written(tmp_path, stored))
    np.testing.assert_array_equal(found.matrix, stored["leakage"]["matrix"])
    assert found.matrix.shape == (len(found.axes),) * 2 and found.monotone.shape == (len(found.axes),)
    assert found.leakage == stored["leakage"]["value"] and found.date == stored["date"]


def test_an_older_one_is_read_too(named: AmortisedExtractor, tmp_path: Path) -> None:
    newer = ("onset", "left", "cosine", "also", "references")
    older = {name: each for name, each in document(named).items() if name not in newer}
    found = read_evidence(named, written(tmp_path, older))
    assert found.onset is None and found.left is None and found.cosine == {}


def test_calibration_and_cosines_are_read(named: AmortisedExtractor, tmp_path: Path) -> None:
    values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    presets = {"descriptors": ["Keep all", "Ignore all"], "value": [values, values[::-1]], "collapsed": [False, True]}
    deaf = {"cosine": {"descriptors": ["any descriptor"], "value": [values], "collapsed": [False]}}
    more = {"onset": {"value": values}, "left": {"value": values[::-1]}, "cosine": presets}
    references = {"frozen": deaf, "untrained": {"cosine": presets}, "pixels": {}, "unheard of": deaf}
    found = read_evidence(named, written(tmp_path, document(named, **more, references=references)))
    assert found.onset is not None and found.onset.tolist() == values
    assert found.left is not None and found.left.tolist() == values[::-1]
    assert {name: each.tolist() for name, each in found.cosine.items()} == {
        "Keep all": values, "frozen backbone": values
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"checkpoint": "0123456789ab"}, "of checkpoint 0123456789ab, and this is"),
        ({"axes": ["taste"] * 6}, "other transformations"),
        ({"leakage": {"value": 0, "matrix": [[1]]}}, "other transformations"),
        ({"monotone": None}, "not an evaluation"),
        ({"onset": {"value": [0.1]}}, "other transformations"),
        ({"cosine": {"descriptors": ["Keep all"], "value": [[1]], "collapsed": [False]}}, "other transformations"),
        ({"cosine": {"descriptors": ["Keep all"]}}, "not an evaluation"),
        ({"cosine": [1]}, "not an evaluation"),
    ],
)
def test_a_stale_or_foreign_one_is_refused(
    named: AmortisedExtractor, tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        read_evidence(named, written(tmp_path, document(named, **change)))
    assert "./run.sh evaluate" in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"axes": 3}'])
def test_what_is_no_evaluation_is_refused(named: AmortisedExtractor, tmp_path: Path, content: str) -> None:
    with pytest.raises(ValueError, match="not an evaluation"):
        read_evidence(named, written(tmp_path, content))


def test_none_at_all_is_one_sentence(named: AmortisedExtractor, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There is no evaluation"):
        read_evidence(named, tmp_path / "missing.json")
