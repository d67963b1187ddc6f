"""Profiles between authors, moderators, domains and forges."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.errors import Unreachable
from registry_tool.core.forge import Forge
from registry_tool.core.profiles import AccountClaim, Claim, DomainClaim
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.services.bench import TRIES
from registry_tool.services.moderator import approve, queue
from registry_tool.services.profiles import (
    Wish,
    claims_of,
    look,
    prepare,
    proof_place,
    proof_text,
    remove_claim,
    standing_at,
    waiting_profile,
)
from tests.builders import RegistryInMemory
from tests.forge.forges import forge_of, pushed, registry_at
from tests.forge.github_fake import GitHub, serving
from tests.forge.github_things import Account
from tests.proving import refusal
from tests.services.office import Office, an_office, with_links
from tests.services.test_admitting import Busy

pytestmark = pytest.mark.slow

ID = "ab" * 32
EXAMPLE = DomainClaim(claim="domain", domain="example.org")


def office_with_ann(*people: str, author_of: dict[str, str] | None = None, **policy: Any) -> Office:
    """A registry in git in which ann is registered."""
    office = an_office(*people, author_of=author_of, **policy)
    office.land(office.evolve(lambda r: r.with_author("ann")))
    for use in ("control", "signing"):
        office.cabinet.make("ann", use)
    return office


def says(office: Office, *claims: Claim, **wish: Any) -> str:
    """Ann submits a profile; the submission's id."""
    step = prepare(office.tip, Wish(claims=claims, **wish), by="ann", desk=office.desk())
    office.push(step.files, branch=step.branch)
    return step.id


def test_a_moderator_confirms_by_approving() -> None:
    """The approval signs the profile too, and says in words what it confirms."""
    office = office_with_ann()
    landed = approve(office.bench(), says(office, EXAMPLE), note="looked at it")
    standing = standing_at(office.tip, "ann", bench=office.bench())
    assert standing is not None

    assert ["confirms that ann has the domain example.org"] == landed["countersigned"]
    assert [(EXAMPLE, ("mod",))] == [(one.claim, one.by) for one in standing.confirmed]
    assert "looked at it" in office.history.info(office.commit).message


def test_a_profile_that_claims_nothing_new_is_only_landed() -> None:
    """No moderator's signature stands beside a change of name."""
    office = office_with_ann()
    landed = approve(office.bench(), says(office, name="Ann"), note="")

    assert ([], []) == (landed["countersigned"], landed["signed"])


@pytest.mark.parametrize(("own", "expected"), [(False, (5, "self-approval")), (True, None)])
def test_nobody_confirms_their_own_claims(own: bool, expected: tuple[int, str] | None) -> None:
    """A moderator who is the author waits for another one, unless policy says otherwise."""
    office = office_with_ann("mod", author_of={"mod": "ann"}, self_approval=own)
    submission = says(office, EXAMPLE)

    def act() -> dict[str, Any]:
        return approve(office.bench(), submission, note="")

    if expected is not None:
        assert expected == refusal(act)
        return
    act()
    standing = standing_at(office.tip, "ann", bench=office.bench())

    assert standing is not None
    assert standing.verified


def test_a_profile_needs_the_control_key() -> None:
    """The signing key of a machine that publishes is not enough."""
    office = office_with_ann()
    office.cabinet.lose("ann", "control")

    assert (3, "key-missing") == refusal(lambda: says(office, name="Ann"))


def test_what_the_registry_would_refuse_is_not_sent() -> None:
    """A clock that is behind the profile before it."""
    office = office_with_ann()
    approve(office.bench(), says(office, name="Ann"), note="")
    office.now -= 500

    assert (1, "checks-failed") == refusal(lambda: says(office, name="Other"))


def test_a_profile_that_waits_is_found_by_its_author_or_its_id() -> None:
    """Two of one author are named by their ids; other submissions are none."""
    office = with_links(office_with_ann())
    office.publish("@ann/links", "1.1.0")
    nothing = waiting_profile(office.bench(), "ann")
    one = says(office, EXAMPLE)
    found = waiting_profile(office.bench(), "ann")
    assert found is not None
    by_id = waiting_profile(office.bench(), one[:10])
    assert by_id is not None

    assert nothing is None
    assert [one, one] == [found.change.submission, by_id.change.submission]
    assert ("ann", (EXAMPLE,)) == claims_of(found, office.tip, bench=office.bench())

    says(office, name="Ann")

    assert (5, "several") == refusal(lambda: waiting_profile(office.bench(), "ann"))


def test_a_claim_is_taken_away_also_after_a_theft() -> None:
    """The newest statement was a thief's, and says nothing of the claim: a moderator takes it away all the same."""
    office = office_with_ann()
    approve(office.bench(), says(office, EXAMPLE), note="")
    stolen = says(office, name="Mallory", drop=("example.org",))
    approve(office.bench(), stolen, note="")
    before = standing_at(office.tip, "ann", bench=office.bench())
    office.land(office.evolve(_revoked))
    after = standing_at(office.tip, "ann", bench=office.bench())
    remove_claim(office.bench(), "ann", "example.org", note="sold too")
    removed = standing_at(office.tip, "ann", bench=office.bench())
    assert before and after and removed  # noqa: PT018  # each is there

    assert [False, True, False] == [one.verified for one in (before, after, removed)]
    assert ["sold too"] == [note for _, _, note in removed.removed]


