"""How what is installed runs, in words."""

from typing import Any

import pytest

from registry_tool.core.running import running_words
from registry_tool.kinds import kind_of

ELSE = "it sees its own files and none of yours"


@pytest.mark.parametrize(
    ("kind", "spec", "permissions", "expected"),
    [
        ("theme", {}, [], ["Nothing of it runs."]),
        ("widget", {}, [], ["frame of the browser"]),
        ("blueprint", {}, [], ["frame of the browser"]),
        ("skill", {"scripts": []}, [], ["It has no scripts."]),
        (
            "skill",
            {"scripts": ["a b.py", "run.sh"]},
            [],
            ["run them by themselves", "with all your rights", "`registry run @ann/x 'a b.py'`", "reaches no network"],
        ),
        (
            "skill",
            {"scripts": [f"{number}.py" for number in range(6)]},
            ["fs:tmp", "network:a.example", "network:b.example:443"],
            ["4.py, …)", "has a /tmp of its own", "reaches a.example, b.example on port 443"],
        ),
        (
            "plugin",
            {"run": {"type": "pypi"}},
            ["mcp:count", "network"],
            [
                "`registry run @ann/x`, which confines it",
                ELSE,
                "public hosts, never your own network",
                "only the tools",
            ],
        ),
        ("plugin", {"run": {"type": "remote"}}, [], ["It runs elsewhere"]),
        ("app", {}, [], ["not its author's compose file", "That file grants nothing more."]),
        (
            "app",
            {},
            ["cap:CHOWN", "port:8080/tcp", "mount:data:/data"],
            ["privileges: CHOWN", "ports on this machine: 8080/tcp", "volumes and folders of its own: data:/data"],
        ),
        ("theme", {}, ["network"], ["It cannot be installed with this tool"]),
    ],
)
def test_what_holds_it_is_said(kind: str, spec: dict[str, Any], permissions: list[str], expected: list[str]) -> None:
    """Each way of running has its sentences, with what was granted in them."""
    said = " ".join(running_words(kind_of(kind), "@ann/x", spec, permissions))

    assert [] == [words for words in expected if words not in said], said
