"""What may be pushed to the branches on which something waits."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.keys import k16, key_text
from registry_tool.core.pushes import Update
from registry_tool.core.waiting import WAITLIST
from registry_tool.services import governing_edits as edits
from registry_tool.services.governing import draft
from registry_tool.services.queueing import queue
from registry_tool.services.receiving import SIGNATURES, received, submitted
from registry_tool.services.recovering import objection_branch
from registry_tool.services.waitlist import first_seen, key_of
from tests.checks.changes import newcomer, skill, version_path
from tests.services.office import LINKS, Office, an_office, with_links
from tests.services.pushing import GOOD, SUBMISSION, Build, both, by_hand, commit, merge, said, said_by
from tests.services.test_recovering import asked, object_to, two_people

pytestmark = pytest.mark.slow

HEADS = "refs/heads/"


def submission(office: Office, version: str = "1.1.0", **said: Any) -> tuple[str, str]:
    """A good submission that nobody pushed yet: its ref and its commit."""
    made = office.prepared(LINKS, version, **said)
    return HEADS + made.branch, commit(office, made.additions)


def test_a_good_submission_is_taken() -> None:
    """Made, put anew on another state, and taken away again; the first one of an author too."""
    office = an_office()
    first_ref, first = submission(office, "1.0.0")
    assert GOOD == said(office, first_ref, first)
    with_links(office)
    ref, new = submission(office)
    elsewhere = commit(office, office.prepared(LINKS, "1.1.0").additions, onto=new)

    assert [GOOD] * 3 == [said(office, ref, new), said(office, ref, elsewhere, new), said(office, ref, None, new)]


def test_an_old_base_is_as_good_as_a_new_one() -> None:
    """A fork that is months behind: what counts is what it adds to the newest state."""
    office = an_office()
    founded = office.commit
    with_links(office)
    made = office.prepared(LINKS, "1.1.0")

    assert GOOD == said(office, HEADS + made.branch, commit(office, made.additions, onto=founded))


def test_a_merge_is_read_as_what_it_comes_to() -> None:
    """Changes that only the merge itself makes are seen, whatever its parents say."""
    office = with_links(an_office())
    made = office.prepared(LINKS, "1.1.0")
    branch = commit(office, {})
    good = merge(office, made.additions, branch)
    evil = merge(office, {**made.additions, "index/policy/2.json": b"{}"}, good)

    assert [GOOD, [(1, "checks-failed")]] == [said(office, HEADS + made.branch, one) for one in (good, evil)]


def test_what_moved_on_is_submitted_anew() -> None:
    """What landed meanwhile is nothing to submit, and the name says what is left of it."""
    office = an_office()
    ref, new = submission(office, "1.0.0")
    with_links(office)
    office.author = "bob"
    other = office.prepared("@bob/links", "1.0.0")

    assert [(5, "landed")] == said(office, ref, commit(office, {}, onto=new))
    assert [(1, "bad-branch")] == said(office, HEADS + "submit/0123456789ab", commit(office, other.additions))


ADDED = f"{version_path('1.1.0')}/admission.json"
BAD: Mapping[str, Build] = {
    "an admission": lambda r: r.files.__setitem__(ADDED, b"{}"),
    "a policy": lambda r: r.policy(self_approval=True),
    "a release and a policy": both(lambda r: skill(r, "1.1.0"), lambda r: r.policy(self_approval=True)),
    "two authors": both(newcomer, lambda r: skill(r, "1.0.0", name="@bob/links"), lambda r: skill(r, "1.1.0")),
    "an edit": lambda r: r.files.__setitem__(f"{version_path('1.0.0')}/release.json", b"{}"),
    "what nobody signed": lambda r: skill(r, "1.1.0", by=()),
    "ten thousand files": lambda r: r.files.update({f"index/{number}.txt": b"" for number in range(10_000)}),
}


@pytest.mark.parametrize("what", BAD)
def test_what_the_checks_refuse_is_not_taken(what: str) -> None:
    """With the findings, as `registry check` would tell them."""
    office = with_links(an_office())
    new = by_hand(office, BAD[what])
    (refused,) = received(office.bench(), [Update(HEADS + "submit/0123456789ab", None, new)])

    assert (1, "checks-failed", True) == (refused.error.exit_code, refused.error.code, bool(refused.error.findings))


def test_what_grew_elsewhere_is_not_taken() -> None:
    """A history of its own is no submission, no statement and no objection."""
    office = an_office()
    orphan = office.history.commit({}, onto=None, message="x\n", author="eve <eve@example.org>", at=office.tick())
    refs = ("submit/0123456789ab", "invite/moderators/2", f"objection/0123456789ab/{'0' * 16}")

    assert [[(4, "no-common-history")]] * 3 == [said(office, HEADS + ref, orphan) for ref in refs]


@pytest.mark.parametrize(
    "ref",
    ["refs/tags/v1", "refs/notes/x", HEADS + "other", HEADS + "submit/short", HEADS + "registry/other", "refs/x"],
)
def test_nothing_else_is_pushed(ref: str) -> None:
    """Neither made nor moved nor taken away."""
    office = an_office()

    assert [[(5, "not-by-push")]] * 2 == [said(office, ref, office.commit), said(office, ref, None, office.commit)]


def test_each_branch_of_a_push_is_told() -> None:
    """Good ones beside bad ones are not named; git keeps none of them."""
    office = with_links(an_office())
    ref, new = submission(office)
    refused = received(office.bench(), [Update("refs/tags/a", None, new), Update(ref, None, new)])

    assert ["refs/tags/a"] == [one.ref for one in refused]


def eva(office: Office) -> dict[str, bytes]:
    """A change that lets Eva in, signed by one moderator."""
    key = key_text(office.registry.hand("eva").key)
    return draft(office.bench(), office.tip, edits.invite("eva", key, author=None)).files


def test_a_change_of_moderators_waits() -> None:
    """Signed by one of them, and put anew with each signature that comes."""
    office = with_links(an_office())
    files = eva(office)
    one = commit(office, files)
    two = commit(office, {**files, **_signed_by(office, files, "eva")})
    ref = HEADS + "invite/moderators/2"

    assert [GOOD, GOOD, GOOD] == [said(office, ref, one), said(office, ref, two, one), said(office, ref, None, two)]


def _signed_by(office: Office, files: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    (path,) = (path for path in files if path.endswith(".json"))
    signer = office.registry.hand(name)
    return {layout.signature_path(path, k16(signer.key)): signer.sign(files[path])}


def test_an_invitation_into_a_scope_waits() -> None:
    """Signed by its owner, who is no moderator; by anybody else it is nobody's."""
    office = with_links(an_office())

    def invited(by: str) -> str:
        return by_hand(
            office,
            lambda r: r.scope("ann", owners=["ann"], members=["bob"], by=(by,), under=("moderators", "authors/ann")),
        )

    ref = HEADS + "invite/scopes/ann/2"
    assert [GOOD, [(4, "not-authorised")]] == [
        said(office, ref, invited(who)) for who in ("ann control", "eve control")
    ]


