"""Keyless verification, offline, under a trust root that somebody else vouches for.

The library proves that the certificate comes from the trust root's authority, that the log holds the
signature, and that the certificate was good when the log, or a time stamp, saw it. Who may sign is
decided in `core/identity.py`, from the claims that come out here. Nothing here asks a network.
"""

import base64
import datetime as dt
import json
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import (
    Certificate,
    DuplicateExtension,
    ExtensionNotFound,
    ObjectIdentifier,
    OtherName,
    RFC822Name,
    SubjectAlternativeName,
    UniformResourceIdentifier,
    UnrecognizedExtension,
)
from sigstore.errors import Error
from sigstore.models import Bundle, ClientTrustConfig
from sigstore.verify import Verifier

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.identity import BUNDLE_BYTES, SUBJECT_CHARACTERS, Claims, Identify, not_ahead
from registry_tool.core.ports import Clock
from registry_tool.core.quoting import quoted

_FULCIO: Final = "1.3.6.1.4.1.57264.1."
"""Where the authority's extensions begin (Fulcio, docs/oid-info.md)."""
_ISSUER_RAW: Final = _FULCIO + "1"
_ISSUER: Final = _FULCIO + "8"
_USER_NAME: Final = _FULCIO + "7"
_REPOSITORY: Final = _FULCIO + "12"
_REPOSITORY_ID: Final = _FULCIO + "15"
_OWNER_ID: Final = _FULCIO + "17"
_UTF8_STRING: Final = 0x0C  # X.690, part 8.23

_FAULTS: Final = (
    Error,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    OSError,
    InvalidSignature,
    UnsupportedAlgorithm,
    DuplicateExtension,
    ExtensionNotFound,
)
"""What the library raises for damaged bundles: its own errors, and whatever its readers leak."""


