"""The gallery: every page as a pure function of the index (the feeds of `core/index.py`).

    /                               home                 /<category>/                    lists (lists.py)
    /<category>/<scope>/<name>/     an artifact (item.py)
    /tags/ /hooks/ /permissions/ /authors/               what leads elsewhere (indexes.py)
    /submit/ /submit/<category>/    how to publish       /about/ /about/<page>/          documentation
    /advisories/                    what was taken back  /queue/                         what waits (queue.py)
    /assets/                        live previews (preview.py)

A page is planned with a key of what it shows, and made only where that changed.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from urllib.parse import urlsplit

from registry_tool.core.index import About, Category, Listing, Planned, fact_key
from registry_tool.site import indexes
from registry_tool.site.advisories import FACTS as OLDER
from registry_tool.site.advisories import PATH as ADVISORIES
from registry_tool.site.advisories import advisories_page
from registry_tool.site.documents import documentation
from registry_tool.site.home import home
from registry_tool.site.lists import PAGES, Collection, listed
from registry_tool.site.preview import shared_files
from registry_tool.site.shown import Entry, entries, groups
from registry_tool.site.submit import submit
from registry_tool.site.templates import STATIC, render, static_file
from registry_tool.site.views import frame
from registry_tool.site.words import line, visible


def pages(listing: Listing) -> Iterable[Planned]:
    """All pages but those of one artifact each."""
    shown = entries(listing)
    yield from (Planned(name, "static", partial(static_file, name)) for name in STATIC)
    yield from shared_files()
    yield Planned("404.html", "", partial(_message, listing.about))
    yield home(listing, shown)
    by_category = groups(shown, lambda entry: (entry.category.id,))
    for category in listing.about.categories:
        yield from listed(listing.about, _category(listing, category, by_category.get(category.row.id, ())))
    yield from indexes.tags(listing, shown)
    yield from indexes.hooks(listing, shown)
    yield from indexes.permissions(listing, shown)
    yield from indexes.authors(listing, shown)
    yield from submit(listing)
    yield from documentation(listing.about)
    key = fact_key([[dict(one) for one in listing.notices], dict(listing.facts.get(OLDER, {}))])
    yield Planned(ADVISORIES, key, partial(_advisories, listing))


def _category(listing: Listing, category: Category, members: Sequence[Entry]) -> Collection:
    row = category.row
    return Collection(
        base=f"{row.id}/",
        entries=members,
        title=row.name,
        kicker="",
        icon=visible(row.icon),
        intro=visible(row.description),
        current=row.id,
        pages=PAGES,
        always=True,
        counted=listing.counts is not None,
        first=lambda root: {
            "target": line(row.target) if row.target else "",
            "submit": f"{root}submit/{row.id}/",
        },
        feed=f"feeds/{row.id}/updated.xml",
        within=("kind", category.kind.id) if category.kind else ("", ""),
    )


def _advisories(listing: Listing) -> bytes:
    page = advisories_page(listing)
    return render("advisories.html", frame=page.frame, count=page.count, lines=page.lines, left=page.left)


def _message(about: About) -> bytes:
    # Served for any address, so its links begin at the site's root.
    around = frame(about, urlsplit(about.table.url).path or "/", title="Not found", description="There is no such page")
    return render("404.html", frame=around)
