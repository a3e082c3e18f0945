"""How a value is written into an address and read from one: declared fields, and a sentence for each that is replaced.

Addresses are typed by people, so reading never fails: what cannot be read keeps its usual value, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar

V = TypeVar("V")
"""The value that an address carries, a frozen dataclass."""

C = TypeVar("C")
"""What its attributes may be chosen from."""


class PartlyReadError(ValueError):
    """Some of a text could be read; the rest broke a rule.

    Attributes:
        kept: what could be read.
    """

    def __init__(self, kept: Any, rule: str) -> None:
        super().__init__(rule)
        self.kept = kept


@dataclass(frozen=True)
class Field(Generic[V, C]):
    """One parameter of an address; its default is the attribute of the value that is usual there.

    Attributes:
        name: of the parameter.
        label: what it is called in sentences.
        attribute: of the value; a dot leads to an attribute's own attribute.
        parse: gives the attribute for a text, the value as far as it has been read, and what there is to choose from;
            raises ``ValueError`` with the rule that the text breaks, without a full stop.
        print: gives the text of an attribute.
        instead: what became of a text that cannot be read, for sentences.
    """

    name: str
    label: str
    attribute: str
    parse: Callable[[str, V, C], Any]
    print: Callable[[Any], str] = str
    instead: str = "was replaced by the usual one"

    def text(self, value: V) -> str:
        """What the address says of a value."""
        return self.print(attrgetter(self.attribute)(value))


@dataclass(frozen=True)
class Codec(Generic[V, C]):
    """All parameters of one value, in the order in which they are read: one may depend on those before it."""

    fields: tuple[Field[V, C], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters."""
        return tuple(field.name for field in self.fields)

    def texts(self, value: V) -> dict[str, str]:
        """Every parameter, the usual ones too."""
        return {field.name: field.text(value) for field in self.fields}

    def encode(self, value: V, usual: V) -> dict[str, str]:
        """The parameters in which a value differs from the usual one."""
        known = self.texts(usual)
        return {name: text for name, text in self.texts(value).items() if text != known[name]}

    def decode(self, parameters: Mapping[str, str], usual: V, choices: C) -> tuple[V, tuple[str, ...]]:
        """Read parameters; others than these are left alone.

        Args:
            parameters: text by name.
            usual: what an address without parameters means.
            choices: what there is to choose from.

        Returns:
            The value, and one sentence for each parameter that could not be read.
        """
        value, problems = usual, []
        for field in self.fields:
            if field.name not in parameters:
                continue
            try:
                value = _with(value, field.attribute, field.parse(parameters[field.name], value, choices))
            except ValueError as error:
                if isinstance(error, PartlyReadError):
                    value = _with(value, field.attribute, error.kept)
                problems.append(f"The link's {field.label} {field.instead}: {error}.")
        return value, tuple(problems)

    def publish(self, address: MutableMapping[str, str], value: V, usual: V) -> None:
        """Make an address say a value, leaving other parameters alone; only what differs is written."""
        wanted = self.encode(value, usual)
        for name in self.names:
            if name in wanted and address.get(name) != wanted[name]:
                address[name] = wanted[name]
            elif name not in wanted and name in address:
                del address[name]


def _with(value: Any, attribute: str, found: Any) -> Any:
    first, _, rest = attribute.partition(".")
    return replace(value, **{first: _with(getattr(value, first), rest, found) if rest else found})


def member(text: str, known: Sequence[str]) -> str:
    """One of the known names; ``ValueError`` with the rule otherwise."""
    if text not in known:
        raise ValueError(f"it must be one of {', '.join(known)}")
    return text


def whole(text: str, least: int, most: int) -> int:
    """A whole number within limits; ``ValueError`` with the rule otherwise."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or not least <= int(text) <= most:
        raise ValueError(f"it must be a whole number from {least} to {most}")
    return int(text)
