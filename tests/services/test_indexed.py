"""A registry read through its index: only what is listed is there, and only as it is listed."""

from collections.abc import Mapping, Sequence

import pytest

from registry_tool.core import layout, limits
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.errors import NotTrusted, Unreachable
from registry_tool.core.freshness import Freshness, Listed
from registry_tool.services.indexed import IndexedSource, ShelvedSource
from tests.builders import SiteInMemory

NAME, CHAINS, OBJECT = "index/an/ann/solar.json", layout.REGISTRY_CHAINS, "objects/sha256/aa/aa"
DATA = {NAME: b"the name", CHAINS: b"the chains", layout.TRUSTED_ROOT: b"the trust root", OBJECT: b"an object"}
FRESH = Freshness("2026-11-18T11:07:40Z", True, {"root": "2036-01-01T00:00:00Z"}, {})


class Listing:
    """An `Index` that lists these files, and counts."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.rows = {path: Listed(sha256(data), len(data)) for path, data in files.items()}
        self.asked: list[tuple[str, ...]] = []

    @property
    def freshness(self) -> Freshness | None:
        return FRESH if self.asked else None

    def listed(self, paths: Sequence[str]) -> Mapping[str, Listed | None]:
        self.asked.append(tuple(paths))
        return {path: self.rows.get(path) for path in paths}


class Drawer(dict[Hex, bytes]):
    """A `Shelf` in memory."""

    def put(self, digest: Hex, data: bytes) -> None:
        self[digest] = data


def copied(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A site with the copies that clients of the index ask for, and without the plain names."""
    return {path if path == OBJECT else layout.by_digest(path, sha256(data)): data for path, data in files.items()}


def a_site() -> tuple[IndexedSource, SiteInMemory, Listing, Drawer]:
    plain, index, shelf = SiteInMemory(copied(DATA)), Listing({p: d for p, d in DATA.items() if p != OBJECT}), Drawer()
    return IndexedSource(plain, index, shelf), plain, index, shelf


def test_files_are_asked_for_by_their_digests_in_one_round() -> None:
    """Names, chains and the trust root by digest, an object as it is; in the order in which they were asked for."""
    site, plain, index, _ = a_site()

    assert tuple(DATA.values()) == site.fetch_all([(path, 99) for path in DATA])
    assert [tuple(copied(DATA))] == plain.rounds
    assert [(NAME, CHAINS, layout.TRUSTED_ROOT)] == index.asked
    assert "https://registry.example/" == site.where


def test_what_is_not_listed_is_not_there() -> None:
    """Also where the site has it, and nobody asks the site."""
    site, plain, _, _ = a_site()
    plain.files["index/an/ann/moon.json"] = b"a name"

    assert site.fetch("index/an/ann/moon.json", limit=99) is None
    assert [] == plain.asked


def test_objects_ask_no_index() -> None:
    """They carry their own digests, which their reader looks at."""
    site, plain, index, _ = a_site()

    assert DATA[OBJECT] == site.fetch(OBJECT, limit=99)
    assert ([], [OBJECT]) == (index.asked, plain.asked)
    assert site.freshness is None


def test_what_lies_on_the_shelf_is_not_asked_for() -> None:
    """The second read asks for nothing, and a file that was offered before the first neither."""
    site, plain, _, shelf = a_site()
    site.offer(DATA[CHAINS])
    site.fetch_all([(NAME, 99), (CHAINS, 99)])

    assert (DATA[NAME], DATA[CHAINS]) == site.fetch_all([(NAME, 99), (CHAINS, 99)])
    assert [layout.by_digest(NAME, sha256(DATA[NAME]))] == plain.asked
    assert {sha256(DATA[NAME]), sha256(DATA[CHAINS])} == shelf.keys()


def test_what_is_offered_counts_only_where_it_is_listed() -> None:
    """A file of somebody else's is taken, and never given out."""
    site, _, _, _ = a_site()
    site.offer(b"other chains")

    assert DATA[CHAINS] == site.fetch(CHAINS, limit=99)


