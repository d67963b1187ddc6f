"""What is made from the whole of a registry: the feeds of many names, each file anew only where its key changed."""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Protocol

from registry_tool.core.errors import RegistryError
from registry_tool.core.index import About, Copied, Listing, Name, NameFacts, Planned, WholeFeed, fact_key
from registry_tool.core.release import CatalogueRow
from registry_tool.services.about import key_of
from registry_tool.services.making import Load, Making


class Rendering(Protocol):
    """Files on their way: path and bytes, each once, in any order."""

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Each file as it is ready."""
        ...

    def close(self) -> None:
        """Lets go of those that are not ready."""
        ...


Render = Callable[[Sequence[Planned]], Rendering]
"""Makes files, perhaps in other processes."""


def rendered(planned: Sequence[Planned]) -> Generator[tuple[str, bytes], None, None]:
    """Each file, made: for processes that share the work."""
    for one in planned:
        yield one.path, one.make()


def make_whole(
    feeds: Iterable[WholeFeed],
    listing: Listing,
    making: Making,
    *,
    key: str,
    known: Mapping[str, Sequence[str]],
    render: Render,
) -> dict[str, dict[str, Any]]:  # Any: JSON
    """Adds the files of `feeds` to `making`; what to remember of them: `pages`, and `copies`.

    `key` changes with what all of them depend on, and `known` are the `pages` of the last build. Raises
    `RegistryError` where two feeds make one path, or a copy's source is made by none.
    """
    pages: dict[str, Sequence[str]] = {}
    copies: list[Copied] = []
    fresh: list[Planned] = []
    keys: dict[str, str] = {}
    for planned in (one for feed in feeds for one in feed(listing)):
        if planned.path in keys or planned.path in making.made:
            raise RegistryError(f"two feeds make {planned.path}")
        if isinstance(planned, Copied):
            keys[planned.path] = ""
            copies.append(planned)
            continue
        keys[planned.path] = key_of(key, planned.key)
        before = known.get(planned.path)
        if before is not None and before[0] == keys[planned.path]:
            making.know({planned.path: before[1]}, ignoring_path(planned.make), alone=False)
            pages[planned.path] = before
        else:
            fresh.append(planned)
    again = {planned.path: ignoring_path(planned.make) for planned in fresh}
    with closing(render(fresh)) as rendering:
        for path, data in rendering:
            pages[path] = [keys[path], making.add({path: data}, again[path], alone=False)[path]]
    return {"pages": pages, "copies": {copied.path: making.copy(copied) for copied in copies}}


def ignoring_path(make: Callable[[], bytes]) -> Load:
    """`make` as whoever writes files calls it."""
    return lambda path: make()


def tell(name: Name, about: About, told_by: Mapping[str, NameFacts]) -> dict[str, Any]:  # Any: JSON
    """What is remembered of a name for the feeds of the whole: `row`, `facts` and `keys`; see `Listing`."""
    row = name.row().value()
    told = {feed: tells(name, about) for feed, tells in told_by.items()}
    # As it will be read again: a feed must see the same in the build after this one.
    facts = {feed: json.loads(json.dumps(value)) for feed, value in told.items() if value is not None}
    keys = {"": fact_key(row), **{feed: fact_key(value) for feed, value in facts.items()}}
    return {"row": row, "facts": facts, "keys": keys}


def told_before(
    remembered: Mapping[str, Mapping[str, Any]],
    feeds: Iterable[str],  # Any: JSON
) -> dict[str, dict[str, Any]]:
    """`facts` (of `feeds`) and `keys` of a `Listing`, from what is remembered of each name, in that order."""
    facts: dict[str, dict[str, Any]] = {feed: {} for feed in feeds}  # Any: JSON
    for artifact, known in remembered.items():
        for feed, value in known["facts"].items():
            facts[feed][artifact] = value
    return {"facts": facts, "keys": {artifact: known["keys"] for artifact, known in remembered.items()}}


def row_of(value: Mapping[str, Any]) -> CatalogueRow:  # Any: JSON
    """A row as `Name.row` made it, in this build or a former one: it was checked then."""
    lists = {name: tuple(member) for name, member in value.items() if isinstance(member, list)}
    return CatalogueRow.model_construct(**{**value, **lists})
