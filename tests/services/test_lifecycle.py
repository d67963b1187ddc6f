"""What becomes of releases: who may say it, where it goes, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.errors import InvalidInput, RegistryError
from registry_tool.core.names import Wanted, parse_artifact, parse_wanted
from registry_tool.core.published import events_at, hinted_standing
from registry_tool.core.standing import authorities_at, government_at
from registry_tool.core.status import read_events, status_of
from registry_tool.services.acts import Deed, acts_of, untold, versions_of
from registry_tool.services.author import signature_of
from registry_tool.services.lifecycle import Submission, land, prepare
from registry_tool.services.moderator import approve, queue
from registry_tool.signing.ed25519 import check
from tests.services.office import LINKS, MEANS, Office, an_office, with_links

pytestmark = pytest.mark.slow

ID = parse_artifact(LINKS)


@pytest.fixture
def office() -> Office:
    """A registry with `@ann/links` 1.0.0, one moderator who publishes nothing, and ann at her desk."""
    return with_links(an_office())


def deed(action: str, *releases: str, reason: str = "", **more: Any) -> Deed:
    reasons = {"restore": "cleared", "withhold": "copyright", "quarantine": "reported", "revoke": "malware"}
    wanted = tuple(parse_wanted(one) for one in releases or (f"{LINKS}@1.0.0",))
    return Deed(action, wanted, reason or reasons.get(action, "security"), "read this", **more)


def submitted(office: Office, wanted: Deed) -> Submission:
    """A publisher's deed, on its branch."""
    desk = office.desk()
    acts = acts_of(office.tip, wanted, desk=desk)
    made = prepare(office.tip, wanted, acts, desk=desk)
    commit = office.history.commit(
        made.files, onto=office.commit, message="x\n", author=signature_of(made.author), at=office.tick()
    )
    office.history.move(made.branch, old=None, new=commit)
    return made


def done(office: Office, action: str, *releases: str, **more: Any) -> None:
    """A deed, as far as it goes: a publisher's is approved."""
    if action in ("yank", "deprecate") or more.pop("publisher", False):
        approve(office.bench(), submitted(office, deed(action, *releases, **more)).id, note="")
    else:
        land(office.bench(), deed(action, *releases, **more))


def status(office: Office, version: str = "1.0.0") -> str:
    """The verified status of a release of the main line."""
    government = government_at(office.tip, registry=office.registry.id, check=check)
    authorities = authorities_at(office.tip, government, "ann", check=check)
    sources = events_at(office.tip, ID, version)
    return status_of(read_events(sources, artifact=LINKS, version=version, authorities=authorities, check=check))


def refused(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(RegistryError) as found:
        call()
    return found.value.exit_code, found.value.code


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("yank", "yanked"),
        ("deprecate", "deprecated"),
        ("quarantine", "quarantined"),
        ("revoke", "revoked"),
        ("withhold", "withheld"),
    ],
)
def test_what_is_said_lands_and_can_be_lifted(office: Office, action: str, expected: str) -> None:
    """After each deed clients see its status with reason and note, and after a restore what was before."""
    done(office, action)
    standing = hinted_standing(events_at(office.tip, ID, "1.0.0"))

    assert expected == status(office)
    assert ("read this", 1) == (standing.note, standing.number)

    done(office, "restore", publisher=action in ("yank", "deprecate"))
    assert "active" == status(office)


def test_a_publishers_word_waits_and_a_moderators_does_not(office: Office) -> None:
    """A yank waits in the queue, told in words, and needs no countersignature; a quarantine needs nobody else."""
    made = submitted(office, deed("yank"))
    waiting = queue(office.bench())

    assert [made.id] == [one.change.submission for one in waiting]
    assert (["yanks @ann/links@1.0.0 (security): 'read this'"], "active") == (
        waiting[0].value()["statements"],
        status(office),
    )
    landed = approve(office.bench(), made.id, note="")
    assert (("published", []), "yanked") == ((landed["state"], landed["countersigned"]), status(office))

    value = land(office.bench(), deed("quarantine"))
    assert ("landed", "mod", "quarantined") == (value["state"], value["by"], status(office))
    assert () == queue(office.bench())


def test_several_versions_go_together_or_not_at_all(office: Office) -> None:
    """Two versions are said in one commit; where one of them cannot be, neither is."""
    approve(office.bench(), office.publish(LINKS, "1.1.0", {"more.md": b"x\n"}).id, note="")
    both = (f"{LINKS}@1.0.0", f"{LINKS}@1.1.0")

    assert (3, "no-version") == refused(lambda: land(office.bench(), deed("revoke", both[0], f"{LINKS}@9.0.0")))
    assert ["active", "active"] == [status(office, one) for one in ("1.0.0", "1.1.0")]
    before = office.commit
    land(office.bench(), deed("revoke", *both))
    assert ["revoked", "revoked"] == [status(office, one) for one in ("1.0.0", "1.1.0")]
    assert (before,) == office.history.info(office.commit).parents


