"""A registry in memory: real documents, real signatures, nothing else.

    registry = a_registry()                                     root, moderators, policy
    registry.release("@ann/solar", "1.0.0", {"theme.css": b"…"})     ann, her scope, the release, its admission
    registry.event("@ann/solar", "1.0.0", "yank")
    registry.source()                                           what a client reads

Every document can be changed before it is signed (`change=`, a function that edits the JSON value) and
after (`registry.files` is a dict of the repository's paths). Whoever signs is named by a word
(`"root"`, `"mod"`, `"ann control"`, `"ann signing"`); each word gets its own key, always the same in
the same order of first use. With `demo=False` the keys are none of the published test keys, so that
clients do not take the registry for a demonstration.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from registry_tool.core import canonical, layout
from registry_tool.core.authorities import Authorities, Government, read_authorities, read_government
from registry_tool.core.bundle import pack, rows
from registry_tool.core.catalogue import catalogue
from registry_tool.core.demo_keys import demo_seed
from registry_tool.core.digest import Hex, bare, digest_of, sha256
from registry_tool.core.document import Document
from registry_tool.core.keys import k16, key_text
from registry_tool.core.kind import Kind, Kinds, Reading
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import ArtifactId, parse_artifact
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar, Rule
from registry_tool.core.plan import Plan, PutTree
from registry_tool.core.proof import Proof
from registry_tool.core.published import (
    PublishedTree,
    chain_at,
    entry_point,
    events_at,
    name_record,
    names_in,
    payload_at,
    proof_at,
    registry_chains,
    roots_at,
    scope_chains,
)
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import MemoryTree
from registry_tool.signing.ed25519 import Ed25519Signer, check

Change = Callable[[dict[str, Any]], None] | None  # Any: JSON, edited in place
"""Edits a document's value before it is signed; what it leaves is written as canonical JSON."""

Content = Mapping[str, bytes | PayloadFile]

START = "2026-03-01T12:00:00Z"
A_THEME: Content = {"theme.css": b":root { --color-accent: #b7410e; }\n"}


def as_payload(content: Content) -> Payload:
    """`content` with plain bytes as files that are not executable."""
    return {
        path: file if isinstance(file, PayloadFile) else PayloadFile(file) for path, file in sorted(content.items())
    }


def active(name: str) -> dict[str, Any]:
    """An active row of an owner or member."""
    return {"author": name, "status": "active"}


