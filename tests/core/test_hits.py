"""What a `since` in the past takes back."""

from typing import Any

from registry_tool.core.hits import newly_ended, releases_hit
from registry_tool.core.statements import Keyring, Scope
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, newcomer, skill
from tests.core.landings import LINKS, PAST, bob_ends, codes, faults, member_on_the_tip, rotated, yanked


def hit(build: Build, tip: Build | None = None) -> list[str]:
    """The releases that the first statement of a submission takes back."""
    made = change(build, tip=tip)
    statement = made.statements[0].statement
    assert isinstance(statement, Keyring | Scope)
    return [name for name, _ in releases_hit(made, statement)]


def more_names(registry: RegistryInMemory) -> None:
    """Another name of ann's, a version that nobody admitted, and somebody else's name."""
    skill(registry, "1.0.0", name="@ann/other")
    registry.admit("@ann/other", "1.0.0")
    skill(registry, "2.0.0")
    skill(registry, "1.0.0", name="@bob/links")
    registry.admit("@bob/links", "1.0.0")


def test_a_key_takes_back_what_it_signed() -> None:
    """Every release that was admitted at or after the `since` of its key, in every name."""
    assert [f"{LINKS}@1.0.0", "@ann/other@1.0.0"] == hit(lambda r: rotated(r, since=PAST), more_names)
    assert [] == hit(rotated, more_names)


def test_a_member_takes_back_what_they_published() -> None:
    """Only the member's own releases, only in that scope."""
    assert [f"{LINKS}@1.0.5"] == hit(lambda r: bob_ends(r, PAST), member_on_the_tip)
    assert [] == hit(lambda r: bob_ends(r, "2026-04-01T00:00:00Z"), member_on_the_tip)


def test_a_first_statement_ends_nothing() -> None:
    """Where there is no chain yet, nothing was there that could end."""
    made = change(newcomer)

    assert [{}, {}] == [
        newly_ended(made, one.statement) for one in made.statements if isinstance(one.statement, Keyring | Scope)
    ]


def since_the_yank(registry: RegistryInMemory, **more: Any) -> None:
    """Ann's key ends between the admission and her yank."""
    at = next(data for path, data in registry.files.items() if path.endswith("events/1.json"))
    rotated(registry, since=at.decode().partition('"at":"')[2][:20], **more)


def test_an_event_cannot_be_taken_back() -> None:
    """A `since` before an event of that key would leave the release without a status that anybody trusts."""
    found = faults(since_the_yank, tip=yanked)

    assert ["choose a `since` after it"] == [one.hint for one in found]


def yank_of_bob(registry: RegistryInMemory) -> None:
    """Bob, a member, yanks a release of ann's; then a moderator quarantines it for a while."""
    registry.keyring("bob")
    registry.scope("ann", owners=["ann"], members=["bob"])

    def by_bob(value: dict[str, Any]) -> None:
        del value["under"]["authors/ann"]
        value["under"]["authors/bob"] = registry.head("authors/bob")

    registry.event(LINKS, "1.0.0", "quarantine")
    registry.event(LINKS, "1.0.0", "yank", by=("bob signing",), change=by_bob)


def test_a_members_end_cannot_take_back_an_event() -> None:
    """The same for a member whose membership ends before what they yanked."""
    assert ["hits"] == codes(lambda r: bob_ends(r, PAST), tip=yank_of_bob)
    assert [] == codes(lambda r: bob_ends(r, "2026-04-01T00:00:00Z"), tip=yank_of_bob)
