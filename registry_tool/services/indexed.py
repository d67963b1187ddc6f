"""A registry read through its signed index: what the index does not list is not there.

    path ──index──▶ digest ──shelf, else site: <digest>.<name>──▶ bytes, checked

Files below `index/` and `chains/` are read so, and the sigstore trust root; objects carry their own
digests: small ones are kept on the same shelf, large bundles pass through. To everybody else it is a
`Source` like any other.
"""

from collections.abc import Callable, Mapping, Sequence

from registry_tool.core import layout, limits
from registry_tool.core.digest import Hex, is_hex, sha256
from registry_tool.core.errors import NotTrusted, Unreachable
from registry_tool.core.freshness import Freshness, Listed
from registry_tool.core.ports import Again, Index, Shelf, Source


class ShelvedSource:
    """`source` with a shelf for small objects (manifests, evidence, small bundles), which are asked for once."""

    def __init__(self, source: Source, shelf: Shelf) -> None:
        self._source = source
        self._shelf = shelf

    @property
    def where(self) -> str:
        """Its address, for messages."""
        return self._source.where

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """The bytes at a path, `None` where there are none."""
        return self.fetch_all([(path, limit)])[0]

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several paths with their limits at once, in order; nobody is asked for what the shelf has."""
        digests = [_small_object(path, limit) for path, limit in paths]
        found = [self._shelf.get(digest) if digest else None for digest in digests]
        requests = [asked for asked, there in zip(paths, found, strict=True) if there is None]
        answers = iter(self._source.fetch_all(requests) if requests else ())
        return tuple(
            there if there is not None else self._kept(digest, next(answers))
            for digest, there in zip(digests, found, strict=True)
        )

    def _kept(self, digest: Hex | None, data: bytes | None) -> bytes | None:
        if digest is not None and data is not None and sha256(data) == digest:
            self._shelf.put(digest, data)
        return data


class IndexedSource:
    """`source` as its signed `index` lists it; a `Source`.

    `shelf` keeps files between runs; `again` fetches past caches; `told` hears once how fresh it is.
    """

    def __init__(
        self,
        source: Source,
        index: Index,
        shelf: Shelf,
        *,
        again: Again | None = None,
        told: Callable[[Freshness], None] = lambda fresh: None,
    ) -> None:
        self.plain = ShelvedSource(source, shelf)
        self._index = index
        self._shelf = shelf
        self._again = again
        self._told: Callable[[Freshness], None] | None = told

    def offer(self, data: bytes) -> None:
        """Takes a file that was fetched already: it counts only where the index lists it."""
        self._shelf.put(sha256(data), data)

    @property
    def freshness(self) -> Freshness | None:
        """How fresh it is; `None` before anything was asked."""
        return self._index.freshness

    def listed(self, paths: Sequence[str]) -> Mapping[str, Listed | None]:
        """What the index says of these paths; the first time it tells how fresh it is."""
        found = self._index.listed(paths)
        fresh, told, self._told = self._index.freshness, self._told, None
        if fresh is not None and told is not None:
            told(fresh)
        return found

    @property
    def where(self) -> str:
        """Its address, for messages."""
        return self.plain.where

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """The bytes at a path, `None` where the index lists none; `NotTrusted` where the site has others."""
        return self.fetch_all([(path, limit)])[0]

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several paths with their limits at once, in order."""
        mine = [path for path, _ in paths if layout.is_listed(path) or path == layout.TRUSTED_ROOT]
        listed = self.listed(mine) if mine else {}
        found: dict[str, bytes | None] = {}
        requests: list[tuple[str, str, int]] = []
        for path, limit in paths:
            one = listed.get(path)
            if path in listed and one is None:
                found[path] = None
                continue
            there = self._shelf.get(one.sha256) if one else None
            if there is not None:
                found[path] = there
            elif one is None:
                requests.append((path, path, limit))
            else:
                _small_enough(path, one, limit, self.where)
                requests.append((path, layout.by_digest(path, one.sha256), one.size))
        answers = self.plain.fetch_all([(place, limit) for _, place, limit in requests]) if requests else ()
        for (path, place, _), data in zip(requests, answers, strict=True):
            one = listed.get(path)
            found[path] = data if one is None else self._checked(path, place, one, data)
        return tuple(found[path] for path, _ in paths)

    def _checked(self, path: str, place: str, one: Listed, data: bytes | None) -> bytes:
        digest = one.sha256
        if (data is None or sha256(data) != digest) and self._again is not None:
            data = self._again(place, one.size)
        if data is None:
            raise Unreachable(
                f"{path} is listed in the signed index, and is not there",
                where=f"{self.where.rstrip('/')}/{place}",
                code="object-missing",
                hint="try again in a minute, or from another mirror",
            )
        if sha256(data) != digest:
            raise NotTrusted(
                f"{path} is another file than the signed index lists: expected sha256 {digest}, got {sha256(data)}",
                where=f"{self.where.rstrip('/')}/{place}",
                code="bad-digest",
                hint="the address or something between here and there changed it; try another mirror",
            )
        self._shelf.put(digest, data)
        return data


def _small_object(path: str, limit: int) -> Hex | None:
    """The digest of a manifest, evidence or small bundle, by its path; `None` for other files."""
    name = path.rpartition("/")[2]
    return Hex(name) if limit <= limits.EVIDENCE_BYTES and is_hex(name) and path == layout.object_path(name) else None


def _small_enough(path: str, one: Listed, limit: int, where: str) -> None:
    if one.size > limit:
        raise NotTrusted(
            f"{path} may have at most {limit} bytes, the signed index says {one.size}", where=where, code="too-large"
        )
