"""What a person is told about what was found in a folder, as sentences of plain text."""

from __future__ import annotations

from collections.abc import Sequence

from .image_folder import ImageSet, advice, left_out_in_all

_NAMED = 5


def left_out(data: ImageSet) -> list[str]:
    """Files of the classes that gave no image, and classes that have none."""
    classes = [each for each in data.counts if each.name]
    notes = []
    if reasons := left_out_in_all(classes):
        number = sum(each.found - each.used for each in classes)
        notes.append(f"{number:,} {'file is' if number == 1 else 'files are'} left out: {reasons}.{advice(classes)}")
    for each in classes:
        if not each.used:
            why = "" if each.left_out else ": its folder is empty"
            notes.append(f"The class {each.name} has no readable image and is left out{why}.")
    return notes


def outside(data: ImageSet) -> list[str]:
    """What lies beside the class folders, or beside the folder that holds them."""
    names = [path for path, label in zip(data.paths, data.labels.tolist(), strict=False) if not data.classes[label]]
    names += [file for each in data.counts if not each.name for _, files in each.left_out for file in files]
    if not (names := [*data.aside, *names]):
        return []
    return [f"Not used, because it lies outside the class folders: {few(names)}."]


def doubts(data: ImageSet) -> list[str]:
    """That what was taken for classes could be something else."""
    if not data.alike:
        return []
    return [
        f"{few(data.alike)} hold subfolders of the same names. If they are parts of a split, call them train and test; "
        "as it is, they are the classes."
    ]


def parts(data: ImageSet) -> list[str]:
    """Which parts of a split set are for testing, and which classes are not tested."""
    labelled, test = data.parts
    if not test or data.held_out is None:
        return []
    notes = [f"The test images are those in {_joined(test)}; the labelled ones are drawn from {_joined(labelled)}."]
    tested = set(data.labels[data.held_out].tolist())
    if missing := [name for label, name in enumerate(data.classes) if label not in tested]:
        notes.append(f"There is no test image of {few(missing)}, so no score says how well that is recognised.")
    return notes


def _joined(names: tuple[str, ...]) -> str:
    return " and ".join(f"{name}/" for name in names)


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
