"""Bundles that somebody tampered with."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry_tool.core.identity import Claims
from registry_tool.signing.sigstore.verify import verify
from tests.keyless.authority import imprint_of
from tests.keyless.instance import Instance
from tests.keyless.log import b64

MESSAGE = b'{"a":"manifest"}'

Tampering = Callable[["Made", Any], None]  # Any: the bundle's JSON, which it changes


@dataclass(frozen=True)
class Made:
    """A bundle of the instance, and one over another message by the same signer."""

    sigstore: Instance
    rekor: int
    bundle: bytes
    other: bytes

    def verified(self, tamper: Tampering | None = None, *, message: bytes = MESSAGE, root: bytes = b"") -> Claims:
        """What the bundle proves after it was tampered with."""
        value = json.loads(self.bundle)
        if tamper is not None:
            tamper(self, value)
        now = self.sigstore.now()
        return verify(json.dumps(value).encode(), message, root or self.sigstore.trusted_root(), now)


def flip(text: str) -> str:
    """Base64 of the same bytes with one bit changed."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return b64(bytes(data))


def entry(value: Any) -> Any:
    """The log entry."""
    return value["verificationMaterial"]["tlogEntries"][0]


def another(made: Made) -> Any:
    """The JSON of the other bundle."""
    return json.loads(made.other)


def log_body(made: Made, value: Any) -> None:
    body = json.loads(base64.b64decode(entry(value)["canonicalizedBody"]))
    body["spec"]["more"] = 1
    entry(value)["canonicalizedBody"] = b64(json.dumps(body).encode())


def root_hash(made: Made, value: Any) -> None:
    proof = entry(value)["inclusionProof"]
    proof["rootHash"] = flip(proof["rootHash"])


def path_hash(made: Made, value: Any) -> None:
    proof = entry(value)["inclusionProof"]
    proof["hashes"][0] = flip(proof["hashes"][0])


def index(made: Made, value: Any) -> None:
    entry(value)["inclusionProof"]["logIndex"] = "3"


def checkpoint(made: Made, value: Any) -> None:
    said = entry(value)["inclusionProof"]["checkpoint"]
    lines = said["envelope"].split("\n")
    lines[1] = str(int(lines[1]) + 1)
    said["envelope"] = "\n".join(lines)


def no_proof(made: Made, value: Any) -> None:
    del entry(value)["inclusionProof"]


def no_checkpoint(made: Made, value: Any) -> None:
    del entry(value)["inclusionProof"]["checkpoint"]


def no_entry(made: Made, value: Any) -> None:
    value["verificationMaterial"]["tlogEntries"] = []


def two_entries(made: Made, value: Any) -> None:
    value["verificationMaterial"]["tlogEntries"] *= 2


def entry_of_another(made: Made, value: Any) -> None:
    value["verificationMaterial"]["tlogEntries"] = another(made)["verificationMaterial"]["tlogEntries"]


def certificate_of_another(made: Made, value: Any) -> None:
    other = json.loads(made.sigstore.sign(MESSAGE, made.sigstore.token(email="eve@example.org"), rekor=made.rekor))
    value["verificationMaterial"]["certificate"] = other["verificationMaterial"]["certificate"]


def signature_of_another(made: Made, value: Any) -> None:
    value["messageSignature"]["signature"] = another(made)["messageSignature"]["signature"]


def digest_of_another(made: Made, value: Any) -> None:
    value["messageSignature"]["messageDigest"] = another(made)["messageSignature"]["messageDigest"]


def digest_of_another_kind(made: Made, value: Any) -> None:
    value["messageSignature"]["messageDigest"] = {"algorithm": "SHA2_384", "digest": b64(bytes(48))}


def no_signature(made: Made, value: Any) -> None:
    del value["messageSignature"]


def unknown_member(made: Made, value: Any) -> None:
    value["trusted"] = True


def unknown_version(made: Made, value: Any) -> None:
    value["mediaType"] = "application/vnd.dev.sigstore.bundle.v9+json"


def no_certificate(made: Made, value: Any) -> None:
    del value["verificationMaterial"]["certificate"]


def promise_gone(made: Made, value: Any) -> None:
    del entry(value)["inclusionPromise"]


def promise_of_another_time(made: Made, value: Any) -> None:
    entry(value)["integratedTime"] = str(int(entry(value)["integratedTime"]) + 60)


def promise_changed(made: Made, value: Any) -> None:
    promise = entry(value)["inclusionPromise"]
    promise["signedEntryTimestamp"] = flip(promise["signedEntryTimestamp"])


def stamp_gone(made: Made, value: Any) -> None:
    del value["verificationMaterial"]["timestampVerificationData"]


def stamp_over_another(made: Made, value: Any) -> None:
    stamp = made.sigstore.stamps.over(imprint_of(b"another signature"))
    value["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"] = [{"signedTimestamp": b64(stamp)}]


def stamp_of_another(made: Made, value: Any) -> None:
    signed = base64.b64decode(value["messageSignature"]["signature"])
    stamp = Instance.stranger().stamps.over(imprint_of(signed))
    value["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"] = [{"signedTimestamp": b64(stamp)}]


EITHER: tuple[Tampering, ...] = (
    log_body,
    root_hash,
    path_hash,
    index,
    checkpoint,
    no_proof,
    no_checkpoint,
    no_entry,
    two_entries,
    entry_of_another,
    certificate_of_another,
    signature_of_another,
    digest_of_another,
    digest_of_another_kind,
    no_signature,
    unknown_member,
    unknown_version,
    no_certificate,
)
"""Whatever the version of the log."""
FIRST: tuple[Tampering, ...] = (promise_gone, promise_of_another_time, promise_changed)
SECOND: tuple[Tampering, ...] = (stamp_gone, stamp_over_another, stamp_of_another)
