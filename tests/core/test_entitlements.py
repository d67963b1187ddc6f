"""Who has which tier: signed by a moderator, for keys, until a date; and who may publish by it (M8)."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.checks.tiers import tier
from registry_tool.core import layout
from registry_tool.core.entitlements import FAMILY, Given, entitlements_at, read_entitlement, subject_of
from registry_tool.core.errors import RegistryError
from registry_tool.core.keys import key_text
from registry_tool.core.landing import submission_faults
from registry_tool.core.layout import locate
from registry_tool.core.published import signed_at
from registry_tool.core.publishing import demand_publisher, is_verified, publish_fault
from registry_tool.core.times import to_seconds
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import DOMAIN, profile
from tests.building_tiers import AT, UNTIL, entitle, moderator_ends, with_tiers
from tests.checks.changes import LOOKED_AT, Build, change, with_candidate
from tests.checks.fixtures import in_tiers
from tests.core.landings import codes, update
from tests.proving import MEANS, refusal


def read(registry: RegistryInMemory, number: int = 1) -> Given:
    """An entitlement of ann, as a client reads it."""
    source = signed_at(registry.tree(), layout.statement_path(subject_of("ann"), number))
    assert source is not None
    return read_entitlement(source, registry.government(), check=check)


def given(registry: RegistryInMemory, holder: str = "ann") -> tuple[Given, ...]:
    return entitlements_at(registry.tree(), holder, registry.government(), check=check)


def edited(registry: RegistryInMemory, old: bytes, new: bytes) -> None:
    """An entitlement that is changed after it was signed."""
    entitle(registry, caps={"skills": 5})
    path = layout.statement_path(subject_of("ann"), 1)
    registry.files[path] = registry.files[path].replace(old, new)


def test_what_a_moderator_gave_holds() -> None:
    """An entitlement says tier, caps, keys and until when, and counts until that second."""
    registry = a_registry()
    entitle(registry, caps={"skills": 20})
    found = read(registry)

    assert (True, True, {"skills": 20}, "pro") == (found.counts, found.today, found.body.caps, found.body.tier)
    assert [True, False] == [found.body.holds_at(to_seconds(UNTIL) + delta) for delta in (-1, 0)]
    assert "gives ann the tier 'pro' until 2027-12-31T00:00:00Z" == FAMILY.words(found.body)


def test_a_second_one_follows_the_first() -> None:
    """What a holder was given is a chain; nobody who was given nothing has one."""
    registry = a_registry()
    entitle(registry)
    entitle(registry, tier="team", at="2026-06-01T00:00:00Z")

    assert ["pro", "team"] == [one.body.tier for one in given(registry)]
    assert () == given(registry, "bob")
    FAMILY.verify(registry.tree(), locate("index/entitlements/ann/2.json"), registry.government(), MEANS)


def strange(value: dict[str, Any]) -> None:
    value["registry"] = "0" * 64


def set_(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda value: value.update(members)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda r: entitle(r, change=strange), (4, "other-registry")),
        (lambda r: edited(r, b'"skills":5', b'"skills":9'), (4, "bad-signature")),
        (lambda r: edited(r, b"2027-12-31", b"2028-12-31"), (4, "bad-signature")),
        (lambda r: entitle(r, by=()), (4, "not-authorised")),
        (lambda r: entitle(r, by=("ann control",)), (4, "not-authorised")),
        (lambda r: entitle(r, under=()), (4, "bad-under")),
        (lambda r: entitle(r, under=("moderators", "policy")), (4, "bad-under")),
        (lambda r: entitle(r, change=set_(subject="entitlements/bob")), (1, "invalid-document")),
        (lambda r: entitle(r, change=set_(holder="bob")), (1, "invalid-document")),
        (lambda r: entitle(r, until=AT), (1, "invalid-document")),
        (lambda r: entitle(r, until="2025-01-01T00:00:00Z"), (1, "invalid-document")),
        (lambda r: entitle(r, until="2036-06-01T00:00:00Z"), (1, "invalid-document")),
        (lambda r: entitle(r, keys=("ann signing", "ann signing")), (1, "invalid-document")),
        (lambda r: entitle(r, change=set_(keys=[])), (1, "invalid-document")),
        (lambda r: entitle(r, change=set_(keys=[key_text(bytes(32))])), (1, "invalid-document")),
        (lambda r: entitle(r, caps={"gadgets": 5}), (1, "invalid-document")),
        (lambda r: entitle(r, change=set_(tier="../pro")), (1, "invalid-document")),
        (lambda r: entitle(r, change=set_(publish="yes")), (1, "invalid-document")),
        (lambda r: entitle(r, change=set_(schema="registry.entitlement/2")), (1, "newer-schema")),
    ],
)
def test_what_does_not_hold_is_refused(build: Build, expected: tuple[int, str]) -> None:
    """Of another registry, edited, signed by nobody, about somebody else, or for ever: each is refused."""
    registry = a_registry()
    build(registry)

    assert expected == refusal(lambda: read(registry))


def test_one_gate_key_is_no_moderator() -> None:
    """The gate gives nobody a tier."""
    registry = RegistryInMemory()
    registry.root()
    registry.moderators({"mod": None}, gate=("gate",))
    registry.policy()
    entitle(registry, by=("gate",))

    assert (4, "not-authorised") == refusal(lambda: read(registry))


@pytest.mark.parametrize(
    ("since", "counts"), [("2026-04-01T00:00:00Z", False), (AT, False), ("2026-06-01T00:00:00Z", True)]
)
def test_a_moderator_who_left_gave_what_they_gave_before(since: str, counts: bool) -> None:
    """In the repository it counts if the signer left after its time; to a client, to whom nothing proves that, not."""
    registry = a_registry()
    entitle(registry)
    moderator_ends(registry, since)
    found = read(registry)

    assert (counts, False) == (found.counts, found.today)


def test_time_does_not_go_back_along_what_a_holder_was_given() -> None:
    """A second entitlement that is older than the first refuses the chain."""
    registry = a_registry()
    entitle(registry, at="2026-06-01T00:00:00Z")
    entitle(registry, at=AT)

    assert (4, "bad-clock") == refusal(lambda: given(registry))


def test_no_submission_brings_one() -> None:
    """The operator gives out entitlements: one in a submission is refused, also where a moderator signed it."""
    found = codes(entitle)

    assert ["allowed-paths", "not-taken"] == found


# Publishing.


def verified(registry: RegistryInMemory) -> None:
    """A moderator confirmed ann's domain."""
    profile(registry, DOMAIN, by=("ann control", "mod"))


