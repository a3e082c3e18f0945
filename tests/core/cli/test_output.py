"""The files of commands: refused before the work begins, strict JSON, and rows that are read back."""

from __future__ import annotations

import csv
import json
import math
import os
import sys
from pathlib import Path

import pytest

from core.cli.output import check_places, command_line, coordinates, read_evaluation, save_csv, save_json
from tests.core.conftest import tiny_model


def test_places_that_cannot_be_written_are_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check_places(None, tmp_path / "new.json", tmp_path / "file", Path("/dev/stdout"), Path("/dev/null"))
    for bad, why in ((tmp_path, "it is a folder"), (tmp_path / "no" / "x.json", "there is no such folder")):
        with pytest.raises(ValueError, match=f"cannot be written: {why}"):
            check_places(None, bad)
    (tmp_path / "link.json").symlink_to(tmp_path / "no" / "x.json")
    with pytest.raises(ValueError, match="there is no such folder"):
        check_places(tmp_path / "link.json")


def test_what_is_no_number_is_null_in_json_and_names_of_any_bytes_are_kept(tmp_path: Path) -> None:
    name = os.fsdecode(b"K\xe4fer")
    save_json(tmp_path / "a.json", {name: [math.nan, (math.inf, 1.5)], "ä": {"b": -math.inf, "n": 3, "t": True}})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert "NaN" not in text and "Infinity" not in text and '"ä"' in text
    assert json.loads(text) == {name: [None, [None, 1.5]], "ä": {"b": None, "n": 3, "t": True}}
    save_json(None, {"nothing": "is written"})


def test_rows_are_read_back_as_they_were(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"name": 'a, "b"\nc', "loss": 0.5}, {"name": "ü", "loss": None}]
    save_csv(tmp_path / "a.csv", rows)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [{"name": 'a, "b"\nc', "loss": "0.5"}, {"name": "ü", "loss": ""}]
    save_csv(tmp_path / "none.csv", [])
    assert (tmp_path / "none.csv").read_text(encoding="utf-8").strip() == ""


def test_a_command_is_told_without_the_folders_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["core", "evaluate", "--images", "/home/me/my pets", "--count", "16"])
    assert command_line("run") == "run evaluate --images 'my pets' --count 16"
    monkeypatch.setattr(sys, "argv", ["core", "fit", "--data", "DTD@/home/me/sets", "torchvision:a@b", "/home/me@b/c"])
    assert command_line("run") == "run fit --data DTD@sets torchvision:a@b c"


def test_a_descriptor_is_cells_by_the_names_of_the_axes() -> None:
    model = tiny_model()
    cells = coordinates(model, range(len(model.transforms)))
    assert list(cells) == [axis.name for axis in model.transforms] and list(cells.values()) == [0, 1, 2, 3, 4, 5]


def test_an_evaluation_that_is_no_json_comes_with_advice(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("no", encoding="utf-8")
    for name in ("a.json", "none.json"):
        with pytest.raises(ValueError, match=r"cannot be read as JSON .*Make it with evaluate --json\.$"):
            read_evaluation(tmp_path / name)
