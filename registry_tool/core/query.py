"""The one language in which artifacts are searched, on the command line and on the search page.

    pdf conv            words: each must be in the text; the last one may be the beginning of a word
    kind:skill          tag:pdf   hook:useMap   author:ann   verified:yes
    permission:network  asks for it: the whole permission, or all before its first colon
    -permission:network does not ask for it

Everything must hold. Letter case and accents make no difference. `matches` and `ordered` look at every row: what the
search page's index and the command line's database must agree with.

    score of a word     2 × (0 name and title, 1 scope, tags and hooks, 2 the rest) + (0 the word, 1 its beginning)
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, Literal

from registry_tool.core.errors import WrongUsage
from registry_tool.core.permissions import group_of
from registry_tool.core.quoting import quoted
from registry_tool.core.release import CatalogueRow

Sort = Literal["relevance", "popular", "recent", "rating"]
SORTS: Final[tuple[Sort, ...]] = ("relevance", "popular", "recent", "rating")
KEYS: Final = ("kind", "tag", "hook", "author", "permission", "verified")
"""What a filter can be about."""

QUERY_CHARACTERS: Final = 1000
MOST_WORDS: Final = 20
MOST_FILTERS: Final = 20
MOST_TERMS: Final = 400
"""Different words of one row that can be found; the rest of a long description is not looked at."""
TERM_CHARACTERS: Final = 32
"""Of a word; what is longer is the same word as its beginning."""
FOUND: Final = ("active", "deprecated")
"""What is found by its status: the rest nobody installs."""

INSTALLS: Final = "find/data/installs.json"
"""Where a site tells how often each name was installed, rounded down; of those that were."""
INSTALLS_BYTES: Final = 4 * 1024 * 1024

FEW_REVIEWS: Final = 5
"""As many reviews of `MIDDLE` stars are counted besides, so that one friend's five stars are not the best of all."""
MIDDLE: Final = 3

