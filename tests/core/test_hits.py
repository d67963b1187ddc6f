"""What a `since` in the past takes back."""

from typing import Any

from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.hits import EventsHit, events_hit, newly_ended, releases_hit
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


def listing(*hits: str) -> dict[str, Any]:
    return {"change": lambda value: value.update(hits=sorted(hits))}


def the_yank(registry: RegistryInMemory) -> str:
    """Its digest."""
    at = next(data for path, data in registry.files.items() if path.endswith("events/1.json"))
    return prefixed(sha256(at))


def test_an_event_is_taken_back_where_the_statement_says_so() -> None:
    """Unsaid it does not land; what no `since` takes back must not be listed."""
    words = [one.message for one in faults(since_the_yank, tip=yanked)]

    assert [f"its `since` takes back {LINKS}@1.0.0 event 1, and `hits` does not list it"] == words
    assert [] == codes(lambda r: since_the_yank(r, **listing(the_yank(r))), tip=yanked)
    assert ["hits"] == codes(lambda r: rotated(r, **listing(the_yank(r))), tip=yanked)


def test_events_fall_or_stand_by_their_time() -> None:
    """Each with the words and the command that say it again."""

    def tip(registry: RegistryInMemory) -> None:
        first = registry.event(LINKS, "1.0.0", "yank", at="2026-03-30T00:00:00Z")
        registry.event(LINKS, "1.0.0", "restore", lifts=first, at="2026-04-02T00:00:00Z")
        registry.event(LINKS, "1.0.0", "deprecate", at="2026-04-03T00:00:00Z")

    made = change(rotated, tip=tip)
    statement = made.statements[0].statement
    assert isinstance(statement, Keyring)
    found = events_hit(made, statement)

    assert [
        f"registry restore {LINKS}@1.0.0 --event 1",
        f"registry deprecate {LINKS}@1.0.0 --reason broken --note …",
    ] == [one.again for one in found.fall]
    assert [f"{LINKS}@1.0.0 event 1"] == [one.what for one in found.stand]
    assert ["restore", "yank"] == [one.value()["action"] for one in (*found.fall[:1], *found.stand)]
    assert 5 == len(found.words)
    assert () == EventsHit().words


def after_a_void_restore(registry: RegistryInMemory) -> None:
    """Ann yanks 1.0.0, a thief lifts that, and the gate lets in 1.0.5 that another key signed."""
    laptop(registry)
    first = registry.event(LINKS, "1.0.0", "yank", at="2026-03-30T00:00:00Z")
    registry.event(LINKS, "1.0.0", "restore", lifts=first, at="2026-04-02T00:00:00Z")
    skill(registry, "1.0.5", by=("ann laptop",))
    registry.admit(LINKS, "1.0.5", by=("gate",), path="owner", compared="1.0.0", at="2026-04-03T00:00:00Z")


def signing_ends(registry: RegistryInMemory) -> None:
    """The key that signed 1.0.0 and its events was stolen, after 1.0.0."""
    control, signing = _rows(registry)
    ended = signing | {"status": "revoked", "since": "2026-04-01T00:00:00Z"}
    registry.keyring("ann", [control, ended, registry.row("ann laptop", use="signing")], by=("ann control",))


def test_an_update_falls_that_only_a_void_restore_made_possible() -> None:
    """What it was measured against was yanked then, and nobody but the thief had lifted that."""
    assert [f"{LINKS}@1.0.5"] == hit(signing_ends, after_a_void_restore)


def yanked_later(registry: RegistryInMemory) -> None:
    """The same without a yank before; a thief yanks 1.0.0 after 1.0.5 was measured against it."""
    laptop(registry)
    skill(registry, "1.0.5", by=("ann laptop",))
    registry.admit(LINKS, "1.0.5", by=("gate",), path="owner", compared="1.0.0", at="2026-04-03T00:00:00Z")
    registry.event(LINKS, "1.0.0", "yank", at="2026-04-04T00:00:00Z")


def test_an_update_stands_that_a_void_yank_has_nothing_to_do_with() -> None:
    """What it was measured against is active without the thief's word."""
    assert [] == hit(signing_ends, yanked_later)


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


def measured(registry: RegistryInMemory) -> None:
    """The gate lets in 1.0.5, which was measured against 1.0.0, and a person looks at 1.0.6; both by a newer key."""
    laptop(registry)
    for version in ("1.0.5", "1.0.6"):
        skill(registry, version, by=("ann laptop",))
    registry.admit(LINKS, "1.0.5", by=("gate",), path="owner", compared="1.0.0")
    registry.admit(LINKS, "1.0.6")


def laptop(registry: RegistryInMemory) -> None:
    """The gate may let updates in, and ann has another signing key."""
    registry.moderators({"mod": None}, gate=("gate",), under=(), by=("mod",))
    registry.policy(gate_releases="owner-updates")
    registry.keyring("ann", [*_rows(registry), registry.row("ann laptop", use="signing")], by=LAPTOP)


LAPTOP = ("ann control", "ann laptop", "mod")


def _rows(registry: RegistryInMemory) -> list[dict[str, Any]]:
    return [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]


def old_key_ends(registry: RegistryInMemory) -> None:
    """The key that signed 1.0.0 ends before it did."""
    control, signing = _rows(registry)
    rows = [control, signing | {"status": "revoked", "since": PAST}, registry.row("ann laptop", use="signing")]
    registry.keyring("ann", rows, by=("ann control",))


def test_an_owners_update_falls_with_what_it_was_measured_against() -> None:
    """Nobody looked at it: without the release that somebody looked at it stands on nothing."""
    assert [f"{LINKS}@1.0.0", f"{LINKS}@1.0.5"] == hit(old_key_ends, measured)
