"""The keyless envelope of the ggui wire (ggui wire facts, part 4).

    envelope  = {"algorithm": "sigstore-cosign", "bundleSha384": base64(SHA-384 of the payload),
                 "bundle": the text of a sigstore bundle, "signedAt": text that nothing covers}

The bundle signs the payload itself. Its certificate stands in a chain, as bundles of version 0.2 have
it: the one place where every reader of the wire looks.
"""

import base64
import hashlib
import json
from typing import Any, Final

from registry_tool.core.canonical import Json, parse_loose
from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui.wire import decode_base64
from registry_tool.core.identity import BUNDLE_BYTES

MEDIA_TYPE: Final = "application/vnd.dev.sigstore.bundle+json;version=0.2"


def sigstore_envelope(payload: bytes, bundle: bytes, *, signed_at: str) -> dict[str, str]:
    """The envelope of `payload`, which `bundle` signs; `signed_at` is an ISO time with milliseconds and `Z`.

    Whether the signature holds is not looked at. Raises `InvalidInput` for what is no bundle.
    """
    return {
        "algorithm": "sigstore-cosign",
        "bundleSha384": base64.b64encode(hashlib.sha384(payload).digest()).decode("ascii"),
        "bundle": with_chain(bundle).decode("utf-8"),
        "signedAt": signed_at,
    }


def with_chain(bundle: bytes) -> bytes:
    """The same bundle with its certificate as a chain of one, in version 0.2; nothing that is signed changes."""
    value = _bundle(bundle)
    places = ("certificate", "x509CertificateChain")
    material = {name: member for name, member in value["verificationMaterial"].items() if name not in places}
    chain = {"certificates": [{"rawBytes": leaf_certificate(bundle)}]}
    written = {
        **value,
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"x509CertificateChain": chain, **material},
    }
    return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def leaf_certificate(bundle: bytes) -> str:
    """The signer's certificate as base64 of its DER: `authorPublicKey` on the wire; `InvalidInput` without one."""
    material = _bundle(bundle)["verificationMaterial"]
    try:
        own = material.get("certificate") or material["x509CertificateChain"]["certificates"][0]
        raw = own["rawBytes"]
    except (LookupError, TypeError) as error:
        raise _no_bundle("it has no certificate") from error
    if not isinstance(raw, str) or not decode_base64(raw):
        raise _no_bundle("its certificate is not base64")
    return raw


def is_over(envelope: Json, payload: bytes) -> bool:
    """Whether the unsigned digest of an envelope is that of `payload`, compared as text; proves nothing by itself."""
    digest = base64.b64encode(hashlib.sha384(payload).digest()).decode("ascii")
    return bool(envelope["bundleSha384"] == digest)


def _bundle(bundle: bytes) -> dict[str, Any]:  # Any: JSON
    value = parse_loose(bundle, limit=BUNDLE_BYTES, what="the sigstore bundle")
    if not isinstance(value, dict) or not isinstance(value.get("verificationMaterial"), dict):
        raise _no_bundle("it has no verification material")
    return value


def _no_bundle(why: str) -> InvalidInput:
    return InvalidInput(f"this is no sigstore bundle: {why}", code="bad-bundle", hint="sign it again")
