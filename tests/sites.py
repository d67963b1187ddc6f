"""Registries in git and the sites that are built from them, for the tests of build, gallery and server."""

import json
from collections.abc import Mapping
from typing import Any

from registry_tool.cli.feeds import SITE as FEEDS
from registry_tool.core import layout
from registry_tool.core.counts import Counts
from registry_tool.core.index import Feeds, Made
from registry_tool.core.kind import Kinds
from registry_tool.core.tables import table_bytes
from registry_tool.core.targets import Days
from registry_tool.core.times import to_seconds
from registry_tool.core.trust import Means
from registry_tool.core.waiting import Queue
from registry_tool.kinds import all_kinds
from registry_tool.services.publisher import KEPT_BYTES, Build, build
from registry_tool.services.wholes import Render, rendered
from registry_tool.signing.ed25519 import check
from registry_tool.signing.tuf.offline import RoleKeys, add_signature, make_targets
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory

AUTHOR = "Tests <tests@example.org>"


def named(registry: RegistryInMemory, *, url: str = "https://registry.example/") -> RegistryInMemory:
    """`registry` with a table that gives it a name and an address."""
    registry.files["index/registry.yaml"] = table_bytes({"name": "The Reading Room", "url": url})
    return registry


def with_targets(registry: RegistryInMemory, *, bits: int = 3, **days: int) -> RegistryInMemory:
    """`registry` with targets metadata that lets its job sign the index; eight bins are enough for a few names."""
    terms = {"bins": 730, "snapshot": 365, "timestamp": 180, **days}
    keys = RoleKeys((registry.hand("publishing").key,))
    text = make_targets(keys, version=1, expires=to_seconds("2036-01-01T00:00:00Z"), days=Days(**terms), bits=bits)
    registry.files[layout.targets_path(1)] = add_signature(text, registry.hand("targets"))
    return registry


def means(kinds: Kinds) -> Means:
    """What verifying needs, for these kinds."""
    return Means(check, {kind.id: kind.grammar.covers for kind in kinds})


def committed(*states: Mapping[str, bytes], at: int = 1_800_000_000) -> GitHistory:
    """A repository in memory whose main line has one commit for each of `states`."""
    history = GitHistory.memory()
    head: str | None = None
    before: Mapping[str, bytes] = {}
    for number, files in enumerate(states):
        changed = {path: data for path, data in files.items() if before.get(path) != data}
        new = history.commit(
            changed,
            onto=head,
            message=f"state {number}",
            author=AUTHOR,
            at=at + number,
            removals=frozenset(before.keys() - files.keys()),
        )
        history.move("main", old=head, new=new)
        head, before = new, files
    return history


def built(
    history: GitHistory,
    *,
    kinds: Kinds | None = None,
    key: str = "key",
    remembered: Mapping[str, Any] | None = None,
    kept_bytes: int = KEPT_BYTES,
    queue: Queue | None = None,
    counts: Counts | None = None,
    feeds: Feeds = FEEDS,
    render: Render = rendered,
) -> Build:
    """The site of `main`; `remembered` goes through JSON, as it does on disk."""
    kinds = kinds or all_kinds()
    head = history.resolve("main")
    assert head is not None
    kept = json.loads(json.dumps(remembered or {}))
    return build(
        history,
        head,
        kinds=kinds,
        means=means(kinds),
        feeds=feeds,
        key=key,
        remembered=kept,
        kept_bytes=kept_bytes,
        queue=queue,
        counts=counts,
        render=render,
    )


def files_of(made: tuple[Made, ...]) -> dict[str, bytes]:
    """The files of a site, loaded."""
    return {one.path: one.load(one.path) for one in made}
