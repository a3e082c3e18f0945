"""A bank of views: its groups are those that a run would draw, a kill loses little, and what does not fit is said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core import AXES, AmortisedExtractor
from core.pretraining import bank_files
from core.pretraining.bank import SHOWN, Bank, group_of
from core.pretraining.bank_files import HEADER, read_header
from core.pretraining.content import content_of
from core.pretraining.groups import draw, draw_group
from core.pretraining.pairs import ViewRecipe
from core.pretraining.state import digest
from tests.core.backbones.small import ARCHITECTURE
from tests.core.commands import ROOT
from tests.core.conftest import tiny_model
from tests.core.pretraining.banks import LITE, contents, lite_bank, lite_model, lite_pictures, of_pixels
from tests.core.pretraining.runs import RECIPE, pictures

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model() -> AmortisedExtractor:
    return lite_model()


@pytest.fixture(scope="module")
def made(model: AmortisedExtractor, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A complete bank of four groups of a frozen network's outputs."""
    return lite_bank(tmp_path_factory.mktemp("banks") / "lite", model)


def test_a_stored_group_is_the_one_that_would_be_drawn(made: Bank, model: AmortisedExtractor) -> None:
    for step, number in ((0, 0), (0, 1), (1, 1)):
        found = group_of(lite_pictures(), LITE, step, number, model, made)
        drawn = group_of(lite_pictures(), LITE, step, number, model, None)
        assert torch.equal(found.descriptor, drawn.descriptor) and torch.equal(found.chosen, drawn.chosen)
        assert all(
            torch.equal(ours, theirs)
            for ours, theirs in zip(vars(found.views).values(), vars(drawn.views).values(), strict=True)
        )
        assert found.prepared.by == drawn.prepared.by and len(found.prepared.parts) == 2
        for ours, theirs in zip(found.prepared.parts, drawn.prepared.parts, strict=True):
            assert ours.dtype == torch.float32
            torch.testing.assert_close(ours, theirs, rtol=2**-10, atol=1e-6)


def test_it_is_the_same_whichever_process_draws(made: Bank, model: AmortisedExtractor, tmp_path: Path) -> None:
    bank = Bank.of(tmp_path / "b", lite_pictures(), LITE, 4, model)
    shares = [share for _, share in bank.make(lite_pictures(), model, processes=2)]
    assert bank.complete and len(shares) == 5
    for step, number in ((0, 0), (0, 1), (1, 0), (1, 1)):
        ours, theirs = (each.group(step, number, CPU).prepared.parts for each in (bank, made))
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, other, atol=0.05 * float(other.std()), rtol=0.05)


def test_a_longer_training_begins_again_at_the_first_group(made: Bank) -> None:
    first, again, other = (made.group(step, 1, CPU) for step in (0, 2, 1))
    assert torch.equal(first.prepared.parts[0], again.prepared.parts[0]) and torch.equal(first.chosen, again.chosen)
    assert not torch.equal(first.prepared.parts[0], other.prepared.parts[0])


def test_it_takes_the_place_that_it_said(made: Bank) -> None:
    assert made.complete and made.missing == 0 and made.made == 4
    assert made.size == sum(len(value) for name, value in contents(made.folder).items() if name != HEADER)
    assert made.size == 2 * (4 * 12 * (2086 + 3 * 32 * 32) + 40 * 2086)


