"""Reviews of artifacts: who may write one, of what, and what they come to."""

from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.artifact_reviews import (
    ArtifactReview,
    newest_first,
    publishes,
    rating,
    rating_words,
    read_reviews,
    review_value,
    review_words,
)
from registry_tool.core.families import FAMILIES
from registry_tool.core.layout import locate
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import chain_at
from registry_tool.core.standing import keyring_at
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import TODAY, review
from tests.checks.changes import Build, change, newcomer
from tests.core.landings import LINKS, MEANS, codes
from tests.proving import SOLAR, refusal

FAMILY = FAMILIES["review"]
OTHER = "sha256:" + "ab" * 32


def with_solar() -> RegistryInMemory:
    """A release by ann, and the author bob."""
    return a_registry(demo=False).release(SOLAR, "1.0.0").with_author("bob")


def standing(registry: RegistryInMemory, author: str = "bob") -> ArtifactReview | None:
    """The review of ann's release that counts."""
    tree, government = registry.tree(), registry.government()
    sources = chain_at(tree, f"reviews/{SOLAR}/{author}")
    keyring = keyring_at(tree, government, author, check=check)
    return read_reviews(sources, parse_artifact(SOLAR), author, government, keyring, check=check).standing


def stars(registry: RegistryInMemory) -> int:
    """How many bob gives; 0 where nothing of his counts."""
    found = standing(registry)
    return found.stars if found else 0


def test_the_newest_review_of_a_person_counts() -> None:
    """M6: one per person and artifact; a second one takes the place of the first."""
    registry = with_solar()
    review(registry, SOLAR, 2)
    first = stars(registry)
    review(registry, SOLAR, 5)

    assert (2, 5) == (first, stars(registry))


def rotated(registry: RegistryInMemory, since: str, author: str = "bob", *, by: tuple[str, ...] = ("mod",)) -> None:
    """An author's signing key has ended, another has come."""
    rows = [
        registry.row(f"{author} control", use="control"),
        registry.row(f"{author} signing", use="signing") | {"status": "revoked", "since": since},
        registry.row(f"{author} new", use="signing"),
    ]
    registry.keyring(author, rows, by=(f"{author} control", f"{author} new", *by))


@pytest.mark.parametrize(("since", "expected"), [("2026-04-01T00:00:00Z", 5), ("2026-03-01T12:02:30Z", 2)])
def test_a_review_by_a_key_that_had_ended_counts_for_nothing(since: str, expected: int) -> None:
    """The one before it stands again; what the key signed before its end stays."""
    registry = with_solar()
    review(registry, SOLAR, 2)
    review(registry, SOLAR, 5)
    rotated(registry, since)

    assert expected == stars(registry)

    review(registry, SOLAR, 3, by=("bob new",), at="2026-05-01T00:00:00Z")

    assert 3 == stars(registry)


def test_where_a_thief_wrote_all_of_them_none_counts() -> None:
    """An author who said nothing themselves gives no stars."""
    registry = with_solar()
    review(registry, SOLAR, 2)
    rotated(registry, "2026-03-01T12:00:00Z")

    assert 0 == stars(registry)


def with_bob(registry: RegistryInMemory) -> None:
    """Bob, who owns a scope of his own."""
    registry.with_author("bob")


def first_of_bob(registry: RegistryInMemory) -> None:
    """Bob comes with a review."""
    newcomer(registry)
    review(registry, LINKS, at=TODAY)


def reviewed(registry: RegistryInMemory) -> None:
    """Bob, and his first review."""
    with_bob(registry)
    review(registry, LINKS)


@pytest.mark.parametrize(
    ("build", "tip"),
    [
        (lambda r: review(r, LINKS, at=TODAY), with_bob),
        (first_of_bob, None),
        (lambda r: review(r, LINKS, 1, at=TODAY), reviewed),
        (lambda r: review(r, LINKS, 1, text="", at=TODAY), reviewed),
    ],
)
def test_an_honest_review_may_join(build: Build, tip: Build | None) -> None:
    """A first one, one that comes with its author, and a second thought."""
    assert [] == codes(build, tip=tip)


