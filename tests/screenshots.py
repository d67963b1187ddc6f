"""Pictures of each kind of page, light and dark, wide and narrow: `python -m tests.screenshots [FOLDER] [PAGE …]`.

They go to `screenshots/` of the checkout, which git ignores. Nobody compares them: somebody looks at them.
"""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import launched
from tests.showroom import built_showroom, served

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {"wide": 1280, "narrow": 320}
HIGHEST = 3200
"""Pixels of a page that are kept: below that it goes on as above."""

PAGES = {
    "home": "",
    "list": "themes/",
    "list-recent": "themes/-/recent/",
    "shelf": "themes/-/all/",
    "item-rich": "widgets/harbor/cpu-load/",
    "item-plain": "themes/lighthouse/paper/",
    "item-skill": "skills/harbor/release-notes/",
    "item-gadget": "gadgets/harbor/use-countdown/",
    "item-everything": "apps/eve/everything-app/",
    "item-imported": "themes/bob/found/",
    "item-revoked": "themes/eve/revoke-it/",
    "item-many": "themes/eve/many/",
    "item-long": "themes/eve/title-long/",
    "item-arabic": "themes/eve/title-arabic/",
    "versions": "themes/eve/many/versions/1/",
    "author": "authors/harbor/",
    "authors": "authors/",
    "tag": "tags/dark/",
    "tags": "tags/",
    "hook": "hooks/useCountdown/",
    "permission": "permissions/network/",
    "permissions": "permissions/",
    "find": "find/?q=clock",
    "submit": "submit/",
    "submit-one": "submit/themes/",
    "queue": "queue/",
    "advisories": "advisories/",
    "documents": "about/",
    "document": "about/consumer/",
    "lost": "no-such-page/",
}


def shoot(browser: Browser, url: str, folder: Path, names: list[str]) -> None:
    """Each page in four looks, and the drawer over a list."""
    for scheme in ("light", "dark"):
        for look, width in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
            )
            page = context.new_page()
            for name in names:
                page.goto(url + PAGES[name], wait_until="networkidle")
                keep(page, folder / f"{name}-{look}-{scheme}.png")
            page.goto(url + "widgets/", wait_until="networkidle")
            page.locator(".card h3 a").first.click()
            page.locator("dialog h1").wait_for()
            page.locator("dialog").evaluate("drawer => Promise.all(drawer.getAnimations().map(one => one.finished))")
            page.screenshot(path=folder / f"drawer-{look}-{scheme}.png")
            context.close()


def keep(page: Page, path: Path) -> None:
    """A picture of the page from its top."""
    high = page.evaluate("document.documentElement.scrollHeight")
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(high, HIGHEST)})


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "screenshots")
    parser.add_argument("pages", nargs="*", choices=[*PAGES, []], help="only these")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        browser = launched(driver)
        with served(built_showroom(Path(place) / "site")) as url:
            shoot(browser, url, given.folder, given.pages or list(PAGES))
        browser.close()
    print(f"{len(list(given.folder.glob('*.png')))} pictures are in {given.folder}")


if __name__ == "__main__":
    main()
