"""What follows from a line, and what people are told of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

TOLD: Final = 100
"""Different refusals, and different sentences, that are told in one session."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What follows from one line; each line of it with its end."""

    to_server: tuple[bytes, ...] = ()
    to_client: tuple[bytes, ...] = ()
    replies: tuple[bytes, ...] = ()
    """Answers to what the server asked on its own; they may be dropped where it does not read them."""
    said: tuple[str, ...] = ()
    """Sentences for the person, each once in a session."""


@dataclass(slots=True)
class Out:
    """A `Moved` while it is made."""

    server: list[bytes] = field(default_factory=list)
    client: list[bytes] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def moved(self) -> Moved:
        """All of it."""
        return Moved(tuple(self.server), tuple(self.client), tuple(self.replies), tuple(self.said))


class Told:
    """Says each thing once, and not without end."""

    def __init__(self, on_refusal: Callable[[str, str], None]) -> None:
        self._on_refusal = on_refusal
        self._refused: set[tuple[str, str]] = set()
        self._said: set[str] = set()

    def refuse(self, tool: str, why: str) -> None:
        """Tells the audit log; `tool` is empty where it is about none."""
        if (tool, why) not in self._refused and len(self._refused) < TOLD:
            self._refused.add((tool, why))
            self._on_refusal(tool, why)

    def say(self, text: str, out: Out) -> None:
        """Tells the person."""
        if text not in self._said and len(self._said) < TOLD:
            self._said.add(text)
            out.said.append(text)
