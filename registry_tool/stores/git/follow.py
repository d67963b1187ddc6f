"""A work tree that goes along when its branch is moved: each file that the person has not touched."""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from dulwich.file import GitFile
from dulwich.index import (
    ConflictedIndexEntry,
    IndexChecksumReader,
    IndexChecksumWriter,
    IndexEntry,
    index_entry_from_stat,
    read_index_dict_with_version,
    write_index_dict,
)

from registry_tool.core.ports import Edit
from registry_tool.core.tree import TreeEntry
from registry_tool.stores.git.objects import EXECUTABLE_MODE, FILE_MODE
from registry_tool.stores.git.store import oid
from registry_tool.stores.git.worktree import Blocked, WorkTree, is_safe
from registry_tool.stores.git.write import BLOB, object_id

_Rows = dict[bytes, IndexEntry | ConflictedIndexEntry]


class Follower:
    """Brings the index and the files of a work tree from one commit to the next, path by path."""

    def __init__(self, work_tree: Path, index: Path) -> None:
        self._files = WorkTree(work_tree)
        self._index = index

    @property
    def locked(self) -> bool:
        """Whether git is at work here."""
        return self._index.with_name("index.lock").exists()

    def follow(self, edits: Sequence[Edit], blob: Callable[[str], bytes]) -> None:
        """Follows `edits`; leaves alone what has changes of its own."""
        entries: _Rows = {}
        version = 2
        if self._index.exists():
            with GitFile(str(self._index), "rb") as file:
                entries, version, extensions = read_index_dict_with_version(IndexChecksumReader(file))
            if any(extension.signature in (b"link", b"sdir") for extension in extensions):
                return  # split and sparse indexes hold only a part of it
        for edit in edits:
            self._one(edit, entries, blob)
        with GitFile(str(self._index), "wb") as file:
            checked = IndexChecksumWriter(file)
            # Extensions cache what was there before, and would be believed; git makes them again.
            write_index_dict(checked, entries, version=version, extensions=[])
            checked.write_checksum()

    def _one(self, edit: Edit, entries: _Rows, blob: Callable[[str], bytes]) -> None:
        key = edit.path.encode("utf-8", "surrogateescape")
        was = entries.get(key)
        if isinstance(was, ConflictedIndexEntry) or (was and was.sha.decode("ascii")) != (edit.old and edit.old.id):
            return  # staged by the person
        seen: os.stat_result | None = None
        try:
            ours = self._is_ours(edit, was, blob)
            if ours and edit.new is None:
                self._files.remove(edit.path)
            elif ours and edit.new and edit.new.type in ("file", "executable"):
                data = blob(edit.new.id)
                seen = self._files.write(edit.path, data, executable=edit.new.type == "executable")
        except Blocked:
            if not is_safe(edit.path):
                return
        if edit.new is None:
            entries.pop(key, None)
        else:
            entries[key] = _index_entry(edit.new, seen)

    def _is_ours(self, edit: Edit, was: IndexEntry | None, blob: Callable[[str], bytes]) -> bool:
        """Whether what lies in the work tree is what the old commit put there."""
        seen = self._files.look(edit.path)
        if seen is None:
            return edit.old is None
        if not stat.S_ISREG(seen.st_mode):
            return False
        if was is None:
            return edit.new is not None and self._files.read(edit.path) == blob(edit.new.id)
        if seen.st_size == was.size and divmod(seen.st_mtime_ns, 10**9) == was.mtime:
            return True
        return object_id(BLOB, self._files.read(edit.path)) == was.sha.decode("ascii")


def _index_entry(new: TreeEntry, seen: os.stat_result | None) -> IndexEntry:
    """The index's row for `new`; where no file was written, one that makes git look at the file."""
    modes = {"file": FILE_MODE, "executable": EXECUTABLE_MODE, "link": 0o120000, "submodule": 0o160000}
    mode = modes[new.type]
    if seen is None:
        return IndexEntry((0, 0), (0, 0), 0, 0, mode, 0, 0, 0, oid(new.id))
    return index_entry_from_stat(seen, oid(new.id), mode)
