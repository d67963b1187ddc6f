"""The gallery in a real browser: nothing scrolls sideways, nothing complains, light and dark."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from registry_tool.core.published import registry_of
from registry_tool.site.templates import documents
from registry_tool.stores.output import write_site
from registry_tool.stores.webserver import SiteServer
from tests.queues import typical
from tests.sites import built, committed

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *("", "widgets/", "widgets/harbor/cpu-load/", "skills/harbor/release-notes/", "authors/harbor/", "advisories/"),
    "queue/",
    *(f"about/{name}/" for name in documents()),
)

QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
"""Nothing that a browser does by itself reaches for a network."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's chromium; no browser of playwright's own."""
    with sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-sync", *QUIET]
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of this repository's own registry, built and served."""
    folder = tmp_path_factory.mktemp("site")
    index = {
        path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "index").rglob("*") if path.is_file()
    }
    history = committed(index)
    queue = typical(registry_of(history.tree(history.branches()["main"])))
    write_site(folder / "out", built(history, queue=queue).made)
    with SiteServer(folder / "out", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_fits_and_complains_of_nothing(chromium: Browser, site: str, width: int, scheme: str) -> None:
    """Each kind of page fits its window, asks nobody else for anything, and works without scripts."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=True,
    )
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: told.append(request.url) if not request.url.startswith(site) else None)
    for path in PAGES:
        answer = page.goto(site + path)
        sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

        assert (200, False, []) == (answer.status if answer else 0, sideways, told)
        assert page.locator("h1").count() == 1
        assert page.locator("script").count() == 0
    context.close()


def test_an_item_is_reached_by_links_alone(chromium: Browser, site: str) -> None:
    """From the front page a person gets to an artifact and its commands with scripting off."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.get_by_role("link", name="Themes").first.click()
    page.get_by_role("link", name="Paper").first.click()

    assert page.url == f"{site}themes/lighthouse/paper/"
    assert page.get_by_text("registry install @lighthouse/paper").count() >= 1
    context.close()
