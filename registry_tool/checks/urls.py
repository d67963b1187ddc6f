"""Addresses in manifests: public, encrypted, nobody's password in them, and the same bytes tomorrow."""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from registry_tool.core.change import Candidate, Change
from registry_tool.core.findings import Finding
from registry_tool.core.native.hosts import host_fault
from registry_tool.core.places import place
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Check

_MADE_ON_DEMAND: Final = re.compile(
    r"https://(?:(?:www\.)?github\.com/[^/]+/[^/]+/(?:archive|tarball|zipball)/|codeload\.github\.com/"
    r"|api\.github\.com/repos/[^/]+/[^/]+/(?:tarball|zipball)|[^/]+/(?:[^/]+/)+-/archive/"
    r"|bitbucket\.org/[^/]+/[^/]+/get/|[^/]+/[^/]+/[^/]+/archive/[^/]+\.(?:tar\.gz|zip)$)"
)
"""Archives that a forge makes when somebody asks for them."""


def urls(change: Change) -> Iterator[Finding]:
    """A finding for each address that is not https, not public, or carries credentials."""
    for candidate in change.releases:
        for what, url in _addresses(candidate):
            fault = url_fault(url)
            if fault:
                message = f"{what} is {quoted(url)}: {fault}"
                yield Finding(
                    "urls", "fail", message, place(candidate), "write a public address as https://example.org/…"
                )


def stable_source(change: Change) -> Iterator[Finding]:
    """A finding for each address of an archive that a forge makes anew for everybody who asks."""
    for candidate in change.releases:
        for what, url in _addresses(candidate):
            if _MADE_ON_DEMAND.match(url):
                message = f"{what} is {quoted(url)}: the forge makes this archive anew, and its bytes may change"
                hint = "name a file of a release, or the repository with its commit"
                yield Finding("stable-source", "warn", message, place(candidate), hint)


def url_fault(url: str) -> str | None:
    """Why nobody should follow `url`, as the end of a sentence; `None` where it is a public https address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "it is no address"
    if parts.scheme != "https":
        return "an address begins with https://"
    if "@" in parts.netloc:
        return "an address holds no name or password"
    if port is not None and port != 443:
        return f"an address uses the usual port, this one {port}"
    return host_fault(host.removesuffix("."))


def _addresses(candidate: Candidate) -> Iterator[tuple[str, str]]:
    """Every address that the manifest names, with the member that names it."""
    manifest = candidate.manifest
    if manifest is None:
        return
    for name in sorted(manifest.links):
        yield f"the link {quoted(name)}", manifest.links[name]
    if manifest.source is not None:
        yield "source.repository", manifest.source.repository
    for pin in manifest.pins:
        if pin.type in ("url", "git"):
            yield f"the {pin.type} that is pinned", pin.name
    yield from _inside("spec", manifest.spec)


def _inside(where: str, value: Any) -> Iterator[tuple[str, str]]:  # Any: JSON
    """Addresses of members called `url` below `value`; a `{placeholder}` is filled by the person who installs."""
    if isinstance(value, dict):
        for key in sorted(value):
            inside = f"{where}.{key}"
            if key == "url" and isinstance(value[key], str):
                if "{" not in value[key]:
                    yield inside, value[key]
            else:
                yield from _inside(inside, value[key])
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _inside(f"{where}[{number}]", item)


CHECKS: Final = (
    Check(
        id="stable-source",
        number=45,
        title="Addresses of what is fetched name files, not archives that are made on demand",
        why="A third of one registry names such archives, and all of them broke when a forge changed its packer.",
        level="warn",
        run=stable_source,
        waivable=True,
    ),
    Check(
        id="urls",
        number=28,
        title="Addresses are https, public, and hold no credentials",
        why="An address of a private network looks around at home; one with a password gives it away.",
        level="fail",
        run=urls,
        waivable=True,
    ),
)
