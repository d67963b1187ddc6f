"""The search page's index: files that are never needed all at once, below `find/data/`.

    m.json        {"n": names, "g": generation, "s": "beginnings of shards", "x": the hidden, "w": bytes of a number}
    t/<p>.json    {"pdf": postings, …}       words that begin with <p>, and filters by their hash
    d/<n>.json    [[card, …] × 20]           the names 20 n to 20 n + 19
    o/recent.bin  o/rating.bin               other orders
    installs.json {"@ann/pdf": 500, …}       for `registry search`

A name's number is its place in the order of popularity, in which new names come last: one more name appends to the
postings of its words. A posting is the difference to the number before it, times 3, plus where the word stands
(`query.terms_of`), in base 36. A shard that grows over `SHARD_BYTES` is cut in those of one letter more. Whenever names
change places, the generation does, which the page puts behind every address: no cache mixes two of them.

Planning looks once at each word of each name, as `search_facts` told it, and a shard's key is made of its numbers:
files are put together only where they differ.
"""

import json
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from registry_tool.core.counts import coarse
from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Listing, Name, Planned
from registry_tool.core.query import FOUND, INSTALLS, by_popularity, by_rating, by_time, filters_of, terms_of
from registry_tool.core.release import CatalogueRow
from registry_tool.core.tables import CategoryRow

FOLDER: Final = "find/data/"
FACTS: Final = "find"
"""The id of what this feed remembers of each name."""
SHARD_BYTES: Final = 32_000
CARDS: Final = 20
"""In one file, and on one page of results."""
SETTLED: Final = 256
"""Names whose places are looked at together: a generation ends at least after as many new ones."""
_TIERS: Final = 3
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_TERM_BYTES: Final = 6  # quotes, colon, comma
_POSTING_BYTES: Final = 3
_SAFE: Final = frozenset(f"{_DIGITS}-")

CardOf = Callable[[CatalogueRow, CategoryRow, int | None], Sequence[Any]]  # Any: JSON
"""What the search page shows of a row, by its category and installs: as the gallery's cards."""


def search_facts(name: Name, about: About) -> str:
    """The words of a name, each with a digit for where it stands, and its filters: what planning looks at."""
    return told(name.row())


def told(row: CatalogueRow) -> str:
    """What `search_facts` tells of a row."""
    words = {f"{term}{place}" for term, place in terms_of(row).items()}
    return " ".join(sorted(words | {f"{hashed(one)}0" for one in filters_of(row)}))


def hashed(text: str) -> str:
    """The key of a filter in the index: a hash of two times 32 bits that the page's script can make as well.

    It spreads filters over the shards. That somebody can make two filters of the same hash gives them nothing: what
    it would add to their own postings they can simply say.
    """
    first, second = 0x811C9DC5, 0x1B873593
    for character in text:
        code = ord(character)
        first = (first ^ code) * 0x01000193 & 0xFFFFFFFF
        second = (second ^ code) * 0x85EBCA6B & 0xFFFFFFFF
    return f"-{base36(first).rjust(7, '0')}{base36(second).rjust(7, '0')}"


@lru_cache(maxsize=1 << 16)
def base36(number: int) -> str:
    """A number that is not negative, in base 36."""
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
        if not number:
            return text


def search_index(listing: Listing, *, card: CardOf, shard_bytes: int = SHARD_BYTES) -> Iterable[Planned]:
    """All files of the index."""
    index = _Index(listing, shard_bytes)
    yield from index.shards()
    yield from index.cards(card)
    yield from index.orders()
    yield _ready("m.json", _json(index.entry()))
    yield index.installs()


