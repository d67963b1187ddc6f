"""What the tool remembers for a person: registries added, what was seen of each, submissions made.

    registries.json        [{name, id, where, kind, demo, added}]
    seen/<id>.json         what was seen of one registry: the guard against going back in time
    entitlements/<id>.json the tier that the operator of one registry gave this person
    submissions.json       [{…}] as the author's verbs noted them
    lock                   one writer at a time

Forgetting any of it would weaken trust unseen, so a damaged file stops, and is never begun anew.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from registry_tool.core import canonical, limits
from registry_tool.core.digest import is_hex
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids
from registry_tool.core.quoting import quoted
from registry_tool.stores.rooted import Rooted, told

STATE_BYTES: Final = 64 * limits.MIB  # what was seen of a registry grows with the names looked at

_REGISTRIES: Final = "registries.json"
_SUBMISSIONS: Final = "submissions.json"
_ENTRY: Final = frozenset(("name", "id", "where", "kind", "demo", "added"))


class StateStore:
    """The person's memory in `folder`, which is made at the first write, for the person's eyes only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = Rooted(folder)

    def registries(self) -> tuple[Mapping[str, Any], ...]:  # Any: JSON, looked at below
        """The registries that were added, by name: {name, id, where, kind, demo, added}.

        `NotTrusted` with code `state-damaged` where the file does not say what it should.
        """
        entries = self._rows(_REGISTRIES)
        for entry in entries:
            if entry.keys() != _ENTRY or not isinstance(entry["demo"], bool) or not _texts(entry):
                raise self._damaged(_REGISTRIES, "an entry has other members than " + ", ".join(sorted(_ENTRY)))
        return entries

    def add(self, *, name: str, id: str, where: str, kind: str, demo: bool, added: str) -> None:  # noqa: A002  # the member's name
        """Keeps a registry. `StateForbids` (`name-taken`) where another one has the name.

        The same id again replaces its entry: the address moved, the trust did not. `added` is a time
        as documents write it.
        """
        entry = {"name": name, "id": id, "where": where, "kind": kind, "demo": demo, "added": added}
        with self._writing():
            others = [row for row in self.registries() if row["id"] != id]
            if any(row["name"] == name for row in others):
                hint = f"choose another name, or first: registry remote remove {name}"
                raise StateForbids(f"another registry is called {quoted(name)}", code="name-taken", hint=hint)
            self._write(_REGISTRIES, sorted([*others, entry], key=lambda row: str(row["name"])))

    def remove(self, name: str) -> Mapping[str, Any]:  # Any: JSON
        """Forgets the registry called `name` and returns its entry; what was seen of it stays.

        Were that forgotten too, removing and adding again would let an old state pass for new.
        """
        with self._writing():
            rows = self.registries()
            gone = next((row for row in rows if row["name"] == name), None)
            if gone is None:
                hint = "see: registry remote list"
                raise NotFound(f"no registry is called {quoted(name)}", code="no-registry", hint=hint)
            self._write(_REGISTRIES, [row for row in rows if row is not gone])
            return gone

    def seen(self, registry_id: str) -> Mapping[str, Any]:  # Any: JSON; whoever wrote it knows its form
        """What was remembered of a registry; empty where it was never seen."""
        path = _seen_path(registry_id)
        value = self._read(path, missing={})
        if not isinstance(value, dict):
            raise self._damaged(path, "it is not a JSON object")
        return value

    def merge(
        self,
        registry_id: str,
        merged: Callable[[Mapping[str, Any]], Mapping[str, Any]],  # Any: JSON
    ) -> None:
        """Replaces what is remembered of a registry by what `merged` makes of it, with no other writer in between."""
        path = _seen_path(registry_id)
        with self._writing():
            self._write(path, dict(merged(self.seen(registry_id))))

    def entitlement(self, registry_id: str) -> Mapping[str, Any]:  # Any: JSON; whoever wrote it knows its form
        """The entitlement that was kept of a registry; empty where there is none."""
        path = _seen_path(registry_id, "entitlements")
        value = self._read(path, missing={})
        if not isinstance(value, dict):
            raise self._damaged(path, "it is not a JSON object")
        return value

    def keep_entitlement(self, registry_id: str, value: Mapping[str, Any]) -> None:  # Any: JSON
        """Keeps an entitlement of a registry, in the place of the one before it."""
        path = _seen_path(registry_id, "entitlements")
        with self._writing():
            self._files.make_folder("entitlements", mode=0o700)
            self._write(path, dict(value))

    def submissions(self) -> tuple[Mapping[str, Any], ...]:  # Any: JSON
        """What the author submitted from here, in the order in which it was noted."""
        return self._rows(_SUBMISSIONS)

    def note_submission(self, submission: Mapping[str, Any]) -> None:  # Any: JSON
        """Notes a submission; one with the same `id` and `registry` is replaced in its place."""
        with self._writing():
            rows = list(self.submissions())
            key = (submission.get("registry"), submission.get("id"))
            place = next((i for i, row in enumerate(rows) if (row.get("registry"), row.get("id")) == key), None)
            if place is None:
                rows.append(submission)
            else:
                rows[place] = submission
            self._write(_SUBMISSIONS, rows)

    def _rows(self, path: str) -> tuple[dict[str, Any], ...]:
        value = self._read(path, missing=[])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self._damaged(path, "it is not a list of JSON objects")
        return tuple(value)

    def _read(self, path: str, *, missing: Any) -> Any:  # Any: JSON
        try:
            data = self._files.read(path, limit=STATE_BYTES)
        except OSError as error:
            raise told(error, str(self._folder / path)) from error
        if data is None:
            return missing
        try:
            return canonical.parse_loose(data, limit=STATE_BYTES, what="the file", floats=True)
        except InvalidInput as error:
            raise self._damaged(path, error.message) from error

    def _damaged(self, path: str, reason: str) -> NotTrusted:
        return NotTrusted(
            f"what was remembered is damaged: {reason}",
            where=str(self._folder / path),
            code="state-damaged",
            hint="bring it back from a backup; if you delete it, an old state of a registry can pass for new once",
        )

    def _write(self, path: str, value: Any) -> None:  # Any: JSON
        data = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
        draft = f"{path}.new"
        self._files.unlink(draft)  # left by a process that was killed; we hold the lock
        self._files.write_new(draft, data, mode=0o600)
        self._files.move(draft, path)
        self._files.sync_folder(path.rpartition("/")[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time; the lock dies with its process."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._files.make_folder("seen", mode=0o700)
            descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)
        except OSError as error:
            raise told(error, str(self._folder)) from error


def _seen_path(registry_id: str, folder: str = "seen") -> str:
    if not is_hex(registry_id):
        raise InvalidInput(f"a registry's id is 64 hex digits, this is {quoted(registry_id)}", code="bad-id")
    return f"{folder}/{registry_id}.json"


def _texts(entry: Mapping[str, Any]) -> bool:  # Any: JSON
    return all(isinstance(value, str) for name, value in entry.items() if name != "demo")
