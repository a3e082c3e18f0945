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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"checkpoint": "0123456789ab"}, "of checkpoint 0123456789ab, and this is"),
        ({"axes": ["taste"] * 6}, "other transformations"),
        ({"leakage": {"value": 0, "matrix": [[1]]}}, "other transformations"),
        ({"monotone": None}, "not an evaluation"),
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
