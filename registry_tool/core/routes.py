"""How a site is served: one table that every host's configuration, and `registry serve`, are made from.

A site is files. Clients that we did not write ask for addresses that no file can have (`…/items` beside
`…/items/x.json`), follow addresses of older marketplaces, and look at content types. What they get:

    1  an old address     goes to the new one          301   `MOVED`, and the registry's own old slugs
    2  a file             as it is                     200   `type_of`, `is_forever`
    3  a rule             the first file that it names 200   `RULES`
    4  what was yanked    what it was                  410   `Rule.gone`
    5  a folder           goes to itself with a slash  301   its `index.html` with one
    6  anything else      `404.html`                   404

Rules name files, and what is named must be there: so no rule leads to another, and none to itself.

Old addresses are those of the API. `/skills/` and `/skills/<…>` without `/api/v1/marketplace` before them
are the gallery's own tab and stay what they are; the old marketplace had its pages elsewhere.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qsl, quote, urlsplit

from registry_tool.core import frames

JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
TEXT: Final = "text/plain"
ATOM: Final = "application/atom+xml"

UTF8: Final = frozenset(
    {"text/css", "text/html", "text/javascript", "text/markdown", TEXT, ATOM, "application/javascript"}
)
"""Types that are said with `; charset=utf-8`."""

TYPES: Final[Mapping[str, str]] = {
    "css": "text/css",
    "gz": "application/gzip",
    "html": "text/html",
    "ico": "image/x-icon",
    "js": "text/javascript",
    "json": JSON,
    "md": "text/markdown",
    "png": "image/png",
    "sig": JSON,
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "tgz": "application/gzip",
    "txt": TEXT,
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "xml": "application/xml",
    "zip": "application/zip",
}
"""By what a name ends with; anything else is bytes."""
FEED: Final = "feed"
FEED_TYPES: Final[Mapping[str, str]] = {"json": "application/feed+json", "xml": ATOM}
"""Of files that are called `feed`, and of all below `/feeds/`."""

COMPRESSED: Final = tuple(
    sorted(
        {*UTF8, *FEED_TYPES.values(), JSON, "application/manifest+json", "application/xml", "image/svg+xml"}
        - {"text/html"}
    )
)
"""Types that are worth compressing, `text/html` besides."""

FOREVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
IMMUTABLE: Final = r"^/objects/sha256/|^/tuf/[0-9]+\.|/[0-9a-f]{64}\.[^/]+$"
"""Paths that hold a digest or a version: what lies there never changes."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EVERYWHERE: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer. Nothing here is anybody's own, so any page may read it."""
FRAMES: Final = ("/assets/frame.html", "/assets/sample.html")
"""Documents that pages of the site show in frames (`core/frames.py`); nothing else of it may be framed."""
FRAMED: Final[Mapping[str, str]] = {**EVERYWHERE, **frames.HEADERS}
"""Headers of those, in the place of `EVERYWHERE`."""
JOINED: Final = "base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'self'"
"""What holds of pages and of frames: for hosts that add the headers of all rules that match. Pages say the rest."""
METHODS: Final = "GET, HEAD, OPTIONS"
ASKED_FIRST: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
"""What `OPTIONS` is answered with, and 204: browsers ask so before they ask for JSON with a header of their own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the site whose files have types of their own."""

    at: str
    """A folder, with a slash at its end, or one file."""
    default: str
    """Of names that `types` does not know: a version is no extension, whatever it ends with."""
    types: Mapping[str, str] = field(default_factory=dict)


