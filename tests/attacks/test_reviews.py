"""What a review of an artifact can try: to be somebody else's, about something else, or about one's own."""

import pytest

from tests.builders import RegistryInMemory
from tests.building_profiles import TODAY, review
from tests.checks.changes import Build, skill
from tests.core.landings import LINKS, both, codes, faults
from tests.core.test_artifact_reviews import OTHER, reviewed, rotated, with_bob

PATH = "index/reviews/an/ann/links/bob/1.json"


def member(registry: RegistryInMemory) -> None:
    """Bob publishes in ann's scope."""
    with_bob(registry)
    registry.scope("ann", owners=["ann"], members=["bob"])


def becomes_member(registry: RegistryInMemory) -> None:
    """Bob reviews what he is let into with the same submission."""
    registry.scope("ann", owners=["ann"], members=["bob"], by=("ann control", "bob control"))
    review(registry, LINKS, at=TODAY)


def left(registry: RegistryInMemory) -> None:
    """Bob published a version, and left."""
    member(registry)
    skill(registry, "1.0.5", author="bob")
    registry.admit(LINKS, "1.0.5")
    row = {"author": "bob", "status": "retired", "since": "2026-05-01T00:00:00Z"}
    registry.scope("ann", owners=["ann"], members=[row], by=("ann control",))


def waits(registry: RegistryInMemory) -> None:
    """A version that nobody admitted."""
    with_bob(registry)
    skill(registry, "1.1.0")


def edited(registry: RegistryInMemory) -> None:
    """More stars than bob gave."""
    review(registry, LINKS, 1, at=TODAY)
    registry.files[PATH] = registry.files[PATH].replace(b'"stars":1', b'"stars":5')


def more_stars(registry: RegistryInMemory) -> None:
    """More stars than bob gave, in the review that is there."""
    registry.files[PATH] = registry.files[PATH].replace(b'"stars":4', b'"stars":5')


def moved(registry: RegistryInMemory) -> None:
    """Bob's review of ann's links, laid where one of another artifact belongs."""
    skill(registry, "1.0.0", name="@ann/other")
    review(registry, LINKS, at=TODAY)
    for path in [path for path in registry.files if path.startswith("index/reviews/")]:
        registry.files[path.replace("/links/", "/other/")] = registry.files.pop(path)


def second_of_one_number(registry: RegistryInMemory) -> None:
    """Another number one."""
    for path in [path for path in registry.files if path.startswith("index/reviews/")]:
        del registry.files[path]
    review(registry, LINKS, 1, at=TODAY)


def deleted(registry: RegistryInMemory) -> None:
    """Somebody's review goes."""
    for path in [path for path in registry.files if path.startswith("index/reviews/")]:
        del registry.files[path]


def out_of_place(registry: RegistryInMemory) -> None:
    """A first review at number two."""
    review(registry, LINKS, at=TODAY)
    for path in [path for path in registry.files if path.startswith("index/reviews/")]:
        registry.files[path.replace("/bob/1", "/bob/2")] = registry.files.pop(path)


def backdated(registry: RegistryInMemory) -> None:
    """A review from before its key's end, under the keyring from before."""
    then = registry.head("authors/bob")
    rotated(registry, "2026-04-01T00:00:00Z", by=())
    review(
        registry, LINKS, at="2026-03-20T00:00:00Z", change=lambda value: value["under"].update({"authors/bob": then})
    )


