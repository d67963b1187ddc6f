"""What a consumer looks at: a registry before it is trusted, artifacts, and whether all of it holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from registry_tool.core import layout, limits
from registry_tool.core.authorities import Government
from registry_tool.core.canonical import parse
from registry_tool.core.catalogue import read_catalogue
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.errors import NotFound, NotTrusted, RegistryError, Unreachable
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kinds
from registry_tool.core.limits import JSON_INTEGER
from registry_tool.core.names import ArtifactId, Wanted, parse_artifact
from registry_tool.core.ports import Source
from registry_tool.core.query import INSTALLS, INSTALLS_BYTES, Query, Sort, default_sort
from registry_tool.core.release import CatalogueRow
from registry_tool.core.running import running_words
from registry_tool.core.trust import summary
from registry_tool.core.versions import parse_version
from registry_tool.services.answers import told
from registry_tool.services.audit import said_of, why_words
from registry_tool.services.contact import Contact, Name
from registry_tool.services.project import Project, installed
from registry_tool.services.resolve import choose, outdated

_BATCH = 50
"""Names that are verified together."""


Rows = Callable[[], Sequence[CatalogueRow]]


class Finder(Protocol):
    """Searches a catalogue, perhaps with what it kept of it."""

    def find(
        self, catalogue: bytes, rows: Rows, query: Query, *, sort: Sort | None, installs: Mapping[str, int], limit: int
    ) -> tuple[int, tuple[CatalogueRow, ...]]:
        """How many rows are asked for, and the first `limit` of them, as `query.search` orders them."""
        ...


def search(
    source: Source, registry: str, query: Query, *, sort: Sort | None, limit: int, finder: Finder
) -> tuple[int, tuple[CatalogueRow, ...]]:
    """How many artifacts fit, and the first of them in that order. The catalogue decides no trust."""
    data = _catalogue(source)

    def rows() -> Sequence[CatalogueRow]:
        with told(source.where):
            return read_catalogue(data, registry=registry).artifacts

    installs = _installs(source) if (sort or default_sort(query)) == "popular" else {}
    return finder.find(data, rows, query, sort=sort, installs=installs, limit=limit)


def catalogue_of(source: Source, registry: str) -> Sequence[CatalogueRow]:
    """All rows of the registry's catalogue; `Unreachable` where it has none."""
    with told(source.where):
        return read_catalogue(_catalogue(source), registry=registry).artifacts


def _catalogue(source: Source) -> bytes:
    with told(source.where):
        data = source.fetch(layout.CATALOGUE, limit=limits.CATALOGUE_BYTES)
        if data is None or data.lstrip()[:1] == b"<":
            raise Unreachable("it has no catalogue", where=source.where, code="not-a-registry")
        return data


def _installs(source: Source) -> Mapping[str, int]:
    """How often names were installed, as the site's search page orders them; nothing where nobody tells.

    A catalogue does not say it, since a clone cannot. It only decides an order, so whatever is wrong with it is no
    more than that nobody tells.
    """
    try:
        data = source.fetch(INSTALLS, limit=INSTALLS_BYTES)
        value = parse(data, limit=INSTALLS_BYTES, what=INSTALLS) if data is not None else {}
    except RegistryError:
        return {}
    counted = value if isinstance(value, dict) else {}
    return {name: count for name, count in counted.items() if type(count) is int and 0 <= count < JSON_INTEGER}


def show(contact: Contact, wanted: Wanted, *, kinds: Kinds) -> dict[str, Any]:  # Any: JSON
    """Everything about one release, verified but for its bundle, and all versions of its name."""
    (name,) = contact.names([wanted.artifact])
    version = wanted.version or _shown(name)
    if version not in name.record.versions:
        choose(name, version)  # says which there are
    admitted = contact.admitted(name, version)
    manifest, row = admitted.manifest, name.record.versions[version]
    kind = kinds.by_id.get(manifest.kind)
    return {
        "id": manifest.artifact,
        "version": manifest.version,
        "kind": manifest.kind,
        "status": name.statuses[version],
        "title": manifest.title,
        "description": manifest.description,
        "author": manifest.author,
        "license": manifest.license,
        "tags": list(manifest.tags),
        "links": dict(manifest.links),
        "permissions": [
            {"permission": one, "words": (kind.grammar.explain(one) if kind else None) or "unknown to this tool"}
            for one in manifest.permissions
        ],
        "running": list(running_words(kind, manifest.artifact, manifest.spec, manifest.permissions)) if kind else [],
        **({"imported_from": manifest.imported.from_} if manifest.imported else {}),
        "dependencies": dict(manifest.dependencies),
        "requires": dict(manifest.requires),
        "files": [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in manifest.files],
        "bundle": {"sha256": manifest.bundle.sha256, "size": manifest.bundle.size},
        "manifest": row.manifest,
        "published": row.published,
        "admitted": summary(admitted),
        "signed_by": list(admitted.signed_by),
        "identities": [one.value() for one in admitted.identities],
        "registry": contact.registry,
        "versions": [
            {
                "version": str(one),
                "status": name.statuses[one.text],
                "published": name.record.versions[one.text].published,
                **_said(name, one.text),
            }
            for one in sorted((parse_version(text) for text in name.record.versions), reverse=True)
        ],
    }


