"""A hostile widget in Chromium, in the frame that host.js gives it: nothing of it arrives anywhere, nothing is granted.

All rows run at once in one page, each in a frame of its own, and name themselves in what they ask for; somebody
elsewhere counts. The same rows in plain frames show that the counting works.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from registry_tool.core.frames import HEADERS
from tests.attacks.frame_rows import REALMS, ROWS, Row
from tests.chromium import launched
from tests.framing import Elsewhere, dashboard, plan_of, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MODULE = """
export async function mount(root, host) {{
  document.title = "{name}";
  const E = "{url}{name}", UDP = {udp};
  const say = (text) => root.append(String(text));
  (async () => {{ {code} }})().catch((error) => say(error?.name ?? "refused"));
}}
"""
MOUNT = """async () => {
  window.hostData = 1;
  const { mountWidgets } = await import("/widgets/host.js");
  const place = document.createElement("div");
  document.body.append(place);
  await mountWidgets(place, { index: "/widgets/index.json", read: () => 1 });
}"""
PLAIN = """(names) => {
  for (const name of names) {
    const frame = document.createElement("iframe");
    frame.src = `/plain/${name}.html`;
    document.body.append(frame);
  }
}"""
GONE = """[...document.querySelectorAll("section:has(.registry-failed)")].map(
  (one) => [one.getAttribute("aria-labelledby").replace("widget-acme__", ""), one.lastChild.textContent])"""
SETTLED_MS = 1500
"""How long browsers get for what must not happen."""


@dataclass(frozen=True)
class Result:
    """What came of all rows."""

    requests: frozenset[str]
    """Rows of which a request arrived."""
    opened: int
    packets: int
    said: Mapping[str, str]
    """What each frame shows; of one that was taken away, the page's own words."""
    title: str
    """Of the page afterwards."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's chromium."""
    with sync_playwright() as driver, closing(launched(driver)) as browser:
        yield browser


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    """Somebody who counts."""
    with Elsewhere() as found:
        yield found


@pytest.fixture(scope="module")
def files(elsewhere: Elsewhere) -> dict[str, bytes]:
    """A dashboard with every row as a widget, and every row as a plain page."""
    plans, found = [], {}
    for row in ROWS:
        module = MODULE.format(url=elsewhere.url, name=row.name, udp=elsewhere.udp, code=row.code)
        plans.append(plan_of(row.name, {"widget.js": module}))
        script = module.replace("export ", "") + "mount(document.querySelector('#root'), {});"
        found[f"plain/{row.name}.html"] = (
            f'<!doctype html><p id="root"><script type="module">{script}</script>'.encode()
        )
    return {**dashboard(*plans), **found}


def result(page: Page, elsewhere: Elsewhere) -> Result:
    """What came of it, some time later."""
    page.wait_for_timeout(SETTLED_MS)
    said = dict(page.evaluate(GONE))
    for frame in page.frames[1:]:
        if frame.parent_frame == page.main_frame:
            name, shown = frame.evaluate("[document.title, document.body.innerText]")
            said[name] = shown
    names = frozenset(line.split(" ")[1][1:].partition("?")[0] for line in elsewhere.requests)
    return Result(names, elsewhere.opened, elsewhere.packets, said, page.title())


@pytest.fixture(scope="module", params=["files alone", "with headers"])
def framed(request: pytest.FixtureRequest, chromium: Browser, elsewhere: Elsewhere, files: dict[str, bytes]) -> Result:
    """All rows in frames, from a host that knows files alone and from one that sends the headers."""
    elsewhere.forget()
    headers = {"widgets/frame.html": HEADERS} if request.param == "with headers" else {}
    with served(files, headers) as site, closing(chromium.new_page()) as page:
        page.goto(f"{site}page.html")
        page.evaluate(MOUNT)
        found = result(page, elsewhere)
    if headers:
        assert 0 == found.opened  # not even a connection, as browsers open them for where a frame would go
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_widget_reaches_nothing(framed: Result, row: Row) -> None:
    """B16: no request of it arrives, and where it can be told it was refused as it should be."""
    assert row.name not in framed.requests
    assert row.said in (None, framed.said[row.name])


def test_no_packet_leaves_by_webrtc(framed: Result) -> None:
    """Not from the frame's own realm and not from any that it can make; and the page stays what it was."""
    assert (0, "A dashboard") == (framed.packets, framed.title)
    assert frozenset() == framed.requests


def test_a_widget_that_leaves_is_taken_away(framed: Result) -> None:
    """Where it was stands what happened, in the page's words."""
    gone = "A thing is not shown: it tried to go elsewhere"

    assert [gone] * 3 == [framed.said[name] for name in ("navigate", "refresh", "anchor")]


def test_the_same_arrives_from_a_plain_frame(chromium: Browser, elsewhere: Elsewhere, files: dict[str, bytes]) -> None:
    """The counting works: without our measures each of these requests arrives, and packets do."""
    elsewhere.forget()
    leaks = {row.name for row in ROWS if row.plain}
    with served(files) as site, closing(chromium.new_page()) as page:
        page.goto(f"{site}page.html")
        page.evaluate(PLAIN, sorted(leaks))
        found = result(page, elsewhere)

    assert leaks - {row.name for row in REALMS} == found.requests & leaks
    assert found.packets > 0
