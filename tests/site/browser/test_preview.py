"""Live previews in Chromium: nothing runs before somebody asks, and then it shows what it is."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.site.browser.conftest import Opened
from tests.site.browser.test_pages import SIDEWAYS, listening

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDGET = "widgets/harbor/cpu-load/"
THEME = "themes/harbor/harbor/"
START = "Start the live preview"
COLOURS = {"light": ("rgb(238, 243, 246)", "rgb(16, 34, 47)"), "dark": ("rgb(11, 26, 36)", "rgb(227, 237, 243)")}
"""Page and text of the demonstration's theme."""


def started(page: Page, address: str) -> Any:  # Any: a locator of a frame
    """The frame of a preview after the button was pressed."""
    page.goto(address)
    page.get_by_role("button", name=START).press("Enter")
    frame = page.frame_locator(".stage iframe")
    frame.locator("main, .swatch").first.wait_for()
    return frame


def test_a_widget_shows_made_up_numbers(opened: Opened, site: str) -> None:
    """From a key press on; before it no frame and no module is asked for, and nothing is complained of after."""
    page = opened()
    told = listening(page, site)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(site)))
    page.goto(site + WIDGET)
    before = [path for path in asked if "preview/" in path or path.endswith(("host.js", "frame.html"))]
    frame = started(page, site + WIDGET)
    frame.get_by_text("of 6 cores").wait_for()

    assert [] == before
    assert {f"{WIDGET}preview/widget.js.txt", "assets/frame.html", "assets/host.js"} == {
        path for path in asked if path.startswith(("assets/f", "assets/h", f"{WIDGET}preview"))
    }
    assert [] == [one for one in told if not one.startswith("blob:null/")]  # modules, in the frame's own memory
    assert 0 < float(frame.locator("meter").get_attribute("value"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_theme_shows_its_colours(opened: Opened, site: str, scheme: str, width: int) -> None:
    """The side that its reader prefers first, then the one that is chosen; with every property, at any width."""
    page = opened(width=width, color_scheme=scheme)
    told = listening(page, site)
    frame = started(page, site + THEME)
    colours = "one => { const style = getComputedStyle(one); return [style.backgroundColor, style.color] }"
    other = "dark" if scheme == "light" else "light"
    first = frame.locator("body").evaluate(colours)
    page.get_by_role("button", name=other.title(), exact=True).click()
    page.frames[-1].wait_for_function(
        "wanted => getComputedStyle(document.body).color == wanted", arg=COLOURS[other][1]
    )

    assert list(COLOURS[scheme]) == first
    assert list(COLOURS[other]) == frame.locator("body").evaluate(colours)
    assert 20 == frame.locator(".property").count()
    assert ([], False, False) == (told, page.evaluate(SIDEWAYS), page.frames[-1].evaluate(SIDEWAYS))


def test_an_accessible_page_stays_one(opened: Opened, site: str, axe: str) -> None:
    """With a preview at work axe finds nothing that it did not find before."""
    for address in (WIDGET, THEME):
        page = opened(bypass_csp=True)
        started(page, site + address)
        page.add_script_tag(content=axe)
        found = page.evaluate("axe.run(document, { iframes: false }).then((one) => one.violations.map((x) => x.id))")

        assert [] == found


def test_without_scripts_and_in_the_drawer_a_link_leads_to_the_page(opened: Opened, site: str) -> None:
    """Where nothing can be started no button is there that would do nothing."""
    page = opened(java_script_enabled=False)
    page.goto(site + WIDGET)

    assert "It starts on its own page, with scripts." == page.locator(".preview .start").inner_text()

    page = opened()
    page.goto(f"{site}widgets/")
    page.get_by_role("link", name="CPU load").first.click()
    link = page.locator("dialog .preview .start a")

    assert f"{site}{WIDGET}#preview" == link.evaluate("one => one.href")
    assert 0 == page.get_by_role("button", name=START).count()