def test_the_first_statement_of_a_scope_waits_for_nobody() -> None:
    """Nobody owns it yet, so there is nobody whom it concerns."""
    office = with_links(an_office())
    new = by_hand(office, lambda r: r.scope("dusk", owners=["ann"], by=("ann control",)))

    assert [(4, "not-authorised")] == said(office, HEADS + "invite/scopes/dusk/1", new)


Files = Callable[[Office], Mapping[str, bytes]]
PATH = "index/moderators/2.json"
STRAYS = {layout.signature_path(PATH, f"{number:016x}"): bytes(64) for number in range(SIGNATURES + 1)}  # type: ignore[arg-type]  # k16s
INVITED: Mapping[str, tuple[str, Files, tuple[int, str]]] = {
    "nothing": ("invite/moderators/2", lambda office: {}, (1, "empty-branch")),
    "another file": ("invite/moderators/2", lambda o: {**eva(o), "index/notes.txt": b""}, (1, "stray-file")),
    "another number": ("invite/moderators/3", eva, (1, "stray-file")),
    "another chain": ("invite/policy/2", eva, (1, "stray-file")),
    "a number out of order": ("invite/moderators/3", lambda o: {"index/moderators/3.json": b"{}"}, (5, "sign-again")),
    "something else than it says": (
        "invite/policy/2",
        lambda o: {"index/policy/2.json": o.registry.files["index/policy/1.json"]},
        (1, "other-subject"),
    ),
    "what cannot be read": ("invite/moderators/2", lambda o: {PATH: b"{}"}, (4, "other-registry")),
    "what nobody signed": ("invite/moderators/2", lambda o: {PATH: eva(o)[PATH]}, (4, "not-authorised")),
    "a signature that is none": (
        "invite/moderators/2",
        lambda o: with_signatures(o, 64),
        (4, "bad-signature"),
    ),
    "a long signature": (
        "invite/moderators/2",
        lambda o: with_signatures(o, 65),
        (1, "too-large"),
    ),
    "a long statement": ("invite/moderators/2", lambda o: {PATH: bytes(64_001)}, (1, "too-large")),
    "many signatures": ("invite/moderators/2", lambda o: {**eva(o), **STRAYS}, (1, "too-large")),
    "a name that nobody has": ("invite/authors/ab--c/1", lambda o: {}, (1, "bad-name")),
    "a device": ("invite/authors/con/1", lambda o: {}, (1, "bad-name")),
}


