"""What each kind's permissions cover, where verifying asks for it."""

from collections.abc import Iterator, Mapping

from registry_tool.core.gained import Covers
from registry_tool.core.kind import Kind


class Covering(Mapping[str, Covers]):
    """By kind, whether one permission covers another; a kind is imported when it is asked for."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds

    def __getitem__(self, kind: str) -> Covers:
        """The rule of one kind."""
        return self._kinds[kind].grammar.covers

    def __contains__(self, kind: object) -> bool:
        """Whether it is a kind; imports none."""
        return kind in self._kinds

    def __iter__(self) -> Iterator[str]:
        """The kinds' ids."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._kinds)
