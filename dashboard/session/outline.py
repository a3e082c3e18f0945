"""What a page is apart from its drawing: its name, and the parts that a lesson may point at or a link may hide."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """A part of a page: a container with its key.

    Attributes:
        name: the page's, a dot, and its own.
        title: how it is called in sentences.
        main: it lies in the middle of the page; otherwise in the sidebar, which other pages may show too.
    """

    name: str
    title: str
    main: bool = True

    @property
    def page(self) -> str:
        """Name of its page."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """Of its container."""
        return f"part-{self.name.partition('.')[2]}"


@dataclass(frozen=True)
class Outline:
    """Name of a page in the address, its title in the menu, and its parts.

    Raises:
        ValueError: the name cannot be part of an address, or a part is of another page.
    """

    name: str
    title: str
    parts: tuple[Part, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if not (self.name.isascii() and self.name.isalpha() and self.name.islower()):
            raise ValueError(f"A page's name is part of its address: small letters only; got {self.name!r}.")
        if strangers := [part.name for part in self.parts if part.page != self.name]:
            raise ValueError(f"The parts of the page {self.name} begin with '{self.name}.'; got {strangers[0]!r}.")
