"""A built site with everything that is served in a way of its own, and one table of what to ask its host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol

from registry_tool.core.digest import sha256
from registry_tool.core.routes import ASK_AGAIN, FOREVER, FRAMED
from registry_tool.core.tables import table_bytes
from tests.feeds.ggui_scene import put, scene
from tests.sites import built, committed, files_of

JSON = "application/json"
HTML = "text/html; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
OBJECT = "objects/sha256/ab/" + "ab" * 32
COPY = f"index/an/ann/{'cd' * 32}.paper.json"

SERVE, NGINX, CADDY, NETLIFY, CLOUDFLARE = "serve", "nginx", "caddy", "netlify", "cloudflare"
FILES_OF_RULES = frozenset({NETLIFY, CLOUDFLARE})
"""Hosts that read `_redirects` and `_headers`."""


@dataclass(frozen=True)
class Answer:
    """What a host said; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Host(Protocol):
    """Something that serves a site."""

    name: str

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """Its answer to a request whose path is sent as it is."""
        ...


@dataclass(frozen=True)
class Row:
    """One request, and what every host answers but those that cannot."""

    path: str
    status: int = 200
    type: str = ""
    file: str = ""
    """Whose bytes come."""
    location: str = ""
    cache: str = ASK_AGAIN
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    but: frozenset[str] = frozenset()
    """Hosts that answer something else, and must."""

    @property
    def id(self) -> str:
        return f"{self.method} {self.path}"


