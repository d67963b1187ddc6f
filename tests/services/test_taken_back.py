"""Keys that are revoked back to a theft, with what was said and admitted with them."""

import pytest

from registry_tool.core import layout
from registry_tool.core.names import Wanted, parse_artifact
from registry_tool.core.published import events_at
from registry_tool.core.release import Status
from registry_tool.core.standing import authorities_at, government_at
from registry_tool.core.status import read_events, status_of
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import walk
from registry_tool.services import governing_edits as edits
from registry_tool.services.acts import Deed, acts_of
from registry_tool.services.governing import draft
from registry_tool.services.keyrings import revoke, rotate, statuses
from registry_tool.services.lifecycle import land, prepare
from registry_tool.services.moderator import approve
from registry_tool.signing.ed25519 import check
from tests.proving import refusal
from tests.services.office import LINKS, Office, an_office, verified, with_links
from tests.services.test_governing import change, end_of, key_of, reference, signed, three
from tests.services.test_keyrings import landed, release, signing
from tests.sites import committed

pytestmark = pytest.mark.slow

NAME = parse_artifact(LINKS)


def status(office: Office) -> Status:
    """What the events of 1.0.0 come to."""
    government = government_at(office.tip, registry=office.registry.id, check=check)
    authorities = authorities_at(office.tip, government, "ann", check=check)
    sources = events_at(office.tip, NAME, "1.0.0")
    return status_of(read_events(sources, artifact=LINKS, version="1.0.0", authorities=authorities, check=check))


def deed(action: str, reason: str) -> Deed:
    return Deed(action, (Wanted(NAME, "1.0.0"),), reason, "so it is", "", None)


def by_moderator(office: Office, action: str, reason: str, who: str = "zoe") -> None:
    """A moderator says something of 1.0.0."""
    land(office.bench(who), deed(action, reason))


def yanked(office: Office) -> None:
    """Ann yanks 1.0.0, and it lands."""
    made = deed("yank", "broken")
    prepared = prepare(office.tip, made, acts_of(office.tip, made, desk=office.desk()), desk=office.desk())
    office.push(prepared.files, branch=prepared.branch)
    approve(office.bench(), prepared.id, note="")


def test_a_thiefs_quarantine_falls_with_the_key() -> None:
    """It is listed before anybody signs, nobody is kept from revoking, and who means it says it again."""
    office = three()
    since = from_seconds(office.tick())
    by_moderator(office, "quarantine", "suspected-malware")
    made = change(office, end_of(office, "zoe", since))
    before = status(office)
    signed(office, "eva")
    after = status(office)
    by_moderator(office, "quarantine", "suspected-malware", who="eva")

    assert [f"{LINKS}@1.0.0 event 1"] == [one["event"] for one in made["events_fall"]]
    assert ("quarantined", "active", "quarantined") == (before, after, status(office))
    assert [] == made["events_stand"]


def test_what_a_moderator_said_before_the_theft_stands() -> None:
    """And is listed as such; a restore after it falls, so the quarantine stands again."""
    office = three()
    by_moderator(office, "quarantine", "suspected-malware")
    since = from_seconds(office.tick())
    by_moderator(office, "restore", "cleared")
    made = change(office, end_of(office, "zoe", since))
    signed(office, "eva")

    assert [f"{LINKS}@1.0.0 event 1"] == [one["event"] for one in made["events_stand"]]
    assert [f"registry restore {LINKS}@1.0.0 --event 1"] == [one["again"] for one in made["events_fall"]]
    assert "quarantined" == status(office)


def test_a_void_event_is_lifted_by_nobody() -> None:
    """Nothing stands that could be lifted, and it falls no second time when an earlier theft is found out."""
    office = three()
    earlier = from_seconds(office.tick())
    since = from_seconds(office.tick())
    by_moderator(office, "quarantine", "suspected-malware")
    end = edits.end(reference(office, "zoe"), status="retired", since=since, reason="left")
    change(office, end)
    signed(office, "eva")
    again = draft(office.bench(), office.tip, end_of(office, "zoe", earlier))

    assert (5, "nothing-to-lift") == refusal(lambda: by_moderator(office, "restore", "cleared", who="eva"))
    assert ((), ()) == (again.standing.events.fall, again.standing.events.stand)


