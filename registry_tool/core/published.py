"""What the static site says about a repository's files, as pure functions of the tree.

The build writes these documents, and a clone serves them without a build: the same functions, so
a client cannot tell the two apart and needs one verifier for both.
"""

from collections.abc import Mapping, Sequence

from registry_tool.core import canonical, layout
from registry_tool.core.bundle import pack
from registry_tool.core.catalogue import catalogue
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.keys import SignatureCheck
from registry_tool.core.manifest import read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.people import PeopleFiles, unverified
from registry_tool.core.proof import Proof
from registry_tool.core.status import TREATMENT
from registry_tool.core.stored import (
    admission_of,
    authors_named,
    chain_at,
    events_at,
    hinted_standing,
    hinted_status,
    manifest_signatures,
    names_in,
    payload_at,
    pointer_at,
    proof_at,
    proof_of,
    registry_of,
    roots_at,
    signed_at,
    text_of,
    version_folders,
)
from registry_tool.core.tables import REGISTRY_TABLE, read_registry_table
from registry_tool.core.taken import taken_back, with_hits
from registry_tool.core.targets import targets_text, trusted_root_text
from registry_tool.core.tiers import TIERS_TABLE, read_tiers, tiers_value
from registry_tool.core.tree import Tree

__all__ = [
    "APART_BYTES",
    "PublishedTree",
    "admission_of",
    "authors_named",
    "authors_of",
    "chain_at",
    "events_at",
    "hinted_standing",
    "hinted_status",
    "manifest_signatures",
    "name_record",
    "names_in",
    "payload_at",
    "pointer_at",
    "proof_at",
    "proof_of",
    "registry_chains",
    "registry_of",
    "roots_at",
    "scope_chains",
    "signed_at",
    "text_of",
    "version_folders",
]

APART_BYTES = 20_000
"""Keyrings larger than this lie in a file of their own (part 10)."""


def registry_chains(tree: Tree) -> bytes:
    """`chains/registry.json`."""
    tiers = read_tiers(tree.read(TIERS_TABLE))
    value: dict[str, object] = {
        "roots": [text_of(root, f"root {number}") for number, root in enumerate(roots_at(tree), start=1)],
        "moderators": [source.entry() for source in chain_at(tree, "moderators")],
        "policy": [source.entry() for source in chain_at(tree, "policy")],
        **({"tiers": tiers_value(tiers)} if tiers is not None else {}),
    }
    return canonical.encode(value)


def authors_of(tree: Tree, scope: str) -> tuple[str, ...]:
    """Everybody who ever was owner or member of a scope, or signed for it, sorted."""
    authors: set[str] = set()
    for source in chain_at(tree, f"scopes/{scope}"):
        authors |= authors_named(source, registry=registry_of(tree), what=f"a statement of @{scope}")
    return tuple(sorted(authors))


def scope_chains(tree: Tree, scope: str) -> Mapping[str, bytes]:
    """`chains/scopes/…` and the keyrings that are too large for it, by path; empty for no such scope."""
    entries = chain_at(tree, f"scopes/{scope}")
    if not entries:
        return {}
    files: dict[str, bytes] = {}
    keyrings: dict[str, object] = {}
    for author in authors_of(tree, scope):
        chain = [source.entry() for source in chain_at(tree, f"authors/{author}")]
        alone = canonical.encode({"entries": chain})
        if len(alone) > APART_BYTES:
            files[layout.author_path(author)] = alone
        else:
            keyrings[author] = chain
    files[layout.scope_path(scope)] = canonical.encode(
        {"entries": [source.entry() for source in entries], "keyrings": keyrings}
    )
    return files


def name_record(tree: Tree, artifact: ArtifactId, *, registry: str) -> bytes | None:
    """The per-name file; `None` where nothing of that name was admitted."""
    kind, versions, taken = "", {}, taken_back(tree, artifact.scope)
    for folder in version_folders(tree, artifact):
        proof = proof_at(tree, artifact, folder, registry=registry)
        if proof is None:
            continue
        manifest = read_manifest(proof.manifest, registry=registry)
        events = events_at(tree, artifact, folder)
        kind = manifest.kind
        versions[manifest.version] = {
            "manifest": prefixed(sha256(proof.manifest)),
            "bundle": prefixed(Hex(manifest.bundle.sha256)),
            "size": manifest.bundle.size,
            "evidence": prefixed(sha256(canonical.encode(proof.evidence(registry)))),
            "status": with_hits(hinted_status(events, taken), taken=prefixed(sha256(proof.manifest)) in taken),
            "published": admission_of(proof, registry=registry).at,
            "events": [event.entry() for event in events],
        }
    if not versions:
        return None
    value = {
        "schema": "registry.name/1",
        "registry": registry,
        "artifact": str(artifact),
        "kind": kind,
        "versions": versions,
    }
    return canonical.encode(value)


