"""The log of the test instance, as Rekor's first and second version answer (RFC 6962; C2SP tlog-checkpoint)."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tests.keyless.authority import ECDSA, new_key, public_der


def b64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()


def leaf(data: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\0" + data).digest()


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """The hash of a tree of entries (RFC 6962, 2.1)."""
    if len(leaves) == 1:
        return leaves[0]
    left = _left(len(leaves))
    return hashlib.sha256(b"\1" + tree_hash(leaves[:left]) + tree_hash(leaves[left:])).digest()


def path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from an entry to the tree's hash (RFC 6962, 2.1.1)."""
    if len(leaves) == 1:
        return []
    left = _left(len(leaves))
    if index < left:
        return [*path(index, leaves[:left]), tree_hash(leaves[left:])]
    return [*path(index - left, leaves[left:]), tree_hash(leaves[:left])]


def _left(size: int) -> int:
    """The largest power of two below `size`."""
    half: int = 1 << (size - 1).bit_length() - 1
    return half


@dataclass
class _Tree:
    """Entries, and what the log says of them."""

    origin: str
    id: bytes
    sign: Callable[[bytes], bytes]
    leaves: list[bytes] = field(default_factory=lambda: [leaf(bytes([number])) for number in range(5)])
    """Begins with what others put there."""

    def append(self, body: bytes) -> dict[str, Any]:
        """The proof that `body` is in the tree: index, root, size, hashes as bytes, and the signed checkpoint."""
        self.leaves.append(leaf(body))
        index, size, root = len(self.leaves) - 1, len(self.leaves), tree_hash(self.leaves)
        note = f"{self.origin}\n{size}\n{b64(root)}\n"
        line = f"\N{EM DASH} {self.origin} {b64(self.id[:4] + self.sign(note.encode()))}\n"
        return {
            "index": index,
            "size": size,
            "root": root,
            "hashes": path(index, self.leaves),
            "checkpoint": f"{note}\n{line}",
        }


class FirstRekor:
    """Version 1: promises an entry at a time."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.key: ec.EllipticCurvePrivateKey = new_key()
        self.id = hashlib.sha256(public_der(self.key)).digest()
        self._tree = _Tree("rekor.example", self.id, self._sign)

    def _sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ECDSA)

    def add(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The answer to a proposed entry."""
        body = rfc8785.dumps(entry)
        proof, at = self._tree.append(body), self._now()
        promised = {"body": b64(body), "integratedTime": at, "logID": self.id.hex(), "logIndex": proof["index"]}
        verification = {
            "inclusionProof": {
                "logIndex": proof["index"],
                "rootHash": proof["root"].hex(),
                "treeSize": proof["size"],
                "hashes": [one.hex() for one in proof["hashes"]],
                "checkpoint": proof["checkpoint"],
            },
            "signedEntryTimestamp": b64(self._sign(rfc8785.dumps(promised))),
        }
        return {leaf(body).hex(): {**promised, "verification": verification}}


class SecondRekor:
    """Version 2: keeps no time, so a stamp is needed beside it."""

    origin = "log2026.example"

    def __init__(self) -> None:
        self.key = ed25519.Ed25519PrivateKey.generate()
        named = self.origin.encode() + b"\n\x01" + self.key.public_key().public_bytes_raw()
        self.id = hashlib.sha256(named).digest()
        self._tree = _Tree(self.origin, self.id, self.key.sign)

    def add(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request for a `hashedrekord`."""
        asked = request["hashedRekordRequestV002"]
        data = {"algorithm": "SHA2_256", "digest": asked["digest"]}
        spec = {"hashedRekordV002": {"data": data, "signature": asked["signature"]}}
        body = rfc8785.dumps({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec})
        proof = self._tree.append(body)
        return {
            "logIndex": str(proof["index"]),
            "logId": {"keyId": b64(self.id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": str(proof["index"]),
                "rootHash": b64(proof["root"]),
                "treeSize": str(proof["size"]),
                "hashes": [b64(one) for one in proof["hashes"]],
                "checkpoint": {"envelope": proof["checkpoint"]},
            },
            "canonicalizedBody": b64(body),
        }
