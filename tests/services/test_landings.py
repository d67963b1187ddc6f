"""What the gate of the main line lets in: every landing of the tool's own verbs, and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.names import parse_artifact
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import walk
from registry_tool.services import governing_edits as edits
from registry_tool.services.bench import decision_files
from registry_tool.services.governing import draft, send, sign, waiting
from registry_tool.services.lifecycle import land
from registry_tool.services.moderator import approve, flag, queue, reject
from registry_tool.services.waiving import grant
from registry_tool.signing.tuf.offline import add_signature
from tests.builders import RegistryInMemory
from tests.building_tiers import entitle, with_tiers
from tests.checks.changes import newcomer, skill, version_path
from tests.proving import refusal
from tests.services.office import LINKS, Office, an_office, with_links
from tests.services.pushing import GOOD, by_hand, commit, landing, pushed, said
from tests.services.test_changing import TRUST_ROOT, a_root, some_targets
from tests.services.test_lifecycle import deed, submitted
from tests.services.test_recovering import asked, object_to, two_people
from tests.sites import with_targets

pytestmark = pytest.mark.slow

ID = parse_artifact(LINKS)
Deed = Callable[[Office], object]


def first(office: Office) -> object:
    return approve(office.bench(), office.publish("@bob/links", "1.0.0", author="bob").id, note="")


def update(office: Office, **said: Any) -> object:
    return approve(office.bench(), office.publish(LINKS, "1.1.0", **said).id, note="")


def rejected(office: Office) -> object:
    return reject(office.bench(), office.publish(LINKS, "1.1.0").id, reason="quality", note="no")


def rejected_again(office: Office) -> object:
    rejected(office)
    return rejected(office)


def quarantined(office: Office) -> object:
    return land(office.bench(), deed("quarantine"))


def yanked(office: Office) -> object:
    return approve(office.bench(), submitted(office, deed("yank")).id, note="")


def flagged(office: Office) -> object:
    return flag(office.bench(), office.publish(LINKS, "1.1.0").id, reason="other", note="look again")


def waived(office: Office) -> object:
    until = from_seconds(office.now + 86_400)
    office.push(office.evolve(lambda r: skill(r, "1.1.0", {"README.md": b"a" * 600_000})))
    (waiting,) = queue(office.bench())
    return grant(office.bench(), "sizes", waiting.change.submission, until=until, reason="a long story")


LANDINGS: Mapping[str, Deed] = {
    "a first submission": first,
    "an update": update,
    "a rejection": rejected,
    "two rejections": rejected_again,
    "a quarantine": quarantined,
    "a yank": yanked,
    "a flag": flagged,
    "a waiver": waived,
}


@pytest.mark.parametrize("what", LANDINGS)
def test_what_a_verb_lands_may_be_pushed(what: str) -> None:
    """The commits of a verb go through as they are, one or several at once."""
    office = with_links(an_office())

    assert GOOD == pushed(office, landing(office, lambda: LANDINGS[what](office)))


def test_a_tier_that_is_given_may_be_pushed() -> None:
    """The next statement about its holder, signed by a moderator now."""
    office = with_links(an_office())
    office.land(office.evolve(with_tiers))
    given = by_hand(office, lambda r: entitle(r, at=r.now(), until="2027-12-31T00:00:00Z"))

    assert GOOD == pushed(office, given)


def test_two_people_approve_by_pushing() -> None:
    """The first one's approval is a landing of its own, and the second one's admission another."""
    office = an_office("mod", "two", count=2, new_name=2, gain=2)
    made = office.publish(LINKS, "1.0.0")
    for person in ("mod", "two"):
        new = landing(office, lambda person=person: approve(office.bench(person), made.id, note=""))  # type: ignore[misc]

        assert GOOD == pushed(office, new)
        office.history.move("main", old=office.commit, new=new)


def test_several_landings_are_pushed_at_once() -> None:
    """Each is looked at on the one before it, and the newest is what the branch moves to."""
    office = with_links(an_office())

    def both() -> None:
        update(office)
        quarantined(office)

    assert GOOD == pushed(office, landing(office, both))


def test_a_release_that_was_merged_by_hand_is_admitted() -> None:
    """Its admission comes alone, and says what any admission says; in a registry that had no gate it can happen."""
    office = with_links(an_office())
    office.land(office.prepared(LINKS, "1.1.0").additions)
    admitted = [by_hand(office, lambda r, one=one: r.admit(LINKS, "1.1.0", compared=one)) for one in ("1.0.0", None)]  # type: ignore[misc]

    assert [GOOD, [(4, "bad-comparison")]] == [pushed(office, one) for one in admitted]


def test_statements_that_were_merged_by_hand_are_countersigned() -> None:
    """The signatures come alone, all of those that are missing; a second one is a stranger's."""
    office = with_links(an_office())
    office.land(office.evolve(newcomer))
    papers = "index/authors/bo/bob/keys/1.json", "index/scopes/bo/bob/1.json"

    def sign_them(registry: RegistryInMemory) -> None:
        for path in papers:
            registry.sign(path, ("mod",))

    def with_more(registry: RegistryInMemory) -> None:
        sign_them(registry)
        skill(registry, "1.1.0")

    both, with_release = by_hand(office, sign_them), by_hand(office, with_more)

    assert [GOOD, [(4, "mixed-landing")]] == [pushed(office, one) for one in (both, with_release)]
    office.history.move("main", old=office.commit, new=both)
    office.land(office.evolve(lambda r: r.moderators({"mod": None, "eva": None}, under=(), by=("mod", "eva"))))
    assert [(4, "stray-file")] == pushed(office, by_hand(office, lambda r: r.sign(papers[0], ("eva",))))


