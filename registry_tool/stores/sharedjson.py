"""JSON files that several artifacts and the person write, as they will be after an install."""

import json
from collections.abc import Sequence
from typing import Final

from registry_tool.core import limits
from registry_tool.core.digest import sha256
from registry_tool.core.plan import AddItem, SetMember, SetRow
from registry_tool.stores import jsontext
from registry_tool.stores.journal import Change, Drop, PutFile, Swap
from registry_tool.stores.jsonplaces import Child, decode
from registry_tool.stores.jsontext import Pointer, Written
from registry_tool.stores.receipts import ItemStep, JsonStep, MemberStep, RowStep
from registry_tool.stores.rooted import Rooted

SHARED_BYTES: Final = 8 * limits.MIB  # a project's settings; also what is parsed in a fraction of a second

_NEW: Final = "{}\n"


class SharedJson:
    """The files as read from `files`, edited in memory; `changes` says what came of it."""

    def __init__(self, files: Rooted) -> None:
        self._files = files
        self._before: dict[str, bytes | None] = {}
        self._texts: dict[str, str] = {}
        self.made: dict[str, set[Pointer]] = {}
        """Objects and arrays that were made here; the empty pointer is the file."""

    def where(self, path: str) -> str:
        """The file's full path, for messages."""
        return str(self._files.root / path)

    def text(self, path: str) -> str:
        """The text as it is by now; that of an empty object where there is no file."""
        if path not in self._texts:
            data = self._files.read(path, limit=SHARED_BYTES)
            self._before[path] = data
            self._texts[path] = _NEW if data is None else decode(data, self.where(path))
        return self._texts[path]

    def set(self, step: SetMember | SetRow | AddItem) -> str | None:
        """Writes one step; the text of the value that stood there, `None` where none did."""
        text, where = self.text(step.path), self.where(step.path)
        match step:
            case SetMember():
                written = jsontext.set_member(text, step.pointer, step.key, step.value, where)
            case SetRow():
                written = jsontext.set_row(text, step.pointer, step.by, step.value, where)
            case AddItem():
                written = jsontext.add_item(text, step.pointer, step.value, where)
        self._keep(step.path, written)
        return written.replaced

    def _keep(self, path: str, written: Written) -> None:
        self._texts[path] = written.text
        made = self.made.setdefault(path, set())
        made.update(written.made)
        if self._before[path] is None:
            made.add(())

    def find(self, step: JsonStep) -> Child | None:
        """What lies in the place of `step` by now."""
        text, where = self.text(step.path), self.where(step.path)
        match step:
            case MemberStep():
                return jsontext.find_member(text, step.pointer, step.name, where)
            case RowStep():
                return jsontext.find_row(text, step.pointer, step.by, step.written.get(step.by), where)
            case ItemStep():
                return jsontext.find_item(text, step.pointer, step.written, where)

    def take_back(self, step: JsonStep) -> None:
        """Removes what `step` wrote, or puts back what it replaced; nothing where it is gone."""
        child = self.find(step)
        if child is None:
            return
        text, replaced = self.text(step.path), None if isinstance(step, ItemStep) else step.replaced
        if replaced is None:
            self._texts[step.path] = jsontext.take_out(text, step.pointer, child, self.where(step.path))
        else:
            self._texts[step.path] = jsontext.put_back(text, child, replaced)

    def prune(self, path: str, made: Sequence[Pointer]) -> None:
        """Removes the objects and arrays of `made` that are empty by now."""
        self._texts[path] = jsontext.prune(self.text(path), tuple(made), self.where(path))

    def changes(self, ours: frozenset[str]) -> tuple[Change, ...]:
        """What has to be done to the files; those of `ours`, which installs made, go when nothing is left in them."""
        changes: list[Change] = []
        for path in sorted(self._texts):
            before, text = self._before[path], self._texts[path]
            empty = json.loads(text) == {}
            if before is None and not empty:
                changes.append(PutFile(path, text.encode()))
            elif before is not None and empty and path in ours:
                changes.append(Drop(path, {"": sha256(before)}))
            elif before is not None and text.encode() != before:
                status = self._files.status(path)
                changes.append(Swap(path, text.encode(), before, (status.st_mode if status else 0o644) & 0o7777))
        return tuple(changes)
