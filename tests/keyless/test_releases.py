"""A scope says who signs without a key, and a client believes nobody else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from registry_tool.core.identity import parse_expected
from registry_tool.core.times import to_seconds
from registry_tool.core.trust import Means
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory
from tests.keyless.instance import GITHUB, GOOGLE, LONG, WORKFLOW, Instance
from tests.keyless.registries import (
    ADMITTED,
    ANN,
    JOB,
    MEANS,
    SIGNED,
    SOLAR,
    a_keyless_registry,
    admitted,
    believing,
    blob_of,
    published,
    released,
    scope_says,
    subjects,
)
from tests.proving import refusal

pytestmark = pytest.mark.slow

KEY = ("ann signing",)
Build = Callable[[RegistryInMemory, Instance], object]


@pytest.fixture(scope="module")
def then() -> Iterator[Instance]:
    """An instance in March 2026, when the registry's releases were admitted."""
    with Instance(lambda: to_seconds(SIGNED), lifetime=LONG) as instance:
        yield instance


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize(("needs", "by", "keys"), [("identity", (), 0), ("identity", KEY, 1), ("both", KEY, 1)])
def test_who_is_named_may_sign_without_a_key(
    then: Instance, needs: str, by: tuple[str, ...], keys: int, rekor: int
) -> None:
    """The release holds, and says the identity beside the keys; an identity-only one needs no key."""
    found = admitted(released(a_keyless_registry(then, needs=needs), then, by=by, rekor=rekor))

    assert [f"https://github.com/{WORKFLOW}"] == subjects(found.identities)
    assert keys == len(found.signed_by)
    assert {"issuer": GITHUB, "repository_id": 42, "owner_id": 7, "at": SIGNED}.items() <= found.identities[
        0
    ].value().items()


def test_a_person_may_be_named_too(then: Instance) -> None:
    """A mail address, which has no numbers; what is not there is absent from what scripts get."""
    registry = a_keyless_registry(then, identities=[JOB, ANN])
    (found,) = admitted(released(registry, then, then.token(email="ann@example.org"))).identities

    assert {"issuer": GOOGLE, "subject": "ann@example.org", "at": SIGNED} == found.value()


def test_what_nobody_needs_is_not_looked_at(then: Instance) -> None:
    """Where a key is enough, a client asks for no trust root, and a broken bundle changes nothing."""
    registry = a_keyless_registry(then, needs="key", identities=[])
    published(registry, b"nonsense", by=KEY)
    registry.admit(SOLAR, "1.0.0", at=ADMITTED)

    def never(trusted_root: bytes) -> Any:
        raise AssertionError("nobody needs it")

    assert () == admitted(registry, means=Means(check, MEANS.covers, keyless=never)).identities


def by_token(**claims: str) -> Build:
    return lambda registry, sigstore: released(registry, sigstore, sigstore.token(**claims))


def by_job(workflow: str = WORKFLOW, **numbers: str) -> Build:
    return lambda registry, sigstore: released(registry, sigstore, sigstore.job(workflow, **numbers))


def by_foreign_instance(registry: RegistryInMemory, sigstore: Instance) -> None:
    with Instance(lambda: to_seconds(SIGNED), lifetime=LONG) as other:
        released(registry, other)


def of_another_release(registry: RegistryInMemory, sigstore: Instance) -> None:
    published(registry, sigstore.sign(b"the manifest of another release", sigstore.job()))
    registry.admit(SOLAR, "1.0.0", at=ADMITTED)


def stripped(registry: RegistryInMemory, sigstore: Instance) -> None:
    released(registry, sigstore)
    del registry.files[f"{blob_of(registry)}.sigstore.json"]


def never_there(registry: RegistryInMemory, sigstore: Instance) -> None:
    published(registry, None, by=KEY)
    registry.admit(SOLAR, "1.0.0", at=ADMITTED)


def broken(registry: RegistryInMemory, sigstore: Instance) -> None:
    published(registry, b"{}", by=KEY)
    registry.admit(SOLAR, "1.0.0", at=ADMITTED)


