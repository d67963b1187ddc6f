"""What is admitted already and a statement takes back with a `since` in the past (part 4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from registry_tool.core import limits
from registry_tool.core.canonical import parse_loose
from registry_tool.core.chains import SignedBytes
from registry_tool.core.change import Change
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.manifest import read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.proof import Proof
from registry_tool.core.published import (
    admission_of,
    authors_of,
    chain_at,
    events_at,
    hinted_standing,
    names_in,
    proof_at,
    version_folders,
)
from registry_tool.core.statements import Event, Keyring, Scope
from registry_tool.core.status import BY_PUBLISHERS
from registry_tool.core.taken import taken_back
from registry_tool.core.tree import Tree
from registry_tool.core.versions import parse_version


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a release, as somebody is asked about it whose key signed it."""

    event: Event
    digest: str
    """Of its bytes, as `hits` lists it."""
    lifts: int = 0
    """For `restore`: the number of the event that it lifts."""

    @property
    def what(self) -> str:
        """Which one."""
        return f"{self.event.subject} event {self.event.number}"

    @property
    def words(self) -> str:
        """What it said, and when."""
        return f"{self.what}: {self.event.action} ({self.event.reason}), {self.event.at}"

    @property
    def again(self) -> str:
        """The command that says the same with another key."""
        if self.lifts:
            return f"registry restore {self.event.subject} --event {self.lifts}"
        return f"registry {self.event.action} {self.event.subject} --reason {self.event.reason} --note …"

    def value(self) -> dict[str, str]:
        """The row for `--json`."""
        event = self.event
        return {
            "event": self.what,
            "release": event.subject,
            "action": event.action,
            "reason": event.reason,
            "at": event.at,
            "again": self.again,
        }


@dataclass(frozen=True, slots=True)
class EventsHit:
    """The events by keys that end."""

    fall: tuple[Told, ...] = ()
    """They are void once it lands: they keep their numbers and count for nothing."""
    stand: tuple[Told, ...] = ()
    """They were said before, and count."""

    @property
    def digests(self) -> frozenset[str]:
        """What `hits` lists of them."""
        return frozenset(one.digest for one in self.fall)

    @property
    def words(self) -> tuple[str, ...]:
        """Lines for whoever is asked to sign; none where no such key signed an event."""
        lines = []
        if self.fall:
            lines.append("Said with a key that ends, and void from then on; who means it says it again:")
            lines += [f"  {one.words}\n    {one.again}" for one in self.fall]
        if self.stand:
            lines += ["Said with a key that ends, and still good:", *(f"  {one.words}" for one in self.stand)]
        return tuple(lines)


def releases_hit(change: Change, statement: Keyring | Scope) -> tuple[tuple[str, str], ...]:
    """Release and manifest digest of everything that clients refuse once a statement is there.

    Admitted at or after a new `since` of its signer; or an owner's update, which falls with what it was measured
    against, and where that was allowed again by nobody but a stolen key.
    """
    ended = newly_ended(change, statement)
    void = events_hit(change, statement).digests if ended else frozenset()
    found: dict[str, str] = {}
    compared: dict[str, tuple[str, str]] = {}
    for artifact, _, proof in _releases(change, statement) if ended else ():
        manifest = read_manifest(proof.manifest, registry=change.registry)
        admission = admission_of(proof, registry=change.registry)
        name, digest = f"{artifact}@{manifest.version}", prefixed(sha256(proof.manifest))
        who = {manifest.author} if isinstance(statement, Scope) else {file[:16] for file in proof.signatures}
        if _any_ended(ended, who, admission.at):
            found[name] = digest
        elif admission.compared is not None and admission.path == "owner":
            compared[name] = f"{artifact}@{admission.compared}", digest
            if void and not _active_at(change.tip, artifact, admission.compared, admission.at, void):
                found[name] = digest
    # An owner's update falls with the release that it was measured against.
    found.update({name: digest for name, (other, digest) in compared.items() if other in found})
    return tuple(sorted(found.items()))


