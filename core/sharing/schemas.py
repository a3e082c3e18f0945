"""What may be in a shared file, as JSON Schema (draft 2020-12): one for the envelope, one for each kind of body."""

from __future__ import annotations

from typing import Any

FORMAT = "hyperinvariances-shared"
VERSION = 4
"""Of the schema; a file of a later one is refused, because it may mean something else."""

Schema = dict[str, Any]


def _record(since: tuple[str, ...] = (), **fields: Schema) -> Schema:
    """An object with exactly these fields; those in ``since`` are not in files of earlier versions."""
    required = [name for name in fields if name not in since]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def _list(of: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


def _or_nothing(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


# JSON has no infinities, but 1e999 reads as one; these bounds keep it out.
_NUMBER = {"type": "number", "minimum": -1e12, "maximum": 1e12}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 10**12}
_SMALL = {"type": "integer", "minimum": 0, "maximum": 10**6}
_TEXT = {"type": "string", "maxLength": 200}
_POINT = _list({"type": "number", "minimum": 0, "maximum": 1}, 64, 1)
_BYTES = {"type": "string", "pattern": "^[A-Za-z0-9+/]*={0,2}$"}

_SETTINGS = _record(
    ("trust",),
    objective=_TEXT,
    steps=_SMALL,
    rate=_NUMBER,
    batch=_SMALL,
    restarts=_SMALL,
    seed=_COUNT,
    snap={"type": "boolean"},
    patience=_SMALL,
    tolerance=_NUMBER,
    trust=_NUMBER,
)
_ORIGIN = _record(shots=_SMALL, seed=_COUNT, objective=_TEXT)
_OUTCOME = _record(
    ("tests", "majority", "balanced", "name", "origin"),
    method=_TEXT,
    score=_NUMBER,
    seconds=_NUMBER,
    parameters=_COUNT,
    descriptor=_or_nothing(_POINT),
    curve=_list(_list(_NUMBER, 2, 2), 10_000),
    tests=_COUNT,
    majority=_or_nothing({"type": "number", "minimum": 0, "maximum": 1}),
    balanced=_or_nothing({"type": "number", "minimum": 0, "maximum": 1}),
    name=_TEXT,
    origin=_or_nothing(_ORIGIN),
)
_STEP = _record(
    number=_SMALL,
    restart=_SMALL,
    loss=_NUMBER,
    score=_NUMBER,
    descriptor=_POINT,
    gradient=_list(_NUMBER, 64, 1),
    seconds=_NUMBER,
)
_ADAPTED = _record(
    descriptor=_POINT, unsnapped=_POINT, penalty=_NUMBER, loss=_NUMBER, score=_NUMBER, steps=_SMALL, seconds=_NUMBER
)
_SLICE = _record(
    ("at", "here", "scores", "score"),
    axis=_TEXT,
    points=_list(_NUMBER, 1000, 2),
    evidence=_list(_NUMBER, 1000, 2),
    at=_or_nothing(_NUMBER),
    here=_or_nothing(_NUMBER),
    scores=_or_nothing(_list(_NUMBER, 1000, 2)),
    score=_or_nothing(_NUMBER),
)

_ADDRESS = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z_]{1,24}$"},
    "additionalProperties": {"type": "string", "maxLength": 2000},
    "maxProperties": 40,
}
_VIEW = _record(
    address=_ADDRESS,
    picture=_or_nothing(_BYTES),
    gallery=_list(_record(name=_TEXT, png=_BYTES), 24),
)

BODIES: dict[str, Schema] = {
    "run": _record(
        task=_TEXT,
        own={"type": "boolean"},
        shots={"type": "integer", "minimum": 1, "maximum": 10**6},
        seed=_COUNT,
        settings=_SETTINGS,
        axes=_list(_TEXT, 64, 1),
        classes=_list(_TEXT, 10_000),
        outcomes=_list(_OUTCOME, 1000),
        steps=_list(_STEP, 10_000),
        adapted=_or_nothing(_ADAPTED),
        slices=_list(_SLICE, 64),
    ),
    "view": _VIEW,
    "lesson": _VIEW,
}
"""By kind."""

ENVELOPE: Schema = _record(
    format={"const": FORMAT},
    schema={"enum": list(range(1, VERSION + 1))},
    kind={"enum": list(BODIES)},
    project=_TEXT,
    checkpoint={"type": "string", "pattern": "^[A-Za-z0-9_-]{0,64}$"},
    date=_TEXT,
    body={"type": "object"},
    tensors=_or_nothing(_BYTES),
)