def with_signatures(office: Office, size: int) -> dict[str, bytes]:
    """The change with signatures of so many zeros."""
    return {path: bytes(size) if path.endswith(".sig") else data for path, data in eva(office).items()}


@pytest.mark.parametrize("what", INVITED)
def test_what_is_no_statement_on_its_way_is_refused(what: str) -> None:
    """Nobody's notes, nobody's numbers, and nothing that nobody signed."""
    branch, files, expected = INVITED[what]
    office = with_links(an_office())

    assert [expected] == said(office, HEADS + branch, commit(office, files(office)))


def test_an_objection_waits() -> None:
    """By a control key of the author whose recovery somebody asks for, under that key's name."""
    office = two_people()
    step = asked(office)
    object_to(office, step)
    ((branch, head),) = office.history.branches("objection/").items()
    ref, new = HEADS + branch, commit(office, objected(office, head, step.id))

    assert [GOOD, GOOD] == [said(office, ref, new), said(office, ref, None, new)]


def objected(office: Office, head: str, submission: str) -> dict[str, bytes]:
    """The files of an objection that waits."""
    tree, folder = office.history.tree(head), layout.moderation_folder(submission, "2027")
    return {f"{folder}/{one.name}": tree.read(f"{folder}/{one.name}") or b"" for one in tree.list(folder)}


@pytest.mark.parametrize(
    ("build", "name", "expected"),
    [
        (said_by("mod"), "mod", (4, "not-authorised")),
        (said_by("mod", action="objection"), "mod", (4, "not-authorised")),
        (said_by("mod"), "eva", (1, "stray-file")),
        (said_by(), "mod", (1, "stray-file")),
        (lambda registry: None, "mod", (1, "stray-file")),
        (said_by("mod", submission="cd" * 32), "mod", (1, "stray-file")),
        (lambda registry: registry.files.update({"index/notes.txt": b""}), "mod", (1, "stray-file")),
    ],
)
def test_what_is_no_objection_is_refused(build: Build, name: str, expected: tuple[int, str]) -> None:
    """A rejection, a moderator's word, another submission's, one without the signature that the branch names."""
    office = with_links(an_office())
    branch = objection_branch(SUBMISSION, k16(office.registry.hand(name).key))

    assert [expected] == said(office, HEADS + branch, by_hand(office, build))


QUEUE = HEADS + "registry/queue"


def remembered(office: Office) -> str:
    """The list of what waits, signed by a moderator; its commit."""
    first_seen(office.bench(), [key_of(one) for one in queue(office.bench())])
    return office.history.branches("registry/")["registry/queue"]


def test_the_list_of_what_waits_only_goes_on() -> None:
    """Made by who decides here, put anew with newer times, never with older ones, and never taken away."""
    office = with_links(an_office())
    office.publish(LINKS, "1.1.0")
    one = remembered(office)
    office.publish(LINKS, "1.2.0")
    two = remembered(office)

    assert [GOOD, GOOD] == [said(office, QUEUE, one), said(office, QUEUE, two, one)]
    assert [(5, "moved")] == said(office, QUEUE, one, two)
    assert [(5, "not-by-push")] == said(office, QUEUE, None, two)


def test_nobody_makes_up_when_something_was_seen() -> None:
    """A list that nobody signed who decides here, one with something beside it, and what is no list."""
    office = with_links(an_office())
    office.publish(LINKS, "1.1.0")
    there = remembered(office)
    tree = office.history.tree(there)
    files = {one.name: tree.read(one.name) or b"" for one in tree.list("")}
    edited = {**files, WAITLIST: files[WAITLIST].replace(b"2027-01-15", b"2027-01-14")}
    for bad in (edited, {WAITLIST: files[WAITLIST]}, {**files, "more": b""}, {}, {WAITLIST: b"[]"}):
        new = office.history.commit(bad, onto=None, message="x\n", author="eve <eve@example.org>", at=office.tick())

        assert [(4, "not-authorised")] == said(office, QUEUE, new, there)


def test_a_push_s_submissions_are_known_by_what_they_bring() -> None:
    """Under the ids that the queue has for them; what is taken away, or is something else, has none."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    head = office.history.branches("submit/")[made.branch]
    orphan = office.history.commit({}, onto=None, message="x\n", author="eve <eve@example.org>", at=office.tick())
    updates = [
        Update(HEADS + made.branch, None, head),
        Update(HEADS + made.branch, head, None),
        Update(HEADS + "submit/0123456789ab", None, orphan),
        Update(HEADS + "main", None, head),
    ]

    assert tuple(key_of(one) for one in queue(office.bench())) == submitted(office.bench(), updates) == (made.id,)
