"""Objecting to a recovery: whoever still has a control key says so, and the recovery is over (part 4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry_tool.core import layout
from registry_tool.core.canonical import parse_loose
from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.keys import k16
from registry_tool.core.names import parse_author
from registry_tool.core.published import registry_of
from registry_tool.core.recovery import recovery_of
from registry_tool.core.standing import government_at, keyring_at
from registry_tool.core.submission import submission_id
from registry_tool.core.tree import Tree
from registry_tool.services.author import Desk, change_of
from registry_tool.services.bench import decision_files
from registry_tool.services.recovering import objection_branch


@dataclass(frozen=True, slots=True)
class Waits:
    """Somebody's request to recover an author's keys."""

    submission: str
    """Its id."""
    branch: str
    additions: Mapping[str, bytes]
    """What it adds."""
    words: str = ""
    """What it waits for."""


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection, signed and not yet sent."""

    submission: str
    files: Mapping[str, bytes]
    branch: str
    """Where the next moderator finds it."""


def recoveries(tip: Tree, heads: Mapping[str, Tree], author: str, *, desk: Desk) -> tuple[Waits, ...]:
    """The recoveries of an author's keys among the submissions that wait (`heads` by branch)."""
    folder = layout.chain_folder(f"authors/{parse_author(author)}")
    found = []
    for branch in sorted(heads):
        head = heads[branch]
        paths = [f"{folder}/{entry.name}" for entry in head.list(folder)]
        added = {path: head.read(path) or b"" for path in paths if head.entry(path) != tip.entry(path)}
        if not any(_recovers(path, data) for path, data in added.items()):
            continue
        change = change_of(added, tip=tip, registry=registry_of(tip), desk=desk)
        recovery = recovery_of(change, means=desk.means)
        if recovery is not None:
            found.append(Waits(submission_id(added), branch, added, recovery.words))
    return tuple(found)


def objection(tip: Tree, waits: Waits, author: str, *, note: str, desk: Desk) -> Objection:
    """The objection of `author` to a recovery, signed with a control key on this machine."""
    registry = registry_of(tip)
    government = government_at(tip, registry=registry, check=desk.means.check)
    keyring = keyring_at(tip, government, author, check=desk.means.check).head.body
    active = {row.k16 for row in keyring.keys if row.active and row.use == "control"}
    signer = next((one for one in desk.keys.every(author, "control") if k16(one.key) in active), None)
    if signer is None:
        raise NotFound(
            f"no active control key of {author} is on this machine, and only that can object", code="key-missing"
        )
    change = change_of(waits.additions, tip=tip, registry=registry, desk=desk)
    files = decision_files(
        change,
        tip,
        signer,
        action="objection",
        reason="not-lost",
        note=note or f"{author} has a control key, and did not ask for this",
        at=desk.now(),
        under=[f"authors/{author}"],
    )
    return Objection(waits.submission, files, objection_branch(waits.submission, k16(signer.key)))


def _recovers(path: str, data: bytes) -> bool:
    if not path.endswith(".json"):
        return False
    try:
        value = parse_loose(data, limit=len(data), what=path)
    except InvalidInput:
        return False
    return isinstance(value, dict) and value.get("mode") == "recover"
