"""Which admitted releases a statement takes back with a `since` in the past (part 4)."""

from registry_tool.core.canonical import parse_loose
from registry_tool.core.change import Change
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.manifest import read_manifest
from registry_tool.core.published import admission_of, chain_at, names_in, proof_at, version_folders
from registry_tool.core.statements import Keyring, Scope, Statement


def releases_hit(change: Change, statement: Statement) -> tuple[tuple[str, str], ...]:
    """Release and manifest digest of everything admitted at or after a new `since` of its signer."""
    ended = _newly_ended(change, statement)
    if not ended:
        return ()
    family, _, owner = statement.subject.partition("/")
    found = []
    for artifact in names_in(change.tip):
        if family == "scopes" and artifact.scope != owner:
            continue
        for folder in version_folders(change.tip, artifact):
            proof = proof_at(change.tip, artifact, folder, registry=change.registry)
            if proof is None:
                continue
            manifest = read_manifest(proof.manifest, registry=change.registry)
            at = admission_of(proof, registry=change.registry).at
            who = {manifest.author} if family == "scopes" else {file[:16] for file in proof.signatures}
            if any(name in who and since <= at for name, since in ended.items()):
                found.append((f"{artifact}@{manifest.version}", prefixed(sha256(proof.manifest))))
    return tuple(found)


def _newly_ended(change: Change, statement: Statement) -> dict[str, str]:
    """k16 or author that this statement ends, and since when."""
    chain = chain_at(change.tip, statement.subject)
    if not chain:
        return {}
    before = parse_loose(chain[-1].data, limit=len(chain[-1].data), what=statement.subject)
    if isinstance(statement, Keyring):
        active = {row["key"] for row in before["keys"] if row["status"] == "active"}
        return {row.k16: row.since for row in statement.keys if row.since is not None and row.key in active}
    if isinstance(statement, Scope):
        rows = (*before["owners"], *before["members"])
        working = {row["author"] for row in rows if row["status"] == "active"}
        still = {row.author for row in statement.publishers() if row.active}
        return {
            row.author: row.since
            for row in statement.publishers()
            if row.since is not None and row.author in working and row.author not in still
        }
    return {}
