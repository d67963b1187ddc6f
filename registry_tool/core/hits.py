"""What is admitted already and a statement takes back with a `since` in the past (part 4)."""

from collections.abc import Iterator, Mapping

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
    names_in,
    proof_at,
    version_folders,
)
from registry_tool.core.statements import Event, Keyring, Scope
from registry_tool.core.status import BY_PUBLISHERS


def releases_hit(change: Change, statement: Keyring | Scope) -> tuple[tuple[str, str], ...]:
    """Release and manifest digest of everything admitted at or after a new `since` of its signer."""
    ended = newly_ended(change, statement)
    found = []
    for artifact, _, proof in _releases(change, statement) if ended else ():
        manifest = read_manifest(proof.manifest, registry=change.registry)
        at = admission_of(proof, registry=change.registry).at
        who = {manifest.author} if isinstance(statement, Scope) else {file[:16] for file in proof.signatures}
        if _any_ended(ended, who, at):
            found.append((f"{artifact}@{manifest.version}", prefixed(sha256(proof.manifest))))
    return tuple(found)


def events_hit(change: Change, statement: Keyring | Scope) -> tuple[str, ...]:
    """Events at or after a new `since` of their signer, as `@s/n@v event 1`.

    They cannot be taken back: without its events a release has no status that anybody could trust.
    """
    ended = newly_ended(change, statement)
    found = []
    for artifact, folder, _ in _releases(change, statement) if ended else ():
        for source in events_at(change.tip, artifact, folder):
            event = load(Event, source.data, limit=limits.STATEMENT_BYTES, registry=change.registry, what="an event")
            if _any_ended(ended, _publishers(source, event, statement), event.at):
                found.append(f"{event.subject} event {event.number}")
    return tuple(found)


def newly_ended(change: Change, statement: Keyring | Scope) -> Mapping[str, str]:
    """k16 or author that this statement ends, and since when."""
    chain = chain_at(change.tip, statement.subject)
    if not chain:
        return {}
    before = parse_loose(chain[-1].data, limit=len(chain[-1].data), what=statement.subject)
    if isinstance(statement, Keyring):
        active = {row["key"] for row in before["keys"] if row["status"] == "active"}
        return {row.k16: row.since for row in statement.keys if row.since is not None and row.key in active}
    rows = (*before["owners"], *before["members"])
    working = {row["author"] for row in rows if row["status"] == "active"}
    still = {row.author for row in statement.publishers() if row.active}
    return {
        row.author: row.since
        for row in statement.publishers()
        if row.since is not None and row.author in working and row.author not in still
    }


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
