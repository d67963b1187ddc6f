"""The marketplace's read routes (M10) as files, in the words of its flat manifest (M3).

    api/v1/marketplace/categories.json                          every tab, with how many items it has
    api/v1/marketplace/<category>/items.json                    what can be installed, in one row each
    api/v1/marketplace/<category>/items/<scope>__<name>.json    one item with its versions, whatever became of it

A row begins with the six members of the flat manifest: `kind` (the plural, which is the category's id), `name` (the
slug), `version`, `author_id`, `package_sha256`, `permissions` (bare tool names for plugins). `manifest_signature` is
Ed25519 by `author_public_key` over the RFC 8785 bytes of those six and nothing else; both are null where the author
made none. An item has the six and the signature once more as `manifest`, by themselves, and so has each version.

`moderation_status` is `published`, or what became of it: `yanked`, `quarantined`, `revoked`, `withheld`; what waits to
be let in is in the queue's route alone. `status` says it in our words, `deprecated` too. Where nobody counted,
`installs` is null, which is not 0. Addresses are relative to the site's where the operator named none.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from registry_tool.core import canonical, layout
from registry_tool.core.artifact_reviews import rating, review_value
from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Category, Listing, Name, Planned, Release
from registry_tool.core.keys import key_text
from registry_tool.core.kind import Kind
from registry_tool.core.manifest import flat_form
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Files
from registry_tool.core.release import CatalogueRow, Status
from registry_tool.core.status import TREATMENT

ROUTE: Final = "api/v1/marketplace"
FACTS: Final = "marketplace"
"""The id under which `Listing.facts` has what a row tells beyond the catalogue's."""
VERSIONS: Final = 100
"""In one item; the per-name file has all."""
REVIEWS: Final = 20
"""In one item; the file of its reviews has all."""

Value = dict[str, Any]  # Any: JSON


def marketplace_facts(name: Name, about: About) -> Value | None:
    """What a row needs that the catalogue does not know; `None` where no tab has the kind."""
    if about.category_of(name.kind) is None:
        return None
    bundle = name.shown.manifest.bundle
    return {
        "package_sha256": bundle.sha256,
        "package_size": bundle.size,
        **_signature(name.shown),
        "installs": name.installs,
    }


def marketplace_item(name: Name, about: About) -> Files:
    """One item with its newest versions and reviews; nothing where no tab has the kind."""
    category, facts = about.category_of(name.kind), marketplace_facts(name, about)
    if category is None or category.kind is None or facts is None:
        return {}
    kind, shown = category.kind, name.shown
    value = {
        **_row(name.row(), facts, kind, about),
        "license": shown.manifest.license,
        "links": dict(shown.manifest.links),
        "manifest": _flat(shown, kind),
        "versions": [_version(one, kind, about) for one in name.releases[:VERSIONS]],
        "versions_count": len(name.releases),
        "stars": rating(name.reviews)["stars"],
        "reviews": [review_value(one) for one in name.reviews[:REVIEWS]],
    }
    return {f"{_items(kind.category)}/{name.artifact.slug}.json": canonical.encode(value)}


def marketplace(listing: Listing) -> Iterable[Planned]:
    """The list of tabs, and the list of what is in each."""
    rows = _published(listing)
    tabs = [_category(one, len(rows.get(one.row.id, ())), listing.about) for one in listing.about.categories]
    data = canonical.encode({"categories": tabs})
    yield Planned(f"{ROUTE}/categories.json", sha256(data), partial(bytes, data))
    for category in listing.about.categories:
        found = rows.get(category.row.id, ())
        keys = "".join(listing.row_key(row) + listing.fact_key(FACTS, row.artifact) for row in found)
        yield Planned(
            f"{_items(category.row.id)}.json", sha256(keys.encode()), partial(_list, listing, category, found)
        )


def living_slugs(listing: Listing) -> dict[str, str]:
    """Slugs of an older marketplace to the addresses of their items, for the rules that redirect.

    `/api/v1/marketplace/skills/<old>` goes to `/api/v1/marketplace/<category>/items/<slug>`. Left out are those whose
    artifact is not there, and the slug `items`, whose rule would match its own target.
    """
    kinds = {row.artifact: row.kind for row in listing.rows}
    found: dict[str, str] = {}
    for old, artifact in sorted(listing.about.table.old_slugs.items()):
        category = listing.about.category_of(kinds.get(artifact, ""))
        if category is not None and old != "items":
            found[old] = f"/{_items(category.row.id)}/{parse_artifact(artifact).slug}"
    return found


