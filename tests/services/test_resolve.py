"""Which releases an install brings."""

from collections.abc import Mapping

import pytest

from registry_tool.core.errors import NotFound, NotTrusted, RegistryError, StateForbids
from registry_tool.core.names import parse_artifact
from registry_tool.services.consumer import uninstall
from registry_tool.services.look import updates
from registry_tool.services.resolve import DEPTH
from tests.builders import a_registry
from tests.services.person import SOLAR, Person, site_of


def test_what_is_needed_is_installed_first(person: Person) -> None:
    """Dependencies come from the same registry, before what needs them, in a version that fits; circles end."""
    registry = a_registry()
    registry.release("@bob/base", "1.0.0").release("@bob/base", "1.2.0").release("@bob/base", "2.0.0")
    registry.release("@ann/mid", "1.0.0", dependencies={"@bob/base": "^1.0.0", SOLAR: "*"})
    registry.release(SOLAR, "1.0.0", dependencies={"@ann/mid": "1.x"})

    prepared = person.install(site_of(registry), registry.id, SOLAR)

    assert ["@bob/base@1.2.0", "@ann/mid@1.0.0", f"{SOLAR}@1.0.0"] == [
        f"{one.verified.artifact}@{one.verified.manifest.version}" for one in prepared.steps
    ]
    assert [False, False, True] == [one.record["asked"] for one in prepared.steps]


def test_what_fits_already_stays(person: Person) -> None:
    """A dependency that is installed in a version that fits is not touched, also where a newer one is there."""
    registry = a_registry().release("@bob/base", "1.0.0").release("@bob/base", "1.2.0")
    registry.release(SOLAR, "1.0.0", dependencies={"@bob/base": "^1.0.0"})
    site = site_of(registry)
    person.install(site, registry.id, "@bob/base@1.0.0")

    person.install(site, registry.id, SOLAR)

    assert {"@bob/base": "1.0.0", SOLAR: "1.0.0"} == person.versions()


@pytest.mark.parametrize(
    ("needs", "wanted", "code"),
    [
        ({"@bob/base": "^2.0.0"}, [SOLAR], "conflict"),
        ({"@bob/base": "^1.0.0", "@bob/mid": "*"}, [SOLAR], "conflict"),
        ({"@bob/base": "^1.0.0"}, [SOLAR, "@bob/base@1.5.0-rc.1"], "conflict"),
        ({}, [SOLAR, f"{SOLAR}@1.0.0"], "conflict"),
        ({"@bob/nothing": "*"}, [SOLAR], "no-artifact"),
    ],
)
def test_what_does_not_fit_together_is_said(
    person: Person, needs: Mapping[str, str], wanted: list[str], code: str
) -> None:
    """Ranges that no version fits, two versions of one name, and a missing dependency stop the install whole."""
    registry = a_registry().release("@bob/base", "1.0.0").release("@bob/base", "1.5.0-rc.1")
    registry.release("@bob/mid", "1.0.0", dependencies={"@bob/base": ">=3.0.0"})
    registry.release(SOLAR, "1.0.0", dependencies=needs)

    with pytest.raises(RegistryError) as refused:
        person.install(site_of(registry), registry.id, *wanted)

    assert code == refused.value.code
    assert not person.root.exists()


def test_what_others_need_is_not_broken(person: Person) -> None:
    """A version that an installed artifact cannot live with is refused, and so is uninstalling what it needs."""
    registry = a_registry().release("@bob/base", "1.0.0").release("@bob/base", "2.0.0")
    registry.release(SOLAR, "1.0.0", dependencies={"@bob/base": "^1.0.0"})
    site = site_of(registry)
    person.install(site, registry.id, SOLAR)

    with pytest.raises(StateForbids) as refused:
        person.install(site, registry.id, "@bob/base@2.0.0")
    assert "conflict" == refused.value.code
    with pytest.raises(StateForbids) as kept:
        uninstall(person.target, parse_artifact("@bob/base"))
    assert "needed" == kept.value.code
    wanted = [one for one, _, _ in updates(person.contact(site, registry.id), person.target, ())]
    person.install(site, registry.id, *(str(one) for one in wanted))
    assert {"@bob/base": "1.0.0", SOLAR: "1.0.0"} == person.versions()


def test_dependencies_have_an_end(person: Person) -> None:
    """A chain of dependencies that is deeper than the limit is refused."""
    registry = a_registry()
    for number in range(DEPTH + 1):
        registry.release(f"@ann/n{number}", "1.0.0", dependencies={f"@ann/n{number + 1}": "*"})

    with pytest.raises(StateForbids) as refused:
        person.install(site_of(registry), registry.id, "@ann/n0")

    assert "too-many" == refused.value.code


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], "2.0.0"),
        ([("2.0.0", "yank")], "1.1.0"),
        ([("2.0.0", "deprecate")], "2.0.0"),
        ([("2.0.0", "revoke"), ("1.1.0", "quarantine")], "1.0.0"),
    ],
)
def test_no_version_means_the_newest_that_is_good(person: Person, events: list[tuple[str, str]], expected: str) -> None:
    """Without a version the newest comes that is no pre-release and neither yanked nor worse."""
    registry = a_registry()
    for version in ("1.0.0", "1.1.0", "2.0.0", "3.0.0-beta"):
        registry.release(SOLAR, version)
    for version, action in events:
        registry.event(SOLAR, version, action)

    person.install(site_of(registry), registry.id, SOLAR)

    assert {SOLAR: expected} == person.versions()


@pytest.mark.parametrize(
    ("wanted", "action", "error", "code"),
    [
        ("@ann/nothing", None, NotFound, "no-artifact"),
        (f"{SOLAR}@9.9.9", None, NotFound, "no-version"),
        (f"{SOLAR}@1.0.0+build", None, NotFound, "no-version"),
        (SOLAR, "yank", NotFound, "no-version"),
        (f"{SOLAR}@1.0.0", "yank", StateForbids, "yanked"),
        (f"{SOLAR}@1.0.0", "quarantine", NotTrusted, "quarantined"),
        (f"{SOLAR}@1.0.0", "revoke", NotTrusted, "revoked"),
        (f"{SOLAR}@1.0.0", "withhold", NotTrusted, "withheld"),
    ],
)
def test_what_cannot_be_installed_is_said(
    person: Person, wanted: str, action: str | None, error: type[RegistryError], code: str
) -> None:
    """A name or version that is not there, or whose status forbids it, is refused before anything is written."""
    registry = a_registry().release(SOLAR, "1.0.0")
    if action:
        registry.event(SOLAR, "1.0.0", action)

    with pytest.raises(error) as refused:
        person.install(site_of(registry), registry.id, wanted)

    assert code == refused.value.code
    assert not person.root.exists()