API = "/api/v1/marketplace"
MOVED: tuple[Row, ...] = (
    Row(f"{API}/skills", 301, location=f"{API}/skills/items"),
    Row(f"{API}/skills/ann__notes", 301, location=f"{API}/skills/items/ann__notes"),
    Row(f"{API}/skills/pdf", 301, location=f"{API}/skills/items/ann__notes"),
    Row(f"{API}/skills/nobody", 301, location=f"{API}/skills/items/nobody", but=FILES_OF_RULES),
    Row("/themes", 301, location="/themes/", but=frozenset({CADDY, *FILES_OF_RULES})),
)
FILES: tuple[Row, ...] = (
    Row("/", type=HTML, file="index.html"),
    Row("/themes/", type=HTML, file="themes/index.html"),
    Row("/skills/", type=HTML, file="skills/index.html"),
    Row("/skills/ann/notes/", type=HTML, file="skills/ann/notes/index.html"),
    Row("/style.css", type="text/css; charset=utf-8", file="style.css"),
    Row("/assets/frame.html", type=HTML, file="assets/frame.html"),
    Row("/assets/sample.html", type=HTML, file="assets/sample.html"),
    Row("/assets/preview.js", type="text/javascript; charset=utf-8", file="assets/preview.js"),
    Row("/index/catalogue.json", type=JSON, file="index/catalogue.json"),
    Row(f"/{OBJECT}", type="application/octet-stream", file=OBJECT, cache=FOREVER),
    Row(f"/{COPY}", type=JSON, file=COPY, cache=FOREVER, but=FILES_OF_RULES),
    Row("/tuf/1.root.json", type=JSON, file="tuf/1.root.json", cache=FOREVER),
    Row("/tuf/timestamp.json", type=JSON, file="tuf/timestamp.json"),
    Row("/feeds/new.xml", type=ATOM, file="feeds/new.xml"),
    Row("/feeds/skills/new.json", type="application/feed+json", file="feeds/skills/new.json"),
    Row("/skills/ann/notes/feed.xml", type=ATOM, file="skills/ann/notes/feed.xml"),
    Row("/sitemap.xml", type="application/xml", file="sitemap.xml"),
    Row("/manifest.webmanifest", type="application/manifest+json", file="manifest.webmanifest"),
    Row("/.well-known/agent-skills/index.json", type=JSON, file=".well-known/agent-skills/index.json"),
)
ROUTES: tuple[Row, ...] = (
    Row(f"{API}/categories", type=JSON, file=f"{API[1:]}/categories.json"),
    Row(f"{API}/skills/items", type=JSON, file=f"{API[1:]}/skills/items.json"),
    Row(f"{API}/skills/items.json", type=JSON, file=f"{API[1:]}/skills/items.json"),
    Row(f"{API}/gadgets/items/ann__use-clock", type=JSON, file=f"{API[1:]}/gadgets/items/ann__use-clock.json"),
    Row(f"{API}/gadgets/items/ann__use-clock.json", type=JSON, file=f"{API[1:]}/gadgets/items/ann__use-clock.json"),
    Row("/search", type=JSON, file="search"),
    Row("/ggui/gadget/search", type=JSON, file="ggui/gadget/search"),
    Row("/pkg/ann/use-clock", type=JSON, file="pkg/ann/use-clock/index.json"),
    Row("/pkg/@ann/use-clock", type=JSON, file="pkg/ann/use-clock/index.json"),
    Row("/pkg/ann/use-clock/1.0.0", type=JSON, file="pkg/ann/use-clock/1.0.0"),
    Row("/pkg/@ann/use-clock/1.0.0", type=JSON, file="pkg/ann/use-clock/1.0.0"),
    Row("/pkg/ann/use-clock/1.2.0%2Bb", type=JSON, file="pkg/ann/use-clock/1.2.0+b"),
    Row("/pkg/%40ann/use-clock/2.0.0-beta.1", type=JSON, file="pkg/ann/use-clock/2.0.0-beta.1", but=FILES_OF_RULES),
    Row("/ggui/gadget/pkg/ann/use-clock", type=JSON, file="pkg/ann/use-clock/index.json"),
    Row("/ggui/gadget/pkg/@ann/use-clock/1.0.0", type=JSON, file="pkg/ann/use-clock/1.0.0"),
    Row(
        "/bundles/public/@ann/use-clock/1.2.0%2Bb/bundle.js",
        type="application/javascript; charset=utf-8",
        file="bundles/public/@ann/use-clock/1.2.0+b/bundle.js",
    ),
    Row(
        "/bundles/public/ann/use-clock/1.0.0/bundle.js.sig",
        type=JSON,
        file="bundles/public/@ann/use-clock/1.0.0/bundle.js.sig",
        but=FILES_OF_RULES,  # a rule would match its own target
    ),
    Row("/v0.1/servers", type=JSON, file="v0.1/servers.json"),
    Row("/v0.1/servers?cursor=0123abcd", type=JSON, file="v0.1/pages/0123abcd.json", but=FILES_OF_RULES),
    Row("/v0/servers", type=JSON, file="v0.1/servers.json"),
    Row("/v0.1/servers/io.example.ann/units/versions", type=JSON, file="v0.1/of/ann/units/versions.json"),
    Row("/v0.1/servers/io.example.ann%2Funits/versions", type=JSON, file="v0.1/of/ann/units/versions.json"),
    Row("/v0.1/servers/io.example.ann%2funits/versions/latest", type=JSON, file="v0.1/of/ann/units/versions/latest"),
    Row("/v0/servers/io.example.ann%2Funits/versions/1.0.0", type=JSON, file="v0.1/of/ann/units/versions/1.0.0"),
)
NOTHING: tuple[Row, ...] = (
    Row("/nothing", 404, HTML, "404.html"),
    Row("/objects/", 404, HTML, "404.html", but=FILES_OF_RULES),
    Row("/objects/sha256/ab/abce", 404, HTML, "404.html", but=FILES_OF_RULES),  # their headers are by path alone
    Row("/pkg/ann/use-clock/9.9.9", 404, HTML, "404.html", but=FILES_OF_RULES),
    Row("/pkg/ann/use-clock/1.3.0", 404, HTML, "404.html", but=FILES_OF_RULES),
    Row(f"{API}/gadgets/items/nobody", 404, HTML, "404.html", but=FILES_OF_RULES),
    Row("/v0.1/servers?cursor=zzz", 404, HTML, "404.html", but=FILES_OF_RULES),
    Row("/v0.1/servers?cursor=../../index/catalogue", 404, HTML, "404.html", but=FILES_OF_RULES),
    Row("/v0.1/servers?cursor=..%2f..%2findex%2fcatalogue", 404, HTML, "404.html", but=FILES_OF_RULES),
    Row("/.git/HEAD", 404, HTML, "404.html"),
    Row("/%2egit/HEAD", 404, HTML, "404.html"),
    Row("/../outside.txt", 400, cache="", but=frozenset({CADDY, *FILES_OF_RULES})),
    Row("/%2e%2e/outside.txt", 400, cache="", but=frozenset({CADDY, *FILES_OF_RULES})),
    Row("/themes/..%2f..%2foutside.txt", 400, cache="", but=frozenset({CADDY, *FILES_OF_RULES})),
)
GONE: tuple[Row, ...] = (
    Row("/pkg/ann/use-clock/1.1.0", 410, JSON, "gone/pkg/ann/use-clock/1.1.0", but=frozenset({CLOUDFLARE})),
    Row("/pkg/@ann/use-clock/1.1.0", 410, JSON, "gone/pkg/ann/use-clock/1.1.0", but=FILES_OF_RULES),
    Row("/ggui/gadget/pkg/ann/use-clock/1.1.0", 410, JSON, "gone/pkg/ann/use-clock/1.1.0", but=frozenset({CLOUDFLARE})),
    Row("/gone/pkg/ann/use-clock/1.1.0", 200, JSON, "gone/pkg/ann/use-clock/1.1.0"),
)
METHODS: tuple[Row, ...] = (
    Row("/style.css", type="text/css; charset=utf-8", method="HEAD"),
    Row("/pkg/ann/use-clock/1.1.0", 410, JSON, method="HEAD", but=frozenset({CLOUDFLARE})),
    Row("/nothing", 404, HTML, method="HEAD"),
    Row("/search", 204, method="OPTIONS", headers={"Origin": "https://a.example"}, but=FILES_OF_RULES),
    Row("/style.css", 405, method="PUT", cache="", but=FILES_OF_RULES),
    Row("/style.css", 405, method="DELETE", cache="", but=FILES_OF_RULES),
)
TABLE = (*FILES, *ROUTES, *MOVED, *NOTHING, *GONE, *METHODS)