def tip_of(*builds: Build) -> RegistryInMemory:
    registry = a_registry()
    registry.with_author("ann")
    for build in builds:
        build(registry)
    return registry


def unreadable(registry: RegistryInMemory) -> None:
    registry.files["index/entitlements/ann/1.json"] = b"{}"


@pytest.mark.parametrize(
    ("builds", "said"),
    [
        ((), None),
        ((with_tiers,), "ann has no tier here, and free publishes nothing"),
        ((with_tiers, unreadable), "ann has no tier here, and free publishes nothing"),
        ((with_tiers, lambda r: entitle(r, "bob")), "ann has no tier here, and free publishes nothing"),
        ((with_tiers, entitle), None),
        ((with_tiers, lambda r: entitle(r, until="2026-11-01T00:00:00Z")), "the tier pro of ann ended at 2026-11-01"),
        ((with_tiers, lambda r: entitle(r, publish=False)), "the tier pro of ann publishes nothing"),
        (
            (with_tiers, entitle, lambda r: entitle(r, tier="free", publish=False, at="2026-06-01T00:00:00Z")),
            "the tier free of ann publishes nothing",
        ),
    ],
)
def test_publishing_needs_a_tier_that_does(builds: tuple[Build, ...], said: str | None) -> None:
    """Where there are tiers, the newest entitlement of the author must say that they publish, and not have ended."""
    registry = tip_of(*builds)
    found = publish_fault(registry.tree(), "ann", registry=registry.id, at=LOOKED_AT)

    assert (said is None) == (found is None)
    assert found is None or (said or "") in found[0]
    assert found is None or "registry tier issue ann" in found[1]


