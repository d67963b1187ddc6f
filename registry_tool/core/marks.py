"""The three marks of an artifact. They are words for people and decide nothing.

verified   its author proved who they are, and a moderator looked (`profiles.py`)
official   its scope stands in the operator's list `official` (`index/registry.yaml`)
imported   the registry's importer took it from elsewhere, and its author has not claimed it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Marks:
    """Which of them one artifact has."""

    author_verified: bool = False
    official: bool = False
    imported: bool = False

    @classmethod
    def of(cls, row: Any) -> "Marks":  # Any: whatever has the three members
        """The marks of a catalogue's row."""
        return cls(row.author_verified, row.official, row.imported)

    def value(self) -> dict[str, bool]:
        """All three, for scripts."""
        return {"author_verified": self.author_verified, "official": self.official, "imported": self.imported}

    def given(self) -> dict[str, bool]:
        """Those that it has: a catalogue says nothing of the others, as before there were marks."""
        return {name: True for name, there in self.value().items() if there}

    @property
    def words(self) -> tuple[str, ...]:
        """The same for people, in one or two words each."""
        return marks_words(self.value())


def marks_words(value: Mapping[str, bool]) -> tuple[str, ...]:
    """Marks as `Marks.value` tells them, for people."""
    author = "author verified" if value["author_verified"] else "author not verified"
    more = tuple(name for name in ("official", "imported") if value[name])
    return (author, *more)
