"""What is read of a whole folder, kept for whoever asks about the same folder next.

A queue asks for all names and for everybody's keys with each of its submissions. A function that takes an `At`
can keep what it gives (`functools.lru_cache`): two of them are equal where what lies there is.
"""

from registry_tool.core.tree import Tree


class At:
    """A folder of a tree whose ids say what lies below; equal to every other one with the same content."""

    __slots__ = ("_key", "folder", "tree")

    def __init__(self, tree: Tree, folder: str) -> None:
        entry = tree.entry(folder)
        self.tree = tree
        self.folder = folder
        self._key = folder, entry.id if entry is not None else ""

    def __eq__(self, other: object) -> bool:
        """Whether the same lies there."""
        return isinstance(other, At) and self._key == other._key

    def __hash__(self) -> int:
        """By what lies there."""
        return hash(self._key)