class RegistryInMemory:
    """The repository of a registry, as a dict of its files that grows."""

    def __init__(self, *, demo: bool = True) -> None:
        self.files: dict[str, bytes] = {}
        self.demo = demo
        self.id = Hex("0" * 64)
        self._hands: dict[str, Ed25519Signer] = {}
        self._seconds = to_seconds(START)

    # Who signs, and when.

    def hand(self, name: str) -> Ed25519Signer:
        """The signer called `name`; a new key at the first call."""
        if name not in self._hands:
            number = len(self._hands)
            hidden = hashlib.sha256(f"a registry of the tests that is no demonstration, key {number}".encode()).digest()
            self._hands[name] = Ed25519Signer(demo_seed(number) if self.demo else hidden)
        return self._hands[name]

    def row(self, name: str, **more: Any) -> dict[str, Any]:
        """An active row with the key of `name`."""
        return {"key": key_text(self.hand(name).key), "status": "active", **more}

    def now(self) -> str:
        """A time one minute after the last one."""
        self._seconds += 60
        return from_seconds(self._seconds)

    def sign(self, path: str, by: Iterable[str]) -> None:
        """Lays the signatures of `by` beside the document at `path`."""
        for name in by:
            signer = self.hand(name)
            self.files[layout.signature_path(path, k16(signer.key))] = signer.sign(self.files[path])

    def document(self, path: str, value: dict[str, Any], by: Iterable[str], change: Change = None) -> str:
        """Writes and signs a document; its digest."""
        if change is not None:
            change(value)
        self.files[path] = canonical.encode(value)
        self.sign(path, by)
        return digest_of(self.files[path])

    # The registry's own chains.

    def root(
        self,
        *,
        keys: Sequence[str] = ("root",),
        threshold: int = 1,
        by: Sequence[str] | None = None,
        change: Change = None,
    ) -> None:
        """The next root metadata, with the keys of `keys`; the first one makes the registry's id."""
        number = len(roots_at(self.tree())) + 1
        listed = {name: _tuf_key(self.hand(name)) for name in (*keys, "targets", "publishing")}
        roles = {
            "root": {"keyids": [_tuf_id(listed[name]) for name in keys], "threshold": threshold},
            "targets": {"keyids": [_tuf_id(listed["targets"])], "threshold": 1},
            "snapshot": {"keyids": [_tuf_id(listed["publishing"])], "threshold": 1},
            "timestamp": {"keyids": [_tuf_id(listed["publishing"])], "threshold": 1},
        }
        signed: dict[str, Any] = {
            "_type": "root",
            "spec_version": "1.0.31",
            "version": number,
            "expires": "2036-01-01T00:00:00Z",
            "consistent_snapshot": True,
            "keys": {_tuf_id(key): key for key in listed.values()},
            "roles": roles,
        }
        if number > 1:
            signed["x-moderators"] = self.head("moderators")
        if change is not None:
            change(signed)
        message = canonical.encode(signed)
        signatures = [
            {"keyid": _tuf_id(_tuf_key(self.hand(name))), "sig": self.hand(name).sign(message).hex()}
            for name in (by if by is not None else keys)
        ]
        data = canonical.encode({"signatures": signatures, "signed": signed})
        self.files[layout.root_path(number)] = data
        if number == 1:
            self.id = sha256(data)

    def head(self, subject: str) -> dict[str, Any]:
        """How `under` names the newest statement of a chain, or the newest root for `root`."""
        if subject == "root":
            found = roots_at(self.tree())
            return {"number": len(found), "sha256": sha256(found[-1])}
        chain = chain_at(self.tree(), subject)
        return {"number": len(chain), "sha256": sha256(chain[-1].data)}

    def statement(
        self,
        subject: str,
        body: Mapping[str, Any],
        *,
        schema: str,
        by: Iterable[str],
        under: Iterable[str],
        change: Change = None,
    ) -> str:
        """Appends a statement to a chain; its digest."""
        chain = chain_at(self.tree(), subject)
        frame = {
            "schema": f"registry.{schema}/1",
            "registry": self.id,
            "subject": subject,
            "number": len(chain) + 1,
            "previous": digest_of(chain[-1].data) if chain else None,
            "mode": "continue",
            "under": {name: self.head(name) for name in under},
        }
        return self.document(layout.statement_path(subject, len(chain) + 1), {**frame, **body}, by, change)

    def moderators(
        self,
        people: Mapping[str, str | None],
        *,
        threshold: int = 1,
        gate: Sequence[str] = (),
        by: Sequence[str] = ("root",),
        under: Sequence[str] = ("root",),
        change: Change = None,
    ) -> str:
        """The next moderators: person and signer of one name, to the author that each is."""
        rows_of = [
            {"id": name, "author": author, "accounts": [], "keys": [self.row(name)]} for name, author in people.items()
        ]
        body = {"people": rows_of, "threshold": threshold, "gate": [self.row(name) for name in gate]}
        return self.statement("moderators", body, schema="moderators", by=by, under=under, change=change)

    def policy(
        self,
        *,
        count: int = 1,
        new_name: int = 1,
        gain: int = 1,
        mode: str = "signed",
        gate_releases: str = "none",
        gate_statements: Sequence[str] = (),
        self_approval: bool = False,
        by: Sequence[str] = ("mod",),
        change: Change = None,
    ) -> str:
        """The next policy."""
        body = {
            "approvals": {"mode": mode, "count": count, "new_name": new_name, "gain": gain},
            "gate": {"releases": gate_releases, "statements": list(gate_statements)},
            "waits": {"new_name": 0, "owner_update": 0, "recover": 86400},
            "self_approval": self_approval,
            "private": False,
            "limits": {},
        }
        return self.statement("policy", body, schema="policy", by=by, under=("moderators",), change=change)

    # Authors and scopes.

    def keyring(
        self,
        author: str,
        rows_: Sequence[Mapping[str, Any]] | None = None,
        *,
        by: Sequence[str] | None = None,
        change: Change = None,
    ) -> str:
        """The next keyring of an author; by default one control and one signing key."""
        control, signing = f"{author} control", f"{author} signing"
        keys = rows_ or [self.row(control, use="control"), self.row(signing, use="signing")]
        return self.statement(
            f"authors/{author}",
            {"keys": [dict(row) for row in keys], "accounts": []},
            schema="keyring",
            by=by if by is not None else (control, signing, "mod"),
            under=("moderators", "policy"),
            change=change,
        )

    def scope(
        self,
        scope: str,
        *,
        owners: Sequence[Mapping[str, Any] | str],
        members: Sequence[Mapping[str, Any] | str] = (),
        by: Sequence[str] | None = None,
        under: Sequence[str] | None = None,
        change: Change = None,
    ) -> str:
        """The next statement of a scope; a text among owners and members is an active row."""
        rows_ = {
            "owners": [active(row) if isinstance(row, str) else dict(row) for row in owners],
            "members": [active(row) if isinstance(row, str) else dict(row) for row in members],
        }
        authors = [str(row["author"]) for family in rows_.values() for row in family]
        return self.statement(
            f"scopes/{scope}",
            {**rows_, "needs": "key", "identities": []},
            schema="scope",
            by=by if by is not None else (*(f"{author} control" for author in authors), "mod"),
            under=under if under is not None else ("moderators", "policy", *(f"authors/{name}" for name in authors)),
            change=change,
        )

    def with_author(self, author: str, *, scope: str | None = None) -> "RegistryInMemory":
        """An author with keys and a scope of their own, where they are not there yet."""
        if not chain_at(self.tree(), f"authors/{author}"):
            self.keyring(author)
        if not chain_at(self.tree(), f"scopes/{scope or author}"):
            self.scope(scope or author, owners=[author])
        return self

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

    def release(self, artifact: str, version: str, content: Content = A_THEME, **more: Any) -> "RegistryInMemory":
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

    def tree(self) -> MemoryTree:
        """The repository's files as they are now."""
        return MemoryTree(self.files)

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
            layout.ENTRY: entry_point(tree, offers=()),
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


