"""The authorities of the test instance: one makes certificates of tokens, one stamps times.

What a verifier demands of them is in RFC 5280, RFC 6962 (3.1), RFC 3161 and Fulcio's certificate profile.
"""

import base64
import datetime as dt
import hashlib
import json
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from tests.keyless.der import OCTETS, SET, TIME, der, integer, items, oid, sequence, utf8

START = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
END = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
FULCIO = "1.3.6.1.4.1.57264.1."
ECDSA = ec.ECDSA(hashes.SHA256())
SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"))

# Claim of a token to the extension that holds it, and what stands before it there (Fulcio, docs/oid-info.md).
CLAIMS = (
    ("job_workflow_ref", "9", "https://github.com/"),
    ("repository", "12", "https://github.com/"),
    ("sha", "13", ""),
    ("ref", "14", ""),
    ("repository_id", "15", ""),
    ("repository_owner_id", "17", ""),
)


def new_key() -> EllipticCurvePrivateKey:
    """A key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def public_der(key: Any) -> bytes:  # Any: every private key has a public one
    """A key's public half as SubjectPublicKeyInfo."""
    data: bytes = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return data


def pem(certificate: x509.Certificate) -> str:
    """A certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def certificate_der(certificate: x509.Certificate) -> bytes:
    """A certificate as bytes."""
    return certificate.public_bytes(serialization.Encoding.DER)


def moment(seconds: int) -> dt.datetime:
    """Seconds since 1970 as the library has them."""
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, False, False, False, certifies, certifies, False, False)


def root(name: str) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
    """A certificate that signs itself and others."""
    key = ec.generate_private_key(ec.SECP384R1())
    builder = _builder(_named(name), _named(name), key.public_key(), key, START, END)
    builder = builder.add_extension(x509.BasicConstraints(True, None), True)
    builder = builder.add_extension(_usage(signs=False, certifies=True), True)
    return key, builder.sign(key, hashes.SHA384())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: EllipticCurvePublicKey,
    issuer_key: EllipticCurvePrivateKey,
    start: dt.datetime,
    end: dt.datetime,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    return builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)


@dataclass
class Fulcio:
    """Makes a certificate of whatever a token says, and notes it in a log of certificates."""

    now: Callable[[], int]
    lifetime: int = 600
    """Of a certificate, in seconds."""
    without: frozenset[str] = frozenset()
    """Extensions that it leaves out, by the last number of their identifier."""
    raw: dict[str, bytes] = field(default_factory=dict)
    """Bytes of extensions, in the place of those that the token gives."""
    names: tuple[x509.GeneralName, ...] = ()
    """Whom certificates are for, whatever the token says; empty for what it says."""
    key: EllipticCurvePrivateKey = field(init=False)
    certificate: x509.Certificate = field(init=False)
    log_key: EllipticCurvePrivateKey = field(init=False, default_factory=new_key)

    def __post_init__(self) -> None:
        self.key, self.certificate = root("test authority")

    @property
    def log_id(self) -> bytes:
        """Of the log of certificates."""
        return hashlib.sha256(public_der(self.log_key)).digest()

    def issue(self, request: x509.CertificateSigningRequest, token: str) -> x509.Certificate:
        """A certificate for the key in `request` and the identity in `token`, whose signature nobody looks at."""
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        start = moment(self.now())
        public = request.public_key()
        assert isinstance(public, EllipticCurvePublicKey)
        end = start + dt.timedelta(seconds=self.lifetime)
        builder = _builder(x509.Name([]), self.certificate.subject, public, self.key, start, end)
        builder = builder.add_extension(_usage(signs=True, certifies=False), True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)
        names = self.names or (_name_of(claims),)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), True)
        for number, value in self._extensions(claims):
            extension = x509.UnrecognizedExtension(ObjectIdentifier(FULCIO + number), value)
            builder = builder.add_extension(extension, False)
        noted = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), self._noted(builder))
        return builder.add_extension(noted, False).sign(self.key, hashes.SHA384())

    def _extensions(self, claims: dict[str, str]) -> Iterable[tuple[str, bytes]]:
        found = [("1", claims["iss"].encode()), ("8", utf8(claims["iss"]))]
        found += [(number, utf8(before + claims[claim])) for claim, number, before in CLAIMS if claim in claims]
        kept = {number: value for number, value in found if number not in self.without}
        return list({**kept, **self.raw}.items())

    def _noted(self, builder: x509.CertificateBuilder) -> bytes:
        """The log's promise (RFC 6962, 3.2 and 3.3) about the certificate without it; it must come last."""
        written = builder.sign(self.key, hashes.SHA384()).tbs_certificate_bytes
        at = self.now() * 1000
        issuer = hashlib.sha256(public_der(self.key)).digest()
        signed = struct.pack("!BBQH", 0, 0, at, 1) + issuer + len(written).to_bytes(3, "big") + written + b"\0\0"
        signature = self.log_key.sign(signed, ECDSA)
        entry = (
            b"\0" + self.log_id + struct.pack("!QH", at, 0) + b"\4\3" + struct.pack("!H", len(signature)) + signature
        )
        return der(OCTETS, struct.pack("!HH", len(entry) + 2, len(entry)) + entry)


