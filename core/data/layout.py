"""How the folders of a set of labelled images lie: wrapped in others, or split into parts for training and testing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .decode import endings
from .listing import Listing

ROLES = {
    "train": "train", "training": "train", "trainval": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation", "eval": "validation",
    "evaluation": "validation",
    "test": "test", "testing": "test", "holdout": "test",
}  # fmt: skip
_ALSO = {"set", "data", "dataset", "seg", "images", "photos", "pictures", "split"}


@dataclass(frozen=True)
class Part:
    """A part of a set: the folder's name, or "" where there is one part; whether it is for testing; its files."""

    name: str
    tested: bool
    files: Listing


def role_of(name: str) -> str:
    """``"train"``, ``"validation"``, ``"test"`` or "": what a folder is for by its name, such as ``training_set``."""
    words = {word for word in re.split(r"[^a-z]+", name.casefold()) if word}
    roles = {ROLES[word] for word in words & ROLES.keys()}
    return roles.pop() if len(roles) == 1 and not words - ROLES.keys() - _ALSO else ""


def pictured(found: Listing) -> tuple[str, ...]:
    """Names of the folders at the top in which files with a picture's ending lie, at any depth."""
    known = endings()
    return tuple(sorted({each.parts[0] for each in found.entries if len(each.parts) > 1 and each.ending in known}))


def unwrapped(found: Listing) -> tuple[Listing, tuple[str, ...]]:
    """The folder that holds the classes, and what lies beside it or the folders around it."""
    tops = pictured(found) or found.top
    loose = [each for each in found.entries if len(each.parts) == 1]
    if len(tops) != 1 or any(each.ending in endings() for each in loose):
        return found, ()
    inner, aside = unwrapped(found.inside(tops[0]))
    alone = len(found.top) == 1 and not loose
    if len(pictured(inner)) < 2 and not (alone and inner.folders):
        return found, ()
    beside = [f"{name}/" for name in found.top if name != tops[0]] + [each.name for each in loose]
    return inner, (*beside, *aside)


def parts_of(found: Listing) -> list[Part]:
    """The parts of a set that somebody has split already, those for training first.

    Without a part for testing, the one for validation is for testing; beside one it is for training. One part without
    a name where there is no split.

    Raises:
        ValueError: parts of a split that hold no class folders, or beside which other folders with pictures lie.
    """
    tops = pictured(found)
    roles = {name: role for name in tops if (role := role_of(name))}
    if len(set(roles.values())) < 2:
        return [Part("", False, found)]
    inner = {name: unwrapped(found.inside(name))[0] for name in roles}
    if others := [name for name in tops if name not in roles]:
        raise ValueError(
            f"{_listed(list(roles))} of {found.name} look like parts of a split, but {_listed(others)} "
            f"{'lies' if len(others) == 1 else 'lie'} beside them. Move that away, or give a folder of classes."
        )
    if empty := [name for name in roles if not pictured(inner[name])]:
        raise ValueError(
            f"The subfolders of {found.name} are splits ({', '.join(roles)}), not classes, and {_listed(empty)} "
            f"{'has' if len(empty) == 1 else 'have'} no subfolders. Make one subfolder per class in each of them."
        )
    testing = "test" if "test" in roles.values() else "validation"
    parts = [Part(name, role == testing, inner[name]) for name, role in roles.items()]
    loose = tuple(each for each in found.entries if len(each.parts) == 1)
    beside = [Part("", False, Listing(found.name, loose, ()))] if loose else []
    return [*sorted(parts, key=lambda part: part.tested), *beside]


def repeated(found: Listing) -> tuple[str, ...]:
    """Folders at the top whose subfolders with pictures are called alike, so that they could be parts of a split."""
    inner = {name: pictured(found.inside(name)) for name in pictured(found)}
    alike = [names for names in inner.values() if len(names) > 1]
    return tuple(inner) if len(inner) > 1 and len(alike) == len(inner) and len(set(alike)) == 1 else ()


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