def demanded(registry: RegistryInMemory) -> str:
    """The code with which ann is refused as a publisher; empty where she is not."""
    try:
        demand_publisher(registry.tree(), "ann", registry.government(), check=check)
    except RegistryError as error:
        return f"{error.exit_code} {error.code}"
    return ""


@pytest.mark.parametrize(
    ("builds", "expected"),
    [
        ((), ""),
        ((with_tiers,), ""),
        ((with_tiers, entitle), "5 tier"),
        ((with_tiers, entitle, profile), "5 tier"),
        ((with_tiers, entitle, lambda r: profile(r, DOMAIN)), "5 tier"),
        ((with_tiers, entitle, verified), ""),
        ((entitle, lambda r: moderator_ends(r, "2026-06-01T00:00:00Z"), with_tiers), "5 tier"),
        ((entitle, lambda r: moderator_ends(r, "2026-04-01T00:00:00Z"), with_tiers), "4 tier"),
        ((with_tiers, lambda r: entitle(r, by=("ann control",))), "4 not-authorised"),
    ],
)
def test_a_publisher_is_verified_and_was_given_their_tier(builds: tuple[Build, ...], expected: str) -> None:
    """The signature has to be a moderator's of that time, and a moderator confirmed a claim of the author (M8, M14)."""
    assert expected == demanded(tip_of(*builds))


def test_the_mark_verified_is_read_from_the_profile() -> None:
    """Without a profile, or with one that nobody confirmed, an author is not verified."""
    found = [tip_of(), tip_of(profile), tip_of(lambda r: profile(r, DOMAIN)), tip_of(verified)]

    assert [False, False, False, True] == [
        is_verified(one.tree(), "ann", one.government(), check=check) for one in found
    ]


def entitled(registry: RegistryInMemory) -> None:
    with_tiers(registry)
    entitle(registry)
    verified(registry)


def test_a_verified_author_with_a_tier_lands() -> None:
    """Where there are tiers, an update by such an author has no fault; without the mark, or forged, it has one."""
    assert [] == codes(update, tip=entitled)
    assert ["tier"] == codes(update, tip=lambda r: entitle(with_tiers(r)))
    assert ["not-authorised"] == codes(update, tip=lambda r: entitle(with_tiers(r), by=("ann control",)))


def test_a_release_that_cannot_be_read_is_told_elsewhere() -> None:
    """Without a manifest there is no author to ask about."""
    assert [] == list(tier(with_candidate(in_tiers(), manifest=None)))


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("index/tiers.yaml", b"tiers: {free: {caps: {skills: 5}, publish: false}}\n", []),
        ("index/tiers.yaml", b"tiers: {free: {caps: {marketplace_install_cap: 5}, publish: false}}\n", ["warn table"]),
        ("index/tiers.yaml", b"tiers: {free: {caps: {skils: 5}, publish: false}}\n", ["fail table"]),
        ("index/tiers.yaml", b"tiers: {}\n", ["fail bad-table"]),
        ("index/sources.yaml", b"sources: []\n", []),
        ("index/sources.yaml", b"sources: 5\n", ["fail bad-table"]),
    ],
)
def test_a_table_that_cannot_be_read_does_not_land(path: str, data: bytes, expected: list[str]) -> None:
    """Tiers and sources change by themselves, and only to what can be read."""
    made = change(lambda registry: registry.files.__setitem__(path, data))

    assert expected == [f"{one.level} {one.check}" for one in submission_faults(made, means=MEANS)]
