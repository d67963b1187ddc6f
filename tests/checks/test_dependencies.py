"""What a release needs of others."""

from collections.abc import Mapping
from typing import Any

import pytest

from registry_tool.checks.dependencies import DEPTH, NAMES, dependencies
from registry_tool.checks.versions import standing_versions
from registry_tool.core.names import parse_artifact
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, skill, version_path, with_candidate
from tests.checks.fixtures import update

MOON = "@ann/moon"


def there(*releases: tuple[str, str, Mapping[str, str]], more: Build | None = None) -> Build:
    """Releases of the tip with what they need."""

    def build(registry: RegistryInMemory) -> None:
        for name, version, needs in releases:
            skill(registry, version, {"of.md": f"{name} {version}\n".encode()}, name=name, dependencies=needs)
            registry.admit(name, version)
        if more is not None:
            more(registry)

    return build


def told(needs: Mapping[str, str], tip: Build | None = None) -> list[str]:
    """What is said of an update of @ann/links that needs this."""
    made = change(lambda registry: skill(registry, "1.0.1", dependencies=needs), tip=tip)
    return [one.message for one in dependencies(made)]


def event(action: str) -> Build:
    """Something is said of the moon."""
    return lambda registry: registry.event(MOON, "1.2.0", action)


def broken_events(registry: RegistryInMemory) -> None:
    registry.files[f"{version_path('1.2.0', MOON)}/events/1.json"] = b"{}"


def no_admission(registry: RegistryInMemory) -> None:
    del registry.files[f"{version_path('1.2.0', MOON)}/admission.json"]


def no_manifest(registry: RegistryInMemory) -> None:
    digest = registry.manifest(MOON, "1.2.0").to_bytes()
    registry.files = {path: data for path, data in registry.files.items() if data != digest}


FITS_NOT = f"no version of {MOON} that can be installed fits ^1.0.0"


@pytest.mark.parametrize(
    ("needs", "tip", "expected"),
    [
        ({MOON: "^1.0.0"}, there((MOON, "1.2.0", {})), []),
        ({MOON: "^2.0.0"}, there((MOON, "1.2.0", {})), [f"no version of {MOON} that can be installed fits ^2.0.0"]),
        ({MOON: "^1.0.0"}, None, [f"it needs {MOON}, which is not in this registry"]),
        ({MOON: "^1.0.0"}, there((MOON, "1.2.0", {}), more=event("deprecate")), []),
        ({MOON: "^1.0.0"}, there((MOON, "1.2.0", {}), more=event("yank")), [FITS_NOT]),
        ({MOON: "^1.0.0"}, there((MOON, "1.2.0", {}), more=event("quarantine")), [FITS_NOT]),
        ({MOON: "^1.0.0"}, there((MOON, "1.1.0", {}), (MOON, "1.2.0", {}), more=event("revoke")), []),
        ({MOON: "^1.0.0"}, there((MOON, "1.2.0", {}), more=broken_events), [FITS_NOT]),
        ({MOON: "^1.0.0"}, there((MOON, "1.2.0", {}), more=no_admission), [FITS_NOT]),
        ({MOON: "^1.0.0"}, there((MOON, "1.2.0", {}), more=no_manifest), [FITS_NOT]),
        ({"@ann/links": "^1.0.0"}, None, ["@ann/links needs itself"]),
        (
            {MOON: "^1.0.0"},
            there((MOON, "1.2.0", {"@ann/sun": "^1.0.0"}), ("@ann/sun", "1.0.0", {"@ann/links": "*"})),
            [f"it needs itself: @ann/links needs {MOON} needs @ann/sun needs @ann/links"],
        ),
        (
            {MOON: "^1.0.0", "@ann/sun": "*"},
            there((MOON, "1.2.0", {"@ann/sun": "^1.0.0", "@ann/gone": "*"}), ("@ann/sun", "1.0.0", {})),
            [],
        ),
    ],
)
def test_what_a_release_needs_can_be_installed(
    needs: Mapping[str, str], tip: Build | None, expected: list[str]
) -> None:
    """Each dependency is there in a version that fits and that an install takes, and none leads back."""
    assert expected == told(needs, tip)


def test_what_comes_in_the_same_submission_is_there() -> None:
    """Two releases of one submission may need one another's name once; a ring among them is seen too."""

    def build(registry: RegistryInMemory, **sun: Any) -> None:
        skill(registry, "1.0.1", dependencies={"@ann/sun": "^1.0.0"})
        skill(registry, "1.0.0", {"sun.md": b"sun\n"}, name="@ann/sun", **sun)

    ring = change(lambda registry: build(registry, dependencies={"@ann/links": "^1.0.0"}))

    assert [] == list(dependencies(change(build)))
    assert 2 == len([one for one in dependencies(ring) if "it needs itself" in one.message])


def test_needs_are_not_deeper_than_an_install_goes() -> None:
    """A chain of dependencies that an install would give up on is refused."""
    chain = [(f"@ann/n{number}", "1.0.0", {f"@ann/n{number + 1}": "*"}) for number in range(DEPTH + 2)]

    assert [f"what it needs is more than {NAMES} names or {DEPTH} levels"] == told({"@ann/n0": "*"}, there(*chain))


@pytest.mark.slow
def test_needs_are_not_more_than_an_install_brings() -> None:
    """A fan of dependencies that an install would give up on is refused."""
    fan = {f"@ann/f{number}": "*" for number in range(NAMES + 1)}
    wide = there(*((name, "1.0.0", {}) for name in fan))

    assert [f"what it needs is more than {NAMES} names or {DEPTH} levels"] == told(fan, wide)


def test_what_cannot_be_read_needs_nothing() -> None:
    """A release without a manifest is told elsewhere, and a name that is not there has no versions."""
    made = update()

    assert [] == list(dependencies(with_candidate(made, manifest=None)))
    assert [] == list(standing_versions(made.tip, parse_artifact("@ann/nowhere")))
