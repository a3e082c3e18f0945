"""Tasks from torchvision's datasets, from a copy on this machine or else from the network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..backbones import DEFAULT
from ..data.copies import Mark
from ..data.decode import central_square, upright
from ..data.image_folder import ImageSet
from .folders import labelled_task
from .task import TaskSource

HOME = Path.home() / ".cache" / "hyperinvariances"
_PATIENCE_S = 20.0

PUBLIC: dict[str, dict[str, Any]] = {
    "CIFAR10": {"train": False},
    "CIFAR100": {"train": False},
    "Flowers102": {"split": "train"},
    "Caltech101": {},
    "DTD": {"split": "train"},
    "OxfordIIITPet": {"split": "trainval"},
    "EuroSAT": {},
    "GTSRB": {"split": "train"},
    "FashionMNIST": {"train": False},
}
"""Which split of each, under the names of torchvision's classes; tasks draw their own training and test images from
it. CIFAR's is the one that the shipped model was not trained on."""


def public_named(text: str) -> tuple[str, Path] | None:
    """The name and the folder of ``NAME`` or ``NAME@FOLDER``; ``None`` if that names none of :data:`PUBLIC`.

    Raises:
        ValueError: there is no such folder; none is made, because the name of a folder can be mistyped.
    """
    name, at, folder = text.partition("@")
    if name not in PUBLIC:
        return None
    root = Path(folder).expanduser() if at else HOME
    if at and not (folder and root.is_dir()):
        raise ValueError(f"There is no folder “{folder}” for {name}. Give the one that torchvision knows as its root.")
    return name, root


def public_task(name: str, root: str | Path = HOME, side: int = DEFAULT.input_size) -> TaskSource:
    """Open one of :data:`PUBLIC`.

    Args:
        name, root, side: see :func:`public_images`.

    Raises:
        ValueError: unknown name, or neither a copy nor a network.
    """
    return labelled_task(public_images(name, root, side), name)


def public_images(name: str, root: str | Path = HOME, side: int = DEFAULT.input_size) -> ImageSet:
    """The images of one of :data:`PUBLIC`.

    Args:
        name: its name in torchvision.
        root: where a copy is looked for, and where it is downloaded to.
        side: pixels of a side of the images, such as ``model.input_size``.

    Raises:
        ValueError: unknown name, or neither a copy nor a network.
    """
    if name not in PUBLIC:
        raise ValueError(f"There is no dataset called {name!r} here. Known: {', '.join(PUBLIC)}.")
    return _images(_open(name, Path(root)), name, side)


def dataset(name: str, root: str, *, download: bool) -> Any:
    """One of :data:`PUBLIC` as torchvision gives it: pairs of a picture and a label."""
    from torchvision import datasets  # takes seconds to import, and few people need it

    return getattr(datasets, name)(root=root, download=download, **PUBLIC[name])


def _open(name: str, root: Path) -> Any:
    try:
        return dataset(name, str(root), download=False)
    except RuntimeError:  # torchvision's way to say that there is no copy
        pass
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _impatient():
            return dataset(name, str(root), download=True)
    except (OSError, RuntimeError) as error:  # no network, no room, or a broken download
        raise ValueError(
            f"{name} is not on this machine (looked in {root}) and could not be downloaded ({error}). "
            f"Connect to a network, put a copy there, or say where one lies: {name}@FOLDER."
        ) from None


@contextmanager
def _impatient() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_PATIENCE_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _images(data: Any, name: str, side: int) -> ImageSet:
    images, labels, marks = [], [], []
    for image, label in data:
        picture = upright(image)
        images.append(central_square(picture, side))
        marks.append(Mark.of(picture))
        labels.append(int(label))
    present = sorted(set(labels))
    names = getattr(data, "classes", None) or getattr(data, "categories", None)  # the second is Caltech's
    known = names or [str(label) for label in range(present[-1] + 1)]
    numbers = {label: place for place, label in enumerate(present)}
    return ImageSet(
        name,
        torch.from_numpy(np.stack(images)),
        torch.tensor([numbers[label] for label in labels]),
        tuple(str(known[label]) for label in present),
        marks=tuple(marks),
    )
