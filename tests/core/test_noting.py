"""What was looked at: noted as places whose ids say whether anything below them changed."""

import pytest

from registry_tool.core.noting import Noting, ids_of, place_of
from registry_tool.core.tree import MemoryTree, Tree

FILES = {
    "index/releases/an/ann/solar/1.0.0/release.json": b"1",
    "index/releases/an/ann/lunar/1.0.0/release.json": b"2",
    "index/policy/1.json": b"3",
    "index/moderation/2026/aa/1.json": b"4",
}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", ""),
        ("README.md", "README.md"),
        ("other/folder/file", "other/folder"),
        ("index", "index"),
        ("index/registry.yaml", "index/registry.yaml"),
        ("index/trust/1.root.json", "index/trust"),
        ("index/policy", "index/policy"),
        ("index/authors/an/ann/keys/1.json", "index/authors/an/ann"),
        ("index/authors/an", "index/authors/an"),
        ("index/scopes/an/ann/1.json", "index/scopes/an/ann"),
        ("index/releases", "index/releases"),
        ("index/releases/an/ann", "index/releases/an/ann"),
        ("index/releases/an/ann/solar/blobs/aa/aaaa.sigstore.json", "index/releases/an/ann/solar"),
        ("index/moderation/2026/aa/1.json", "index/moderation/2026/aa"),
        ("index/entitlements/ann/1.json", "index/entitlements/ann"),
        ("index/waivers/x.json", "index/waivers"),
    ],
)
def test_a_place_is_what_a_landing_changes_together(path: str, place: str) -> None:
    """A name, an author, a scope, a decision; the registry's own chains and tables each by themselves."""
    assert place == place_of(path)


def test_what_is_asked_for_is_noted_and_answered() -> None:
    """Files, entries and folders, also those that are not there; what is passed over is answered alone."""
    tree: Tree = MemoryTree(FILES)
    noting = Noting(tree, passed_over=["index/moderation"])

    assert (b"3", None) == (noting.read("index/policy/1.json"), noting.read("index/trust/1.root.json"))
    assert tree.entry("index/releases/an/ann/solar") == noting.entry("index/releases/an/ann/solar")
    assert (1, 1) == (len(noting.list("index/releases/an/ann/lunar")), len(noting.list("index/moderation")))
    assert {
        "index/policy",
        "index/trust",
        "index/releases/an/ann/solar",
        "index/releases/an/ann/lunar",
    } == noting.places


def test_an_id_changes_with_what_lies_below_alone() -> None:
    """A new version of one name changes that name's place, and those above it."""
    places = ["index/releases/an/ann/solar", "index/releases/an/ann/lunar", "index/releases", "index/waivers"]
    before = ids_of(MemoryTree(FILES), places)
    after = ids_of(MemoryTree({**FILES, "index/releases/an/ann/solar/1.1.0/release.json": b"5"}), places)

    assert {"index/releases/an/ann/solar", "index/releases"} == {one for one in places if before[one] != after[one]}
    assert "" == after["index/waivers"]
