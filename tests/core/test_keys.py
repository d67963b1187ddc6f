"""Public keys: their ids, and the ones that nobody may use."""

import re
from pathlib import Path

import pytest

from registry_tool.core.demo_keys import DEMO_KEY_IDS, DEMO_SEEDS, demo_seed, is_demonstration
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.keys import k16, key_id, key_text, parse_key, usable_key
from registry_tool.signing.ed25519 import Ed25519Signer, check

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493
SIGNER = Ed25519Signer(b"a key that nobody has published.")
GOOD = SIGNER.key

Point = tuple[int, int]


def add(one: Point, other: Point) -> Point:
    """The sum of two points (RFC 8032 part 5.1.4, affine)."""
    (x, y), (u, v) = one, other
    product = D * x * u * y * v % P
    return (
        (x * v + u * y) * pow(1 + product, P - 2, P) % P,
        (y * v + x * u) * pow(1 - product, P - 2, P) % P,
    )


def times(number: int, point: Point) -> Point:
    """A point added to itself."""
    total = (0, 1)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def points(y: int) -> list[Point]:
    """The points with this y (RFC 8032 part 5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return [(root, y), (P - root, y)] if root * root % P == square else []


def small_order() -> set[Point]:
    """All points whose order divides 8: multiples of the torsion part of points that are tried in turn."""
    found: set[Point] = set()
    y = 2
    while len(found) < 8:
        for point in points(y):
            torsion = times(ORDER, point)
            found |= {times(number, torsion) for number in range(8)}
        y += 1
    return found


def encoded(point: Point, sign: int) -> bytes:
    """A point as 32 bytes, with this sign bit."""
    return (point[1] | sign << 255).to_bytes(32, "little")


def test_a_key_of_small_order_is_refused() -> None:
    """There are eight such points, found here by computation, and each is refused with either sign."""
    found = small_order()

    assert [8, {(0, 1)}] == [len(found), {times(8, point) for point in found}]
    for point in found:
        for sign in (0, 1):
            with pytest.raises(InvalidInput, match="small order"):
                usable_key(encoded(point, sign))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "has 32 bytes, this one has 0"),
        (GOOD[:31], "has 32 bytes, this one has 31"),
        (GOOD + b"\0", "has 32 bytes, this one has 33"),
        (P.to_bytes(32, "little"), "not canonical"),
        ((P + 1).to_bytes(32, "little"), "not canonical"),
        ((P + 18 | 1 << 255).to_bytes(32, "little"), "not canonical"),
        (b"\xff" * 32, "not canonical"),
        ((2).to_bytes(32, "little"), "not a point"),
    ],
)
def test_a_key_that_is_none_is_refused(raw: bytes, said: str) -> None:
    """Another length, y at or above p with either sign, and what is off the curve are refused."""
    with pytest.raises(InvalidInput, match=said) as refused:
        usable_key(raw)

    assert "bad-key" == refused.value.code
    assert not check(raw, b"", bytes(64))


def test_a_good_key_is_used_as_it_is() -> None:
    """A key comes back from its text, and signs what it signed."""
    assert GOOD == usable_key(GOOD) == parse_key(key_text(GOOD))
    assert check(GOOD, b"text", SIGNER.sign(b"text"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 32 bytes"),
        ("not base64", "is not"),
        ("\u00e9" * 44, "is not"),
        (key_text(GOOD)[:-2] + "p=", "in one way only"),
        (key_text(GOOD) + "\n", "is not"),
        (key_text(bytes(31)), "has 32 bytes"),
    ],
)
def test_the_text_of_a_key_has_one_spelling(text: str, said: str) -> None:
    """Other alphabets, line ends and stray bits behind the last byte are refused."""
    with pytest.raises(InvalidInput, match=said):
        parse_key(text)


def test_a_key_is_called_by_its_digest() -> None:
    """The id is the SHA-256 of the raw bytes, a reference its first 16 digits."""
    assert [sha256(GOOD), sha256(GOOD)[:16]] == [key_id(GOOD), k16(GOOD)]


def test_published_seeds_are_listed() -> None:
    """Every seed that is published here, and every key of the vectors, is in the closed list, and no more."""
    seeds = {key_id(Ed25519Signer(demo_seed(number)).key) for number in range(DEMO_SEEDS)}
    vectors = sorted((Path(__file__).parents[1] / "vectors").glob("*.json"))
    texts = "".join(path.read_text(encoding="utf-8") for path in vectors)
    keys = {key_id(bytes.fromhex(text)) for text in re.findall('"publicKeyHex": "([0-9a-f]{64})"', texts)}

    assert [DEMO_SEEDS, 8] == [len(seeds), len(keys)]
    assert DEMO_KEY_IDS == seeds | keys


@pytest.mark.parametrize("number", [-1, DEMO_SEEDS])
def test_there_are_no_more_test_keys(number: int) -> None:
    """A seed beyond the list is a bug of the caller, never a key that is not listed."""
    with pytest.raises(ValueError, match="counted from 0"):
        demo_seed(number)


def test_one_published_key_makes_a_demonstration() -> None:
    """One among others is enough; without one there is none."""
    published = Ed25519Signer(demo_seed(0)).key

    assert [True, False, False] == [is_demonstration(keys) for keys in ([GOOD, published], [GOOD], [])]
