"""The client's side of the signed index: python-tuf's updater over our own sources.

    timestamp the same as last time ──▶ what was verified then still holds          (no library needed)
    another timestamp ──▶ root? ──▶ snapshot ──▶ targets ──▶ the bins of what is asked

The library verifies; around it lie what it leaves open: one lock for its cache, limits for each
download, work without a network until something expires, one more try when the site changes while it
is read, and words that a person understands. Nothing here is trusted but the registry's id.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry_tool.core import layout, limits
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids, Unreachable
from registry_tool.core.freshness import Freshness, Listed
from registry_tool.core.ports import Again, Source
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.signing.tuf.known import Known, read_known, write_known
from registry_tool.signing.tuf.verified import demand_roots, expiries_of, judge_at, listed_by

if TYPE_CHECKING:
    from tuf.ngclient import Updater

TIMESTAMP_BYTES: Final = 16_384
SNAPSHOT_BYTES: Final = 2_000_000
BIN_BYTES: Final = 1_000_000
_KNOWN: Final = "known.json"
_STALE: Final = "--allow-stale takes what was signed last, and says so"


class TufIndex:
    """The signed index of `registry` at `source`, followed in `folder`; an `Index`.

    `first_root` gives the bytes of its first root, whose SHA-256 is the id; `now` is in seconds since
    1970; `clock` says what the other side's clock said last, where it does. With `stale` what expired is
    taken all the same; everything else is still verified.
    """

    def __init__(
        self,
        source: Source,
        registry: str,
        folder: Path,
        *,
        first_root: Callable[[], bytes],
        now: int,
        again: Again | None = None,
        clock: Callable[[], str | None] = lambda: None,
        stale: bool = False,
    ) -> None:
        self._source = source
        self._registry = registry
        self._folder = folder
        self._first_root = first_root
        self._now = now
        self._again = again
        self._clock = clock
        self._stale = stale
        self._timestamp: bytes | None = None
        self._unasked: Unreachable | None = None
        self._updater: Updater | None = None
        self._known: Known | None = None

    @property
    def freshness(self) -> Freshness | None:
        """How fresh it is; `None` before the first call of `listed`."""
        if self._known is None or self._timestamp is None:
            return None
        return self._known.freshness(asked=self._unasked is None)

    def listed(self, paths: Sequence[str]) -> Mapping[str, Listed | None]:
        """What the index says of these paths; raises `NotTrusted`, `Unreachable`."""
        with self._alone():
            first = self._timestamp is None
            if first:
                self._begin()
            held = self._known if self._holds() else None
            if held is None or any(path not in held.listed for path in paths):
                held = self._known = self._follow(paths)
                first = True
            if first and self._follows():  # another process may have seen a newer one meanwhile
                write_known(self._folder / _KNOWN, held)
            return {path: held.listed[path] for path in paths}

    def _begin(self) -> None:
        """Asks for the timestamp; where nobody can be asked, the last one is good until something expires."""
        self._known = read_known(self._folder / _KNOWN)
        try:
            data = self._source.fetch(layout.TIMESTAMP, limit=TIMESTAMP_BYTES)
        except Unreachable as error:
            data = self._old_timestamp()
            if data is None:
                raise
            self._unasked = error
        if data is None:
            raise NotTrusted(
                "this site has no signed index, so nobody can say whether what it shows is the newest state",
                where=self._source.where,
                code="index-unsigned",
                hint="its operator signs it with `registry build`; --allow-stale takes it unsigned, for once",
            )
        self._timestamp = data
        until = self._known.until if self._known else _expiry(data)
        if self._unasked and not self._stale and until and to_seconds(until) <= self._now:
            raise self._expired(f"it is good until {until}")

    def _follows(self) -> bool:
        """Whether what was verified last time follows from this timestamp, and nobody saw a newer one here."""
        timestamp = sha256(self._timestamp or b"")
        return self._known is not None and timestamp == self._known.timestamp == sha256(self._old_timestamp() or b"")

    def _holds(self) -> bool:
        """Whether what was verified last time counts: nothing newer is there, and it is fresh."""
        if self._known is None or not (self._unasked or self._follows()):
            return False
        return self._stale or self._now < to_seconds(self._known.until)

    def _follow(self, paths: Sequence[str]) -> Known:
        """What the library finds of these paths; once more from the start where the site changed meanwhile."""
        from tuf.api.exceptions import DownloadError, RepositoryError

        try:
            return self._look(paths)
        except (RepositoryError, DownloadError) as error:
            self._updater = None
            again = self._newer_timestamp()
            if again is None:
                raise self._told(error) from error
            self._timestamp = again
        try:
            return self._look(paths)
        except (RepositoryError, DownloadError) as error:
            self._updater = None
            raise self._told(error) from error

    def _newer_timestamp(self) -> bytes | None:
        """The timestamp past all caches; `None` where there is nothing to ask again for."""
        if self._unasked:
            return None
        if self._again is not None:
            return self._again(layout.TIMESTAMP, TIMESTAMP_BYTES)
        return self._source.fetch(layout.TIMESTAMP, limit=TIMESTAMP_BYTES)

    def _look(self, paths: Sequence[str]) -> Known:
        updater = self._updater or self._start()
        self._updater = updater
        before = self._known if self._follows() else None
        looked: dict[str, Listed | None] = {}
        for path in paths:
            if path not in looked:
                looked |= listed_by(updater, path)
        listed = {**(before.listed if before else {}), **looked}
        expires, lifetimes = expiries_of(updater)
        for role, time in before.expires.items() if before else ():
            expires[role] = min(time, expires.get(role, time))  # of bins that were read before
        as_of = self._known.as_of if self._unasked and self._known else from_seconds(self._now)
        return Known(sha256(self._timestamp or b""), as_of, expires, lifetimes, listed)

    def _start(self) -> "Updater":
        """The library's updater, its top-level metadata verified at our clock."""
        from tuf.ngclient import Updater, UpdaterConfig

        config = UpdaterConfig(
            root_max_length=limits.ROOT_BYTES,
            timestamp_max_length=TIMESTAMP_BYTES,
            snapshot_max_length=SNAPSHOT_BYTES,
            targets_max_length=BIN_BYTES,
        )
        first = self._root_one()
        folder = self._folder / "metadata"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Where the timestamp is the one that was verified, so is the root under which it was.
        asked = self._unasked is None and not self._follows()
        fetcher = _fetcher(self._source, self._timestamp or b"", ask_roots=asked)
        updater = Updater(str(folder), layout.METADATA, fetcher=fetcher, config=config, bootstrap=first)
        judge_at(updater, 0 if self._stale else self._now)
        updater.refresh()
        demand_roots(updater)
        return updater

    def _root_one(self) -> bytes:
        """The first root, which the id pins."""
        try:
            data = (self._folder / "metadata" / "root_history" / "1.root.json").read_bytes()
        except OSError:
            data = b""
        if sha256(data) != self._registry:
            data = self._first_root()
        if sha256(data) != self._registry:
            raise NotTrusted(
                f"this is another registry: its id should be {self._registry}, it is {sha256(data)}",
                where=self._source.where,
                code="other-registry",
                hint="ask the operator for the registry's id by another way than this address",
            )
        return data

    def _old_timestamp(self) -> bytes | None:
        try:
            return (self._folder / "metadata" / "timestamp.json").read_bytes()
        except OSError:
            return None

    def _told(self, error: Exception) -> RegistryError:
        """The library's error in our words."""
        from tuf.api import exceptions

        inner = error.__cause__
        if isinstance(inner, RegistryError):
            return inner
        where = self._source.where
        if isinstance(error, exceptions.ExpiredMetadataError):
            return self._expired(_part(str(error), _expiry(self._timestamp)))
        if self._unasked:
            return self._unasked  # what is known is damaged; only the site could say it anew
        if isinstance(error, exceptions.DownloadError):
            return Unreachable(
                f"its signed index is not whole: {error}",
                where=where,
                code="index-missing",
                hint="try again in a minute; if it stays so, tell its operator to run `registry build`",
            )
        older = isinstance(error, exceptions.BadVersionNumberError)
        what = "is older than it should be, or mixed from two states" if older else "does not hold"
        return NotTrusted(
            f"its signed index {what}: {str(error).rstrip('.')}",
            where=where,
            code="rolled-back" if older else "index-not-trusted",
            hint="this address shows an older, mixed or forged state; try another mirror, and tell the operator",
        )

    def _expired(self, detail: str) -> NotTrusted:
        """`detail` says which part of it did."""
        why = (
            f"and nobody could be asked for a newer one ({self._unasked})"
            if self._unasked
            else "and the site shows no newer one"
        )
        other = self._clock()
        here = f"this machine's clock says {from_seconds(self._now)}"
        both = f"{here}, the site's {other}" if other else here
        return NotTrusted(
            f"its signed index expired, {why}: {detail}; {both}",
            where=self._source.where,
            code="index-expired",
            hint=f"is the clock right? somebody may be holding back news, or its publishing job sleeps: {_STALE}",
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time: the library's cache has no lock of its own."""
        descriptor = -1
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise StateForbids(f"cannot remember the signed index: {error}", code="disk") from error
        except InvalidInput as error:
            raise NotTrusted(error.message, where=error.where, code=error.code, hint=error.hint) from error
        finally:
            if descriptor >= 0:
                os.close(descriptor)


def _fetcher(source: Source, timestamp: bytes, *, ask_roots: bool) -> Any:  # Any: a class of the library
    """The library's way to our source. The timestamp is here already; `ask_roots` for newer roots than are known.

    Some hosts answer with a page or a refusal where there is no newer root; if there is one, the timestamp
    names it (`demand_roots`).
    """
    from tuf.api.exceptions import DownloadError, DownloadHTTPError
    from tuf.ngclient import FetcherInterface

    class Fetcher(FetcherInterface):
        def download_bytes(self, url: str, max_length: int) -> bytes:
            if url == layout.TIMESTAMP:
                return timestamp
            is_root = url.endswith(".root.json")
            if is_root and not ask_roots:
                raise DownloadHTTPError("there is no newer root", 404)
            try:
                data = source.fetch(url, limit=max_length)
            except RegistryError as error:
                if is_root and isinstance(error, Unreachable):
                    raise DownloadHTTPError("there is no newer root", 404) from error
                raise DownloadError(str(error)) from error
            if data is None:
                raise DownloadHTTPError(f"{url} is not there", 404)
            return data

        def _fetch(self, url: str) -> Iterator[bytes]:
            return iter((self.download_bytes(url, limits.CATALOGUE_BYTES),))

    return Fetcher()


def _expiry(timestamp: bytes | None) -> str | None:
    """When a timestamp says that it expires; `None` where it says no time."""
    try:
        time: str = json.loads(timestamp or b"")["signed"]["expires"]
        to_seconds(time)
    except (ValueError, KeyError, TypeError, RecursionError, InvalidInput):
        return None
    return time


def _part(said: str, until: str | None) -> str:
    """Which part expired, and who signs a new one; `until` is for the timestamp."""
    role = said.removeprefix("Final ").removeprefix("New ").partition(" ")[0].removesuffix(".json")
    if role == "timestamp":
        return f"its timestamp was good until {until}, and a job signs a new one"
    return f"its {role} is too old, and {'its people sign' if role in ('root', 'targets') else 'a job signs'} a new one"
