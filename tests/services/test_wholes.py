"""What a build makes from the whole: facts that it remembers, copies, counts, and each file by one feed."""

from collections.abc import Iterable
from typing import Any

import pytest

from registry_tool.core.counts import Counts
from registry_tool.core.errors import RegistryError
from registry_tool.core.index import About, Copied, Feeds, Listing, Name, Planned, fact_key
from registry_tool.core.payload import Files
from registry_tool.services.built import Build
from registry_tool.services.wholes import rendered
from tests.builders import RegistryInMemory, a_registry
from tests.sites import built, committed, files_of, named


def a_full_registry() -> RegistryInMemory:
    """Two names by two authors."""
    registry = named(a_registry(demo=False))
    registry.release("@ann/solar", "1.0.0").release("@ann/solar", "1.1.0", {"theme.css": b":root { --a: #fff; }\n"})
    return registry.release("@bob/links", "0.1.0", {"SKILL.md": b"---\nname: links\n---\n# Links\n"}, kind="skill")


def counted(**totals: int) -> Counts:
    """Installs of names, by `<scope>__<name>`."""
    names = {f"@{slug.replace('__', '/')}": {"1.0.0": {"before": total}} for slug, total in totals.items()}
    return Counts.of({"schema": "registry.counts/1", "registry": "0" * 64, "until": "2026-03-01", "names": names})


def versions(name: Name, about: About) -> Any:
    """A fact, with a tuple in it: what is remembered has a list."""
    return None if name.kind == "skill" else {"versions": tuple(one.manifest.version for one in name.releases)}


class Telling:
    """A feed of the whole that says what it was told, and counts how often it made its file."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, listing: Listing) -> Iterable[Planned]:
        """One file."""
        told = [dict(listing.facts), [[row.artifact, listing.row_key(row)] for row in listing.rows]]
        told.append([listing.fact_key("versions", row.artifact) for row in listing.rows])

        def make() -> bytes:
            self.made += 1
            return repr(told).encode()

        yield Planned("told", fact_key(told), make)


def page(name: Name, about: About) -> Files:
    """A page of a name that shows its installs."""
    return {f"{name.artifact.slug}.html": f"{name.artifact}: {name.installs}".encode()}


def test_what_is_remembered_is_told_again() -> None:
    """A second build of unchanged names tells the same facts and keys, and makes no file anew."""
    history, telling = committed(a_full_registry().files), Telling()
    feeds = Feeds((page,), (telling,), {"versions": versions, "nothing": lambda name, about: None})
    first = built(history, feeds=feeds)
    second = built(history, feeds=feeds, remembered=first.remember)

    assert (1, 0, files_of(first.made)) == (telling.made, second.verified, files_of(second.made))
    assert b"{'versions': ['1.1.0', '1.0.0']}" in files_of(first.made)["told"]


def test_what_is_told_of_one_name_changes_its_key_alone() -> None:
    """After one more release the other name's keys are the same; the keys are those that a listing makes by itself."""
    listings: list[Listing] = []

    def look(listing: Listing) -> Iterable[Planned]:
        listings.append(listing)
        return ()

    registry = a_full_registry()
    feeds = Feeds((), (look,), {"versions": versions})
    first = built(committed(registry.files), feeds=feeds)
    registry.release("@ann/solar", "1.2.0", {"theme.css": b":root { --b: #000; }\n"})
    built(committed(registry.files), feeds=feeds, remembered=first.remember)
    (solar, links), (new_solar, new_links) = ([one.row_key(row) for row in one.rows] for one in listings)
    alone = Listing(listings[1].about, listings[1].rows, (), facts=listings[1].facts)

    assert (links, True) == (new_links, solar != new_solar)
    assert [new_solar, new_links] == [alone.row_key(row) for row in alone.rows]
    assert ["", alone.fact_key("versions", "@ann/solar")] == [
        listings[1].fact_key("versions", artifact) for artifact in ("@bob/links", "@ann/solar")
    ]


