"""The page's own script, run by node on the files of the index, against brute force."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from registry_tool.core.counts import coarse
from registry_tool.core.query import Sought, sought
from registry_tool.feeds.search_index import FOLDER, SHARD_BYTES, search_index
from registry_tool.site.find import PAGE, card_value, find_page, script
from registry_tool.site.templates import static_file
from tests.search_queries import Asked, answer, asked
from tests.search_rows import counts, listing, rows, vocabulary

pytestmark = pytest.mark.slow

DRIVER = Path(__file__).with_name("search_driver.mjs")

MUTANTS = {
    "the best place of a word is not looked for": ("if (!(found.get(id) <= score)) found.set", "found.set"),
    "every word may be a beginning": ("at == words.length - 1", "true"),
    "none may": ("(begins && term.startsWith(word))", "false"),
    "only three shards are read": ("begins && one.startsWith(word))", "$&.slice(0, 3)"),
    "the shard of a word hides those of longer ones": (
        "begins && one.startsWith(word))",
        "begins && (shards.includes(word) ? one == word : one.startsWith(word)))",
    ),
    "what must not be asked for is not looked at": ("of gone.keys()) hits.delete(id)", "of gone.keys()) id"),
    "what nobody installs is found": ("&& each(this.about.x, (id) => hits.delete(id))", ""),
    "words are joined by or": ("sum >= 0 ? hits.set(id, sum) : hits.delete(id)", "hits.set(id, sum || score)"),
    "what is not in an order stands anywhere": (" || a - b;\n  }", ";\n  }"),
    "where a word stands counts once": ("place * 2 + (term != word)", "place + (term != word)"),
    "letter case counts": (".toLowerCase().replace(/[", ".replace(/["),
    "kinds are not read in the plural": ('value.replace(/s$/, "")', "value"),
    "numbers have one byte": ("id = id * 256 + bytes[plane]", "id = bytes[plane]"),
    "a filter is said once": ("params.getAll(key)", '[params.get(key) ?? ""]'),
    "accents count": (".replace(/[\\u0300-\\u036f\\u3099\\u309a]/g", ".replace(/[\\u0300]/g"),
}
"""Mistakes that the script could have: what is in it, and what would be there instead."""


@cache
def looked_at(count: int) -> tuple[Sought, ...]:
    """All rows as the brute force sees them."""
    return tuple(sought(one) for one in rows(count))


@cache
def installs(count: int) -> dict[str, int]:
    """As many as the cards say."""
    counted = counts(rows(count))
    return {name: coarse(counted.total(name)) for name in counted.names}


@cache
def queries(count: int) -> tuple[Asked, ...]:
    """400 searches for so many names, the same for each run."""
    random = Random(count)
    return tuple(asked(random, looked_at(count)) for _ in range(400))


@cache
def right(count: int, one: Asked, whole: bool) -> tuple[int, list[str]]:
    """The total and the page, by brute force."""
    return answer(one, looked_at(count), installs(count), whole=whole)


def written(folder: Path, count: int, *, shard_bytes: int = SHARD_BYTES) -> Path:
    """The index of so many names, as files."""
    feed = search_index(listing(rows(count), counts(rows(count))), card=card_value, shard_bytes=shard_bytes)
    for one in feed:
        path = folder / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one.make())
    return folder / FOLDER


def answers(index: Path, addresses: Sequence[str], *, source: str = "") -> list[dict[str, Any]]:  # Any: JSON
    """What the script answers, each address asked by somebody new; `source` in its place, where one is given."""
    file = index.parent / "search.mjs"
    file.write_text(source or script().decode("utf-8"), encoding="utf-8")
    run = subprocess.run(
        [shutil.which("node") or "node", str(DRIVER), str(file), str(index)],
        input="\n".join(f"{address}&" for address in addresses).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]


def wrong(index: Path, count: int, given: Sequence[Asked], *, source: str = "") -> list[str]:
    """The addresses of searches whose total, page or order is another than that of the brute force."""
    found = answers(index, [one.address for one in given], source=source)
    return [
        one.address
        for one, told in zip(given, found, strict=True)
        if right(count, one, told["whole"]) != (told["total"], told["shown"])
    ]


@pytest.mark.parametrize(("count", "shard_bytes"), [(1_000, SHARD_BYTES // 4), (1_000, 10**9), (10_000, SHARD_BYTES)])
def test_the_page_finds_what_brute_force_finds(tmp_path: Path, count: int, shard_bytes: int) -> None:
    """400 searches: total, cards and order are those of looking at every row, however the index is cut."""
    assert [] == wrong(written(tmp_path, count, shard_bytes=shard_bytes), count, queries(count))


@pytest.mark.parametrize("count", [0, 1])
def test_there_is_nothing_to_find_in_nothing(tmp_path: Path, count: int) -> None:
    """A registry without names, or with one, has a search that works."""
    assert [] == wrong(written(tmp_path, count), count, queries(1_000)[:50])


def test_mistakes_in_the_script_are_noticed(tmp_path: Path) -> None:
    """Each of the planted mistakes makes some of the 400 searches wrong: the searches are worth something."""
    index = written(tmp_path, 1_000, shard_bytes=SHARD_BYTES // 10)
    source = static_file("search.js").decode("utf-8")
    survivors = []
    for mistake, (there, instead) in MUTANTS.items():
        assert 1 == source.count(there), mistake
        if not wrong(index, 1_000, queries(1_000), source=source.replace(there, instead.replace("$&", there))):
            survivors.append(mistake)

    assert [] == survivors


def test_a_first_search_fetches_little(tmp_path: Path) -> None:
    """At 15,000 names the dearest of many first searches fetches 100 kB at most, scripts and page included."""
    index = written(tmp_path, 15_000)
    common = vocabulary()[:20]
    addresses = [one.address for one in queries(1_000)[:150]]
    addresses += [f"q={word}&sort={sort}" for word in common for sort in ("", "recent", "rating")]
    addresses += [f"q={one}+{two}&without=network&sort=recent" for one, two in pairwise(common)]
    addresses += ["", "q=a", "q=co", "permission=network", "without=network&verified=yes&kind=skill&sort=recent"]

    @cache
    def size(file: str) -> int:
        return len(gzip.compress((index / file).read_bytes(), 6))

    dearest = max(sum(size(file) for file in set(told["files"])) for told in answers(index, addresses))
    (page,) = (one.make() for one in find_page(listing(rows(15_000))) if one.path == PAGE)
    around = [page, script(), *map(static_file, ("gallery.js", "style.css", "find.css"))]

    assert dearest + sum(len(gzip.compress(one, 6)) for one in around) <= 100_000


def test_the_script_is_small() -> None:
    """It is at most 3 kB as it is sent, and with the drawer's at most 5 kB."""
    sizes = [len(gzip.compress(one, 6)) for one in (script(), static_file("gallery.js"))]

    assert (True, True) == (sizes[0] <= 3 * 1024, sum(sizes) <= 5 * 1024)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("q=colour:red", ["key", "colour:red"]),
        ("q=without:x", ["key", "without:x"]),
        ("q=-tag:x", ["minus", "-tag:x"]),
        ("q=-pdf", ["minus", "-pdf"]),
        ("q=tag:", ["value", "tag"]),
        ("verified=no", ["value", "verified"]),
        ("q=" + "+".join(["x"] * 21), ["much"]),
    ],
)
def test_what_cannot_be_asked_is_said(tmp_path: Path, address: str, expected: list[str]) -> None:
    """The page refuses what the command line refuses, and has a sentence for each case."""
    (told,) = answers(written(tmp_path, 1), [address])

    assert expected == told["refused"]
    assert f'data-{expected[0]}="' in static_file("find.html").decode("utf-8")


def test_too_much_that_begins_with_a_word_is_said(tmp_path: Path) -> None:
    """Where a beginning is in more shards than are read at once, the whole word is looked for, and that is told."""
    index = written(tmp_path, 10_000, shard_bytes=SHARD_BYTES // 4)
    one, longer, filters = answers(index, ["q=c", "q=compre", "q=c+kind:skill+pdf"])

    assert (True, False, False) == (one["whole"], longer["whole"], filters["whole"])
    assert one["total"] > 0
    assert max(sum(file.startswith("t/") for file in told["files"]) for told in (one, longer)) <= 8