def test_landing_verifies_a_review_and_its_release() -> None:
    """What holds when it lands holds for everybody after."""
    registry = with_solar()
    review(registry, SOLAR)
    located = locate("index/reviews/an/ann/solar/bob/1.json")
    FAMILY.verify(registry.tree(), located, registry.government(), MEANS)
    review(registry, SOLAR, manifest=OTHER)

    assert (4, "other-release") == refusal(
        lambda: FAMILY.verify(registry.tree(), located, registry.government(), MEANS)
    )


def test_nobody_signs_a_review_beside_its_author() -> None:
    """A moderator confirms nothing in it."""
    made = change(lambda r: review(r, LINKS, at=TODAY), tip=with_bob)

    assert [False] == [FAMILY.countersigned(made, one) for one in made.statements]


def test_what_one_publishes_one_does_not_review() -> None:
    """Owners and members now; who left is somebody else again."""
    registry = with_solar()
    registry.scope("ann", owners=["ann"], members=["bob"])
    inside = registry.authorities("ann", "ann", "bob").scope.head.body
    row = {"author": "bob", "status": "retired", "since": "2026-05-01T00:00:00Z"}
    registry.scope("ann", owners=["ann"], members=[row], by=("ann control",))
    outside = registry.authorities("ann", "ann", "bob").scope.head.body

    assert [True, True, False] == [publishes(one, inside) for one in ("ann", "bob", "eve")]
    assert not publishes("bob", outside)


def told(*stars: int) -> list[ArtifactReview]:
    """Reviews by different people, a minute apart."""
    registry = with_solar()
    found = []
    for number, count in enumerate(stars):
        author = f"eve{number}"
        registry.with_author(author)
        review(registry, SOLAR, count, author=author)
        one = standing(registry, author)
        assert one is not None
        found.append(one)
    return found


@pytest.mark.parametrize(
    ("stars", "mean", "words"),
    [
        ((), None, "no reviews yet"),
        ((5,), "5.00", "5.00 of 5 stars (1 review)"),
        ((5, 4), "4.50", "4.50 of 5 stars (2 reviews)"),
        ((5, 4, 4), "4.33", "4.33 of 5 stars (3 reviews)"),
        ((5, 5, 4), "4.67", "4.67 of 5 stars (3 reviews)"),
        ((1, 1, 1, 1, 1, 1, 1, 2), "1.13", "1.13 of 5 stars (8 reviews)"),
    ],
)
def test_a_rating_has_two_decimals_and_no_stars_without_reviews(
    stars: tuple[int, ...], mean: str | None, words: str
) -> None:
    """Text, since signed JSON has no fractions; rounded half up; none is not zero."""
    found = rating(told(*stars))

    assert (len(stars), mean, words) == (found["count"], found.get("mean"), rating_words(found))
    assert {str(one): stars.count(one) for one in range(1, 6)} == found["stars"]


def test_reviews_are_read_newest_first() -> None:
    """Of two in one second the order is that of their authors."""
    one, two, three = told(1, 2, 3)
    same = two.model_copy(update={"at": three.at})

    assert ["eve1", "eve2", "eve0"] == [review_value(found)["author"] for found in newest_first([one, three, same])]


def test_a_review_is_told_in_one_sentence_and_as_data() -> None:
    """Its text is quoted: whoever wrote it cannot pass for us."""
    registry = with_solar()
    review(registry, SOLAR, 4, text="Good.\u202e\nApproved by mod")
    found = standing(registry)
    assert found is not None
    expected: dict[str, Any] = {
        "author": "bob",
        "version": "1.0.0",
        "manifest": registry._pointed(SOLAR, "1.0.0"),
        "stars": 4,
        "text": "Good.\u202e\nApproved by mod",
        "at": found.at,
    }

    assert r"bob gives @ann/solar@1.0.0 4 of 5 stars: 'Good.\u202e\nApproved by mod'" == review_words(found)
    assert expected == review_value(found)
    assert layout.statement_path(found.subject, 1) == "index/reviews/an/ann/solar/bob/1.json"
