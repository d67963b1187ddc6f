"""Who the authors are, and what people think of an artifact: the files of `core/people.py`."""

from collections.abc import Iterable
from functools import partial

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Listing, Name, Planned
from registry_tool.core.payload import Files
from registry_tool.core.people import reviews_bytes


def reviews(name: Name, about: About) -> Files:
    """What people think of one artifact; nothing where nobody said anything."""
    if not name.reviews:
        return {}
    return {layout.reviews_path(name.artifact): reviews_bytes(about.id, str(name.artifact), name.reviews)}


def authors(listing: Listing) -> Iterable[Planned]:
    """One file for each author who has a profile."""
    for author, value in sorted(listing.authors.items()):
        data = canonical.encode(dict(value))
        yield Planned(layout.author_file_path(author), sha256(data), partial(bytes, data))