def a_registry(*, demo: bool = True, **policy: Any) -> RegistryInMemory:
    """A registry with one root key, one moderator `mod` who publishes nothing, and a policy (`policy` for it)."""
    registry = RegistryInMemory(demo=demo)
    registry.root()
    registry.moderators({"mod": None})
    registry.policy(**policy)
    return registry


class SiteInMemory:
    """The files of a site as a `Source` that counts what was asked of it; every file can be changed."""

    def __init__(self, files: Mapping[str, bytes], *, where: str = "https://registry.example/") -> None:
        self.files = dict(files)
        self.where = where
        self.asked: list[str] = []
        """Every path that was fetched, in order."""
        self.rounds: list[tuple[str, ...]] = []
        """What was asked for together."""

    def fetch(self, path: str, *, limit: int, fresh: bool = False) -> bytes | None:
        """The file at `path`."""
        return self.fetch_all([(path, limit)])[0]

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several files in order."""
        self.asked += [path for path, _ in paths]
        self.rounds.append(tuple(path for path, _ in paths))
        return tuple(self.files.get(path) for path, _ in paths)


def a_kind(name: str = "theme", *, grammar: Grammar | None = None) -> Kind:
    """A kind that installs into `<name>s/<slug>/` and understands anything; for tests that need none of the real ones."""
    return Kind(
        id=name,
        category=f"{name}s",
        title=name.capitalize(),
        summary=f"A {name}.",
        icon="x",
        target=f"{name}s/<slug>/",
        reader=f"{name}/1",
        spec=Document,
        grammar=grammar or Grammar((Rule("network(:(?P<host>[a-z.]+))?", "reach {host}", ("network",), ("net",)),)),
        native=(),
        read=lambda payload, card: Reading(),
        template=lambda artifact: {},
        plan=lambda verified, place: Plan(
            (PutTree(f"{name}s/{place.name or verified.manifest.id.slug}", verified.payload),), seen_by=("everybody",)
        ),
    )


KINDS = Kinds.of([a_kind("theme"), a_kind("plugin")])


def _tuf_key(signer: Ed25519Signer) -> dict[str, Any]:
    return {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": signer.key.hex()}}


def _tuf_id(key: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical.encode(dict(key))).hexdigest()
