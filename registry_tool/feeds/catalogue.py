"""`index/catalogue.json`: every artifact in one line, for searching; it decides no trust."""

from collections.abc import Iterable

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.index import Listing, Planned


def catalogue(listing: Listing) -> Iterable[Planned]:
    """`{schema, registry, artifacts: [CatalogueRow]}`, sorted by artifact."""
    value = {
        "schema": "registry.catalogue/1",
        "registry": listing.about.id,
        "artifacts": [row.value() for row in listing.rows],
    }
    data = canonical.encode(value)
    yield Planned(layout.CATALOGUE, sha256(data), lambda: data)
