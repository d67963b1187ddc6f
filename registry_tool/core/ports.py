"""The doors to the world: what services need, and who gives it lives elsewhere.

History    a git repository                stores/git.py
Remote     a git repository behind a URL   stores/remote.py
Source     a registry to install from      stores/http/, or core/published.py over a Tree
Index      which files it has, signed      signing/tuf/client.py
Shelf      files under their digests       stores/shelf.py
Target     a project's folder              stores/disk.py
Forge      where people read and talk      forges/, core/forge.py
Exchange   a server with an API            stores/http/
Keys       the person's keys               stores/keys.py
Memory     what was seen and added         stores/state.py
Reporter   progress and talk               cli/show.py
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from registry_tool.core.digest import Hex
from registry_tool.core.freshness import Freshness, Listed
from registry_tool.core.keys import Signer
from registry_tool.core.payload import Files
from registry_tool.core.plan import Plan
from registry_tool.core.tree import Tree, TreeEntry


@dataclass(frozen=True, slots=True)
class Edit:
    """One path that differs between two trees."""

    path: str
    old: TreeEntry | None
    """`None` where the path is new."""
    new: TreeEntry | None
    """`None` where the path is gone."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit says, its tree apart."""

    id: str
    parents: tuple[str, ...]
    message: str
    author: str
    """`Name <mail>`."""
    at: int
    """Committer time, seconds since 1970."""


class History(Protocol):
    """A local git repository, bare or not; objects are read straight from the store."""

    @property
    def where(self) -> str:
        """Its path, for messages."""
        ...

    def resolve(self, ref: str) -> str | None:
        """The commit that a branch, tag, `HEAD` or commit id names; `None` where there is none."""
        ...

    def tree(self, commit: str) -> Tree:
        """The files of a commit. `Unreachable` with the mending command where objects are missing."""
        ...

    def info(self, commit: str) -> Commit:
        """What the commit says."""
        ...

    def changed(self, base: str | None, head: str) -> tuple[Edit, ...]:
        """Every path that differs, sorted; all of `head` where `base` is `None`."""
        ...

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both grew from."""
        ...

    def line(self, head: str) -> Iterator[str]:
        """`head` and its first parents, newest first; ends at a shallow boundary."""
        ...

    def branches(self, prefix: str = "") -> Mapping[str, str]:
        """Branch name (without `refs/heads/`) to commit id, for names that begin with `prefix`."""
        ...

    def commit(
        self,
        additions: Files,
        *,
        onto: str | None,
        message: str,
        author: str,
        at: int,
        executable: frozenset[str] = frozenset(),
    ) -> str:
        """The id of a new commit with `additions` laid over `onto`; no branch moves.

        `at` is in seconds since 1970, zone UTC; the same arguments give the same id.
        """
        ...

    def move(self, branch: str, *, old: str | None, new: str | None) -> None:
        """Moves, makes (`old=None`) or deletes (`new=None`) a branch by compare-and-swap.

        `StateForbids` with code `moved` where the branch is not at `old`. Where the branch is checked
        out in a work tree that has no changes of its own, the work tree follows.
        """
        ...


class Source(Protocol):
    """A registry as consumers read it: the paths of the static site (formats, part 10)."""

    @property
    def where(self) -> str:
        """Its address, for messages."""
        ...

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """The bytes at a path of the site, `None` where there is nothing.

        `InvalidInput` or `NotTrusted` for more than `limit` bytes, `Unreachable` where there is no answer.
        """
        ...

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several paths with their limits at once, in order; over HTTP in parallel."""
        ...


class Index(Protocol):
    """The signed index of one registry (TUF), followed from the registry's id."""

    def listed(self, paths: Sequence[str]) -> Mapping[str, Listed | None]:
        """What the index says of these paths of the site; `None` where it proves that there is no such file.

        The first call asks the registry. `NotTrusted` for an index that does not hold or is not fresh.
        """
        ...

    @property
    def freshness(self) -> Freshness | None:
        """How fresh it is; `None` before the first call of `listed`."""
        ...


class Shelf(Protocol):
    """Files under their SHA-256, kept between runs; losing them costs time only."""

    def get(self, digest: Hex) -> bytes | None:
        """The file with this digest, looked at again; `None` where it is not there."""
        ...

    def put(self, digest: Hex, data: bytes) -> None:
        """Keeps a file; a full or missing disk is no error."""
        ...


class Target(Protocol):
    """The project (or personal folder) that installs go to."""

    def apply(self, plan: Plan, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Does `plan` and leaves a receipt with `record` in it; returns the receipt.

        Old or new state, never between: `StateForbids` (`local-edits`, `exists`) and failures of the
        disk leave everything as it was.
        """
        ...


class Keys(Protocol):
    """The person's private keys, by owner and use."""

    def find(self, owner: str, use: str) -> Signer | None:
        """The signer of `owner` (an author id, or `registry:<name>`) for `use`."""
        ...

    def make(self, owner: str, use: str) -> Signer:
        """A new key, kept before it is returned; `StateForbids` where there is one."""
        ...

    def every(self, owner: str, use: str) -> tuple[Signer, ...]:
        """All keys of `owner` for `use`, oldest first: which of them counts says each registry's chain."""
        ...

    def another(self, owner: str, use: str) -> Signer:
        """A new key beside those that are there, kept before it is returned."""
        ...


Again = Callable[[str, int], bytes | None]
"""Fetches a path (with its limit in bytes) once more, past all caches."""

Clock = Callable[[], int]
"""Seconds since 1970; only `wiring.py` has one."""


class Reporter(Protocol):
    """Tells the person what goes on; says nothing in a pipe."""

    def say(self, text: str) -> None:
        """One sentence about what is being done."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Exchange(Protocol):
    """Asks a server for something other than a file: a forge's API."""

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, limit: int) -> Answered:
        """The answer, at most `limit` bytes of body; any status is an answer. `Unreachable` where there is none.

        https only, plain http to this machine; a redirect goes nowhere else with the headers, and is followed only
        for `GET`.
        """
        ...
