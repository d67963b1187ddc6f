"""Who signed without a key."""

from dataclasses import replace

from registry_tool.checks.provenance import attestation, provenance_continues
from registry_tool.core.layout import statement_path
from registry_tool.core.tree import MemoryTree, walk
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, skill, with_candidate
from tests.checks.fixtures import first, update, with_bundle, without_identity

LINKS = "@ann/links"


def told(tip: Build, version: str = "1.0.3") -> list[str]:
    """What is said of a release by a key alone."""
    return [one.message for one in provenance_continues(change(lambda registry: skill(registry, version), tip=tip))]


def signed(*versions: str, last: str = "") -> Build:
    """Versions that an identity signed, then one by a key alone; all are let in."""

    def build(registry: RegistryInMemory) -> None:
        for version in versions:
            with_bundle(LINKS, version, admitted=True)(registry)
        if last:
            skill(registry, last)
            registry.admit(LINKS, last, path="owner", by=("mod",))

    return build


def test_the_version_before_and_the_one_that_a_person_let_in_count() -> None:
    """An identity that signed either of them is expected again; what was signed by a key since does not end that."""
    words = " was signed by an identity, without a key, and this version is not"

    assert ["1.0.1" + words] == told(signed("1.0.1"))
    assert ["1.0.1" + words] == told(signed("1.0.1", last="1.0.2"))
    assert [] == told(signed("1.0.4"))
    assert [] == told(lambda registry: skill(registry, "1.0.1"))


def test_what_nobody_let_in_does_not_count() -> None:
    """A release on the main line without an admission binds nobody."""
    assert [] == told(with_bundle(LINKS, "1.0.1"))


def test_a_broken_pointer_is_told_elsewhere() -> None:
    """A version of the tip whose pointer cannot be read is passed over."""
    made = without_identity()
    tip = MemoryTree(
        {
            path: b"{}" if path.endswith("/1.0.1/release.json") else made.tip.read(path) or b""
            for path, _ in walk(made.tip)
        }
    )

    assert [] == list(provenance_continues(with_candidate(replace(made, tip=tip), previous=None)))


def test_what_cannot_be_read_is_told_elsewhere() -> None:
    """A release without a manifest is not asked for its signatures."""
    assert [] == list(provenance_continues(with_candidate(without_identity(), manifest=None)))


def test_a_scope_that_names_nobody_takes_no_identity() -> None:
    """A signature without a key needs an active identity of the scope; a broken scope is told elsewhere."""

    def unread(registry: RegistryInMemory) -> None:
        registry.files[statement_path("scopes/ann", 1)] = b"{}"

    made = change(with_bundle("@ann/tables", "1.0.0"))

    assert ["it is signed without a key, and the scope @ann names no identity"] == [
        one.message for one in attestation(made)
    ]
    assert [] == list(attestation(change(with_bundle("@ann/tables", "1.0.0"), tip=unread)))
    assert ([], []) == (list(attestation(update())), list(attestation(first())))
