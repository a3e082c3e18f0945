"""A shared file as such: JSON with a schema version, who made it, a body and tensors; read with suspicion.

Tensors are a safetensors file in base64, so that one file holds everything and nothing is ever unpickled.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ..data.names import last, shown
from ..version import VERSION
from .schemas import BODIES, ENVELOPE, FORMAT, Schema
from .schemas import VERSION as SCHEMA

if TYPE_CHECKING:
    from jsonschema import ValidationError

MAX_BYTES = 48 * 2**20
_PLACES = {"run": "a run: open it on the Adapt page", "view": "a view: open it on the Explore page, under “take away”"}
_PLACES["lesson"] = "the state of a lesson: open it on the Explore page, under “take away”"
_AGAIN = "Ask for the file again, or save it anew"
# What a parser may not have read when the end is missing: a part of a number's exponent, a word or an escape.
_BEGUN = re.compile(r"[-+.\w]{0,5}", re.ASCII)
_RULES = {
    "type": "it must be of type {}",
    "required": "a field is missing",
    "enum": "it must be one of {}",
    "const": "it must be {}",
    "minimum": "it must be at least {:g}",
    "maximum": "it must be at most {:g}",
    "maxItems": "it has more than {} entries",
    "minItems": "it has fewer than {} entries",
    "maxLength": "it has more than {} letters",
    "additionalProperties": "it has a field that does not belong there",
}


@dataclass(frozen=True)
class Shared:
    """What a file holds.

    Attributes:
        kind: ``"run"``, ``"view"`` or ``"lesson"``.
        body: what the kind's schema in :mod:`core.sharing.schemas` allows.
        checkpoint: digest of the model behind its figures.
        tensors: by name.
        project: version of the project that wrote it.
        date: when, ISO 8601.
    """

    kind: str
    body: dict[str, Any]
    checkpoint: str
    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    project: str = VERSION
    date: str = ""


def write(shared: Shared) -> bytes:
    """The file's content; :func:`read` accepts it.

    Raises:
        ValueError: the body is not what its kind allows, or the file would be too large.
    """
    packed = None
    if shared.tensors:
        flat = {name: value.detach().cpu().contiguous() for name, value in shared.tensors.items()}
        packed = base64.b64encode(save(flat)).decode()
    document = {
        "format": FORMAT,
        "schema": SCHEMA,
        "kind": shared.kind,
        "project": shared.project,
        "checkpoint": shared.checkpoint,
        "date": shared.date or date.today().isoformat(),
        "body": shared.body,
        "tensors": packed,
    }
    _check(document, "This file")
    content = (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"The file would have {len(content) >> 20} MB; at most {MAX_BYTES >> 20} can be opened. Share less at once."
        )
    return content


def read(content: bytes, name: str, kinds: Sequence[str]) -> Shared:
    """Read a file that somebody has passed on.

    Args:
        content: of the file.
        name: of the file, for sentences.
        kinds: those that can be opened here.

    Raises:
        ValueError: one sentence for a person: too large, no JSON, cut off, foreign, of a later version, of
            another kind, or with something in it that does not belong there.
    """
    name = last(name)
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"{name} has {len(content) >> 20} MB; a shared file has at most {MAX_BYTES >> 20}. Choose another file."
        )
    document = _parsed(content, name)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"{name} was not saved by this project. Choose a file that it has saved.")
    version = document.get("schema")
    if isinstance(version, int) and version > SCHEMA:
        raise ValueError(
            f"{name} was saved by a newer version of this project (format {str(version)[:9]}; this version reads "
            f"{SCHEMA}). Update this project, or save the file with the older one."
        )
    kind = document.get("kind")
    if isinstance(kind, str) and kind in BODIES and kind not in kinds:
        raise ValueError(f"{name} holds {_PLACES[kind]}.")
    _check(document, name)
    tensors = _tensors(document["tensors"], name)
    body, checkpoint = document["body"], document["checkpoint"]
    return Shared(document["kind"], body, checkpoint, tensors, document["project"], document["date"])


def other_checkpoint(shared: Shared, digest: str) -> str:
    """A sentence where the file's figures come from another model than the one in use; ``""`` otherwise."""
    if shared.checkpoint == digest:
        return ""
    return (
        f"The file was made with checkpoint {shown(shared.checkpoint)}, and this is {digest}: what is computed "
        "anew will differ from what was seen when it was saved."
    )


def bytes_of(text: str) -> bytes:
    """Decode a field of bytes; the schema has seen to its letters.

    Raises:
        ValueError: its length is impossible.
    """
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(f"A part of the file is damaged. {_AGAIN}.") from None


def text_of(content: bytes) -> str:
    """Bytes as a field of a body."""
    return base64.b64encode(content).decode()


def _parsed(content: bytes, name: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # also NaN, endless digits, a million brackets
        if FORMAT.encode() in content[:200] and _cut_off(content, error):
            raise ValueError(f"{name} is cut off: its end is missing. {_AGAIN}.") from None
        raise ValueError(f"{name} is not JSON. Choose a file that this project has saved.") from None


def _cut_off(content: bytes, error: Exception) -> bool:
    """Whether reading failed because the end is missing, perhaps within a character."""
    if isinstance(error, UnicodeDecodeError):
        return error.reason == "unexpected end of data"
    if not isinstance(error, json.JSONDecodeError):
        return False
    if error.msg == "Extra data":
        return False
    begun = content.lstrip().startswith(b"{") and _BEGUN.fullmatch(error.doc.rstrip(), error.pos) is not None
    return begun or "Unterminated string" in error.msg


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _check(document: dict[str, Any], name: str) -> None:
    _obey(document, ENVELOPE, name)
    _obey(document["body"], BODIES[document["kind"]], name)


def _obey(document: Any, schema: Schema, name: str) -> None:
    from jsonschema import Draft202012Validator  # a quarter of a second that only those pay who open a file
    from jsonschema.exceptions import best_match

    problem = best_match(Draft202012Validator(schema).iter_errors(document))
    if problem is not None:
        raise ValueError(f"{name} is damaged or was changed by hand: {_said(problem)}. {_AGAIN}.")


def _said(problem: ValidationError) -> str:
    """Where and which rule; never the value, which may be anything."""
    where = " ".join(shown(str(part)) for part in problem.absolute_path) or "at the top"
    rule = _RULES.get(str(problem.validator), "it is not what belongs there").format(problem.validator_value)
    return f"{where}: {rule}"


def _tensors(text: str | None, name: str) -> dict[str, Tensor]:
    if text is None:
        return {}
    try:
        return load(bytes_of(text))
    except (SafetensorError, ValueError, KeyError):
        raise ValueError(f"{name} is damaged: its numbers cannot be read. {_AGAIN}.") from None
