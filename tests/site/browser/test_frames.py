"""Widgets on a page in Chromium: what they are given, how often, and what becomes of those that ask for more."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from registry_tool.core.digest import sri
from registry_tool.core.plan import Plan
from tests.framing import dashboard, plan_of, served
from tests.site.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAY = "const say = (text) => root.append(String(text) + ';');\n"
MOUNT = """async ([name, options]) => {
  const { mountWidget } = await import("/widgets/host.js");
  const index = await (await fetch("/widgets/index.json")).json();
  window.asked = [];
  const read = (topic) => (window.asked.push(topic), { n: window.asked.length });
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  const row = { ...index.widgets["acme__" + name], ...options.row };
  const told = { base: "/widgets/", read, ...options.more, ...window.given };
  window.mounted = await mountWidget(place, row, told).catch((error) => ({ error: error.message }));
  return window.mounted.error ?? "mounted";
}"""


def widget(code: str, permissions: Sequence[str] = (), **others: str) -> Plan:
    """The plan of a widget whose mount does `code`."""
    source = f"export async function mount(root, host) {{ {SAY} {code} }}"
    return plan_of("one", {"widget.js": source, **{f"{name}.js": text for name, text in others.items()}}, permissions)


Mounted = Callable[..., Page]


@pytest.fixture
def mounted(opened: Opened) -> Iterator[Mounted]:
    """A page on which a widget was mounted; what became of that is the page's `window.mounted`."""
    servers = []

    def mount(code: str, permissions: Sequence[str] = (), *, given: str = "", head: str = "", **more: Any) -> Page:
        files = dashboard(widget(code, permissions, **more.pop("others", {})), head=head)
        files |= more.pop("files", {})
        server = served(files)
        page = opened(**more.pop("settings", {}))
        servers.append(server)
        page.goto(f"{server.__enter__()}page.html")
        if given:
            page.evaluate(f"window.given = {given}")
        page.evaluate(MOUNT, ["one", more])
        return page

    yield mount
    for server in servers:
        server.__exit__(None, None, None)


def shown(page: Page, wanted: str) -> str:
    """What the frame shows, once `wanted` is in it."""
    root = page.frame_locator("iframe").locator("#root")
    root.get_by_text(wanted).wait_for()
    return root.inner_text()


def test_what_was_not_granted_is_refused(mounted: Mounted) -> None:
    """B16: another topic, a name that every object has, a star, nothing and very much: the page's data is not asked."""
    topics = ["secret.key", "__proto__", "constructor", "toString", "energy", "energyx.a", "energy.*", "*", ""]
    page = mounted("self.host = host", ["data:read.energy.*"])
    frame = page.frames[-1]
    told = [frame.evaluate("topic => host.read(topic).catch((error) => error.message)", topic) for topic in topics]
    frame.evaluate("void host.read('a'.repeat(3_000))")
    page.wait_for_function("count => mounted.refused == count", arg=len(topics) + 1)

    assert ["that topic was not granted"] * len(topics) == told
    assert [] == page.evaluate("asked")
    assert {"n": 1} == frame.evaluate("host.read('energy.solar')")


def test_a_topic_is_fresh_once_per_interval(mounted: Mounted) -> None:
    """Asked fifty times within a second the page looks once, and again in the next; other intervals are refused."""
    code = """
      for (const one of ["100ms", "0s", "1x", "59s", "2m"]) try { host.every(one, () => 0) } catch { say("no " + one) }
      const all = () => Promise.all(Array.from({ length: 50 }, () => host.read("a.b")));
      say(new Set((await all()).map((one) => one.n)).size);
      const stop = host.every("60s", () => 0); stop();
      await new Promise((done) => setTimeout(done, 1_050));
      say((await host.read("a.b")).n); say("end")"""
    slow = mounted(code, ["data:read.a.b", "refresh:60s"])
    fast = mounted(code, ["data:read.a.b", "refresh:1s"])

    assert "no 100ms;no 0s;no 1x;no 59s;1;1;end;" == shown(slow, "end")
    assert "no 100ms;no 0s;no 1x;1;2;end;" == shown(fast, "end")
    assert (["a.b"], ["a.b"] * 2) == (slow.evaluate("asked"), fast.evaluate("asked"))


def test_without_refresh_a_topic_is_read_once(mounted: Mounted) -> None:
    """However long it waits, it has the first value; it has no clock of the page's, and hears of no change."""
    code = """
      try { host.every("24h", () => 0) } catch (error) { say(error.message) }
      host.subscribe("a", (value) => say("n" + value.n));
      await new Promise((done) => setTimeout(done, 300));
      say((await host.read("a")).n); say("end")"""
    page = mounted(code, ["data:read.*"])

    assert "every 24h was not granted;n1;1;end;" == shown(page, "end")
    assert ["a"] == page.evaluate("asked")


