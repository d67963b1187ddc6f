"""What every chain shares; attacks on whole chains are in `tests/attacks/test_chains.py`."""

import pytest

from registry_tool.core.chains import Chain, SignedBytes, decode64, never_falls, read_links, signers
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError
from registry_tool.core.keys import K16, k16
from registry_tool.core.published import chain_at
from registry_tool.core.release import Entry
from registry_tool.core.statements import HeadRef, Keyring
from registry_tool.signing.ed25519 import Ed25519Signer, check
from tests.builders import RegistryInMemory, a_registry

ONE, TWO = (Ed25519Signer(bytes([number]) * 32) for number in (1, 2))
TEXT = b"text"


def ref(number: int, digit: str = "a") -> HeadRef:
    """A number of a chain."""
    return HeadRef(number=number, sha256=digit * 64)


def with_two() -> RegistryInMemory:
    """Ann with two keyrings."""
    registry = a_registry().with_author("ann")
    registry.keyring("ann", by=("ann control",))
    return registry


def keyring_of(registry: RegistryInMemory) -> Chain[Keyring]:
    """Ann's keyring, its signatures not looked at."""
    sources = chain_at(registry.tree(), "authors/ann")
    return Chain("authors/ann", read_links(Keyring, "authors/ann", sources, registry=registry.id))


def test_a_chain_is_read_in_order() -> None:
    """Each statement has its number and digest, and the head is the last one."""
    registry = with_two()
    chain = keyring_of(registry)
    second = sha256(registry.files["index/authors/an/ann/keys/2.json"])

    assert [1, 2] == [link.number for link in chain.links]
    assert (chain.links[1], HeadRef(number=2, sha256=second)) == (chain.head, chain.head.ref)


def test_an_entry_comes_back() -> None:
    """A statement goes to the site and comes back as it was."""
    for source in chain_at(with_two().tree(), "authors/ann"):
        assert source == SignedBytes.of(Entry.of(source.entry()))


@pytest.mark.parametrize(
    ("statement", "signatures", "code"),
    [
        ("{}", [("a" * 16, "AA=="), ("a" * 16, "AA==")], "invalid-document"),
        ("{}", [("a" * 16, "AB==")], "invalid-document"),
        ("{}", [("a" * 16, "A")], "invalid-document"),
        ("\ud800", [("a" * 16, "AA==")], "not-canonical"),
    ],
)
def test_an_entry_that_no_file_could_be_is_refused(
    statement: str, signatures: list[tuple[str, str]], code: str
) -> None:
    """Two signatures by one key, base64 of another spelling and half of a surrogate pair are refused."""
    rows = [{"key": key, "signature": signature} for key, signature in signatures]

    with pytest.raises(InvalidInput) as refused:
        SignedBytes.of(
            Entry.model_construct(
                statement=statement, signatures=Entry.of({"statement": "", "signatures": rows}).signatures
            )
        )

    assert code == refused.value.code


@pytest.mark.parametrize("text", ["A", "AA=", "AA==\n", "A A==", "AB==", "-_==", "\u0410A=="])
def test_base64_has_one_spelling(text: str) -> None:
    """White space, other alphabets, missing ends and stray bits are refused."""
    with pytest.raises(InvalidInput, match="base64"):
        decode64(text)


def test_base64_is_decoded() -> None:
    """The one spelling gives the bytes."""
    assert [b"\0", b""] == [decode64("AA=="), decode64("")]


@pytest.mark.parametrize(
    ("under", "code"),
    [
        ({}, "bad-under"),
        ({"authors/bob": ref(1)}, "bad-under"),
        ({"authors/ann": ref(3)}, "bad-under"),
        ({"authors/ann": ref(2, "f")}, "chain-forked"),
    ],
)
def test_a_number_that_never_was_is_not_found(under: dict[str, HeadRef], code: str) -> None:
    """A document names an existing number with its digest, or it is refused."""
    with pytest.raises(NotTrusted) as refused:
        keyring_of(with_two()).named(under, "it")

    assert code == refused.value.code


def test_a_number_that_was_is_found() -> None:
    """An older number is found as the head is."""
    chain = keyring_of(with_two())

    assert list(chain.links) == [chain.named({"authors/ann": link.ref}, "it") for link in chain.links]


@pytest.mark.parametrize(
    ("highest", "under", "code"),
    [
        ({}, {"a": ref(1)}, ""),
        ({"a": ref(1)}, {}, ""),
        ({"a": ref(1)}, {"a": ref(1)}, ""),
        ({"a": ref(1)}, {"a": ref(2, "b")}, ""),
        ({"a": ref(2)}, {"a": ref(1)}, "bad-under"),
        ({"a": ref(2), "b": ref(1)}, {"b": ref(2), "a": ref(1)}, "bad-under"),
        ({"a": ref(2)}, {"a": ref(2, "b")}, "chain-forked"),
    ],
)
def test_what_under_names_never_falls(highest: dict[str, HeadRef], under: dict[str, HeadRef], code: str) -> None:
    """A lower number, and the same number with another digest, are refused."""
    found = ""
    try:
        never_falls(highest, under, "it")
    except RegistryError as error:
        found = error.code

    assert code == found


def source(*names: K16, by: Ed25519Signer = ONE) -> SignedBytes:
    """A text that `by` signed under these references."""
    return SignedBytes(TEXT, {name: by.sign(TEXT) for name in names})


def test_only_known_keys_count() -> None:
    """A signature by a known key counts, one by an unknown key does not, nor does a known key that did not sign."""
    known = [ONE.key, TWO.key]

    assert frozenset({k16(ONE.key)}) == signers(source(k16(ONE.key)), known, check=check, what="it")
    assert frozenset() == signers(source(k16(ONE.key)), [TWO.key], check=check, what="it")
    assert frozenset({k16(ONE.key)}) == signers(source(k16(ONE.key)), [ONE.key, ONE.key], check=check, what="it")


def test_a_bad_signature_by_a_known_key_refuses_all() -> None:
    """A good signature beside it does not help."""
    with pytest.raises(NotTrusted, match="does not hold"):
        signers(source(k16(ONE.key), k16(TWO.key)), [ONE.key, TWO.key], check=check, what="it")
