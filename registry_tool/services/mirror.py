"""Whether a site is what a clone's commit builds: every file is fetched and compared.

    clone ──build, in memory──▶ path: digest ─┐
                                              ├──▶ the same, missing, other, extra
    site  ──fetch, batch by batch──▶ bytes ───┘

What jobs sign (`tuf/`) nobody can build again; what it says is compared by whoever can read it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from registry_tool.core import layout, limits
from registry_tool.core.catalogue import read_catalogue
from registry_tool.core.digest import Hex, is_hex, sha256
from registry_tool.core.errors import RegistryError, Unreachable
from registry_tool.core.index import Made
from registry_tool.core.ports import Source
from registry_tool.services.built import Build

BATCH_FILES: Final = 60
"""Files that are asked for together."""
BATCH_BYTES: Final = 384 * limits.MIB
"""What the files of a batch may have together, whatever the site sends."""

_DOWN: Final = frozenset(("unreachable", "timeout", "server-error", "bad-certificate", "denied"))
"""The site is not there, so nothing can be said about its files."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as the clone builds it."""

    path: str
    what: Literal["missing", "other", "extra"]
    detail: str = ""
    """What came instead, where that says more."""


SignedContent = Callable[[Source, Sequence[Made]], Sequence[Difference]]
"""Compares what jobs sign with the files that it should list; `Difference`s are about paths below `tuf/`."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it."""

    files: int
    """That the clone builds."""
    differences: tuple[Difference, ...]
    """By path."""
    older: int
    """Earlier states of files, under their digests, that lie there still; they harm nobody."""
    newest: tuple[str, str] | None
    """The times of the newest admissions, in the clone and at the site, where the catalogues differ and say them."""

    @property
    def same(self) -> int:
        """Files that are as they should be."""
        return self.files - sum(one.what != "extra" for one in self.differences)

    @property
    def age(self) -> Literal["behind", "ahead", ""]:
        """Whether the site shows an older or a newer state than the clone, as far as admissions tell."""
        if self.newest is None or self.newest[0] == self.newest[1]:
            return ""
        return "behind" if self.newest[1] < self.newest[0] else "ahead"


@dataclass(slots=True)
class _Work:
    build: Build
    site: Source
    found: list[Difference] = field(default_factory=list)
    catalogues: tuple[bytes, bytes] | None = None
    """The clone's and the site's, where they differ."""

    def batches(self) -> Iterator[list[tuple[Made, int]]]:
        """Files with their limits in bytes, bounded together."""
        batch: list[tuple[Made, int]] = []
        room = BATCH_BYTES
        for one in self.build.made:
            limit = self._limit(one)
            if batch and (len(batch) == BATCH_FILES or limit > room):
                yield batch
                batch, room = [], BATCH_BYTES
            batch.append((one, limit))
            room -= limit
        if batch:
            yield batch

    def _limit(self, one: Made) -> int:
        """How long a file can be and still be right."""
        if self.build.kept:
            return len(one.load(one.path))
        return limits.BUNDLE_BYTES if one.path.startswith("objects/") else limits.CATALOGUE_BYTES

    def compare(self, batch: Sequence[tuple[Made, int]]) -> None:
        """Fetches and compares a batch."""
        for (one, _), answer in zip(batch, self._answers(batch), strict=True):
            if answer is None:
                self.found.append(Difference(one.path, "missing"))
            elif isinstance(answer, RegistryError):
                self.found.append(Difference(one.path, "other", answer.message))
            elif sha256(answer) != one.sha256:
                detail = "a web page" if answer[:256].lstrip()[:1] == b"<" and one.path.endswith(".json") else ""
                self.found.append(Difference(one.path, "other", detail))
                if one.path == layout.CATALOGUE:
                    self.catalogues = one.load(one.path), answer

    def _answers(self, batch: Sequence[tuple[Made, int]]) -> Sequence[bytes | RegistryError | None]:
        try:
            return self.site.fetch_all([(one.path, limit) for one, limit in batch])
        except RegistryError:
            return [self._answer(one.path, limit) for one, limit in batch]  # one of them; which, and why

    def _answer(self, path: str, limit: int) -> bytes | RegistryError | None:
        try:
            return self.site.fetch(path, limit=limit)
        except RegistryError as error:
            if isinstance(error, Unreachable) and error.code in _DOWN:
                raise
            return error


def compare(
    build: Build, site: Source, *, there: Sequence[str] | None = None, signed: SignedContent | None = None
) -> Compared:
    """How `site` differs from `build`, the rebuilt site of a commit.

    `there` are all paths of the site where they can be listed: what is more than should be is told then.
    `signed` compares what jobs sign. Raises `Unreachable` where the site does not answer.
    """
    work = _Work(build, site)
    for batch in work.batches():
        work.compare(batch)
    if signed is not None:
        work.found += signed(site, build.made)
    older = 0
    wanted = {one.path for one in build.made}
    for path in there or ():
        if path in wanted or (signed is not None and path.startswith(layout.METADATA)):
            continue
        if _is_older(path, wanted, site):
            older += 1
        else:
            work.found.append(Difference(path, "extra"))
    differences = tuple(sorted(work.found, key=lambda one: one.path))
    return Compared(len(build.made), differences, older, _newest(work.catalogues, build.registry))


def _is_older(path: str, wanted: set[str], site: Source) -> bool:
    """Whether a file is an earlier state of one that is published, whole, under its own digest."""
    folder, slash, name = path.rpartition("/")
    digest, _, plain = name.partition(".")
    if not is_hex(digest) or f"{folder}{slash}{plain}" not in wanted:
        return False
    try:
        data = site.fetch(path, limit=limits.CATALOGUE_BYTES)
    except RegistryError:
        return False
    return data is not None and sha256(data) == digest


def _newest(catalogues: tuple[bytes, bytes] | None, registry: Hex) -> tuple[str, str] | None:
    if catalogues is None:
        return None
    try:
        ours, theirs = (read_catalogue(data, registry=registry).artifacts for data in catalogues)
    except RegistryError:
        return None
    return max((row.updated for row in ours), default=""), max((row.updated for row in theirs), default="")