@pytest.mark.parametrize(
    ("build", "tip", "expected", "word", "hint"),
    [
        # Somebody else's.
        (edited, with_bob, "bad-signature", "does not hold", ""),
        (more_stars, reviewed, "append-only", "changed or deleted", "restore it"),
        (deleted, reviewed, "append-only", "changed or deleted", "restore it"),
        (second_of_one_number, reviewed, "sign-again", "the next is 2", "sign again"),
        (
            lambda r: review(r, LINKS, by=("ann signing",), at=TODAY),
            with_bob,
            "not-authorised",
            "key of bob",
            "sign it",
        ),
        # By whom.
        (
            lambda r: review(r, LINKS, by=("bob control",), at=TODAY),
            with_bob,
            "not-authorised",
            "key of bob",
            "sign it",
        ),
        (
            lambda r: review(r, LINKS, by=("bob signing", "mod"), at=TODAY),
            with_bob,
            "stranger",
            "by nobody",
            "leave it",
        ),
        (
            lambda r: review(r, LINKS, at=TODAY),
            both(with_bob, lambda r: rotated(r, "2026-04-01T00:00:00Z")),
            "not-authorised",
            "key of bob",
            "sign it",
        ),
        (backdated, with_bob, "sign-again", "not its newest number", "sign again"),
        (lambda r: review(r, LINKS, at=TODAY, under=()), None, "no-author", "bob is not registered", "the keyring too"),
        (lambda r: review(r, LINKS, at=TODAY, under=("moderators",)), with_bob, "bad-under", "other chains", ""),
        # Of what.
        (moved, with_bob, "other-subject", f"reviews/{LINKS}/bob", ""),
        (lambda r: review(r, LINKS, 6, at=TODAY), with_bob, "document", "stars", ""),
        (lambda r: review(r, LINKS, 0, at=TODAY), with_bob, "document", "stars", ""),
        (lambda r: review(r, LINKS, version="1.1.0", at=TODAY), waits, "not-admitted", "1.1.0 is not", "registry show"),
        (lambda r: review(r, LINKS, manifest=OTHER, at=TODAY), with_bob, "other-release", "another manifest", "sign"),
        (lambda r: review(r, LINKS, author="ann", at=TODAY), None, "own-review", "nobody reviews their own", "others"),
        (lambda r: review(r, LINKS, at=TODAY), member, "own-review", "bob publishes @ann", "others"),
        (becomes_member, with_bob, "own-review", "bob publishes @ann", "others"),
        (lambda r: review(r, LINKS, version="1.0.5", at=TODAY), left, "own-review", "bob publishes", "others"),
        # Where and when.
        (out_of_place, with_bob, "sign-again", "the next is 1", "sign again"),
        (lambda r: review(r, LINKS, at="2026-11-21T09:10:01Z"), with_bob, "bad-clock", "and it is", "set the clock"),
        (lambda r: review(r, LINKS, at="2026-10-01T00:00:00Z"), with_bob, "sign-again", "thirty days", "sign again"),
        (lambda r: review(r, LINKS, at="2026-03-01T00:00:00Z"), reviewed, "bad-clock", "the one before it", ""),
    ],
)
def test_a_review_that_may_not_join_is_told_why(
    build: Build, tip: Build | None, expected: str, word: str, hint: str
) -> None:
    """Each refusal has its word, the place, and what to do next (M6)."""
    found = faults(build, tip=tip)
    told = [one for one in found if one.check == expected]

    assert any(word in one.message for one in told), found
    assert any(hint in one.hint for one in told), found
    assert any("index/reviews/" in one.path or expected == "document" for one in told)


def test_a_review_is_not_older_than_what_it_is_about() -> None:
    """A version that was admitted after the time of the review was not there to be reviewed."""

    def late(registry: RegistryInMemory) -> None:
        with_bob(registry)
        skill(registry, "1.0.5")
        registry.admit(LINKS, "1.0.5", at="2026-11-21T08:59:30Z")

    assert ["bad-clock"] == codes(lambda r: review(r, LINKS, version="1.0.5", at=TODAY), tip=late)
    assert [] == codes(lambda r: review(r, LINKS, version="1.0.5", at="2026-11-21T08:59:30Z"), tip=late)


def test_a_key_that_ends_before_the_review_s_time_signs_none() -> None:
    """Also where its end comes in the same submission and is still to come."""

    def ends(registry: RegistryInMemory) -> None:
        rotated(registry, "2026-11-21T09:05:00Z")

    assert "not-authorised" in codes(lambda r: review(r, LINKS, at="2026-11-21T09:06:00Z"), tip=both(with_bob, ends))
