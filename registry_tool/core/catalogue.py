"""The catalogue: one row for each artifact, to search in; it never decides trust."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from registry_tool.core import canonical, limits
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import Seq, Signed, load
from registry_tool.core.manifest import read_manifest
from registry_tool.core.marks import Marks
from registry_tool.core.names import ArtifactId
from registry_tool.core.people import PeopleFiles, unverified
from registry_tool.core.release import CatalogueRow, Status
from registry_tool.core.rows import hooks_of, rating_given
from registry_tool.core.stored import admission_of, events_at, hinted_status, names_in, proof_at, registry_of
from registry_tool.core.stored import version_folders as folders_of
from registry_tool.core.tables import REGISTRY_TABLE, read_registry_table
from registry_tool.core.taken import taken_back, with_hits
from registry_tool.core.tree import Tree
from registry_tool.core.versions import Version, newest, parse_version


class Catalogue(Signed):
    """`index/catalogue.json`; sorted by artifact."""

    schema_: Literal["registry.catalogue/1"] = Field(alias="schema")
    artifacts: Annotated[Seq[CatalogueRow], Field(max_length=1_000_000)]


def catalogue(tree: Tree, people: PeopleFiles | None = None) -> bytes:
    """`index/catalogue.json` of a repository; without `people` the marks of authors are taken as the files say them."""
    registry = registry_of(tree)
    people = people or PeopleFiles(tree, check=unverified)
    official = frozenset(read_registry_table(tree.read(REGISTRY_TABLE)).official)
    rows = (catalogue_row(tree, name, registry=registry, people=people, official=official) for name in names_in(tree))
    return catalogue_bytes([row for row in rows if row is not None], registry=registry)


def catalogue_bytes(rows: list[dict[str, Any]], *, registry: str) -> bytes:  # Any: JSON
    """The catalogue that holds `rows`, which are sorted by artifact."""
    return canonical.encode({"schema": "registry.catalogue/1", "registry": registry, "artifacts": rows})


def read_catalogue(data: bytes, *, registry: str) -> Catalogue:
    """The catalogue that `data` holds; `InvalidInput`, or `NotTrusted` for another registry's."""
    return load(Catalogue, data, limit=limits.CATALOGUE_BYTES, registry=registry, what="the catalogue")


def catalogue_row(
    tree: Tree, name: ArtifactId, *, registry: str, people: PeopleFiles, official: Collection[str]
) -> dict[str, Any] | None:  # Any: JSON
    """The row of one name; `None` where nothing of that name was admitted."""
    statuses: dict[str, Status] = {}
    times: dict[str, str] = {}
    manifests: dict[str, bytes] = {}
    taken = taken_back(tree, name.scope)
    for folder in folders_of(tree, name):
        proof = proof_at(tree, name, folder, registry=registry)
        if proof is not None:
            status = hinted_status(events_at(tree, name, folder), taken)
            statuses[folder] = with_hits(status, taken=prefixed(sha256(proof.manifest)) in taken)
            times[folder] = admission_of(proof, registry=registry).at
            manifests[folder] = proof.manifest
    if not manifests:
        return None
    shown = shown_version({parse_version(folder): status for folder, status in statuses.items()})
    manifest = read_manifest(manifests[shown.text], registry=registry)
    marks = Marks(people.is_verified(manifest.author), name.scope in official, manifest.imported is not None)
    return {
        **marks.given(),
        **rating_given(people.counted(name)),
        "artifact": str(name),
        "kind": manifest.kind,
        "version": manifest.version,
        "title": manifest.title,
        "description": manifest.description,
        "author": manifest.author,
        "tags": list(manifest.tags),
        "permissions": list(manifest.permissions),
        "status": statuses[shown.text],
        "published": min(times.values()),
        "updated": max(times.values()),
        "hooks": list(hooks_of(manifest)),
        "search": {},
    }


def shown_version(statuses: Mapping[Version, Status]) -> Version:
    """The version that stands for a name: the newest that can be installed and is no pre-release, else the newest."""
    safe = [version for version, status in statuses.items() if status in ("active", "deprecated")]
    return newest(safe) or max(safe or statuses)
