"""A site with its signed index, in memory, whose every publish stays at hand for those who attack it.

site = SignedSite(registry, now=NOW)            registry: a RegistryInMemory
old = site.publish()                            all files of the site now, a dict
registry.release("@ann/moon", "1.0.0"); new = site.publish(later=60)
read_through(new, site, folder, now=…).fetch(…)

signed(registry, now=NOW)                       the files of a site that was signed at that moment, no more
signed(registry, {**registry.site(), …}, now=NOW)       the same of other files: what a job signs whose keys were stolen
"""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError, Unreachable
from registry_tool.core.keys import Signer
from registry_tool.core.names import parse_artifact
from registry_tool.core.ports import Source
from registry_tool.core.published import roots_at
from registry_tool.core.roots import read_roots
from registry_tool.core.targets import Days, targets_at
from registry_tool.services.indexed import IndexedSource
from registry_tool.signing.ed25519 import Ed25519Signer, check
from registry_tool.signing.tuf.client import TufIndex
from registry_tool.signing.tuf.index import Authority, Jobs, sign_index
from registry_tool.signing.tuf.offline import RoleKeys, make_targets, sign, signed_by
from registry_tool.stores.shelf import DiskShelf
from tests.builders import RegistryInMemory, SiteInMemory

NOW: Final = 1_795_000_000  # November 2026
DAY: Final = 86_400
SOLAR = layout.name_path(parse_artifact("@ann/solar"))
MOON = layout.name_path(parse_artifact("@ann/moon"))
CHAINS = layout.REGISTRY_CHAINS
BITS: Final = 3
"""Eight bins are enough for a few names."""


class SignedSite:
    """The site of a registry in memory, signed at every publish."""

    def __init__(
        self,
        registry: RegistryInMemory,
        *,
        now: int = NOW,
        days: tuple[int, int, int] = (90, 30, 7),
        people: Sequence[str] = ("targets",),
        bits: int = BITS,
        also: Mapping[str, str] | None = None,
        bins_by: str = "bins",
    ) -> None:
        self.registry = registry
        self.people = people
        """Who signs targets, if nobody else is named."""
        self.now = now
        self.bits = bits
        self.also = also or {}
        """Files that are listed, by path with their digests, and that the site does not hold."""
        self.days = Days(bins=days[0], snapshot=days[1], timestamp=days[2])
        self.files: dict[str, bytes] = {}
        self.more: dict[str, bytes] = {}
        """Files of the site that the registry in memory does not make."""
        self.jobs = Jobs((registry.hand(bins_by),), (registry.hand("publishing"),))
        if not any(path.endswith(".targets.json") for path in registry.files):
            self.targets()

    def fork(self) -> Self:
        """The same site in other hands: what is published there is not published here."""
        other = copy.copy(self)
        other.registry = copy.copy(self.registry)
        other.registry.files, other.registry._hands = dict(self.registry.files), dict(self.registry._hands)
        other.files, other.more = dict(self.files), dict(self.more)
        return other

    def targets(
        self,
        *,
        by: Sequence[str] = (),
        bits: int = 0,
        expires: int = 3650,
        trusted_root: bytes | None = None,
    ) -> None:
        """The next targets metadata, which lets the signers of `jobs.bins` sign the bins; good for `expires` days."""
        number = sum(path.endswith(".targets.json") for path in self.registry.files) + 1
        keys = RoleKeys(tuple(signer.key for signer in self.jobs.bins))
        until = self.now + expires * DAY
        text = make_targets(
            keys, version=number, expires=until, days=self.days, bits=bits or self.bits, trusted_root=trusted_root
        )
        people = [self.registry.hand(name) for name in by or self.people]
        self.registry.files[layout.targets_path(number)] = signed_by(text, people)
        if trusted_root is not None:
            self.more[layout.TRUSTED_ROOT] = trusted_root

    def publish(
        self,
        *,
        later: int = 60,
        jobs: Jobs | None = None,
        renew: bool = False,
        forget: bool = False,
        says_root: int = 0,
        plain: Mapping[str, bytes] | None = None,
    ) -> dict[str, bytes]:
        """The site of what the registry holds now, `later` seconds after the last one; old metadata stays.

        With `forget` the job knows nothing of what it published before; with `says_root` the timestamp
        names a root with that number; `plain` are other files than those that the registry makes.
        """
        self.now += later
        plain = {**(self.registry.site() if plain is None else plain), **self.more}
        tree = self.registry.tree()
        roots = roots_at(tree)
        read = read_roots(roots, registry=self.registry.id, check=check)
        targets = targets_at(tree, read[-1], check=check)
        assert targets is not None
        listed = {path: sha256(data) for path, data in plain.items() if layout.is_listed(path)}
        signed = sign_index(
            {**self.also, **listed},
            lambda path: len(plain.get(path, bytes(1000))),
            authority=Authority(roots[-1], says_root or len(roots), targets),
            previous={} if forget else {path: data for path, data in self.files.items() if path.startswith("tuf/")},
            jobs=jobs or self.jobs,
            now=self.now,
            renew=renew,
        )
        copies = {layout.by_digest(path, sha256(plain[path])): plain[path] for path in (*listed, *self.more)}
        offline = {layout.metadata_path("root", number): text for number, text in enumerate(roots, start=1)}
        offline[layout.metadata_path("targets", targets.number)] = targets.text
        self.files = {**self.files, **plain, **copies, **offline, **signed.files}
        return dict(self.files)