@pytest.mark.parametrize("path", [NAME, CHAINS, layout.TRUSTED_ROOT])
@pytest.mark.parametrize("wrong", [b"", b"the nam", b"the fame", b"other"])
def test_another_file_than_the_listed_one_is_refused(path: str, wrong: bytes) -> None:
    """With both digests and the place in the message; it is not kept."""
    site, plain, _, shelf = a_site()
    digest = sha256(DATA[path])
    plain.files[layout.by_digest(path, digest)] = wrong
    with pytest.raises(NotTrusted) as refused:
        site.fetch(path, limit=99)

    expected = f"{path} is another file than the signed index lists: expected sha256 {digest}, got {sha256(wrong)}"
    assert (expected, "bad-digest") == (refused.value.message, refused.value.code)
    assert f"https://registry.example/{layout.by_digest(path, digest)}" == refused.value.where
    assert {} == shelf


def test_a_listed_file_that_is_gone_is_told() -> None:
    """It is not as if it were not listed."""
    site, plain, _, _ = a_site()
    plain.files.clear()
    with pytest.raises(Unreachable) as refused:
        site.fetch(NAME, limit=99)

    assert ("object-missing", f"{NAME} is listed in the signed index, and is not there") == (
        refused.value.code,
        refused.value.message,
    )


@pytest.mark.parametrize("stale", [None, b"an old one"])
def test_a_cache_on_the_way_is_asked_to_stand_aside(stale: bytes | None) -> None:
    """Once, with the size that the index lists, where it has another file or none."""
    asked = []

    def again(path: str, limit: int) -> bytes | None:
        asked.append((path, limit))
        return DATA[NAME]

    place = layout.by_digest(NAME, sha256(DATA[NAME]))
    plain = SiteInMemory({place: stale[:8]} if stale else {})
    site = IndexedSource(plain, Listing({NAME: DATA[NAME]}), Drawer(), again=again)

    assert DATA[NAME] == site.fetch(NAME, limit=99)
    assert [(place, len(DATA[NAME]))] == asked


def test_a_file_that_is_listed_as_too_long_is_not_fetched() -> None:
    """What it may have at most is said by its reader."""
    site, plain, _, _ = a_site()
    with pytest.raises(NotTrusted) as refused:
        site.fetch(NAME, limit=7)

    assert "too-large" == refused.value.code
    assert f"{NAME} may have at most 7 bytes, the signed index says 8" == refused.value.message
    assert [] == plain.asked


def test_how_fresh_it_is_is_told_once() -> None:
    """At the first question that the index answers."""
    told: list[Freshness] = []
    site = IndexedSource(SiteInMemory(copied(DATA)), Listing(DATA), Drawer(), told=told.append)
    site.fetch(OBJECT, limit=99)
    assert [] == told
    site.fetch_all([(NAME, 99), (CHAINS, 99)])
    site.listed([NAME])

    assert [FRESH] == told
    assert FRESH == site.freshness


def test_nothing_asked_for_is_nothing() -> None:
    """No request, and no question to the index."""
    site, plain, index, _ = a_site()

    assert () == site.fetch_all([])
    assert ([], []) == (plain.rounds, index.asked)


def test_an_object_that_is_itself_is_asked_for_once() -> None:
    """With its own bytes it comes from the shelf the next time; with others, or too large, it is asked for again."""
    right, wrong, large = (layout.object_path(sha256(data)) for data in (b"right", b"wrong", b"large"))
    plain = SiteInMemory({right: b"right", wrong: b"other", large: b"large"})
    site = ShelvedSource(plain, Drawer())
    paths = [(right, 99), (wrong, 99), (large, limits.BUNDLE_BYTES), ("objects/none", 99)]

    for _ in range(2):
        assert (b"right", b"other", b"large", None) == site.fetch_all(paths)
    assert b"right" == site.fetch(right, limit=99)
    assert [tuple(path for path, _ in paths), (wrong, large, "objects/none")] == plain.rounds
    assert plain.where == site.where
