"""What an author says of themselves: who may write it, and what of it is confirmed."""

from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.families import FAMILIES
from registry_tool.core.joining_profiles import confirming, profile_of
from registry_tool.core.layout import locate
from registry_tool.core.profiles import (
    AccountClaim,
    DomainClaim,
    Profile,
    Standing,
    claim_text,
    claim_value,
    claim_words,
    profile_words,
)
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import ACCOUNT, ASKS, DOMAIN, OTHER, TODAY, profile
from tests.checks.changes import change, newcomer
from tests.core.landings import LINKS, MEANS, codes
from tests.proving import refusal

FAMILY = FAMILIES["profile"]
PATH = "index/authors/an/ann/profile/1.json"


def with_ann(**policy: Any) -> RegistryInMemory:
    """A registry with the author ann."""
    return a_registry(demo=False, **policy).with_author("ann")


def standing(registry: RegistryInMemory) -> Standing | None:
    """What the profile of ann comes to."""
    found = profile_of(registry.tree(), "ann", registry.government(), check=check)
    return found.standing if found else None


def domains(registry: RegistryInMemory) -> list[str]:
    """The claims of ann that are confirmed."""
    found = standing(registry)
    return [claim_text(one.claim) for one in found.confirmed] if found else []


CONFIRMED = ("ann control", "mod")


def test_who_has_no_profile_has_said_nothing() -> None:
    """No statement is no profile, and no fault."""
    assert standing(with_ann()) is None


def test_a_claim_counts_only_with_a_moderator_s_signature() -> None:
    """M14: what an author says alone is their own word; with a moderator's signature it is confirmed."""
    registry = with_ann()
    profile(registry, DOMAIN)
    alone = standing(registry)
    assert alone is not None
    profile(registry, DOMAIN, ACCOUNT, by=CONFIRMED)
    both_of_them = standing(registry)
    assert both_of_them is not None

    assert (False, ()) == (alone.verified, alone.confirmed)
    assert (True, ["example.org", "forge.example/ann"]) == (both_of_them.verified, domains(registry))
    assert {("mod",)} == {one.by for one in both_of_them.confirmed}


def test_a_claim_stays_confirmed_while_it_is_unchanged() -> None:
    """A later number keeps it; one that changes it, or adds another, has that as the author's own word."""
    registry = with_ann()
    profile(registry, DOMAIN, ACCOUNT, by=CONFIRMED)
    profile(registry, DOMAIN, {**ACCOUNT, "name": "anna"}, OTHER, under=ASKS, about="Makes things.")
    found = standing(registry)
    assert found is not None

    assert ["example.org"] == domains(registry)
    assert ("Makes things.", 3) == (found.body.about, len(found.claims))
    assert ("forge.example/anna", "other.example") == tuple(map(claim_text, found.open(found.claims)))


def test_a_moderator_alone_takes_claims_away() -> None:
    """A domain was sold: the claim goes, the rest stays, and the note says why; whoever claims it again asks again."""
    registry = with_ann()
    profile(registry, DOMAIN, OTHER, by=CONFIRMED)
    profile(registry, OTHER, by=("mod",), under=("moderators",), note="It was sold.")
    taken = standing(registry)
    assert taken is not None

    assert ["other.example"] == domains(registry)
    assert [("example.org", "It was sold.")] == [(claim_text(one), note) for one, _, note in taken.removed]

    profile(registry, DOMAIN, OTHER)

    assert ["other.example"] == domains(registry)


def ends(registry: RegistryInMemory, person: str, since: str) -> None:
    """A moderator ends; `eve` moderates from then on."""

    def ended(value: dict[str, Any]) -> None:
        rows = next(one for one in value["people"] if one["id"] == person)["keys"]
        rows[0].update(status="revoked", since=since, reason="left")

    registry.moderators({"mod": None, "eve": None}, by=("root", "mod", "eve"), change=ended)


@pytest.mark.parametrize(
    ("since", "expected"), [("2026-04-01T00:00:00Z", ["example.org"]), ("2026-03-01T12:00:00Z", [])]
)
def test_a_confirmation_counts_while_its_moderator_s_key_held(since: str, expected: list[str]) -> None:
    """A moderator who left later confirmed it all the same; one whose key had ended by then confirmed nothing."""
    registry = with_ann()
    profile(registry, DOMAIN, by=CONFIRMED)
    ends(registry, "mod", since)
    found = standing(registry)
    assert found is not None

    assert (expected, 1) == (domains(registry), len(found.claims))


