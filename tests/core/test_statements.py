"""What the rows of statements say about time; the rules of single statements are in `examples_rules.py`."""

from typing import Any

import pytest

from registry_tool.core.statements import AccountRow, AuthorKey, AuthorRow, IdentityRow, KeyRow, Moderators, Row, Scope
from tests.core.examples import documents

SINCE = "2026-11-21T09:00:00Z"
ACTIVE: dict[str, Any] = {"author": "ann", "status": "active"}
ENDED: dict[str, Any] = {"author": "ann", "status": "retired", "since": SINCE}
IDENTITY: dict[str, Any] = {"issuer": "https://i.example", "subject": "s", "status": "active"}
KEY: dict[str, Any] = dict(documents()["registry.moderators-1"]["people"][0]["keys"][0])
OTHER_KEY: str = documents()["registry.keyring-1"]["keys"][0]["key"]
ACCOUNT: dict[str, Any] = {"forge": "f.example", "number": 1, "name": "ann", "status": "active"}


@pytest.mark.parametrize(
    ("row", "at", "expected"),
    [
        (ACTIVE, SINCE, True),
        (ENDED, "2026-11-21T08:59:59Z", True),
        (ENDED, SINCE, False),
        (ENDED, "2026-11-21T09:00:01Z", False),
        ({**ENDED, "status": "revoked"}, "2026-11-21T08:59:59Z", True),
        ({**ENDED, "status": "revoked"}, SINCE, False),
    ],
)
def test_a_row_holds_until_it_ended(row: dict[str, Any], at: str, expected: bool) -> None:
    """What ended holds for documents from before its `since`, not from that second on, retired as revoked."""
    assert expected == AuthorRow.of(row).held_at(at)


@pytest.mark.parametrize(("row", "expected"), [(ACTIVE, True), (ENDED, False)])
def test_a_row_is_active_or_ended(row: dict[str, Any], expected: bool) -> None:
    """A row is active exactly where its status says so."""
    assert expected == AuthorRow.of(row).active


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (AuthorRow.of(ACTIVE), AuthorRow.of(ENDED), True),
        (AuthorRow.of(ACTIVE), AuthorRow.of({**ACTIVE, "author": "bob"}), False),
        (KeyRow.of(KEY), KeyRow.of({**KEY, "key": OTHER_KEY}), False),
        (AuthorKey.of({**KEY, "use": "control"}), AuthorKey.of({**KEY, "use": "signing"}), False),
        (KeyRow.of(KEY), AuthorKey.of({**KEY, "use": "signing"}), False),
        (AccountRow.of(ACCOUNT), AccountRow.of({**ACCOUNT, "name": "anna"}), True),
        (AccountRow.of(ACCOUNT), AccountRow.of({**ACCOUNT, "number": 2}), False),
        (IdentityRow.of(IDENTITY), IdentityRow.of({**IDENTITY, "owner_id": 1}), False),
    ],
)
def test_a_row_stays_about_one_thing(one: Row, other: Row, expected: bool) -> None:
    """Status, time, reason and an account's name may change; key, use, number, author and identity may not."""
    assert expected == one.same_as(other)


def test_no_two_identities_share_a_label() -> None:
    """Issuer, subject and both ids tell identities apart, whatever quotes their texts hold."""
    rows = [
        IDENTITY,
        {**IDENTITY, "owner_id": 1},
        {**IDENTITY, "repository_id": 1},
        {**IDENTITY, "subject": "s' of 'https://i.example"},
        {**IDENTITY, "subject": "s' of '", "issuer": "https://i.example' of '"},
    ]

    assert len(rows) == len({IdentityRow.of(row).label for row in rows})


def test_a_key_row_knows_its_key() -> None:
    """The raw key and its reference come from its text."""
    row = KeyRow.of(KEY)

    assert [32, 16] == [len(row.raw), len(row.k16)]


def test_publishers_are_owners_and_members() -> None:
    """Owners come first, then members, ended ones too."""
    value = {**documents()["registry.scope-1"], "members": [{**ENDED, "author": "bob"}]}

    assert ["ann", "bob"] == [row.author for row in Scope.of(value).publishers()]


def test_a_person_may_have_no_key() -> None:
    """Somebody who only reviews in a forge does not count for the threshold."""
    value = documents()["registry.moderators-1"]
    people = [*value["people"], {"id": "eva", "author": None, "accounts": [ACCOUNT], "keys": []}]

    assert ["mod", "eva"] == [person.id for person in Moderators.of({**value, "people": people}).people]
