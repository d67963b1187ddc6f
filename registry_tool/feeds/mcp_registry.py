"""Plugins for programs that read the API of the MCP registry, version 0.1 (modelcontextprotocol/registry, OpenAPI).

    v0.1/servers.json                            every server, in one answer without a cursor
    v0.1/pages/first.json, v0.1/pages/<cursor>.json    the same in pages, for hosts that can look at ?cursor=
    v0.1/servers/<native name>/versions.json     its versions, newest first
    v0.1/servers/<native name>/versions/<v>      one of them; `latest` is the newest
    v0.1/of/<scope>/<name>/…                     the same by artifact, where no two can meet

A list has the newest version of each server. What a server says of itself is its author's server.json, value for
value; what the registry says of it lies beside that under `_meta`. Only what can be installed is there: a release
that was yanked is absent, as one of status `deleted` is from the API. A native name belongs to the artifact that
was first let in under it, and to nobody else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from registry_tool.core import canonical, limits
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.index import About, Copied, Listing, Name, Planned, Release
from registry_tool.core.manifest import Manifest
from registry_tool.core.paths import path_fault
from registry_tool.core.payload import Files
from registry_tool.core.status import TREATMENT
from registry_tool.feeds.native_names import claims_of, holders, told_claims

FOLDER: Final = "v0.1/"
LIST: Final = FOLDER + "servers.json"
FACT: Final = "mcp-registry"
KIND: Final = "plugin"
NATIVE: Final = "server.json"
OFFICIAL: Final = "io.modelcontextprotocol.registry/official"
"""Where the API's description has what a registry says of a server, whichever registry it is."""
OURS: Final = "registry-tool/release"
"""Where a release says what it is called here, for who wants to verify it."""
LATEST: Final = "latest"
FIRST: Final = "first"

PAGE: Final = 100
"""Servers in a page: the most that readers ask for."""
VERSIONS: Final = 100
"""Versions of one server that are listed: the newest."""
SERVER_BYTES: Final = 64 * 1024
"""Of a server.json: lists hold many."""
MESSAGE: Final = 500
"""Characters of a status message (OpenAPI, `statusMessage`)."""

_CUT: Final = 64
"""About so many servers lie between two places where a page ends anyway."""
_NAME: Final = re.compile(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+")
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,99}")

Json = Mapping[str, Any]  # Any: somebody's JSON


def server_files(name: Name, about: About) -> Files:
    """The answers about one plugin's server, by artifact."""
    answers = _answers(name, about)
    folder = f"{FOLDER}of/{name.artifact.scope}/{name.artifact.name}/versions"
    if not answers:
        return {}
    listed = {"servers": list(answers.values()), "metadata": {"count": len(answers)}}
    latest = next(answer for answer in answers.values() if answer["_meta"][OFFICIAL]["isLatest"])
    return {
        f"{folder}.json": canonical.encode(listed),
        f"{folder}/{LATEST}": canonical.encode(latest),
        **{f"{folder}/{version}": canonical.encode(answer) for version, answer in answers.items()},
    }


def server_fact(name: Name, about: About) -> dict[str, Any] | None:  # Any: JSON
    """What the lists need to know of a plugin: the names that it claims, its versions, and its newest answer."""
    if name.kind != KIND:
        return None
    claims = claims_of(name, _native)
    answers = _answers(name, about)
    if not answers:
        return {"claims": claims}
    latest = next(answer for answer in answers.values() if answer["_meta"][OFFICIAL]["isLatest"])
    return {"claims": claims, "versions": list(answers), "latest": latest}


def servers(listing: Listing) -> Iterable[Planned | Copied]:
    """The lists, and every answer under the native name of its server, where the artifact holds that name."""
    told = listing.facts[FACT]
    held = holders(told_claims(told))
    found: dict[str, str] = {}
    for artifact, fact in told.items():
        native = fact["latest"]["server"]["name"] if "latest" in fact else ""
        if native and held.get(native.lower()) == artifact:
            found[native] = artifact
    for native, artifact in sorted(found.items()):
        theirs, ours = f"{FOLDER}servers/{native}/versions", f"{FOLDER}of/{artifact.removeprefix('@')}/versions"
        ends = (".json", f"/{LATEST}", *(f"/{version}" for version in told[artifact]["versions"]))
        yield from (Copied(theirs + end, ours + end) for end in ends)
    named = sorted(found)
    yield _list(listing, LIST, [found[native] for native in named], "")
    pages = list(pages_of(named))
    after = [_cursor(page[-1]) for page in pages[:-1]]
    for page, cursor, following in zip(pages, [FIRST, *after], [*after, ""], strict=True):
        yield _list(listing, f"{FOLDER}pages/{cursor}.json", [found[native] for native in page], following)


