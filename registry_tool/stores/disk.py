"""The project's folder: installs, updates and uninstalls, each whole or not at all.

    <root>/.registry/receipts/<scope>__<name>.json    what each install wrote
    <root>/.registry/{lock,journal.json,staging/}     only while something is done
    <root>/registry.lock.json                         what is pinned; its form is the caller's

Look first (`changes.py`), then do it under a journal (`journal.py`). When the last artifact is
uninstalled, nothing of ours is left.
"""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids
from registry_tool.core.plan import Plan
from registry_tool.stores.changes import Draft
from registry_tool.stores.journal import STAGING, Change, Drop, Journal, MakeFolder, PutFile, PutFolder, Swap
from registry_tool.stores.places import LOCK_FILE
from registry_tool.stores.receipts import FOLDER, RECEIPTS, Made, Receipt, read_receipts, receipt_bytes, receipt_path
from registry_tool.stores.rooted import Rooted, told

LOCK_FILE_BYTES: Final = 16 * limits.MIB  # tens of thousands of artifacts, a line each

_LOCK: Final = f"{FOLDER}/lock"
_PAUSE_SECONDS: Final = 0.02  # between two looks at a lock that another process has
_NOTHING: Final = Made(folders=(), containers={})

LockText = str | Callable[[str | None], str] | None
"""The lock file's new text, or how it follows from the old one."""