def _name_of(claims: dict[str, str]) -> x509.GeneralName:
    if "email" in claims:
        return x509.RFC822Name(claims["email"])
    workflow = claims.get("job_workflow_ref")
    return x509.UniformResourceIdentifier(f"https://github.com/{workflow}" if workflow else claims["sub"])


@dataclass
class Stamps:
    """Says when it saw something (RFC 3161)."""

    now: Callable[[], int]
    key: EllipticCurvePrivateKey = field(init=False, default_factory=new_key)
    certificate: x509.Certificate = field(init=False)
    root: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        root_key, self.root = root("test stamps")
        builder = _builder(_named("stamps"), self.root.subject, self.key.public_key(), root_key, START, END)
        builder = builder.add_extension(_usage(signs=True, certifies=False), True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
        self.certificate = builder.sign(root_key, hashes.SHA384())

    def stamp(self, request: bytes) -> bytes:
        """The answer to a request, both in DER."""
        ((_, body, _),) = items(request)
        parts = list(items(body))
        nonce = [whole for tag, _, whole in parts[2:] if tag == 0x02]
        return self.over(parts[1][2], *nonce)

    def over(self, imprint: bytes, *nonce: bytes) -> bytes:
        """The answer for the hash in `imprint`."""
        at = moment(self.now()).strftime("%Y%m%d%H%M%SZ").encode()
        serial = integer(x509.random_serial_number() >> 100)
        told = sequence(integer(1), oid("1.3.6.1.4.1.57264.2"), imprint, serial, der(TIME, at), *nonce)
        own = certificate_der(self.certificate)
        digest = der(OCTETS, hashlib.sha256(own).digest())
        attributes = sorted(
            [
                _attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.9.16.1.4")),
                _attribute("1.2.840.113549.1.9.4", der(OCTETS, hashlib.sha256(told).digest())),
                _attribute("1.2.840.113549.1.9.16.2.47", sequence(sequence(sequence(digest)))),
            ]
        )
        signature = self.key.sign(der(SET, *attributes), ECDSA)
        who = sequence(self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number))
        signer = sequence(
            integer(1),
            who,
            SHA256,
            der(0xA0, *attributes),
            sequence(oid("1.2.840.10045.4.3.2")),
            der(OCTETS, signature),
        )
        content = sequence(oid("1.2.840.113549.1.9.16.1.4"), der(0xA0, der(OCTETS, told)))
        signed = sequence(integer(3), der(SET, SHA256), content, der(0xA0, own), der(SET, signer))
        return sequence(sequence(integer(0)), sequence(oid("1.2.840.113549.1.7.2"), der(0xA0, signed)))


def _attribute(name: str, value: bytes) -> bytes:
    return sequence(oid(name), der(SET, value))


def imprint_of(data: bytes) -> bytes:
    """What a stamp over `data` is asked for."""
    return sequence(SHA256, der(OCTETS, hashlib.sha256(data).digest()))
