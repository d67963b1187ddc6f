"""The objects of a repository on disk or in memory, and the settings that say whether it can be read here."""

import re
import shlex
import weakref
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from dulwich.config import ConfigFile
from dulwich.errors import ApplyDeltaError, ChecksumMismatch, FileFormatException
from dulwich.object_store import BaseObjectStore, DiskObjectStore
from dulwich.objects import ObjectID, ShaFile

from registry_tool.core.errors import InvalidInput, NotFound, Unreachable
from registry_tool.core.quoting import quoted
from registry_tool.stores.git.layout import Layout
from registry_tool.stores.git.objects import CommitText, Folder, parse_commit, parse_folder, parse_tag
from registry_tool.stores.git.packs import Packs
from registry_tool.stores.git.write import COMMIT, TAG, TREE, NewObjects

FULL_ID: Final = re.compile(r"[0-9a-f]{40}")
NAMED_DEPTH: Final = 5  # from here down a folder belongs to one name: index/releases/<aa>/<scope>/<name>
_SHORT_ID: Final = re.compile(r"[0-9a-f]{4,39}")
_CACHED_FOLDERS: Final = 20_000  # about 20 MB
_LOOSE_OBJECTS: Final = 200  # more than that are written as one pack: 12,000 small files take seconds
_TAGS_OF_TAGS: Final = 8
_DAMAGE: Final = (ApplyDeltaError, AssertionError, ChecksumMismatch, FileFormatException, ValueError, zlib.error)


class Fetch(Protocol):
    """A way to get objects that a partial clone lacks."""

    def __call__(self, ids: Sequence[str], *, below: bool) -> None:
        """Brings the objects into the store; `below` with all folders below them; `Unreachable` where it cannot."""
        ...


class WrongType(InvalidInput):
    """An object is of another type than what names it says."""


class Objects:
    """The objects of one repository."""

    def __init__(
        self, store: BaseObjectStore, *, where: str, layout: Layout | None, mend: str, fetch: Fetch | None
    ) -> None:
        self._store = store
        self._where = where
        self._layout = layout
        self._mend = mend
        self._fetch = fetch
        self._packs = Packs(layout.common / "objects" / "pack") if layout else None
        self._folder_cache: dict[str, Folder] = {}
        self._parent_cache: dict[str, tuple[int, tuple[str, ...]]] = {}
        # dulwich warns about packs that nobody closed, and the port knows no closing.
        self.close = weakref.finalize(self, store.close)

    @property
    def lazy(self) -> bool:
        """Whether objects may be elsewhere yet."""
        return self._fetch is not None

    def bring(self, names: Sequence[str], *, below: bool) -> None:
        """Fetches those of `names` that are not here, where there is a way to."""
        missing = sorted({name for name in names if oid(name) not in self._store})
        if missing and self._fetch:
            self._fetch(missing, below=below)

    def raw(self, name: str, number: int, *, below: bool = False) -> bytes:
        """The bytes of an object; `Unreachable` where it is not here, `InvalidInput` where it is damaged."""
        try:
            try:
                found, raw = (self._packs and self._packs.read(name)) or self._store.get_raw(oid(name))
            except KeyError:
                self.bring([name], below=below)
                found, raw = self._store.get_raw(oid(name))
        except KeyError as error:
            raise Unreachable(
                f"the git object {name} is not in this repository",
                where=self._where,
                hint=self._mend or f"git -C {shlex.quote(self._where)} fsck",
                code="missing-objects",
            ) from error
        except _DAMAGE as error:
            message = f"the git object {name} is damaged"
            raise InvalidInput(message, where=self._where, hint="clone it again", code="bad-git-object") from error
        if found != number:
            message = f"the git object {name} is of another type than its folder or branch says"
            raise WrongType(message, where=self._where, code="bad-git-object")
        return raw

    def folder(self, name: str, depth: int) -> Folder:
        """What is in the folder with this id, `depth` folders below the root."""
        folder = self._folder_cache.get(name)
        if folder is None:
            folder = parse_folder(self.raw(name, TREE, below=depth >= NAMED_DEPTH), name)
            if len(self._folder_cache) >= _CACHED_FOLDERS:
                self._folder_cache.clear()
            self._folder_cache[name] = folder
        return folder

    def text(self, commit: str) -> CommitText:
        """What a commit says; `NotFound` (`no-commit`) for what is no commit here."""
        if not FULL_ID.fullmatch(commit) or not (self._mend or self._is_here(commit)):
            raise self._no_commit(commit)
        try:
            return parse_commit(self.raw(commit, COMMIT), commit)
        except WrongType as error:
            raise self._no_commit(commit) from error

    def _is_here(self, name: str) -> bool:
        return bool(self._packs and self._packs.read(name)) or oid(name) in self._store

    def _no_commit(self, name: str) -> NotFound:
        return NotFound(f"there is no commit {quoted(name)}", where=self._where, code="no-commit")

    def parents(self, commit: str) -> tuple[int, tuple[str, ...]]:
        """Time and parents of a commit; none at a shallow boundary."""
        known = self._parent_cache.get(commit)
        if known is None:
            text = self.text(commit)
            known = text.at, () if commit in self._shallow() else text.parents
            self._parent_cache[commit] = known
        return known

    def _shallow(self) -> frozenset[str]:
        if self._layout is None:
            return frozenset()
        try:
            return frozenset((self._layout.common / "shallow").read_text("ascii").split())
        except FileNotFoundError:
            return frozenset()

    def commit_at(self, name: str | None) -> str | None:
        """The commit that the object `name` is, or is a tag of; `None` for all else."""
        for _ in range(_TAGS_OF_TAGS):
            if name is None or not FULL_ID.fullmatch(name):
                return None
            try:
                number, raw = self._store.get_raw(oid(name))
            except (KeyError, *_DAMAGE):
                return None
            if number != TAG:
                return name if number == COMMIT else None
            name = parse_tag(raw)
        return None

    def short(self, ref: str) -> str | None:
        """The commit whose id begins with `ref`, four hex digits or more; `InvalidInput` (`ambiguous`) for several."""
        if not _SHORT_ID.fullmatch(ref):
            return None
        names = {name.decode("ascii") for name in self._store.iter_prefix(ref.encode("ascii"))}
        commits = [name for name in names if self.commit_at(name) == name]
        if len(commits) > 1:
            message = f"{ref} begins the id of several commits"
            raise InvalidInput(message, where=self._where, hint="give more of its digits", code="ambiguous")
        return commits[0] if commits else None

    def keep(self, objects: NewObjects) -> None:
        """Stores what is not here yet."""
        new = [ShaFile.from_raw_string(number, raw) for number, raw in objects.values()]
        missing = [item for item in new if item.id not in self._store]
        if len(missing) > _LOOSE_OBJECTS:
            self._store.add_objects([(item, None) for item in missing])
        else:
            for item in missing:
                self._store.add_object(item)


