"""Submissions as values, made from a registry in memory.

    change(lambda registry: skill(registry, "1.1.0"))

The tip holds the author ann, her scope, and her skill `@ann/links` 1.0.0, admitted. What the given
function does to the registry is the submission.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from registry_tool.core.change import Candidate, Change
from registry_tool.core.describe import full_spec, recompute
from registry_tool.core.kind import Kinds
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import PayloadFile
from registry_tool.core.ports import Edit
from registry_tool.core.submission import read_change
from registry_tool.core.times import to_seconds
from registry_tool.core.tree import MemoryTree, walk
from registry_tool.kinds import plugin
from registry_tool.kinds import skill as skills
from tests.builders import Content, RegistryInMemory, a_registry, as_payload

Build = Callable[[RegistryInMemory], object]
KINDS = Kinds.of([skills.KIND, plugin.KIND])
LOOKED_AT = to_seconds("2026-11-21T09:00:00Z")
"""When these submissions are looked at."""

SKILL: Content = {
    "LICENSE": b"MIT License\n",
    "SKILL.md": b"---\nname: links\ndescription: Finds broken links. Use after a move.\n---\n\nLook at each link.\n",
}


def skill(
    registry: RegistryInMemory,
    version: str = "1.1.0",
    more: Mapping[str, bytes | PayloadFile] | None = None,
    *,
    name: str = "@ann/links",
    **words: Any,  # Any: for `publish`
) -> None:
    """Publishes the skill with `more` files, its spec read from them; nobody admits it."""
    content = {**SKILL, **(more or {})}
    spec = full_spec(recompute(as_payload(content), skills.KIND))
    registry.publish(name, version, content, **{"kind": "skill", "spec": spec, **words})


def newcomer(registry: RegistryInMemory, author: str = "bob", *, scope: str | None = None) -> None:
    """An author with keys and a scope, signed by nobody but the author."""
    registry.keyring(author, by=(f"{author} control", f"{author} signing"))
    registry.scope(scope or author, owners=[author], by=(f"{author} control",))


def a_tip(*, more: Build | None = None) -> RegistryInMemory:
    """The registry that submissions here begin from, with what `more` adds to it."""
    registry = a_registry(demo=False)
    skill(registry, "1.0.0")
    registry.admit("@ann/links", "1.0.0")
    if more is not None:
        more(registry)
    return registry


def change(build: Build, *, tip: Build | None = None, odd: Sequence[Edit] = ()) -> Change:
    """The submission that `build` makes on the tip (with what `tip` adds to it), and the edits `odd`."""
    registry = a_tip(more=tip)
    before = MemoryTree(registry.files)
    build(registry)
    after = MemoryTree(registry.files)
    return read_change(
        registry=registry.id,
        tip=before,
        head=after,
        edits=(*edits(before, after), *odd),
        kinds=KINDS,
        demonstration=False,
        at=LOOKED_AT,
    )


def edits(before: MemoryTree, after: MemoryTree) -> tuple[Edit, ...]:
    """Every path that differs, sorted."""
    old, new = dict(walk(before)), dict(walk(after))
    return tuple(
        Edit(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    )


def with_candidate(change: Change, **members: Any) -> Change:  # Any: members of Candidate
    """The same submission, with other members of its first release."""
    first: Candidate = replace(change.releases[0], **members)
    return replace(change, releases=(first, *change.releases[1:]))


def version_path(version: str, name: str = "@ann/links") -> str:
    """The folder of a version."""
    artifact = parse_artifact(name)
    return f"index/releases/{artifact.shard}/{artifact.scope}/{artifact.name}/{version}"
