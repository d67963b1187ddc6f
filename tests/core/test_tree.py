"""Folders of files as values."""

import pytest

from registry_tool.core.tree import MemoryTree, Overlay, Tree, TreeEntry, walk

FILES = {"a.txt": b"a", "sub/b.txt": b"b", "sub/deep/run": b"c"}
TREE = MemoryTree(FILES, executable=frozenset({"sub/deep/run"}))
OVER = Overlay(TREE, {"sub/b.txt": b"B", "sub/new": b"n", "other/x": b"x"})


def names(tree: Tree, folder: str = "") -> list[tuple[str, str]]:
    """Name and type of what lies in a folder."""
    return [(entry.name, entry.type) for entry in tree.list(folder)]


def test_a_memory_tree_lists_its_files() -> None:
    """Folders come from paths, and everything is sorted."""
    assert [("a.txt", "file"), ("sub", "folder")] == names(TREE)
    assert [("b.txt", "file"), ("deep", "folder")] == names(TREE, "sub")
    assert [("run", "executable")] == names(TREE, "sub/deep")
    assert [] == names(TREE, "missing")
    assert FILES == TREE.files
    assert [] == names(MemoryTree({}))


@pytest.mark.parametrize(
    ("path", "data", "kind"),
    [("a.txt", b"a", "file"), ("sub/deep/run", b"c", "executable"), ("sub", None, "folder"), ("sub/x", None, None)],
)
def test_a_path_has_bytes_or_is_a_folder(path: str, data: bytes | None, kind: str | None) -> None:
    """A file has bytes and an entry, a folder an entry alone, anything else nothing."""
    entry = TREE.entry(path)

    assert (data, kind) == (TREE.read(path), entry.type if entry else None)


def test_equal_ids_mean_equal_content() -> None:
    """The id of a folder changes when something below it changes, and only then."""

    def of(files: dict[str, bytes], *, executable: frozenset[str] = frozenset()) -> TreeEntry | None:
        return MemoryTree(files, executable=executable).entry("d")

    same = [of({"d/e/f": b"1", "x": b"2"}), of({"x": b"3", "d/e/f": b"1"})]
    others = [of({"d/e/f": b"2"}), of({"d/e/g": b"1"}), of({"d/e/f": b"1"}, executable=frozenset({"d/e/f"}))]

    assert same[0] == same[1]
    assert 4 == len({same[0], *others})


def test_walking_finds_every_file_in_order() -> None:
    """All paths, from the top or from a folder, and no folders among them."""
    assert ["a.txt", "sub/b.txt", "sub/deep/run"] == [path for path, _ in walk(TREE)]
    assert [("sub/deep/run", "executable")] == [(path, entry.type) for path, entry in walk(TREE, "sub/deep")]
    assert ["a.txt", "other/x", "sub/b.txt", "sub/deep/run", "sub/new"] == [path for path, _ in walk(OVER)]


def test_an_overlay_shows_what_a_landing_would_give() -> None:
    """An added file wins, others shine through, folders of both are mixed."""
    assert [b"B", b"n", b"a", b"x", None] == [
        OVER.read(path) for path in ("sub/b.txt", "sub/new", "a.txt", "other/x", "missing")
    ]
    assert [("a.txt", "file"), ("other", "folder"), ("sub", "folder")] == names(OVER)
    assert [("b.txt", "file"), ("deep", "folder"), ("new", "file")] == names(OVER, "sub")
    assert OVER.entry("missing") is None


def test_a_mixed_folder_is_neither_of_both() -> None:
    """What only one has keeps its id; a folder that both have gets another."""
    mixed, below = OVER.entry("sub"), TREE.entry("sub")

    assert (OVER.entry("sub/deep"), OVER.entry("a.txt")) == (TREE.entry("sub/deep"), TREE.entry("a.txt"))
    assert mixed is not None
    assert below is not None
    assert mixed.id != below.id
    assert OVER.entry("sub/b.txt") == MemoryTree({"b.txt": b"B"}).entry("b.txt")
