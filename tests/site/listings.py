"""Listings in memory, for tests of pages that show many names: no repository and no signature."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry_tool.core.counts import BEFORE, Counts
from registry_tool.core.digest import Hex
from registry_tool.core.index import About, Category, Listing
from registry_tool.core.release import CatalogueRow
from registry_tool.core.routes import FRAMES
from registry_tool.core.tables import RegistryTable, derived_categories
from registry_tool.kinds import all_kinds
from registry_tool.site.gallery import pages

ID = Hex("ab" * 32)
DAY = "2026-03-{:02}T12:00:00Z"
ONE_MORE = "2026-12-01T00:00:00Z"


def an_about(**table: Any) -> About:
    """A registry with a tab for each kind."""
    kinds = all_kinds()
    categories = tuple(Category(row, kind) for row, kind in zip(derived_categories(kinds), kinds, strict=True))
    told = {"name": "The Reading Room", "url": "https://registry.example/", **table}
    return About(ID, RegistryTable(**told), False, categories, ("mod",))


def a_row(artifact: str = "@ann/solar", **more: Any) -> CatalogueRow:
    """One artifact in one line."""
    told = {
        "artifact": artifact,
        "kind": "skill",
        "version": "1.0.0",
        "title": artifact.partition("/")[2].capitalize(),
        "description": f"What {artifact} does.",
        "author": artifact[1:].partition("/")[0],
        "tags": (),
        "permissions": (),
        "status": "active",
        "published": DAY.format(1),
        "updated": DAY.format(1),
        "hooks": (),
        "search": {},
    }
    return CatalogueRow(**{**told, **more})


def many(count: int, **more: Any) -> list[CatalogueRow]:
    """So many rows with names, times and authors that are all over the place, always the same ones."""
    made = []
    for number in range(count):
        odd = hashlib.sha256(str(number).encode()).hexdigest()
        first, later = sorted((int(odd[:6], 16) % 28 + 1, int(odd[6:12], 16) % 28 + 1))
        told = {
            "published": f"2026-01-{first:02}T{number % 24:02}:{number // 24 % 60:02}:00Z",
            "updated": f"2026-02-{later:02}T{number % 24:02}:{number // 24 % 60:02}:00Z",
            "tags": ("all", f"tag-{odd[0]}"),
            "permissions": ("network", "fs:tmp") if number % 3 else (),
            "author": f"author-{odd[:2]}",
            **more,
        }
        made.append(a_row(f"@{odd[12:16]}/{words(odd)}-{number}", **told))
    return made


def words(odd: str) -> str:
    """A name whose letters are spread as in real ones: many begin alike."""
    stems = ("pdf", "paper", "py", "read", "release", "link", "lint", "csv", "chart", "mail", "map", "agent")
    return f"{stems[int(odd[20], 16) % len(stems)]}-{odd[21:24]}"


def a_listing(rows: Iterable[CatalogueRow], about: About | None = None, **more: Any) -> Listing:
    """Everything that these rows come to."""
    return Listing(about or an_about(), sorted(rows, key=lambda row: row.artifact), (), **more)


def counted(installs: Mapping[str, int]) -> Counts:
    """Installs by artifact."""
    names = {artifact: {"1.0.0": {BEFORE: count}} for artifact, count in installs.items()}
    value = {"schema": "registry.counts/1", "registry": ID, "until": "2026-03-01", "names": names}
    return Counts.of(value)


def made(listing: Listing, *only: str) -> dict[str, str]:
    """The pages of a listing, as text; of `only` these folders, where some are named."""
    return {
        one.path: one.make().decode()
        for one in pages(listing)
        if one.path.endswith(".html") and f"/{one.path}" not in FRAMES and (not only or one.path.startswith(only))
    }


def rewritten(before: Listing, after: Listing) -> set[str]:
    """The pages that are another or new; each of them has another key, or the test fails."""
    old = {one.path: one for one in pages(before)}
    new = {one.path: one for one in pages(after)}
    asked = {path for path, one in new.items() if path not in old or old[path].key != one.key}
    return {path for path in asked if path not in old or old[path].make() != new[path].make()}


def stale(before: Listing, after: Listing) -> set[str]:
    """Pages that are another though their keys are the same: there must be none."""
    old = {one.path: one for one in pages(before)}
    same = [(one, old[one.path]) for one in pages(after) if one.path in old and old[one.path].key == one.key]
    return {one.path for one, other in same if one.make() != other.make()}


def artifacts(page: str) -> list[str]:
    """The artifacts on a page of cards or a shelf, in order."""
    return re.findall(r'class="id">(@[^ <]+)', page)


def with_one(rows: Sequence[CatalogueRow], artifact: str, **more: Any) -> list[CatalogueRow]:
    """The same rows, with something of one of them changed."""
    return [row.model_copy(update=more) if row.artifact == artifact else row for row in rows]