def _list(listing: Listing, path: str, artifacts: Sequence[str], cursor: str) -> Planned:
    keys = [listing.fact_key(FACT, artifact) for artifact in artifacts]
    told = listing.facts[FACT]
    answers = [told[artifact]["latest"] for artifact in artifacts]
    return Planned(path, sha256("\n".join((cursor, *keys)).encode()), partial(_listed, answers, cursor))


def _listed(answers: Sequence[Json], cursor: str) -> bytes:
    metadata = {"count": len(answers), **({"nextCursor": cursor} if cursor else {})}
    return canonical.encode({"servers": list(answers), "metadata": metadata})


def pages_of(named: Sequence[str]) -> Iterator[Sequence[str]]:
    """The names in runs of at most `PAGE`, at least one run.

    Where a run ends depends on the names at its end, not on how many came before: a new name moves nothing but the
    run that it falls into, or a few behind it where one overflows.
    """
    start = 0
    for at, native in enumerate(named, 1):
        if (at - start == PAGE or int(sha256(native.encode())[:8], 16) % _CUT == 0) and at < len(named):
            yield named[start:at]
            start = at
    yield named[start:]


def _cursor(native: str) -> str:
    """What stands for the page behind a server; opaque, and fit for an address."""
    return sha256(native.encode())[:16]


def _native(manifest: Manifest) -> str:
    """The native name as files lie below it on every system: letter case makes no other name."""
    return str(manifest.spec.get("native_name", "")).lower()


def _answers(name: Name, about: About) -> dict[str, dict[str, Any]]:  # Any: JSON
    """Version to answer, newest first: the installable releases under the native name of the newest of them."""
    found: dict[str, tuple[Release, Json]] = {}
    called = ""
    for release in name.releases if name.kind == KIND else ():
        server = _server(release)
        if server is None or (called and server["name"] != called):
            continue
        called = server["name"]
        if all(version.lower() != server["version"].lower() for version in found) and len(found) < VERSIONS:
            found[server["version"]] = release, server
    stable = [version for version, (release, _) in found.items() if "-" not in release.manifest.version.split("+")[0]]
    latest = next(iter(stable or found), "")
    return {
        version: {"server": server, "_meta": _meta(release, about, latest=version == latest)}
        for version, (release, server) in found.items()
    }


def _meta(release: Release, about: About, *, latest: bool) -> dict[str, Any]:  # Any: JSON
    published = str(release.admitted["at"])
    changed = max((event.at for event in release.events), default=published)
    standing = release.standing
    message = (standing.note or standing.reason)[:MESSAGE] if standing is not None else ""
    manifest = release.manifest
    return {
        OFFICIAL: {
            "status": release.status,
            "statusChangedAt": changed,
            **({"statusMessage": message} if message else {}),
            "publishedAt": published,
            "updatedAt": changed,
            "isLatest": latest,
        },
        OURS: {
            "registry": about.id,
            "artifact": manifest.artifact,
            "version": manifest.version,
            "manifest": prefixed(release.digest),
        },
    }


def _server(release: Release) -> Json | None:
    """The author's server.json, where it can be listed: installable, and sound where readers rely on it."""
    file = release.payload.get(NATIVE)
    if file is None or not TREATMENT[release.status].chosen or release.manifest.visibility != "public":
        return None
    try:
        value = canonical.parse_loose(file.data, limit=SERVER_BYTES, what=NATIVE, floats=True)
        canonical.encode([[[value]]])  # it must fit into a list
    except InvalidInput:
        return None
    return value if isinstance(value, dict) and _is_sound(value) else None


def _is_sound(server: Json) -> bool:
    """Whether a document has what the API's `ServerDetail` requires, in a form that is safe in an address."""
    name, version, description = (server.get(key) for key in ("name", "version", "description"))
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(description, str) and description):
        return False
    if len(name) > limits.PATH_BYTES or not _NAME.fullmatch(name) or path_fault(name) is not None:
        return False
    if not _VERSION.fullmatch(version) or version.lower() == LATEST or version.endswith("."):
        return False
    packages, remotes = server.get("packages", []), server.get("remotes", [])
    return _all(packages, "registryType", "identifier") and _all(remotes, "type", "url") and _transports(packages)


def _all(rows: object, *members: str) -> bool:
    """Whether it is a list of objects that have these members, as text."""
    return isinstance(rows, list) and all(
        isinstance(row, dict) and all(isinstance(row.get(member), str) for member in members) for row in rows
    )


def _transports(packages: Sequence[Json]) -> bool:
    return all(_all([package.get("transport")], "type") for package in packages)
