"""What a clone says of authors and reviews, and the three marks."""

import json
from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.catalogue import catalogue, read_catalogue
from registry_tool.core.marks import Marks, marks_words
from registry_tool.core.names import parse_artifact
from registry_tool.core.people import SHOWN, AuthorFile, People, PeopleFiles, ReviewsFile, scope_at, unverified
from registry_tool.core.published import PublishedTree
from registry_tool.core.tables import table_bytes
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import DOMAIN, OTHER, profile, review
from tests.proving import SOLAR, refusal

ANN = layout.author_file_path("ann")
STARS = layout.reviews_path(parse_artifact(SOLAR))
CONFIRMED = ("ann control", "mod")


def with_people() -> RegistryInMemory:
    """Ann, who is confirmed, her release, and two people who reviewed it."""
    registry = a_registry(demo=False).release(SOLAR, "1.0.0").with_author("bob").with_author("eve")
    profile(registry, DOMAIN, OTHER, by=CONFIRMED, name="Ann Lee", links={"home": "https://example.org/"})
    profile(
        registry,
        DOMAIN,
        by=("mod",),
        under=("moderators",),
        name="Ann Lee",
        note="sold",
        links={"home": "https://example.org/"},
    )
    review(registry, SOLAR, 4)
    review(registry, SOLAR, 1, author="eve", text="No.")
    return registry


def files(registry: RegistryInMemory, *, verified: bool = True) -> PeopleFiles:
    """What a clone of it serves."""
    return PeopleFiles(registry.tree(), check=check if verified else unverified)


def told(data: bytes | None) -> Any:  # Any: JSON
    """A file as JSON."""
    assert data is not None
    return json.loads(data)


def test_an_author_s_file_says_who_confirmed_what() -> None:
    """Name, claims, what was taken away, and the scopes with roles."""
    registry = with_people()
    registry.scope("bob", owners=["bob"], members=["ann"])
    value = told(files(registry).file(ANN))

    assert ("ann", "Ann Lee", True) == (value["author"], value["name"], value["verified"])
    assert [("example.org", True, ["mod"])] == [(one["domain"], one["verified"], one["by"]) for one in value["claims"]]
    assert [("other.example", "sold")] == [(one["claim"], one["note"]) for one in value["removed"]]
    assert [{"scope": "ann", "role": "owner"}, {"scope": "bob", "role": "member"}] == value["scopes"]
    assert value == AuthorFile.of(value).value()


def test_the_file_of_reviews_says_what_they_come_to() -> None:
    """The rating and the newest first."""
    value = told(files(with_people()).file(STARS))

    assert (2, "2.50") == (value["rating"]["count"], value["rating"]["mean"])
    assert [("eve", 1, "No."), ("bob", 4, "It works.")] == [
        (one["author"], one["stars"], one["text"]) for one in value["reviews"]
    ]
    assert value == ReviewsFile.of(value).value()


def test_the_file_holds_the_newest_hundred_and_counts_all() -> None:
    """A popular artifact does not make an endless file."""
    registry = a_registry(demo=False).release(SOLAR, "1.0.0")
    for number in range(SHOWN + 2):
        registry.keyring(f"eve{number}")
        review(registry, SOLAR, 5, author=f"eve{number}")
    value = told(files(registry).file(STARS))

    assert (SHOWN + 2, SHOWN) == (value["rating"]["count"], len(value["reviews"]))
    assert f"eve{SHOWN + 1}" == value["reviews"][0]["author"]


@pytest.mark.parametrize(
    "path",
    [
        layout.author_file_path("bob"),
        layout.author_file_path("nobody"),
        layout.reviews_path(parse_artifact("@bob/nothing")),
        layout.reviews_path(parse_artifact("@nobody/nothing")),
        "index/authors/an/ann/other.json",
        "index/other/an/ann/one.json",
        "index/reviews",
    ],
)
def test_there_is_no_file_where_nothing_was_said(path: str) -> None:
    """Who has no profile, what has no reviews, and paths of something else."""
    assert files(with_people()).file(path) is None


