"""The table of routes: what every address leads to, and that no rule leads to itself."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Literal

import pytest

from registry_tool.core import routes
from registry_tool.core.routes import Found, resolve

OLD = routes.OLD
FILES = frozenset(
    {
        "/index.html",
        "/404.html",
        "/skills/index.html",
        f"{OLD}/items.json",
        f"{OLD}/items/ann__pdf.json",
        "/pkg/ann/clock/index.json",
        "/pkg/ann/clock/1.0.0+b",
        "/gone/pkg/ann/clock/1.1.0",
        "/bundles/public/@ann/clock/1.0.0/bundle.js",
        "/v0.1/servers.json",
        "/v0.1/pages/abc.json",
        "/v0.1/servers/io.a/b/versions.json",
        "/v0.1/servers/io.a/b/versions/1.0.0",
    }
)
FOLDERS = frozenset(path[:at] or "/" for path in FILES for at in range(len(path)) if path[at] == "/")


def kind(path: str) -> Literal["file", "folder"] | None:
    """What lies at a path."""
    whole = path.rstrip("/") or "/"
    return "file" if whole in FILES else "folder" if whole in FOLDERS else None


def found(path: str, query: str = "", moved: Mapping[str, str] | None = None) -> Found:
    """What an address leads to on this site."""
    return resolve(path, query, kind=kind, moved=moved or {})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", Found(200, "/index.html")),
        ("/index.html", Found(200, "/index.html")),
        ("/index.html/", Found(404, "/404.html")),
        ("/skills", Found(301, "/skills/")),
        ("/skills/", Found(200, "/skills/index.html")),
        ("/pkg/", Found(404, "/404.html")),
        ("/nothing", Found(404, "/404.html")),
        (OLD, Found(301, f"{OLD}/items")),
        (f"{OLD}/", Found(301, f"{OLD}/items")),
        (f"{OLD}/ann__pdf", Found(301, f"{OLD}/items/ann__pdf")),
        (f"{OLD}/a\r\nb", Found(404, "/404.html")),
        (f"{OLD}/items", Found(200, f"{OLD}/items.json")),
        (f"{OLD}/items.json", Found(200, f"{OLD}/items.json")),
        (f"{OLD}/items/ann__pdf", Found(200, f"{OLD}/items/ann__pdf.json")),
        (f"{OLD}/items/nobody", Found(404, "/404.html")),
        ("/pkg/ann/clock", Found(200, "/pkg/ann/clock/index.json")),
        ("/pkg/@ann/clock", Found(200, "/pkg/ann/clock/index.json")),
        ("/pkg/ann/clock/1.0.0+b", Found(200, "/pkg/ann/clock/1.0.0+b")),
        ("/pkg/@ann/clock/1.0.0+b", Found(200, "/pkg/ann/clock/1.0.0+b")),
        ("/pkg/@ann/clock/1.1.0", Found(410, "/gone/pkg/ann/clock/1.1.0")),
        ("/ggui/gadget/pkg/ann/clock/1.1.0", Found(410, "/gone/pkg/ann/clock/1.1.0")),
        ("/pkg/ann/clock/1.2.0", Found(404, "/404.html")),
        ("/bundles/public/ann/clock/1.0.0/bundle.js", Found(200, "/bundles/public/@ann/clock/1.0.0/bundle.js")),
        ("/v0.1/servers", Found(200, "/v0.1/servers.json")),
        ("/v0/servers", Found(200, "/v0.1/servers.json")),
        ("/v0.1/servers/io.a/b/versions", Found(200, "/v0.1/servers/io.a/b/versions.json")),
        ("/v0/servers/io.a/b/versions/1.0.0", Found(200, "/v0.1/servers/io.a/b/versions/1.0.0")),
    ],
)
def test_an_address_leads_to_one_thing(path: str, expected: Found) -> None:
    """Files first, then rules, then folders; what is nowhere is 404, what was yanked 410 (M10, M11, G10)."""
    assert expected == found(path)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Found(200, "/v0.1/servers.json")),
        ("limit=5&cursor=", Found(200, "/v0.1/servers.json")),
        ("limit=5&cursor=abc", Found(200, "/v0.1/pages/abc.json")),
        ("cursor=nobody", Found(404, "/404.html")),
        ("cursor=../servers", Found(404, "/404.html")),
        ("cursor=..%2Fservers", Found(404, "/404.html")),
        ("cursor=.", Found(404, "/404.html")),
    ],
)
def test_a_cursor_names_a_page_and_nothing_else(query: str, expected: Found) -> None:
    """Pages are chosen by the query; no cursor leads out of their folder."""
    assert expected == found("/v0.1/servers", query)


def test_an_alias_of_the_registry_comes_before_the_general_rule() -> None:
    """An old slug that has another name here leads straight to that."""
    moved = {f"{OLD}/pdf": f"{OLD}/items/ann__pdf"}

    assert Found(301, f"{OLD}/items/ann__pdf") == found(f"{OLD}/pdf", moved=moved)
    assert Found(301, f"{OLD}/items/pdf") == found(f"{OLD}/pdf")


@pytest.mark.parametrize("rule", routes.RULES, ids=lambda rule: rule.path)
def test_no_rule_leads_on_to_another(rule: routes.Rule) -> None:
    """Each file that a rule names is answered as that file, by no other rule and by no redirect."""
    names = dict.fromkeys(re.findall(r"\{@?([a-z]+)\}", rule.path), "x1") | {"cursor": "x1"}
    for to in filter(None, (*rule.to, rule.gone, rule.cursor)):
        file = to.format_map(names)

        assert Found(200, file) == resolve(file, "", kind=_only({file}), moved={})


def _only(files: Collection[str]) -> Callable[[str], Literal["file", "folder"] | None]:
    """A site that has these files alone."""
    return lambda path: "file" if path in files else None


@pytest.mark.parametrize(("form", "to"), routes.MOVED)
def test_no_old_address_leads_to_an_old_address(form: str, to: str) -> None:
    """Where an old address leads, none of the rules for old addresses matches, whatever the slug is called."""
    for slug in ("pdf", "items", "items.json", "skills"):
        target = to.format(slug=slug)

        assert 301 != found(target).status
    assert re.match(form, OLD) or re.match(form, f"{OLD}/x")


def test_the_gallerys_own_tab_is_no_old_address() -> None:
    """`/skills/…` without the API's beginning is the gallery's."""
    assert not [form for form, _ in routes.MOVED for path in ("/skills", "/skills/x") if re.fullmatch(form, path)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/index.html", "text/html; charset=utf-8"),
        ("/index/catalogue.json", "application/json"),
        ("/pkg/a/b/1.0.0-x.html", "application/json"),
        ("/v0.1/servers/a/b/versions/1.0.0-x.svg", "application/json"),
        ("/search", "application/json"),
        ("/searches", "application/octet-stream"),
        ("/objects/sha256/ab/ab.html", "application/octet-stream"),
        ("/bundles/public/@a/b/1.0.0/bundle.js", "application/javascript; charset=utf-8"),
        ("/bundles/public/@a/b/1.0.0/bundle.js.sig", "application/json"),
        ("/bundles/public/@a/b/1.0.0/x.html", "application/octet-stream"),
        ("/feeds/skills/new.xml", "application/atom+xml; charset=utf-8"),
        ("/feeds/new.json", "application/feed+json"),
        ("/skills/a/b/feed.xml", "application/atom+xml; charset=utf-8"),
        ("/sitemap.xml", "application/xml"),
        ("/.well-known/security.txt", "text/plain; charset=utf-8"),
        ("/.well-known/agent-skills/a/b/1.0.0.tar.gz", "application/gzip"),
        ("/hosting/nginx.conf", "text/plain; charset=utf-8"),
        ("/_redirects", "text/plain; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/LICENSE", "application/octet-stream"),
    ],
)
def test_a_file_has_one_type(path: str, expected: str) -> None:
    """No version, whatever it ends with, makes a page of somebody's JSON."""
    assert expected == routes.type_of(path)


