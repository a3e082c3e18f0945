"""Where the images of real tasks come from: folders, the shipped ones and torchvision's, all in one order."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from core import AXES
from core.benchmark.real_tasks import Settings, pools_of
from core.benchmark.task_images import tasks_in
from core.cli.sources import find_images
from tests.core.conftest import smooth_images, tiny_model
from tests.core.samples import write_images


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tasks")
    write_images(root / "pets", {"cat": 9, "dog": 9}, seed=1)
    write_images(root / "birds", {"owl": 8, "rook": 8}, seed=2)
    (root / ".hidden").mkdir()
    (root / "notes.txt").write_text("about them", encoding="utf-8")
    return root


def test_a_folder_without_tasks_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no folder is in it"):
        tasks_in(tmp_path)
    with pytest.raises(ValueError, match=r"There is no folder .*nowhere"):
        tasks_in(tmp_path / "nowhere")


def test_tasks_from_everywhere_stand_in_the_order_of_their_names(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = (smooth_images(12) * 255).byte().permute(0, 2, 3, 1).numpy()
    copy = [(Image.fromarray(pixels), number % 2) for number, pixels in enumerate(pictures)]
    roots: list[str] = []

    def opened(name: str, root: str, download: bool) -> list[tuple[Image.Image, int]]:
        roots.append(root)
        return copy

    monkeypatch.setattr("core.tasks.public.dataset", opened)
    found = find_images([str(folder), f"DTD@{tmp_path}"])
    pools, digests = pools_of(tiny_model(), found, Settings(seed=3))
    moved = [(pool.place.task, pool.place.by, pool.seed) for pool in pools if pool.place.kind]
    assert moved == [(name, AXES[n].name, 3 + n) for n, name in enumerate(("DTD", "birds", "pets"))]
    assert roots == [str(tmp_path)] and pools[0].data.classes == ("0", "1") and len(pools[0].data.images) == 12
    alone, before = pools_of(tiny_model(), tasks_in(folder), Settings())
    assert before.items() <= digests.items() and digests.keys() == {"DTD", "birds", "pets"}
    for pool in alone:
        text = hashlib.sha256(repr(pool.data.classes).encode())
        for part in (pool.data.images, pool.data.labels, pool.groups):
            text.update(part.numpy().tobytes())
        assert before[pool.place.task] == text.hexdigest()[:12], "as in ledgers that people have"


def test_real_tasks_are_named_or_refused_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    assert [each.name for each in find_images(["shipped", str(folder)])] == ["hand signs", "garments", "birds", "pets"]
    for wrong in ("chess", "", str(folder / "notes.txt")):
        with pytest.raises(ValueError, match=rf"There is no folder “{wrong}”. Give a folder .*'shipped'.*NAME@FOLDER"):
            find_images([wrong])
    write_images(tmp_path / "pets", {"cat": 6, "dog": 6})
    with pytest.raises(ValueError, match="2 tasks are called pets"):
        pools_of(tiny_model(), find_images([str(folder), str(tmp_path)]), Settings())
