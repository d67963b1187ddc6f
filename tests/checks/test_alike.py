"""New names that a person could take for somebody else's."""

import pytest

from registry_tool.checks.alike import look_alike
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, newcomer, skill
from tests.checks.fixtures import first, update

OF_OTHERS = ", of somebody else"


def bobs(name: str) -> Build:
    """Bob comes with a name of his."""

    def build(registry: RegistryInMemory) -> None:
        newcomer(registry)
        skill(registry, "1.0.0", name=f"@bob/{name}")

    return build


def claims(scope: str, *, by: str = "bob") -> Build:
    """Somebody claims a scope, without a release."""

    def build(registry: RegistryInMemory) -> None:
        if by == "ann":
            registry.scope(scope, owners=["ann"], by=("ann control",))
        else:
            newcomer(registry, by, scope=scope)

    return build


def published(*names: str) -> Build:
    """Names that are there."""

    def build(registry: RegistryInMemory) -> None:
        for name in names:
            skill(registry, "1.0.0", name=name)
            registry.admit(name, "1.0.0")

    return build


def told(build: Build, tip: Build | None = None) -> list[str]:
    """What the check says."""
    return [one.message for one in look_alike(change(build, tip=tip))]


@pytest.mark.parametrize(
    ("build", "there", "expected"),
    [
        (bobs("links"), (), ["@bob/links is spelled almost as @ann/links" + OF_OTHERS]),
        (bobs("link"), (), []),
        (bobs("linkage"), (), []),
        (
            bobs("link-checker"),
            ("@ann/link-check", "@ann/link-checked"),
            ["@bob/link-checker is spelled almost as @ann/link-checked" + OF_OTHERS],
        ),
        (
            bobs("release-note"),
            ("@ann/release-notes", "@bob/release-noter"),
            ["@bob/release-note is spelled almost as @ann/release-notes" + OF_OTHERS],
        ),
        (
            bobs("tables"),
            tuple(f"@a{letter}/tables" for letter in "bcdefg"),
            [
                "@bob/tables is spelled almost as @ab/tables, @ac/tables, @ad/tables, @ae/tables, @af/tables and more"
                + OF_OTHERS
            ],
        ),
        (claims("micrsoft"), (), ["@micrsoft is spelled almost as @microsoft" + OF_OTHERS]),
        (
            claims("harbor-tools"),
            ("@harbour-tools/x1",),
            ["@harbor-tools is spelled almost as @harbour-tools" + OF_OTHERS],
        ),
        (claims("harbor-tool", by="ann"), ("@ann/x1",), []),
    ],
)
def test_a_new_name_is_told_beside_those_that_it_resembles(
    build: Build, there: tuple[str, ...], expected: list[str]
) -> None:
    """Names across scopes and scopes among scopes are compared by edits scaled with their length."""
    assert expected == told(build, published(*there))


def test_names_of_one_owner_may_be_alike() -> None:
    """In a scope of one's own, and in another one of the same owner, alike names are a family."""

    def more(registry: RegistryInMemory) -> None:
        skill(registry, "1.0.0", name="@ann/linkss")
        skill(registry, "1.0.0", name="@annex/links", author="ann")
        registry.scope("annexe", owners=["ann"], by=("ann control",))

    assert [] == told(more)


def test_what_the_eye_cannot_tell_apart_is_told_once() -> None:
    """Names that differ in nothing but look-alike signs are told by the check of names, and not here again."""
    assert [] == told(lambda registry: newcomer(registry, scope="a-nn"))


def test_nothing_new_has_nothing_to_resemble() -> None:
    """An update is compared with nothing, and neither is a first submission of another word."""
    assert ([], []) == (list(look_alike(update())), list(look_alike(first())))