def test_a_copy_has_the_bytes_of_its_source() -> None:
    """Also where the source was made by a former build, or does not fit in memory; processes can write all of it."""

    def copies(listing: Listing) -> Iterable[Planned | Copied]:
        yield Copied("a/copy", "ann__solar.html")
        yield Copied("copy-of-told", "told")
        yield Planned("told", "always", lambda: b"told")

    history, feeds = committed(a_full_registry().files), Feeds((page,), (copies,))
    first = built(history, feeds=feeds)
    second = built(history, feeds=feeds, remembered=first.remember)
    third = built(history, feeds=feeds, kept_bytes=0)

    assert [(b"@ann/solar: None", b"told")] * 3 == [
        (site["a/copy"], site["copy-of-told"]) for site in (files_of(one.made) for one in (first, second, third))
    ]
    assert (True, False, False) == (first.kept, second.kept, third.kept)


@pytest.mark.parametrize(
    ("feed", "message"),
    [
        (lambda listing: [Copied("copy", "gone")], "copy should be a copy of gone, which no feed made"),
        (lambda listing: [Planned("a", "1", bytes), Planned("a", "2", bytes)], "two feeds make a"),
        (lambda listing: [Planned("a", "1", bytes), Copied("a", "index.html")], "two feeds make a"),
        (lambda listing: [Planned("ann__solar.html", "1", bytes)], "two feeds make ann__solar.html"),
    ],
)
def test_a_path_has_one_feed_and_a_copy_a_source(feed: Any, message: str) -> None:
    """A mistake of a feed is a bug that names the path, in the first build and in the next one."""
    history = committed(a_full_registry().files)
    good = built(history, feeds=Feeds((page,), ()))

    for remembered in ({}, good.remember):
        with pytest.raises(RegistryError, match=message):
            built(history, feeds=Feeds((page,), (feed,)), remembered=remembered)


def test_two_names_cannot_make_one_path() -> None:
    """Objects may be of several names, since their bytes are the same; nothing else may."""
    history = committed(a_full_registry().files)
    made = built(history, feeds=Feeds((lambda name, about: {"same": b"x"},), ())).made

    assert "same" in files_of(made)
    with pytest.raises(RegistryError, match="two feeds make same"):
        built(history, feeds=Feeds((lambda name, about: {"same": str(name.artifact).encode()},), ()))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, counted(ann__solar=3), 2),
        (counted(ann__solar=3), counted(ann__solar=4), 0),
        (counted(ann__solar=499), counted(ann__solar=500), 1),
        (counted(ann__solar=499), counted(ann__solar=500, bob__links=1), 2),
        (counted(ann__solar=3), None, 2),
        (counted(ann__solar=3), counted(ann__solar=3, eve__gone=9), 0),
    ],
)
def test_a_name_is_made_anew_where_its_rounded_count_changed(
    before: Counts | None, after: Counts | None, expected: int
) -> None:
    """One more install makes no page anew; what the build gives is what a build from nothing gives."""
    history, feeds = committed(a_full_registry().files), Feeds((page,), ())
    first = built(history, feeds=feeds, counts=before)
    second = built(history, feeds=feeds, counts=after, remembered=first.remember)

    assert expected == second.verified
    assert files_of(built(history, feeds=feeds, counts=after).made) == files_of(second.made)


def test_files_that_fit_nowhere_are_made_again() -> None:
    """A file of the whole that does not fit in memory is made again by whoever writes it, in whatever process."""

    def pages(listing: Listing) -> Iterable[Planned]:
        return [Planned(f"p/{number}", str(number), f"page {number}".encode) for number in range(5)]

    def backwards(planned: Any) -> Any:
        return rendered(planned[::-1])

    history = committed(a_full_registry().files)
    one: Build = built(history, feeds=Feeds((), (pages,)), kept_bytes=0, render=backwards)

    assert files_of(built(history, feeds=Feeds((), (pages,))).made) == files_of(one.made)