def _active_at(tip: Tree, artifact: ArtifactId, version: str, at: str, void: frozenset[str]) -> bool:
    """Whether a release was active at a time, now that the events in `void` count for nothing."""
    events = events_at(tip, artifact, parse_version(version).folder)
    standing = hinted_standing(events, void | taken_back(tip, artifact.scope))
    return standing.status == "active" or standing.since > at


def events_hit(change: Change, statement: Keyring | Scope) -> EventsHit:
    """The events by whom a statement ends: those at or after its new `since` fall, the others stand."""
    ended = newly_ended(change, statement)
    fall, stand = [], []
    for artifact, folder, _ in _releases(change, statement) if ended else ():
        for source, told in told_events(change.tip, artifact, folder, registry=change.registry):
            who = _publishers(source, told.event, statement)
            if _any_ended(ended, who, told.event.at):
                fall.append(told)
            elif ended.keys() & who:
                stand.append(told)
    return EventsHit(tuple(fall), tuple(stand))


def told_events(
    tree: Tree, artifact: ArtifactId, folder: str, *, registry: str
) -> tuple[tuple[SignedBytes, Told], ...]:
    """The events of a release as they lie there, in order."""
    found: list[tuple[SignedBytes, Told]] = []
    numbers: dict[str, int] = {}
    for source in events_at(tree, artifact, folder):
        event = load(Event, source.data, limit=limits.STATEMENT_BYTES, registry=registry, what="an event")
        digest = prefixed(sha256(source.data))
        numbers[digest] = event.number
        found.append((source, Told(event, digest, numbers.get(event.lifts or "", 0))))
    return tuple(found)


def newly_ended(change: Change, statement: Keyring | Scope) -> Mapping[str, str]:
    """k16 or author that this statement ends, and since when; also a key that had retired and is revoked now."""
    chain = chain_at(change.tip, statement.subject)
    if not chain:
        return {}
    before = parse_loose(chain[-1].data, limit=len(chain[-1].data), what=statement.subject)
    if isinstance(statement, Keyring):
        was = {row["key"]: row["status"] for row in before["keys"]}
        return {
            row.k16: row.since
            for row in statement.keys
            if row.since is not None and ends_anew(str(was.get(row.key)), row.status)
        }
    rows = (*before["owners"], *before["members"])
    working = {row["author"] for row in rows if row["status"] == "active"}
    still = {row.author for row in statement.publishers() if row.active}
    return {
        row.author: row.since
        for row in statement.publishers()
        if row.since is not None and row.author in working and row.author not in still
    }


def ends_anew(before: str, after: str) -> bool:
    """Whether a key's status became one that takes something back: it ended, or was stolen after all."""
    return (before == "active" and after != "active") or (before, after) == ("retired", "revoked")


def _any_ended(ended: Mapping[str, str], who: set[str], at: str) -> bool:
    return any(name in who and since <= at for name, since in ended.items())


def _releases(change: Change, statement: Keyring | Scope) -> Iterator[tuple[ArtifactId, str, Proof]]:
    """Every admitted release that may be of whom the statement is about."""
    family, _, owner = statement.subject.partition("/")
    concerned: dict[str, bool] = {}
    for artifact in names_in(change.tip):
        scope = artifact.scope
        if scope not in concerned:
            concerned[scope] = scope == owner if family == "scopes" else owner in authors_of(change.tip, scope)
        for folder in version_folders(change.tip, artifact) if concerned[scope] else ():
            proof = proof_at(change.tip, artifact, folder, registry=change.registry)
            if proof is not None:
                yield artifact, folder, proof


def _publishers(source: SignedBytes, event: Event, statement: Keyring | Scope) -> set[str]:
    """Whose end would undo an event: keys that signed it, or for a scope the authors that it names."""
    if isinstance(statement, Keyring):
        return set(source.signatures)
    if event.action not in (*BY_PUBLISHERS, "restore"):
        return set()
    return {name.partition("/")[2] for name in event.under if name.startswith("authors/")}
