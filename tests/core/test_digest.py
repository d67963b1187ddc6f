"""Digests as the formats write them."""

import pytest

from registry_tool.core.digest import Hex, bare, digest_of, is_hex, prefixed, sha256, sri

ABC = Hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def test_the_digest_of_abc_is_the_published_one() -> None:
    """SHA-256 of `abc` (FIPS 180-2), bare and in the form of documents."""
    assert ABC == sha256(b"abc")
    assert f"sha256:{ABC}" == digest_of(b"abc") == prefixed(ABC)
    assert ABC == bare(digest_of(b"abc"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [(ABC, True), (ABC.upper(), False), (ABC + "\n", False), (ABC[:-1], False), ("", False), (f"sha256:{ABC}", False)],
)
def test_only_64_lower_case_digits_are_hex(text: str, expected: bool) -> None:
    """Upper case, another length and a line end are refused."""
    assert expected == is_hex(text)


def test_integrity_is_as_browsers_expect_it() -> None:
    """`sha384-` and base64 of the SHA-384 of `abc` (W3C SRI with the value of FIPS 180-2)."""
    assert "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn" == sri(b"abc")
