"""Searching, showing and verifying."""

from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import NotFound, NotTrusted
from registry_tool.core.names import parse_artifact, parse_wanted
from registry_tool.core.query import INSTALLS, INSTALLS_BYTES, Query, Sort, parse_query
from registry_tool.services.look import search, show, updates, verify_one, verify_whole
from registry_tool.stores.localsearch import LocalSearch
from tests.builders import KINDS, a_registry
from tests.services.person import SOLAR, Person, site_of


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 20, ["@ann/solar", "@bob/moon"]),
        ("warm", 20, ["@ann/solar"]),
        ("A theme moon", 20, ["@bob/moon"]),
        ("warm moon", 20, []),
        ("tag:warm kind:theme", 20, ["@ann/solar"]),
        ("kind:plugin", 20, []),
        ("author:bob", 20, ["@bob/moon"]),
        ("permission:network", 20, ["@bob/moon"]),
        ("-permission:network", 20, ["@ann/solar"]),
        ("", 1, ["@ann/solar"]),
    ],
)
def test_a_search_keeps_what_fits_in_all(tmp_path: Path, text: str, limit: int, expected: list[str]) -> None:
    """Words, kind, tag, author and permission are joined by AND; revoked names are not shown."""
    registry = (
        a_registry().release(SOLAR, "1.0.0", tags=["warm"]).release("@bob/moon", "1.0.0", permissions=["network"])
    )
    registry.release("@bob/bad", "1.0.0", tags=["warm"])
    registry.event("@bob/bad", "1.0.0", "revoke")

    for source in (site_of(registry), registry.source()):
        query, finder = parse_query(text), LocalSearch(tmp_path)
        _, rows = search(source, registry.id, query, sort=None, limit=limit, finder=finder)

        assert expected == [row.artifact for row in rows]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"@bob/moon":20}', ["@bob/moon", "@ann/solar"]),
        (b'{"@bob/moon":true,"@bob/other":5}', ["@ann/solar", "@bob/moon"]),
        (b'{"@bob/moon":"20"}', ["@ann/solar", "@bob/moon"]),
        (b"[]", ["@ann/solar", "@bob/moon"]),
        (b"<html>", ["@ann/solar", "@bob/moon"]),
        (b"x" * (INSTALLS_BYTES + 1), ["@ann/solar", "@bob/moon"]),
    ],
)
def test_installs_order_what_is_popular(tmp_path: Path, data: bytes, expected: list[str]) -> None:
    """A site may tell them; what it tells wrongly is as if it told nothing, and other orders do not ask."""
    registry = a_registry().release(SOLAR, "1.0.0").release("@bob/moon", "1.0.0")
    site = site_of(registry)
    site.files[INSTALLS] = data

    def found(sort: Sort | None) -> list[str]:
        _, rows = search(site, registry.id, Query(), sort=sort, limit=20, finder=LocalSearch(tmp_path))
        return [row.artifact for row in rows]

    assert [expected, expected] == [found(None), found("popular")]
    site.asked.clear()
    assert ["@ann/solar", "@bob/moon"] == sorted(found("recent"))
    assert INSTALLS not in site.asked


def test_show_tells_everything_in_words(person: Person) -> None:
    """What is shown was verified, and names permissions in words, versions with their status, and who let it in."""
    registry = a_registry().release(SOLAR, "1.0.0", permissions=["network:a.example"]).release(SOLAR, "1.1.0-a")
    registry.event(SOLAR, "1.0.0", "deprecate")

    shown = show(person.contact(site_of(registry), registry.id), parse_wanted(SOLAR), kinds=KINDS)

    assert [{"permission": "network:a.example", "words": "reach a.example"}] == shown["permissions"]
    assert [("1.1.0-a", "active"), ("1.0.0", "deprecated")] == [(v["version"], v["status"]) for v in shown["versions"]]
    assert ("1.0.0", ["mod"]) == (shown["version"], shown["admitted"]["approved_by"])
    with pytest.raises(NotFound):
        show(person.contact(site_of(registry), registry.id), parse_wanted(f"{SOLAR}@7.0.0"), kinds=KINDS)


def test_what_is_yanked_can_still_be_looked_at(person: Person) -> None:
    """A name whose only version is yanked is shown with its status, though it is not installed."""
    registry = a_registry().release(SOLAR, "1.0.0")
    registry.event(SOLAR, "1.0.0", "yank")

    shown = show(person.contact(site_of(registry), registry.id), parse_wanted(SOLAR), kinds=KINDS)

    assert ("1.0.0", "yanked") == (shown["version"], shown["status"])


def test_a_whole_registry_is_verified_and_every_fault_told(person: Person) -> None:
    """Every release is looked at, withheld ones too; each that does not hold is named."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0", {"theme.css": b"b"})
    registry.release("@bob/moon", "1.0.0", {"theme.css": b"m"}).release("@bob/gone", "1.0.0", {"theme.css": b"g"})
    registry.event("@bob/gone", "1.0.0", "withhold")
    site = site_of(registry)

    found = verify_whole(person.contact(site, registry.id))
    assert (3, 4) == (found["names"], found["releases"])

    del site.files[layout.object_path(registry.manifest(SOLAR, "1.1.0").bundle.sha256)]
    site.files["index/bo/bob/moon.json"] = b"{}"
    with pytest.raises(NotTrusted) as refused:
        verify_whole(person.contact(site, registry.id))
    assert ["@bob/moon", f"{SOLAR}@1.1.0"] == [one.path for one in refused.value.findings]


def test_a_release_is_verified_without_installing_it(person: Person) -> None:
    """Verifying gives the release's address and who signed, and writes nothing."""
    registry = a_registry().release(SOLAR, "1.0.0")

    found = verify_one(person.contact(site_of(registry), registry.id), parse_wanted(SOLAR))

    assert ("1.0.0", 1) == (found["version"], found["files"])
    assert found["bundle"] == f"sha256:{sha256(registry.bundle(SOLAR, '1.0.0'))}"
    assert not person.root.exists()


def test_updates_are_found_per_registry(person: Person) -> None:
    """What has a newer version is found; a newer pre-release and a yanked version are none."""
    registry = a_registry().release(SOLAR, "1.0.0").release("@bob/moon", "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR, "@bob/moon")
    registry.release(SOLAR, "1.1.0").release(SOLAR, "1.2.0-a").release("@bob/moon", "1.1.0")
    registry.event("@bob/moon", "1.1.0", "yank")
    contact = person.contact(site_of(registry), registry.id)

    assert [(SOLAR, "1.0.0", "1.1.0")] == [
        (str(one.artifact), old, new) for one, old, new in updates(contact, person.target, ())
    ]
    with pytest.raises(NotFound):
        updates(contact, person.target, [parse_artifact("@ann/other")])
