"""Statements: who is let in agrees, and what is said of releases helps people on."""

from typing import Any

import pytest

from registry_tool.checks.countersigned import consent
from registry_tool.checks.lifecycle import lifecycle
from registry_tool.core.change import Change
from registry_tool.core.layout import statement_path
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, newcomer, skill
from tests.checks.fixtures import first, let_in, update

LINKS = "@ann/links"


def asked(build: Build, tip: Build | None = None) -> list[str]:
    """Who is let in and did not sign."""
    return [one.message for one in consent(change(build, tip=tip))]


def scope(*owners: str, members: tuple[str, ...] = (), by: tuple[str, ...]) -> Build:
    """The next statement of @ann."""
    return lambda registry: registry.scope("ann", owners=owners, members=members, by=by)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (scope("ann", members=("bob",), by=("ann control",)), ["bob is let in and did not sign"]),
        (scope("ann", members=("bob",), by=("ann control", "bob control")), []),
        (scope("ann", "bob", by=("ann control", "bob signing")), ["bob is let in and did not sign"]),
        (scope("ann", by=("ann control",)), []),
        (
            lambda registry: registry.scope("moon", owners=["bob"], by=("ann control",)),
            ["bob is let in and did not sign"],
        ),
        (lambda registry: registry.scope("moon", owners=["zoe"], by=()), ["zoe is let in and did not sign"]),
    ],
)
def test_whoever_is_let_in_signed(build: Build, expected: list[str]) -> None:
    """A new owner or member signs with a control key of their own, also the first one; who is there does not again."""

    def with_zoe(registry: RegistryInMemory) -> None:
        registry.keyring("bob")
        registry.keyring("zoe")

    def without_zoe(registry: RegistryInMemory) -> None:
        build(registry)
        registry.files.pop(statement_path("authors/zoe", 1))

    assert expected == asked(without_zoe, with_zoe)


def test_other_statements_let_nobody_in() -> None:
    """Keyrings, releases and a newcomer's own scope ask nobody else."""
    assert ([], []) == (asked(newcomer), list(consent(update())))
    assert ["bob is let in and did not sign"] == [one.message for one in consent(let_in("ann control")())]


def said(action: str, *versions: str, tip: Build | None = None, more: Build | None = None, **words: Any) -> Change:
    """Something is said of versions of ann's links."""

    def build(registry: RegistryInMemory) -> None:
        for version in versions:
            registry.event(LINKS, version, action, **words)
        if more is not None:
            more(registry)

    return change(build, tip=tip)


def with_two(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.1")
    registry.admit(LINKS, "1.0.1")


def with_beta(registry: RegistryInMemory) -> None:
    skill(registry, "2.0.0-beta.1")
    registry.admit(LINKS, "2.0.0-beta.1")


LEFT = "no version of @ann/links is left that an install would take"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (said("yank", "1.0.0"), [("warn", LEFT)]),
        (said("yank", "1.0.0", tip=with_two), []),
        (said("yank", "1.0.0", "1.0.1", tip=with_two), [("warn", LEFT), ("warn", LEFT)]),
        (said("yank", "1.0.0", tip=with_beta), [("warn", LEFT)]),
        (said("yank", "1.0.0", more=lambda registry: skill(registry, "1.0.1")), []),
        (said("deprecate", "1.0.0", reason="superseded"), []),
        (said("deprecate", "1.0.0", reason="bored"), [("fail", "bored is no reason to deprecate something")]),
        (said("quarantine", "1.0.0", reason="other"), [("fail", "the reason is in the note, and the note is empty")]),
        (said("revoke", "1.0.0", reason="malware"), []),
    ],
)
def test_what_is_said_of_a_release_helps_people_on(made: Change, expected: list[tuple[str, str]]) -> None:
    """A reason is one of the list, `other` needs words, and a yank that leaves nothing to install is told."""
    assert expected == [(one.level, one.message) for one in lifecycle(made)]


def test_what_is_no_event_has_no_reason() -> None:
    """Releases and statements about people are not asked for one."""
    assert ([], []) == (list(lifecycle(update())), list(lifecycle(first())))
