"""The pages of documentation: filled in, linked from page to page, and listed by who reads them."""

import html
import re

import pytest

from registry_tool.core.tables import CategoryRow
from registry_tool.kinds import all_kinds
from registry_tool.site.documents import READERS, by_reader, documentation, html_of
from registry_tool.site.templates import documents
from tests.site.listings import an_about


def page(name: str, **table: str) -> str:
    """A page of documentation, as HTML."""
    return next(
        one.make().decode() for one in documentation(an_about(**table)) if one.path == f"about/{name}/index.html"
    )


def test_every_page_stands_under_a_reader() -> None:
    """No page is left over, none stands twice, and none is named that is not there."""
    named = [name for _, names in READERS for name in names]

    assert sorted(documents()) == sorted(named)
    assert [name for _, names in by_reader() for name in names] == named


@pytest.mark.parametrize("name", documents())
def test_nothing_is_left_to_fill_in(name: str) -> None:
    """No placeholder stays, with an address and without one; links within the site go from page to page."""
    for url in ("https://registry.example/", ""):
        text = page(name, url=url).partition("<main")[2].partition("</main>")[0]

        assert [] == re.findall(r"\$[A-Z]{2,}|site\.invalid", text)
        assert [] == re.findall(r'href="(?:https://registry\.example/|ADDRESS)', text)


def test_a_link_to_the_site_is_relative_and_one_to_the_web_is_not() -> None:
    """A copy of the site leads to its own pages; the address itself can be read as it is."""
    made = html_of("[a]($URLabout/x/#y) [b](https://example.org/) `$URL`", an_about(), root="../../")

    assert '<a href="../../about/x/#y">a</a>' in made
    assert '<a href="https://example.org/" rel="nofollow noopener noreferrer">b</a>' in made
    assert "<code>https://registry.example/</code>" in made


def test_the_table_of_kinds_is_made_from_the_kinds() -> None:
    """Each kind with its native files, each form of permission with its meaning, and where it goes."""
    text = html.unescape(page("kinds"))

    for kind in all_kinds():
        assert f"<td>{kind.id}</td>" in text
        assert f"<code>{kind.target}</code>" in text
        assert [] == [name for name in kind.native if f"<code>{name}</code>" not in text]
        assert [] == [rule.accepts[0] for rule in kind.grammar.rules if f"<code>{rule.accepts[0]}</code>" not in text]


def test_what_operators_write_stays_in_its_cell() -> None:
    """A name with a bar, markup or a turned line makes no other table."""
    about = an_about()
    first = about.categories[0]
    odd = CategoryRow(id="apps", name="a | b <b>c</b> \u202e", target="x | `y` | z")
    changed = type(first)(odd, first.kind)
    made = html_of("$KINDTABLE\n\n$INSTALLTABLE", type(about)(about.id, about.table, False, (changed,), ()), root="")

    assert [4, 4] == [row.count("<td>") for row in re.findall(r"<tr>\n<td>.*?</tr>", made, re.DOTALL)]
    assert ("<b>" in made, "\\u202e" in made) == (False, True)
