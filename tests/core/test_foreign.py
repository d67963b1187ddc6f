"""Signatures that only foreign readers look at."""

import hashlib
from dataclasses import replace

import pytest

from registry_tool.core.findings import Finding
from registry_tool.core.foreign import flat_message, foreign_faults, wire_message
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import payload_at
from registry_tool.kinds import skill as skills
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, a_tip, change, with_candidate
from tests.core.landings import LINKS, MEANS, both, codes, sign, update


def put(registry: RegistryInMemory, suffix: str) -> None:
    """A file beside the manifest of 1.1.0."""
    blob = next(path for path in registry.files if path.endswith(registry_digest(registry)))
    registry.files[f"{blob}.{suffix}"] = bytes(64)


def registry_digest(registry: RegistryInMemory) -> str:
    return hashlib.sha256(registry.manifest(LINKS, "1.1.0").to_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (update, []),
        (both(update, lambda r: sign(r, "ann signing", form="flat.")), []),
        (both(update, lambda r: sign(r, "ann control", form="flat.")), ["bad-signature"]),
        (both(update, lambda r: sign(r, "stranger", form="flat.")), ["bad-signature"]),
        (both(update, lambda r: sign(r, "ann signing", form="wire.")), ["bad-signature"]),
        (both(update, lambda r: put(r, f"flat.{'0' * 16}.sig")), ["bad-signature"]),
        (both(update, lambda r: put(r, "sigstore.json")), ["needs-identity"]),
        (both(update, lambda r: put(r, "wire.sigstore.json")), ["bad-signature"]),
    ],
)
def test_a_wrong_signature_for_foreign_readers_is_refused(build: Build, expected: list[str]) -> None:
    """It is by an active signing key of the author, over the form that its name says, which the kind has."""
    assert expected == codes(build)


def test_where_the_keyring_cannot_be_read_no_signature_holds() -> None:
    """Keys that nobody can read sign nothing."""

    def build(registry: RegistryInMemory) -> None:
        update(registry)
        sign(registry, "ann signing", form="flat.")
        registry.files["index/authors/an/ann/keys/2.json"] = b"[]"

    assert "bad-signature" in codes(build)


def test_what_cannot_be_read_is_not_looked_at() -> None:
    """Without manifest, kind or payload there is no message that could be signed."""
    made = change(both(update, lambda r: put(r, "sigstore.json")))
    without: list[tuple[Finding, ...]] = [
        foreign_faults(with_candidate(made, **{member: None}).releases[0], made, means=MEANS)
        for member in ("manifest", "kind", "payload")
    ]

    assert [(), (), ()] == without


def test_a_kind_says_what_the_wire_is() -> None:
    """The flat form is of every kind; the wire only of those that a ggui client reads."""
    registry = a_tip()
    manifest = registry.manifest(LINKS, "1.0.0")
    payload = payload_at(registry.tree(), parse_artifact(LINKS), manifest)
    wired = replace(skills.KIND, wire=lambda manifest, payload: b"the wire")

    assert b'"kind":"skills"' in flat_message(manifest, skills.KIND)
    assert wire_message(manifest, skills.KIND, payload) is None
    assert hashlib.sha384(b"the wire").digest() == wire_message(manifest, wired, payload)
