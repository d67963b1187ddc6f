"""The search page in a real browser: typing, filters, the way back, addresses, a keyboard alone, and no scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.site.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "CPU load"


@pytest.fixture
def page(opened: Opened, site: str) -> Page:
    """The search page, with everything on it."""
    page = opened()
    page.goto(f"{site}find/")
    expect(page.get_by_role("status")).to_contain_text("found, page 1 of")
    return page


def titles(page: Page) -> list[str]:
    """What is found, in order."""
    return page.locator("#results h3").all_inner_texts()


def test_typing_finds(page: Page, site: str) -> None:
    """Beginnings of words find while somebody types, the count is told, and the address says it."""
    page.get_by_label("Words").type("cpu lo")
    expect(page.get_by_role("status")).to_have_text("1 found, page 1 of 1.")

    assert [LOAD] == titles(page)
    assert f"{site}find/?q=cpu+lo" == page.url


def test_filters_join_and_the_way_back_takes_them_off(page: Page) -> None:
    """Each filter is an address; back and forward show what was there, in the form as well."""
    page.get_by_label("Kind").select_option("theme")
    expect(page.get_by_role("status")).to_contain_text("of 2.")
    page.get_by_text("More filters").click()
    page.get_by_label("Tag").fill("warm")
    page.get_by_label("Tag").press("Enter")
    expect(page).to_have_url(re.compile(r"kind=theme&tag=warm$"))
    page.get_by_label("Order").select_option("recent")
    expect(page).to_have_url(re.compile("sort=recent"))
    page.go_back()
    expect(page).to_have_url(re.compile("tag=warm$"))
    page.go_back()
    expect(page).to_have_url(re.compile("kind=theme$"))
    expect(page.get_by_label("Tag")).to_have_value("")
    page.go_back()

    expect(page.get_by_label("Kind")).to_have_value("")
    expect(page.get_by_role("status")).to_contain_text("of 3.")


def test_an_address_is_a_search(opened: Opened, site: str) -> None:
    """Who is sent an address sees the same, on the same page of it, with the form filled in."""
    page = opened()
    page.goto(f"{site}find/?q=paint&kind=theme&without=network&sort=popular&page=2")
    expect(page.get_by_role("status")).to_have_text("30 found, page 2 of 2.")

    assert 10 == page.locator("#results .card").count()
    assert ["paint", "theme", "popular"] == [page.locator(f"#{one}").input_value() for one in ("q", "kind", "sort")]
    page.get_by_role("link", name="Previous page").click()
    expect(page.get_by_role("status")).to_have_text("30 found, page 1 of 2.")
    assert "Paint 1" == titles(page)[0]
    expect(page.get_by_role("link", name="Previous page")).to_be_hidden()
    expect(page.get_by_label("Must not ask for")).to_have_value("network")
    expect(page.get_by_label("Must not ask for")).to_be_visible()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("nothing-of-that-kind", "Nothing fits all of that"),
        ("colour:red", "“colour:red”: there is no such filter. There are kind:, tag:"),
        ("-pdf", "only permissions can be excluded"),
        ("tag:", "The filter tag: needs a value"),
        ("<img src=x onerror=alert(1)>:", "Nothing fits"),
        ("<b>x:y", "Nothing fits"),
    ],
)
def test_what_is_not_found_is_said_in_words(opened: Opened, site: str, query: str, said: str) -> None:
    """A sentence says why, as text, and there are no cards."""
    page = opened()
    page.goto(f"{site}find/")
    page.get_by_label("Words").fill(query)
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("status")).to_contain_text(said)
    assert (0, 0) == (page.locator("#results .card").count(), page.locator("#said *").count())


def test_cards_are_those_of_the_lists(opened: Opened, site: str) -> None:
    """What is found looks as on the pages of its category, hostile titles included, and nothing of it runs."""
    page = opened()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.goto(f"{site}themes/")
    listed = _cards(page, ".cards .card")
    page.goto(f"{site}find/?kind=theme&sort=popular")
    expect(page.get_by_role("status")).to_contain_text("found")
    found = _cards(page, "#results .card")
    shared = listed.keys() & found.keys()

    assert {name: listed[name] for name in shared} == {name: found[name] for name in shared}
    assert len(shared) >= 15
    page.goto(f"{site}find/?q=author:eve")
    expect(page.get_by_role("status")).to_contain_text("found")
    assert "</h1><script>alert(1)</script> {{ 7 * 7 }}" in titles(page)
    assert [] == told


def _cards(page: Page, cards: str) -> dict[str, list[str]]:
    """For the address of each card its texts, and the classes of its parts."""
    code = """cards => Object.fromEntries(cards.map(card => [
        new URL(card.querySelector('a').href).pathname,
        [card.innerText, ...[...card.querySelectorAll('p, p > span[class]')].map(one => one.className + '|' + one.dir)],
    ]))"""
    found: dict[str, list[str]] = page.locator(cards).evaluate_all(code)
    return found


def test_a_keyboard_alone_searches_filters_and_opens(opened: Opened, site: str) -> None:
    """Words, a filter behind the summary, and the first card, without a mouse."""
    page = opened()
    page.goto(f"{site}find/")
    page.get_by_label("Words").focus()
    page.keyboard.type("load")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=load"))
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(page.get_by_text("More filters")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.type("harbor")
    expect(page).to_have_url(re.compile("author=harbor"))
    expect(page.get_by_role("status")).to_have_text("1 found, page 1 of 1.")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("dialog h1")).to_have_text(LOAD)
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"find/\?q=load&author=harbor$"))
    expect(page.get_by_role("link", name=LOAD)).to_be_focused()


def test_without_scripts_everything_is_linked(opened: Opened, site: str) -> None:
    """No form that does nothing, but lists of everything, and a sentence that says so."""
    page = opened(java_script_enabled=False)
    page.goto(f"{site}find/?q=load")

    assert page.get_by_text("Searching in the page needs scripting").is_visible()
    assert not page.locator("#find").is_visible()
    for href in _hrefs(page):
        assert 200 == page.request.get(f"{site}find/{href}").status, href


def _hrefs(page: Page) -> list[str]:
    links = page.locator(".around a")
    return [str(links.nth(number).get_attribute("href")) for number in range(links.count())]


def test_an_index_that_cannot_be_read_is_told_and_tried_again(opened: Opened, site: str) -> None:
    """Without its files the page says so, and the next search works once they are there."""
    page = opened()
    page.route("**/find/data/**", lambda route: route.fulfill(status=503))
    page.goto(f"{site}find/?q=load")
    expect(page.get_by_role("status")).to_contain_text("could not be loaded")
    page.unroute("**/find/data/**")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("status")).to_contain_text("found")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_results_fit_and_axe_finds_nothing(opened: Opened, site: str, axe: str, width: int, scheme: str) -> None:
    """With cards and open filters nothing is wrong at WCAG 2.2 AA, and nothing scrolls sideways."""
    page = opened(width=width, color_scheme=scheme, bypass_csp=True)
    page.goto(f"{site}find/?kind=theme")
    expect(page.get_by_role("status")).to_contain_text("found")
    page.get_by_text("More filters").click()
    page.evaluate(axe)
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)

    assert [] == [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
