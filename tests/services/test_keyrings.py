"""What an author does with keys that change, up to landing."""

from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.keys import k16
from registry_tool.core.times import from_seconds
from registry_tool.services.author import signature_of
from registry_tool.services.keyrings import KeysHere, Step, recover, revoke, rotate, statuses
from registry_tool.services.moderator import approve, queue
from tests.proving import refusal
from tests.services.office import LINKS, Office, an_office, verified, with_links


def sent(office: Office, step: Step) -> Step:
    """The step as a submission."""
    office.push(step.files, branch=step.branch)
    return step


def landed(office: Office, step: Step) -> dict[str, Any]:
    """The step, submitted and approved."""
    return approve(office.bench(), sent(office, step).id, note="")


def signing(office: Office) -> str:
    """The reference of the key that ann signs with."""
    found = office.desk().keys.find("ann", "signing")
    assert found is not None
    return k16(found.key)


def release(office: Office, version: str) -> str:
    """The next version, admitted; the time before it."""
    before = from_seconds(office.tick())
    approve(office.bench(), office.publish(LINKS, version).id, note="")
    return before


def test_a_new_key_takes_over_by_itself() -> None:
    """The old key signs until the rotation lands, the new one afterwards; what the old one signed stays good."""
    office = with_links(an_office())
    old = signing(office)
    step = sent(office, rotate(office.tip, "ann", use="signing", old="", desk=office.desk()))
    assert old == signing(office)
    countersigned = approve(office.bench(), step.id, note="")["countersigned"]
    release(office, "1.1.0")

    assert 1 == len(countersigned)
    assert old != signing(office)
    assert ((old,), (signing(office),)) == (verified(office).signed_by, verified(office, "1.1.0").signed_by)
    assert ("retired", "active") == (statuses(office.tip, "ann")[old], statuses(office.tip, "ann")[signing(office)])


def test_a_rejected_rotation_changes_nothing() -> None:
    """The new key lies there, and the registry's own is used."""
    office = with_links(an_office())
    old = signing(office)
    rotate(office.tip, "ann", use="signing", old="", desk=office.desk())

    assert 2 == len(office.cabinet.every("ann", "signing"))
    assert old == signing(office)
    assert {} == dict(statuses(office.tip, "bob"))


def test_a_control_key_rotates_with_both_signatures() -> None:
    """The old and the new one sign; the new one changes the keyring next."""
    office = with_links(an_office())
    landed(office, rotate(office.tip, "ann", use="control", old="", desk=office.desk()))
    step = rotate(office.tip, "ann", use="signing", old=signing(office)[:6], desk=office.desk())

    assert 3 == len(step.files)
    assert "published" == landed(office, step)["state"]


def test_a_key_is_retired_only_for_its_own_use() -> None:
    """Names that mean no key, several, one that ended, or one of another use are refused."""
    office = with_links(an_office())
    control = k16(office.registry.hand("ann control").key)
    old = signing(office)

    def rotated(key: str) -> object:
        return rotate(office.tip, "ann", use="signing", old=key, desk=office.desk())

    assert (1, "other-use") == refusal(lambda: rotated(control))
    assert (3, "no-key") == refusal(lambda: rotated("0" * 16))
    assert (3, "no-key") == refusal(lambda: rotated(old[:2]))
    landed(office, rotate(office.tip, "ann", use="signing", old="", desk=office.desk()))
    assert (5, "key-ended") == refusal(lambda: rotated(old))


def test_without_a_control_key_nothing_rotates() -> None:
    """The error names what to do where it is elsewhere, and where it is lost."""
    office = with_links(an_office())
    office.cabinet.lose("ann", "control")

    assert (3, "key-missing") == refusal(lambda: rotate(office.tip, "ann", use="signing", old="", desk=office.desk()))


def test_a_lost_signing_key_is_named() -> None:
    """Where it is not on this machine one says which retires."""
    office = with_links(an_office())
    old = signing(office)
    office.cabinet.lose("ann", "signing")

    assert (3, "key-missing") == refusal(lambda: rotate(office.tip, "ann", use="signing", old="", desk=office.desk()))
    assert f"retires {old}" in rotate(office.tip, "ann", use="signing", old=old, desk=office.desk()).words


def test_a_key_that_is_revoked_from_now_is_its_owners_alone_to_revoke() -> None:
    """Nothing is taken back, nobody countersigns, and a new key can follow."""
    office = with_links(an_office())
    step = revoke(office.tip, "ann", signing(office), since="", reason="laptop stolen", desk=office.desk())
    done = landed(office, step)
    again = landed(office, rotate(office.tip, "ann", use="signing", old="", desk=office.desk()))
    release(office, "1.1.0")

    assert ((), [], "published") == (step.takes_back, done["countersigned"], again["state"])
    assert (signing(office),) == verified(office, "1.1.0").signed_by


