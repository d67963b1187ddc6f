"""Releases, admissions and events of a registry in memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from registry_tool.core import canonical, layout
from registry_tool.core.authorities import Authorities, Government, read_authorities, read_government
from registry_tool.core.bundle import pack, rows
from registry_tool.core.catalogue import catalogue
from registry_tool.core.digest import bare, digest_of, sha256
from registry_tool.core.keys import k16
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import ArtifactId, parse_artifact
from registry_tool.core.proof import Proof
from registry_tool.core.published import (
    PublishedTree,
    chain_at,
    events_at,
    name_record,
    names_in,
    payload_at,
    proof_at,
    registry_chains,
    roots_at,
    scope_chains,
)
from registry_tool.signing.ed25519 import check
from tests.building_chains import A_THEME, Chains, Change, Content, as_payload


class RegistryInMemory(Chains):
    """The repository of a registry: chains, releases, events, and what clients see of it."""

    # Releases.

    def publish(
        self,
        artifact: str,
        version: str,
        content: Content = A_THEME,
        *,
        kind: str = "theme",
        author: str | None = None,
        by: Sequence[str] | None = None,
        spec: Mapping[str, Any] | None = None,
        permissions: Sequence[str] = (),
        dependencies: Mapping[str, str] | None = None,
        title: str = "",
        description: str = "",
        tags: Sequence[str] = (),
        change: Change = None,
    ) -> str:
        """A signed release that nobody admitted; its manifest's digest."""
        name, payload = parse_artifact(artifact), as_payload(content)
        author = author or name.scope
        self.with_author(author, scope=name.scope)
        bundle = pack(payload)
        value: dict[str, Any] = {
            "schema": "registry.manifest/1",
            "registry": self.id,
            "kind": kind,
            "scope": name.scope,
            "name": name.name,
            "version": version,
            "author": author,
            "visibility": "public",
            "title": title or name.name.capitalize(),
            "description": description or f"A {kind} for tests.",
            "license": "MIT",
            "tags": sorted(tags),
            "links": {},
            "permissions": sorted(permissions),
            "requires": {},
            "dependencies": dict(dependencies or {}),
            "pins": [],
            "files": [
                {"path": row.path, "sha256": row.sha256, "size": row.size, "executable": row.executable}
                for row in rows(payload)
            ],
            "bundle": {"format": "bundle/1", "sha256": sha256(bundle), "size": len(bundle)},
            "reader": f"{kind}/1",
            "spec": dict(spec or {}),
        }
        if change is not None:
            change(value)
        data = canonical.encode(value)
        for file in payload.values():
            self.files[layout.blob_path(name, sha256(file.data))] = file.data
        blob = layout.blob_path(name, sha256(data))
        self.files[blob] = data
        for signer in (self.hand(hand) for hand in (by if by is not None else (f"{author} signing",))):
            self.files[f"{blob}.{k16(signer.key)}.sig"] = signer.sign(data)
        pointer = {
            "schema": "registry.release/1",
            "registry": self.id,
            "artifact": artifact,
            "version": version,
            "manifest": digest_of(data),
        }
        self.files[f"{layout.version_folder(name, version)}/release.json"] = canonical.encode(pointer)
        return digest_of(data)

    def approve(self, artifact: str, version: str, by: str, *, at: str | None = None, change: Change = None) -> str:
        """One person's approval; its digest, for `admit`."""
        value = {
            "schema": "registry.approval/1",
            "registry": self.id,
            "artifact": artifact,
            "version": version,
            "manifest": self._pointed(artifact, version),
            "under": {"moderators": self.head("moderators")},
            "verdict": "approve",
            "note": "",
            "at": at or self.now(),
        }
        folder = layout.version_folder(parse_artifact(artifact), version)
        return self.document(f"{folder}/approvals/{by}.json", value, (by,), change)

    def admit(
        self,
        artifact: str,
        version: str,
        *,
        by: Sequence[str] = ("mod",),
        at: str | None = None,
        compared: str | None = None,
        gained: Sequence[str] = (),
        path: str = "person",
        approvals: Sequence[str | Mapping[str, Any]] = (),
        change: Change = None,
    ) -> str:
        """The admission of a published release; its digest."""
        name = parse_artifact(artifact)
        manifest = self.manifest(artifact, version)
        blob = layout.blob_path(name, bare(self._pointed(artifact, version)))  # type: ignore[arg-type]  # a digest
        beside = {
            file.removeprefix(f"{blob}."): data for file, data in self.files.items() if file.startswith(f"{blob}.")
        }
        chains = ("moderators", "policy", f"authors/{manifest.author}", f"scopes/{name.scope}")
        value = {
            "schema": "registry.admission/1",
            "registry": self.id,
            "artifact": artifact,
            "version": version,
            "manifest": self._pointed(artifact, version),
            "signatures": [{"file": file, "sha256": sha256(beside[file])} for file in sorted(beside)],
            "under": {chain: self.head(chain) for chain in chains},
            "compared": compared,
            "gained": list(gained),
            "path": path,
            "approvals": list(approvals),
            "note": "read it",
            "at": at or self.now(),
        }
        return self.document(f"{layout.version_folder(name, version)}/admission.json", value, by, change)

    def release(self, artifact: str, version: str, content: Content = A_THEME, **more: Any) -> Self:
        """A release that was published (with `more` for `publish`) and admitted."""
        self.publish(artifact, version, content, **more)
        self.admit(artifact, version)
        return self

    def event(
        self,
        artifact: str,
        version: str,
        action: str,
        *,
        by: Sequence[str] | None = None,
        lifts: str | None = None,
        reason: str = "broken",
        at: str | None = None,
        change: Change = None,
    ) -> str:
        """The next event of a release, signed by its author or, for the graver ones, by `mod`; its digest."""
        name = parse_artifact(artifact)
        author = self.manifest(artifact, version).author
        folder = f"{layout.version_folder(name, version)}/events"
        before = events_at(self.tree(), name, version)
        publisher = action in ("yank", "deprecate", "restore")
        value: dict[str, Any] = {
            "schema": "registry.event/1",
            "registry": self.id,
            "subject": f"{artifact}@{version}",
            "number": len(before) + 1,
            "previous": digest_of(before[-1].data) if before else None,
            "mode": "continue",
            "under": {chain: self.head(chain) for chain in ("moderators", f"authors/{author}", f"scopes/{name.scope}")},
            "action": action,
            "reason": reason,
            "note": "",
            "at": at or self.now(),
            **({"lifts": lifts} if lifts else {}),
        }
        signers = by if by is not None else ((f"{author} signing",) if publisher else ("mod",))
        return self.document(f"{folder}/{len(before) + 1}.json", value, signers, change)

    # What others see of it.

    def source(self, where: str = "memory") -> PublishedTree:
        """The registry as clients read it, as it is now."""
        return PublishedTree(self.tree(), where=where)

    def manifest(self, artifact: str, version: str) -> Manifest:
        """A release's manifest."""
        blob = layout.blob_path(parse_artifact(artifact), bare(self._pointed(artifact, version)))  # type: ignore[arg-type]  # a digest
        return read_manifest(self.files[blob], registry=self.id)

    def proof(self, artifact: str, version: str) -> Proof:
        """Everything signed about an admitted release."""
        found = proof_at(self.tree(), parse_artifact(artifact), version, registry=self.id)
        assert found is not None
        return found

    def bundle(self, artifact: str, version: str) -> bytes:
        """A release's bundle."""
        return pack(payload_at(self.tree(), parse_artifact(artifact), self.manifest(artifact, version)))

    def government(self) -> Government:
        """Root, moderators and policy, verified."""
        tree = self.tree()
        chains = chain_at(tree, "moderators"), chain_at(tree, "policy")
        return read_government(roots_at(tree), *chains, registry=self.id, check=check)

    def authorities(self, scope: str, *authors: str) -> Authorities:
        """A scope and its keyrings, verified; `authors` defaults to the one called as the scope."""
        tree = self.tree()
        keyrings = {author: chain_at(tree, f"authors/{author}") for author in authors or (scope,)}
        return read_authorities(self.government(), scope, chain_at(tree, f"scopes/{scope}"), keyrings, check=check)

    def site(self) -> dict[str, bytes]:
        """The files of the static site that clients read; no feeds, no gallery."""
        tree = self.tree()
        site = {
            layout.REGISTRY_CHAINS: registry_chains(tree),
            layout.CATALOGUE: catalogue(tree),
        }
        for name in names_in(tree):
            record = name_record(tree, name, registry=self.id)
            if record is None:
                continue
            site[layout.name_path(name)] = record
            site.update(scope_chains(tree, name.scope))
            site.update(self._objects(name))
        return site

    def _objects(self, name: ArtifactId) -> dict[str, bytes]:
        record = canonical.parse(self.site_record(name), limit=10**6, what="the record")
        objects: dict[str, bytes] = {}
        for version in record["versions"]:
            proof = self.proof(str(name), version)
            evidence = canonical.encode(proof.evidence(self.id))
            for data in (proof.manifest, evidence, self.bundle(str(name), version)):
                objects[layout.object_path(sha256(data))] = data
        return objects

    def site_record(self, name: ArtifactId) -> bytes:
        """The per-name file."""
        record = name_record(self.tree(), name, registry=self.id)
        assert record is not None
        return record

    def _pointed(self, artifact: str, version: str) -> str:
        folder = layout.version_folder(parse_artifact(artifact), version)
        pointer = canonical.parse(self.files[f"{folder}/release.json"], limit=10**6, what="the pointer")
        return str(pointer["manifest"])
