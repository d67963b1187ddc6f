"""Ed25519 signatures (RFC 8032), made and checked by libsodium."""

from typing import Final

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from registry_tool.core.errors import InvalidInput
from registry_tool.core.keys import PublicKey, usable_key

SEED_BYTES: Final = 32  # RFC 8032 part 5.1.5: the private key
SIGNATURE_BYTES: Final = 64  # RFC 8032 part 5.1.6


def check(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` by `key` over `message` holds; a `core.keys.SignatureCheck`.

    Never raises: a key that may not be used (`usable_key`), another length and a wrong signature
    are all `False`. A signature whose second half is not below the group's order is refused
    (RFC 8032 part 5.1.7), so nobody can make a second signature from a good one.
    """
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        VerifyKey(usable_key(key)).verify(message, signature)
    except (InvalidInput, CryptoError):
        return False
    return True


class Ed25519Signer:
    """A private key; a `core.keys.Signer`."""

    __slots__ = ("_key", "_private")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise InvalidInput(f"a private key has {SEED_BYTES} bytes, this one has {len(seed)}", code="bad-key")
        self._private = SigningKey(seed)
        self._key = usable_key(bytes(self._private.verify_key))

    @property
    def key(self) -> PublicKey:
        """The public key."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """64 bytes: plain Ed25519 over `message`; the same message gives the same bytes."""
        return self._private.sign(message).signature

    def __repr__(self) -> str:
        """The public half only: a private key must not end up in a message or a log."""
        return f"Ed25519Signer(key={self._key.hex()})"


def generate(seed: bytes) -> Ed25519Signer:
    """The signer that `seed` makes: 32 bytes from the system's random source, which only `wiring.py` knows.

    `InvalidInput` (`bad-key`) for another length.
    """
    return Ed25519Signer(seed)
