"""Keys that are elsewhere, stood in for: so that a look at a folder says what its submission will be told.

A job in CI has no keys, and neither has whoever only looks. A stand-in signs with marks that the same look believes
and nobody else does: nothing of it is ever sent.
"""

import hashlib

from registry_tool.core.heads import newest
from registry_tool.core.keys import PublicKey, SignatureCheck, Signer
from registry_tool.core.ports import Keys
from registry_tool.core.published import registry_of
from registry_tool.core.statements import Keyring
from registry_tool.core.tree import Tree


class StandIns:
    """`Keys` that has, for every author of the registry at `tip`, what the registry lists as active."""

    def __init__(self, kept: Keys, tip: Tree, *, check: SignatureCheck) -> None:
        self._kept = kept
        self._tip = tip
        self._check = check
        self._made: set[bytes] = set()

    def find(self, owner: str, use: str) -> Signer | None:
        """A key that the registry lists as active: the person's own, else one that stands in for it."""
        body = newest(self._tip, f"authors/{owner}", Keyring, registry=registry_of(self._tip))
        active = [row.raw for row in body.keys if row.active and row.use == use] if body else []
        own = next((one for one in self._kept.every(owner, use) if one.key in active), None)
        if own is not None or not active:
            return own or self._kept.find(owner, use)
        return _StandIn(active[0], self._made)

    def make(self, owner: str, use: str) -> Signer:
        """A new key."""
        return self._kept.make(owner, use)

    def every(self, owner: str, use: str) -> tuple[Signer, ...]:
        """The person's own."""
        return self._kept.every(owner, use)

    def another(self, owner: str, use: str) -> Signer:
        """A new key beside the others."""
        return self._kept.another(owner, use)

    def check(self, key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether a signature holds, or was made here by a stand-in for `key`."""
        ours = signature in self._made and signature == _mark(key, message)
        return ours or self._check(key, message, signature)


class _StandIn:
    """A `Signer` whose private half is elsewhere."""

    def __init__(self, key: PublicKey, made: set[bytes]) -> None:
        self._key = key
        self._made = made

    @property
    def key(self) -> PublicKey:
        """The public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """A mark as long as a signature."""
        self._made.add(_mark(self._key, message))
        return _mark(self._key, message)


def _mark(key: bytes, message: bytes) -> bytes:
    return hashlib.sha512(b"registry: a stand-in\0" + key + message).digest()
