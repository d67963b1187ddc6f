"""A name's releases, verified as every client verifies them, as the values that feeds are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry_tool.core import canonical, layout
from registry_tool.core.authorities import Authorities, Government, read_authorities
from registry_tool.core.bundle import pack
from registry_tool.core.chains import Link, SignedBytes
from registry_tool.core.demo_keys import is_demonstration
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted
from registry_tool.core.index import AuthorSignature, EventNote, Name, Release
from registry_tool.core.keys import K16, PublicKey
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Payload
from registry_tool.core.proof import Proof
from registry_tool.core.published import (
    authors_of,
    chain_at,
    events_at,
    payload_at,
    pointer_at,
    proof_at,
    proof_of,
    version_folders,
)
from registry_tool.core.release import Pointer, Status
from registry_tool.core.statements import Event
from registry_tool.core.status import read_events, status_of
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Admitted, Compared, Means, Wanted, summary, verify_admission
from registry_tool.core.versions import parse_version

REMEMBERED_BYTES: Final = 64 * 1024
"""Of one file, while the versions of its name are read."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a name's folder holds."""

    name: Name | None
    """`None` where nothing of it was admitted."""
    left_out: tuple[str, ...]
    """Versions that lie there without an admission, as `@scope/name@version`."""


def scope_authorities(tree: Tree, scope: str, government: Government, *, means: Means) -> Authorities:
    """Everybody who may say something about `scope`, verified; raises `NotTrusted`."""
    subject = f"scopes/{scope}"
    whole_chain(tree, subject)
    keyrings: dict[str, Sequence[SignedBytes]] = {}
    for author in authors_of(tree, scope):
        whole_chain(tree, f"authors/{author}")
        keyrings[author] = chain_at(tree, f"authors/{author}")
    found = read_authorities(government, scope, chain_at(tree, subject), keyrings, check=means.check)
    if not government.demonstration:
        for author, chain in found.keyrings.items():
            if is_demonstration(row.raw for link in chain.links for row in link.body.keys):
                raise NotTrusted(
                    f"{author} has a published test key, with which anybody can sign",
                    where=layout.chain_folder(f"authors/{author}"),
                    code="demo-key",
                )
    return found


def whole_chain(tree: Tree, subject: str) -> None:
    """Refuses a chain's folder that holds more than a chain without a gap."""
    folder = layout.chain_folder(subject)
    _without_gap(tree, folder, len(chain_at(tree, subject)))


def _without_gap(tree: Tree, folder: str, count: int) -> None:
    for entry in tree.list(folder):
        located = layout.locate(f"{folder}/{entry.name}")
        if entry.type == "folder" and located.role == "other":
            continue  # what lies below has its own chain
        if located.number > count or located.role == "other":
            raise NotTrusted(
                f"the chain ends at {count}, and there is also {entry.name}",
                where=f"{folder}/{entry.name}",
                code="chain-gap",
            )


def read_name(tree: Tree, artifact: ArtifactId, authorities: Authorities, *, means: Means) -> Read:
    """Every admitted release of `artifact`, verified to the last byte.

    1. The pointer, the folder and the manifest say the same version, and all versions one kind.
    2. Admission, signatures and approvals hold (`verify_admission`).
    3. The files pack to the bundle that the author signed.
    4. The events are signed by somebody who may; they give the status.

    Raises `NotTrusted`, `InvalidInput`, and says which version it is about.
    """
    tree = _Remembering(tree)
    releases: list[Release] = []
    left_out: list[str] = []
    record: dict[str, object] = {}
    reader = _Reader(tree, artifact, authorities, means)
    for folder in version_folders(tree, artifact):
        pointer = pointer_at(tree, artifact, folder, registry=authorities.registry)
        proof = proof_of(tree, artifact, folder, pointer)
        if proof is None or pointer is None:
            left_out.append(f"{artifact}@{folder}")
            continue
        release, events = reader.release(folder, pointer, proof, releases[0].manifest.kind if releases else None)
        releases.append(release)
        record[release.manifest.version] = _version_record(release, events)
    if not releases:
        return Read(None, tuple(left_out))
    kind = releases[0].manifest.kind
    value = {
        "schema": "registry.name/1",
        "registry": authorities.registry,
        "artifact": str(artifact),
        "kind": kind,
        "versions": record,
    }
    return Read(Name(artifact, kind, canonical.encode(value), tuple(reversed(releases))), tuple(left_out))


