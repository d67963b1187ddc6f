"""What an install leaves, in a real browser: a gadget's module, a blueprint's component, a theme's properties.

A project is served as an app would be, from another origin than the registry. All three went the whole way: published,
admitted, built, installed.
"""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page

from registry_tool.sandbox.esbuild import run
from registry_tool.stores.webserver import SiteServer
from registry_tool.wiring import World
from tests.bundlers import keep, program
from tests.real.line import Line
from tests.real.packages import REACT, NodePackage

pytestmark = [pytest.mark.browser, pytest.mark.network]

REACT_DOM = NodePackage(
    "react-dom",
    "19.3.1",
    "sha512-Y0bARz53lhEC1NMCASs0/j+faB/zqt3R8hpvg1e8+61ZVJ4UL0UdC4cBbXfZMcIuhrfgeILTLe+ZeBCavQPtKQ==",
)
SCHEDULER = NodePackage(
    "scheduler",
    "0.28.0",
    "sha512-juorfCmIkIw8tT+p5BXSm6PJjQF/ycEYmKyzURCIt/RaZIhL+PulbQ9Yu2z1HdOJDdqDTlxA1+xKBmHXJsczAw==",
)
GADGET = {
    "kind": "gadget", "scope": "@ann", "name": "sums", "version": "1.0.0", "visibility": "public",
    "description": "Adds.", "license": "MIT", "bundle": "src/index.ts",
    "exports": [{"hook": "useSum", "description": "Adds.", "usage": "useSum(1, 2)", "example": None}],
}  # fmt: skip
EXPORT = {"hook": "useWords", "description": "Counts.", "usage": "useWords(text)", "example": None}
OTHER = {**GADGET, "name": "words", "exports": [EXPORT]}
THEME = """@font-face { font-family: "Own"; src: url(own.woff2) format("woff2"); }
:root { color-scheme: light dark; --page: #fbf7f0; --ink: rgb(43 36 32); --gap: calc(2 * 4px); --motion: 160ms; }
@media (prefers-color-scheme: dark) { :root { --page: #1b1613; } }
@media (prefers-reduced-motion: reduce) { :root { --motion: 0ms; } }
[data-theme="deep"] { --page: navy; }
"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's; Any: its words
        """Nothing: the test says what failed."""


@contextmanager
def app(folder: Path) -> Iterator[str]:
    """The address of a project's folder, as an app's own server would have it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def begin(folder: Path) -> tuple[Line, int]:
    """A registry whose public address is a free port of this machine."""
    (folder / "work").mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    env = {"PATH": os.environ["PATH"], "REGISTRY_HOME": str(folder / "home")}
    line = Line(folder, World(env=env, cwd=folder, home=folder, now=lambda: 1_772_000_000, terminal=False))
    keep(line.world.folder("cache"))
    line.registry("init", "reg", "--name", "Example", "--url", f"http://127.0.0.1:{port}/", "--yes")
    line.registry("add", "reg", "--root", line.id)
    return line, port


@dataclass(frozen=True, slots=True)
class Stage:
    """A project in which all is installed, and the addresses of it and of the registry."""

    work: Path
    site: Path
    url: str

    def gadget(self, name: str) -> dict[str, Any]:  # Any: JSON
        """The row that an app reads."""
        rows = json.loads((self.work / "ggui.json").read_text())["app"]["gadgets"]
        row: dict[str, Any] = next(one for one in rows if one["package"] == f"@ann/{name}")
        return row


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("live")
    line, port = begin(root)
    folders: dict[str, dict[str, bytes]] = {
        "sums": {
            "ggui.gadget.json": json.dumps(GADGET).encode(),
            "src/index.ts": b'import { add } from "./add";\n'
            b"export const useSum = (a: number, b: number): number => add(a, b);\n",
            "src/add.ts": b"export const add = (a: number, b: number): number => a + b;\n",
        },
        "words": {
            "ggui.gadget.json": json.dumps(OTHER).encode(),
            "src/index.ts": b"export const useWords = (text: string): number => text.split(' ').length;\n",
        },
        "evening": {
            "artifact.yaml": b"kind: theme\ntitle: T\ndescription: D.\nlicense: MIT\nversion: 1.0.0\n",
            "theme.css": THEME.encode(),
            "own.woff2": b"a font, as far as this is concerned",
        },
    }
    line.registry("blueprint", "create", "@ann/steps", "steps")
    for name, files in folders.items():
        for path, data in files.items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_bytes(data)
    for name in (*folders, "steps"):
        line.approve(line.publish(root / name, f"@ann/{name}"))
        line.install(f"@ann/{name}")
    line.registry("build", "--registry", "reg", "--out", "site")
    with SiteServer(root / "site", port) as registry, app(line.work) as url:
        thread = Thread(target=registry.serve_forever, daemon=True)
        thread.start()
        yield Stage(line.work, root / "site", url)
        registry.shutdown()
        thread.join()


def imported(page: Page, stage: Stage, url: str, integrity: str, script: str) -> str:
    """What a page of the app shows that imports a module of this integrity, or why it does not."""
    table = json.dumps({"imports": {"gadget": url}, "integrity": {url: integrity}})
    (stage.work / "app.html").write_text(
        f'<!doctype html><script type="importmap">{table}</script><script type="module">\n'
        f"try {{ const all = await import('gadget'); document.title = String({script}); }}\n"
        "catch (error) { document.title = 'refused: ' + error.name; }</script>"
    )
    page.goto(stage.url + "app.html")
    page.wait_for_function("document.title")
    return page.title()


