"""What statements take back (part 4, `hits`): releases and events, as a repository's files say it, unverified.

Verified chains say the same through `Authorities.taken_back`, which is what clients go by.
"""

from collections.abc import Iterable
from typing import Any

from registry_tool.core.canonical import parse_loose
from registry_tool.core.chains import SignedBytes
from registry_tool.core.errors import InvalidInput
from registry_tool.core.release import Status
from registry_tool.core.stored import chain_at
from registry_tool.core.tree import Tree


def taken_back(tree: Tree, scope: str) -> frozenset[str]:
    """Digests of manifests and events that the moderators, the scope or its authors' keyrings take back."""
    found: set[str] = set()
    authors: set[str] = set()
    for value in _bodies(chain_at(tree, f"scopes/{scope}")):
        authors |= {str(name).partition("/")[2] for name in value.get("under", {}) if str(name).startswith("authors/")}
        found |= _hits(value)
    for subject in ("moderators", *(f"authors/{author}" for author in sorted(authors))):
        for value in _bodies(chain_at(tree, subject)):
            found |= _hits(value)
    return frozenset(found)


def with_hits(status: Status, *, taken: bool) -> Status:
    """What a release's events give it, or that it was taken back."""
    return "revoked" if taken and status != "withheld" else status


def _bodies(chain: Iterable[SignedBytes]) -> Iterable[dict[str, Any]]:  # Any: JSON
    for source in chain:
        try:
            value = parse_loose(source.data, limit=len(source.data), what="a statement")
        except InvalidInput:
            continue  # whoever verifies the chain says so
        if isinstance(value, dict):
            yield value


def _hits(value: dict[str, Any]) -> set[str]:  # Any: JSON
    hits = value.get("hits", [])
    return {one for one in hits if isinstance(one, str)} if isinstance(hits, list) else set()
