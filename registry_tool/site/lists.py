"""Lists of cards, every page of them a file: four orders, and everything by its name.

    BASE/                 the most popular, first page      BASE/-/popular/2/     the next ones
    BASE/-/recent/        BASE/-/rating/      BASE/-/new/    BASE/-/recent/2/      and so on
    BASE/-/all/           everything by its name: a page, or the marks of its shelves
    BASE/-/all/<label>/   one shelf

An order ends after some pages, the shelves are complete. No name is one character long, so `-` never meets a scope.
A page's key is made of the keys of what it shows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from registry_tool.core.index import About, Planned
from registry_tool.site.cards import SHOWN, address, shortened
from registry_tool.site.shelves import Shelf, shelves
from registry_tool.site.shown import Entry, Order, is_gone, ordered, why
from registry_tool.site.templates import render
from registry_tool.site.views import frame
from registry_tool.site.words import counted, line

CARDS: Final = 24
"""On one page of an order."""
PAGES: Final = 10
"""Of one order in a category."""
FEWER_PAGES: Final = 3
"""Of one order elsewhere: a version moves in the orders of each of its tags."""
ON_SHELF: Final = 100
"""Names on a shelf."""
ORDERS: Final[tuple[tuple[Order, str], ...]] = (
    ("popular", "Popular"),
    ("recent", "Recently updated"),
    ("rating", "Best rated"),
    ("new", "Newly added"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a navigation."""

    href: str
    text: str
    current: str = ""
    """The value of `aria-current`; empty for where one is not."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Entries that belong together, and what their pages say of them."""

    base: str
    """From the site's root: `skills/`, `tags/dark/`."""
    entries: Sequence[Entry]
    """The most popular first."""
    title: str
    kicker: str
    """What it is one of, as `Tag`; empty for a category."""
    up: str = ""
    """Where all of those are, from the site's root."""
    icon: str = ""
    intro: str = ""
    current: str = ""
    """The tab that it is on."""
    pages: int = FEWER_PAGES
    always: bool = False
    """Whether there are pages of each order also where one page holds everything."""
    counted: bool = False
    """Whether installs are."""
    template: str = "category.html"
    first: Callable[[str], dict[str, Any]] = field(default=lambda root: {})  # Any: parts of a template
    """What the first page alone tells, for a page that lies `root` below."""
    key: str = ""
    """Changes whenever `first` tells something else."""
    feed: str = ""
    """Where its news are, from the site's root."""
    within: tuple[str, str] = ("", "")
    """A filter of the search page and its value, which leave just these entries."""

    @property
    def gone(self) -> bool:
        """Whether new installs do not take something of it; such entries stand last."""
        return bool(self.entries) and is_gone(self.entries[-1].row)


def listed(about: About, one: Collection) -> Iterable[Planned]:
    """All pages of a collection."""
    several = one.always or len(one.entries) > CARDS
    for order, _ in ORDERS if several else ORDERS[:1]:
        rows = ordered(one.entries, order, one.pages * CARDS)
        parts = [rows[start : start + CARDS] for start in range(0, len(rows), CARDS)] or [()]
        for number, part in enumerate(parts, start=1):
            head = f"{len(one.entries)}\n{one.key}" if (order, number) == ("popular", 1) else ""
            key = "\n".join((head, f"{one.counted} {one.gone} {len(parts)}", *(entry.key for entry in part)))
            path = f"{place(one.base, order, number)}index.html"
            yield Planned(path, key, partial(_page, about, one, order, number, len(parts), part))
    if several:
        yield from _by_name(about, one)


def place(base: str, order: Order, number: int) -> str:
    """Where a page of an order lies, from the site's root."""
    if number == 1:
        return base if order == "popular" else f"{base}-/{order}/"
    return f"{base}-/{order}/{number}/"


def _bar(one: Collection, root: str, here: str, *, first: bool) -> tuple[Link, ...]:
    """The orders, where there is more than one of them."""
    if not one.always and len(one.entries) <= CARDS:
        return ()
    words = "page" if first else "true"
    links = [Link(f"{root}{place(one.base, order, 1)}", text, words if order == here else "") for order, text in ORDERS]
    return (*links, Link(f"{root}{one.base}-/all/", "All, A–Z", words if here == "all" else ""))