def test_an_installed_gadget_runs_in_a_page(stage: Stage, opened: Callable[..., Page]) -> None:
    """The app's row names a module that chromium imports, its integrity enforced, and its hook answers (G8, G11)."""
    row = stage.gadget("sums")

    assert "42" == imported(opened(), stage, row["bundleUrl"], row["bundleSri"], "all.useSum(40, 2)")


def test_chromium_refuses_another_gadget_s_bytes(stage: Stage, opened: Callable[..., Page]) -> None:
    """Row 127: the integrity of another file is not this one's."""
    row, other = stage.gadget("sums"), stage.gadget("words")

    assert "refused: TypeError" == imported(opened(), stage, row["bundleUrl"], other["bundleSri"], "all.useSum(40, 2)")


def test_chromium_refuses_one_flipped_byte(stage: Stage, opened: Callable[..., Page]) -> None:
    """Row 125: with a byte changed on the registry's server, an import, a script and a preload give nothing."""
    row = stage.gadget("words")
    file = stage.site / "bundles/public/@ann/words/1.0.0/bundle.js"
    good = file.read_bytes()
    assert good.count(b'split(" ")') == 1
    file.write_bytes(good.replace(b'split(" ")', b'split("!")'))
    said: list[str] = []
    page = opened()
    page.on("console", lambda message: said.append(message.text))

    shown = imported(page, stage, row["bundleUrl"], row["bundleSri"], "all.useWords('a b c')")
    failed = page.evaluate(
        """([src, integrity]) => new Promise((done) => {
          const script = Object.assign(document.createElement("script"), { type: "module", src, integrity });
          script.crossOrigin = "anonymous";
          Object.assign(script, { onload: () => done("ran"), onerror: () => done("refused") });
          document.head.append(script);
        })""",
        [row["bundleUrl"], row["bundleSri"]],
    )
    file.write_bytes(good)
    again = imported(opened(), stage, row["bundleUrl"], row["bundleSri"], "all.useWords('a b c')")

    assert ("refused: TypeError", "refused", "3") == (shown, failed, again)
    assert any("integrity" in line for line in said)


def test_an_installed_blueprint_compiles_and_renders(stage: Stage, opened: Callable[..., Page], tmp_path: Path) -> None:
    """Its source, compiled with react from npm, shows what its author's fixture says (G12)."""
    (folder,) = (stage.work / ".ggui/installed-blueprints").iterdir()
    files = {"index.tsx": (folder / "index.tsx").read_bytes()}
    for package in (REACT, REACT_DOM, SCHEDULER):
        unpacked = package.unpacked(tmp_path / package.name)
        for path in (one for one in unpacked.rglob("*") if one.suffix in (".js", ".json")):
            files[f"node_modules/{package.name}/{path.relative_to(unpacked).as_posix()}"] = path.read_bytes()
    props = {
        "title": "Moving house",
        "steps": [{"label": "Pack the books", "done": True}, {"label": "Go", "done": False}],
    }
    files["main.tsx"] = (
        'import { createRoot } from "react-dom/client";\nimport Card from "./index.tsx";\n'
        f"createRoot(document.body).render(<Card {{...{json.dumps(props)}}} />);\n"
    ).encode()
    options = ("--bundle", "--jsx=automatic", '--define:process.env.NODE_ENV="production"', "--outfile=/outputs/app.js")
    ran = run(program(), ("./main.tsx", *options), files.items())
    assert ran.outputs, ran.said
    (stage.work / "app.js").write_bytes(ran.outputs["app.js"])
    (stage.work / "app.html").write_text('<!doctype html><body></body><script src="app.js"></script>')
    page = opened()

    page.goto(stage.url + "app.html")

    page.get_by_role("heading", name="Moving house").wait_for()
    assert "1 of 2 done" in page.inner_text("body")
    assert ["Pack the books", "Go"] == page.locator("li").all_inner_texts()


@pytest.mark.parametrize(
    ("settings", "theme", "expected"),
    [
        ({"color_scheme": "light", "reduced_motion": "no-preference"}, "", ("#fbf7f0", "160ms")),
        ({"color_scheme": "dark", "reduced_motion": "reduce"}, "", ("#1b1613", "0ms")),
        ({"color_scheme": "dark", "reduced_motion": "no-preference"}, "deep", ("navy", "160ms")),
    ],
)
def test_an_installed_theme_arrives_in_a_page(
    stage: Stage, opened: Callable[..., Page], settings: dict[str, str], theme: str, expected: tuple[str, str]
) -> None:
    """A page that loads what the index of themes names has its properties, by what the reader prefers (M7)."""
    row = json.loads((stage.work / "themes/index.json").read_text())["themes"]["ann__evening"]
    style = "body { background: var(--page); padding: var(--gap); font-family: Own, serif }"
    (stage.work / "app.html").write_text(
        f'<!doctype html><html data-theme="{theme}"><link rel="stylesheet" href="themes/{row["entry"]}">'
        f"<style>{style}</style><body>Text</body></html>"
    )
    page = opened(**settings)
    with page.expect_request("**/own.woff2"):
        page.goto(stage.url + "app.html")

    found = page.evaluate(
        """() => {
          const root = getComputedStyle(document.documentElement), body = getComputedStyle(document.body);
          const set = ["--page", "--motion"].map((name) => root.getPropertyValue(name));
          return [...set, body.paddingTop, body.backgroundColor];
        }"""
    )
    assert (*expected, "8px") == tuple(found[:3])
    assert "rgba(0, 0, 0, 0)" != found[3]
