"""A tree without some of its files."""

from registry_tool.core.tree import MemoryTree, walk
from registry_tool.core.without import Without

TREE = MemoryTree({"a/b/one": b"1", "a/b/two": b"2", "a/c/one": b"1", "top": b"t"})


def test_what_is_hidden_is_not_there() -> None:
    """Neither listed nor read; a folder in which nothing else lies is gone with it."""
    tree = Without(TREE, ["a/c/one", "a/b/two"])

    assert {"a/b/one", "top"} == {path for path, _ in walk(tree)}
    assert (None, None, None) == (tree.read("a/c/one"), tree.entry("a/c/one"), tree.entry("a/c"))
    assert (b"1", b"t") == (tree.read("a/b/one"), tree.read("top"))
    assert tree.entry("nowhere") is None


def test_a_folder_s_id_says_that_something_is_missing() -> None:
    """And stays where nothing is."""
    tree, other = Without(TREE, ["a/b/two"]), Without(TREE, ["a/b/one"])
    ids = [one.entry("a/b") for one in (TREE, tree, other)]

    assert 3 == len({entry.id for entry in ids if entry is not None})
    assert TREE.entry("a/c") == tree.entry("a/c")
    assert TREE.list("a/c") == tree.list("a/c")