def _page(about: About, one: Collection, order: Order, number: int, count: int, part: Sequence[Entry]) -> bytes:
    path = place(one.base, order, number)
    root, words = "../" * path.count("/"), dict(ORDERS)[order]
    first = (order, number) == ("popular", 1)
    more = words.lower() if number == 1 else f"{words.lower()}, page {number}"
    pages = tuple(
        Link(f"{root}{place(one.base, order, page)}", str(page), "page" if page == number else "")
        for page in range(1, count + 1)
    )
    over = len(one.entries) > count * CARDS and number == count
    return render(
        one.template if first else "category.html",
        **_around(about, one, path, "" if first else more),
        **(one.first(root) if first else {}),
        first=first,
        count=counted(len(one.entries), "artifact", "artifacts") if first else "",
        bar_links=_bar(one, root, order, first=number == 1),
        why=why(order, counted=one.counted, gone=one.gone) if len(one.entries) > 1 else "",
        heading=f"{words}, page {number} of {count}" if count > 1 else words,
        page_cards=[entry.card(root) for entry in part],
        pages=pages if count > 1 else (),
        rest=f"{root}{one.base}-/all/" if over else "",
    )


def _around(about: About, one: Collection, path: str, more: str) -> dict[str, Any]:  # Any: parts of a template
    """What all pages of a collection have: `more` tells which one it is."""
    root, title = "../" * path.count("/"), line(one.title)
    around = frame(
        about,
        root,
        title=f"{title}, {more}" if more else title,
        description=one.intro or one.title,
        current=one.current,
        path=None if more else path,
        feed=f"{root}{one.feed}" if one.feed else "",
    )
    up = f"{root}{one.up}"
    return {
        "frame": around,
        "title": title,
        "icon": one.icon,
        "kicker": one.kicker,
        "up": up,
        "intro": one.intro,
        "within": one.within,
    }


def _by_name(about: About, one: Collection) -> Iterable[Planned]:
    cut = shelves(one.entries, ON_SHELF, name=lambda entry: entry.name)
    marks = tuple((shelf.label, shelf.words) for shelf in cut)
    base = f"{one.base}-/all/"
    if len(cut) < 2:
        key = "\n".join(entry.key for shelf in cut for entry in shelf.rows)
        yield Planned(f"{base}index.html", key, partial(_shelf, about, one, base, cut[0] if cut else None, ()))
        return
    yield Planned(f"{base}index.html", repr(marks), partial(_marks, about, one, base, marks))
    for number, shelf in enumerate(cut):
        beside = marks[max(0, number - 1) : number + 2]
        key = "\n".join((repr(beside), *(entry.key for entry in shelf.rows)))
        yield Planned(f"{base}{shelf.label}/index.html", key, partial(_shelf, about, one, base, shelf, beside))


def _marks(about: About, one: Collection, base: str, marks: Sequence[tuple[str, str]]) -> bytes:
    """The page that leads to the shelves."""
    root = "../" * base.count("/")
    return render(
        "shelf.html",
        **_around(about, one, base, "A–Z"),
        bar_links=_bar(one, root, "all", first=True),
        heading="Everything by its name",
        marks=[Link(f"{root}{base}{label}/", words) for label, words in marks],
        lines=[],
        beside=[],
    )


def _shelf(
    about: About, one: Collection, base: str, shelf: Shelf[Entry] | None, beside: Sequence[tuple[str, str]]
) -> bytes:
    """One shelf; `beside` are the marks of the one before, its own and the one after, as far as they are there."""
    whole = shelf is None or not beside
    path = base if shelf is None or whole else f"{base}{shelf.label}/"
    root = "../" * path.count("/")
    here = "" if shelf is None or whole else shelf.label
    return render(
        "shelf.html",
        **_around(about, one, path, f"A–Z, {shelf.words}" if shelf and here else "A–Z"),
        bar_links=_bar(one, root, "all", first=whole),
        heading=shelf.words if shelf and here else "Everything by its name",
        marks=[],
        lines=[name_line(entry, root) for entry in shelf.rows] if shelf else [],
        beside=[Link(f"{root}{base}{label}/", words, "page" if label == here else "") for label, words in beside],
    )


@dataclass(frozen=True, slots=True)
class NameLine:
    """An artifact on a shelf."""

    href: str
    title: str
    artifact: str
    text: str
    verified: bool
    status: str


def name_line(entry: Entry, root: str) -> NameLine:
    """An artifact on a shelf of a page that lies `root` below."""
    row = entry.row
    return NameLine(
        f"{root}{address(row.artifact, entry.category.id)}",
        line(row.title),
        row.artifact,
        shortened(line(row.description), SHOWN // 2),
        row.author_verified,
        "" if row.status == "active" else row.status,
    )