def signed(registry: RegistryInMemory, files: Mapping[str, bytes] | None = None, *, now: int) -> dict[str, bytes]:
    """`files` (default: the registry's site) with an index that the registry's own keys sign at `now`, good for years.

    The jobs have the key that the root names, so that two registries with one root have one job too.
    """
    own = copy.copy(registry)
    own.files, own._hands = dict(registry.files), dict(registry._hands)
    site = SignedSite(own, days=(3650, 3650, 3650), bits=1, bins_by="publishing")
    site.now = now
    return site.publish(later=0, plain=files)


def client(source: Source, registry: str, folder: Path, *, first_root: bytes, now: int, **more: Any) -> TufIndex:
    """The index that a client with `folder` follows at `source`; `more` is for `TufIndex`."""
    return TufIndex(source, registry, folder / "index", first_root=lambda: first_root, now=now, **more)


def index_of(
    files: Mapping[str, bytes] | SiteInMemory, site: SignedSite, folder: Path, *, now: int | None = None, **more: Any
) -> TufIndex:
    """The index that a client with `folder` follows at a site with these files; `more` is for `TufIndex`."""
    source = files if isinstance(files, SiteInMemory) else SiteInMemory(files)
    first_root = roots_at(site.registry.tree())[0]
    again = {"again": lambda path, limit: source.fetch(path, limit=limit)}
    moment = site.now if now is None else now
    return client(source, site.registry.id, folder, first_root=first_root, now=moment, **{**again, **more})


def read_through(
    files: Mapping[str, bytes] | SiteInMemory, site: SignedSite, folder: Path, *, now: int | None = None, **more: Any
) -> IndexedSource:
    """The site with these files as a client with `folder` reads it."""
    source = files if isinstance(files, SiteInMemory) else SiteInMemory(files)
    index = index_of(source, site, folder, now=now, **more)
    return IndexedSource(source, index, DiskShelf(folder / "files"))


def stranger(number: int = 1) -> Ed25519Signer:
    """Somebody's key that no root lists."""
    return Ed25519Signer(bytes([number]) * 32)


class Away:
    """A site that does not answer; a `Source`."""

    where = "https://registry.example/"

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        raise Unreachable("it takes too long to answer", where=self.where, code="timeout")

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        return tuple(self.fetch(path, limit=limit) for path, limit in paths)


def away(site: SignedSite, folder: Path, *, now: int | None = None, stale: bool = False) -> TufIndex:
    """The index of a client whom nobody answers."""
    first_root = roots_at(site.registry.tree())[0]
    return client(
        Away(), site.registry.id, folder, first_root=first_root, now=site.now if now is None else now, stale=stale
    )


def refused(act: Callable[[], object]) -> RegistryError:
    """The error with which `act` is refused."""
    with pytest.raises(RegistryError) as found:
        act()
    return found.value


# What a thief or a careless host does to the files of a site.


def said(files: Mapping[str, bytes], path: str) -> dict[str, Any]:
    """What a file of the signed index says, its signatures apart."""
    found: dict[str, Any] = json.loads(files[path])["signed"]
    return found


def snapshot_path(files: Mapping[str, bytes]) -> str:
    """The snapshot that the timestamp names."""
    return layout.metadata_path("snapshot", said(files, layout.TIMESTAMP)["meta"]["snapshot.json"]["version"])


def bins(files: Mapping[str, bytes]) -> dict[str, str]:
    """The paths of the bins that the snapshot names, by their names."""
    meta = said(files, snapshot_path(files))["meta"]
    names = {name.removesuffix(".json"): one["version"] for name, one in meta.items() if name != "targets.json"}
    return {name: layout.metadata_path(name, version) for name, version in sorted(names.items())}


def bin_of(files: Mapping[str, bytes], path: str) -> str:
    """The path of the bin that lists `path`."""
    return next(place for place in bins(files).values() if path in said(files, place)["targets"])


def forged(
    files: Mapping[str, bytes],
    path: str,
    change: Callable[[dict[str, Any]], None],
    *,
    by: Sequence[Signer] = (),
    to: str = "",
) -> dict[str, bytes]:
    """The files, in which one of the signed index was edited and signed anew by `by`; `to` is another place for it."""
    from tuf.api.metadata import Metadata

    value = json.loads(files[path])
    change(value["signed"])
    if not by:
        return {**files, to or path: canonical.encode(value)}
    metadata: Metadata[Any] = Metadata.from_dict({"signed": value["signed"], "signatures": []})
    for signer in by:
        sign(metadata, signer)
    return {**files, to or path: canonical.encode(metadata.to_dict())}
