"""What clients need to install: objects, per-name files, and the tables about all of them (formats, part 10)."""

from collections.abc import Iterable, Mapping

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Listing, Name, Planned
from registry_tool.core.payload import Files
from registry_tool.core.status import TREATMENT

OFFERS = ("install", "gallery")
"""What this build's site has, as the entry says it."""


def objects(name: Name, about: About) -> Files:
    """Manifest, bundle and evidence of every release under their digests, and the per-name file.

    A release that is withheld keeps its manifest and evidence; its bundle is not published.
    """
    files: dict[str, bytes] = {layout.name_path(name.artifact): name.record}
    for release in name.releases:
        for data in (release.proof.manifest, release.evidence):
            files[layout.object_path(sha256(data))] = data
        if TREATMENT[release.status].bundle:
            files[layout.object_path(release.manifest.bundle.sha256)] = release.bundle
    return files


def tables(listing: Listing) -> Iterable[Planned]:
    """The entry, and the list of what must not be installed."""
    about = listing.about
    entry = {
        "schema": "registry.entry/1",
        "registry": about.id,
        "name": about.table.name,
        "url": about.table.url,
        "git": about.table.git,
        "demonstration": about.demonstration,
        "offers": list(OFFERS),
        **({"official": list(about.table.official)} if about.table.official else {}),
    }
    revoked = {"schema": "registry.revoked/1", "registry": about.id, "releases": list(listing.grave)}
    yield _document(layout.ENTRY, entry)
    yield _document(layout.REVOKED, revoked)


def _document(path: str, value: Mapping[str, object]) -> Planned:
    data = canonical.encode(dict(value))
    return Planned(path, sha256(data), lambda: data)
