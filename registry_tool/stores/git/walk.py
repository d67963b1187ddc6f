"""Walks over commits and folders: what differs, and what two lines have in common. Pure: callables give objects."""

import heapq
from collections.abc import Callable
from typing import Final

from registry_tool.core.errors import InvalidInput
from registry_tool.core.ports import Edit
from registry_tool.core.tree import TreeEntry
from registry_tool.stores.git.objects import FOLDER_MODE, Folder, Node

Folders = Callable[[str, int], Folder]
"""Id and depth of a folder to what is in it."""

Parents = Callable[[str], tuple[int, tuple[str, ...]]]
"""Commit to its time and parents."""

CHANGED_PATHS: Final = 5_000_000  # twice what 250,000 releases hold; a bomb of folders has more
DEPTH: Final = 64  # four times what a payload may have
_EMPTY: Final[Folder] = {}
_NOTHING: Final = (None, None)
_ONE, _OTHER, _BOTH, _STALE = 1, 2, 3, 4


def file_entry(name: str, node: Node | None) -> TreeEntry | None:
    """`node` as an entry, where it is something other than a folder."""
    return None if node is None or node.type == "folder" else TreeEntry(name, node.type, node.id)


def differences(old: str | None, new: str, folders: Folders, *, most: int = CHANGED_PATHS) -> tuple[Edit, ...]:
    """Every path that differs between two root folders, sorted; folders that are equal are not looked into.

    `InvalidInput` (`too-large`) for more than `most` paths, or deeper folders than any registry has: a few
    kilobytes of git can describe billions of files.
    """
    edits: list[Edit] = []
    todo: list[tuple[str, int, Node | None, Node | None]] = [
        ("", 0, Node(FOLDER_MODE, old) if old else None, Node(FOLDER_MODE, new))
    ]
    while todo:
        prefix, depth, was, now = todo.pop()
        before = folders(was.id, depth) if was else _EMPTY
        after = folders(now.id, depth) if now else _EMPTY
        for name in before.keys() | after.keys() if before and after else before or after:
            was, now = before.get(name), after.get(name)
            if was == now:
                continue
            path = prefix + name
            old_file, new_file = file_entry(name, was), file_entry(name, now)
            if old_file or new_file:
                edits.append(Edit(path, old_file, new_file))
            below = None if old_file else was, None if new_file else now
            if below != _NOTHING:
                todo.append((f"{path}/", depth + 1, *below))
            if depth >= DEPTH or len(edits) + len(todo) > most:
                message = f"a commit changes at most {most} paths, {DEPTH} folders deep; this one changes more"
                raise InvalidInput(message, where=path[:100], code="too-large")
    return tuple(sorted(edits, key=lambda edit: edit.path))


def common_ancestor(one: str, other: str, parents: Parents) -> str | None:
    """The newest commit that both grew from (as git's commit-reach.c paints histories down)."""
    if one == other:
        return one
    paint = {one: _ONE, other: _OTHER}
    queue = [(-parents(commit)[0], commit) for commit in (one, other)]
    heapq.heapify(queue)
    found: set[str] = set()
    while any(not paint[commit] & _STALE for _, commit in queue):
        _, commit = heapq.heappop(queue)
        colours = paint[commit]
        if colours == _BOTH:
            found.add(commit)
            colours |= _STALE
        for parent in parents(commit)[1]:
            before = paint.get(parent, 0)
            if before & colours != colours:
                paint[parent] = before | colours
                heapq.heappush(queue, (-parents(parent)[0], parent))
    best = (commit for commit in found if not paint[commit] & _STALE)
    return min(best, key=lambda commit: (-parents(commit)[0], commit), default=None)