def test_only_what_never_changes_is_kept_for_ever() -> None:
    """Objects, numbered files of the index and copies under their digest are; the timestamp and pages are not."""
    forever = ("/objects/sha256/ab/cd", "/tuf/12.root.json", f"/index/{'a' * 64}.catalogue.json")
    fresh = (
        "/tuf/timestamp.json",
        "/index.html",
        "/pkg/a/b/1.0.0",
        "/bundles/public/@a/b/1.0.0/bundle.js",
        "/objects/",
    )

    assert ([True] * 3, [False] * 5) == (
        [routes.is_forever(path) for path in forever],
        [routes.is_forever(path) for path in fresh],
    )


def test_text_is_worth_compressing_and_bundles_are_not() -> None:
    """Pages, JSON and feeds are; objects and archives are not."""
    assert [True, True, True, False, False] == [
        routes.is_compressed(path) for path in ("/a.html", "/search", "/feeds/new.xml", "/objects/a/b", "/a.tar.gz")
    ]


@pytest.mark.parametrize(
    ("url", "base"),
    [("", ""), ("https://x.example/", ""), ("https://x.example/y/z/", "/y/z"), ("http://127.0.0.1:80/y/", "/y")],
)
def test_a_site_may_lie_below_a_path(url: str, base: str) -> None:
    """What all paths begin with is the address's path, without its last slash."""
    assert base == routes.base_of(url)


def test_a_location_holds_no_line_break() -> None:
    """What a header cannot hold is encoded."""
    assert "/a%0D%0Ab/%C3%A9/@x+y" == routes.location("/a\r\nb/é/@x+y")


def test_frames_have_headers_of_their_own() -> None:
    """Whoever opens a frame's document gets its policy and no way out; every other file has what all have."""
    assert routes.EVERYWHERE == routes.headers_of("/index.html")
    for frame in routes.FRAMES:
        headers = routes.headers_of(frame)
        assert "sandbox allow-scripts" in headers["Content-Security-Policy"]
        assert "(); webrtc=block" == headers["Connection-Allowlist"]