def test_a_withholding_whose_files_are_gone_falls_only_when_they_are_back() -> None:
    """Else the registry could not be built any more."""
    office = three()
    since = from_seconds(office.tick())
    by_moderator(office, "withhold", "copyright")
    made = draft(office.bench(), office.tip, end_of(office, "zoe", since))
    manifest = verified(office).manifest
    gone = {layout.blob_path(NAME, file.sha256) for file in manifest.files}  # type: ignore[arg-type]  # a digest
    left = {path: office.tip.read(path) or b"" for path, _ in walk(office.tip) if path not in gone}
    assert [f"{LINKS}@1.0.0 event 1"] == [one.what for one in made.standing.events.fall]
    office.history = committed(left, at=office.now)
    assert (5, "files-gone") == refusal(lambda: draft(office.bench(), office.tip, end_of(office, "zoe", since)))


def test_a_thiefs_yank_falls_with_the_key() -> None:
    """The keyring lists it, a moderator agrees, and the release installs again."""
    office = with_links(an_office())
    since = from_seconds(office.tick())
    yanked(office)
    step = revoke(office.tip, "ann", signing(office), since=since, reason="stolen", desk=office.desk())
    before = status(office)
    done = landed(office, step)

    assert [f"{LINKS}@1.0.0 event 1"] == [one["event"] for one in step.value()["events_fall"]]
    assert [] == step.value()["events_stand"]
    assert ((), 1) == (step.takes_back, len(done["countersigned"]))
    assert ("yanked", "active") == (before, status(office))


def test_a_yank_before_the_theft_stands() -> None:
    """It is listed as what still counts, and a moderator is asked for nothing."""
    office = with_links(an_office())
    yanked(office)
    step = revoke(office.tip, "ann", signing(office), since="", reason="stolen", desk=office.desk())

    assert [f"{LINKS}@1.0.0 event 1"] == [one["event"] for one in step.value()["events_stand"]]
    assert ([], "yanked") == (landed(office, step)["countersigned"], status(office))


def test_a_rotated_key_is_revoked_afterwards() -> None:
    """People rotate first, and find out then since when it was stolen; a moderator agrees to that."""
    office = with_links(an_office())
    since = release(office, "1.1.0")
    old = signing(office)
    landed(office, rotate(office.tip, "ann", use="signing", old="", desk=office.desk()))
    retired = statuses(office.tip, "ann")[old]
    late = from_seconds(office.now + 60)

    assert (1, "bad-since") == refusal(
        lambda: revoke(office.tip, "ann", old, since=late, reason="stolen", desk=office.desk())
    )
    step = revoke(office.tip, "ann", old, since=since, reason="stolen", desk=office.desk())
    done = landed(office, step)
    assert (("retired", "revoked"), (f"{LINKS}@1.1.0",), 1) == (
        (retired, statuses(office.tip, "ann")[old]),
        step.takes_back,
        len(done["countersigned"]),
    )
    assert "1.0.0" == verified(office).manifest.version
    assert (4, "not-signed") == refusal(lambda: verified(office, "1.1.0"))
    assert (5, "key-ended") == refusal(
        lambda: revoke(office.tip, "ann", old, since=since, reason="stolen", desk=office.desk())
    )


def test_a_rotated_key_is_revoked_from_when_it_retired_by_default() -> None:
    """That takes nothing back, and takes a moderator all the same: what had ended is changed."""
    office = with_links(an_office())
    old = signing(office)
    landed(office, rotate(office.tip, "ann", use="signing", old="", desk=office.desk()))
    step = revoke(office.tip, "ann", old, since="", reason="stolen", desk=office.desk())

    assert ((), False, 1) == (step.takes_back, step.makes_keys, len(landed(office, step)["countersigned"]))


@pytest.mark.parametrize("who", ["gate", "zoe"])
def test_a_retired_moderators_or_gate_key_is_revoked_afterwards(who: str) -> None:
    """With an earlier `since`; the same rows go no other way."""
    office = three()
    earlier = from_seconds(office.tick())
    since = from_seconds(office.tick())
    if who == "gate":
        for name in ("gate", "gate 2"):
            change(office, edits.gate(key_of(office, name), since=since, reason="new"))
            signed(office, "eva")
    else:
        change(office, edits.end(reference(office, "zoe"), status="retired", since=since, reason="left"))
        signed(office, "eva")
    change(office, end_of(office, who, earlier))

    assert "published" == signed(office, "eva")["state"]
    assert (5, "key-ended") == refusal(lambda: draft(office.bench(), office.tip, end_of(office, who, earlier)))
