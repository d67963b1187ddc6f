"""Whether a deployed site's host answers as the table of routes says; nothing of it is trusted, and nothing fails."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry_tool.core import canonical, limits
from registry_tool.core.errors import RegistryError
from registry_tool.core.names import parse_artifact
from registry_tool.core.ports import Answered, Exchange, Source
from registry_tool.core.probes import Probe, came, probes
from registry_tool.core.release import CatalogueRow
from registry_tool.core.routes import location
from registry_tool.services.contact import Contact
from registry_tool.services.look import catalogue_of

_LOOKED = 20
"""Packages that are looked at for a yanked version."""
_BODY_BYTES = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~+-]{0,199}")


def look_at_routes(contact: Contact, exchange: Exchange) -> list[dict[str, Any]]:  # Any: JSON
    """A row for each question that makes sense for this site: `ask`, `expected`, `came`, `holds`, `means`."""
    source, rows = contact.source, catalogue_of(contact.source, contact.registry)
    base = source.where.rstrip("/")
    asked = probes(_known(source, rows), gone=_gone(source, rows), digest=_object(contact, rows))
    there = {file: _ask(exchange, base, Probe(file, "")) for file in sorted({one.file for one in asked if one.file})}
    return [
        _row(probe, _ask(exchange, base, probe))
        for probe in asked
        if not probe.file or getattr(there[probe.file], "status", 0) == 200
    ]


def _row(probe: Probe, answer: Answered | RegistryError) -> dict[str, Any]:  # Any: JSON
    holds, words = (False, answer.message) if isinstance(answer, RegistryError) else came(probe, answer)
    ask = f"{probe.method} {probe.path}"
    return {
        "ask": ask,
        "expected": probe.expected,
        "came": words,
        "holds": holds,
        "means": "" if holds else probe.means,
    }


def _ask(exchange: Exchange, base: str, probe: Probe) -> Answered | RegistryError:
    """What came; an error is an answer too, since nothing here is needed by clients of ours."""
    try:
        return exchange.send(probe.method, base + location(probe.path), headers={}, body=None, limit=_BODY_BYTES)
    except RegistryError as error:
        return error


def _known(source: Source, rows: Iterable[CatalogueRow]) -> dict[str, str]:
    """What may stand for the names in rules: of one artifact of the marketplace, one package, one server."""
    known: dict[str, str] = {}
    for category in _listed(source, "api/v1/marketplace/categories.json", "categories")[:_LOOKED]:
        name = _plain(category.get("id"))
        items = _listed(source, f"api/v1/marketplace/{name}/items.json", "items") if name and not known else []
        slug = _plain(items[0].get("name")) if items else ""
        known |= {"category": name, "slug": slug} if slug else {}
    package = next((row for row in rows if row.kind in ("gadget", "blueprint") and row.status == "active"), None)
    if package is not None:
        artifact = parse_artifact(package.artifact)
        known |= {"kind": package.kind, "scope": artifact.scope, "name": artifact.name, "version": package.version}
        known |= {"file": "manifest.json"}
    for server in _listed(source, "v0.1/servers.json", "servers")[:1]:
        inner = server.get("server")
        namespace, _, name = str(inner.get("name") if isinstance(inner, Mapping) else "").partition("/")
        known |= {"namespace": namespace, "server": name} if _plain(namespace) and _plain(name) else {}
    return known


def _plain(value: object) -> str:
    """A name that may be part of an address; empty for anything else that a host may say."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def _listed(source: Source, path: str, member: str) -> Sequence[Mapping[str, Any]]:  # Any: JSON
    """The rows of a list that the site publishes; none where it publishes no such thing."""
    try:
        data = source.fetch(path, limit=limits.CATALOGUE_BYTES)
        value = canonical.parse_loose(data or b"{}", limit=limits.CATALOGUE_BYTES, what=path)
    except RegistryError:
        return []
    rows = value.get(member) if isinstance(value, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _gone(source: Source, rows: Iterable[CatalogueRow]) -> str:
    """Where a yanked version would lie; empty where none is found soon."""
    packages = [parse_artifact(row.artifact) for row in rows if row.kind in ("gadget", "blueprint")]
    for artifact in packages[:_LOOKED]:
        path = f"pkg/{artifact.scope}/{artifact.name}"
        for version in _listed(source, f"{path}/index.json", "versions"):
            if version.get("yanked") is True and _plain(version.get("version")):
                return f"/{path}/{version['version']}"
    return ""


def _object(contact: Contact, rows: Sequence[CatalogueRow]) -> str:
    for row in rows[:1]:
        (name,) = contact.names([parse_artifact(row.artifact)])
        return next(iter(name.record.versions.values())).manifest.removeprefix("sha256:")
    return ""
