"""Ed25519 public keys: their ids, and the ones that nobody may use.

A key id is the SHA-256 of the 32 raw bytes; a reference is its first 16 hex digits. A key that is
not canonical or of small order verifies signatures that nobody made (RFC 8032 part 5.1.7 leaves
this to the caller; Chalkias and others, "Taming the many EdDSAs", 2020), so it is refused wherever
it is met, not only when it joins.
"""

import base64
import binascii
from functools import lru_cache
from typing import NewType, Protocol

from registry_tool.core.digest import Hex, sha256
from registry_tool.core.errors import InvalidInput

PublicKey = NewType("PublicKey", bytes)
"""32 raw bytes of a key that may be used."""

K16 = NewType("K16", str)
"""First 16 hex digits of a key id."""

_P = 2**255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P
# y of the points whose order divides 8: 0 (order 4), 1 (identity), p-1 (order 2), and two of order 8.
_Y8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})


class SignatureCheck(Protocol):
    """Ed25519 verification, given to whoever verifies."""

    def __call__(self, key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (64 bytes) by `key` (32 bytes) over `message` holds."""
        ...

    def __hash__(self) -> int:
        """What was verified with it may be kept."""
        ...


class Signer(Protocol):
    """Somebody who can sign."""

    @property
    def key(self) -> PublicKey:
        """The public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes: plain Ed25519 over `message`."""
        ...


def key_id(key: bytes) -> Hex:
    """The key's id: hex SHA-256 of its 32 raw bytes."""
    return sha256(key)


@lru_cache(maxsize=4096)
def k16(key: bytes) -> K16:
    """The short reference to a key."""
    return K16(key_id(key)[:16])


def key_text(key: bytes) -> str:
    """A key as documents write it: standard base64 of its 32 bytes."""
    return base64.b64encode(key).decode("ascii")


@lru_cache(maxsize=4096)
def parse_key(text: str) -> PublicKey:
    """The key that `text` (standard base64) holds; `InvalidInput` where it may not be used."""
    return usable_key(joined_key(text))


def joined_key(text: str) -> PublicKey:
    """The same for a key that joined earlier: whether it may be used was asked then, which takes a hundred times
    as long as reading it.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"a public key is standard base64 of 32 bytes, {text!r} is not", code="bad-key") from error
    if key_text(raw) != text:
        raise InvalidInput(f"a public key is written in one way only, {text!r} is another", code="bad-key")
    return PublicKey(raw)


@lru_cache(maxsize=4096)
def usable_key(raw: bytes) -> PublicKey:
    """`raw` as a key that may be used.

    Raises `InvalidInput` (`bad-key`) for another length than 32, an encoding that is not canonical
    (y at or above p, RFC 8032 part 5.1.3), a point off the curve, and a point of small order.
    """
    if len(raw) != 32:
        raise InvalidInput(f"a public key has 32 bytes, this one has {len(raw)}", code="bad-key")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        raise InvalidInput("the public key is not canonical (RFC 8032 part 5.1.3)", code="bad-key")
    if y in _SMALL_ORDER_Y:
        raise InvalidInput("the public key is of small order: anybody could sign for it", code="bad-key")
    # x^2 = (y^2 - 1) / (d y^2 + 1) must be a square (Euler's criterion).
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if pow(square, (_P - 1) // 2, _P) != 1:
        raise InvalidInput("the public key is not a point of the curve", code="bad-key")
    return PublicKey(raw)