PLACES: Final = (
    Place("/api/", JSON),
    Place("/cp/", JSON),
    Place("/pkg/", JSON),
    Place("/gone/", JSON),
    Place("/ggui/", JSON),
    Place("/search", JSON),
    Place("/v0.1/", JSON),
    Place("/v0/", JSON),
    Place("/objects/", BYTES),
    Place("/bundles/", BYTES, {"js": "application/javascript", "json": JSON, "sig": JSON}),
    Place("/feeds/", BYTES, FEED_TYPES),
    Place("/hosting/", TEXT, {"json": JSON}),
    Place("/_headers", TEXT),
    Place("/_redirects", TEXT),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which file answers an address that is none.

    `{name}` stands for one part of a path; `{@name}` too, and is filled in without the `@` that it may begin with.
    """

    path: str
    to: tuple[str, ...]
    """Files; the first that is there is given."""
    gone: str = ""
    """Given with 410 where it is there: what was yanked."""
    cursor: str = ""
    """The file of a page, where the query says `cursor`; `{cursor}` stands for that."""


_PAGE: Final = "/v0.1/pages/{cursor}.json"
_SERVERS: Final = ("/v0.1/pages/first.json", "/v0.1/servers.json")
_PKG: Final = "/pkg/{scope}/{name}"
_VERSIONS: Final = "/servers/{namespace}/{server}/versions"

RULES: Final = (
    Rule("/api/v1/marketplace/categories", ("/api/v1/marketplace/categories.json",)),
    Rule("/api/v1/marketplace/{category}/items", ("/api/v1/marketplace/{category}/items.json",)),
    Rule("/api/v1/marketplace/{category}/items/{slug}", ("/api/v1/marketplace/{category}/items/{slug}.json",)),
    Rule("/cp/api/v1/admin/marketplace/queue", ("/cp/api/v1/admin/marketplace/queue.json",)),
    Rule("/pkg/{@scope}/{name}", (f"{_PKG}/index.json",)),
    Rule("/pkg/{@scope}/{name}/{version}", (f"{_PKG}/{{version}}",), gone=f"/gone{_PKG}/{{version}}"),
    Rule("/ggui/{kind}/pkg/{@scope}/{name}", (f"/ggui/{{kind}}{_PKG}/index.json",)),
    Rule(
        "/ggui/{kind}/pkg/{@scope}/{name}/{version}",
        (f"/ggui/{{kind}}{_PKG}/{{version}}",),
        gone=f"/gone{_PKG}/{{version}}",
    ),
    Rule("/bundles/public/{@scope}/{name}/{version}/{file}", ("/bundles/public/@{scope}/{name}/{version}/{file}",)),
    Rule("/v0.1/servers", _SERVERS, cursor=_PAGE),
    Rule(f"/v0.1{_VERSIONS}", (f"/v0.1{_VERSIONS}.json",)),
    Rule("/v0/servers", _SERVERS, cursor=_PAGE),
    Rule(f"/v0{_VERSIONS}", (f"/v0.1{_VERSIONS}.json",)),
    Rule(f"/v0{_VERSIONS}/{{version}}", (f"/v0.1{_VERSIONS}/{{version}}",)),
)

OLD: Final = "/api/v1/marketplace/skills"
ITEMS: Final = f"{OLD}/items"
OLD_SLUG: Final = "[A-Za-z0-9._~@-]{1,200}"
"""What follows `OLD/`: any slug, and nothing that a header could not hold."""
NEW: Final = (ITEMS, f"{ITEMS}.json")
"""What looks like an old address and is a new one: a rule that matched these would match its own target."""
MOVED: Final = ((rf"^{OLD}/?$", ITEMS), (rf"^{OLD}/(?P<slug>{OLD_SLUG})$", f"{ITEMS}/{{slug}}"))
"""Addresses of the marketplace of old, which knew skills alone, and where they lead; those of `NEW` are none."""
MOVED_FILE: Final = "hosting/routes.json"
"""Where the site says the registry's own old addresses, for `registry serve`: `{"moved": {old: new}}`."""

HIDDEN: Final = r"/\.(?!well-known(/|$))"
"""In paths that are not there for anybody: a site may lie in a folder that git made."""

CURSOR: Final = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,199}"
"""What a page may be called: never a way up."""

_PART: Final = re.compile(r"\{(@?)([a-z]+)\}")