def of(host: str, rows: tuple[Row, ...] = TABLE) -> tuple[Row, ...]:
    """The rows that a host can answer."""
    return tuple(row for row in rows if host not in row.but)


@cache
def site(*, url: str = "https://registry.example/") -> Mapping[str, bytes]:
    """The files of the site; made at first use, since collecting tests must be quick."""
    registry = scene(url=url)
    put(registry, "@ann/notes", kind="skill")
    put(registry, "@ann/units", kind="plugin")
    table = {"name": "The Reading Room", "url": url, "old_slugs": {"pdf": "@ann/notes", "lost": "@ann/lost"}}
    registry.files["index/registry.yaml"] = table_bytes(table)
    files = files_of(built(committed(registry.files)).made)
    return {
        **files,
        OBJECT: b"object",
        COPY: b"{}",
        "tuf/1.root.json": b"{}",
        "tuf/timestamp.json": b"{}",
        "v0.1/pages/0123abcd.json": b'{"metadata":{"count":0},"servers":[]}',
    }


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """The site in a folder, and things beside it and in it that nobody may have."""
    for path, data in {**files, ".git/HEAD": b"secret", "../outside.txt": b"secret"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def safe(answer: Answer) -> dict[str, str]:
    """The headers of an answer that keep people safe, as far as any file of the site has them."""
    return {name: answer.headers[name.lower()] for name in FRAMED if name.lower() in answer.headers}


def claim(row: Row, answer: Answer, files: Mapping[str, bytes], base: str = "") -> tuple[object, object]:
    """What a row says, and what came, in the same form."""
    body = files[row.file] if row.file and row.method == "GET" else None
    expected = (
        row.status,
        row.type,
        base + row.location if row.location else "",
        row.cache,
        sha256(body) if body is not None else "",
    )
    came = (
        answer.status,
        answer.headers.get("content-type", "").lower() if row.type else "",
        answer.headers.get("location", "") if row.location else "",
        answer.headers.get("cache-control", "") if row.cache else "",
        sha256(answer.body) if body is not None else "",
    )
    return expected, came
