"""The chains of a registry in memory: keys by name, roots, moderators, policy, keyrings, scopes."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

from registry_tool.core import canonical, layout
from registry_tool.core.demo_keys import demo_seed
from registry_tool.core.digest import Hex, digest_of, sha256
from registry_tool.core.keys import k16, key_text
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.published import (
    chain_at,
    roots_at,
)
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import MemoryTree
from registry_tool.signing.ed25519 import Ed25519Signer

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


class Chains:
    """The chains of a registry, in a dict of its repository's files that grows."""

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
            self._hands[name] = Ed25519Signer(self._seed(len(self._hands)))
        return self._hands[name]

    def seed(self, name: str) -> bytes:
        """The private key of `name`."""
        key = self.hand(name).key
        return next(seed for seed in map(self._seed, range(len(self._hands))) if Ed25519Signer(seed).key == key)

    def _seed(self, number: int) -> bytes:
        hidden = hashlib.sha256(f"a registry of the tests that is no demonstration, key {number}".encode()).digest()
        return demo_seed(number) if self.demo else hidden

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
        by: Sequence[str] | None = None,
        under: Sequence[str] = ("root",),
        change: Change = None,
    ) -> str:
        """The next moderators: person and signer of one name, to the author that each is.

        By default the root and all of these people sign.
        """
        rows_of = [
            {"id": name, "author": author, "accounts": [], "keys": [self.row(name)]} for name, author in people.items()
        ]
        body = {"people": rows_of, "threshold": threshold, "gate": [self.row(name) for name in gate]}
        signers = ("root", *people) if by is None else by
        return self.statement("moderators", body, schema="moderators", by=signers, under=under, change=change)

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

    def with_author(self, author: str, *, scope: str | None = None) -> Self:
        """An author with keys and a scope of their own, where they are not there yet."""
        if not chain_at(self.tree(), f"authors/{author}"):
            self.keyring(author)
        if not chain_at(self.tree(), f"scopes/{scope or author}"):
            self.scope(scope or author, owners=[author])
        return self

    def tree(self) -> MemoryTree:
        """The repository's files as they are now."""
        return MemoryTree(self.files)


def _tuf_key(signer: Ed25519Signer) -> dict[str, Any]:
    return {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": signer.key.hex()}}


def _tuf_id(key: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical.encode(dict(key))).hexdigest()
