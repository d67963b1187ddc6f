"""What can be changed about who governs, and how it is told."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core.statements import Moderators
from registry_tool.core.times import from_seconds
from registry_tool.services import governing_edits as edits
from registry_tool.services.governing import draft
from registry_tool.services.governing_edits import Edit
from tests.proving import refusal
from tests.services.office import Office, an_office, with_links
from tests.services.test_governing import body, change, end_of, invited, key_of, reference, three


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda o: edits.threshold(2), (1, "bad-threshold")),
        (
            lambda o: edits.end(reference(o, "mod"), status="retired", since="2027-01-01T00:00:00Z", reason=""),
            (1, "bad-threshold"),
        ),
        (lambda o: edits.end("0" * 16, status="retired", since="2027-01-01T00:00:00Z", reason=""), (3, "no-key")),
        (lambda o: edits.end("", status="retired", since="2027-01-01T00:00:00Z", reason=""), (3, "no-key")),
        (lambda o: edits.invite("mod", key_of(o, "mod"), author=None), (5, "already-moderator")),
        (lambda o: edits.invite("eva", "no key", author=None), (1, "bad-key")),
        (
            lambda o: edits.both(
                edits.invite("mod", key_of(o, "x"), author="ann"), edits.invite("mod", key_of(o, "y"), author="bob")
            ),
            (5, "row-changed"),
        ),
    ],
)
def test_some_changes_are_refused_at_once(edit: Callable[[Office], Edit], expected: tuple[int, str]) -> None:
    """Thresholds that nobody reaches, keys that are not there or there already."""
    office = with_links(an_office())

    assert expected == refusal(lambda: draft(office.bench(), office.tip, edit(office)))


def test_what_ended_stays_as_it_is() -> None:
    """A key ends once."""
    office = with_links(an_office())
    since = from_seconds(office.tick())
    for name in ("gate", "gate 2"):
        change(office, edits.gate(key_of(office, name), since=since, reason="new"))
    late = end_of(office, "gate", from_seconds(office.tick()))

    assert (1, "bad-since") == refusal(lambda: draft(office.bench(), office.tip, late))
    change(office, end_of(office, "gate", since))
    assert (5, "key-ended") == refusal(lambda: draft(office.bench(), office.tip, end_of(office, "gate", since)))
    assert ["revoked", "active"] == [row.status for row in body(office).gate]


def test_changes_are_told_one_by_one() -> None:
    """Threshold, people, keys and their ends, each in a sentence."""
    office = three()
    since = from_seconds(office.tick())

    def accounts(value: dict[str, Any]) -> None:
        value["people"][1]["accounts"] = [{"forge": "forge.example", "number": 1, "name": "eva", "status": "active"}]

    edit = edits.both(end_of(office, "zoe", since), edits.threshold(1), invited(office, "uma"), accounts)
    made = draft(office.bench(), office.tip, edit)
    assert isinstance(made.body, Moderators)

    assert (
        "1 of the moderators sign from then on, instead of 2",
        "the accounts of eva change",
        f"the key {reference(office, 'zoe')} of zoe is revoked since {since}: 'stolen'",
        "uma becomes a moderator, who publishes nothing here",
        f"the key {reference(office, 'uma')} of uma is let in",
    ) == edits.differences(body(office), made.body)
