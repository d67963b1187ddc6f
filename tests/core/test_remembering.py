"""A tree that reads everything once."""

from registry_tool.core.remembering import REMEMBERED_BYTES, Remembering
from registry_tool.core.tree import MemoryTree, TreeEntry

LARGE = b"x" * (REMEMBERED_BYTES + 1)


class Counting(MemoryTree):
    """Notes every question."""

    def __init__(self) -> None:
        super().__init__({"a/small": b"1", "a/large": LARGE})
        self.asked: list[str] = []

    def read(self, path: str) -> bytes | None:
        self.asked.append(f"read {path}")
        return super().read(path)

    def entry(self, path: str) -> TreeEntry | None:
        self.asked.append(f"entry {path}")
        return super().entry(path)


def test_what_is_small_is_read_once_and_what_is_large_each_time() -> None:
    """The answers are those of the tree, also that something is not there."""
    base = Counting()
    tree = Remembering(base)
    found = [(tree.read("a/small"), tree.read("a/large"), tree.read("b"), tree.entry("a/small")) for _ in range(2)]
    listed = [tree.list("a") for _ in range(2)]

    assert found[0] == found[1] == (b"1", LARGE, None, base.entry("a/small"))
    assert listed == [base.list("a")] * 2
    assert (1, 2, 1) == tuple(base.asked.count(f"read {path}") for path in ("a/small", "a/large", "b"))