def test_all_versions_are_those_of_which_it_is_not_said(office: Office) -> None:
    """Every admitted version counts, also one that only waits for nothing else; those told already do not."""
    approve(office.bench(), office.publish(LINKS, "1.1.0", {"more.md": b"x\n"}).id, note="")
    land(office.bench(), deed("revoke"))
    every = versions_of(office.tip, ID)

    assert (Wanted(ID, "1.0.0"), Wanted(ID, "1.1.0")) == every
    assert (Wanted(ID, "1.1.0"),) == untold(office.tip, every, "revoke", means=MEANS)
    assert every == untold(office.tip, every, "withhold", means=MEANS)
    assert (3, "no-artifact") == refused(lambda: versions_of(office.tip, parse_artifact("@ann/none")))


def test_a_restore_lifts_the_gravest_that_the_person_may(office: Office) -> None:
    """With yank and quarantine on it ann lifts the yank, the moderator the quarantine, in any order."""
    done(office, "yank")
    done(office, "deprecate")
    done(office, "quarantine")

    done(office, "restore", publisher=True)
    assert "quarantined" == status(office)
    done(office, "restore")
    assert "deprecated" == status(office)


def test_a_person_who_is_both_signs_as_what_the_action_asks_for() -> None:
    """Ann, who is a moderator too, yanks by her signing key and quarantines by her moderator's key."""
    office = an_office("ann", author_of={"ann": "ann"}, self_approval=True)
    approve(office.bench("ann"), office.publish(LINKS, "1.0.0").id, note="")
    office.cabinet._moderator = "ann"
    desk = office.desk()

    yank, quarantine = (acts_of(office.tip, deed(one), desk=desk)[0] for one in ("yank", "quarantine"))
    assert ("ann", None) == (yank.author, yank.person)
    assert ("", "ann") == (quarantine.author, quarantine.person and quarantine.person.id)


def stranger(office: Office) -> Office:
    """Eve's machine: she has keys, and publishes elsewhere."""
    office.author = "eve"
    office.cabinet = type(office.cabinet)(office.registry, authors=("eve",))
    return office


def yanked(office: Office) -> Office:
    done(office, "yank")
    return office


def revoked(office: Office) -> Office:
    done(office, "revoke")
    return office


def lifted(office: Office) -> Office:
    done(office, "restore", publisher=True)
    return office


@pytest.mark.parametrize(
    ("before", "wanted", "expected"),
    [
        (stranger, deed("yank"), (4, "not-a-publisher")),
        (stranger, deed("yank", who="eve"), (4, "not-a-publisher")),
        (stranger, deed("yank", who="ann"), (3, "key-missing")),
        (lambda o: o, deed("yank", who="eve"), (4, "not-a-publisher")),
        (lambda o: o, deed("revoke"), (4, "not-a-moderator")),
        (lambda o: o, deed("quarantine"), (4, "not-a-moderator")),
        (lambda o: o, deed("withhold"), (4, "not-a-moderator")),
        (revoked, deed("restore"), (4, "not-a-moderator")),
        (revoked, deed("restore", event=1), (4, "not-a-moderator")),
        (lambda o: stranger(yanked(o)), deed("restore"), (4, "not-a-publisher")),
        (yanked, deed("restore", event=7), (3, "no-event")),
        (lambda o: lifted(yanked(o)), deed("restore", event=1), (5, "lifted")),
        (lambda o: lifted(yanked(o)), deed("restore", event=2), (5, "lifted")),
        (lambda o: o, deed("restore"), (5, "nothing-to-lift")),
        (yanked, deed("yank"), (5, "already")),
        (lambda o: o, deed("yank", reason="malware"), (2, "bad-reason")),
        (lambda o: o, deed("yank", f"{LINKS}@1.0.0+build"), (3, "no-version")),
        (lambda o: o, deed("yank", "@ann/none@1.0.0"), (3, "no-artifact")),
        (lambda o: o, deed("yank", LINKS), (2, "needs-version")),
    ],
)
def test_what_an_author_may_not_say_is_refused(
    office: Office, before: Callable[[Office], Office], wanted: Deed, expected: tuple[int, str]
) -> None:
    """Strangers, authors who would revoke or lift a revocation, and what is not there: nothing is signed."""
    there = before(office)

    assert expected == refused(lambda: acts_of(there.tip, wanted, desk=there.desk()))


def test_a_refusal_says_who_may(office: Office) -> None:
    """The message names the people who may do it, and the hint what this person can do instead."""
    with pytest.raises(RegistryError, match="to revoke a release, and to lift that, is for a moderator: mod") as author:
        acts_of(office.tip, deed("revoke"), desk=office.desk())
    with pytest.raises(RegistryError, match="is for ann, and nobody who publishes in @ann is here") as moderator:
        land(office.bench(), deed("yank"))

    assert ("an owner or member may yank it: registry yank", "a moderator may quarantine it: registry quarantine") == (
        author.value.hint,
        moderator.value.hint,
    )


