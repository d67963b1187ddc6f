"""What axe says of each kind of page: WCAG 2.2 AA and good practice, wide and narrow, light and dark."""

from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.screenshots import PAGES
from tests.site.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.slow]

ALIKE = {"list-recent", "item-plain", "item-skill", "item-long", "item-arabic", "item-many"}
"""Pages that are of the kind of others here, made of the same parts."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast"]
"""What of it another scheme can change: a scheme moves nothing."""
SAID = """async rules => (await axe.run(document, {runOnly: rules, resultTypes: ["violations"]})).violations.map(
    one => one.id + ": " + one.nodes.slice(0, 3).map(
        node => node.html + " " + node.any.map(any => any.message)).join(" | "))"""
SCHEMES: tuple[tuple[Literal["light", "dark"], list[str]], ...] = (("light", RULES), ("dark", COLOURS))


def found(page: Page) -> list[str]:
    """What axe says of the page in four looks."""
    said: list[str] = []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            said += [f"{width} {scheme} {one}" for one in page.evaluate(SAID, rules)]
    return said


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ALIKE])
def test_axe_finds_nothing(opened: Opened, site: str, axe: str, name: str) -> None:
    """No page breaks a rule."""
    page = opened(bypass_csp=True)
    page.goto(site + PAGES[name])
    page.evaluate(axe)

    assert [] == found(page)


def test_axe_finds_nothing_in_the_drawer(opened: Opened, site: str, axe: str) -> None:
    """The drawer over a list breaks none either."""
    page = opened(bypass_csp=True, reduced_motion="reduce")
    page.goto(f"{site}widgets/")
    page.locator(".card h3 a").first.click()
    page.locator("dialog h1").wait_for()
    page.evaluate(axe)

    assert [] == found(page)


def test_axe_finds_what_is_planted(opened: Opened, site: str, axe: str) -> None:
    """Pale text and a picture without words are found: the tests above can fail."""
    page = opened(bypass_csp=True)
    page.goto(site)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=p>pale</p><img src=icon.svg>')"
    )
    page.evaluate("document.querySelector('#p').style.color = '#ddd'")
    page.evaluate(axe)

    assert {"color-contrast", "image-alt"} == {one.partition(":")[0] for one in page.evaluate(SAID, RULES)}
