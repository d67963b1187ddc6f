"""Signed documents as files."""

from registry_tool.core import canonical
from registry_tool.core.digest import digest_of
from registry_tool.core.keys import k16
from registry_tool.core.sealing import frame, missing_from, refs, sealed
from registry_tool.core.statements import HeadRef
from registry_tool.core.tree import MemoryTree
from registry_tool.signing.ed25519 import Ed25519Signer, check

ONE, TWO = (Ed25519Signer(bytes([number]) * 32) for number in (1, 2))
UNDER = {"policy": HeadRef(number=2, sha256="b" * 64), "moderators": HeadRef(number=1, sha256="a" * 64)}
AS_JSON = {"moderators": {"number": 1, "sha256": "a" * 64}, "policy": {"number": 2, "sha256": "b" * 64}}


def test_a_document_lies_beside_its_signatures() -> None:
    """The document is canonical, and each signer's file beside it holds over its bytes."""
    files = sealed("index/policy/1.json", {"b": 1, "a": 2}, [ONE, TWO])
    data = b'{"a":2,"b":1}'

    assert data == files.pop("index/policy/1.json")
    assert [f"index/policy/1.{k16(one.key)}.sig" for one in (ONE, TWO)] == list(files)
    assert [True, True] == [check(one.key, data, files[f"index/policy/1.{k16(one.key)}.sig"]) for one in (ONE, TWO)]


def test_a_first_statement_follows_nothing() -> None:
    """It is number 1, and what came before is null."""
    made = frame("registry.policy/1", "ab" * 32, "policy", None, {})

    assert (1, None, "continue", {}) == (made["number"], made["previous"], made["mode"], made["under"])


def test_a_statement_follows_the_one_before() -> None:
    """Its number is one higher, and it names the digest of the bytes before it."""
    made = frame("registry.policy/1", "ab" * 32, "policy", (4, b"before"), UNDER)

    assert (5, digest_of(b"before"), AS_JSON) == (made["number"], made["previous"], made["under"])
    assert canonical.encode(AS_JSON) == canonical.encode(refs(UNDER))


def test_only_what_differs_is_missing() -> None:
    """A file with the same bytes is there; one with others, or none, is missing."""
    tree = MemoryTree({"a": b"1", "b": b"2"})

    assert {"b": b"3", "c": b"4"} == missing_from(tree, {"a": b"1", "b": b"3", "c": b"4"})
