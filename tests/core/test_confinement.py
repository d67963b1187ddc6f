"""What grants become for a machine that enforces them."""

import re

import pytest

from registry_tool.core.confinement import ANYWHERE, Confinement, Endpoint
from registry_tool.core.errors import NotTrusted
from registry_tool.core.kind import Kind
from registry_tool.core.permissions import Grammar, Rule
from registry_tool.kinds import all_kinds
from tests.core.test_permissions import GRAMMAR, NOTHING

EVERY = [
    pytest.param(kind, rule, id=f"{kind.id} {rule.accepts[0]}") for kind in all_kinds() for rule in kind.grammar.rules
]


def test_nothing_granted_allows_nothing() -> None:
    """No permission gives the confinement in which nothing may be done, of a kind with rules or without."""
    assert [Confinement()] * 2 == [GRAMMAR.confine([], kind="gizmo"), NOTHING.confine([], kind="theme")]
    assert (False, False, ()) == (Confinement().temporary, Confinement().chat, Confinement().egress)


def test_several_grants_allow_all_of_them_together() -> None:
    """What each allows is there once and sorted, whatever their order."""
    grants = ["port:80", "network:b.example", "port:443", "network:a.example"]
    expected = Confinement(egress=(Endpoint("a.example"), Endpoint("b.example")), ports=("443/tcp", "80/tcp"))

    assert [expected] * 2 == [GRAMMAR.confine(one, kind="gizmo") for one in (grants, grants[::-1])]


def test_a_host_with_and_without_a_port_are_two() -> None:
    """Every port of a host stands before one of its ports, and neither is lost."""
    every, one = Confinement(egress=(Endpoint("a.example"),)), Confinement(egress=(Endpoint("a.example", 443),))

    assert [Confinement(egress=(Endpoint("a.example"), Endpoint("a.example", 443)))] * 2 == [every | one, one | every]


def test_together_is_as_much_as_both() -> None:
    """A list holds what is in either, a yes of one is a yes, and no member is lost."""
    one = Confinement(egress=(ANYWHERE,), chat=True, tools=("b", "a"))
    other = Confinement(temporary=True, tools=("c", "a"), intervals=(5,))
    expected = Confinement(egress=(ANYWHERE,), temporary=True, chat=True, tools=("a", "b", "c"), intervals=(5,))

    assert [expected] * 2 == [one | other, other | one]
    assert one | Confinement() == Confinement(egress=(ANYWHERE,), chat=True, tools=("a", "b"))


@pytest.mark.parametrize(
    ("grants", "code"),
    [
        (["network", "fly"], "permission-unknown"),
        (["port:65536"], "permission-unknown"),
        (["network\u200b"], "permission-unknown"),
        (["network", "network"], "permission-twice"),
    ],
)
def test_what_is_not_understood_is_let_through_by_nothing(grants: list[str], code: str) -> None:
    """An unknown, impossible or doubled permission confines nothing: it is refused, never left out."""
    with pytest.raises(NotTrusted) as refused:
        GRAMMAR.confine(grants, kind="gizmo")

    assert (code, "update the tool, or ask its author") == (refused.value.code, refused.value.hint)


def test_a_rule_that_refuses_lets_another_one_decide() -> None:
    """Of two rules whose patterns fit, only the one that does not refuse says what is allowed."""
    high = Rule(
        "port:(?P<port>[0-9]+)",
        "listen high on {port}",
        lambda match: Confinement(capabilities=("HIGH",)),
        ("port:70000",),
        ("port:1",),
        refuse=lambda match: None if int(match["port"]) > 65535 else "low",
    )
    both = Grammar((*GRAMMAR.rules, high))

    assert Confinement(capabilities=("HIGH",)) == both.confine(["port:70000"], kind="gizmo")
    assert Confinement(ports=("80/tcp",)) == both.confine(["port:80"], kind="gizmo")


@pytest.mark.parametrize(("kind", "rule"), EVERY)
def test_every_rule_allows_something_and_only_its_own(kind: Kind, rule: Rule) -> None:
    """Each example of each rule allows exactly what that rule says of it, and that is never nothing."""
    for example in rule.accepts:
        match = re.fullmatch(rule.pattern, example, re.ASCII)
        assert match is not None
        allowed = kind.grammar.confine([example], kind=kind.id)

        assert Confinement() | rule.allows(match) == allowed != Confinement()