def admitted_before_it_was_signed(registry: RegistryInMemory, sigstore: Instance) -> None:
    released(registry, sigstore, at="2026-03-05T11:49:59Z")


def ended(since: str) -> Build:
    def build(registry: RegistryInMemory, sigstore: Instance) -> None:
        released(registry, sigstore)
        scope_says(registry, identities=[{**JOB, "status": "revoked", "since": since}])

    return build


def ended_before(registry: RegistryInMemory, sigstore: Instance) -> None:
    scope_says(registry, identities=[{**JOB, "status": "retired", "since": "2026-03-05T11:00:00Z"}])
    released(registry, sigstore)


def named_later(registry: RegistryInMemory, sigstore: Instance) -> None:
    """The scope says something else since."""
    released(registry, sigstore)
    scope_says(registry, identities=[JOB, ANN])


@pytest.mark.parametrize(
    ("rows", "build", "expected"),
    [
        # Another issuer, a prefix, a suffix, a pattern, another letter case, an empty one.
        ([{**ANN, "issuer": "https://evil.example"}], by_token(email="ann@example.org"), "unnamed-identity"),
        ([{**ANN, "issuer": GOOGLE + "/"}], by_token(email="ann@example.org"), "unnamed-identity"),
        ([ANN], by_token(email="ann@example.org.evil.example"), "unnamed-identity"),
        ([ANN], by_token(email="ann@example.or"), "unnamed-identity"),
        ([ANN], by_token(email="joann@example.org"), "unnamed-identity"),
        ([ANN], by_token(email="Ann@example.org"), "unnamed-identity"),
        ([{**ANN, "subject": ".*@example.org"}], by_token(email="ann@example.org"), "unnamed-identity"),
        ([{**ANN, "subject": "/.*/"}], by_token(email="ann@example.org"), "unnamed-identity"),
        ([JOB], by_job(WORKFLOW + "0"), "unnamed-identity"),
        ([JOB], by_job(WORKFLOW.replace("acme", "evil")), "unnamed-identity"),
        # The same name, and another repository behind it; a name without the numbers that the row has.
        ([JOB], by_job(repository_id="43"), "unnamed-identity"),
        ([JOB], by_job(owner_id="8"), "unnamed-identity"),
        ([{**ANN, "repository_id": 42}], by_token(email="ann@example.org"), "unnamed-identity"),
        ([{**ANN, "owner_id": 7}], by_token(email="ann@example.org"), "unnamed-identity"),
        ([], by_job(), "unnamed-identity"),
        # A signature that is none, of another release, or by another instance.
        ([JOB], by_foreign_instance, "bad-keyless"),
        ([JOB], of_another_release, "bad-keyless"),
        ([JOB], broken, "bad-keyless"),
        ([JOB], never_there, "no-identity"),
        ([JOB], stripped, "signatures-differ"),
        # Times.
        ([JOB], admitted_before_it_was_signed, "future-signature"),
        ([{**JOB, "named": "2026-03-05T12:10:01Z"}], by_job(), "signed-too-early"),
        ([JOB], ended(ADMITTED), "ended-identity"),
        ([JOB], ended("2026-03-05T12:00:00Z"), "ended-identity"),
        ([JOB], ended_before, "unnamed-identity"),
    ],
)
def test_nobody_else_may_sign_without_a_key(
    then: Instance, rows: list[dict[str, Any]], build: Build, expected: str
) -> None:
    """Whole strings and numbers decide, then and now; everything else is refused with exit 4."""
    registry = a_keyless_registry(then, identities=rows)
    build(registry, then)

    assert (4, expected) == refusal(lambda: admitted(registry))


@pytest.mark.parametrize(
    ("rows", "build"),
    [
        ([JOB], by_job()),
        ([{**JOB, "named": "2026-03-05T12:10:00Z"}], by_job()),
        ([JOB], ended("2026-03-05T12:05:01Z")),
        ([JOB], named_later),
        ([JOB], lambda registry, sigstore: released(registry, sigstore, at="2026-03-05T11:50:00Z")),
    ],
)
def test_what_held_at_the_admission_stays_good(then: Instance, rows: list[dict[str, Any]], build: Build) -> None:
    """An identity that ends a second later, or a clock that is ten minutes behind, changes nothing."""
    registry = a_keyless_registry(then, identities=rows)
    build(registry, then)

    assert 1 == len(admitted(registry).identities)


