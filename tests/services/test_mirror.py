"""A site that is compared with what its clone builds: each deed of a bad mirror is named."""

from collections.abc import Callable, Sequence

import pytest

from registry_tool.core import layout
from registry_tool.core.errors import InvalidInput, Unreachable
from registry_tool.core.index import Made
from registry_tool.core.ports import Source
from registry_tool.services.mirror import BATCH_FILES, Compared, Difference, compare
from tests.builders import RegistryInMemory, SiteInMemory, a_registry
from tests.sites import built, committed, files_of, named

SOLAR = "index/an/ann/solar.json"
MOON = "index/an/ann/moon.json"


def registry() -> RegistryInMemory:
    return named(a_registry(demo=False)).release("@ann/solar", "1.0.0").release("@ann/moon", "1.0.0")


BUILD = built(committed(registry().files))
SITE = files_of(BUILD.made)
NEWER = built(committed(registry().release("@ann/solar", "1.1.0").files))
NEWER_SITE = files_of(NEWER.made)


def compared(files: dict[str, bytes]) -> Compared:
    return compare(BUILD, SiteInMemory(files), there=sorted(files))


def test_the_site_of_the_same_commit_is_the_same() -> None:
    """Every file of an honest mirror is the same, and it is asked for in few rounds."""
    site = SiteInMemory(SITE)

    found = compare(BUILD, site, there=sorted(SITE))

    assert ((), len(SITE), len(SITE), "") == (found.differences, found.files, found.same, found.age)
    assert -(-len(SITE) // BATCH_FILES) == len(site.rounds)


def _changed(files: dict[str, bytes]) -> None:
    files[SOLAR] += b" "


def _missing(files: dict[str, bytes]) -> None:
    del files[SOLAR]


def _extra(files: dict[str, bytes]) -> None:
    files["more.js"] = b"alert(1)"


def _swapped(files: dict[str, bytes]) -> None:
    files[SOLAR], files[MOON] = files[MOON], files[SOLAR]


def _page(files: dict[str, bytes]) -> None:
    files[SOLAR] = b"<!doctype html><title>Not found</title>"


def _longer(files: dict[str, bytes]) -> None:
    files[SOLAR] = b"x" * 2_000_000


def _a_gallery_page(files: dict[str, bytes]) -> None:
    files["index.html"] = files["index.html"].replace(b"</title>", b" </title>")


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (_changed, [Difference(SOLAR, "other")]),
        (_missing, [Difference(SOLAR, "missing")]),
        (_extra, [Difference("more.js", "extra")]),
        (_swapped, [Difference(MOON, "other"), Difference(SOLAR, "other")]),
        (_page, [Difference(SOLAR, "other", "a web page")]),
        (_a_gallery_page, [Difference("index.html", "other")]),
    ],
    ids=["changed", "missing", "extra", "swapped", "page", "gallery"],
)
def test_what_a_mirror_does_is_named(deed: Callable[[dict[str, bytes]], None], expected: list[Difference]) -> None:
    """Exactly the files that a mirror touched are told, each with what it is."""
    files = dict(SITE)
    deed(files)

    assert expected == [
        Difference(one.path, one.what, one.detail if one.detail == "a web page" else "")
        for one in compared(files).differences
    ]


def test_a_file_that_is_too_long_stops_no_comparison() -> None:
    """An endless answer for one file is told as that file's fault, and all others are compared."""
    files = dict(SITE)
    _longer(files)
    _extra(files)

    found = compared(files).differences

    assert [("more.js", "extra"), (SOLAR, "other")] == sorted(((one.path, one.what) for one in found), reverse=True)
    assert any("at most" in one.detail for one in found)


@pytest.mark.parametrize(("newer", "age"), [(False, "behind"), (True, "ahead")])
def test_an_old_site_whole_is_told_by_its_age(newer: bool, age: str) -> None:
    """A site of another commit of the line differs, and which of the two is older is said."""
    build, files = (BUILD, NEWER_SITE) if newer else (NEWER, SITE)

    found = compare(build, SiteInMemory(files), there=sorted(files))

    assert age == found.age
    assert {SOLAR, layout.CATALOGUE} <= {one.path for one in found.differences}


@pytest.mark.parametrize("catalogue", [b"{}", b"<html>", b""])
def test_a_catalogue_that_is_none_says_no_age(catalogue: bytes) -> None:
    """Where the site's catalogue cannot be read, nothing is said of its age."""
    found = compared({**SITE, layout.CATALOGUE: catalogue})

    assert (["index/catalogue.json"], "", None) == ([one.path for one in found.differences], found.age, found.newest)


def test_earlier_states_under_their_digests_are_no_difference() -> None:
    """A file that is whole under its own digest, of a path that is published, may stay; another may not."""
    old = layout.by_digest(SOLAR, "0" * 64)
    real = next(one for one in NEWER.made if one.path == SOLAR)
    kept = layout.by_digest(SOLAR, real.sha256)
    stray = layout.by_digest("index/an/ann/none.json", real.sha256)

    found = compared({**SITE, old: b"{}", kept: NEWER_SITE[SOLAR], stray: NEWER_SITE[SOLAR]})

    assert 1 == found.older
    assert sorted([Difference(old, "extra"), Difference(stray, "extra")], key=lambda one: one.path) == list(
        found.differences
    )


def test_what_jobs_sign_is_compared_by_who_can_read_it() -> None:
    """Files below `tuf/` are extra where nobody reads them, and what the reader says where somebody does."""
    files = {**SITE, "tuf/timestamp.json": b"{}"}
    asked: list[str | None] = []

    def signed(site: Source, made: Sequence[Made]) -> list[Difference]:
        asked.append(str(site.fetch("tuf/timestamp.json", limit=10)))
        return [Difference("tuf/timestamp.json", "other", "it lists another snapshot")]

    plain = compare(BUILD, SiteInMemory(files), there=sorted(files))
    read = compare(BUILD, SiteInMemory(files), there=sorted(files), signed=signed)

    assert (["extra"], ["other"]) == ([one.what for one in plain.differences], [one.what for one in read.differences])
    assert ["b'{}'"] == asked


class _Broken(SiteInMemory):
    """A site whose record of solar cannot be had."""

    def __init__(self, error: Exception) -> None:
        super().__init__(SITE)
        self.error = error

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        if any(path == SOLAR for path, _ in paths):
            raise self.error
        return super().fetch_all(paths)


def test_a_site_that_does_not_answer_is_not_judged() -> None:
    """A host that is down is unreachable; an answer that is none is that file's fault."""
    with pytest.raises(Unreachable):
        compare(BUILD, _Broken(Unreachable("it takes too long", code="timeout")))

    for error in (Unreachable("it leads on", code="bad-redirect"), InvalidInput("too long", code="too-large")):
        assert [SOLAR] == [one.path for one in compare(BUILD, _Broken(error)).differences]


def test_a_build_that_is_not_kept_in_memory_is_compared_too() -> None:
    """A registry whose files do not fit in memory is compared in small batches, with the same result."""
    build = built(committed(registry().files), kept_bytes=0)
    site = SiteInMemory({**SITE, SOLAR: b"{}"})

    found = compare(build, site)

    assert [Difference(SOLAR, "other")] == list(found.differences)
    assert 1 < len(site.rounds)