_CONFIG: Final = {
    "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
    "signingConfig": {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"},
}
"""What stands around a trust root where the library reads one; nothing is signed with it."""


class _Timed(Protocol):
    """A time that the library established."""

    @property
    def time(self) -> dt.datetime:
        """When."""
        ...


def identifier(trusted_root: bytes, *, now: Clock) -> Identify:
    """An `Identify` under the trust root with these bytes; raises `InvalidInput` at its first use for no trust root."""
    return lambda bundle, message: verify(bundle, message, trusted_root, now())


def verify(bundle: bytes, message: bytes, trusted_root: bytes, now: int) -> Claims:
    """Who signed `message` and when, as `bundle` proves under `trusted_root`.

    1. The bundle is of bounded size, is JSON, and is one that the library reads.
    2. The library verifies it: certificate, log, time, signature.
    3. Every time that counts lies at most ten minutes after `now`, seconds since 1970: the library asks
       for none of that.
    4. The certificate says one subject and one issuer.

    Raises `NotTrusted`; `InvalidInput` where the trust root is none.
    """
    verifier, logs = _verifier(trusted_root)
    # (1)
    read = _read(bundle)
    # (2)
    try:
        verifier.verify_artifact(message, read, _RefusesNobody())
        established: list[_Timed] = list(verifier._establish_time(read))  # noqa: SLF001  # nobody else tells when
    except _FAULTS as error:
        raise _refused(error, read, logs) from error
    times = [int(one.time.timestamp()) for one in established]
    # (3)
    for at in times:
        not_ahead(at, now, "it")
    # (4)
    try:
        return claims_of(read.signing_certificate, min(times))
    except _FAULTS as error:
        fault = f"the certificate of a keyless signature is odd: {_short(error)}"
        raise NotTrusted(fault, code="bad-keyless") from error


class _RefusesNobody:
    """A policy that refuses nobody: who may sign is decided elsewhere, with more than a certificate."""

    def verify(self, cert: Certificate) -> None:
        """Agrees."""


@lru_cache(maxsize=4)
def _verifier(trusted_root: bytes) -> tuple[Verifier, frozenset[str]]:
    """The verifier under a trust root, and the ids of the logs that it believes."""
    if len(trusted_root) > limits.ROOT_BYTES:
        raise InvalidInput(f"a sigstore trust root has at most {limits.ROOT_BYTES} bytes", code="too-large")
    try:
        root = json.loads(trusted_root)
        # The one way of the library to a trust root that is not a file.
        config = ClientTrustConfig.from_json(json.dumps({**_CONFIG, "trustedRoot": root}))
        return Verifier(trusted_root=config.trusted_root), frozenset(log["logId"]["keyId"] for log in root["tlogs"])
    except _FAULTS as error:
        raise InvalidInput(
            f"the sigstore trust root cannot be read: {_short(error)}",
            code="bad-trust-root",
            hint="the operator signs another one with `registry trust rotate --trusted-root FILE`",
        ) from error


def _read(bundle: bytes) -> Bundle:
    if len(bundle) > BUNDLE_BYTES:
        raise NotTrusted(
            f"a keyless signature has at most {BUNDLE_BYTES} bytes, this one {len(bundle)}", code="too-large"
        )
    try:
        return Bundle.from_json(bundle)
    except _FAULTS as error:
        raise NotTrusted(
            f"the keyless signature is no sigstore bundle: {_short(error)}",
            code="bad-keyless",
            hint="sign again with `registry publish`",
        ) from error


def _refused(error: BaseException, bundle: Bundle, logs: frozenset[str]) -> NotTrusted:
    """Why a bundle was refused, and that the trust root may be old where the log is none of its own."""
    own = bundle.log_entry._inner.log_id.key_id  # noqa: SLF001  # the library has no other way to it
    unknown = base64.b64encode(own).decode("ascii") not in logs
    hint = (
        "the trust root may be old: the operator brings a newer one with `registry trust rotate --trusted-root FILE`"
        if unknown
        else "do not install it"
    )
    return NotTrusted(f"the keyless signature does not hold: {_short(error)}", code="bad-keyless", hint=hint)


def _short(error: BaseException) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return quoted(words[:200])


# The certificate.


def claims_of(certificate: Certificate, at: int) -> Claims:
    """What a certificate says of who signed at `at`; raises `ValueError` where it says that not or twice."""
    raw = _extension(certificate, _ISSUER_RAW)
    old = raw.decode("utf-8") if raw is not None else ""
    issuer = _text(certificate, _ISSUER) or old
    if not issuer or (old and old != issuer):
        raise ValueError("it does not say one issuer")
    return Claims(
        issuer=_plain(issuer),
        subject=_plain(_subject(certificate)),
        repository_id=_number(certificate, _REPOSITORY_ID),
        owner_id=_number(certificate, _OWNER_ID),
        repository=_text(certificate, _REPOSITORY),
        at=at,
    )


def _subject(certificate: Certificate) -> str:
    """The one name that the certificate is for."""
    names = list(certificate.extensions.get_extension_for_class(SubjectAlternativeName).value)
    if len(names) != 1:
        raise ValueError(f"it is for {len(names)} names, and not for one")
    match names[0]:
        case UniformResourceIdentifier(value=value) | RFC822Name(value=value):
            return str(value)
        case OtherName(type_id=kind, value=value) if kind.dotted_string == _USER_NAME:
            return _utf8_string(value)
        case _:
            raise ValueError("it is for no address")


def _plain(text: str) -> str:
    if not text or len(text) > SUBJECT_CHARACTERS or not text.isprintable():
        raise ValueError("a name in it is empty, too long or not printable")
    return text


def _extension(certificate: Certificate, oid: str) -> bytes | None:
    try:
        value = certificate.extensions.get_extension_for_oid(ObjectIdentifier(oid)).value
    except ExtensionNotFound:
        return None
    return value.value if isinstance(value, UnrecognizedExtension) else None


def _text(certificate: Certificate, oid: str) -> str:
    value = _extension(certificate, oid)
    return "" if value is None else _utf8_string(value)


def _number(certificate: Certificate, oid: str) -> int | None:
    text = _text(certificate, oid)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ValueError("a number in it is none")
    return int(text)


def _utf8_string(der: bytes) -> str:
    """The text of a DER UTF8String (X.690, part 8.23) of at most 65,535 bytes."""
    if len(der) < 2 or der[0] != _UTF8_STRING:
        raise ValueError("a text in it is none")
    head = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    length = int.from_bytes(der[2:head], "big") if der[1] & 0x80 else der[1]
    if head > 4 or len(der) != head + length:
        raise ValueError("a text in it has another length than it says")
    return der[head:].decode("utf-8")
