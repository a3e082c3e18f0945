"""The shipped tasks: real images by name, without a network, small, with source and licence beside them."""

from __future__ import annotations

import zipfile

import pytest
import torch

from core import load_checkpoint
from core.cli.sources import find_source
from core.tasks import SHIPPED, TaskSource, offered_tasks, shipped_tasks
from core.tasks.shipped import TERMS, Shipped
from core.tasks.task import FINAL

MOST_BYTES = 6_000_000


def test_they_are_small_and_say_where_they_come_from() -> None:
    files = [each.archive for each in SHIPPED]
    assert sum(path.stat().st_size for path in (*files, *TERMS)) <= MOST_BYTES
    sources, licence = (path.read_text(encoding="utf-8") for path in TERMS)
    for each in SHIPPED:
        (line,) = (line for line in sources.splitlines() if each.archive.name in line)
        assert each.licence in line and each.source.split(" (")[0] in line
    assert "Apache License" in licence and len(licence) > 10_000


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda each: each.name)
def test_every_picture_of_the_archive_is_used(shipped: Shipped) -> None:
    data = shipped.images(96)
    with zipfile.ZipFile(shipped.archive) as archive:
        assert len(data.images) == len(archive.namelist())
    assert data.classes == shipped.classes and data.images.shape[1:] == (3, 96, 96)
    assert int(torch.bincount(data.labels).min()) >= 60


@pytest.mark.parametrize("source", shipped_tasks(32), ids=lambda each: each.name)
def test_a_draw_has_its_name_its_question_and_no_picture_twice(source: TaskSource) -> None:
    task = source.with_shots(20, seed=0)
    assert (task.name, task.title, task.classes) == (source.name, source.title, source.classes)
    assert source.title.endswith("?") and len(task.labelled) == 200 and len(task.test) >= 200
    assert not task.known and source.stage == FINAL
    flat = torch.cat([task.labelled.images, task.test.images]).flatten(1)
    assert len(flat.unique(dim=0)) == len(flat)


def test_they_come_first_of_what_is_offered_and_by_name() -> None:
    names = [source.name for source in offered_tasks()]
    assert names[:2] == ["hand signs", "garments"] and len(names) == len(set(names)) > 10
    assert find_source("garments", load_checkpoint(), "").name == "garments"