def test_what_counts_for_nothing_is_not_served() -> None:
    """A profile and a review by stolen keys, and a review by who publishes there now."""
    registry = with_people()
    for author in ("ann", "bob"):
        rows = [
            registry.row(f"{author} {use}", use=use) | {"status": "revoked", "since": "2026-03-01T00:00:00Z"}
            for use in ("control", "signing")
        ]
        rows.append(registry.row(f"{author} new", use="control"))
        registry.keyring(author, rows, by=(f"{author} control", f"{author} new", "mod"))
    stolen = files(registry)
    value = told(stolen.file(STARS))

    assert stolen.file(ANN) is None
    assert not stolen.is_verified("ann")
    assert ["eve"] == [one["author"] for one in value["reviews"]]

    inside = with_people()
    inside.scope("ann", owners=["ann"], members=["bob", "eve"])

    assert files(inside).file(STARS) is None


def forged(registry: RegistryInMemory, path: str, hand: str) -> None:
    """A signature beside a statement that is none."""
    from registry_tool.core.keys import k16

    registry.files[layout.signature_path(path, k16(registry.hand(hand).key))] = bytes(64)


def test_a_clone_is_believed_only_where_it_verifies() -> None:
    """A forged confirmation: the reader's own verification refuses the file, and the list gives no mark."""
    registry = with_people()
    forged(registry, "index/authors/an/ann/profile/1.json", "mod")
    honest, credulous = files(registry), files(registry, verified=False)

    assert (4, "bad-signature") == refusal(lambda: honest.file(ANN))
    assert (False, True) == (honest.is_verified("ann"), credulous.is_verified("ann"))
    assert [False, False] == [one.is_verified("bob") for one in (honest, credulous)]


def test_the_catalogue_has_the_marks_where_they_are_so() -> None:
    """Absent is no: who knows no marks reads the same rows as before."""
    registry = with_people().release("@bob/moon", "1.0.0").release("@ann/moon", "1.0.0")
    registry.release(
        "@eve/found", "1.0.0", change=lambda value: value.update(imported={"from": "https://other.example/list.json"})
    )
    registry.files["index/registry.yaml"] = table_bytes({"name": "Here", "official": ["bob"]})
    data = PublishedTree(registry.tree(), where="here", check=check).fetch(layout.CATALOGUE, limit=10**6)
    rows = {row.artifact: row for row in read_catalogue(data or b"", registry=registry.id).artifacts}
    raw = {one["artifact"]: one for one in told(data)["artifacts"]}

    assert data == catalogue(registry.tree())
    assert Marks(author_verified=True) == Marks.of(rows[SOLAR])
    assert Marks(official=True) == Marks.of(rows["@bob/moon"])
    assert Marks(imported=True) == Marks.of(rows["@eve/found"])
    assert ["author_verified"] == sorted(set(raw[SOLAR]) & {"author_verified", "official", "imported"})


def test_marks_are_three_different_words() -> None:
    """Verified is of the author, official of the scope, imported of the release; none implies another."""
    assert ("author not verified",) == Marks().words
    assert ("author verified", "official", "imported") == Marks(True, True, True).words
    assert {"official": True} == Marks(official=True).given()
    assert ("author not verified", "imported") == marks_words(Marks(imported=True).value())


def test_a_tree_is_asked_under_its_own_government() -> None:
    """Each keyring and profile is read once; an author who is not registered has none."""
    registry = with_people()
    people = People.of(registry.tree(), check=check)
    first, second = people.profile("ann"), people.profile("ann")
    scope = scope_at(registry.tree(), "ann")
    assert scope is not None

    assert first is second
    assert people.profile("bob") is None
    assert ["eve", "bob"] == [one.subject.rpartition("/")[2] for one in people.reviews(parse_artifact(SOLAR), scope)]
    assert scope_at(registry.tree(), "nobody") is None


def test_what_a_clone_serves_is_canonical() -> None:
    """The same bytes wherever they are made."""
    registry = with_people()
    for path in (ANN, STARS):
        data = files(registry).file(path)
        assert data is not None
        assert data == canonical.encode(told(data))
        assert data == registry.source().fetch(path, limit=10**6)
    assert () == registry.source().official
