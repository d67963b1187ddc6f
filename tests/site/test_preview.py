"""Live previews: which artifacts have one, what their pages carry for it, and what never becomes one."""

import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core.names import parse_artifact
from registry_tool.core.routes import FRAMES, type_of
from registry_tool.kinds import all_kinds
from registry_tool.site.preview import BYTES, MODULES, SHARED, host_files, shared_files
from registry_tool.site.templates import template_folder
from tests.kinds.releases import card_of
from tests.site.items import named, pages, part, registry

WIDGET = {"entry": "dist/w.js", "sri": {"dist/w.js": "sha384-x", "dist/lib.js": "sha384-y"}}
FILES = {"dist/w.js": b"w", "dist/lib.js": b"lib", "README.md": b"r"}
SHEET = {"theme.css": b":root { --a: red }"}


def made(
    kind: str, files: dict[str, bytes], spec: dict[str, Any], status: str = "active", **more: Any
) -> dict[str, str]:
    """The pages of an artifact of this kind, by their paths from its own folder."""
    there = registry()
    there.release("@ann/thing", "1.0.0", files, kind=kind, spec=spec, **more)
    name, about = named(there)["@ann/thing"]
    shown = replace(name.releases[0], status=status)  # type: ignore[arg-type]  # one of the table's
    found = pages(replace(name, releases=(shown,)), about)
    return {path.split("/", 3)[3]: text for path, text in found.items()}


def told(page: str) -> Any:  # Any: JSON
    """What the page tells the script."""
    found = re.search(r'data-preview="([^"]*)"', page)
    assert found is not None
    return json.loads(html.unescape(found[1]))


def test_a_widget_is_mounted_as_an_install_would_have_it() -> None:
    """The page has its row; its modules lie beside it as text, and no other file of it does."""
    found = made("widget", FILES, WIDGET, permissions=["data:read.a"], title='A "thing"')
    row = {"id": "@ann/thing", "title": 'A "thing"', **WIDGET, "permissions": ["data:read.a"]}

    assert {"widget": row} == told(found["index.html"])
    assert {"index.html", "preview/dist/w.js.txt", "preview/dist/lib.js.txt"} == set(found)
    assert "w" == found["preview/dist/w.js.txt"]
    assert '<script src="../../../assets/preview.js" type="module"></script>' in found["index.html"]
    assert "; frame-src 'self'\">" in found["index.html"]
    assert "with scripts" in part(found["index.html"], "preview")


@pytest.mark.parametrize(
    ("schemes", "expected"), [(["dark", "light"], ["light", "dark"]), (["dark"], []), ([], []), (None, [])]
)
def test_a_theme_is_worn_by_the_sample(schemes: list[str] | None, expected: list[str]) -> None:
    """Its stylesheet lies beside the page as text; there is a choice where it has two sides."""
    spec = {"entry": "theme.css", **({} if schemes is None else {"schemes": schemes})}
    found = made("theme", SHEET, spec)

    assert {"theme": "preview/theme.css.txt", "schemes": expected} == told(found["index.html"])
    assert {"index.html", "preview/theme.css.txt"} == set(found)


def test_an_author_file_is_no_script_and_no_style_of_the_site() -> None:
    """As text, with `nosniff`, nothing that somebody smuggles into a page could load it."""
    assert "text/plain; charset=utf-8" == type_of("/widgets/ann/thing/preview/dist/w.js.txt")


MANY = {f"m{number}.js": b"" for number in range(MODULES + 1)}


@pytest.mark.parametrize(
    ("kind", "files", "spec", "status"),
    [
        ("skill", {"SKILL.md": b"x"}, {"entry": "SKILL.md"}, "active"),
        ("gadget", {"a.js": b"x"}, {"entry": "a.js", "sri": {"a.js": "x"}}, "active"),
        ("theme", SHEET, {}, "active"),
        ("theme", SHEET, {"entry": 7}, "active"),
        ("theme", SHEET, {"entry": "other.css"}, "active"),
        ("theme", {"a.txt": b""}, {"entry": "a.txt"}, "active"),
        ("theme", {"theme.css": b"x" * (BYTES + 1)}, {"entry": "theme.css"}, "active"),
        ("widget", FILES, {"entry": "dist/w.js"}, "active"),
        ("widget", FILES, {"entry": "dist/w.js", "sri": {"dist/lib.js": "x"}}, "active"),
        ("widget", MANY, {"entry": "m0.js", "sri": dict.fromkeys(MANY, "x")}, "active"),
        *(("widget", FILES, WIDGET, status) for status in ("yanked", "quarantined", "revoked", "withheld")),
    ],
)
def test_what_a_browser_cannot_or_should_not_show_has_none(
    kind: str, files: dict[str, bytes], spec: dict[str, Any], status: str
) -> None:
    """Other kinds, other files, too much, and what nobody should install: neither a section nor a file nor a frame."""
    found = made(kind, files, spec, status)

    assert {"index.html"} == set(found)
    assert ("preview" in found["index.html"], "frame-src" in found["index.html"]) == (False, False)


def test_the_frames_of_the_site_are_those_that_hosts_know() -> None:
    """Each document among the shared files has the headers of frames, and everything else has not."""
    shared = {one.path: one.make() for one in shared_files()}

    assert set(FRAMES) == {f"/{path}" for path in shared if path.endswith(".html")}
    assert {path.removeprefix(SHARED) for path in shared} == {
        *("frame.html", "host.js", "preview.css", "preview.js", "sample.html")
    }
    assert shared["assets/frame.html"] == host_files()["frame.html"]


def test_every_file_of_the_templates_is_used() -> None:
    """What lies in the two folders is written as it is, or within a document."""
    there = {path.name for name in ("host", "preview") for path in (template_folder() / name).iterdir()}
    written = {one.path.rpartition("/")[2] for one in shared_files()} | set(host_files())

    assert {"frame.js", "sample.js"} == there - written
    assert {"gadget.html"} == written - there


def test_the_template_of_a_kind_has_a_preview_where_its_like_has() -> None:
    """What `create` writes can be seen at work as soon as it is published."""
    shown = []
    for kind in all_kinds():
        payload = kind.template(parse_artifact("@ann/thing"))
        there = registry()
        spec = dict(kind.read(payload, card_of(payload)).spec)
        there.release("@ann/thing", "1.0.0", payload, kind=kind.id, spec=spec)
        name, about = named(there)["@ann/thing"]
        shown += [kind.id for path in pages(name, about) if "/preview/" in path]

    assert ["theme", "widget"] == shown