def pattern(path: str) -> str:
    """A rule's `path` as a regular expression with named groups, for Python, PCRE and RE2 alike."""

    def group(part: re.Match[str]) -> str:
        return f"@?(?P<{part[2]}>[^/@][^/]*)" if part[1] else f"(?P<{part[2]}>[^/]+)"

    return f"^{_PART.sub(group, path.replace('.', '[.]'))}$"


_RULES: Final = tuple((re.compile(pattern(rule.path)), rule) for rule in RULES)
_MOVED: Final = tuple((re.compile(form), to) for form, to in MOVED)
_IMMUTABLE: Final = re.compile(IMMUTABLE)


NOWHERE: Final = "/404.html"


@dataclass(frozen=True, slots=True)
class Found:
    """What an address leads to."""

    status: Literal[200, 301, 404, 410]
    path: str
    """A file of the site; for 301 the path to go to, decoded."""


def resolve(
    path: str,
    query: str,
    *,
    kind: Callable[[str], Literal["file", "folder"] | None],
    moved: Mapping[str, str],
) -> Found:
    """What `path` (decoded, one slash first) leads to on a site where `kind` says what lies at a path.

    `moved` are the registry's own old addresses. A file of this answer is there, unless the status is 404.
    """
    if path in moved:
        return Found(301, moved[path])
    for form, to in _MOVED:
        if path not in NEW and (match := form.fullmatch(path)):
            return Found(301, to.format_map(match.groupdict()))
    if kind(path) == "file" and not path.endswith("/"):
        return Found(200, path)
    for form, rule in _RULES:
        if match := form.fullmatch(path):
            return _ruled(rule, match.groupdict(), query, kind)
    if kind(path) == "folder":
        if not path.endswith("/"):
            return Found(301, path + "/")
        if kind(path + "index.html") == "file":
            return Found(200, path + "index.html")
    return Found(404, NOWHERE)


def _ruled(
    rule: Rule, parts: Mapping[str, str], query: str, kind: Callable[[str], Literal["file", "folder"] | None]
) -> Found:
    cursor = dict(parse_qsl(query)).get("cursor", "") if rule.cursor else ""
    files = [to.format_map(parts) for to in rule.to]
    if cursor:
        files = [rule.cursor.format(cursor=cursor)] if re.fullmatch(CURSOR, cursor) else []
    for file in files:
        if kind(file) == "file":
            return Found(200, file)
    gone = rule.gone.format_map(parts)
    return Found(410, gone) if gone and kind(gone) == "file" else Found(404, NOWHERE)


def type_of(path: str) -> str:
    """The content type of a file of the site, with its charset."""
    name = path.rpartition("/")[2]
    end = name.rpartition(".")[2] if "." in name else ""
    place = next((one for one in PLACES if path == one.at or (one.at[-1] == "/" and path.startswith(one.at))), None)
    types = {**TYPES, **FEED_TYPES} if name.startswith(f"{FEED}.") else TYPES
    kind = types.get(end, BYTES) if place is None else place.types.get(end, place.default)
    return said(kind)


def said(kind: str) -> str:
    """A type as a header says it."""
    return f"{kind}; charset=utf-8" if kind in UTF8 else kind


def headers_of(path: str) -> Mapping[str, str]:
    """Headers of a file of the site, whatever its type."""
    return FRAMED if path in FRAMES else EVERYWHERE


def is_forever(path: str) -> bool:
    """Whether what lies at `path` never changes, so that caches may keep it."""
    return _IMMUTABLE.search(path) is not None


def is_compressed(path: str) -> bool:
    """Whether a file of the site is worth compressing."""
    kind = type_of(path).partition(";")[0]
    return kind == "text/html" or kind in COMPRESSED


def location(path: str) -> str:
    """A path as a header and a file of rules can hold it."""
    return quote(path, safe="/@+~:")


def base_of(url: str) -> str:
    """What all paths of a site begin with, without the slash at its end: `/y` for `https://x/y/`, mostly nothing."""
    return urlsplit(url).path.rstrip("/")
