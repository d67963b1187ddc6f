"""Ed25519 against RFC 8032's own examples, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.errors import InvalidInput
from registry_tool.core.keys import SignatureCheck, Signer
from registry_tool.signing.ed25519 import Ed25519Signer, check, generate

ORDER = 2**252 + 27742317777372353535851937790883648493

# RFC 8032 part 7.1, tests 1 to 3: private key, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("seed", "key", "message", "signature"), VECTORS)
def test_the_examples_of_the_rfc_come_out(seed: str, key: str, message: str, signature: str) -> None:
    """Key and signature are those that RFC 8032 prints, and they check."""
    signer = Ed25519Signer(bytes.fromhex(seed))
    made = signer.sign(bytes.fromhex(message))

    assert (key, signature, True) == (signer.key.hex(), made.hex(), check(signer.key, bytes.fromhex(message), made))


def _changed(index: int) -> tuple[bytes, bytes, bytes]:
    key, message, signature = (bytes.fromhex(text) for text in VECTORS[2][1:])
    parts = [bytearray(key), bytearray(message), bytearray(signature)]
    parts[index][0] ^= 1
    return bytes(parts[0]), bytes(parts[1]), bytes(parts[2])


@pytest.mark.parametrize("index", [0, 1, 2])
def test_one_changed_bit_breaks_a_signature(index: int) -> None:
    """A bit in key, message or signature is enough."""
    assert not check(*_changed(index))


def test_a_signature_has_one_form_only() -> None:
    """Adding the group's order to the second half gives no second good signature (RFC 8032 part 5.1.7)."""
    key, message, signature = (bytes.fromhex(text) for text in VECTORS[2][1:])
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    other = signature[:32] + scalar.to_bytes(32, "little")

    assert not check(key, message, other)


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"\1" * 31,
        b"\1" * 33,
        b"\1" + bytes(31),  # the identity
        bytes(32),  # of order 4
        b"\xff" * 32,  # not canonical
    ],
)
def test_a_key_that_may_not_be_used_checks_nothing(key: bytes) -> None:
    """Wrong length, small order and another spelling are all refused."""
    assert not check(key, b"", bytes.fromhex(VECTORS[0][3]))


def test_the_key_that_signs_for_everybody_is_refused() -> None:
    """With the identity as key, `R` identity and `S` zero satisfy the equation for every message."""
    assert not check(b"\1" + bytes(31), b"anything", b"\1" + bytes(63))


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_checking_never_raises(key: bytes, message: bytes, signature: bytes) -> None:
    """Whatever comes in, the answer is no."""
    assert not check(key, message, signature)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_private_key_of_another_length_is_refused(size: int) -> None:
    """A seed has 32 bytes."""
    with pytest.raises(InvalidInput) as caught:
        generate(bytes(size))

    assert caught.value.code == "bad-key"


def test_a_signer_does_not_show_its_private_key() -> None:
    """What a log would print holds the public key only."""
    seed = bytes.fromhex(VECTORS[0][0])
    shown = repr(generate(seed))

    assert shown == f"Ed25519Signer(key={VECTORS[0][1]})"
    assert seed.hex() not in shown


def test_both_fit_the_ports() -> None:
    """The functions are what `core.keys` asks for."""
    checker: SignatureCheck = check
    signer: Signer = generate(bytes(32))

    assert checker(signer.key, b"x", signer.sign(b"x"))