def _said(name: Name, version: str) -> dict[str, Any]:  # Any: JSON
    """Why a version is not active, and since when; nothing where it is."""
    if name.statuses[version] == "active":
        return {}
    said = said_of(name, version)
    words = why_words(said.status, said.reason, said.note)
    return {"reason": said.reason, "note": said.note, "since": said.since, "why": words}


def _shown(name: Name) -> str:
    try:
        return choose(name, None)
    except NotFound:
        return max(parse_version(version) for version in name.record.versions).text


def verify_one(contact: Contact, wanted: Wanted) -> dict[str, Any]:  # Any: JSON
    """A release, verified to its last byte, and what was found; nothing is installed."""
    (name,) = contact.names([wanted.artifact])
    verified = contact.verified(name, choose(name, wanted.version))
    return {
        "id": verified.artifact,
        "version": verified.manifest.version,
        "kind": verified.manifest.kind,
        "manifest": prefixed(Hex(verified.digest)),
        "bundle": prefixed(Hex(sha256(verified.bundle))),
        "files": len(verified.payload),
        "admission": dict(verified.admission),
        "signed_by": list(verified.signed_by),
        "identities": [one.value() for one in verified.identities],
        "status": verified.status,
        "registry": verified.registry,
    }


def verify_releases(contact: Contact, releases: Sequence[Wanted]) -> dict[str, Any]:  # Any: JSON
    """Each of these releases (with their versions), verified to its last byte; a yanked one holds too."""
    names = contact.names([one.artifact for one in releases])
    for name, one in zip(names, releases, strict=True):
        version = choose(name, one.version)
        contact.allow(name, version, locked=True)
        contact.whole(name, version)
    counts = {"names": len({name.artifact for name in names}), "releases": len(releases)}
    return {"registry": contact.registry, **counts, **about(contact.government)}


def verify_whole(contact: Contact) -> dict[str, Any]:  # Any: JSON
    """Every release that the catalogue leads to, verified to the last byte; `NotTrusted` with all faults."""
    names = [parse_artifact(row.artifact) for row in catalogue_of(contact.source, contact.registry)]
    faults: list[Finding] = []
    releases = 0
    for start in range(0, len(names), _BATCH):
        for name in _names(contact, names[start : start + _BATCH], faults):
            for version in name.record.versions:
                releases += 1
                try:
                    contact.whole(name, version)
                except RegistryError as error:
                    faults.append(_fault(f"{name.artifact}@{version}", error))
    if faults:
        raise NotTrusted(
            f"{len(faults)} of {releases} releases do not hold",
            where=contact.source.where,
            code="not-trusted",
            findings=tuple(faults),
        )
    return {"registry": contact.registry, "names": len(names), "releases": releases, **about(contact.government)}


def _names(contact: Contact, batch: Sequence[ArtifactId], faults: list[Finding]) -> Iterable[Name]:
    try:
        return contact.names(batch)
    except RegistryError as error:
        if len(batch) == 1:
            faults.append(_fault(str(batch[0]), error))
            return ()
    return [name for one in batch for name in _names(contact, [one], faults)]


def _fault(what: str, error: RegistryError) -> Finding:
    return Finding(error.code, "fail", error.message, what, error.hint)


def about(government: Government) -> dict[str, Any]:  # Any: JSON
    """Who decides in a registry, for people who are about to trust it."""
    policy = government.policy.head.body
    return {
        "demonstration": government.demonstration,
        "moderators": [person.id for person in government.moderators.head.body.people],
        "approvals": {"count": policy.approvals.count, "new_name": policy.approvals.new_name},
        "self_approval": policy.self_approval,
    }


def updates(contact: Contact, project: Project, only: Sequence[ArtifactId]) -> tuple[tuple[Wanted, str, str], ...]:
    """What is installed from this registry and has a newer version: what to ask for, the old and the new one.

    `only` are the names to look at, all where it is empty.
    """
    there: Mapping[str, str] = {
        name: str(receipt["record"]["version"])
        for name, receipt in installed(project).items()
        if receipt["record"]["registry"] == contact.registry
    }
    looked = [str(artifact) for artifact in only] or sorted(there)
    for artifact in looked:
        if artifact not in there:
            raise NotFound(f"{artifact} is not installed here", code="not-installed", hint="see: registry list")
    found = []
    for name in contact.names([parse_artifact(artifact) for artifact in looked]):
        newer = outdated(name, there[str(name.artifact)])
        if newer is not None:
            found.append((Wanted(name.artifact, None), there[str(name.artifact)], newer))
    return tuple(found)
