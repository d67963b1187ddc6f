"""`index/catalogue.json`: every artifact in one line, for searching; it decides no trust."""

from collections.abc import Iterable

from registry_tool.core import layout
from registry_tool.core.catalogue import catalogue_bytes
from registry_tool.core.digest import sha256
from registry_tool.core.index import Listing, Planned


def catalogue(listing: Listing) -> Iterable[Planned]:
    """The document of `core/catalogue.py`; the same bytes as a clone gives."""
    data = catalogue_bytes([row.value() for row in listing.rows], registry=listing.about.id)
    yield Planned(layout.CATALOGUE, sha256(data), lambda: data)