def test_what_a_moderator_who_had_ended_took_away_stays() -> None:
    """A stolen moderator's key takes no mark away, and breaks nothing."""
    registry = with_ann()
    profile(registry, DOMAIN, by=CONFIRMED)
    profile(registry, by=("mod",), under=("moderators",), note="gone")
    ends(registry, "mod", "2026-03-01T12:01:30Z")

    assert ["example.org"] == domains(registry)


def stolen(registry: RegistryInMemory) -> None:
    """Ann's control key was stolen on the first of April; she has another."""
    rows = [
        registry.row("ann control", use="control") | {"status": "revoked", "since": "2026-04-01T00:00:00Z"},
        registry.row("ann new", use="control"),
        registry.row("ann signing", use="signing"),
    ]
    registry.keyring("ann", rows, by=("ann control", "ann new", "mod"))


def test_what_a_stolen_key_said_counts_for_nothing() -> None:
    """The profile from before the theft stands, and the chain goes on."""
    registry = with_ann()
    profile(registry, DOMAIN, by=CONFIRMED)
    profile(registry, name="Mallory", at="2026-05-01T00:00:00Z")
    stolen(registry)
    found = standing(registry)
    assert found is not None
    assert ("Ann", ["example.org"]) == (found.body.name, domains(registry))

    profile(registry, DOMAIN, by=("ann new",), under=("authors/ann",), name="Ann again", at="2026-06-01T00:00:00Z")
    again = standing(registry)
    assert again is not None

    assert ("Ann again", ["example.org"]) == (again.body.name, domains(registry))


def test_nothing_counts_where_every_statement_was_a_thief_s() -> None:
    """A moderator who takes claims of such a profile away breaks nothing either."""
    registry = with_ann()
    profile(registry, DOMAIN, at="2026-05-01T00:00:00Z")
    profile(registry, by=("mod",), under=("moderators",), note="stolen", at="2026-05-02T00:00:00Z")
    stolen(registry)

    assert standing(registry) is None


@pytest.mark.parametrize(
    ("own", "under", "expected"),
    [
        (False, ASKS, []),
        (True, ASKS, ["example.org"]),
        (True, ("authors/ann", "moderators"), []),
    ],
)
def test_nobody_confirms_their_own_claim(own: bool, under: tuple[str, ...], expected: list[str]) -> None:
    """A moderator who is the author confirms it only where the policy that it names says `self_approval`."""
    registry = RegistryInMemory(demo=False)
    registry.root()
    registry.moderators({"mod": "ann"})
    registry.policy(self_approval=own)
    registry.with_author("ann")
    profile(registry, DOMAIN, by=CONFIRMED, under=under)

    assert expected == domains(registry)


def test_an_honest_profile_may_join() -> None:
    """A first one, one with claims, one together with the keyring, and one after the tip has some."""

    def first(registry: RegistryInMemory) -> None:
        newcomer(registry)
        profile(registry, DOMAIN, author="bob", at=TODAY)

    def confirmed(registry: RegistryInMemory) -> None:
        profile(registry, DOMAIN, by=CONFIRMED)

    def more(registry: RegistryInMemory) -> None:
        profile(registry, DOMAIN, OTHER, at=TODAY)

    def same(registry: RegistryInMemory) -> None:
        profile(registry, DOMAIN, under=("authors/ann",), at=TODAY)

    assert [] == codes(lambda r: profile(r, at=TODAY))
    assert [] == codes(lambda r: profile(r, DOMAIN, at=TODAY))
    assert [] == codes(first)
    assert [] == codes(more, tip=confirmed)
    assert [] == codes(same, tip=confirmed)


