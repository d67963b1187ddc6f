"""A key that had retired and turns out to be stolen."""

from typing import Any

import pytest

from registry_tool.core.chains import rows_stay
from registry_tool.core.statements import AuthorRow, KeyRow, Row
from tests.builders import RegistryInMemory, a_registry
from tests.proving import SOLAR, authorities_of, refusal

SINCE, EARLIER, LATER = "2026-03-05T12:00:00Z", "2026-03-05T11:59:59Z", "2026-03-05T12:00:01Z"
RETIRED = {"status": "retired", "since": SINCE, "reason": "rotated"}
REVOKED = {"status": "revoked", "since": SINCE, "reason": "stolen"}


def key_row(value: dict[str, Any]) -> Row:
    return KeyRow.of({**RegistryInMemory().row("ann signing"), **value})


@pytest.mark.parametrize("since", [SINCE, EARLIER])
def test_a_retired_key_may_be_revoked(since: str) -> None:
    """From when it retired, or from earlier."""
    rows_stay({"key": key_row(RETIRED)}, {"key": key_row({**REVOKED, "since": since})}, "it")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (RETIRED, {**REVOKED, "since": LATER}),
        (RETIRED, {"status": "revoked", "since": SINCE}),
        (RETIRED, {**RETIRED, "since": EARLIER}),
        (RETIRED, {"status": "active"}),
        (REVOKED, RETIRED),
        (REVOKED, {**REVOKED, "since": EARLIER}),
        (REVOKED, {"status": "active"}),
    ],
)
def test_what_ended_changes_in_no_other_way(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Nothing that ended comes back, ends later, or is called harmless after all."""
    assert (4, "row-changed") == refusal(lambda: rows_stay({"key": key_row(before)}, {"key": key_row(after)}, "it"))


def test_a_membership_that_ended_stays_as_it_ended() -> None:
    """Only keys are stolen."""
    before, after = (AuthorRow.of({"author": "bob", **one}) for one in (RETIRED, REVOKED))

    assert (4, "row-changed") == refusal(lambda: rows_stay({"bob": before}, {"bob": after}, "it"))


def revoked(*by: str) -> RegistryInMemory:
    """Ann's signing key retired, and by the next statement was stolen."""
    registry = a_registry().release(SOLAR, "1.0.0")
    control, signing = registry.row("ann control", use="control"), registry.row("ann signing", use="signing")
    registry.keyring("ann", [control, {**signing, **RETIRED}], by=("ann control",))
    registry.keyring("ann", [control, {**signing, **REVOKED}], by=by)
    return registry


def test_it_takes_a_moderator() -> None:
    """A thief of a control key must not call everything stolen that an author ever signed."""
    assert (4, "not-countersigned") == refusal(lambda: authorities_of(revoked("ann control"), "ann"))
    assert "revoked" == authorities_of(revoked("ann control", "mod"), "ann").keyring("ann").head.body.keys[1].status
