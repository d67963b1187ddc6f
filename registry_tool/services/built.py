"""What a build gives, and how the names that it prepares come to it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from registry_tool.core.digest import Hex
from registry_tool.core.index import About, Made
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Files

Remembered = Mapping[str, Any]  # Any: JSON, kept outside of the site between builds

Prepared = tuple[ArtifactId, dict[str, Any], Files]  # Any: JSON
"""A name, what is remembered of it, and its files."""


class Preparing(Protocol):
    """Names on their way, each once, in any order."""

    def __iter__(self) -> Iterator[Prepared]:
        """Each name as it is ready."""
        ...

    def close(self) -> None:
        """Lets go of those that are not ready."""
        ...


Spread = Callable[[Sequence[ArtifactId]], Preparing]
"""Prepares names, perhaps in other processes, which begin at once."""


@dataclass(frozen=True, slots=True)
class Build:
    """What a build publishes."""

    registry: Hex
    about: About
    commit: str
    made: tuple[Made, ...]
    """Every file of the site, each path once, sorted."""
    names: int
    releases: int
    verified: int
    """Names that were verified now; the others had not changed since the last build."""
    left_out: tuple[str, ...]
    """Releases that lie in the repository without an admission; they are not published."""
    kept: bool
    """Whether every file is in memory, so that several processes can write them."""
    listed: Mapping[str, Hex]
    """What the signed index lists: path to digest, sorted. Each lies there once more under its digest."""
    remember: Remembered
    """For the next build; holds nothing that a site needs."""