def on_the_tip(registry: RegistryInMemory) -> None:
    """Ann's confirmed profile."""
    profile(registry, DOMAIN, by=CONFIRMED)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"by": ("mod",), "under": ("moderators",)}, "not-authorised"),
        ({"by": ("mod",), "under": ("moderators",), "note": "x", "name": "Anna", "claims": []}, "not-authorised"),
        ({"by": ("ann signing",), "under": ("moderators",), "note": "x", "claims": []}, "not-authorised"),
        ({"by": ("eve",), "under": ("moderators",), "note": "x", "claims": []}, "not-authorised"),
        ({"by": ("mod",), "under": ("policy",), "note": "x", "claims": []}, "bad-under"),
    ],
)
def test_a_moderator_does_nothing_but_take_claims_away(body: dict[str, Any], expected: str) -> None:
    """Without the author's control key nothing is added, renamed, kept, or taken away by a stranger."""
    registry = with_ann()
    profile(registry, DOMAIN, OTHER, by=CONFIRMED)
    profile(registry, DOMAIN, OTHER, **body)

    assert (4, expected) == refusal(lambda: standing(registry))


def test_a_moderator_writes_no_first_profile() -> None:
    """Only its author begins one."""
    registry = with_ann()
    profile(registry, by=("mod",), under=("moderators",), note="x")

    assert (4, "not-authorised") == refusal(lambda: standing(registry))


def test_landing_verifies_the_whole_chain() -> None:
    """The same reader serves landing and everybody after it."""
    registry = with_ann()
    profile(registry)
    FAMILY.verify(registry.tree(), locate(PATH), registry.government(), MEANS)
    profile(registry, by=("stranger",))

    assert (4, "not-authorised") == refusal(
        lambda: FAMILY.verify(registry.tree(), locate(PATH), registry.government(), MEANS)
    )


def test_who_approves_signs_exactly_what_is_new() -> None:
    """What a moderator confirms is what nobody confirmed yet; a profile without that needs no such signature."""
    plain = change(lambda r: profile(r, at=TODAY))
    new = change(lambda r: profile(r, DOMAIN, OTHER, at=TODAY), tip=on_the_tip)
    event = change(lambda r: r.event(LINKS, "1.0.0", "yank"))
    registry = a_registry(demo=False)
    registry.with_author("ann")

    assert [False] == [FAMILY.countersigned(plain, one) for one in plain.statements]
    assert [True] == [FAMILY.countersigned(new, one) for one in new.statements]
    assert [()] == [confirming(event, one, registry.government(), MEANS) for one in event.statements]


def claims_of(*claims: dict[str, Any]) -> Profile:
    """A profile as a value."""
    registry = with_ann()
    profile(registry, *claims)
    found = standing(registry)
    assert found is not None
    return found.body


def test_a_profile_is_told_in_one_sentence() -> None:
    """What people wrote is quoted; what a moderator takes away is said as that."""
    plain, claiming = claims_of(), claims_of(DOMAIN, ACCOUNT)

    assert "says who ann is: 'Ann'" == profile_words(plain)
    assert (
        "says who ann is: 'Ann'; claims the domain example.org, the account 'ann' (7) in 'forge.example'"
        == profile_words(claiming)
    )
    assert "takes claims of ann away: 'sold'; leaves no claim" == profile_words(
        plain.model_copy(update={"note": "sold"})
    )
    assert profile_words(claiming.model_copy(update={"note": "sold"})).endswith(
        "leaves the domain example.org, the account 'ann' (7) in 'forge.example'"
    )


def test_a_claim_says_who_confirmed_it() -> None:
    """As scripts read it."""
    registry = with_ann()
    profile(registry, DOMAIN, by=CONFIRMED)
    profile(registry, DOMAIN, ACCOUNT)
    found = standing(registry)
    assert found is not None

    assert [
        {**DOMAIN, "verified": True, "by": ["mod"], "at": found.confirmed[0].at},
        {**ACCOUNT, "verified": False},
    ] == [claim_value(one, found) for one in found.claims]
    assert "the organisation 'x' (3) in 'f'" == claim_words(
        AccountClaim(claim="organisation", forge="f", number=3, name="x")
    )


@pytest.mark.parametrize("domain", ["example", "-a.example", "a..example", "EXAMPLE.org", "a.example/", "127.0.0.1"])
def test_a_domain_is_a_name_of_a_host(domain: str) -> None:
    """No address, path, capital letter or single word."""
    with pytest.raises(InvalidInput):
        DomainClaim.of({"claim": "domain", "domain": domain})