def key_stripped(registry: RegistryInMemory, sigstore: Instance) -> None:
    released(registry, sigstore)


def key_bad(registry: RegistryInMemory, sigstore: Instance) -> None:
    published(registry, None, by=KEY)
    blob = blob_of(registry)
    signature = next(path for path in registry.files if path.startswith(f"{blob}.") and path.endswith(".sig"))
    registry.files[signature] = bytes(64)
    registry.files[f"{blob}.sigstore.json"] = sigstore.sign(registry.files[blob], sigstore.job())
    registry.admit(SOLAR, "1.0.0", at=ADMITTED)


def other_identity(registry: RegistryInMemory, sigstore: Instance) -> None:
    released(registry, sigstore, sigstore.token(email="eve@example.org"), by=KEY)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (never_there, "no-identity"),
        (broken, "bad-keyless"),
        (other_identity, "unnamed-identity"),
        (key_stripped, "not-signed"),
        (key_bad, "bad-signature"),
    ],
)
def test_a_scope_that_needs_both_takes_neither_alone(then: Instance, build: Build, expected: str) -> None:
    """With one of them missing or bad, the release is refused, however good the other is."""
    registry = a_keyless_registry(then, needs="both")
    build(registry, then)

    assert (4, expected) == refusal(lambda: admitted(registry))


def test_without_a_trust_root_nobody_is_believed(then: Instance) -> None:
    """A registry whose targets list no trust root has no keyless releases."""
    registry = released(a_keyless_registry(then), then)
    registry.files = {path: data for path, data in registry.files.items() if ".targets.json" not in path}

    assert (4, "needs-identity") == refusal(lambda: admitted(registry))


def test_a_tool_without_sigstore_refuses(then: Instance) -> None:
    """Means that cannot read a trust root believe nobody."""
    registry = released(a_keyless_registry(then), then)

    assert (4, "needs-identity") == refusal(lambda: admitted(registry, means=Means(check, MEANS.covers)))


def test_another_trust_root_in_the_place_of_the_listed_one_is_refused(then: Instance) -> None:
    """The file is the one whose digest the targets list."""
    registry = released(a_keyless_registry(then), then)
    (path,) = [path for path in registry.files if path.endswith(".trusted_root.json")]
    registry.files[path] = Instance.stranger().trusted_root()

    assert (4, "bad-digest") == refusal(lambda: admitted(registry))


@pytest.mark.parametrize(
    ("text", "issuer", "expected"),
    [
        (f"https://github.com/{WORKFLOW}", GITHUB, ""),
        (r"/https://github\.com/acme/.+@refs/tags/v[0-9.]+/", GITHUB, ""),
        (f"https://github.com/{WORKFLOW}", GOOGLE, "other-identity"),
        ("https://github.com/acme", GITHUB, "other-identity"),
        ("/acme/", GITHUB, "other-identity"),
        ("/.*evil.*|x/", GITHUB, "other-identity"),
    ],
)
@pytest.mark.parametrize("needs", ["key", "identity", "both"])
def test_a_person_says_who_must_have_signed(then: Instance, needs: str, text: str, issuer: str, expected: str) -> None:
    """The bundle is verified whatever the scope needs, and is by exactly that identity."""
    registry = released(a_keyless_registry(then, needs=needs), then, by=KEY)
    signer = parse_expected(text, issuer)

    if expected:
        assert (4, expected) == refusal(lambda: admitted(registry, signer=signer))
    else:
        assert 1 == len(admitted(registry, signer=signer).identities)


def test_where_nobody_signed_so_the_release_is_refused(then: Instance) -> None:
    """A key is not what the person asked for."""
    registry = believing(a_keyless_registry(then, needs="key", identities=[]), then)
    never_there(registry, then)

    signer = parse_expected("ann@example.org", GOOGLE)
    assert (4, "no-identity") == refusal(lambda: admitted(registry, signer=signer))