def test_a_moderator_does_not_do_what_is_a_publishers(office: Office) -> None:
    """A moderator cannot land a yank or lift one at once, nor act under somebody else's name."""
    office.cabinet._moderator = "mod"
    bench = type(office.bench())(office.history, office.bench().kinds, (), MEANS, office.cabinet, office.tick)

    assert (4, "not-a-moderator") == refused(lambda: land(bench, deed("yank")))
    assert (4, "not-a-moderator") == refused(lambda: land(bench, deed("revoke", who="bob")))
    done(office, "yank")
    assert (4, "not-a-publisher") == refused(lambda: land(office.bench(), deed("restore")))


def test_one_person_signs_everything_that_one_command_says(office: Office) -> None:
    """A restore that would need an author for one version and a moderator for another is told to be two."""
    approve(office.bench(), office.publish(LINKS, "1.1.0", {"more.md": b"x\n"}).id, note="")
    done(office, "yank")
    done(office, "quarantine", f"{LINKS}@1.1.0")
    office.cabinet._moderator = "mod"
    both = deed("restore", f"{LINKS}@1.0.0", f"{LINKS}@1.1.0")

    assert (2, "several-people") == refused(lambda: acts_of(office.tip, both, desk=office.desk()))


def test_two_authors_on_one_machine_say_who_they_are(office: Office) -> None:
    """Where an owner's and a member's keys are both there, `--as` decides."""
    office.land(office.evolve(bob_joins))
    office.cabinet.make("bob", "signing")

    assert (2, "needs-author") == refused(lambda: acts_of(office.tip, deed("yank"), desk=office.desk()))
    chosen = acts_of(office.tip, deed("yank", who="bob"), desk=office.desk())
    assert ["bob"] == [act.author for act in chosen]


def bob_joins(registry: Any) -> None:  # Any: a registry in memory
    registry.keyring("bob")
    registry.scope("ann", owners=["ann"], members=["bob"])


def test_an_end_of_files_is_known_before_a_restore(office: Office) -> None:
    """A withholding is not lifted while the files are gone, since nothing could be built then."""
    land(office.bench(), deed("withhold"))
    blobs = [
        path for path in office.files() if f"{layout.name_folder(ID)}/blobs/" in path and not _beside(office, path)
    ]
    commit = office.history.commit(
        {}, onto=office.commit, message="gone\n", author=signature_of("op"), at=1, removals=frozenset(blobs)
    )
    office.history.move("main", old=office.commit, new=commit)

    assert (5, "files-gone") == refused(lambda: land(office.bench(), deed("restore")))


def _beside(office: Office, path: str) -> bool:
    """Whether a blob is the manifest, or a signature of it."""
    return "." in path.rpartition("/")[2] or any(other.startswith(f"{path}.") for other in office.files())


def test_a_clock_that_is_behind_signs_nothing(office: Office) -> None:
    """An event is never older than what it is about."""
    office.now = 1_000_000_000

    assert (5, "clock-behind") == refused(lambda: land(office.bench(), deed("revoke")))


def test_what_the_queue_would_refuse_is_not_submitted(office: Office) -> None:
    """The same checks run before a submission goes out: here somebody else's event landed first."""
    desk, wanted = office.desk(), deed("deprecate")
    acts = acts_of(office.tip, wanted, desk=desk)
    done(office, "yank")

    with pytest.raises(InvalidInput) as found:
        prepare(office.tip, wanted, acts, desk=desk)
    assert "checks-failed" == found.value.code


class Late:
    """A history in which somebody else lands each time before this person does; all else is the real one's."""

    def __init__(self, office: Office, times: int) -> None:
        self._office, self._times = office, times

    def __getattr__(self, name: str) -> Any:  # Any: whatever the real history has
        return getattr(self._office.history, name)

    def move(self, branch: str, *, old: str | None, new: str | None) -> None:
        """Moves the branch, once somebody else was faster often enough."""
        if self._times:
            self._times -= 1
            self._office.land({"README.md": str(self._times).encode()})
        self._office.history.move(branch, old=old, new=new)


@pytest.mark.parametrize(("times", "expected"), [(1, "revoked"), (4, "revoked"), (5, "active")])
def test_landing_begins_anew_where_somebody_was_faster(office: Office, times: int, expected: str) -> None:
    """It is tried five times; after that it is told, and nothing has changed."""
    late: Any = Late(office, times)  # Any: a History, by delegation
    bench = office.bench(history=late)

    if expected == "active":
        assert (5, "moved") == refused(lambda: land(bench, deed("revoke")))
    else:
        assert "landed" == land(bench, deed("revoke"))["state"]
    assert expected == status(office)
