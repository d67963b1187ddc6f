"""The keyless envelope of the ggui wire: what the reference made is read, and what we make has its form."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate

from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui.keyless import MEDIA_TYPE, is_over, leaf_certificate, sigstore_envelope, with_chain
from registry_tool.core.ggui.wire import envelope_shape
from registry_tool.signing.sigstore.verify import claims_of, verify
from tests.keyless.instance import Instance
from tests.proving import refusal

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "sigstore-envelopes.json").read_bytes()
)["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: str(one["subject"]))
def test_an_envelope_of_the_reference_is_read(vector: dict[str, Any]) -> None:
    """Its shape, its digest, its certificate, and who the certificate is for."""
    envelope, bundle = vector["signature"], vector["signature"]["bundle"].encode()
    found = claims_of(load_der_x509_certificate(base64.b64decode(leaf_certificate(bundle))), 0)

    assert envelope_shape(envelope)
    assert is_over(envelope, vector["bundleText"].encode())
    assert not is_over(envelope, vector["bundleText"].encode() + b"\n")
    assert vector["authorPublicKey"] == leaf_certificate(bundle)
    assert (vector["issuer"], vector["sans"]) == (found.issuer, [found.subject])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: str(one["subject"]))
def test_an_envelope_of_the_reference_proves_nothing(vector: dict[str, Any]) -> None:
    """Its authority was thrown away: under any other trust root it is refused."""
    bundle = vector["signature"]["bundle"].encode()
    root = Instance.stranger().trusted_root()

    assert (4, "bad-keyless") == refusal(lambda: verify(bundle, vector["bundleText"].encode(), root, 2**40))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: str(one["subject"]))
def test_an_envelope_has_the_form_of_the_reference(vector: dict[str, Any]) -> None:
    """From the same bundle the same envelope is made, member by member, and text by text."""
    made = sigstore_envelope(
        vector["bundleText"].encode(), vector["signature"]["bundle"].encode(), signed_at=vector["signature"]["signedAt"]
    )

    assert list(vector["signature"]) == list(made)
    assert vector["signature"] == made


@pytest.mark.parametrize("rekor", [1, 2])
def test_our_bundle_keeps_its_worth_in_a_chain(rekor: int) -> None:
    """Rewritten for readers of the wire it says the same certificate, and still verifies."""
    with Instance() as sigstore:
        bundle = sigstore.sign(b"module", rekor=rekor)
    envelope = sigstore_envelope(b"module", bundle, signed_at="2026-11-21T09:00:00.000Z")
    rewritten = envelope["bundle"].encode()
    root, now = sigstore.trusted_root(), sigstore.now()

    assert MEDIA_TYPE == json.loads(rewritten)["mediaType"]
    assert rewritten == with_chain(rewritten)
    assert leaf_certificate(bundle) == leaf_certificate(rewritten)
    assert verify(bundle, b"module", root, now) == verify(rewritten, b"module", root, now)


@pytest.mark.parametrize(
    "bundle",
    [
        b"",
        b"[]",
        b"{}",
        b'{"verificationMaterial": 1}',
        b'{"verificationMaterial": {}}',
        b'{"verificationMaterial": {"certificate": 1}}',
        b'{"verificationMaterial": {"x509CertificateChain": {"certificates": []}}}',
        b'{"verificationMaterial": {"certificate": {"rawBytes": 1}}}',
        b'{"verificationMaterial": {"certificate": {"rawBytes": "?"}}}',
        b'{"verificationMaterial": {"certificate": {"rawBytes": ""}}}',
    ],
)
def test_what_is_no_bundle_makes_no_envelope(bundle: bytes) -> None:
    """Without a certificate there is nobody who signed."""
    with pytest.raises(InvalidInput):
        sigstore_envelope(b"module", bundle, signed_at="")