def _revoked(registry: RegistryInMemory) -> None:
    """Ann's control key was stolen a second after her first profile."""
    first = registry.files["index/authors/an/ann/profile/1.json"]
    since = from_seconds(to_seconds(first.split(b'"at":"')[1][:20].decode()) + 1)
    ended = registry.row("ann control", use="control") | {"status": "revoked", "since": since}
    rows = [ended, registry.row("ann signing", use="signing"), registry.row("ann new", use="control")]
    registry.keyring("ann", rows, by=("ann control", "ann new", "mod"))


def test_taking_a_claim_away_starts_again_where_the_tip_moved() -> None:
    """Others land too; where they always do it says so."""
    office = office_with_ann()
    approve(office.bench(), says(office, EXAMPLE), note="")

    def act(times: int) -> dict[str, Any]:
        return remove_claim(office.bench(history=Busy(office.history, times)), "ann", "example.org", note="sold")

    assert (5, "moved") == refusal(lambda: act(TRIES))
    assert "mod" == act(1)["by"]
    assert (3, "no-claim") == refusal(lambda: act(0))
    assert (3, "no-claim") == refusal(lambda: remove_claim(office.bench(), "bob", "example.org", note="x"))
    assert () == queue(office.bench())


# Looking at proofs.


def nothing(domain: str) -> bytes | None:
    """No domain has a file."""
    return None


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    """A forge with a registry in it."""
    with serving(tmp_path_factory.mktemp("forge")) as made:
        yield made


def claim(account: Account, kind: str = "account", *, name: str = "", number: int = 0) -> AccountClaim:
    """A claim of an account of that forge."""
    told = {"claim": kind, "forge": "127.0.0.1", "name": name or account.login, "number": number or account.id}
    return AccountClaim.of(told)


def holds(claims: Claim, forge: Forge | None, *, commit: str = "") -> tuple[bool, str]:
    """Whether a look finds it so, and what it says."""
    (found,) = look([claims], author="ann", registry=ID, fetch=nothing, forge=forge, commit=commit)
    return found.holds, found.words


def test_an_account_is_proven_by_a_file_of_its_own(github: GitHub) -> None:
    """A person's and an organisation's, by number: a name that was given to somebody else proves nothing."""
    registry = registry_at(github, "one")
    forge = forge_of(github, registry)
    ann = github.things.account("ann-one")
    acme = github.things.account("acme-one", kind="Organization")
    without = holds(claim(ann), forge)
    for owner in (ann, acme):
        pushed(
            github.things.repository(owner, ".github"), "main", {"registry-author.json": proof_text(ID, "ann").encode()}
        )
    person, company = holds(claim(ann), forge), holds(claim(acme, "organisation"), forge)
    another = holds(claim(ann, number=ann.id + 1000), forge)
    kinds = holds(claim(acme, "account"), forge), holds(claim(ann, "organisation"), forge)

    assert (False, True, True) == (without[0], person[0], company[0])
    assert "names ann of this registry" in person[1]
    assert (False, True) == (another[0], "renamed or given away" in another[1])
    assert [False, False] == [one[0] for one in kinds]
    assert (False, True) == (
        holds(claim(ann, name="nobody-at-all"), forge)[0],
        "no way to ask" in holds(claim(ann), None)[1],
    )


def test_a_repository_that_was_given_away_proves_nothing(github: GitHub) -> None:
    """The account is right, and what is called as its repository leads to somebody else's."""
    registry = registry_at(github, "two")
    ann, eve = github.things.account("ann-two"), github.things.account("eve-two")
    moved = github.things.repository(ann, ".github")
    pushed(moved, "main", {"registry-author.json": proof_text(ID, "ann").encode()})
    github.things.moved["ann-two/.github"] = moved
    moved.owner = eve
    found = holds(claim(ann), forge_of(github, registry))

    assert (False, True) == (found[0], "belongs to somebody else" in found[1])


def test_an_account_is_proven_by_the_pull_request_that_it_opened(github: GitHub) -> None:
    """The submission itself comes from the account; an organisation opens none, and another account proves nothing."""
    registry = registry_at(github, "three")
    ann, eve = github.things.account("ann-three"), github.things.account("eve-three")
    fork = github.things.fork(registry, ann)
    commit = pushed(fork, "profile", {"x": b"1\n"}, onto="main")
    pull = github.things.open(registry, fork, "profile", author=ann, title="My profile")
    forge = forge_of(github, registry)
    own, other = holds(claim(ann), forge, commit=commit), holds(claim(eve), forge, commit=commit)

    assert (True, f"it opened the pull request {pull.number}") == (own[0], own[1].rpartition(": ")[2])
    assert not other[0]


def test_a_domain_that_does_not_answer_proves_nothing() -> None:
    """The failure is told as the reason; the other claims are looked at all the same."""

    def fetch(domain: str) -> bytes | None:
        if domain == "example.org":
            raise Unreachable("there is no host example.org", code="unreachable")
        return proof_text(ID, "ann").encode()

    other = DomainClaim(claim="domain", domain="other.example")
    found = look([EXAMPLE, other], author="ann", registry=ID, fetch=fetch, forge=None)

    assert [False, True] == [one.holds for one in found]
    assert "there is no host example.org" in found[0].words
    assert {"claim": "domain", "domain": "other.example", "holds": True, "words": found[1].words} == found[1].value()


def test_the_place_of_a_proof_is_said(tmp_path: Path) -> None:
    """Of each kind of claim."""
    account = AccountClaim(claim="account", forge="forge.example", number=1, name="ann")

    assert "https://example.org/.well-known/registry-author.json" == proof_place(EXAMPLE)
    assert "registry-author.json in the repository ann/.github on forge.example" == proof_place(account)
