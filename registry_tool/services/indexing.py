"""A name's releases, verified as every client verifies them, as the values that feeds are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry_tool.core import canonical, layout
from registry_tool.core.authorities import Authorities, Government, read_authorities
from registry_tool.core.bundle import pack
from registry_tool.core.chains import Chain, SignedBytes
from registry_tool.core.demo_keys import is_demonstration
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted
from registry_tool.core.index import AuthorSignature, EventNote, Name, Release
from registry_tool.core.keys import K16, PublicKey
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Payload
from registry_tool.core.proof import Proof
from registry_tool.core.published import (
    admission_of,
    authors_of,
    chain_at,
    events_at,
    payload_at,
    pointer_at,
    proof_at,
    proof_of,
    version_folders,
)
from registry_tool.core.release import Pointer
from registry_tool.core.standing import trusting_at
from registry_tool.core.statements import Keyring
from registry_tool.core.status import TREATMENT, Standing, read_events
from registry_tool.core.taken import with_hits
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
    for author, chain in found.keyrings.items():
        real_keys(author, chain, government)
    return found


def real_keys(author: str, keyring: Chain[Keyring], government: Government) -> None:
    """Refuses a keyring with a published test key, except in a demonstration."""
    rows = (row.raw for link in keyring.links for row in link.body.keys)
    if not government.demonstration and is_demonstration(rows):
        raise NotTrusted(
            f"{author} has a published test key, with which anybody can sign",
            where=layout.chain_folder(f"authors/{author}"),
            code="demo-key",
        )


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
    3. The files pack to the bundle that the author signed; those of a withheld release are not looked at.
    4. The events are signed by somebody who may; they give the status.

    Raises `NotTrusted`, `InvalidInput`, and says which version it is about.
    """
    tree = _Remembering(tree)
    releases: list[Release] = []
    left_out: list[str] = []
    record: dict[str, object] = {}
    reader = _Reader(tree, artifact, authorities, trusting_at(tree, authorities.government, means=means))
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
        # What a statement takes back verifies no more, on purpose: it is shown as revoked, and clients refuse it.
        taken = prefixed(sha256(proof.manifest)) in self._authorities.taken_back
        admitted = self._taken(proof) if taken else self._admitted(proof, version, kind)
        manifest = admitted.manifest
        events, standing, notes = self._events(folder, version)
        status = with_hits(standing.status, taken=taken)
        # Withheld files are a known absence: they are never looked at, so the site is the same with and without them.
        withheld = not TREATMENT[status].bundle
        payload = {} if withheld else payload_at(self._tree, self._artifact, manifest)
        release = Release(
            manifest=manifest,
            proof=proof,
            evidence=canonical.encode(proof.evidence(registry)),
            payload=payload,
            bundle=b"" if withheld else _bundle(manifest, payload, where),
            status=status,
            events=notes,
            admitted=summary(admitted),
            gained=admitted.admission.gained,
            signatures=self._signatures(admitted, proof),
            identities=admitted.identities,
        )
        return release, events

    def _admitted(self, proof: Proof, version: str, kind: str | None) -> Admitted:
        wanted = Wanted(str(self._artifact), version, kind)
        return verify_admission(proof, wanted, self._authorities, means=self._means, lookup=self._lookup)

    def _taken(self, proof: Proof) -> Admitted:
        registry = self._authorities.registry
        manifest, admission = read_manifest(proof.manifest, registry=registry), admission_of(proof, registry=registry)
        return Admitted(manifest, admission, "nobody any more", min(proof.admission.signatures), (), ())

    def _events(self, folder: str, version: str) -> tuple[tuple[SignedBytes, ...], Standing, tuple[EventNote, ...]]:
        sources = events_at(self._tree, self._artifact, folder)
        _without_gap(self._tree, f"{layout.version_folder(self._artifact, folder)}/events", len(sources))
        told = read_events(
            sources,
            artifact=str(self._artifact),
            version=version,
            authorities=self._authorities,
            check=self._means.check,
        )
        notes = tuple(
            EventNote(one.action, one.reason, one.note, one.at, digest, one.lifts) for digest, one in told.counting
        )
        return sources, told.standing, notes

    def _lookup(self, version: str) -> Compared:
        folder = parse_version(version).folder
        proof = proof_at(self._tree, self._artifact, folder, registry=self._authorities.registry)
        if proof is None:
            raise NotFound(f"there is no release {self._artifact}@{version}")
        standing = self._events(folder, version)[1]
        return Compared(proof, standing.status, standing.since)

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
