"""Keys that lie elsewhere: in a file of another tool, a token, a cloud's key service.

An address is one of securesystemslib: `file2:PATH`, `hsm:…`, `awskms:…`, `gcpkms:…`, `azurekms:…`. What a
key service needs besides is its own library.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.keys import PublicKey
from registry_tool.core.quoting import quoted

if TYPE_CHECKING:
    from securesystemslib.signer import Signer as Foreign

_PROBE: Final = b"registry-tool asks whether this is the key"
"""What is signed to try a key; it begins like no document and no metadata."""


class AddressedSigner:
    """The key at an address as a `core.keys.Signer`."""

    def __init__(self, key: PublicKey, foreign: "Foreign") -> None:
        self._key = key
        self._foreign = foreign

    @property
    def key(self) -> PublicKey:
        """The public key."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """64 bytes; `NotFound` (`key-missing`) where the key does not answer."""
        try:
            return bytes.fromhex(self._foreign.sign(message).signature)
        except Exception as error:  # each key service raises errors of its own library
            raise NotFound(f"the key does not sign: {error}", code="key-missing") from error


def signer_at(address: str, public: PublicKey, *, secret: Callable[[str], str] | None = None) -> AddressedSigner:
    """The signer at `address`, which signs as `public`: it was tried.

    `secret` gives what a token asks for, as its PIN. Raises `InvalidInput` for an address of no known
    form (`bad-address`) and for another key (`other-key`), `NotFound` (`key-missing`) where nothing
    answers there.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from securesystemslib.exceptions import KeyMismatchError, UnverifiedSignatureError
    from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, Signature, Signer, SSlibKey

    scheme = address.partition(":")[0]
    if scheme not in SIGNER_FOR_URI_SCHEME:
        known = ", ".join(f"{name}:" for name in sorted(SIGNER_FOR_URI_SCHEME))
        raise InvalidInput(f"{quoted(address)} is no address of a key", code="bad-address", hint=f"known are {known}")
    key = SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(public))
    hint = f"is the key there, and the library that {scheme}: needs installed?"
    try:
        signer = AddressedSigner(public, Signer.from_priv_key_uri(address, key, secret))
        signature = signer.sign(_PROBE)
    except KeyMismatchError as error:
        raise _other(address) from error
    except Exception as error:  # as above
        raise NotFound(f"no key answers at {quoted(address)}: {error}", code="key-missing", hint=hint) from error
    try:
        key.verify_signature(Signature(key.keyid, signature.hex()), _PROBE)
    except UnverifiedSignatureError as error:
        raise _other(address) from error
    return signer


def _other(address: str) -> InvalidInput:
    message = f"the key at {quoted(address)} is another one than is needed"
    return InvalidInput(message, code="other-key", hint="name the address of the right one")
