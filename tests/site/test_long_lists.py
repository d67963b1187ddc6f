"""The lists of 2,000 names: small, and rewritten only where they show what changed."""

import gzip
import re

import pytest

from registry_tool.site.templates import static_file
from tests.site.listings import ONE_MORE, a_listing, a_row, counted, made, many, rewritten, stale, with_one

pytestmark = pytest.mark.slow


def test_a_list_page_is_small() -> None:
    """At most 12 kB with the styles, compressed, at 2,000 names with descriptions of 240 characters."""
    rows = [
        row.model_copy(
            update={"description": f"{row.artifact} " + " ".join(f"{number}{row.tags[1]}" for number in range(40))}
        )
        for row in many(2000)
    ]
    pages = made(
        a_listing(rows, counts=counted({row.artifact: 7 for row in rows})), "skills/-/recent/", "skills/-/all/"
    )
    style = len(gzip.compress(static_file("style.css"), 6))
    largest = max(len(gzip.compress(page.encode(), 6)) for page in pages.values())

    assert largest + style <= 12_000


ROWS = many(2000)
CHANGED = ROWS[1234].artifact


def test_an_update_rewrites_the_pages_that_show_it() -> None:
    """Of about 200 pages for 2,000 names: the orders by time up to where it was, and where its card stands."""
    after = with_one(ROWS, CHANGED, version="1.1.0", updated=ONE_MORE)
    before, now = a_listing(ROWS), a_listing(after)
    pages = rewritten(before, now)
    row = ROWS[1234]
    allowed = re.compile(
        rf"index\.html|(skills|tags/all|tags/{row.tags[1]}|permissions/[a-z]+|authors/{row.author})/(-/.*)?index\.html"
    )

    shown = made(now)

    assert set() == {path for path in pages if not allowed.fullmatch(path)}
    assert set() == {path for path in pages if "/-/recent/" not in path and CHANGED not in shown[path]}
    assert set() == {path for path in pages if "/-/all/" in path}
    assert len(pages) <= 30
    assert set() == stale(before, now)


def test_one_new_name_rewrites_few_pages() -> None:
    """Its own lists: the newest, one shelf of each, and the counts; what others are rated or installed stays."""
    new = a_row("@zoe/pdf-brand-new", published=ONE_MORE, updated=ONE_MORE, tags=("all",), author="author-00")
    before, now = a_listing(ROWS), a_listing([*ROWS, new])
    pages = rewritten(before, now)
    shelves = {path for path in pages if "/-/all/" in path and path.startswith(("skills/", "tags/all/"))}

    assert len([path for path in shelves if path.startswith("skills/")]) <= 2
    assert set() == {
        path for path in pages if path.startswith(("permissions/", "hooks/", "about/", "submit/", "plugins/"))
    }
    assert set() == {path for path in pages if "/-/popular/" in path or "/-/rating/" in path}
    assert len(pages) <= 35
    assert set() == stale(before, now)


def test_installs_that_stay_in_their_step_rewrite_nothing() -> None:
    """510 installs are shown as 501 are."""
    before, now = (a_listing(ROWS, counts=counted({CHANGED: count})) for count in (501, 510))

    assert set() == rewritten(before, now)
