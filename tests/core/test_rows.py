"""What a row of the catalogue tells beyond its manifest's plain members."""

import pytest

from registry_tool.core import layout
from registry_tool.core.canonical import Json
from registry_tool.core.catalogue import catalogue, read_catalogue
from registry_tool.core.index import Feeds
from registry_tool.core.rows import MOST_HOOKS, hooks_of
from registry_tool.feeds.catalogue import catalogue as catalogue_feed
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import review
from tests.proving import SOLAR
from tests.sites import built, committed, files_of, named


def exporting(exports: Json, *, kind: str = "gadget") -> RegistryInMemory:
    """A registry with a release whose spec says `exports`."""
    spec = {"exports": exports}
    return named(a_registry(demo=False)).release(
        SOLAR, "1.0.0", change=lambda value: value.update(kind=kind, spec=spec)
    )


@pytest.mark.parametrize(
    ("exports", "kind", "expected"),
    [
        ([{"hook": "useMap"}, {"component": "Map"}, {"hook": "useMap"}], "gadget", ("useMap", "Map")),
        ([{"hook": f"use{number}"} for number in range(MOST_HOOKS + 1)], "gadget", 200),
        ([{"hook": "useMap"}], "theme", ()),
        ([], "gadget", ()),
        ("useMap", "gadget", ()),
        (["useMap", {"hook": 1}, {"other": "useMap"}], "gadget", ()),
    ],
)
def test_hooks_are_what_a_gadget_exports(exports: Json, kind: str, expected: tuple[str, ...] | int) -> None:
    """In its author's order, each once; whatever else stands there is none."""
    found = hooks_of(exporting(exports, kind=kind).manifest(SOLAR, "1.0.0"))

    assert expected == (len(found) if isinstance(expected, int) else found)


def test_the_build_and_a_clone_tell_the_same_hooks_and_rating() -> None:
    """The catalogue is the same bytes wherever it is made, and a name without reviews has no rating."""
    registry = exporting([{"hook": "useMap", "description": "A map."}]).release("@ann/moon", "1.0.0")
    registry.with_author("bob").with_author("eve")
    review(registry, SOLAR, 4)
    review(registry, SOLAR, 5, author="eve")
    feeds = Feeds(names=(), whole=(catalogue_feed,))
    data = files_of(built(committed(registry.files), feeds=feeds).made)[layout.CATALOGUE]
    rows = {row.artifact: row for row in read_catalogue(data, registry=registry.id).artifacts}

    assert catalogue(registry.tree()) == data
    assert (("useMap",), {"count": 2, "mean": "4.50"}) == (rows[SOLAR].hooks, rows[SOLAR].rating)
    assert ((), None) == (rows["@ann/moon"].hooks, rows["@ann/moon"].rating)
    assert b'"rating"' not in data.partition(b'"@ann/solar"')[0]


def test_reviews_that_do_not_hold_give_no_rating() -> None:
    """A forged review: the reader's own verification leaves the rating out, and the list stays readable."""
    from registry_tool.core.keys import k16
    from registry_tool.core.names import parse_artifact
    from registry_tool.core.published import PublishedTree

    registry = exporting([{"hook": "useMap"}]).with_author("bob")
    review(registry, SOLAR, 4)
    path = layout.statement_path(f"reviews/{parse_artifact(SOLAR)}/bob", 1)
    registry.files[layout.signature_path(path, k16(registry.hand("bob signing").key))] = bytes(64)
    data = PublishedTree(registry.tree(), where="here", check=check).fetch(layout.CATALOGUE, limit=10**6)

    assert [None] == [row.rating for row in read_catalogue(data or b"", registry=registry.id).artifacts]
    assert [None] != [row.rating for row in read_catalogue(catalogue(registry.tree()), registry=registry.id).artifacts]
