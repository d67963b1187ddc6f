"""How hosts serve the site, from the one table of routes in `core/routes.py`.

_redirects  _headers     Netlify, Cloudflare Pages (`host_rules.py`)
hosting/nginx.conf       to include in a server block (`host_servers.py`)
hosting/Caddyfile        to import in a site block
hosting/routes.json      the registry's own old addresses, for `registry serve`
"""

from collections.abc import Iterable
from functools import partial
from typing import Final

from registry_tool.core import canonical, routes
from registry_tool.core.digest import sha256
from registry_tool.core.ggui.package import package_of, yanked
from registry_tool.core.index import About, Listing, Name, Planned
from registry_tool.core.names import parse_artifact
from registry_tool.feeds.host_rules import headers, redirects
from registry_tool.feeds.host_servers import caddy, nginx
from registry_tool.feeds.marketplace import living_slugs

FACTS: Final = "gone"
"""The id under which `Listing.facts` has the versions of a name that are answered with 410."""
FEEDS: Final = ("/:category/:scope/:name/feed", "/advisories/feed")
"""Feeds (without what their names end with) that do not lie below `/feeds/`."""


def gone_versions(name: Name, about: About) -> list[str] | None:
    """Versions whose body lies below `gone/`; `None` where there is none."""
    found = [
        release.manifest.version
        for release in name.releases
        if yanked(release) and package_of(name, release, about) is not None
    ]
    return sorted(found) or None


def hosts(listing: Listing) -> Iterable[Planned]:
    """Every host's file; what depends on the names is `_redirects` alone."""
    base = routes.base_of(listing.about.table.url)
    moved = {f"{routes.OLD}/{old}": new for old, new in living_slugs(listing).items()}
    document = {"schema": "registry.routes/1", "base": base, "moved": moved}
    yield _planned(routes.MOVED_FILE, canonical.encode(document))
    yield _planned("hosting/nginx.conf", nginx(base, moved))
    yield _planned("hosting/Caddyfile", caddy(base, moved))
    yield _planned("_headers", headers(base, FEEDS))
    categories = [one.row.id for one in listing.about.categories]
    gone = listing.facts.get(FACTS, {})
    shown = canonical.encode(
        {"base": base, "moved": moved, "gone": {name: list(gone[name]) for name in gone}, "categories": categories}
    )
    key = sha256(shown + "".join(f"{row.artifact} {row.kind}\n" for row in listing.rows).encode())
    yield Planned("_redirects", key, partial(_redirects, listing, base, moved))


def _planned(path: str, data: bytes) -> Planned:
    return Planned(path, sha256(data), partial(bytes, data))


def _redirects(listing: Listing, base: str, moved: dict[str, str]) -> bytes:
    tabs = {one.kind.id: one.row.id for one in listing.about.categories if one.kind is not None}
    items = [(tabs[row.kind], parse_artifact(row.artifact).slug) for row in listing.rows if row.kind in tabs]
    told = listing.facts.get(FACTS, {})
    gone = [
        (row.kind, f"/pkg/{row.artifact.removeprefix('@')}/{version}")
        for row in listing.rows
        for version in told.get(row.artifact, ())
    ]
    skills = [slug for category, slug in items if f"/{category}" == routes.OLD[routes.OLD.rindex("/") :]]
    return redirects(base, moved, items, gone, skills)
