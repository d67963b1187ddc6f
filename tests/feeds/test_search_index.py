"""The files of the search page's index: what they hold, what they are called, and how few change."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from registry_tool.core.counts import Counts
from registry_tool.core.index import Listing
from registry_tool.core.query import INSTALLS
from registry_tool.core.release import CatalogueRow
from registry_tool.feeds.search_index import CARDS, FOLDER, base36, file_name, hashed, search_index
from registry_tool.site.find import PAGE, card_value, find_page
from registry_tool.site.templates import static_file
from tests.search_rows import ODD, REGISTRY, counts, listing, row, rows


def made(given: Listing) -> dict[str, bytes]:
    """All files."""
    return {one.path: one.make() for one in search_index(given, card=card_value)}


def changed(before: Listing, after: Listing) -> tuple[set[str], set[str]]:
    """The files that are other ones, and those whose keys are."""
    old = {one.path: one for one in search_index(before, card=card_value)}
    new = {one.path: one for one in search_index(after, card=card_value)}
    keys = {path for path, one in new.items() if path not in old or old[path].key != one.key}
    return {path for path in keys if path not in old or old[path].make() != new[path].make()}, keys


def newest(number: int, **more: Any) -> CatalogueRow:  # Any: members of a row
    """A name that comes after so many others."""
    return row(number, Random(number)).model_copy(update={"status": "active", **more})


def among(given: Sequence[CatalogueRow], *more: CatalogueRow) -> tuple[CatalogueRow, ...]:
    """Rows by artifact, `more` in the place of those of the same name."""
    return tuple(there for _, there in sorted({one.artifact: one for one in (*given, *more)}.items()))


def test_everything_is_the_same_whatever_order_facts_come_in() -> None:
    """The same rows give the same bytes and keys, also where nothing was remembered of them."""
    given = listing(rows(300), counts(rows(300)))
    shuffled = {name: given.facts["find"][name] for name in reversed(list(given.facts["find"]))}
    again = replace(given, facts={"find": shuffled})
    forgotten = replace(given, facts={}, keys={})

    assert (set(), set()) == changed(given, again)
    assert (set(), set()) == changed(given, forgotten)


@pytest.mark.slow
def test_a_new_name_writes_what_it_touches() -> None:
    """Of 5,000 names one more appends to the shards of its words, one file of cards, the order and the entry."""
    before, new = rows(5000), newest(5000)
    files, keys = changed(listing(before), listing(among(before, new)))
    shards = {path for path in files if path.startswith(f"{FOLDER}t/")}
    words = len(set(listing([new]).facts["find"][new.artifact].split()))

    assert {f"{FOLDER}d/{5000 // CARDS}.json", f"{FOLDER}m.json", f"{FOLDER}o/recent.bin"} <= files
    assert len(shards) <= words
    assert files - shards <= {f"{FOLDER}d/{5000 // CARDS}.json", *(f"{FOLDER}{name}" for name in _ORDERS)}
    assert keys == files


_ORDERS = ("m.json", "o/recent.bin", "o/rating.bin")


@pytest.mark.slow
def test_an_update_writes_what_it_touches() -> None:
    """Another version, which says the same, rewrites one file of cards and the order; other words their shards."""
    given = rows(5000)
    old = next(one for one in given if one.status == "active")
    version = old.model_copy(update={"version": "9.9.9", "updated": "2027-01-01T00:00:00Z"})
    words = old.model_copy(update={"description": f"{old.description} Zyzzyva."})
    said, said_keys = changed(listing(given), listing(among(given, version)))
    more, _ = changed(listing(given), listing(among(given, words)))

    assert (2, said) == (len(said), said_keys)
    assert {"d", "t"} == {path.removeprefix(FOLDER).partition("/")[0] for path in more}
    assert 2 >= len(more)


def test_what_is_taken_back_keeps_its_number() -> None:
    """A revoked name is found no more, and nobody moves."""
    given = rows(200)
    old = next(one for one in given if one.status == "active")
    before = json.loads(made(listing(given))[f"{FOLDER}m.json"])
    files = made(listing(among(given, old.model_copy(update={"status": "revoked"}))))
    after = json.loads(files[f"{FOLDER}m.json"])

    assert (before["n"], before["g"], 1) == (after["n"], after["g"], len(after["x"].split()) - len(before["x"].split()))
    assert old.artifact not in b"".join(files.values()).decode("utf-8", "replace")


def test_installs_order_names_and_change_the_generation() -> None:
    """The most popular is number 0; where names change places, addresses of the index do; new ones change nothing."""
    given = rows(300)
    last = max((one for one in given if one.status == "active"), key=lambda one: one.published)

    def generation(listed: Listing) -> str:
        return str(json.loads(made(listed)[f"{FOLDER}m.json"])["g"])

    def counted(count: int) -> Counts:
        return Counts(
            schema="registry.counts/1",
            registry=REGISTRY,
            until="2026-03-01",
            names={last.artifact: {"1.0.0": {"before": count}}},
        )

    files = made(listing(given, counted(70)))

    assert last.artifact == json.loads(files[f"{FOLDER}d/0.json"])[0][3]
    assert {last.artifact: 50} == json.loads(files[INSTALLS])
    assert 4 == len(
        {
            generation(listing(given)),
            generation(listing(given, counted(70))),
            generation(listing(given, counted(700))),
            generation(listing(rows(600))),
        }
    )
    assert generation(listing(given, counted(70))) == generation(listing(given, counted(80)))
    assert generation(listing(given)) == generation(listing(among(given, newest(300), newest(301))))


def test_a_kind_without_a_tab_has_no_page_to_find() -> None:
    """What has no page is not found on the page."""
    strange = newest(1, kind="sculpture")
    files = made(listing(among(rows(10), strange)))

    assert strange.artifact not in b"".join(files.values()).decode("utf-8", "replace")


def test_names_of_files_are_safe() -> None:
    """ASCII in lower case, and no name of a device, whatever words begin with."""
    assert ["s-.json", "s-con.json", "s--0a.json", "s-_0hm1.json", "s-_0011x.json"] == [
        file_name(one) for one in ("", "con", "-0a", "\u5929", "%x")
    ]
    paths = made(listing(tuple(newest(number, title=title) for number, title in enumerate(ODD * 3))))

    assert [] == [path for path in paths if not re.fullmatch(r"find/data/[a-z]*/?[a-z0-9_.-]+", path)]


def test_filters_are_hashed_as_the_script_does() -> None:
    """The two agree on known values, and on numbers in base 36."""
    assert ["-0ztntfp07myykz", "-1x34vp71b08gix"] == [hashed(""), hashed("tag:pdf")]
    assert ["0", "z", "10", "1z141z3"] == [base36(one) for one in (0, 35, 36, 2**32 - 1)]
    assert 15 == len(hashed("permission:network:a.example"))


def test_a_large_index_has_numbers_of_three_bytes() -> None:
    """More than 65,535 names have room in the orders."""
    few = listing(rows(20))
    one = few.rows[0]
    many = tuple(one.model_copy(update={"artifact": f"@ann/n{number:06d}"}) for number in range(1 << 16))
    facts = {"find": dict.fromkeys([each.artifact for each in many], "pdf0")}
    keys = {each.artifact: {"": "", "find": ""} for each in many}
    planned = {
        each.path: each for each in search_index(Listing(few.about, many, (), facts=facts, keys=keys), card=card_value)
    }

    assert 3 == json.loads(planned[f"{FOLDER}m.json"].make())["w"]
    assert 3 * (1 << 16) == len(planned[f"{FOLDER}o/recent.bin"].make())


def test_a_card_has_a_text_for_each_place_of_the_page() -> None:
    """The page's template has as many places as a card has texts, in the same order, and what is foreign is visible."""
    hostile = newest(3, title="\u202e<b>x</b>", description="y\x00", kind="gadget")
    value = card_value(hostile, listing([hostile]).about.categories[0].row, 7)
    template = static_file("find.html").decode("utf-8")

    assert template.count(" data-t>") == len(value) - 2
    assert ("\\u202e<b>x</b>", "y\\u0000") == (value[2], value[5])
    assert "at least 7 installs" in value


def test_the_page_leads_to_everything_without_a_script() -> None:
    """Each category, tags, authors, hooks and permissions are linked; what is suggested is escaped."""
    given = listing(among(rows(50), newest(50, tags=("a&b",), kind="gadget", hooks=("<i>",))))
    page = {one.path: one.make() for one in find_page(given)}[PAGE].decode("utf-8")

    assert [] == [one.row.id for one in given.about.categories if f'href="../{one.row.id}/-/all/"' not in page]
    assert [] == [name for name in ("tags", "authors", "hooks", "permissions") if f'href="../{name}/"' not in page]
    assert ("&lt;i&gt;" in page, "<i>" in page, "innerHTML" in static_file("search.js").decode()) == (
        True,
        False,
        False,
    )
