"""Who governs a registry, and how that changes."""

from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.keys import k16, key_text
from registry_tool.core.standing import government_at, heads_at
from registry_tool.core.statements import Moderators
from registry_tool.core.times import from_seconds
from registry_tool.services import governing_edits as edits
from registry_tool.services.bench import TRIES, Bench, me
from registry_tool.services.governing import Draft, draft, drop, key_statuses, overview, send, sign, waiting
from registry_tool.services.governing_edits import Edit
from registry_tool.services.moderator import approve, queue
from registry_tool.signing.ed25519 import check
from tests.proving import refusal
from tests.services.office import LINKS, Office, an_office, verified, with_links
from tests.services.test_admitting import Busy

pytestmark = pytest.mark.slow


def key_of(office: Office, name: str) -> str:
    """Somebody's public key."""
    return key_text(office.registry.hand(name).key)


def reference(office: Office, name: str) -> str:
    return k16(office.registry.hand(name).key)


def change(office: Office, edit: Edit, *, by: str = "mod", **more: Any) -> dict[str, Any]:
    """Somebody begins a change."""
    return send(office.bench(by), draft(office.bench(by), office.tip, edit, **more))


def signed(office: Office, by: str, bench: Bench | None = None) -> dict[str, Any]:
    """Somebody adds a signature."""
    bench = bench or office.bench(by)
    return send(bench, sign(bench, office.tip, waiting(bench, office.tip)))


def body(office: Office) -> Moderators:
    """The newest moderators."""
    return government_at(office.tip, registry=office.registry.id, check=check).moderators.head.body


def invited(office: Office, *names: str) -> Edit:
    """Lets people in with their keys."""
    return edits.both(*(edits.invite(name, key_of(office, name), author=None) for name in names))


def three() -> Office:
    """Three people of whom two sign."""
    office = with_links(an_office())
    change(office, edits.both(invited(office, "eva", "zoe"), edits.threshold(2)))
    signed(office, "eva")
    signed(office, "zoe")
    return office


def test_one_becomes_two_of_three() -> None:
    """It lands when the last new person signed, and releases stay good without anybody signing them again."""
    office = with_links(an_office())
    began = change(office, edits.both(invited(office, "eva", "zoe"), edits.threshold(2)))
    middle = signed(office, "eva")
    there = body(office).threshold
    done = signed(office, "zoe")

    assert ("waiting", "waiting", "published") == (began["state"], middle["state"], done["state"])
    assert ["eva with", "zoe with"] == [one[:8] for one in began["missing"]]
    assert (1, 2) == (there, body(office).threshold)
    assert {} == dict(office.history.branches("invite/"))
    assert "1.0.0" == verified(office).manifest.version
    assert ["mod", "eva", "zoe"] == [one["id"] for one in overview(office.tip, check)["people"]]
    assert "active" == key_statuses(office.tip, check)[reference(office, "eva")]


def test_one_alone_cannot_pass_a_threshold_of_two() -> None:
    """The statement waits for another moderator; landed by hand it verifies nowhere."""
    office = three()
    began = change(office, edits.threshold(1))
    again = refusal(lambda: signed(office, "mod"))
    office.land(waiting(office.bench(), office.tip).files)

    assert (["1 more of the moderators eva, zoe"], (5, "approved-already")) == (began["missing"], again)
    assert (4, "not-authorised") == refusal(lambda: body(office))


def test_a_key_gives_way_to_another_of_the_same_person() -> None:
    """Somebody who is there gets another key, and the old one retires."""
    office = three()
    change(office, edits.invite("mod", key_of(office, "mod 2"), author=None))
    signed(office, "mod 2")
    signed(office, "eva")
    end = edits.end(reference(office, "mod"), status="retired", since=from_seconds(office.tick()), reason="old")
    change(office, end, by="mod 2")
    signed(office, "zoe")

    assert ["retired", "active"] == [row.status for row in body(office).people[0].keys]
    assert (3, "key-missing") == refusal(lambda: me(office.bench("mod"), office.tip))
    assert "mod" == me(office.bench("mod 2"), office.tip)[0].id


def end_of(office: Office, name: str, since: str) -> Edit:
    return edits.end(reference(office, name)[:8], status="revoked", since=since, reason="stolen")