class DiskTarget:
    """The folder `root` (a project, or the person's home) as a `Target`.

    `step` is called with a word before each thing that is done to the disk (tests stop it there);
    `patience_seconds` is how long it waits for another install. Every method first ends what an
    earlier one was stopped in.
    """

    def __init__(
        self, root: Path, *, step: Callable[[str], None] = lambda _: None, patience_seconds: float = 10.0
    ) -> None:
        self._root = root
        self._files = Rooted(root)
        self._journal = Journal(self._files, step)
        self._step = step
        self._patience_seconds = patience_seconds

    def receipts(self) -> tuple[Mapping[str, Any], ...]:  # Any: JSON, in the form that `Receipt` has
        """The receipts of everything installed, by artifact: {schema, artifact, record, steps, made}."""
        with self._reading():
            return tuple(receipt.value() for receipt in read_receipts(self._files))

    def receipt(self, artifact: str) -> Mapping[str, Any] | None:  # Any: JSON
        """The receipt of `@scope/name`; `None` where it is not installed."""
        return next((receipt for receipt in self.receipts() if receipt["artifact"] == artifact), None)

    def lock_text(self) -> str | None:
        """The text of `registry.lock.json`; `None` where there is none."""
        with self._reading():
            data = self._files.read(LOCK_FILE, limit=LOCK_FILE_BYTES)
        try:
            return None if data is None else data.decode("utf-8")
        except UnicodeDecodeError as error:
            where = str(self._root / LOCK_FILE)
            hint = "bring it back from version control"
            raise InvalidInput("it is not UTF-8", where=where, code="not-json", hint=hint) from error

    def own(self, path: str) -> bytes | None:
        """What the person wrote into the file at `path`; `None` where there is none."""
        with self._reading():
            return self._files.read(path, limit=limits.MIB)

    def edited(self, receipt: Mapping[str, Any]) -> tuple[str, ...]:  # Any: JSON
        """The files of `receipt` that were changed or removed since, sorted; shared files where our part was."""
        with self._reading():
            draft = Draft(self._files, old=Receipt.of(receipt), others=())
        return tuple(sorted(draft.edited | draft.missing))

    def preview(
        self, plan: Plan, record: Mapping[str, Any], *, replaces: Mapping[str, Any] | None = None, force: bool = False
    ) -> tuple[str, ...]:  # Any: JSON
        """The files that `apply` would write, sorted; the same checks, and nothing is written."""
        with self._reading():
            changes, _ = self._install_changes(plan, record, replaces, force=force)
        paths: set[str] = set()
        for change in changes:
            if isinstance(change, PutFolder):
                paths.update(f"{change.path}/{name}" for name in change.files)
            elif isinstance(change, PutFile | Swap) and not change.path.startswith(f"{FOLDER}/"):
                paths.add(change.path)
        return tuple(sorted(paths))

    def apply(
        self,
        plan: Plan,
        record: Mapping[str, Any],  # Any: JSON, the caller's
        *,
        lock_text: LockText = None,
        replaces: Mapping[str, Any] | None = None,  # Any: JSON
        force: bool = False,
    ) -> Mapping[str, Any]:  # Any: JSON
        """Installs, and returns the receipt. `record["id"]` is `@scope/name`, the rest of it the caller's.

        `replaces` is the old receipt where this is an update: what it wrote goes as the new comes.
        `lock_text` is the whole new text of `registry.lock.json`, or gives it from the one that is there once
        nobody else can write it; `None` leaves it, `""` removes it.

        `StateForbids`: `already-installed`, `exists`, `local-edits` (unless `force`), `busy`, `moved`,
        `disk-full`, `read-only`, `link`. `InvalidInput`: `not-json`, `bad-path`. All is as before then.
        """
        with self._writing():
            changes, receipt = self._install_changes(plan, record, replaces, force=force)
            self._run((*changes, *self._lock_changes(lock_text)))
        return receipt.value()

    def remove(
        self,
        receipt: Mapping[str, Any],  # Any: JSON
        *,
        lock_text: LockText = None,
        force: bool = False,
    ) -> Mapping[str, Any]:  # Any: JSON
        """Uninstalls exactly what `receipt` wrote. Returns it, with `kept`: the person's own files that stayed.

        Raises as `apply` does, and `NotFound` (`not-installed`).
        """
        with self._writing():
            old, others = self._old_and_others(str(receipt["artifact"]), receipt)
            draft = Draft(self._files, old=old, others=others)
            self._refuse_edits(draft, force=force)
            changes = draft.finish((), _NOTHING)
            gone = Drop(receipt_path(str(receipt["artifact"])))
            self._run((*changes, gone, *self._lock_changes(lock_text)))
        return {**receipt, "kept": sorted(draft.kept)}

    def recover(self) -> None:
        """Ends what was stopped: before the commit instant all goes back, after it only rubbish is swept."""
        if self._files.kind(FOLDER) is not None:
            with self._writing():
                pass

    def _install_changes(
        self, plan: Plan, record: Mapping[str, Any], replaces: Mapping[str, Any] | None, *, force: bool
    ) -> tuple[tuple[Change, ...], Receipt]:  # Any: JSON
        artifact = str(record.get("id"))
        path = receipt_path(artifact)
        old, others = self._old_and_others(artifact, replaces)
        draft = Draft(self._files, old=old, others=others)
        self._refuse_edits(draft, force=force)
        steps, made = draft.put(plan, force=force)
        receipt = Receipt(schema="registry.receipt/1", artifact=artifact, record=dict(record), steps=steps, made=made)
        changes = draft.finish(steps, made)
        # With no folder of receipts yet the first one brings it along; it is ours, so no receipt tells of it.
        folder = () if self._files.kind(RECEIPTS) else (MakeFolder(RECEIPTS),)
        return (*changes, *folder, *self._file_changes(path, receipt_bytes(receipt))), receipt

    def _old_and_others(
        self, artifact: str, replaces: Mapping[str, Any] | None
    ) -> tuple[Receipt | None, tuple[Receipt, ...]]:  # Any: JSON
        """The receipt of `artifact` on the disk, which must be `replaces`, and all others."""
        all_receipts = read_receipts(self._files)
        old = next((receipt for receipt in all_receipts if receipt.artifact == artifact), None)
        if old is not None and replaces is None:
            hint = f"update it, or first: registry uninstall {artifact}"
            raise StateForbids(f"{artifact} is installed already", code="already-installed", hint=hint)
        if old is None and replaces is not None:
            raise NotFound(f"{artifact} is not installed here", where=str(self._root), code="not-installed")
        if old is not None and replaces is not None and old != Receipt.of(_without_kept(replaces)):
            raise StateForbids(f"{artifact} was installed anew meanwhile", code="moved", hint="do it again")
        return old, tuple(receipt for receipt in all_receipts if receipt.artifact != artifact)

    def _refuse_edits(self, draft: Draft, *, force: bool) -> None:
        if draft.edited and not force:
            raise StateForbids(
                f"you changed what was installed: {', '.join(sorted(draft.edited))}",
                where=str(self._root),
                code="local-edits",
                hint="keep a copy of your changes, then do it again with --force",
            )

    def _lock_changes(self, text: LockText) -> tuple[Change, ...]:
        if callable(text):
            text = text(self.lock_text())
        if text is None:
            return ()
        if text:
            return self._file_changes(LOCK_FILE, text.encode("utf-8"))
        return (Drop(LOCK_FILE),) if self._files.kind(LOCK_FILE) else ()

    def _file_changes(self, path: str, data: bytes) -> tuple[Change, ...]:
        """What gives the file at `path` these bytes, nothing where it has them."""
        before = self._files.read(path, limit=LOCK_FILE_BYTES)
        if before is None:
            return (PutFile(path, data),)
        return () if before == data else (Swap(path, data, before),)

    def _run(self, changes: Sequence[Change]) -> None:
        try:
            self._journal.run(changes)
        except BaseException:  # a person's Ctrl-C too must leave all as it was
            self._mend()
            raise
        try:
            self._journal.sweep()
        except BaseException as error:
            self._mend()
            # It is done and stays done; that rubbish could not be swept is no failure.
            if not isinstance(error, OSError):
                raise

    def _mend(self) -> None:
        """Undoes or sweeps what was stopped; where that fails too, whoever comes next does it."""
        try:
            self._journal.recover()
        except (OSError, RegistryError):
            pass  # the journal stays, and the first error tells more

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """The disk in a state that is whole; its errors in our words."""
        try:
            if self._journal.pending():
                self.recover()
            yield
        except OSError as error:
            raise told(error, str(self._root)) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The folder to ourselves, with nothing unfinished in it."""
        try:
            self._step("open")
            self._root.mkdir(parents=True, exist_ok=True)
            lock = self._locked()
            try:
                self._journal.recover()
                yield
            finally:
                try:
                    self._tidy()
                finally:
                    os.close(lock)
                    self._remove_notes()
        except OSError as error:
            raise told(error, str(self._root)) from error

    def _locked(self) -> int:
        """A descriptor that holds the lock, which dies with its process."""
        ends = time.monotonic() + self._patience_seconds
        while True:
            descriptor = self._lock_once()
            if descriptor is not None:
                return descriptor
            if time.monotonic() > ends:
                hint = "wait until it is done, then do it again"
                raise StateForbids("another install is at work here", where=str(self._root), code="busy", hint=hint)
            time.sleep(_PAUSE_SECONDS)

    def _lock_once(self) -> int | None:
        try:
            self._files.make_folder(FOLDER)
            self._files.demand_file(_LOCK)
            with self._files.folder(FOLDER) as folder:
                # A pipe or a device in its place must not make us wait.
                flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
                descriptor = os.open("lock", flags, 0o600, dir_fd=folder)
        except FileNotFoundError:
            return None  # whoever was last removed the folder just now
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = self._files.status(_LOCK)
            # Whoever had it before may have removed the file; a lock on a removed file keeps nobody out.
            if status is not None and status.st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EWOULDBLOCK):
                os.close(descriptor)
                raise
        os.close(descriptor)
        return None

    def _tidy(self) -> None:
        """Removes the lock, and what of our folder is empty; while something is unfinished all stays."""
        try:
            if not self._journal.pending() and self._files.kind(STAGING) is None:
                self._files.unlink(_LOCK)
                self._files.remove_empty(RECEIPTS)
        except (OSError, RegistryError):
            pass  # nothing depends on it

    def _remove_notes(self) -> None:
        """Removes our folder if it is empty: once the lock is closed, since some disks keep open files in it."""
        try:
            self._files.remove_empty(FOLDER)
        except (OSError, RegistryError):
            pass  # nothing depends on it


def _without_kept(receipt: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
    return {name: value for name, value in receipt.items() if name != "kept"}
