"""Landing verifies every keyless signature, whoever needs it, and asks new identities since when."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core.change import Change
from registry_tool.core.foreign import foreign_faults
from registry_tool.core.landing import submission_faults
from registry_tool.core.naming_identities import identities_land
from registry_tool.core.standing import government_at, trusting_at
from registry_tool.core.times import to_seconds
from registry_tool.core.trust import Means
from registry_tool.kinds import skill as skills
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change
from tests.core.landings import LINKS, blob_of, both, sign, update
from tests.keyless.instance import LONG, Instance
from tests.keyless.registries import ANN, JOB, MEANS, SIGNED, believing, scope_says
from tests.proving import refusal

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def then() -> Iterator[Instance]:
    """An instance in March 2026."""
    with Instance(lambda: to_seconds(SIGNED), lifetime=LONG) as instance:
        yield instance


class Scene:
    """What a submission may hold, signed by an instance."""

    def __init__(self, sigstore: Instance) -> None:
        self.sigstore = sigstore

    def tip(self, needs: str, *rows: Any) -> Build:
        def build(registry: RegistryInMemory) -> None:
            believing(registry, self.sigstore)
            scope_says(registry, needs=needs, identities=rows)

        return build

    def bundle(self, token: str = "", *, over: bytes = b"", suffix: str = "sigstore.json") -> Build:
        def build(registry: RegistryInMemory) -> None:
            blob = blob_of(registry, "1.1.0")
            message = over or registry.files[blob]
            registry.files[f"{blob}.{suffix}"] = self.sigstore.sign(message, token or self.sigstore.job())

        return build

    def codes(self, build: Build, tip: Build) -> list[str]:
        return sorted({one.check for one in submission_faults(change(build, tip=tip), means=MEANS)})


@pytest.fixture
def scene(then: Instance) -> Scene:
    """The module's instance at work."""
    return Scene(then)


def without_key(registry: RegistryInMemory) -> None:
    update(registry, by=())


@pytest.mark.parametrize(
    ("needs", "release", "email", "over", "expected"),
    [
        ("key", update, "", b"", []),
        ("key", update, "eve@example.org", b"", ["unnamed-identity"]),
        ("key", update, "", b"another manifest", ["bad-keyless"]),
        ("key", without_key, "", b"", ["not-signed"]),
        ("identity", without_key, "", b"", []),
        ("identity", update, "", b"", []),
        ("identity", without_key, "eve@example.org", b"", ["unnamed-identity"]),
        ("identity", both(without_key, lambda r: sign(r, "stranger")), "", b"", ["stranger"]),
        ("both", update, "", b"", []),
        ("both", without_key, "", b"", ["not-signed"]),
    ],
)
def test_a_bundle_beside_a_manifest_is_good_whoever_needs_it(
    scene: Scene, needs: str, release: Build, email: str, over: bytes, expected: list[str]
) -> None:
    """Bad, of another release, or by whom the scope does not name: it does not land, also where a key is enough."""
    token = scene.sigstore.token(email=email) if email else ""
    build = both(release, scene.bundle(token, over=over))

    assert expected == scene.codes(build, scene.tip(needs, JOB))


@pytest.mark.parametrize("needs", ["identity", "both"])
def test_where_an_identity_is_needed_a_key_alone_does_not_land(scene: Scene, needs: str) -> None:
    """The message says how to sign."""
    assert ["no-identity"] == scene.codes(update, scene.tip(needs, JOB))


def test_a_kind_without_a_wire_has_no_bundle_for_it(scene: Scene) -> None:
    """A skill is no gadget."""
    build = both(update, scene.bundle(suffix="wire.sigstore.json"))

    assert ["bad-signature"] == scene.codes(build, scene.tip("key", JOB))


@pytest.mark.parametrize(
    ("email", "over", "expected"),
    [("", b"the wire", []), ("", b"another", ["bad-signature"]), ("eve@example.org", b"the wire", ["bad-signature"])],
)
def test_the_bundle_for_the_ggui_client_is_over_the_wire(
    scene: Scene, email: str, over: bytes, expected: list[str]
) -> None:
    """By whom the scope names, and over exactly the bytes that the client reads."""
    token = scene.sigstore.token(email=email) if email else ""
    build = both(update, scene.bundle(token, over=over, suffix="wire.sigstore.json"))
    made = change(build, tip=scene.tip("key", JOB))
    wired = replace(made.releases[0], kind=replace(skills.KIND, wire=lambda manifest, payload: b"the wire"))

    assert expected == [one.check for one in foreign_faults(wired, made, means=_trusting(made))]


