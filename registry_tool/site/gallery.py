"""The gallery: every page as a pure function of the index (the feeds of `core/index.py`).

    /                               home                /<category>/                    cards
    /<category>/<scope>/<name>/     an artifact         /<category>/-/2/                more cards
    /authors/<id>/                  an author           /about/<page>/                  documentation
    /advisories/                    what was taken back  /queue/                        what waits (queue.py)

No name is one character long, so `-` never meets a scope.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from registry_tool.core.index import About, Category, Listing, Name, Planned
from registry_tool.core.payload import Files
from registry_tool.core.release import CatalogueRow
from registry_tool.site.advisories import PATH as ADVISORIES
from registry_tool.site.advisories import advisories_page
from registry_tool.site.people import author_page, opinions, seals
from registry_tool.site.templates import STATIC, documents, environment, static_file
from registry_tool.site.views import Card, card, frame, item
from registry_tool.site.words import counted, line, visible

CARDS: Final = 24
"""On one page of a list."""
RECENT: Final = 6
"""On the home page."""


def render(template: str, **values: Any) -> bytes:  # Any: the page's model and its parts
    """A page from a template."""
    return environment().get_template(template).render(**values).encode("utf-8", "replace")


def item_page(name: Name, about: About) -> Files:
    """The page of one artifact; none where its kind has no tab."""
    category = about.category_of(name.kind)
    if category is None:
        return {}
    path = f"{category.row.id}/{name.artifact.scope}/{name.artifact.name}/index.html"
    return {path: render("item.html", page=item(name, category, about), seals=seals(name), opinions=opinions(name))}


def pages(listing: Listing) -> Iterable[Planned]:
    """All other pages, each with a key of what it shows."""
    by_category = {
        one.row.id: [row for row in listing.rows if one.kind is not None and row.kind == one.kind.id]
        for one in listing.about.categories
    }
    yield from (Planned(name, "static", partial(static_file, name)) for name in STATIC)
    yield _planned("404.html", [], partial(_message, listing.about))
    yield from (_document(listing.about, name) for name in documents())
    yield _home(listing, by_category)
    for category in listing.about.categories:
        yield from _category(listing.about, category, by_category[category.row.id])
    yield from _authors(listing)
    yield _planned(ADVISORIES, [dict(one) for one in listing.notices], partial(_advisories, listing))


def _planned(path: str, shown: object, make: Callable[[], bytes]) -> Planned:
    return Planned(path, json.dumps(shown, sort_keys=True), make)


def _facts(rows: Sequence[CatalogueRow]) -> list[list[object]]:
    """All of a row that a card shows."""
    return [
        [row.artifact, row.kind, row.title, row.description, row.version, len(row.permissions), row.updated, row.status]
        for row in rows
    ]


def _home(listing: Listing, by_category: dict[str, list[CatalogueRow]]) -> Planned:
    about = listing.about
    recent = sorted(listing.rows, key=lambda row: (row.updated, row.artifact), reverse=True)[:RECENT]
    counts = {name: len(rows) for name, rows in by_category.items()}
    queue = listing.queue
    waiting = counted(len(queue.waiting), "submission waits", "submissions wait") if queue is not None else ""

    def make() -> bytes:
        tabs = [
            {
                "href": f"{one.row.id}/",
                "name": line(one.row.name),
                "icon": visible(one.row.icon),
                "description": line(one.row.description) if one.row.description else "",
                "count": counts[one.row.id],
            }
            for one in about.categories
        ]
        around = frame(about, "", title=about.table.name, description=about.table.description or about.table.name)
        return render(
            "home.html",
            frame=around,
            description=visible(about.table.description),
            tabs=tabs,
            recent=_cards(recent, about, ""),
            total=counted(len(listing.rows), "artifact", "artifacts"),
            moderators=about.moderators,
            add=f"registry add {about.table.url} --root {about.id}{' --demo' if about.demonstration else ''}"
            if about.table.url
            else "",
            waiting=waiting,
        )

    return _planned("index.html", [counts, _facts(recent), waiting], make)


def _cards(rows: Sequence[CatalogueRow], about: About, root: str) -> tuple[Card, ...]:
    found = ((row, about.category_of(row.kind)) for row in rows)
    return tuple(card(row, category.row.id, root) for row, category in found if category is not None)


def _category(about: About, category: Category, rows: Sequence[CatalogueRow]) -> Iterable[Planned]:
    parts = [rows[start : start + CARDS] for start in range(0, len(rows), CARDS)] or [rows]
    for number, part in enumerate(parts, start=1):
        path = f"{category.row.id}/" + ("index.html" if number == 1 else f"-/{number}/index.html")
        key = [len(rows), number, _facts(part)]
        yield _planned(path, key, partial(_list, about, category, part, number, len(parts), len(rows)))


def _list(about: About, category: Category, rows: Sequence[CatalogueRow], number: int, count: int, total: int) -> bytes:
    root = "../" if number == 1 else "../../../"
    here = f"{root}{category.row.id}/"
    around = frame(
        about,
        root,
        title=category.row.name if number == 1 else f"{category.row.name}, page {number}",
        description=category.row.description or category.row.name,
        current=category.row.id,
    )
    addresses = [here if page == 1 else f"{here}-/{page}/" for page in range(1, count + 1)]
    return render(
        "category.html",
        frame=around,
        title=line(category.row.name),
        icon=visible(category.row.icon),
        description=visible(category.row.description),
        target=line(category.row.target) if category.row.target else "",
        count=counted(total, "entry", "entries"),
        page_cards=_cards(rows, about, root),
        number=number,
        pages=addresses if count > 1 else [],
    )


def _authors(listing: Listing) -> Iterable[Planned]:
    by_author: dict[str, list[CatalogueRow]] = {}
    for row in listing.rows:
        by_author.setdefault(row.author, []).append(row)
    for author in sorted(by_author.keys() | listing.authors.keys()):
        rows, told = by_author.get(author, []), dict(listing.authors.get(author, {}))
        make = partial(_author, listing.about, author, tuple(rows), told)
        yield _planned(f"authors/{author}/index.html", [_facts(rows), told], make)


def _author(about: About, author: str, rows: Sequence[CatalogueRow], told: Mapping[str, Any]) -> bytes:  # Any: JSON
    return render("author.html", page=author_page(about, author, rows, told, _cards(rows, about, "../../")))


def _advisories(listing: Listing) -> bytes:
    page = advisories_page(listing)
    return render("advisories.html", frame=page.frame, count=page.count, lines=page.lines)


def _message(about: About) -> bytes:
    # Served for any address, so its links begin at the site's root.
    around = frame(about, urlsplit(about.table.url).path or "/", title="Not found", description="There is no such page")
    return render("404.html", frame=around)


def _document(about: About, name: str) -> Planned:
    return _planned(f"about/{name}/index.html", [], partial(_document_page, about, name))


def _document_page(about: About, name: str) -> bytes:
    from registry_tool.site.markdown import to_html

    text = static_file(f"docs/{name}.md").decode("utf-8")
    heading, _, rest = text.partition("\n")
    title = heading.removeprefix("# ").strip()
    for word, value in {
        "$URL": about.table.url or "ADDRESS",
        "$ID": about.id,
        "$UNTIL": "\n".join(f"- {role}: {time}" for role, time in about.until),
        "$DEMO": " --demo" if about.demonstration else "",
        "$KINDS": ", ".join(one.row.name.lower() for one in about.categories),
    }.items():
        rest = rest.replace(word, value)
    around = frame(about, "../../", title=title, description=title)
    return render("document.html", frame=around, title=title, text=to_html(rest, levels_down=0))
