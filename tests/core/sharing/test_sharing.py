"""Files that are passed on: what is written is read again, and everything else is refused in one sentence."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import AXES
from core.adaptation import Adapted, Settings, Step
from core.adaptation.head import Head
from core.adaptation.objectives import OBJECTIVES
from core.adaptation.preferences import Slice
from core.baselines import Origin, Outcome
from core.sharing import (
    MAX_BYTES,
    SharedRun,
    SharedView,
    command,
    read_run,
    read_view,
    record,
    same_images,
    thumbprint,
    write_run,
    write_view,
)
from core.tasks import known_tasks
from tests.core.conftest import tiny_model

K = len(AXES)
MODEL = tiny_model()
MODEL.metadata["digest"] = "0123456789ab"
DIGEST = MODEL.metadata["digest"]

numbers = st.floats(-1e9, 1e9)
points = st.tuples(*[st.floats(0, 1)] * K)
steps = st.builds(
    Step, st.integers(0, 99), st.integers(0, 9), numbers, numbers, points, st.tuples(*[numbers] * K), numbers
)
outcomes = st.builds(
    Outcome, st.text(max_size=20), numbers, numbers, st.integers(0, 10**9), st.none() | points,
    st.lists(st.tuples(numbers, numbers), max_size=3).map(tuple), name=st.text(max_size=20),
    origin=st.none() | st.builds(Origin, st.integers(0, 999), st.integers(0, 9999), st.sampled_from(list(OBJECTIVES))),
)  # fmt: skip


@st.composite
def runs(draw: st.DrawFn) -> SharedRun:
    classes = draw(st.lists(st.text(max_size=9), max_size=4, unique=True).map(tuple))
    width = max(len(classes), 1)
    adapted = outputs = None
    cuts: tuple[Slice, ...] = ()
    if draw(st.booleans()):
        generator = torch.Generator().manual_seed(draw(st.integers(0, 99)))
        head = Head(torch.randn(5, width, generator=generator), torch.randn(width, generator=generator), draw(numbers))
        adapted = Adapted(draw(points), draw(points), head, draw(numbers), draw(numbers), 12, draw(numbers))
        outputs = torch.randn(7, width, generator=generator)
        heights = draw(st.lists(st.tuples(numbers, numbers, numbers), min_size=K, max_size=K))
        cuts = tuple(Slice(a, np.array([0, 0.5, 1]), np.array(h)) for a, h in zip(AXES, heights, strict=True))
    return SharedRun(
        draw(st.text(max_size=30)), draw(st.booleans()), draw(st.integers(1, 99)), draw(st.integers(0, 9999)),
        Settings(draw(st.sampled_from(list(OBJECTIVES))), seed=draw(st.integers(0, 9999))), classes,
        torch.rand(draw(st.integers(0, 9))), tuple(draw(st.lists(outcomes, max_size=3))),
        tuple(draw(st.lists(steps, max_size=3))), adapted, outputs, cuts,
    )  # fmt: skip


views = st.builds(
    SharedView,
    st.dictionaries(st.text(string.ascii_lowercase, min_size=1, max_size=9), st.text(max_size=50), max_size=5),
    st.none() | st.binary(max_size=99),
    st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=9)), max_size=3).map(tuple),
    st.booleans(),
)


@pytest.mark.slow
@given(runs())
def test_a_run_comes_back_as_it_was(run: SharedRun) -> None:
    content = write_run(run, MODEL)
    found, warnings = read_run(content, "run.json", MODEL)
    assert warnings == () and write_run(found, MODEL) == content
    for name in ("task", "own", "shots", "seed", "settings", "classes", "outcomes", "steps"):
        assert getattr(found, name) == getattr(run, name), name
    assert torch.equal(found.thumbprint, run.thumbprint)
    if run.adapted is None or run.outputs is None:
        assert found.adapted is None and found.outputs is None and not found.slices
        return
    assert found.adapted is not None and found.outputs is not None
    assert replace(found.adapted, head=run.adapted.head) == run.adapted
    assert torch.equal(found.adapted.head.weight, run.adapted.head.weight) and torch.equal(found.outputs, run.outputs)
    assert found.adapted.head.trust == run.settings.trust
    for mine, theirs in zip(found.slices, run.slices, strict=True):
        assert mine.axis is theirs.axis and np.array_equal(mine.evidence, theirs.evidence)


@given(views)
def test_a_view_comes_back_as_it_was(view: SharedView) -> None:
    assert read_view(write_view(view, DIGEST), "view.json", DIGEST) == (view, ())


def refused(content: bytes, *parts: str, read: Any = None) -> None:
    with pytest.raises(ValueError) as caught:
        read(content) if read else read_run(content, "a.json", MODEL)
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message and len(message) < 300
    for part in parts:
        assert part in message, message


@given(runs(), st.floats(0, 1, exclude_max=True))
def test_any_file_that_is_cut_off_is_one_sentence(run: SharedRun, share: float) -> None:
    content = write_run(run, MODEL).rstrip()
    part = content[: int(share * len(content))]
    refused(part, "cut off" if len(part) > 60 else "a.json")


def test_a_file_may_be_cut_off_anywhere() -> None:
    """Also within an exponent, a word or an escape, of which a parser has read nothing or a part."""
    step = replace(RUN.steps[0], loss=-2e-7)
    content = write_run(replace(RUN, task='\\ " \x01', own=True, steps=(step,)), MODEL).rstrip()
    assert all(token in content for token in (b"-2e-07", b"true", b"null", b"\\u0001"))
    for end in range(61, len(content)):
        refused(content[:end], "cut off")


@pytest.mark.parametrize("end", [b"}", b" x", b"1.5e+3", b"null"])
def test_a_whole_file_with_something_behind_it_is_not_cut_off(end: bytes) -> None:
    refused(write_run(RUN, MODEL).rstrip() + end, "not JSON")


def test_a_file_may_be_cut_off_within_a_character() -> None:
    content = write_run(replace(RUN, task="Käthe 猫 🐈"), MODEL)
    start = content.index("ä".encode())
    for end in range(start, content.index("🐈".encode()) + 4):
        refused(content[:end], "cut off")


@given(st.binary(max_size=300) | st.text(max_size=99).map(str.encode))
def test_anything_else_is_one_sentence(content: bytes) -> None:
    refused(content, "a.json")
    refused(content, "a.json", read=lambda content: read_view(content, "a.json", DIGEST))


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b"9" * 5000, b'{"format": NaN}', b"null", b"[]", b"{}", b"\xff\xfe\x00", b"\x80\x04K\x01."],
)
def test_hostile_text_is_one_sentence(content: bytes) -> None:
    refused(content, "a.json")


def test_a_huge_file_is_not_even_read() -> None:
    refused(b" " * (MAX_BYTES + 1), "at most 48")


RUN = SharedRun(
    "t",
    False,
    20,
    0,
    Settings(),
    ("a", "b"),
    torch.rand(3),
    steps=(Step(0, 0, 1.0, 1.0, (0.5,) * K, (0.5,) * K, 0.1),),
)


def changed(change: Any, run: SharedRun = RUN) -> bytes:
    document = json.loads(write_run(run, MODEL))
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda d: d.update(schema=5), "newer version"),
        (lambda d: d.update(schema=10**400), "newer version"),
        (lambda d: d.update(schema="1"), "schema: it must be one of"),
        (lambda d: d.update(format="other"), "not saved by this project"),
        (lambda d: d.update(kind="lesson"), "Explore page"),
        (lambda d: d.update(kind="game"), "kind: it must be one of"),
        (lambda d: d.update(kind=["run"]), "kind"),
        (lambda d: d.pop("body"), "a field is missing"),
        (lambda d: d.update(body=3), "body: it must be of type object"),
        (lambda d: d["body"].update(shots=-3), "shots: it must be at least 1"),
        (lambda d: d["body"].update(shots=True), "shots: it must be of type integer"),
        (lambda d: d["body"].update(task="x" * 201), "more than 200 letters"),
        (lambda d: d["body"].update(more=1), "a field that does not belong there"),
        (lambda d: d["body"]["steps"][0].update(loss=1e300), "steps 0 loss: it must be at most 1e+12"),
        (lambda d: d["body"]["steps"][0]["descriptor"].append(2), "steps 0 descriptor"),
        (lambda d: d["body"]["steps"][0]["descriptor"].append(1), "do not fit each other"),
        (lambda d: d["body"]["settings"].update(objective="luck"), "no objective called"),
        (lambda d: d["body"]["settings"].update(rate=7), "step size"),
        (lambda d: d["body"]["settings"].update(trust=0), "trust in a branch"),
        (lambda d: d["body"].update(axes=["speed"]), "other transformations"),
        (lambda d: d.update(tensors="AAAA"), "numbers cannot be read"),
        (lambda d: d.update(tensors="AAA"), "cannot be read"),
        (lambda d: d.update(tensors=None), "do not fit each other"),
    ],
)  # fmt: skip
def test_every_change_is_found(change: Any, said: str) -> None:
    refused(changed(change), said)


def test_infinity_in_disguise_is_refused() -> None:
    refused(changed(lambda d: None).replace(b'"loss": 1.0', b'"loss": 1e999'), "loss: it must be at most")


def test_what_is_not_finite_is_not_written() -> None:
    for bad in (float("nan"), float("inf")):
        step = replace(RUN.steps[0], loss=bad)
        with pytest.raises(ValueError):
            write_run(replace(RUN, steps=(step,)), MODEL)


def test_another_checkpoint_is_a_warning_not_a_refusal() -> None:
    other = tiny_model()
    other.metadata["digest"] = "ffff"
    run, (warning,) = read_run(write_run(RUN, MODEL), "run.json", other)
    assert run.shots == 20 and DIGEST in warning and "ffff" in warning and "differ" in warning
    _, (warning,) = read_view(write_view(SharedView({}), DIGEST), "view.json", "ffff")
    assert "ffff" in warning


def test_a_file_from_before_there_was_trust_was_fitted_with_all_features_alike() -> None:
    found, _ = read_run(changed(lambda document: document["body"]["settings"].pop("trust")), "run.json", MODEL)
    assert found.settings == replace(Settings(), trust=1.0)


ROWS = {
    "fit": ("ours", None),
    "i=1": ("i=1", None),
    "by hand · 8 per class": ("by hand", Origin(8, 0, "evidence")),
    "fit · seed 7 · fitted to joint": ("ours", Origin(20, 7, "joint")),
    "mine · yours · 20 per class": ("mine · yours", None),
    "": ("", None),
}


@pytest.mark.parametrize("schema", [1, 2])
def test_rows_of_an_older_file_are_what_their_names_said(schema: int) -> None:
    def aged(document: dict[str, Any]) -> None:
        document["schema"] = schema
        for row in document["body"]["outcomes"]:
            for field in ("name", "origin", *(("tests", "majority", "balanced") if schema == 1 else ())):
                del row[field]

    run = replace(RUN, outcomes=tuple(Outcome(name, 0.5, 1.0, 3) for name in ROWS))
    found, _ = read_run(changed(aged, run), "run.json", MODEL)
    assert [(each.method, each.origin) for each in found.outcomes] == list(ROWS.values())
    assert not any(each.name for each in found.outcomes)
    again, _ = read_run(write_run(found, MODEL), "run.json", MODEL)
    assert again.outcomes == found.outcomes


def test_the_command_repeats_the_baselines_that_were_fitted_with_the_same_whatever_they_are_called() -> None:
    rows = (
        Outcome("ours", 0.5, 1.0, 3),
        Outcome("i=1", 0.5, 1.0, 3, name="mine"),
        Outcome("corners", 0.5, 1.0, 3, origin=Origin(8, 0, "evidence")),
        Outcome("oracle", 0.5, 1.0, 3, origin=RUN.origin),
        Outcome("by hand", 0.5, 1.0, 3, name="scratch"),
    )
    assert "--baselines i=1,oracle" in command(replace(RUN, outcomes=rows))


def test_what_a_file_says_cannot_become_markup() -> None:
    def poison(document: dict[str, Any]) -> None:
        document["body"]["settings"]["<script>"] = 1

    refused(changed(poison), "settings: it has a field")
    refused(changed(lambda d: d.update(checkpoint="[click](javascript:1)<b>")), "checkpoint: ")


@pytest.mark.slow
def test_a_recorded_fit_is_the_same_everywhere_and_knows_its_images() -> None:
    source = next(each for each in known_tasks(AXES) if each.name == "textures despite hue")
    run, missing = record(MODEL, source, 4, Settings(seed=3), ("i=1",))
    assert not missing and not run.disturbed and len(run.slices) == K
    assert [each.method for each in run.outcomes] == ["ours", "i=1"]
    again, _ = record(MODEL, source, 4, Settings(seed=3))
    assert again.adapted is not None and run.adapted is not None and run.outputs is not None
    assert again.adapted.descriptor == run.adapted.descriptor
    found, _ = read_run(write_run(run, MODEL), "run.json", MODEL)
    task = source.with_shots(4, 3)
    assert same_images(found, task) and not same_images(found, source.with_shots(4, 4))
    assert not same_images(found, source.with_shots(5, 3)) and len(thumbprint(task)) == len(run.thumbprint)
    assert task.score(run.outputs, task.test.targets) == run.outcomes[0].score
    moved = replace(run, steps=(*run.steps, run.steps[0]))
    assert moved.disturbed