def _trusting(made: Change) -> Means:
    government = government_at(made.tip, registry=made.registry, check=MEANS.check)
    return trusting_at(made.tip, government, means=MEANS)


def test_where_the_scope_cannot_be_read_nobody_is_named(scene: Scene) -> None:
    """The wire's bundle is refused with the rest."""

    def build(registry: RegistryInMemory) -> None:
        both(update, scene.bundle(over=b"the wire", suffix="wire.sigstore.json"))(registry)
        registry.files["index/scopes/an/ann/3.json"] = b"[]"

    made = change(build, tip=scene.tip("key", JOB))
    wired = replace(made.releases[0], kind=replace(skills.KIND, wire=lambda manifest, payload: b"the wire"))

    assert ["bad-signature"] == [one.check for one in foreign_faults(wired, made, means=_trusting(made))]


def says(*rows: Any, needs: str = "key") -> Build:
    return lambda registry: scope_says(registry, needs=needs, identities=rows, by=("ann control",))


@pytest.mark.parametrize(
    ("tip", "build", "expected"),
    [
        ([], says(JOB), []),
        ([], says(ANN), ["bad-named"]),
        ([ANN], says(ANN, JOB), []),
        ([ANN], says(ANN, JOB, {**ANN, "repository_id": 1}), ["bad-named"]),
        ([JOB], says({**JOB, "status": "retired", "since": "2026-01-01T00:00:00Z"}), []),
    ],
)
def test_a_new_identity_says_since_when(scene: Scene, tip: list[Any], build: Build, expected: list[str]) -> None:
    """Those that were there before the rule stay as they are."""
    assert expected == scene.codes(build, scene.tip("key", *tip))


def test_a_first_statement_may_name_an_identity(scene: Scene) -> None:
    """A scope that is claimed with one."""

    def build(registry: RegistryInMemory) -> None:
        registry.keyring("bob", by=("bob control", "bob signing"))
        named = {"needs": "identity", "identities": [dict(JOB)]}
        registry.scope("bob", owners=["bob"], by=("bob control",), change=lambda value: value.update(named))

    assert [] == scene.codes(build, scene.tip("key"))


def keyless_release(scene: Scene) -> Build:
    """1.1.0 is signed by the job and admitted, in March 2026."""

    def build(registry: RegistryInMemory) -> None:
        scene.tip("identity", JOB)(registry)
        both(without_key, scene.bundle())(registry)
        registry.admit(LINKS, "1.1.0", at="2026-03-05T12:05:00Z", compared="1.0.0")

    return build


@pytest.mark.parametrize(
    ("since", "expected"),
    [("2026-03-05T12:05:00Z", ["hits"]), ("2026-01-01T00:00:00Z", ["hits"]), ("2026-03-05T12:05:01Z", [])],
)
def test_an_identity_does_not_end_before_what_it_signed(scene: Scene, since: str, expected: list[str]) -> None:
    """Its end would take back releases that nobody named."""
    build = says({**JOB, "status": "revoked", "since": since}, needs="identity")

    assert expected == scene.codes(build, keyless_release(scene))


@pytest.mark.parametrize(("at", "expected"), [("2026-03-01T12:00:00Z", ""), ("2026-05-01T00:00:00Z", "bad-named")])
def test_the_time_of_naming_is_looked_at_when_it_lands(scene: Scene, at: str, expected: str) -> None:
    """A submission that waited for longer than a month names nobody any more."""
    made = change(both(says(JOB), update), tip=scene.tip("key"))

    def act() -> None:
        for joined in made.statements:
            identities_land(made, joined, at=to_seconds(at))

    if expected:
        assert (4, expected) == refusal(act)
    else:
        act()


def test_what_is_no_scope_names_nobody(scene: Scene) -> None:
    """An event and a keyring pass."""
    made = change(lambda registry: registry.keyring("bob"), tip=scene.tip("key"))
    for joined in made.statements:
        identities_land(made, joined, at=0)

    assert 1 == len(made.statements)
