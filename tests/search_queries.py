"""Random searches that find something, nearly nothing and nothing, in every form in which one can be said."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final
from urllib.parse import urlencode

from registry_tool.core.permissions import group_of
from registry_tool.core.query import Query, Sort, Sought, parse_query, search
from tests.search_rows import HOOKS, ODD, PERMISSIONS, TAGS, vocabulary

PAGE: Final = 20
KEYS: Final = ("kind", "tag", "hook", "author", "permission", "verified")


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as the page's address says it, and as the language reads it."""

    address: str
    text: str
    filters: tuple[tuple[str, str], ...]
    sort: Sort | None
    page: int

    @property
    def query(self) -> Query:
        """What is asked for."""
        more: dict[str, list[str]] = {}
        for key, value in self.filters:
            more.setdefault(key, []).append(value)
        return parse_query(self.text, **more)


def asked(random: Random, rows: Sequence[Sought]) -> Asked:
    """One search; mostly about a row that is there, so that it finds something."""
    odd = [one for one in rows if one.row.title in ODD]
    one = random.choice(odd if odd and random.random() < 0.1 else rows)
    own = random.random() < 0.85
    words = [_word(random, one, own=own) for _ in range(random.choice([0, 0, 1, 1, 1, 2, 2, 3]))]
    filters = [_filter(random, one, own=own) for _ in range(random.choice([0, 0, 1, 1, 2, 3]))]
    said, given = [], []
    if random.random() < 0.15:
        given += [("tag", tag) for tag in one.row.tags[:2]] or [
            ("without", raw) for raw in random.sample(PERMISSIONS, 2)
        ]
    for key, value in filters:
        if random.random() < 0.5:
            said.append(f"-permission:{value}" if key == "without" else f"{key}:{value}")
        else:
            given.append((key, value))
    parts = [*words, *said]
    if random.random() < 0.3:
        random.shuffle(parts)
    sort = random.choice([None, None, "popular", "recent", "rating"])
    page = random.choice([1, 1, 1, 2, 3, 40])
    text = " ".join(parts)
    members = [("q", text), *given, *([("sort", sort)] if sort else []), *([("page", str(page))] if page > 1 else [])]
    return Asked(urlencode(members), text, tuple(given), sort, page)  # type: ignore[arg-type]  # one of the sorts


def _word(random: Random, one: Sought, *, own: bool) -> str:
    """A whole word or the beginning of one, of this row or of any; with another case, accents or signs around it."""
    word = random.choice(sorted(one.terms) if own and one.terms else vocabulary())
    shape = random.random()
    if shape < 0.35:
        word = word[: random.randint(1, len(word))]
    elif shape < 0.45:
        word = word.upper()
    elif shape < 0.5:
        word = f"({word}),"
    elif shape < 0.55:
        word = word.replace("a", "\u00e1")
    elif shape < 0.56:
        word += "zzz"
    return word


def _filter(random: Random, one: Sought, *, own: bool) -> tuple[str, str]:
    row = one.row
    raw = random.choice(row.permissions if own and row.permissions else PERMISSIONS)
    asks = own and not row.permissions
    return random.choice(
        [
            ("kind", random.choice([row.kind, f"{row.kind}s"] if own else ["skills", "nothing"])),
            ("tag", random.choice(row.tags if own and row.tags else [*TAGS, "TAG-3", "none"])),
            ("hook", random.choice(row.hooks if own and row.hooks else [*HOOKS, "usemap"])),
            ("author", row.author if own else "author-3"),
            ("without" if asks else "permission", raw if random.random() < 0.5 else group_of(raw)),
            ("without", random.choice([other for other in PERMISSIONS if not own or other not in row.permissions])),
            ("verified", "yes") if row.author_verified or not own else ("kind", row.kind),
        ]
    )


def answer(one: Asked, rows: Sequence[Sought], installs: dict[str, int], *, whole: bool) -> tuple[int, list[str]]:
    """How many there are, and the artifacts of the page that was asked for, by looking at every row."""
    from dataclasses import replace

    found = search(replace(one.query, whole=whole), rows, sort=one.sort, installs=installs)
    return len(found), [row.artifact for row in found[(one.page - 1) * PAGE : one.page * PAGE]]