def _published(listing: Listing) -> dict[str, list[CatalogueRow]]:
    """The rows of what can be installed, by category."""
    tabs = {one.kind.id: one.row.id for one in listing.about.categories if one.kind is not None}
    rows: dict[str, list[CatalogueRow]] = {}
    for row in listing.rows:
        if row.kind in tabs and TREATMENT[row.status].chosen:
            rows.setdefault(tabs[row.kind], []).append(row)
    return rows


def _list(listing: Listing, category: Category, rows: Sequence[CatalogueRow]) -> bytes:
    kind, told = category.kind, listing.facts.get(FACTS, {})
    items = [_row(row, told[row.artifact], kind, listing.about) for row in rows] if kind is not None else []
    return canonical.encode({"category": category.row.id, "items": items})


def _category(category: Category, count: int, about: About) -> Value:
    row = category.row
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "icon": row.icon,
        "install_target": row.target,
        "count": count,
        "items_url": f"{about.table.url}{_items(row.id)}.json",
    }


def _row(row: CatalogueRow, facts: Mapping[str, Any], kind: Kind, about: About) -> Value:  # Any: JSON
    """An item in one line; `facts` are what `marketplace_facts` told."""
    artifact, url = parse_artifact(row.artifact), about.table.url
    return {
        "kind": kind.category,
        "name": artifact.slug,
        "version": row.version,
        "author_id": row.author,
        "package_sha256": facts["package_sha256"],
        "permissions": [kind.flat_permission(permission) for permission in row.permissions],
        "manifest_signature": facts["manifest_signature"],
        "author_public_key": facts["author_public_key"],
        **_standing(row.status),
        "package_size": facts["package_size"],
        "package_url": _package(facts["package_sha256"], row.status, about),
        "artifact": row.artifact,
        "title": row.title,
        "description": row.description,
        "tags": list(row.tags),
        "published_at": row.published,
        "updated_at": row.updated,
        "author_verified": row.author_verified,
        "official": row.official,
        "imported": row.imported,
        "rating": dict(row.rating) if row.rating else None,
        "installs": facts["installs"],
        "item_url": f"{url}{_items(kind.category)}/{artifact.slug}.json",
        "page_url": f"{url}{kind.category}/{artifact.scope}/{artifact.name}/",
    }


def _version(release: Release, kind: Kind, about: About) -> Value:
    manifest, event = release.manifest, release.standing
    return {
        "version": manifest.version,
        "author_id": manifest.author,
        **_standing(release.status),
        **({"reason": event.reason} if event is not None else {}),
        "published_at": str(release.admitted["at"]),
        "package_sha256": manifest.bundle.sha256,
        "package_size": manifest.bundle.size,
        "package_url": _package(manifest.bundle.sha256, release.status, about),
        "manifest": _flat(release, kind),
        "author_public_key": _signature(release)["author_public_key"],
    }


def _flat(release: Release, kind: Kind) -> Value:
    """The flat manifest as it is published: what was signed, and the signature."""
    permissions = tuple(kind.flat_permission(permission) for permission in release.manifest.permissions)
    flat = flat_form(release.manifest, category=kind.category, permissions=permissions)
    return {**flat, "manifest_signature": _signature(release)["manifest_signature"]}


def _signature(release: Release) -> Value:
    """The author's signature of the flat form, by a key that signed the manifest too; null where there is none."""
    for one in release.signatures:
        signature = release.proof.signatures.get(f"flat.{one.k16}.sig")
        if signature is not None:
            text = base64.b64encode(signature).decode("ascii")
            return {"manifest_signature": text, "author_public_key": key_text(one.key)}
    return {"manifest_signature": None, "author_public_key": None}


def _standing(status: Status) -> Value:
    return {"moderation_status": "published" if TREATMENT[status].chosen else status, "status": status}


def _package(sha256_: str, status: Status, about: About) -> str | None:
    """Where the package is; null where nobody should have it any more."""
    there = TREATMENT[status].bundle and TREATMENT[status].stays
    return f"{about.table.url}{layout.object_path(sha256_)}" if there else None


def _items(category: str) -> str:
    return f"{ROUTE}/{category}/items"