class _Index:
    """The index of a listing, planned."""

    def __init__(self, listing: Listing, shard_bytes: int) -> None:
        tabs = {kind: listing.about.category_of(kind) for kind in {row.kind for row in listing.rows}}
        counts = listing.counts
        totals = {name: coarse(counts.total(name)) for name in counts.names} if counts else {}
        self._tabs = {kind: tab.row for kind, tab in tabs.items() if tab is not None}
        self._listing = listing
        self._installs: Mapping[str, int] = totals
        self._rows = by_popularity(listing.rows, totals)
        self._numbers = {row.artifact: number for number, row in enumerate(self._rows)}
        self._found = [row.status in FOUND and row.kind in self._tabs for row in self._rows]
        facts: Mapping[str, str] = listing.facts.get(FACTS, {})
        self._told = [facts.get(row.artifact) or told(row) for row in self._rows]
        self._postings = self._numbered()
        sizes = {word: len(word) + _TERM_BYTES + _POSTING_BYTES * len(those) for word, those in self._postings.items()}
        self._cut = dict(sorted(_cut("", sorted(sizes), sizes, shard_bytes)))

    def shards(self) -> Iterator[Planned]:
        """Words and filters to names."""
        for prefix, words in self._cut.items():
            key = b"".join([word.encode() + b"\n" + array("I", self._postings[word]).tobytes() for word in words])
            yield Planned(f"{FOLDER}t/{file_name(prefix)}", sha256(key), partial(self._shard, words))

    def cards(self, card: CardOf) -> Iterator[Planned]:
        """What is shown of each name."""
        for start in range(0, len(self._rows), CARDS):
            rows = range(start, min(start + CARDS, len(self._rows)))
            key = "\n".join([self._card_key(number) for number in rows])
            yield Planned(f"{FOLDER}d/{start // CARDS}.json", sha256(key.encode()), partial(self._chunk, rows, card))

    def orders(self) -> Iterator[Planned]:
        """The numbers of names in other orders; names that are not there come after those, in order."""
        there = [row for row in self._listing.rows if self._found[self._numbers[row.artifact]]]
        rated = [row for row, found in zip(self._rows, self._found, strict=True) if found and row.rating]
        for name, rows in (("recent", by_time(there)), ("rating", by_rating(rated))):
            numbers = [self._numbers[row.artifact] for row in rows]
            # All high bytes, then the next ones: names that were updated together stand together, and pack better.
            planes = (bytes([number >> shift & 255 for number in numbers]) for shift in self._shifts)
            yield _ready(f"o/{name}.bin", b"".join(planes))

    def entry(self) -> dict[str, Any]:  # Any: JSON
        """What the page reads first."""
        gone = [number for number, found in enumerate(self._found) if not found]
        return {
            "n": len(self._rows),
            "g": self._generation(),
            "s": " ".join(self._cut),
            "x": _encoded((number, 0) for number in gone),
            "w": len(self._shifts),
        }

    def installs(self) -> Planned:
        """What `registry search` needs besides the catalogue, which cannot say it, to have the same order."""
        data = _json({name: count for name, count in self._installs.items() if count})
        return Planned(INSTALLS, sha256(data), lambda: data)

    @property
    def _shifts(self) -> Sequence[int]:
        return (8, 0) if len(self._rows) < 1 << 16 else (16, 8, 0)

    def _generation(self) -> str:
        """Changes whenever names change places, and not for one more name at the end."""
        settled = len(self._rows) - len(self._rows) % SETTLED
        lines = [row.artifact for row in self._rows[:settled]]
        lines += [f"{row.artifact} {count}" for row in self._rows if (count := self._installs.get(row.artifact))]
        return sha256("\n".join(lines).encode())[:8]

    def _numbered(self) -> Mapping[str, Sequence[int]]:
        """For each word, with its place, the numbers of the names that have it there."""
        postings: dict[str, list[int]] = defaultdict(list)
        for number, (text, found) in enumerate(zip(self._told, self._found, strict=True)):
            if found:
                for word in text.split(" "):
                    postings[word].append(number)
        return postings

    def _shard(self, words: Sequence[str]) -> bytes:
        terms: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for word in words:
            place = int(word[-1])
            terms[word[:-1]] += [(number, place) for number in self._postings[word]]
        return _json({term: _encoded(sorted(found)) for term, found in terms.items()})

    def _card_key(self, number: int) -> str:
        row = self._rows[number]
        return f"{self._listing.row_key(row)} {self._installs_of(row)} {self._found[number]}"

    def _installs_of(self, row: CatalogueRow) -> int | None:
        return self._installs.get(row.artifact, 0) if self._listing.counts is not None else None

    def _chunk(self, numbers: Sequence[int], card: CardOf) -> bytes:
        return _json([self._card(number, card) if self._found[number] else 0 for number in numbers])

    def _card(self, number: int, card: CardOf) -> Sequence[Any]:  # Any: JSON
        row = self._rows[number]
        return card(row, self._tabs[row.kind], self._installs_of(row))


def _cut(prefix: str, words: list[str], sizes: Mapping[str, int], most: int) -> Iterator[tuple[str, list[str]]]:
    """The words of each shard, by what they begin with; the last character of a word tells its place."""
    if sum(map(sizes.__getitem__, words)) <= most:
        yield prefix, words
        return
    length = len(prefix) + 1
    longer: dict[str, list[str]] = defaultdict(list)
    for word in words:
        longer[word[:-1][:length]].append(word)
    for begin, those in longer.items():
        if begin == prefix:  # the word that is no longer than this
            yield begin, those
        else:
            yield from _cut(begin, those, sizes, most)


def file_name(prefix: str) -> str:
    """The name of the file with what begins with `prefix`: ASCII, and no name of a device."""
    safe = (one if one in _SAFE else f"_{base36(ord(one)).rjust(4, '0')}" for one in prefix)
    return f"s-{''.join(safe)}.json"


def _encoded(postings: Iterable[tuple[int, int]]) -> str:
    """Numbers with their places, in order."""
    found, last = [], 0
    for number, place in postings:
        found.append(base36((number - last) * _TIERS + place))
        last = number
    return " ".join(found)


def _ready(path: str, data: bytes) -> Planned:
    return Planned(FOLDER + path, sha256(data), lambda: data)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")