def test_what_a_revoked_key_admitted_since_falls_and_the_rest_stands() -> None:
    """Both lists are there before anybody signs; clients then refuse exactly those that fall."""
    office = three()
    approve(office.bench("zoe"), office.publish(LINKS, "1.1.0").id, note="")
    since = from_seconds(office.tick())
    approve(office.bench("zoe"), office.publish(LINKS, "1.2.0").id, note="")
    approve(office.bench("mod"), office.publish(LINKS, "1.3.0").id, note="")
    made = draft(office.bench(), office.tip, end_of(office, "zoe", since))
    send(office.bench(), made)
    done = signed(office, "eva")

    assert ((f"{LINKS}@1.1.0",), (f"{LINKS}@1.2.0",)) == (made.standing.stand, made.standing.fall)
    assert ("published", [f"{LINKS}@1.2.0"]) == (done["state"], made.value()["fall"])
    assert ["1.0.0", "1.1.0", "1.3.0"] == [
        verified(office, version).manifest.version for version in ("1.0.0", "1.1.0", "1.3.0")
    ]
    assert (4, "not-authorised") == refusal(lambda: verified(office, "1.2.0"))


def test_what_falls_is_said_or_it_does_not_land() -> None:
    """A release that was admitted after the first signature is no silent victim."""
    office = three()
    since = from_seconds(office.tick())
    change(office, end_of(office, "zoe", since))
    approve(office.bench("zoe"), office.publish(LINKS, "1.1.0").id, note="")

    assert (5, "hits") == refusal(lambda: signed(office, "eva"))
    assert "dropped" == drop(office.bench(), office.tip)["state"]
    assert (3, "no-invitation") == refusal(lambda: drop(office.bench(), office.tip))


def test_what_fell_already_falls_no_second_time() -> None:
    """A second end lists only what it takes back itself."""
    office = three()
    since = from_seconds(office.tick())
    approve(office.bench("zoe"), office.publish(LINKS, "1.1.0").id, note="")
    change(office, end_of(office, "zoe", since))
    signed(office, "eva")
    approve(office.bench("eva"), office.publish(LINKS, "1.2.0").id, note="")
    ends = edits.both(end_of(office, "eva", since), edits.threshold(1))
    made = draft(office.bench(), office.tip, ends)

    assert ((), (f"{LINKS}@1.2.0",)) == (made.standing.stand, made.standing.fall)


def test_who_ended_admits_nothing_more() -> None:
    """A removed moderator's approval is refused where it is made, and an admission by that key where it is read."""
    office = three()
    since = from_seconds(office.tick())
    change(office, end_of(office, "zoe", since))
    signed(office, "eva")
    made = office.publish(LINKS, "1.1.0")
    at = from_seconds(office.tick())

    def backdated(registry: Any) -> None:
        registry.files.update(made.additions)
        registry.admit(LINKS, "1.1.0", by=("zoe",), at=at, compared="1.0.0")

    assert (3, "key-missing") == refusal(lambda: approve(office.bench("zoe"), made.id, note=""))
    office.land(office.evolve(backdated))
    assert (4, "not-authorised") == refusal(lambda: verified(office, "1.1.0"))


def test_the_gate_gets_another_key() -> None:
    """The old one retires."""
    office = with_links(an_office())
    for name in ("gate", "gate 2"):
        done = change(office, edits.gate(key_of(office, name), since=from_seconds(office.tick()), reason="new"))

    assert ("published", ["retired", "active"]) == (done["state"], [row.status for row in body(office).gate])
    assert ["retired", "active"] == [row["status"] for row in overview(office.tip, check)["gate"]]


def test_the_root_replaces_everybody() -> None:
    """Signed by the root's key and by whoever is let in; the ones before end."""
    office = three()
    owner = f"registry:{office.registry.id[:16]}"
    edit = edits.both(
        edits.everybody_ends(from_seconds(office.tick()), "lost"), invited(office, "eve"), edits.threshold(1)
    )

    class Rooted:
        """Root's keys beside nobody's."""

        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def every(self, whose: str, use: str) -> Any:
            return (office.registry.hand("root"),) if (whose, use) == (owner, "root") else ()

    bench = office.bench("")
    rooted = Bench(bench.history, bench.kinds, bench.checks, bench.means, Rooted(bench.keys), bench.now)
    began = send(rooted, draft(rooted, office.tip, edit, root=True))
    done = signed(office, "eve")

    assert ("waiting", "published") == (began["state"], done["state"])
    assert ["eve"] == [one.id for one in body(office).people if any(row.active for row in one.keys)]
    assert "1.0.0" == verified(office).manifest.version


def test_a_replacement_waits_for_the_root() -> None:
    """A person who lets themselves in by root still needs the root's signature."""
    office = with_links(an_office())
    edit = edits.both(edits.everybody_ends(from_seconds(office.tick()), "lost"), invited(office, "eve"))
    made = draft(office.bench("eve"), office.tip, edit, root=True)

    assert (f"1 more of the root's keys {reference(office, 'root')}",) == made.missing