def test_changes_come_no_faster_than_granted(mounted: Mounted) -> None:
    """Of a hundred values in a moment the first comes at once, the last after the interval, none after the end."""
    given = """{ subscribe: (topic, tell) => {
        for (let n = 0; n < 100; n++) tell({ n });
        return () => (window.ended = topic);
      } }"""
    code = """
      const stop = host.subscribe("a", (value) => { say(value.n); if (value.n == 99) { stop(); say("end") } });"""
    page = mounted(code, ["data:read.a", "refresh:1s"], given=given)

    assert "0;99;end;" == shown(page, "end")
    page.wait_for_function("window.ended == 'a'")


def test_without_a_subscription_of_the_page_changes_are_looked_for(mounted: Mounted) -> None:
    """The page's data is asked at the interval, and what is the same as before is not told."""
    given = "{ read: (topic) => (asked.push(topic), asked.length < 3 ? 'same' : 'other') }"
    code = (
        "let last = performance.now(); host.subscribe('a', (value) => { say(value); if (value == 'other') say('end') })"
    )
    page = mounted(code, ["data:read.a", "refresh:1s"], given=given)

    assert "same;other;end;" == shown(page, "end")


RAW = """
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (...told) { self.port ??= this; post.apply(this, told) };
  self.host = host;
  await host.read("a");
"""
MESSAGES = (
    ("JSON.stringify({ id: 900, do: 'write', topic: 'a' })", 1),
    ("JSON.stringify({ id: 900, do: 'constructor', topic: 'a' })", 1),
    ('\'{"id":900,"do":"__proto__","topic":"a"}\'', 1),
    ("JSON.stringify({ id: -1, do: 'read', topic: 'a' })", 1),
    ("JSON.stringify({ id: '9', do: 'read', topic: 'a' })", 1),
    ("JSON.stringify({ id: 1e300, do: 'read', topic: 'a' })", 1),
    ("JSON.stringify({ id: 900, do: 'read', topic: ['a'] })", 1),
    ("JSON.stringify({ id: 900, do: 'read', topic: 'b' })", 1),
    ("JSON.stringify({ id: 900, do: 'subscribe', topic: 'b' })", 1),
    ("JSON.stringify({ id: 900, do: ['read'], topic: 'a' })", 1),
    ("{ id: 900, do: 'read', topic: 'a' }", 1),
    ("new ArrayBuffer(8)", 1),
    ("'x'.repeat(1e6)", 1),
    ("'null'", 1),
    ("'[]'", 1),
    ("'not json'", 1),
    ("JSON.stringify({ do: 'size', height: 1e9 })", 0),
    ("JSON.stringify({ do: 'size', height: '1px' })", 0),
    ("JSON.stringify({ do: 'unsubscribe', id: 77 })", 0),
    ("JSON.stringify({ do: 'ready', exports: 7 })", 0),
)
"""What is said on the raw port, and how often that is refused."""


def test_what_no_frame_should_say_changes_nothing(mounted: Mounted) -> None:
    """On the raw port: unknown requests, forged numbers, other types and very long texts are counted and dropped."""
    page = mounted(RAW, ["data:read.a"])
    counted = []
    for message, _ in MESSAGES:
        before = page.evaluate("mounted.refused")
        page.frames[-1].evaluate(f"async () => {{ port.postMessage({message}); await host.read('a') }}")
        counted.append((message, page.evaluate("mounted.refused") - before))

    assert list(MESSAGES) == counted
    assert ["a"] == page.evaluate("asked")
    assert 4000 >= page.evaluate("mounted.iframe.getBoundingClientRect().height")


def test_a_flood_ends_the_widget(mounted: Mounted) -> None:
    """Whoever sends thousands of messages is taken away, with a sentence in its place; the page looked once."""
    page = mounted(f"{RAW} for (let n = 0; n < 20_000; n++) host.read('a')", ["data:read.a"])
    page.locator(".registry-failed").wait_for()

    assert "A thing is not shown: it sent more than a page can take" == page.locator("body").inner_text()
    assert (["a"], 0) == (page.evaluate("asked"), page.locator("iframe").count())


def test_the_page_lives_while_a_widget_spins(mounted: Mounted) -> None:
    """An endless loop in a frame holds up nobody else."""
    page = mounted("say('end'); setTimeout(() => { for (;;); }, 200)")
    frames = page.evaluate(
        """() => new Promise((done) => {
          const began = performance.now();
          let count = 0;
          const next = () => (count++, performance.now() - began > 1_000 ? done(count) : setTimeout(next, 10));
          next();
        })"""
    )

    assert frames > 30
    page.evaluate("mounted.stop()")
    assert 0 == page.locator("iframe").count()