def _version_record(release: Release, events: Sequence[SignedBytes]) -> dict[str, object]:
    """One version in the per-name file; the same as `published.name_record` writes."""
    return {
        "manifest": prefixed(release.digest),
        "bundle": prefixed(Hex(release.manifest.bundle.sha256)),
        "size": release.manifest.bundle.size,
        "evidence": prefixed(sha256(release.evidence)),
        "status": release.status,
        "published": release.admitted["at"],
        "events": [event.entry() for event in events],
    }


class _Remembering:
    """A tree whose small files are read once: versions of one name share most of theirs."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files: dict[str, bytes | None] = {}
        self.entry = tree.entry
        self.list = tree.list

    def read(self, path: str) -> bytes | None:
        if path in self._files:
            return self._files[path]
        data = self._tree.read(path)
        if data is None or len(data) <= REMEMBERED_BYTES:
            self._files[path] = data
        return data


class _Reader:
    """Reads the releases of one name."""

    def __init__(self, tree: Tree, artifact: ArtifactId, authorities: Authorities, means: Means) -> None:
        self._tree = tree
        self._artifact = artifact
        self._authorities = authorities
        self._means = means

    def release(
        self, folder: str, pointer: Pointer, proof: Proof, kind: str | None
    ) -> tuple[Release, tuple[SignedBytes, ...]]:
        """The release in a version's folder, and its events as they lie there."""
        registry = self._authorities.registry
        version = pointer.version
        where = f"{layout.name_folder(self._artifact)}/{folder}"
        if (pointer.artifact, parse_version(version).folder) != (str(self._artifact), folder):
            raise NotTrusted(f"release.json speaks of {version}", where=where, code="other-release")
        admitted = verify_admission(
            proof, Wanted(str(self._artifact), version, kind), self._authorities, means=self._means, lookup=self._lookup
        )
        manifest = admitted.manifest
        events, status, notes = self._events(folder, version)
        payload = payload_at(self._tree, self._artifact, manifest)
        release = Release(
            manifest=manifest,
            proof=proof,
            evidence=canonical.encode(proof.evidence(registry)),
            payload=payload,
            bundle=_bundle(manifest, payload, where),
            status=status,
            events=notes,
            admitted=summary(admitted),
            gained=admitted.admission.gained,
            signatures=self._signatures(admitted, proof),
        )
        return release, events

    def _events(self, folder: str, version: str) -> tuple[tuple[SignedBytes, ...], Status, tuple[EventNote, ...]]:
        sources = events_at(self._tree, self._artifact, folder)
        _without_gap(self._tree, f"{layout.version_folder(self._artifact, folder)}/events", len(sources))
        links: tuple[Link[Event], ...] = read_events(
            sources,
            artifact=str(self._artifact),
            version=version,
            authorities=self._authorities,
            check=self._means.check,
        )
        notes = tuple(EventNote(one.body.action, one.body.reason, one.body.note, one.body.at) for one in links)
        return sources, status_of(links), notes

    def _lookup(self, version: str) -> Compared:
        folder = parse_version(version).folder
        proof = proof_at(self._tree, self._artifact, folder, registry=self._authorities.registry)
        if proof is None:
            raise NotFound(f"there is no release {self._artifact}@{version}")
        return Compared(proof, self._events(folder, version)[1])

    def _signatures(self, admitted: Admitted, proof: Proof) -> tuple[AuthorSignature, ...]:
        keys: dict[K16, PublicKey] = {
            row.k16: row.raw
            for link in self._authorities.keyring(admitted.manifest.author).links
            for row in link.body.keys
        }
        return tuple(
            AuthorSignature(one, keys[one], proof.signatures[f"{one}.sig"]) for one in sorted(admitted.signed_by)
        )


def _bundle(manifest: Manifest, payload: Payload, where: str) -> bytes:
    try:
        bundle = pack(payload)
    except InvalidInput as error:
        raise InvalidInput(error.message, where=where, code=error.code, findings=error.findings) from error
    sizes = [file.size for file in manifest.files]
    real = [len(payload[file.path].data) for file in manifest.files]
    if len(bundle) != manifest.bundle.size or sha256(bundle) != manifest.bundle.sha256 or sizes != real:
        raise NotTrusted(
            "the files do not pack to the bundle that the author signed: "
            f"expected sha256 {manifest.bundle.sha256}, got {sha256(bundle)}",
            where=where,
            code="bad-digest",
        )
    return bundle
