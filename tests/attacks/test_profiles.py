"""What a profile can try: to be somebody else's, to confirm itself, or to come again."""

from typing import Any

import pytest

from tests.builders import RegistryInMemory
from tests.building_profiles import ASKS, DOMAIN, OTHER, TODAY, profile
from tests.checks.changes import Build
from tests.core.landings import codes, faults
from tests.core.test_profiles import on_the_tip

PATH = "index/authors/an/ann/profile/1.json"


def rotated_control(registry: RegistryInMemory) -> None:
    """Ann's control key has ended, another has come."""
    ended = registry.row("ann control", use="control") | {"status": "retired", "since": "2026-04-01T00:00:00Z"}
    rows = [ended, registry.row("ann new", use="control"), registry.row("ann signing", use="signing")]
    registry.keyring("ann", rows, by=("ann control", "ann new", "mod"))


def out_of_place(registry: RegistryInMemory) -> None:
    """A first profile that lies at number two."""
    before = dict(registry.files)
    profile(registry, at=TODAY)
    for path in set(registry.files) - set(before):
        registry.files[path.replace("/profile/1", "/profile/2")] = registry.files.pop(path)


def of_somebody_else(registry: RegistryInMemory) -> None:
    """Bob's profile in ann's folder."""
    profile(registry, at=TODAY, change=lambda value: value.update(subject="profile/bob"))


def edited(registry: RegistryInMemory) -> None:
    """Claims that were added after the author signed."""
    profile(registry, DOMAIN, at=TODAY)
    registry.files[PATH] = registry.files[PATH].replace(b"example.org", b"exbmple.org")


def again(registry: RegistryInMemory) -> None:
    """The first profile once more, as the second."""
    for path in [path for path in registry.files if "/ann/profile/1" in path]:
        registry.files[path.replace("/profile/1", "/profile/2")] = registry.files[path]


def under_an_old_keyring(registry: RegistryInMemory) -> None:
    """Signed with a key that has ended, under the number in which it was active."""
    number_one = registry.head("authors/ann")
    rotated_control(registry)
    profile(registry, at=TODAY, change=lambda value: value["under"].update({"authors/ann": number_one}))


def backdated(registry: RegistryInMemory) -> None:
    """Signed after a key's end, with a time before it and its own end in the same submission."""
    profile(registry, by=("ann control",), at=TODAY)
    ended = registry.row("ann control", use="control") | {"status": "revoked", "since": "2026-11-01T00:00:00Z"}
    rows = [ended, registry.row("ann new", use="control"), registry.row("ann signing", use="signing")]
    registry.keyring("ann", rows, by=("ann control", "ann new"))


def confirmed_by_itself(registry: RegistryInMemory) -> None:
    profile(registry, DOMAIN, by=("ann control", "mod"), at=TODAY)


NARROWED: dict[str, Any] = {"by": ("mod",), "under": ("moderators",), "note": "sold", "at": TODAY}


@pytest.mark.parametrize(
    ("build", "tip", "expected", "word", "hint"),
    [
        # By whom.
        (lambda r: profile(r, by=("bob control",), at=TODAY), None, "not-authorised", "control key of ann", "sign it"),
        (lambda r: profile(r, by=("ann signing",), at=TODAY), None, "not-authorised", "control key of ann", "sign it"),
        (lambda r: profile(r, by=("mod",), at=TODAY), None, "not-authorised", "control key of ann", "sign it"),
        (lambda r: profile(r, at=TODAY), rotated_control, "not-authorised", "control key of ann", "sign it"),
        (under_an_old_keyring, None, "sign-again", "not its newest number", "sign again"),
        (backdated, None, "sign-again", "not its newest number", "sign again"),
        (lambda r: profile(r, by=("ann control", "stranger"), at=TODAY), None, "stranger", "by nobody", "leave it out"),
        (confirmed_by_itself, None, "stranger", "by nobody who may sign it", "who approves signs at landing"),
        (
            lambda r: profile(r, OTHER, author="bob", by=("ann control",), at=TODAY, under=ASKS),
            None,
            "no-author",
            "",
            "",
        ),
        (lambda r: profile(r, **NARROWED), on_the_tip, "stranger", "by nobody", "leave it out"),
        (
            lambda r: profile(r, author="bob", at=TODAY, under=()),
            None,
            "no-author",
            "bob is not registered",
            "brings the keyring",
        ),
        # What it says.
        (edited, None, "bad-signature", "does not hold", ""),
        (lambda r: profile(r, note="x", at=TODAY), None, "bad-note", "only a moderator", ""),
        (lambda r: profile(r, DOMAIN, under=("authors/ann",), at=TODAY), None, "bad-under", "nobody confirmed", "sign"),
        (
            lambda r: profile(r, DOMAIN, under=("authors/ann", "moderators"), at=TODAY),
            None,
            "bad-under",
            "nobody confirmed",
            "registry author profile",
        ),
        (lambda r: profile(r, DOMAIN, at=TODAY), on_the_tip, "bad-under", "claims nothing", "registry author profile"),
        (lambda r: profile(r, at=TODAY, under=("authors/ann", "scopes/ann")), None, "bad-under", "scopes/ann", ""),
        (lambda r: profile(r, at=TODAY, under=()), None, "bad-under", "names nobody", ""),
        # Where and when.
        (out_of_place, None, "sign-again", "the next is 1", "sign again"),
        (of_somebody_else, None, "other-subject", "profile/bob", ""),
        (again, on_the_tip, "sign-again", "the next is 2", "sign again"),
        (lambda r: profile(r, at="2026-11-21T09:11:00Z"), None, "bad-clock", "and it is 2026", "set the clock"),
        (lambda r: profile(r, at="2026-10-21T08:00:00Z"), None, "sign-again", "thirty days", "sign again"),
        (lambda r: profile(r, at="2026-03-01T00:00:00Z"), on_the_tip, "bad-clock", "the one before it", ""),
        (lambda r: r.files.__setitem__(PATH, b"{}"), None, None, "", ""),
        (lambda r: profile(r, DOMAIN, DOMAIN, at=TODAY), None, "document", "a claim is there twice", ""),
    ],
)
def test_a_profile_that_may_not_join_is_told_why(
    build: Build, tip: Build | None, expected: str | None, word: str, hint: str
) -> None:
    """Each refusal has its word, the place, and what to do next (M14)."""
    found = faults(build, tip=tip)
    told = [one for one in found if expected in (None, one.check)]

    assert [] != told
    assert any(word in one.message for one in told), found
    assert any(hint in one.hint for one in told), found
    assert any("/profile/" in one.path or expected == "document" for one in told)


def another(registry: RegistryInMemory) -> None:
    """Another profile 1."""
    for path in [path for path in registry.files if "/ann/profile/" in path]:
        del registry.files[path]
    profile(registry, name="Another", at=TODAY)


def test_two_that_are_fine_alone_are_not_fine_together() -> None:
    """Two next profiles: whoever comes second signs again."""
    assert ["append-only", "sign-again"] == codes(another, tip=lambda r: profile(r, at=TODAY))