BAD_ROWS: tuple[tuple[dict[str, Any], str], ...] = (
    (
        {"sri": {"acme__one/widget.js": sri(b"other")}},
        "acme__one/widget.js cannot be read, or is not what was installed",
    ),
    ({"sri": {"acme__one/widget.js": "md5-x"}}, "no hash of acme__one/widget.js that counts"),
    ({"sri": {"acme__one/widget.js": ""}}, "no hash of acme__one/widget.js that counts"),
    ({"sri": {}}, "a widget has 1 to 200 modules"),
    ({"entry": "constructor"}, "its module has no hash"),
    ({"entry": "../page.html", "sri": {"../page.html": sri(b"")}}, "not a path of a widget: ../page.html"),
    ({"permissions": ["data:read.a", "network"]}, 'not a permission of a widget: "network"'),
    ({"permissions": "data:read.*"}, "permissions are a list"),
)


def test_a_row_that_no_install_wrote_is_not_run(mounted: Mounted) -> None:
    """Other bytes, no hash, a way out of the folder or an unknown permission: a sentence in its place, and no frame."""
    page = mounted("say('ran')")
    told = []
    for row, _ in BAD_ROWS:
        page.evaluate(MOUNT, ["one", {"row": row}])
        told.append((row, page.locator("body").inner_text().removeprefix("A thing is not shown: ")))

    assert list(BAD_ROWS) == told
    assert 0 == page.locator("iframe").count()


@pytest.mark.parametrize("code", ["throw new Error('no data')", "null.x", "await Promise.reject(1)"])
def test_code_that_does_not_start_is_told(opened: Opened, code: str) -> None:
    """What a widget throws while it starts ends it, in the page's own words."""
    plan = plan_of("one", {"widget.js": f"export async function mount(root, host) {{ {code} }}"})
    with served(dashboard(plan)) as site:
        page = opened()
        page.goto(f"{site}page.html")
        page.evaluate(MOUNT, ["one", {}])

        assert "A thing is not shown: its code does not start" == page.locator("body").inner_text()


def test_modules_of_a_widget_find_each_other(mounted: Mounted) -> None:
    """By relative names, in circles and late; what is none of them cannot be loaded."""
    others = {
        "a": "import { b } from './lib/b.js'; export const a = 'a' + b; export default 1;",
        "lib/b": "import * as up from '../a.js'; export { c } from \"./c.js\"; export const b = 'b'; export { up };",
        "lib/c": "export const c = 'c';",
    }
    code = """
      const { a } = await import('./a.js'); const { c, up } = await import("./lib/b.js");
      say(a + c + up.a); say('end')"""
    page = mounted(code, others=others)

    assert "abcab;end;" == shown(page, "end")


def test_a_frame_takes_over_how_the_page_looks(mounted: Mounted) -> None:
    """Colour, font and the custom properties that the page names; again when day becomes night."""
    head = """<style>:root { color-scheme: light dark; --accent: rgb(1, 2, 3); --other: 1px }
      body { color: rgb(4, 5, 6); font: 20px/30px serif }
      @media (prefers-color-scheme: dark) { body { color: rgb(7, 8, 9) } }</style>"""
    page = mounted("say('end')", head=head, more={"properties": ["--accent", "not: one"]})
    root = page.frame_locator("iframe").locator("#root")
    look = """one => { const style = getComputedStyle(one);
      return [style.color, style.fontSize, style.getPropertyValue('--accent'), style.getPropertyValue('--other')] }"""

    assert ["rgb(4, 5, 6)", "20px", "rgb(1, 2, 3)", ""] == root.evaluate(look)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("getComputedStyle(document.body).color == 'rgb(7, 8, 9)'")
    page.frames[-1].wait_for_function("getComputedStyle(document.body).color == 'rgb(7, 8, 9)'")


def test_a_frame_is_as_high_as_what_it_shows(mounted: Mounted) -> None:
    """It grows with it, within bounds, and is named for people who do not see it."""
    page = mounted("root.style.height = '123px'; say('end'); setTimeout(() => (root.style.height = '99999px'), 400)")
    height = "mounted.iframe.style.height == '{}px'"

    page.wait_for_function(height.format(123))
    page.wait_for_function(height.format(4000))
    assert ("A thing", "allow-scripts") == tuple(
        page.locator("iframe").get_attribute(name) for name in ("title", "sandbox")
    )