@pytest.mark.parametrize(
    ("person", "key", "author", "expected"),
    [
        ("ann", "ann 2", None, (5, "reserved-author")),
        ("eva", "ann signing", None, (4, "key-used-twice")),
        ("eva", "root", None, (4, "key-used-twice")),
    ],
)
def test_nobody_is_two_people(person: str, key: str, author: str | None, expected: tuple[int, str]) -> None:
    """An author's id, an author's key and the root's key are refused before anything lands."""
    office = with_links(an_office())
    change(office, edits.invite(person, key_of(office, key), author=author))

    assert expected == refusal(lambda: signed(office, key))
    assert 1 == body(office).number


def test_an_author_moderates_under_their_own_name() -> None:
    """The statement says so, and approvals go by it."""
    office = with_links(an_office())
    change(office, edits.invite("ann", key_of(office, "ann moderates"), author="ann"))
    signed(office, "ann moderates")
    change(office, edits.invite("mod", key_of(office, "mod 2"), author="mod"))

    assert [None, "ann"] == [one.author for one in body(office).people]
    assert "mod is the author mod" in edits.differences(body(office), waiting_body(office))


def waiting_body(office: Office) -> Moderators:
    found = waiting(office.bench(), office.tip).body
    assert isinstance(found, Moderators)
    return found


def test_one_change_waits_at_a_time() -> None:
    """A second one is refused while the first waits; one that is outdated is no invitation any more."""
    office = with_links(an_office())
    change(office, invited(office, "eva"))

    assert (5, "change-waits") == refusal(lambda: change(office, invited(office, "zoe")))
    old = waiting(office.bench(), office.tip)
    change(office, edits.gate(key_of(office, "gate"), since=from_seconds(office.now), reason=""))
    assert (3, "no-invitation") == refusal(lambda: waiting(office.bench(), office.tip))
    assert {} == dict(office.history.branches("invite/"))
    assert (5, "sign-again") == refusal(lambda: send(office.bench(), old))


def test_strangers_sign_nothing() -> None:
    """Whoever is neither a moderator nor let in has no key for it, and signatures that do not hold do not count."""
    office = with_links(an_office())
    change(office, invited(office, "eva"))
    made = waiting(office.bench(), office.tip)
    forged = {layout.signature_path(made.path, k16(office.registry.hand("eva").key)): bytes(64)}
    head = office.history.branches("invite/")[made.branch]
    office.push({**made.files, **forged}, branch=made.branch, onto=head)

    assert (3, "key-missing") == refusal(lambda: signed(office, "eve"))
    assert (3, "key-missing") == refusal(lambda: draft(office.bench("eve"), office.tip, edits.threshold(1)))
    assert made.missing == waiting(office.bench(), office.tip).missing


def test_landing_starts_again_where_the_tip_moved() -> None:
    """Somebody else landed in between, so and so often."""
    office = with_links(an_office())
    made: Draft = draft(
        office.bench(), office.tip, edits.gate(key_of(office, "gate"), since="2027-01-01T00:00:00Z", reason="")
    )

    assert (5, "moved") == refusal(lambda: send(office.bench(history=Busy(office.history, TRIES)), made))
    assert "published" == send(office.bench(history=Busy(office.history, 1)), made)["state"]


def test_the_policy_changes_in_the_same_way() -> None:
    """Signed by the moderators' threshold."""
    office = three()

    def relaxed(value: dict[str, Any]) -> None:
        value["self_approval"] = True

    made = draft(office.bench(), office.tip, relaxed, subject="policy")
    send(office.bench(), made)
    bench = office.bench("eva")
    done = send(bench, sign(bench, office.tip, waiting(bench, office.tip, "policy")))

    assert ("published", True) == (
        done["state"],
        government_at(office.tip, registry=office.registry.id, check=check).policy.head.body.self_approval,
    )


def test_a_removed_moderator_backdates_nothing_into_a_submission() -> None:
    """An admission under the old number and an old time comes with no submission; whoever lands sees the newest."""
    office = three()
    before = from_seconds(office.tick())
    change(office, end_of(office, "zoe", from_seconds(office.tick())))
    old = heads_at(office.tip, ["moderators"])["moderators"].value()
    signed(office, "eva")
    made = office.publish(LINKS, "1.1.0")

    def under(value: dict[str, Any]) -> None:
        value["under"]["moderators"] = old

    def backdated(registry: Any) -> None:
        registry.files.update(made.additions)
        registry.admit(LINKS, "1.1.0", by=("zoe",), at=before, compared="1.0.0", change=under)

    files = office.evolve(backdated)
    office.push(files, branch="submit/backdated")
    found = {one.branch: one.report for one in queue(office.bench())}["submit/backdated"]

    assert "allowed-paths" in [one.check for one in found.findings if one.level == "fail"]