def test_the_gate_lands_no_update_that_only_a_key_signed_or_that_somebody_flagged() -> None:
    """It gains nothing, and still takes a person: nothing but a key says whose it is, and then somebody flagged it."""
    office = with_links(an_office(gate_releases="owner-updates"))
    office.land(office.evolve(lambda r: r.moderators({"mod": None}, gate=("gate",), under=(), by=("mod",))))
    made = office.publish(LINKS, "1.1.0")
    update = by_hand(office, lambda r: _admitted_by_gate(r, made.additions))
    assert [(5, "not-as-needed")] == pushed(office, update)
    flag(office.bench(), made.id, reason="other", note="wait")

    assert [(5, "flagged")] == pushed(office, by_hand(office, lambda r: _admitted_by_gate(r, made.additions)))


def _admitted_by_gate(registry: RegistryInMemory, additions: Mapping[str, bytes]) -> None:
    registry.files.update(additions)
    registry.admit(LINKS, "1.1.0", compared="1.0.0", path="owner", by=("gate",))


def test_an_objection_keeps_a_release_out() -> None:
    """Whoever approved it all the same: the last word about it is an objection."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    (change,) = (one.change for one in queue(office.bench()))
    new = landing(office, lambda: approve(office.bench(), made.id, note=""))
    signer = office.registry.hand("mod")
    files = decision_files(change, office.tip, signer, action="objection", reason="other", note="no", at=office.tick())
    objected = commit(office, files)
    assert GOOD == pushed(office, objected)
    office.history.move("main", old=office.commit, new=objected)
    added = {path: data for path, data in files_of(office, new).items() if office.tip.read(path) is None}

    assert [(5, "objection")] == pushed(office, commit(office, added))


def files_of(office: Office, commit: str) -> dict[str, bytes]:
    tree = office.history.tree(commit)
    return {path: tree.read(path) or b"" for path, _ in walk(tree)}


def test_a_change_of_moderators_is_pushed() -> None:
    """One person lets another in, who signs; both together land."""
    office = with_links(an_office())
    key = office.registry.row("eva")["key"]
    send(office.bench(), draft(office.bench(), office.tip, edits.invite("eva", key, author=None)))
    bench = office.bench("eva")
    new = landing(office, lambda: send(bench, sign(bench, office.tip, waiting(bench, office.tip))))

    assert GOOD == pushed(office, new)


@pytest.mark.parametrize("objecting", [False, True])
def test_each_step_of_a_recovery_is_pushed(objecting: bool) -> None:
    """Notice, objection and the last signature land as they are; what waits in between is no landing."""
    office = two_people()
    step = asked(office)
    if objecting:
        object_to(office, step)
        new = landing(office, lambda: refusal(lambda: approve(office.bench("mod"), step.id, note="")))

        assert GOOD == pushed(office, new)
        return
    notice = landing(office, lambda: approve(office.bench("mod"), step.id, note=""))
    assert GOOD == pushed(office, notice)
    office.history.move("main", old=office.commit, new=notice)
    office.now += 30 * 86_400
    approve(office.bench("mod"), step.id, note="")
    ((branch, head),) = office.history.branches("invite/").items()
    assert GOOD == said(office, f"refs/heads/{branch}", head)
    recovered = landing(office, lambda: approve(office.bench("two"), step.id, note=""))

    assert GOOD == pushed(office, recovered)


def grounded() -> Office:
    """A registry with targets."""
    registry = RegistryInMemory(demo=False)
    registry.root()
    registry.moderators({"mod": None})
    registry.policy()
    return Office(with_targets(registry))


def ground(office: Office, *, root: bool = True, targets: int = 2, trusted: bool = True) -> dict[str, bytes]:
    """The next root, the next targets, and the trust root that these list."""
    hands = office.registry.hand("root"), office.registry.hand("targets")
    files = {}
    if root:
        files[layout.root_path(2)] = add_signature(a_root(office.registry), hands[0])
    text = some_targets(office.registry, version=targets, trusted_root=TRUST_ROOT if trusted else None)
    files[layout.targets_path(targets)] = add_signature(text, hands[1])
    return {**files, **({layout.trusted_root_path(sha256(TRUST_ROOT)): TRUST_ROOT} if trusted else {})}


@pytest.mark.parametrize("more", [{}, {"root": False}, {"trusted": False}])
def test_what_people_signed_offline_is_pushed(more: dict[str, Any]) -> None:
    """Root and targets, targets alone, with a sigstore trust root and without."""
    office = grounded()

    assert GOOD == pushed(office, commit(office, ground(office, **more)))


def junk_beside(office: Office) -> dict[str, bytes]:
    return {**ground(office), layout.trusted_root_path(sha256(b"x")): b"x"}


def half_signed(office: Office) -> dict[str, bytes]:
    return {layout.root_path(2): a_root(office.registry)}


GROUND: Mapping[str, tuple[Callable[[Office], dict[str, bytes]], tuple[int, str]]] = {
    "a root that nobody signed": (half_signed, (5, "half-signed")),
    "a number left out": (lambda office: ground(office, root=False, targets=3), (1, "empty-change")),
    "two trust roots": (junk_beside, (1, "bad-digest")),
    "no root at all": (lambda office: {layout.root_path(2): b"{}"}, (1, "invalid-document")),
    "a trust root alone": (lambda office: {layout.trusted_root_path(sha256(b"x")): b"x"}, (1, "empty-change")),
    "the root after the next": (
        lambda office: {**ground(office), layout.root_path(3): b"{}"},
        (4, "stray-file"),
    ),
    "a root and a release": (
        lambda office: {**ground(office), f"{version_path('1.0.0')}/release.json": b"{}"},
        (4, "mixed-landing"),
    ),
}


@pytest.mark.parametrize("what", GROUND)
def test_another_root_or_targets_is_refused(what: str) -> None:
    """Signed by too few, out of order, or with something else beside it."""
    make, expected = GROUND[what]
    office = grounded()

    assert [expected] == pushed(office, commit(office, make(office)))


def withheld(office: Office) -> Office:
    """The same, and the release's files may go."""
    land(office.bench(), deed("withhold"))
    return office


def blob(data: bytes) -> str:
    return layout.blob_path(ID, sha256(data))


GONE = b"MIT License\n"


def test_withheld_files_go_and_come_back() -> None:
    """Their deletion is pushed, then their return, and then the end of the withholding; not before."""
    office = withheld(with_links(an_office()))
    gone = commit(office, {}, removals=frozenset([blob(GONE)]))
    assert GOOD == pushed(office, gone)
    office.history.move("main", old=office.commit, new=gone)
    back = commit(office, {blob(GONE): GONE})
    lifted = by_hand(office, lift)

    assert (GOOD, [(1, "blob-missing")]) == (pushed(office, back), pushed(office, lifted))
    office.history.move("main", old=office.commit, new=back)
    assert GOOD == pushed(office, by_hand(office, lift))


def lift(registry: RegistryInMemory) -> None:
    first = sha256(registry.files[f"{version_path('1.0.0')}/events/1.json"])
    registry.event(LINKS, "1.0.0", "restore", lifts=f"sha256:{first}", by=("mod",))
