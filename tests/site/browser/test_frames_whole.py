"""Widgets and gadgets on a page in Chromium, from the install to the frame; and what a frame is without that page."""

from pathlib import Path

import pytest
from playwright.sync_api import Route

from registry_tool.core.digest import sri
from registry_tool.core.plan import Place
from registry_tool.kinds.widget import KIND
from registry_tool.stores.disk import DiskTarget
from registry_tool.stores.workfolder import read_folder
from tests.cli.desk import Desk
from tests.demo_registry import ARTIFACTS
from tests.framing import dashboard, served
from tests.kinds.releases import verified_of
from tests.site.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_what_the_installer_put_there_is_shown_by_the_page_that_the_tool_writes(opened: Opened, tmp_path: Path) -> None:
    """Installed, hosted and served as files, the demonstration's widget shows the data that it was granted."""
    desk = Desk(tmp_path)
    verified = verified_of(KIND, read_folder(ARTIFACTS / "widget-cpu-load").payload, scope="harbor", name="cpu-load")
    DiskTarget(desk.work).apply(KIND.plan(verified, Place()), {"id": "@harbor/cpu-load", "version": "1.1.0"})
    desk.json("widget", "host")
    (desk.work / "widgets/data.json").write_text('{"metrics.load": 0.42, "metrics.cores": 4}')
    found = [path for path in desk.work.rglob("*") if path.is_file()]
    with served({path.relative_to(desk.work).as_posix(): path.read_bytes() for path in found}) as site:
        page = opened()
        page.goto(f"{site}widgets/")
        frame = page.frame_locator("iframe")
        frame.get_by_text("0.42 of 4 cores").wait_for()

    assert "0.42" == frame.locator("meter").get_attribute("value")
    assert ["A thing"] == [one.get_attribute("title") for one in page.locator("iframe").all()]


@pytest.mark.parametrize("sandbox", [None, "allow-scripts allow-same-origin"])
def test_a_frame_runs_nothing_with_the_rights_of_its_host(opened: Opened, sandbox: str | None) -> None:
    """Opened by itself, or framed without an origin of its own, it takes no code from anybody."""
    with served(dashboard()) as site:
        page = opened()
        page.goto(f"{site}page.html")
        said = page.evaluate(
            """async (sandbox) => {
              const frame = document.createElement("iframe");
              if (sandbox) frame.setAttribute("sandbox", sandbox);
              frame.src = "/widgets/frame.html";
              await new Promise((done) => { frame.onload = done; document.body.append(frame) });
              return frame.contentDocument.body.innerText;
            }""",
            sandbox,
        )
        page.goto(f"{site}widgets/frame.html")

        assert "This page shows widgets within others, in a frame that is sandboxed." == said
        assert said == page.locator("body").inner_text()


GADGET = b"""import { useState } from 'react';
export function useX() { return useState(1) }
export async function mount(root) {
  for (const one of ['api', 'evil']) {
    root.append(await fetch(`https://${one}.example/`).then((answer) => answer.text(), () => 'refused'), ';');
  }
}"""
REACT = b"export const useState = (value) => [value, () => 0];"
LOAD = """async ([row, imports]) => {
  const { loadGadget } = await import("/widgets/host.js");
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  return loadGadget(place, row, { imports }).then((one) => one.exports, (error) => error.message);
}"""


def test_a_gadget_talks_to_what_it_was_granted(opened: Opened) -> None:
    """Its module and what the app brings along are compared; the one host answers, another is never asked."""
    reached = []

    def answer(route: Route) -> None:
        reached.append(route.request.url)
        route.fulfill(body="granted", headers={"Access-Control-Allow-Origin": "*"})

    row = {
        "package": "@acme/x",
        "bundleUrl": "/gadget.js",
        "bundleSri": sri(GADGET),
        "connect": ["https://api.example"],
    }
    imports = {"react": {"url": "/react.js", "sri": sri(REACT)}}
    with served({**dashboard(), "gadget.js": GADGET, "react.js": REACT}) as site:
        page = opened()
        page.route("https://**/*", answer)
        page.goto(f"{site}page.html")

        assert ["mount", "useX"] == page.evaluate(LOAD, [row, imports])
        assert "granted;refused;" == page.frame_locator("iframe").locator("#root").inner_text()
        assert ["https://api.example/"] == reached
        assert "gadget.js" not in page.evaluate(LOAD, [{**row, "bundleSri": sri(REACT)}, imports])
        assert "it asks for an address that none can have" == page.evaluate(
            LOAD, [{**row, "connect": ["https://*.example"]}, imports]
        )
