"""Small files that programs look for at fixed places.

robots.txt                   RFC 9309: everything may be read; where the site map lies
.well-known/security.txt     RFC 9116: where to report what is dangerous; there if the operator said so
manifest.webmanifest         what the site is called and looks like, for whoever keeps it on a home screen
"""

from collections.abc import Iterable
from typing import Any, Final

from registry_tool.core import canonical
from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Listing, Planned
from registry_tool.core.showing import line
from registry_tool.feeds.sitemap import INDEX

ROBOTS: Final = "robots.txt"
SECURITY: Final = ".well-known/security.txt"
MANIFEST: Final = "manifest.webmanifest"

_PAPER: Final = "#fbfaf7"
_TEAL: Final = "#0b5a6b"  # as in style.css and icon.svg


def texts(listing: Listing) -> Iterable[Planned]:
    """These files."""
    about = listing.about
    yield _planned(ROBOTS, robots(about).encode("utf-8"))
    yield _planned(MANIFEST, canonical.encode(web_manifest(about)))
    if about.table.security is not None:
        yield _planned(SECURITY, security(about).encode("utf-8"))


def robots(about: About) -> str:
    """`robots.txt`; a site map has an address, or there is none."""
    there = [f"\nSitemap: {about.table.url}{INDEX}"] if about.table.url else []
    return "\n".join(["User-agent: *", "Disallow:", *there, ""])


def security(about: About) -> str:
    """`security.txt`; empty where the operator named nobody. It is canonical only over https (RFC 9116 part 2.5.2)."""
    row = about.table.security
    if row is None:
        return ""
    lines = [f"Contact: {row.contact}", f"Expires: {row.expires}", "Preferred-Languages: en"]
    lines += [f"Canonical: {about.table.url}{SECURITY}"] if about.table.url.startswith("https://") else []
    lines += [f"Policy: {row.policy}"] if row.policy else []
    return "\n".join([*lines, ""])


def web_manifest(about: About) -> dict[str, Any]:  # Any: JSON
    """The web app manifest (W3C); its addresses are seen from where it lies, so the site may move."""
    table = about.table
    return {
        "name": line(table.name),
        **({"description": line(table.description)} if table.description else {}),
        "lang": "en",
        "start_url": "./",
        "scope": "./",
        "display": "minimal-ui",
        "background_color": _PAPER,
        "theme_color": _TEAL,
        "icons": [{"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }


def _planned(path: str, data: bytes) -> Planned:
    return Planned(path, sha256(data), lambda: data)