class PublishedTree:
    """A clone read as if it were its own site: a `Source` over a tree."""

    def __init__(self, tree: Tree, *, where: str, entry: bytes = b"", check: SignatureCheck = unverified) -> None:
        """With `check` what it says of authors and reviews is verified; their readers verify all the rest."""
        self._people = PeopleFiles(tree, check=check)
        self._tree = tree
        self._where = where
        self._entry = entry
        self._registry = registry_of(tree)
        self._objects: dict[str, tuple[ArtifactId, Proof]] = {}

    @property
    def where(self) -> str:
        """Its address, for messages."""
        return self._where

    @property
    def address(self) -> str:
        """The public address that its tables name, with a slash at its end; empty where they name none."""
        return read_registry_table(self._tree.read(REGISTRY_TABLE)).url

    @property
    def official(self) -> tuple[str, ...]:
        """The scopes that its tables call official."""
        return read_registry_table(self._tree.read(REGISTRY_TABLE)).official

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """The bytes that the site would have at `path`."""
        data = self._make(path)
        if data is not None and len(data) > limit:
            raise InvalidInput(f"{path} may have at most {limit} bytes, it has {len(data)}", code="too-large")
        return data

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several paths in order."""
        return tuple(self.fetch(path, limit=limit) for path, limit in paths)

    def _make(self, path: str) -> bytes | None:
        if path == layout.REGISTRY_CHAINS:
            return registry_chains(self._tree)
        if path == layout.CATALOGUE:
            return catalogue(self._tree, self._people)
        if path == layout.ENTRY:
            return self._entry or None
        if path == layout.TRUST_TARGETS:
            return targets_text(self._tree)
        if path == layout.TRUSTED_ROOT:
            return trusted_root_text(self._tree)
        parts = path.split("/")
        if path.startswith("objects/sha256/"):
            return self._object(parts[-1])
        if path.startswith("chains/scopes/"):
            return scope_chains(self._tree, parts[-1].removesuffix(".json")).get(path)
        if path.startswith("chains/authors/"):
            chain = chain_at(self._tree, f"authors/{parts[-1].removesuffix('.json')}")
            return canonical.encode({"entries": [source.entry() for source in chain]}) if chain else None
        if path.startswith("index/") and len(parts) == 4:
            return self._name(ArtifactId(parts[2], parts[3].removesuffix(".json")))  # type: ignore[arg-type]  # looked up, not trusted
        return self._people.file(path)

    def _name(self, artifact: ArtifactId) -> bytes | None:
        taken = taken_back(self._tree, artifact.scope)
        for folder in version_folders(self._tree, artifact):
            proof = proof_at(self._tree, artifact, folder, registry=self._registry)
            if proof is not None:
                manifest = read_manifest(proof.manifest, registry=self._registry)
                evidence = sha256(canonical.encode(proof.evidence(self._registry)))
                # Nobody serves the files of a withheld release, and they may be gone.
                status = hinted_status(events_at(self._tree, artifact, folder), taken)
                served = TREATMENT[status].bundle
                for digest in (sha256(proof.manifest), evidence, *((manifest.bundle.sha256,) if served else ())):
                    self._objects[digest] = (artifact, proof)
        return name_record(self._tree, artifact, registry=self._registry)

    def _object(self, digest: str) -> bytes | None:
        if digest not in self._objects:
            return None
        artifact, proof = self._objects[digest]
        if sha256(proof.manifest) == digest:
            return proof.manifest
        evidence = canonical.encode(proof.evidence(self._registry))
        if sha256(evidence) == digest:
            return evidence
        return pack(payload_at(self._tree, artifact, read_manifest(proof.manifest, registry=self._registry)))
