"""Changes to a folder that happen all or not at all, whatever stops them.

    .registry/staging/new/<n>    what change n puts in place, written and synced first
    .registry/staging/old/<n>    what change n moved out of the way
    .registry/journal.json       the changes, written before the first one is done

Doing a change is one rename. Removing the journal is the commit instant: where there is one, what
was done is undone, last first; where there is none, the staging folder is rubbish. Whether a change
was done is read off the disk (a rename leaves its source empty), so undoing may itself be stopped.

What the person did meanwhile is never lost: undoing takes away only what still holds the bytes that
the journal names, and a journal that came with somebody's clone can do no more than that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from stat import S_ISREG
from typing import Annotated, Final, Literal

from pydantic import Field

from registry_tool.core import canonical, limits
from registry_tool.core.digest import sha256
from registry_tool.core.document import Document, HexText, Seq
from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.payload import Payload
from registry_tool.stores.receipts import FOLDER
from registry_tool.stores.rooted import Rooted, checked

JOURNAL: Final = f"{FOLDER}/journal.json"
STAGING: Final = f"{FOLDER}/staging"
JOURNAL_BYTES: Final = 64 * limits.MIB  # 5,000 files with their digests, in the folders of fifty agents

_DRAFT: Final = f"{FOLDER}/journal.new"
_ITSELF: Final = ""  # the file itself, among the digests of what lies below a path


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
    held: Mapping[str, str] | None = None
    """What it must still hold then: paths below it (empty for a file) to digests. `None`: whatever it holds."""


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
    files: dict[str, HexText]
    """Digests of what was put there, by the path below it; a file itself has the empty one."""


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
        data = document.to_bytes()
        if len(data) > JOURNAL_BYTES:
            raise InvalidInput(f"its journal would have more than {JOURNAL_BYTES} bytes", code="too-large")
        self._step("journal")
        self._files.write_new(_DRAFT, data, mode=0o600)
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
                if change.held is not None and self._others(_old(number), change.held):
                    raise _moved(files, change.path)
            case MakeFolder():
                files.make_folder(change.path)
            case EmptyFolder():
                files.remove_empty(change.path)

    def _undo(self, number: int, entry: Entry) -> None:
        """Undoes one change if it was done; what it had put in place goes back to staging."""
        files = self._files
        new, old = _new(number), _old(number)
        there = files.kind(entry.path) is not None
        match entry.op:
            case "put" if files.kind(new) is None and there:
                self._refuse_others(entry, entry.files)
                files.move(entry.path, new)
            case "swap" if files.kind(new) is None and files.kind(old) is not None:
                self._refuse_others(entry, entry.files)
                files.move(old, entry.path)
            case "drop" if files.kind(old) is not None:
                self._refuse_others(entry, {})
                files.move(old, entry.path)
            case "make":
                files.remove_empty(entry.path)
            case "empty" if not there:
                files.make_folder(entry.path, mode=entry.mode)
            case _:
                return
        files.sync_folder(entry.path.rpartition("/")[0])

    def _refuse_others(self, entry: Entry, held: Mapping[str, str]) -> None:
        """`StateForbids` (`local-edits`) where something is in the place of `entry` that undoing would take away."""
        if self._files.kind(entry.path) is None:
            return
        others = self._others(entry.path, held)
        if others:
            raise StateForbids(
                f"what was stopped here must be undone first, and this was changed since: {', '.join(others)}",
                where=str(self._files.root),
                code="local-edits",
                hint="move it to another place, then do it again",
            )

    def _others(self, path: str, held: Mapping[str, str]) -> tuple[str, ...]:
        """What lies at and below `path` and is not one of `held` with its digest, sorted; links and pipes are not."""
        files = self._files
        if files.kind(path) != "folder":
            return () if self._holds(path, held.get(_ITSELF)) else (path,)
        if not held:
            return (path,)
        folders = {above for name in held for above in folders_above(name)}
        below = files.walk(path)
        others = (
            f"{path}/{name}"
            for name, kind in below
            if not (name in folders if kind == "folder" else self._holds(f"{path}/{name}", held.get(name)))
        )
        return tuple(sorted(others))

    def _holds(self, path: str, digest: str | None) -> bool:
        status = self._files.status(path)
        if digest is None or status is None or not S_ISREG(status.st_mode) or status.st_size > limits.PAYLOAD_BYTES:
            return False
        return sha256(self._files.read(path, limit=limits.PAYLOAD_BYTES) or b"") == digest


def folders_above(path: str) -> tuple[str, ...]:
    """The folders around `path`, outermost first."""
    parts = path.split("/")
    return tuple("/".join(parts[:depth]) for depth in range(1, len(parts)))


def _entry(change: Change) -> Entry:
    match change:
        case PutFolder():
            digests = {name: str(sha256(file.data)) for name, file in sorted(change.files.items())}
            return Entry(op="put", path=change.path, mode=0, files=digests)
        case PutFile():
            return Entry(op="put", path=change.path, mode=0, files={_ITSELF: sha256(change.data)})
        case Swap():
            return Entry(op="swap", path=change.path, mode=0, files={_ITSELF: sha256(change.data)})
        case Drop():
            return Entry(op="drop", path=change.path, mode=0, files={})
        case MakeFolder():
            return Entry(op="make", path=change.path, mode=0, files={})
        case EmptyFolder():
            return Entry(op="empty", path=change.path, mode=change.mode, files={})


def _new(number: int) -> str:
    return f"{STAGING}/new/{number}"


def _old(number: int) -> str:
    return f"{STAGING}/old/{number}"


def _moved(files: Rooted, path: str) -> StateForbids:
    where = str(files.root / path)
    return StateForbids("it was changed by somebody else meanwhile", where=where, code="moved", hint="do it again")
