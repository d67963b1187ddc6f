"""A folder that stands for what lies in it, so that what was read of it can be kept."""

from functools import lru_cache

from registry_tool.core.kept import At
from registry_tool.core.tree import MemoryTree, Overlay

FILES = {"index/a/1": b"1", "index/b/1": b"1"}


def test_folders_are_equal_where_the_same_lies_there() -> None:
    """Of the same tree, of another one with the same files, and of a tree with additions elsewhere."""
    one = At(MemoryTree(FILES), "index/a")
    same = At(Overlay(MemoryTree(FILES), {"index/b/2": b"2"}), "index/a")

    assert (one, hash(one)) == (same, hash(same))
    assert one != At(MemoryTree({**FILES, "index/a/2": b"2"}), "index/a")
    assert one != At(MemoryTree(FILES), "index/b")
    assert one != "index/a"
    assert At(MemoryTree({}), "index/a") == At(MemoryTree({"x": b""}), "index/a")


def test_what_is_read_of_it_is_read_once() -> None:
    """A function that keeps what it gives looks at the first of equal folders alone."""
    read: list[At] = []

    @lru_cache(maxsize=2)
    def names(folder: At) -> tuple[str, ...]:
        read.append(folder)
        return tuple(entry.name for entry in folder.tree.list(folder.folder))

    found = [names(At(MemoryTree(files), "index/a")) for files in (FILES, {**FILES, "x": b""}, {"index/a/2": b""})]

    assert [("1",), ("1",), ("2",)] == found
    assert 2 == len(read)