def test_what_a_stolen_key_signed_is_taken_back_with_a_moderator() -> None:
    """Exactly the releases since then fall, the others stay good."""
    office = with_links(an_office())
    since = release(office, "1.1.0")
    release(office, "1.2.0")
    step = revoke(office.tip, "ann", signing(office), since=since, reason="stolen", desk=office.desk())
    done = landed(office, step)

    assert (f"{LINKS}@1.1.0", f"{LINKS}@1.2.0") == step.takes_back
    assert 1 == len(done["countersigned"])
    assert "1.0.0" == verified(office).manifest.version
    for version in ("1.1.0", "1.2.0"):
        assert (4, "not-signed") == refusal(lambda version=version: verified(office, version))  # type: ignore[misc]  # bound now


def test_a_release_that_lands_meanwhile_asks_for_another_signature() -> None:
    """What the statement does not list it must not take back."""
    office = with_links(an_office())
    step = revoke(office.tip, "ann", signing(office), since="", reason="stolen", desk=office.desk())
    release(office, "1.1.0")
    sent(office, step)

    with pytest.raises(InvalidInput) as refused:
        approve(office.bench(), step.id, note="")
    assert ["hits"] == [one.check for one in refused.value.findings]


@pytest.mark.parametrize(
    ("use", "since", "expected"),
    [
        ("control", "", (5, "last-control-key")),
        ("signing", "2099-01-01T00:00:00Z", (1, "bad-since")),
        ("signing", "yesterday", (1, "bad-time")),
    ],
)
def test_some_ends_are_refused(use: str, since: str, expected: tuple[int, str]) -> None:
    """The last control key, and a time that did not come or is none."""
    office = with_links(an_office())
    key = k16(office.registry.hand(f"ann {use}").key)

    assert expected == refusal(lambda: revoke(office.tip, "ann", key, since=since, reason="stolen", desk=office.desk()))


def test_who_has_a_control_key_recovers_nothing() -> None:
    """Recovering is for who lost every one of them."""
    office = with_links(an_office())

    assert (5, "not-lost") == refusal(lambda: recover(office.tip, "ann", desk=office.desk()))


def test_a_signing_key_that_is_still_here_stays() -> None:
    """Only what is lost gets a successor; elsewhere both keys are new."""
    office = with_links(an_office())
    office.cabinet.lose("ann", "control")
    partly = recover(office.tip, "ann", desk=office.desk())
    office.cabinet.lose("ann", "signing")
    whole = recover(office.tip, "ann", desk=office.desk())

    assert ["retired", "active", "active"] == [row["status"] for row in partly.keys]
    assert ["retired", "retired", "active", "active"] == [row["status"] for row in whole.keys]
    assert "1 day(s)" in whole.needs[1]
    assert {"submission", "needs", "takes_back", "keys", "words"} <= whole.value().keys()


def test_keys_of_nobody_and_of_the_registry_are_found_as_they_are() -> None:
    """Where the registry knows no keyring the oldest key is used."""
    office = an_office()
    keys = KeysHere(office.cabinet, office.tip)
    made = keys.make("bob", "signing")
    keys.another("bob", "signing")

    assert 2 == len(keys.every("bob", "signing"))
    assert keys.find("registry:" + "0" * 16, "moderator") is None
    assert made == keys.find("bob", "signing")


def stolen(office: Office, keys: tuple[str, ...], **more: Any) -> list[str]:
    """What the checks say of a keyring in which the thief with the keys `keys` adds a key of theirs."""

    def build(registry: Any) -> None:
        rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
        rows = [{**row, **more} if "control" in row["use"] and more else row for row in rows]
        registry.keyring("ann", [*rows, registry.row("eve control", use="control")], by=(*keys, "eve control"))

    office.push(office.evolve(build))
    return [one.check for one in queue(office.bench())[0].report.findings if one.level == "fail"]


def test_a_stolen_signing_key_changes_no_keyring() -> None:
    """Neither by its own signature nor with a moderator's: only control keys do."""
    assert ["not-authorised"] == stolen(with_links(an_office()), ("ann signing",))


def test_a_stolen_control_key_needs_a_moderator_for_a_key_of_its_own() -> None:
    """Its statement waits; landed without a moderator it verifies nowhere."""
    office = with_links(an_office())

    assert [] == stolen(office, ("ann control",))
    assert "review" == queue(office.bench())[0].report.verdict
    head = office.history.tree(queue(office.bench())[0].commit)
    path = "index/authors/an/ann/keys/2"
    files = {f"{path[:-2]}/{one.name}": head.read(f"{path[:-2]}/{one.name}") or b"" for one in head.list(path[:-2])}
    office.land({name: data for name, data in files.items() if name.startswith(path)})
    assert (4, "not-countersigned") == refusal(lambda: verified(office))


def test_a_commit_names_its_author() -> None:
    """Nothing trusts it."""
    assert "ann <ann@registry.invalid>" == signature_of("ann")