def read_config(layout: Layout) -> ConfigFile:
    """The repository's settings; `InvalidInput` for those that say it cannot be read here."""
    path = layout.common / "config"
    try:
        config = ConfigFile.from_path(path, expand_includes=False) if path.is_file() else ConfigFile()
    except (ValueError, FileFormatException) as error:
        raise InvalidInput("git's settings cannot be read", where=str(path), hint="`git config -l` says why") from error
    refused = {"objectformat": "sha1", "refstorage": "files"}
    for name, good in refused.items():
        value = setting(config, "extensions", name)
        if value.lower() not in ("", good):
            message = f"repositories with {name} {good} are read, this one has {quoted(value)}"
            raise InvalidInput(message, where=str(path), hint="clone it again without that", code="not-supported")
    return config


def open_store(layout: Layout, config: ConfigFile) -> DiskObjectStore:
    """The objects of a repository; settings that only say how to write are passed over where they cannot be read."""
    folder = str(layout.common / "objects")
    try:
        return DiskObjectStore.from_config(folder, config)
    except ValueError:  # dulwich knows no `64m`
        return DiskObjectStore(folder)


def setting(config: ConfigFile, section: str, name: str) -> str:
    """The value of a setting, empty where it is not set."""
    try:
        return config.get((section,), name).decode("utf-8", "replace")
    except KeyError:
        return ""


def mending(layout: Layout, config: ConfigFile, path: Path) -> str:
    """The command that brings what this clone lacks."""
    place = shlex.quote(str(path))
    for section in config.sections():
        if section[0] == b"remote" and len(section) > 1 and config.get_boolean(section, "promisor", False):
            # --refetch alone applies the filter again; --unshallow with it leaves older objects out (git 2.39).
            return f"git -C {place} fetch --refetch --no-filter {shlex.quote(section[1].decode('utf-8', 'replace'))}"
    if (layout.common / "shallow").exists():
        return f"git -C {place} fetch --unshallow"
    return ""


def oid(name: str) -> ObjectID:
    """An id as dulwich wants it."""
    return ObjectID(name.encode("ascii"))
