"""Changes to a folder that happen all or not at all, whatever stops them.

    .registry/staging/new/<n>    what change n puts in place, written and synced first
    .registry/staging/old/<n>    what change n moved out of the way
    .registry/journal.json       the changes, written before the first one is done

Doing a change is one rename. Removing the journal is the commit instant: where there is one, what
was done is undone, last first; where there is none, the staging folder is rubbish. Whether a change
was done is read off the disk (a rename leaves its source empty), so undoing may itself be stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from registry_tool.core import canonical, limits
from registry_tool.core.document import Document, Seq
from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.payload import Payload
from registry_tool.stores.receipts import FOLDER
from registry_tool.stores.rooted import Rooted, checked

JOURNAL: Final = f"{FOLDER}/journal.json"
STAGING: Final = f"{FOLDER}/staging"
JOURNAL_BYTES: Final = 16 * limits.MIB  # two full payloads, file by file

_DRAFT: Final = f"{FOLDER}/journal.new"


@dataclass(frozen=True, slots=True)
class PutFolder:
    """A folder appears with all it holds."""

    path: str
    files: Payload


@dataclass(frozen=True, slots=True)
class PutFile:
    """A file appears."""

    path: str
    data: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Swap:
    """A file gets other bytes."""

    path: str
    data: bytes
    old: bytes
    """What it must still hold then."""
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Drop:
    """A file, or a folder with all it holds, goes."""

    path: str


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """An empty folder appears."""

    path: str


@dataclass(frozen=True, slots=True)
class EmptyFolder:
    """A folder goes if it is empty by then."""

    path: str
    mode: int


Change = PutFolder | PutFile | Swap | Drop | MakeFolder | EmptyFolder


class Entry(Document):
    """One change as the journal keeps it."""

    op: Literal["put", "swap", "drop", "make", "empty"]
    path: str
    mode: Annotated[int, Field(ge=0, le=0o7777)]
    """Of a folder that goes."""


class Entries(Document):
    """The journal; a change's number is its place."""

    schema_: Literal["registry.journal/1"] = Field(alias="schema")
    entries: Seq[Entry]


