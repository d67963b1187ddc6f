"""The drawer, the copy buttons and the exact counts; and the whole way with a keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.site.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "widgets/harbor/cpu-load/"


@pytest.fixture
def page(opened: Opened, site: str) -> Page:
    """A list with the drawer of its first card open."""
    page = opened()
    page.goto(f"{site}widgets/")
    page.get_by_role("link", name="CPU load").click()
    expect(page.locator("dialog h1")).to_have_text("CPU load")
    return page


def test_a_card_opens_a_drawer_with_the_whole_artifact(page: Page) -> None:
    """Description, permissions, manifest and reviews are in it, and the list stays behind it."""
    drawer = page.get_by_role("dialog", name="CPU load")

    for expected in ("How busy the machine is", "data:read.metrics.cores", "(23 reviews)", "registry.manifest/1"):
        expect(drawer).to_contain_text(expected)
    assert 1 == page.locator("main h1").count()


@pytest.mark.parametrize("way", ["Escape", "button", "back", "beside"])
def test_a_drawer_closes_and_gives_the_focus_back(page: Page, site: str, way: str) -> None:
    """By the key, its button, the way back and a click beside it; whoever closes it is where they were."""
    if way == "Escape":
        page.keyboard.press("Escape")
    elif way == "button":
        page.get_by_role("button", name="Close").click()
    elif way == "back":
        page.go_back()
    else:
        page.mouse.click(20, 400)

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page).to_have_url(f"{site}widgets/")
    expect(page.get_by_role("link", name="CPU load")).to_be_focused()


def test_going_forward_opens_it_again(page: Page) -> None:
    """The way back closes it, the way forward opens it."""
    page.go_back()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.go_forward()

    expect(page.locator("dialog h1")).to_have_text("CPU load")


def test_its_address_opens_it(page: Page, opened: Opened, site: str) -> None:
    """Somebody who is sent the address sees the same, and closing it leaves them on the list."""
    other = opened()
    other.goto(page.url)
    expect(other.locator("dialog h1")).to_have_text("CPU load")
    other.keyboard.press("Escape")

    expect(other.locator("dialog[open]")).to_have_count(0)
    expect(other).to_have_url(f"{site}widgets/")


@pytest.mark.parametrize("address", ["#/../../etc/", "#//elsewhere.example/a/", "#main", "#/widgets/harbor/no-such/"])
def test_an_address_of_nothing_opens_nothing(opened: Opened, site: str, address: str) -> None:
    """What is no artifact's page of this site is not shown in a drawer."""
    page = opened()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith(site) else None)
    page.goto(f"{site}widgets/{address}")
    page.wait_for_load_state("networkidle")

    assert (0, []) == (page.locator("dialog article").count(), asked)


def test_links_in_it_lead_where_they_lead_on_its_page(page: Page, site: str) -> None:
    """An author, a permission and a tag are reached from the drawer; a link to a part stays in it."""
    page.locator("dialog").get_by_role("link", name=re.compile("stars")).first.click()
    expect(page.locator("dialog #reviews")).to_be_in_viewport()
    page.locator("dialog").get_by_role("link", name="harbor", exact=True).first.click()

    expect(page).to_have_url(f"{site}authors/harbor/")


def test_a_click_with_a_key_opens_the_page_itself(opened: Opened, site: str) -> None:
    """Who opens a card in a new tab gets the artifact's page there, and no drawer here."""
    page = opened()
    page.goto(f"{site}widgets/")
    with page.context.expect_page() as other:
        page.get_by_role("link", name="CPU load").click(modifiers=["Control"])

    assert site + LOAD == other.value.url
    assert 0 == page.locator("dialog").count()


def test_scripts_in_a_drawer_never_run(opened: Opened, site: str) -> None:
    """What came as an artifact's page runs nothing, with or without a policy."""
    inside = '<h1 id="title">x</h1><script>window.ran = 1</script><img src="x" onerror="window.ran = 2">'
    hostile = f'<article class="item">{inside}</article>'
    page = opened()
    page.route(f"{site}{LOAD}", lambda route: route.fulfill(body=hostile, content_type="text/html"))
    page.goto(f"{site}widgets/")
    page.get_by_role("link", name="CPU load").click()
    expect(page.locator("dialog h1")).to_have_text("x")
    page.wait_for_load_state("networkidle")

    assert None is page.evaluate("window.ran ?? null")


def test_a_command_is_copied(opened: Opened, site: str) -> None:
    """The button says so, and what lies in the clipboard is the command and nothing else."""
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    page.goto(site + LOAD)
    page.get_by_role("button", name="Copy Install command").click()

    expect(page.get_by_role("button", name="Copied Install command")).to_be_visible()
    assert "registry install @harbor/cpu-load" == page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (LOAD, "708 installs"),
        ("themes/lighthouse/paper/", "1 install"),
        ("themes/harbor/paint-1/", "12,345 installs"),
        ("themes/eve/many/", "no installs yet"),
    ],
)
def test_the_exact_count_takes_the_place_of_the_rounded_one(
    opened: Opened, site: str, path: str, expected: str
) -> None:
    """It comes from the live counts; what was never installed says so."""
    page = opened()
    page.goto(site + path)

    expect(page.locator("article .installs")).to_have_text(expected)


def test_a_keyboard_alone_finds_opens_and_closes(opened: Opened, site: str) -> None:
    """From the front page: skip, search, filter, open a result, read, close it, and be where one was."""
    page = opened()
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    tab_to(page, "#top-q")
    page.keyboard.type("cpu")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("find/"))
    expect(page.get_by_role("link", name="CPU load")).to_be_visible()
    tab_to(page, "select")
    page.keyboard.type("Widgets")
    expect(page.get_by_role("link", name="CPU load")).to_be_visible()
    tab_to(page, ".card h3 a")
    page.keyboard.press("Enter")
    expect(page.locator("dialog h1")).to_have_text("CPU load")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="CPU load")).to_be_focused()


def tab_to(page: Page, what: str) -> None:
    """Presses Tab until something of that kind has the focus."""
    for _ in range(80):
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {what}")
