"""The grammar of permissions, apart from any kind."""

import re

import pytest

from registry_tool.core.confinement import ANYWHERE, Confinement, Endpoint
from registry_tool.core.findings import Finding
from registry_tool.core.permissions import Grammar, Rule, same_only


def no_high_port(match: re.Match[str]) -> str | None:
    """Why a port is refused."""
    return "ports end at 65535" if int(match["port"]) > 65535 else None


PORT = Rule(
    "port:(?P<port>[0-9]+)",
    "listen on {port}",
    lambda match: Confinement(ports=(f"{match['port']}/tcp",)),
    ("port:80",),
    ("port:",),
    refuse=no_high_port,
)
NETWORK = Rule(
    "network(:(?P<host>[a-z.]+))?",
    "reach {host}",
    lambda match: Confinement(egress=(Endpoint(match["host"]) if match["host"] else ANYWHERE,)),
    ("network",),
    ("net",),
)
GRAMMAR = Grammar((PORT, NETWORK), covers=lambda old, new: new.startswith(old))
NOTHING = Grammar()


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("port:80", "listen on 80"),
        ("network", "reach "),
        ("network:a.example", "reach a.example"),
        ("network:{port}", None),
        ("port:65536", None),
        ("port:\u0668\u0660", None),
        ("port:80\n", None),
        ("port", None),
        ("", None),
    ],
)
def test_a_permission_is_known_whole_or_not_at_all(permission: str, expected: str | None) -> None:
    """The rule's words with what stands in the permission; nothing for what no rule matches."""
    assert expected == GRAMMAR.explain(permission)
    assert NOTHING.explain(permission) is None


def test_a_grant_covers_what_the_kind_says() -> None:
    """One that covers is enough; by default only the same is covered."""
    assert [True, False, False] == [
        GRAMMAR.covered(granted, "network:h") for granted in (["port:80", "network"], ["port:80"], [])
    ]
    assert [True, False] == [same_only("a", "a"), same_only("a", "a:b")]
    assert [True, False] == [NOTHING.covered(["a"], "a"), NOTHING.covered(["a"], "b")]


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        (["network", "port:80"], []),
        (
            ["network", "network"],
            [("permission-twice", "the permission 'network' is there 2 times", "leave one of them")],
        ),
        (
            ["port:65536"],
            [
                (
                    "permission-unknown",
                    "'port:65536' cannot be granted: ports end at 65535",
                    "for example: port:80",
                )
            ],
        ),
        (
            ["net\u200bwork"],
            [
                (
                    "permission-unknown",
                    "'net\\u200bwork' looks like 'network' and is not",
                    "write it as: network",
                )
            ],
        ),
        (
            ["\uff4eetwork"],
            [("permission-unknown", "'\\uff4eetwork' looks like 'network' and is not", "write it as: network")],
        ),
        (["NETWORK"], [("permission-unknown", "'NETWORK' looks like 'network' and is not", "write it as: network")]),
        (["network "], [("permission-unknown", "'network ' looks like 'network' and is not", "write it as: network")]),
        (
            ["fly", "fly"],
            [
                (
                    "permission-unknown",
                    "'fly' is not a permission that a gizmo can have",
                    "a gizmo can ask for: port:80, network",
                )
            ],
        ),
    ],
)
def test_a_fault_says_what_to_write(permissions: list[str], expected: list[tuple[str, str, str]]) -> None:
    """Twice, refused, a look-alike or unknown: each has its words, and a hint with the line to write."""
    found = GRAMMAR.findings(permissions, kind="gizmo", path="artifact.yaml")

    assert [Finding(check, "fail", message, "artifact.yaml", hint) for check, message, hint in expected] == list(found)


def test_what_is_granted_nothing_asks_for_nothing() -> None:
    """A kind without rules refuses every permission, and says that there are none."""
    found = NOTHING.findings(["network"], kind="theme")

    assert ["a theme is granted nothing, it asks for 'network'"] == [one.message for one in found]
    assert ["remove it: permissions: []"] == [one.hint for one in found]
    assert () == NOTHING.findings([], kind="theme")
