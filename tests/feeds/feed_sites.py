"""What some feeds make alone, without the pages that stand beside them; and the values that feeds are given."""

from collections.abc import Callable, Iterable, Mapping

from registry_tool.core.index import About, Copied, Feeds, Listing, Name, NameFacts, NameFeed, Planned
from registry_tool.core.payload import Files
from registry_tool.kinds import all_kinds
from registry_tool.services.publisher import build
from tests.builders import RegistryInMemory
from tests.sites import committed, files_of, means

Whole = Callable[[Listing], Iterable[Planned | Copied]]


def published(
    registry: RegistryInMemory,
    *,
    names: tuple[NameFeed, ...] = (),
    whole: tuple[Whole, ...] = (),
    facts: Mapping[str, NameFacts] | None = None,
) -> dict[str, bytes]:
    """The files of these feeds; those that every site has are left out."""
    kinds = all_kinds()
    history = committed(registry.files)
    head = history.resolve("main")
    assert head is not None
    feeds = Feeds(names=names, whole=whole, facts=facts or {})
    site = files_of(build(history, head, kinds=kinds, means=means(kinds), feeds=feeds, key="key", remembered={}).made)
    return {path: data for path, data in site.items() if not path.startswith(("chains/", "index/", "trust/", "tuf/"))}


def seen(registry: RegistryInMemory) -> tuple[dict[str, Name], About]:
    """What feeds are given: each name, verified, and the registry itself."""
    found: dict[str, Name] = {}
    about: list[About] = []

    def look(name: Name, of: About) -> Files:
        found[str(name.artifact)] = name
        about.append(of)
        return {}

    published(registry, names=(look,))
    return found, about[0]