def test_content_needs_no_stem_where_there_is_a_bank(
    made: Bank, model: AmortisedExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = content_of(model, lite_pictures(), 5)
    monkeypatch.setattr(model, "prepare", lambda images: pytest.fail("the stem was asked"))
    found = content_of(model, lite_pictures(), 5, stored=made.content())
    assert expected is not None and found is not None
    torch.testing.assert_close(found, expected, atol=2e-2, rtol=0)


def test_a_backbone_without_features_of_its_own_has_none_in_its_bank(tmp_path: Path) -> None:
    bank = of_pixels(tmp_path)
    list(bank.make(pictures(), tiny_model()))
    assert bank.content() is None and not (tmp_path / SHOWN).exists() and bank.complete
    drawn = draw_group(pictures(), RECIPE, 2, 1, tiny_model())
    torch.testing.assert_close(bank.group(2, 1, CPU).prepared.parts[0], drawn.prepared.parts[0], atol=1e-3, rtol=0)


@pytest.mark.parametrize("stop", [1, 2, 4])
def test_one_that_was_stopped_is_gone_on_with_where_it_was(
    made: Bank, model: AmortisedExtractor, tmp_path: Path, stop: int
) -> None:
    bank = Bank.of(tmp_path / "b", lite_pictures(), LITE, 4, model)
    making = bank.make(lite_pictures(), model, every=100)
    list(islice(making, stop))  # one for the pictures as they are, then the groups
    making.close()
    assert bank.made == stop - 1 and not bank.complete, "a stop loses nothing that was finished"
    with (tmp_path / "b" / "part0.f16").open("ab") as file:
        file.write(b"what a killed process left behind it")
    shares = [share for _, share in bank.make(lite_pictures(), model)]
    assert len(shares) == 5 - stop and shares[-1] == 1 and shares == sorted(shares)
    assert contents(bank.folder) == contents(made.folder)


def test_it_may_become_longer_and_serve_another_seed(tmp_path: Path) -> None:
    short, long = of_pixels(tmp_path / "a", 4), of_pixels(tmp_path / "b", 8)
    for bank in (short, long):
        list(bank.make(pictures(), tiny_model()))
    grown = of_pixels(tmp_path / "a", 8, replace(RECIPE, seed=3, erasure=0.0))
    assert grown.recipe.seed == RECIPE.seed and grown.name == "8 groups of seed 0"
    assert not grown.complete and grown.missing == long.size - short.size
    list(grown.make(pictures(), tiny_model()))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert of_pixels(tmp_path / "a", 4).complete


CHILD = """
import signal
import torch
from pathlib import Path
from core.pretraining.bank import Bank
from tests.core.conftest import tiny_model
from tests.core.pretraining.banks import LITE, contents, lite_bank, lite_model, lite_pictures, of_pixels
from tests.core.pretraining.runs import RECIPE, pictures
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would this
bank = Bank.of(Path({folder!r}), pictures(), RECIPE, 400, tiny_model())
for number, (_, share) in enumerate(bank.make(pictures(), tiny_model(), every=3)):
    print(share, flush=True)
    if number == 30:
        input()  # wait for the end, which may come late on a busy machine
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill", "Ctrl-C"])
def test_one_whose_process_was_ended_is_gone_on_with_bit_for_bit(tmp_path: Path, how: signal.Signals) -> None:
    whole, parted = (of_pixels(tmp_path / name, 400) for name in ("whole", "parted"))
    list(whole.make(pictures(), tiny_model()))
    command = [sys.executable, "-c", CHILD.format(folder=str(tmp_path / "parted"))]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        process.send_signal(how)
        process.communicate(timeout=60)
    assert 18 <= parted.made < 400
    list(parted.make(pictures(), tiny_model()))
    assert contents(parted.folder) == contents(whole.folder)


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"size": 6}, "size"), ({"groups": 4, "views": ViewRecipe(margin=0.3)}, "groups_a_step, views")],
    ids=["size", "two"],
)
def test_a_bank_of_something_else_is_refused_by_name(tmp_path: Path, changed: dict[str, Any], named: str) -> None:
    list(of_pixels(tmp_path).make(pictures(), tiny_model()))
    before = contents(tmp_path)
    with pytest.raises(
        ValueError, match=rf"something else \(different: {named}\)\. Give another --bank folder, or delete"
    ):
        of_pixels(tmp_path, recipe=replace(RECIPE, **changed))
    with pytest.raises(ValueError, match=r"\(different: images\)"):
        Bank.of(tmp_path, pictures(23), RECIPE, 8, tiny_model())
    with pytest.raises(ValueError, match=r"\(different: axes\)"):
        Bank.of(tmp_path, pictures(), RECIPE, 8, AmortisedExtractor(RECIPE.architecture, AXES[:3]))
    assert contents(tmp_path) == before


def test_a_bank_of_a_version_that_draws_other_views_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    list(of_pixels(tmp_path).make(pictures(), tiny_model()))
    with monkeypatch.context() as later:
        later.setattr("core.pretraining.bank.draw", lambda count, recipe, *rest: draw(count, recipe, 7, *rest[1:]))
        with pytest.raises(ValueError, match=r"\(different: drawing\)"):
            of_pixels(tmp_path)
    header = json.loads((tmp_path / HEADER).read_text(encoding="utf-8"))
    del header["drawing"]
    (tmp_path / HEADER).write_text(json.dumps(header), encoding="utf-8")
    assert of_pixels(tmp_path).complete, "headers did not always have it"


def test_a_bank_of_another_stem_is_refused(made: Bank) -> None:
    model = AmortisedExtractor(ARCHITECTURE)
    model.stem.get_buffer("fingerprint").add_(1)
    with pytest.raises(ValueError, match=r"\(different: stem\)"):
        Bank.of(made.folder, lite_pictures(), LITE, 4, model)


@pytest.mark.parametrize("groups", [0, 3])
def test_groups_that_fill_no_steps_are_refused(tmp_path: Path, groups: int) -> None:
    with pytest.raises(ValueError, match=rf"whole steps of 2 groups; got {groups} groups\. Give a multiple"):
        of_pixels(tmp_path, groups)


def test_a_disk_without_room_is_said_before_the_work_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.pretraining.bank.free_bytes", lambda folder: 1_000_000)
    bank = of_pixels(tmp_path / "b")
    assert bank.size == 8 * 24 * 3 * 32 * 32 * 2
    with pytest.raises(
        ValueError, match=r"needs 1\.2 MB more, and 1\.0 MB are free on that disk\. Give another folder"
    ):
        next(bank.make(pictures(), tiny_model()))
    assert not (tmp_path / "b").exists()


def test_a_disk_that_becomes_full_is_said_and_what_is_stored_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, written = of_pixels(tmp_path), bank_files.add

    def full(file: Any, rows: Tensor, folder: Path) -> None:
        if bank.made == 4:
            with bank_files.said(folder):
                raise OSError(28, "No space left on device")
        written(file, rows, folder)

    monkeypatch.setattr("core.pretraining.bank.add", full)
    with pytest.raises(ValueError, match=r"cannot be written \(No space left on device\)\. What it has is kept"):
        list(bank.make(pictures(), tiny_model(), every=2))
    assert bank.made == 4


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"made": "4", "shown": 0, "seed": 0}', "\x00\x01"])
def test_a_damaged_header_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / HEADER).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{HEADER} .*Delete the folder to make the bank anew\.$"):
        of_pixels(tmp_path)


def test_a_file_that_is_gone_or_short_is_said(tmp_path: Path) -> None:
    bank = of_pixels(tmp_path)
    list(bank.make(pictures(), tiny_model()))
    for break_it in (lambda path: path.write_bytes(path.read_bytes()[:-1]), Path.unlink):
        break_it(tmp_path / "part0.f16")
        with pytest.raises(ValueError, match=r"cannot be opened \(.*\)\. Delete it to make it anew"):
            bank.group(0, 0, CPU)


def test_numbers_beyond_half_precision_are_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not fit half precision"), bank_files.adding(tmp_path / "x", 0) as file:
        bank_files.add(file, torch.tensor([1e6]), tmp_path)


def test_the_header_says_what_it_is_of(made: Bank) -> None:
    header = json.loads((made.folder / HEADER).read_text(encoding="utf-8"))
    assert header["images"] == digest(lite_pictures()) and header["stem"].startswith("efficientnet_lite0 ")
    assert (header["made"], header["shown"], header["seed"], header["size"]) == (4, 40, 0, 4)


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"is a file\. Give a folder for the bank"):
        read_header(tmp_path / "file")
