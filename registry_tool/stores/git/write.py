"""A new root folder from an old one and what is laid over it. Pure: what has to be stored is returned.

Only folders on changed paths are read and made anew; all others keep their ids.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from registry_tool.core.errors import InvalidInput
from registry_tool.core.payload import Files
from registry_tool.core.quoting import quoted
from registry_tool.stores.git.objects import EXECUTABLE_MODE, FILE_MODE, FOLDER_MODE, Folder, Node, folder_bytes
from registry_tool.stores.git.walk import DEPTH, Folders

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4  # git's numbers for the types of objects (gitformat-pack)
_NAMES: Final = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob"}

NewObjects = dict[str, tuple[int, bytes]]
"""Id to type and bytes."""


def object_id(number: int, raw: bytes) -> str:
    """The id that git gives an object; SHA-1 names it and proves nothing here."""
    return hashlib.sha1(b"%s %d\0" % (_NAMES[number], len(raw)) + raw, usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class _Change:
    """What happens to one name: it goes, it becomes a file, or something happens below it."""

    gone: bool = False
    file: Node | None = None
    below: "dict[str, _Change]" = field(default_factory=dict)


def laid_over(
    root: str | None, folders: Folders, additions: Files, *, executable: frozenset[str], removals: frozenset[str]
) -> tuple[str, NewObjects]:
    """The id of the new root folder, and the objects that are new in it.

    `InvalidInput` (`bad-path`) for a path that is none, that would be a file and a folder at once,
    or that is removed and not there.
    """
    objects: NewObjects = {}
    top = _Change()
    for path in sorted(removals):
        _place(top, path).gone = True
    for path in sorted(additions):
        change = _place(top, path)
        name = _keep(objects, BLOB, additions[path])
        change.file = Node(EXECUTABLE_MODE if path in executable else FILE_MODE, name)
    inside = _apply(folders(root, 0) if root else {}, top, folders, objects, "")
    return _keep(objects, TREE, folder_bytes(inside)), objects


def _keep(objects: NewObjects, number: int, raw: bytes) -> str:
    name = object_id(number, raw)
    objects[name] = (number, raw)
    return name


def _place(top: _Change, path: str) -> _Change:
    parts = path.split("/")
    if len(parts) > DEPTH or "\0" in path or any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise _bad(path, "it is not a relative path that git can keep")
    change = top
    for part in parts:
        if change.file:
            raise _bad(path, "a file is to lie above it")
        change = change.below.setdefault(part, _Change())
    return change


def _apply(old: Folder, change: _Change, folders: Folders, objects: NewObjects, path: str) -> Folder:
    """`old` with what `change` says about the names in it."""
    new = dict(old)
    depth = path.count("/") + 1 if path else 0
    for name, inner in change.below.items():
        here = f"{path}/{name}" if path else name
        was = new.get(name)
        if inner.gone:
            if was is None:
                raise _bad(here, "it is to be removed and is not there")
            was = None
            del new[name]
        if inner.file:
            if was and was.type == "folder":
                raise _bad(here, "it is a folder, and a file is to lie there")
            new[name] = inner.file
        elif inner.below:
            if was and was.type != "folder":
                raise _bad(here, "it is no folder, and a file is to lie below it")
            below = _apply(folders(was.id, depth + 1) if was else {}, inner, folders, objects, here)
            if below:
                new[name] = Node(FOLDER_MODE, _keep(objects, TREE, folder_bytes(below)))
            else:
                new.pop(name, None)  # git keeps no empty folders
    return new


def _bad(path: str, why: str) -> InvalidInput:
    return InvalidInput(f"{quoted(path)} cannot be committed: {why}", code="bad-path")