# The search page's script has the same patterns: tables of Unicode differ between browsers and Pythons.
_BREAKS: Final = re.compile("[ \t\r\n\u00a0\u3000]+")
_MARKS: Final = re.compile("[\u0300-\u036f\u3099\u309a]")
_TERM: Final = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"  # scripts without spaces: each sign is a word
    "|[0-9a-z\u00c0-\u02c1\u0370-\u060b\u060d-\u061a\u061c-\u061e\u0620-\u06d3\u06d5-\u0963\u0966-\u1fff"
    "\u2c00-\u2dff\u3100-\u33ff\ua000-\ud7ff\uf900-\ufdff\U00010000-\U0001efff]+"
)
_FILTER: Final = re.compile("(-?)([A-Za-z]+):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched; values are folded, all must hold."""

    words: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    hook: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    permission: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Permissions that it must not ask for."""
    verified: bool = False
    whole: bool = False
    """Whether the last word is whole too."""

    @property
    def wanted(self) -> frozenset[str]:
        """The filters that must be there, each as `tag:pdf`."""
        found = {f"{key}:{value}" for key in KEYS[:-1] for value in getattr(self, key)}
        return frozenset(found | ({"verified:yes"} if self.verified else set()))

    @property
    def unwanted(self) -> frozenset[str]:
        """The filters that must not be there."""
        return frozenset(f"permission:{value}" for value in self.without)


@dataclass(frozen=True, slots=True)
class Sought:
    """A row, taken apart as queries look at it."""

    row: CatalogueRow
    terms: Mapping[str, int] = field(repr=False)
    """Words to where they stand: 0 name and title, 1 scope, tags and hooks, 2 the rest."""
    filters: frozenset[str] = field(repr=False)
    """Each as `tag:pdf`."""


def fold(text: str) -> str:
    """`text` without the differences that a search does not look at: case, accents, ligatures, width."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text).lower()).replace("\u03c2", "\u03c3")


def words_of(text: str) -> Iterator[str]:
    """The words of a text, folded, in order."""
    return (match[0][:TERM_CHARACTERS] for match in _TERM.finditer(fold(text)))


def parse_query(text: str, **more: Sequence[str]) -> Query:
    """What `text` asks for, and by the name of a filter what is asked for besides; `without` as `-permission:`.

    Raises `WrongUsage` (`unknown-filter`, `bad-filter`, `long-query`) saying what there is.
    """
    found: dict[str, list[str]] = {key: [] for key in (*KEYS, "without")}
    words: list[str] = []
    if len(text) > QUERY_CHARACTERS:
        raise _too_much(f"{QUERY_CHARACTERS} characters", str(len(text)))
    for part in _BREAKS.split(text):
        match = _FILTER.fullmatch(part)
        if match:
            key = _key(part, minus=bool(match[1]), key=match[2].lower())
            found[key].append(_value(key, match[3]))
        elif re.fullmatch("-[^-].*", part, re.DOTALL):
            raise _only_permissions(part)
        else:
            words += words_of(part)
    for key, values in more.items():
        found[key] += [_value(key, value) for value in values]
    if len(words) > MOST_WORDS:
        raise _too_much(f"{MOST_WORDS} words", str(len(words)))
    if (count := sum(map(len, found.values()))) > MOST_FILTERS:
        raise _too_much(f"{MOST_FILTERS} filters", str(count))
    return Query(
        words=tuple(words),
        kind=tuple(found["kind"]),
        tag=tuple(found["tag"]),
        hook=tuple(found["hook"]),
        author=tuple(found["author"]),
        permission=tuple(found["permission"]),
        without=tuple(found["without"]),
        verified=bool(found["verified"]),
    )


def _key(part: str, *, minus: bool, key: str) -> str:
    if key not in KEYS:
        raise WrongUsage(
            f"{quoted(part)}: there is no filter {quoted(key)}",
            code="unknown-filter",
            hint=f"there are: {', '.join(f'{one}:' for one in KEYS)} and -permission:; put a space behind a colon that"
            " is none",
        )
    if minus and key != "permission":
        raise _only_permissions(part)
    return "without" if minus else key


def _value(key: str, value: str) -> str:
    folded = fold(value)
    if not folded.strip() or len(folded) > QUERY_CHARACTERS:
        raise WrongUsage(
            f"the filter {key}: needs a value", code="bad-filter", hint="write it without a space: tag:pdf"
        )
    if key == "verified" and folded != "yes":
        raise WrongUsage(
            f"verified:{quoted(value)}: only verified:yes can be asked for", code="bad-filter", hint="or leave it out"
        )
    return kind_of(folded) if key == "kind" else folded


def _only_permissions(part: str) -> WrongUsage:
    return WrongUsage(
        f"{quoted(part)}: only permissions can be excluded",
        code="bad-filter",
        hint="as in -permission:network; leave out the - to search for the word",
    )


def _too_much(most: str, came: str) -> WrongUsage:
    return WrongUsage(f"a search can have {most}, this one has {came}", code="long-query", hint="ask for less")


def kind_of(kind: str) -> str:
    """A kind as filters compare it: `skill` of `skills`."""
    return kind.removesuffix("s")


def sought(row: CatalogueRow) -> Sought:
    """A row as queries look at it."""
    return Sought(row, terms_of(row), frozenset(filters_of(row)))


def terms_of(row: CatalogueRow) -> dict[str, int]:
    """The words of a row, each with the best place where it stands; at most `MOST_TERMS`, in the order of places."""
    scope, _, name = row.artifact[1:].partition("/")
    places = ((name, row.title), (scope, *row.tags, *row.hooks), (row.author, row.description))
    found: dict[str, int] = {}
    for place, texts in enumerate(places):
        for text in texts:
            for word in words_of(text):
                if len(found) == MOST_TERMS:
                    return found
                found.setdefault(word, place)
    return found


def filters_of(row: CatalogueRow) -> Iterator[str]:
    """Everything that a row can be filtered by, each as `tag:pdf`; some twice."""
    yield f"kind:{kind_of(fold(row.kind))}"
    yield f"author:{fold(row.author)}"
    if row.author_verified:
        yield "verified:yes"
    yield from (f"tag:{fold(tag)}" for tag in row.tags)
    yield from (f"hook:{fold(hook)}" for hook in row.hooks)
    for raw in row.permissions:
        yield f"permission:{fold(group_of(raw))}"
        yield f"permission:{fold(raw)}"


def matches(query: Query, one: Sought) -> bool:
    """Whether a row is what a query asks for."""
    return (
        one.row.status in FOUND
        and query.wanted <= one.filters
        and not query.unwanted & one.filters
        and relevance(query, one) is not None
    )


def relevance(query: Query, one: Sought) -> int | None:
    """How well the words fit, 0 best; `None` where one of them is not there."""
    total = 0
    for place, word in enumerate(query.words, start=1):
        last = place == len(query.words) and not query.whole
        scores = [one.terms[word] * 2] if word in one.terms else []
        if last:
            scores += [at * 2 + 1 for term, at in one.terms.items() if term.startswith(word)]
        if not scores:
            return None
        total += min(scores)
    return total


def search(
    query: Query, rows: Iterable[Sought], *, sort: Sort | None = None, installs: Mapping[str, int] | None = None
) -> list[CatalogueRow]:
    """All rows that are asked for, in order: by relevance where there are words, else the most popular first."""
    found = [one for one in rows if matches(query, one)]
    popular = {
        row.artifact: place for place, row in enumerate(by_popularity((one.row for one in found), installs or {}))
    }
    chosen = sort or default_sort(query)
    if chosen == "relevance":
        by = {one.row.artifact: relevance(query, one) or 0 for one in found}
        found.sort(key=lambda one: (by[one.row.artifact], popular[one.row.artifact]))
        return [one.row for one in found]
    ordered = sorted((one.row for one in found), key=lambda row: popular[row.artifact])
    if chosen == "recent":
        return by_time(ordered)
    return by_rating(ordered) if chosen == "rating" else ordered


def default_sort(query: Query) -> Sort:
    """The order where nobody chose one."""
    return "relevance" if query.words else "popular"


def by_popularity(rows: Iterable[CatalogueRow], installs: Mapping[str, int]) -> list[CatalogueRow]:
    """The most installed first, of equals the one that has been here longest; `installs` are rounded down."""
    oldest = sorted(rows, key=attrgetter("published", "artifact"))
    return sorted(oldest, key=lambda row: -installs.get(row.artifact, 0)) if installs else oldest


def by_time(rows: Iterable[CatalogueRow]) -> list[CatalogueRow]:
    """What got a new version last first, of equals by name."""
    return sorted(sorted(rows, key=attrgetter("artifact")), key=attrgetter("updated"), reverse=True)


def by_rating(popular: Iterable[CatalogueRow]) -> list[CatalogueRow]:
    """The best rated first, of equals in the order in which they come; what nobody reviewed last."""
    return sorted(popular, key=rating_score, reverse=True)


def rating_score(row: CatalogueRow) -> int:
    """How well it is rated, with few reviews drawn to the middle: a whole number to compare; 0 without reviews."""
    if row.rating is None:
        return 0
    count, (whole, _, rest) = row.rating["count"], row.rating["mean"].partition(".")
    stars = (int(whole) * 100 + int(rest)) * count + 100 * MIDDLE * FEW_REVIEWS
    return 10_000 * stars // (count + FEW_REVIEWS)
