"""How much comes from one scope."""

import pytest

from registry_tool.checks.totals import burst, scope_totals
from registry_tool.core.change import Change
from registry_tool.core.layout import statement_path
from registry_tool.core.times import from_seconds
from tests.builders import RegistryInMemory
from tests.checks.changes import LOOKED_AT, Build, change, skill, version_path
from tests.checks.fixtures import first, new_names, update


def limits(**most: int) -> Build:
    """A policy with these limits."""
    named = {name.replace("_", "-"): number for name, number in most.items()}
    return lambda registry: registry.policy(change=lambda value: value["limits"].update(named))


def new(name: str, *, tip: Build) -> Change:
    """A new name of ann's."""
    return change(lambda registry: skill(registry, "1.0.0", name=name), tip=tip)


def test_an_update_of_a_full_scope_is_no_new_name() -> None:
    """The number of names is asked about where one begins, and not of a scope that has more since policy changed."""
    assert [] == list(scope_totals(change(lambda registry: skill(registry, "1.0.1"), tip=limits(scope_names=0))))
    assert ["@ann would hold 2 names, at most 1 are allowed"] == [
        one.message for one in scope_totals(new("@ann/moon", tip=limits(scope_names=1)))
    ]


def test_bytes_are_counted_once_where_policy_wants_it() -> None:
    """Files that two versions share count once; without a limit nothing is read."""
    small, large = (
        change(lambda registry: skill(registry, "1.0.1", {"x.md": b"x" * 1000}), tip=limits(scope_bytes=most))
        for most in (1000, 2000)
    )

    assert ["@ann would hold 1103 bytes, at most 1000 are allowed"] == [one.message for one in scope_totals(small)]
    assert ([], []) == (list(scope_totals(large)), list(scope_totals(update())))


def admitted(*names: str, at: str) -> Build:
    """Names of ann's that were let in then."""

    def build(registry: RegistryInMemory) -> None:
        limits(new_names=2)(registry)
        for name in names:
            skill(registry, "1.0.0", name=name)
            registry.admit(name, "1.0.0", at=at)

    return build


def unread(registry: RegistryInMemory) -> None:
    """Of two other names one has an admission that cannot be read, and one was never let in."""
    admitted("@ann/sun", at=from_seconds(LOOKED_AT - 60))(registry)
    registry.files[f"{version_path('1.0.0', '@ann/sun')}/admission.json"] = b"{}"
    skill(registry, "1.0.0", name="@ann/star")


@pytest.mark.parametrize(
    ("tip", "expected"),
    [
        (admitted("@ann/sun", "@ann/star", at=from_seconds(LOOKED_AT - 60)), 3),
        (admitted("@ann/sun", "@ann/star", at=from_seconds(LOOKED_AT - 86_400)), None),
        (admitted("@ann/sun", "@ann/star", at=from_seconds(LOOKED_AT + 60)), None),
        (unread, None),
    ],
)
def test_new_names_are_counted_by_the_day(tip: Build, expected: int | None) -> None:
    """Names whose first version was let in within a day before count, with those that come now."""
    found = [one.message for one in burst(new("@ann/moon", tip=tip))]

    assert ([f"@ann would have {expected} new names within a day, 2 are usual"] if expected else []) == found


def test_few_new_names_are_usual() -> None:
    """An update, a first submission, and as many names as one submission may bring ask for nobody."""
    assert ([], []) == (list(burst(update())), list(burst(first())))
    assert [] == list(burst(new_names(*(f"name-{number:02}" for number in range(20)))()))


def test_a_policy_that_cannot_be_read_limits_nothing_new() -> None:
    """Without a policy the numbers of the tool count."""

    def tip(registry: RegistryInMemory) -> None:
        registry.files[statement_path("policy", 1)] = b"{}"

    assert [] == list(scope_totals(new("@ann/moon", tip=tip)))
