"""The canonical JSON, digests and envelopes of the ggui wire, against what its client does."""

import base64
import hashlib
import json

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from registry_tool.core import digest
from registry_tool.core.canonical import Json
from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui import wire
from tests.core.wire_vectors import blueprint, bundle_of, gadget, named, vectors

KEYS = {case["name"]: SigningKey(bytes.fromhex(case["seedHex"])) for case in vectors("public-key-id")}
PUBLIC = KEYS["seq-00-1f"].verify_key.encode()

REFUSED = {
    "lone surrogates escaped": "half of a surrogate pair: other readers, and files of UTF-8, do not take it",
    "numbers: precision loss": "digits would be lost",
    "numbers: overflow becomes null": "a number would become null",
    "duplicate keys: last value wins": "all but the last value would be lost",
    "own __proto__ with scalar value disappears": "the member would be lost",
    "nested __proto__ disappears": "the member would be lost",
}
"""The canonical vectors that we read and verify as the client does, but do not publish, and why."""


def check(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature holds."""
    try:
        VerifyKey(public).verify(message, signature)
    except BadSignatureError:
        return False
    return True


def sign_with(key: SigningKey) -> wire.Sign:
    """What signs with `key`."""
    return lambda message: key.sign(message).signature


@pytest.mark.parametrize("case", vectors("canonical-json"), ids=named)
def test_canonical_json_is_the_clients(case: Json) -> None:
    """Every recorded input gives the recorded bytes (G5)."""
    found = wire.canonical(wire.parse_wire(case["inputJson"].encode("utf-8", "surrogatepass")))

    assert case["utf8Hex"] == found.hex()
    assert case["canonical"] == found.decode("utf-8")


@pytest.mark.parametrize("case", vectors("canonical-json"), ids=named)
def test_only_what_loses_something_is_not_publishable(case: Json) -> None:
    """The inputs that canonical form would change, and only they, are refused; the others keep their bytes."""
    data = case["inputJson"].encode("utf-8")
    if case["name"] in REFUSED:
        with pytest.raises(InvalidInput):
            wire.publishable(data)
    else:
        assert case["utf8Hex"] == wire.canonical(wire.publishable(data)).hex()


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('{"a":9007199254740993}', "not-json", "9007199254740992"),
        ('{"a":0.10000000000000000001}', "not-json", "0.1;"),
        ('{"a":' + "1" * 400 + "}", "not-json", "too large"),
        ('{"a":1e400}', "not-json", "null"),
        ('{"a":1e-400}', "not-json", "signed as 0"),
        ('{"a":1e-99999999999999999999999}', "not-json", "signed as 0"),
        ('{"a":1,"a":1}', "not-json", "twice"),
        ('{"a":[{"__proto__":1}]}', "not-publishable", "a[0].__proto__ would vanish"),
        ('{"\\ud800":1}', "not-publishable", "half of a surrogate pair"),
        ('["\\ud800"]', "not-publishable", "[0] holds half"),
        ("[" * 40 + "]" * 40, "not-publishable", "deeper than 32"),
        ("[" * 100_000 + "]" * 100_000, "not-json", "too deeply"),
        ("{", "not-json", "not JSON"),
        ("[NaN]", "not-json", "NaN"),
        ("\ufeff{}", "not-json", "BOM"),
    ],
)
def test_what_would_be_lost_is_named(text: str, code: str, words: str) -> None:
    """A manifest that cannot be signed as it is written is refused with the place and the reason."""
    with pytest.raises(InvalidInput) as caught:
        wire.publishable(text.encode())

    assert code == caught.value.code
    assert words in caught.value.message


@pytest.mark.parametrize(
    "text", ["0", "-0", "0e5", "0.0", "1e21", "100000000000000000000", "1.5E3", "5e-324", '"\\u0000"']
)
def test_numbers_that_come_back_are_publishable(text: str) -> None:
    """A number is only refused where its value would change, never for how it is written."""
    assert wire.parse_wire(text.encode()) == wire.publishable(text.encode())


def test_a_manifest_has_a_size_limit() -> None:
    """More bytes than allowed are refused before they are read."""
    with pytest.raises(InvalidInput) as caught:
        wire.publishable(b"[0000]", limit=5)

    assert "too-large" == caught.value.code


def test_bytes_that_are_not_utf8_are_refused_with_their_place() -> None:
    """The message says which byte it is."""
    with pytest.raises(InvalidInput) as caught:
        wire.parse_wire(b'"\xff"')

    assert "byte 1" in caught.value.message


@pytest.mark.parametrize("write", [wire.canonical, wire.pretty])
def test_endless_nesting_is_refused(write: Json) -> None:
    """A value that is nested without end is no crash but an error."""
    value: Json = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(InvalidInput):
        write(value)


def test_pretty_json_is_what_the_client_writes_into_files() -> None:
    """Members keep their order but for integer-like keys, empty ones stay short, numbers are JavaScript's."""
    value = {"b": [1e-7, 1.0, 10**400, True, False, None], "10": {}, "9": [], "a": {"__proto__": "\u00fc\u2028"}}
    expected = (
        '{\n  "9": [],\n  "10": {},\n  "b": [\n    1e-7,\n    1,\n    null,\n    true,\n    false,\n    null\n  ],\n'
        '  "a": {\n    "__proto__": "\u00fc\u2028"\n  }\n}\n'
    )

    assert expected.encode() == wire.pretty(value)


@pytest.mark.parametrize("case", vectors("public-key-id"), ids=named)
def test_a_key_has_the_clients_id(case: Json) -> None:
    """Seed, public key and id belong together as recorded."""
    public = KEYS[case["name"]].verify_key.encode()

    assert case["publicKeyHex"] == public.hex()
    assert case["publicKeyBase64"] == base64.b64encode(public).decode()
    assert case["publicKeyId"] == wire.public_key_id(public)


@pytest.mark.parametrize("case", vectors("public-key-id", "wrongLengths"), ids=lambda case: str(case["length"]))
def test_a_key_of_another_length_has_no_id(case: Json) -> None:
    """Only 32 bytes are a public key."""
    with pytest.raises(InvalidInput):
        wire.public_key_id(bytes(case["length"]))


@pytest.mark.parametrize("case", vectors("gadget-signatures"), ids=named)
def test_a_gadget_is_signed_as_the_client_signs(case: Json) -> None:
    """The envelope over the bundle's bytes equals the recorded one, and it verifies."""
    key, bundle = KEYS[case["key"]], bundle_of(case)
    payload = wire.payload_of(gadget(), bundle)
    found = wire.envelope(
        payload, sign=sign_with(key), public=key.verify_key.encode(), signed_at=case["signature"]["signedAt"]
    )
    public = base64.b64decode(case["authorPublicKey"])

    assert list(case["signature"].items()) == list(found.items())
    assert case["bundleSri"] == digest.sri(bundle)
    assert case["valid"] == (wire.verify_envelope(found, payload, public=public, check=check) is None)


@pytest.mark.parametrize("case", vectors("blueprint-signatures"), ids=named)
def test_a_blueprint_is_signed_as_the_client_signs(case: Json) -> None:
    """The envelope over the canonical manifest equals the recorded one, and it verifies."""
    key = KEYS[case["key"]]
    payload = wire.payload_of(wire.publishable(json.dumps(case["manifest"]).encode()), None)
    found = wire.envelope(
        payload, sign=sign_with(key), public=key.verify_key.encode(), signed_at=case["signature"]["signedAt"]
    )
    public = base64.b64decode(case["authorPublicKey"])

    assert case["canonical"] == payload.decode()
    assert case["canonicalSha384Base64"] == base64.b64encode(hashlib.sha384(payload).digest()).decode()
    assert case["signature"] == found
    assert case["valid"] == (wire.verify_envelope(found, payload, public=public, check=check) is None)


@pytest.mark.parametrize("case", vectors("gadget-signatures", "tampered"), ids=named)
def test_tampering_is_found_and_named(case: Json) -> None:
    """What the client refuses we refuse, for the reason recorded; what it takes we take."""
    public = base64.b64decode(case["authorPublicKey"])
    found = wire.verify_envelope(case["signature"], bundle_of(case), public=public, check=check)

    assert case.get("why") == found
    assert case["valid"] == (found is None)


@pytest.mark.parametrize("case", vectors("gadget-signatures", "envelopeShape"), ids=named)
def test_an_envelope_has_its_shape_or_is_refused(case: Json) -> None:
    """The shape is judged as the client judges it, before any cryptography."""
    assert case["accepted"] == wire.envelope_shape(case["envelope"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"extra": 1}, None),
        ({"signedAt": 1}, "envelope_shape"),
        ({"algorithm": "sigstore-cosign", "bundle": "{}"}, "algorithm"),
        ({"signature": "A"}, "signature_not_base64"),
        ({"signature": "_" * 86}, "signature_not_base64"),
        ({"signature": "A" * 86 + "\n"}, "signature_not_base64"),
        ({"signature": ""}, "signature_wrong_length"),
    ],
)
def test_an_envelope_is_verified_in_order(change: dict[str, Json], expected: str | None) -> None:
    """The first thing that is wrong is the reason that is given."""
    made = wire.envelope(b"x", sign=sign_with(KEYS["seq-00-1f"]), public=PUBLIC, signed_at="2026-01-02T03:04:05.678Z")

    assert expected == wire.verify_envelope({**made, **change}, b"x", public=PUBLIC, check=check)


def test_a_gadget_without_its_bundle_has_no_payload() -> None:
    """There is nothing that a gadget's signature could cover but its bundle."""
    with pytest.raises(InvalidInput):
        wire.payload_of(gadget(), None)


def test_a_blueprints_payload_is_all_of_its_manifest() -> None:
    """A change anywhere in the manifest changes what is signed, and a bundle does not."""
    assert wire.payload_of(blueprint(), b"x") == wire.payload_of(blueprint(), None)
    assert wire.payload_of(blueprint(), None) != wire.payload_of(blueprint(intent="x"), None)


@pytest.mark.parametrize(
    ("place", "part", "expected"),
    [("", "a", "a"), ("a", 0, "a[0]"), ("a[0]", "@b/c", "a[0].@b/c"), ("a", "x y\n", "a.'x y\\n'")],
)
def test_a_place_is_written_so_that_nothing_foreign_reaches_a_terminal(
    place: str, part: str | int, expected: str
) -> None:
    """Members are joined by dots, items in brackets, and odd names are quoted."""
    assert expected == wire.inside(place, part)