class Journal:
    """Does changes below the root of `files`; whoever uses it holds the folder's lock.

    `step` is called with a word before each thing that is done to the disk.
    """

    def __init__(self, files: Rooted, step: Callable[[str], None]) -> None:
        self._files = files
        self._step = step

    def pending(self) -> bool:
        """Whether something was stopped before its commit instant."""
        return self._files.kind(JOURNAL) is not None

    def run(self, changes: Sequence[Change]) -> None:
        """Does all of `changes`. Where this raises, call `recover`, and all is as before.

        `OSError` as the disk raises it; `StateForbids` (`moved`) where a file changed meanwhile.
        """
        self._stage(changes)
        entries = tuple(_entry(change) for change in changes)
        self._write_journal(entries)
        for number, change in enumerate(changes):
            self._step(f"do {change.path}")
            self._do(number, change)
        self._step("sync")
        for folder in sorted({path.rpartition("/")[0] for path in (change.path for change in changes)}):
            self._files.sync_folder(folder)
        self._commit()

    def recover(self) -> None:
        """Undoes what has a journal, and sweeps what has none."""
        if self.pending():
            for number, entry in reversed(list(enumerate(self._read_journal()))):
                self._step(f"undo {entry.path}")
                self._undo(number, entry)
            self._commit()
        self.sweep()

    def sweep(self) -> None:
        """Removes what was staged; nothing of it is in use once there is no journal."""
        for path in (_DRAFT, STAGING):
            if self._files.kind(path) is not None:
                self._step(f"sweep {path}")
                self._files.remove_tree(path)

    def _commit(self) -> None:
        self._step("commit")
        self._files.unlink(JOURNAL)
        self._step("committed")
        self._files.sync_folder(FOLDER)

    def _stage(self, changes: Sequence[Change]) -> None:
        for folder in (STAGING, f"{STAGING}/new", f"{STAGING}/old"):
            self._step("stage")
            self._files.make_folder(folder, mode=0o700)
        for number, change in enumerate(changes):
            match change:
                case PutFolder():
                    self._stage_folder(_new(number), change.files)
                case PutFile():
                    self._write(_new(number), change.data, change.mode)
                case Swap():
                    self._write(_new(number), change.data, change.mode)
                    self._write(_old(number), change.old, change.mode)
                case Drop() | MakeFolder() | EmptyFolder():
                    pass
        for folder in (f"{STAGING}/new", f"{STAGING}/old", STAGING):
            self._files.sync_folder(folder)

    def _stage_folder(self, path: str, files: Payload) -> None:
        folders = {path} | {f"{path}/{above}" for name in files for above in folders_above(name)}
        for folder in sorted(folders):
            self._step("stage")
            self._files.make_folder(folder)
        for name in sorted(files):
            self._write(f"{path}/{name}", files[name].data, 0o755 if files[name].executable else 0o644)
        for folder in sorted(folders, reverse=True):
            self._files.sync_folder(folder)

    def _write(self, path: str, data: bytes, mode: int) -> None:
        self._step("stage")
        self._files.write_new(path, data, mode=mode)

    def _write_journal(self, entries: tuple[Entry, ...]) -> None:
        document = Entries.of({"schema": "registry.journal/1", "entries": [entry.value() for entry in entries]})
        self._step("journal")
        self._files.write_new(_DRAFT, document.to_bytes(), mode=0o600)
        self._step("journal")
        self._files.move(_DRAFT, JOURNAL)
        self._files.sync_folder(FOLDER)

    def _read_journal(self) -> tuple[Entry, ...]:
        data = self._files.read(JOURNAL, limit=JOURNAL_BYTES) or b""
        try:
            entries = Entries.of(canonical.parse(data, limit=JOURNAL_BYTES, what="the journal")).entries
            for entry in entries:
                checked(entry.path)
        except (InvalidInput, TypeError, ValueError) as error:
            hint = "restore the folder from version control, then delete .registry/journal.json and .registry/staging"
            where = str(self._files.root / JOURNAL)
            raise StateForbids("the journal is damaged", where=where, code="journal-damaged", hint=hint) from error
        return entries

    def _do(self, number: int, change: Change) -> None:
        files = self._files
        match change:
            case PutFolder() | PutFile():
                if files.kind(change.path) is not None:
                    raise _moved(files, change.path)
                files.move(_new(number), change.path)
            case Swap():
                if files.read(change.path, limit=JOURNAL_BYTES) != change.old:
                    raise _moved(files, change.path)
                files.move(_new(number), change.path)
            case Drop():
                files.move(change.path, _old(number))
            case MakeFolder():
                files.make_folder(change.path)
            case EmptyFolder():
                files.remove_empty(change.path)

    def _undo(self, number: int, entry: Entry) -> None:
        """Undoes one change if it was done; what it had put in place goes back to staging."""
        files = self._files
        new, old = _new(number), _old(number)
        match entry.op:
            case "put" if files.kind(new) is None and files.kind(entry.path) is not None:
                files.move(entry.path, new)
            case "swap" if files.kind(new) is None and files.kind(old) is not None:
                files.move(old, entry.path)
            case "drop" if files.kind(old) is not None:
                files.move(old, entry.path)
            case "make":
                files.remove_empty(entry.path)
            case "empty" if files.kind(entry.path) is None:
                files.make_folder(entry.path, mode=entry.mode)
            case _:
                return
        files.sync_folder(entry.path.rpartition("/")[0])


def folders_above(path: str) -> tuple[str, ...]:
    """The folders around `path`, outermost first."""
    parts = path.split("/")
    return tuple("/".join(parts[:depth]) for depth in range(1, len(parts)))


def _entry(change: Change) -> Entry:
    match change:
        case PutFolder() | PutFile():
            return Entry(op="put", path=change.path, mode=0)
        case Swap():
            return Entry(op="swap", path=change.path, mode=0)
        case Drop():
            return Entry(op="drop", path=change.path, mode=0)
        case MakeFolder():
            return Entry(op="make", path=change.path, mode=0)
        case EmptyFolder():
            return Entry(op="empty", path=change.path, mode=change.mode)


def _new(number: int) -> str:
    return f"{STAGING}/new/{number}"


def _old(number: int) -> str:
    return f"{STAGING}/old/{number}"


def _moved(files: Rooted, path: str) -> StateForbids:
    where = str(files.root / path)
    return StateForbids("it was changed by somebody else meanwhile", where=where, code="moved", hint="do it again")
