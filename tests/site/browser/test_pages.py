"""Each kind of page in a real browser: it fits, is quiet, can load and run nothing, and is whole without scripts."""

import pytest
from playwright.sync_api import Page

from tests.screenshots import PAGES
from tests.showroom import MANY
from tests.site.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
ITEM = "widgets/harbor/cpu-load/"
BROKEN = [
    *("connect-src", "frame-src", "img-src", "object-src"),
    *("script-src-attr", "script-src-elem", "style-src-attr", "style-src-elem"),
]
"""Every part of the policy that somebody runs into who smuggles something in."""


def listening(page: Page, site: str) -> list[str]:
    """What a page says on its console, breaks of its policy, or asks of anybody else."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if "404 (Not Found)" not in message.text else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if not request.url.startswith(site) else None)
    return told


@pytest.mark.parametrize("scripts", [True, False])
def test_a_page_fits_and_complains_of_nothing(opened: Opened, site: str, scripts: bool) -> None:
    """Each kind of page fits a narrow and a wide window, asks nobody else for anything, and has one first heading."""
    page = opened(java_script_enabled=scripts)
    told = listening(page, site)
    wrong = []
    for name, path in PAGES.items():
        answer = page.goto(site + path)
        seen = [answer.status if answer else 0, page.locator("h1").count()]
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            seen.append(page.evaluate(SIDEWAYS))
        if seen != [404 if name == "lost" else 200, 1, False, False]:
            wrong.append((name, seen))

    assert ([], []) == (wrong, told)


@pytest.mark.parametrize("path", ["", ITEM, "widgets/", "themes/eve/title-markup/"])
def test_the_policy_of_a_page_is_enforced(opened: Opened, site: str, path: str) -> None:
    """What somebody smuggled into a page runs nothing, styles nothing, loads nothing and sends nothing."""
    page = opened()
    page.goto(site + path)
    page.evaluate(
        """async () => {
            window.broken = new Set();
            addEventListener("securitypolicyviolation", one => window.broken.add(one.effectiveDirective));
            const add = (name, more) => document.body.append(Object.assign(document.createElement(name), more));
            add("script", {textContent: "window.ran = 1"});
            add("style", {textContent: "body { display: none }"});
            add("img", {src: "https://elsewhere.example/x.png"});
            add("iframe", {src: "https://elsewhere.example/"});
            add("object", {data: "icon.svg"});
            add("p", {innerHTML: "<b style='color: red' onclick='window.ran = 2'>x</b>"});
            document.body.lastChild.firstChild.click();
            await fetch("https://elsewhere.example/").catch(() => 0);
        }"""
    )
    page.wait_for_function("count => window.broken.size == count", arg=len(BROKEN))

    assert (BROKEN, None) == (page.evaluate("[...window.broken].sort()"), page.evaluate("window.ran ?? null"))


WAYS = (
    ("Widgets", "CPU load"),
    ("Tags", "cpu", "CPU load"),
    ("Authors", "harbor", "CPU load"),
    ("Hooks", "useCountdown", "Countdown"),
    ("Permissions", "data", "CPU load"),
)


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_an_artifact_is_reached_without_scripts(opened: Opened, site: str, way: tuple[str, ...]) -> None:
    """By category, tag, author, hook and permission, with links alone."""
    page = opened(java_script_enabled=False)
    page.goto(site)
    for word in way:
        page.get_by_role("link", name=word).first.click()

    assert page.locator("article.item h1").inner_text().startswith(way[-1][:3])


def test_an_artifact_is_read_whole_without_scripts(opened: Opened, site: str) -> None:
    """Every part of its page is there; what is folded opens; no button is there that would do nothing."""
    page = opened(java_script_enabled=False)
    page.goto(site + ITEM)
    page.get_by_text("The manifest, exactly as it was signed").click()
    shown = page.locator("main").inner_text()

    for expected in (
        "registry install @harbor/cpu-load",
        "data:read.metrics.cores",
        "Changed since 1.0.0",
        "3.78 of 5 stars (23 reviews)",
        "reader-22 on 1.0.0",
        "harbor.example, confirmed by mod",
        "None known of any version.",
        '"schema":"registry.manifest/1"',
        "at least 500 installs",
    ):
        assert expected in shown
    assert 0 == page.locator("main button:visible").count()


def test_every_version_is_reached_without_scripts(opened: Opened, site: str) -> None:
    """The page of an artifact has the newest, and leads to pages that have all of them."""
    page = opened(java_script_enabled=False)
    page.goto(f"{site}themes/eve/many/")
    pages = [page.url + (one.get_attribute("href") or "") for one in page.locator("#versions ~ .words a").all()]
    seen = []
    for address in pages:
        page.goto(address)
        seen += page.locator(".versions h3 > a").all_inner_texts()

    assert [f"1.{number}.0" for number in reversed(range(MANY))] == seen


def test_paper_has_everything_and_no_navigation(opened: Opened, site: str) -> None:
    """Printed, a page loses what can only be clicked, and shows what is folded."""
    page = opened()
    page.goto(site + ITEM)
    page.emulate_media(media="print")

    assert [] == [one for one in ("header nav", ".find", ".copy", "footer nav") if page.locator(one).first.is_visible()]
    assert page.get_by_text("openssl pkeyutl -verify").first.is_visible()
    assert page.get_by_text('"schema":"registry.manifest/1"').is_visible()
    assert len(page.pdf()) > 10_000


def test_forced_colours_lose_no_sign(opened: Opened, site: str) -> None:
    """Where somebody's own colours take the place of ours, marks and panels have borders instead."""
    page = opened(forced_colors="active")
    page.goto(f"{site}themes/lighthouse/paper/")
    width = "one => getComputedStyle(one).borderTopWidth"

    assert ["1px", "1px", "1px"] == [
        page.locator(one).first.evaluate(width) for one in (".ribbon", ".panel", ".nothing")
    ]
    assert "underline" in page.locator(".tabs [aria-current]").evaluate(
        "one => getComputedStyle(one).textDecorationLine"
    )


def test_who_wants_no_motion_sees_none(opened: Opened, site: str) -> None:
    """Nothing slides, glides or fades where somebody asked for less motion."""
    page = opened(reduced_motion="reduce")
    page.goto(f"{site}widgets/")
    page.locator(".card h3 a").first.click()
    page.locator("dialog h1").wait_for()

    assert 0 == page.evaluate("document.getAnimations().length")
    assert "auto" == page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")


@pytest.mark.parametrize("path", ["themes/", ITEM, "queue/", "submit/"])
def test_what_is_touched_is_large_enough(opened: Opened, site: str, path: str) -> None:
    """Every button, tab, page number and field is at least 44 pixels high."""
    page = opened(width=320)
    page.goto(site + path)
    small = page.evaluate(
        """[...document.querySelectorAll("button, input, select, summary, .tabs a, .pages a, .orders a, footer nav a")]
            .filter(one => one.offsetParent && one.getBoundingClientRect().height < 43.9).map(one => one.outerHTML)"""
    )

    assert [] == small
