"""What an artifact may do, in words, and what of that came or went from one version to the next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from registry_tool.core.index import Category, Release
from registry_tool.core.permissions import group_of
from registry_tool.site.words import visible

_GROUP: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")
"""Groups that have a page; what no kind knows may begin with anything."""


@dataclass(frozen=True, slots=True)
class PermissionLine:
    """A permission in words, and as it stands in the manifest."""

    words: str
    raw: str
    href: str
    """Of the page about permissions like it; empty where there is none."""


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """What a version may do that the one before it might not, and the other way round."""

    since: str
    """The version before it."""
    added: tuple[PermissionLine, ...]
    removed: tuple[PermissionLine, ...]
    same: int


def permission(raw: str, category: Category, root: str) -> PermissionLine:
    """A permission in the words of its kind, for a page that lies `root` below."""
    words = category.kind.grammar.explain(raw) if category.kind else None
    text = words or "something that this registry's tool does not know"
    group = group_of(raw)
    there = words is not None and _GROUP.fullmatch(group) is not None
    href = f"{root}permissions/{group}/" if there else ""
    return PermissionLine(visible(text[:1].upper() + text[1:]), visible(raw), href)


def change(release: Release, releases: Sequence[Release], category: Category, root: str) -> PermissionChange | None:
    """What changed since the version before; `None` where there is none."""
    old = before(release, releases)
    if old is None:
        return None
    was, now = frozenset(old.manifest.permissions), frozenset(release.manifest.permissions)
    return PermissionChange(
        old.manifest.version,
        tuple(permission(raw, category, root) for raw in sorted(now - was)),
        tuple(permission(raw, category, root) for raw in sorted(was - now)),
        len(was & now),
    )


def before(release: Release, releases: Sequence[Release]) -> Release | None:
    """The version before; of one that is no pre-release the one that is none either, since people come from that."""
    place = next(
        place for place, one in enumerate(releases) if one is release
    )  # two that are equal take long to compare
    older = islice(releases, place + 1, None)
    return next((one for one in older if _is_early(release) or not _is_early(one)), None)


def _is_early(release: Release) -> bool:
    return "-" in release.manifest.version.partition("+")[0]
