"""How agents start the servers of the `dist` branch (B8): as the package says, and with nothing that it did not get."""

from collections.abc import Mapping
from typing import Any

import pytest

from registry_tool.core.manifest import Manifest
from registry_tool.feeds.dist_servers import ROOT, plain_entry, server_entry, wanted
from tests.feeds.native_scene import reading_room, server

KEY = {"name": "api-key", "description": "A key.", "secret": True, "required": True}
PLACE = {"name": "place", "description": "", "secret": False, "required": False, "default": "here"}
MAYBE = {"name": "maybe", "description": "", "secret": False, "required": False}
DIGEST = "sha256:" + "a" * 64


def manifest(run: Mapping[str, Any], *inputs: Mapping[str, Any], pins: list[dict[str, str]] | None = None) -> Manifest:
    """The manifest of @ann/words, whose server is started so."""
    registry = reading_room()

    def pinned(value: dict[str, Any]) -> None:  # Any: JSON
        value["pins"] = pins or []

    server(registry, "@ann/words", run=run, spec={"inputs": [dict(one) for one in inputs]}, change=pinned)
    return registry.manifest("@ann/words", "1.0.0")


NPM = {"type": "npm", "identifier": "@acme/words", "version": "1.2.3"}
IMAGE = {"type": "oci", "identifier": "registry.example/words", "version": "1.2"}
REMOTE = {"type": "remote", "url": "https://mcp.example.org/mcp"}
OWN = {"type": "payload", "command": "node", "entry": "dist/main.js", "args": ["--quiet"]}


@pytest.mark.parametrize(
    ("run", "entry"),
    [
        (OWN, {"command": "node", "args": [f"{ROOT}/server/dist/main.js", "--quiet"]}),
        ({**NPM, "args": ["stdio"]}, {"command": "npx", "args": ["-y", "@acme/words@1.2.3", "stdio"]}),
        ({**NPM, "type": "pypi", "identifier": "words"}, {"command": "uvx", "args": ["words@1.2.3"]}),
        (IMAGE, {"command": "docker", "args": ["run", "-i", "--rm", "registry.example/words:1.2"]}),
        (REMOTE, {"type": "http", "url": "https://mcp.example.org/mcp"}),
    ],
    ids=["payload", "npm", "pypi", "oci", "remote"],
)
def test_a_server_is_started_as_its_package_says(run: Mapping[str, Any], entry: dict[str, Any]) -> None:
    """Its own file, or exactly the version that was let in."""
    assert entry == server_entry(manifest(run))


def test_an_image_is_the_one_that_was_pinned() -> None:
    """The digest says which, not the tag; what is given to it is passed on by name."""
    pins = [{"type": "image", "name": "registry.example/words", "digest": DIGEST}]
    entry = server_entry(manifest({**IMAGE, "env": {"MODE": "fast"}}, pins=pins))

    assert {
        "command": "docker",
        "args": ["run", "-i", "--rm", "-e", "MODE", f"registry.example/words@{DIGEST}"],
        "env": {"MODE": "fast"},
    } == entry


def test_what_the_person_gives_is_a_variable_of_the_servers_own() -> None:
    """A server cannot name a variable that holds somebody else's secret: each begins with its slug."""
    run = {**NPM, "args": ["--at={place}"], "env": {"API_KEY": "{api-key}", "MAYBE": "{maybe}", "X": "{unknown}"}}
    made = manifest(run, KEY, PLACE, MAYBE)

    assert {
        "command": "npx",
        "args": ["-y", "@acme/words@1.2.3", "--at=${ANN__WORDS_PLACE:-here}"],
        "env": {"API_KEY": "${ANN__WORDS_API_KEY}", "X": "{unknown}"},
    } == server_entry(made)
    assert [("ANN__WORDS_API_KEY", True), ("ANN__WORDS_PLACE", False), ("ANN__WORDS_MAYBE", False)] == [
        (one.variable, one.required) for one in wanted(made)
    ]


@pytest.mark.parametrize(
    ("run", "inputs"),
    [
        ({**REMOTE, "headers": {"X": "${AWS_SECRET_ACCESS_KEY}"}}, ()),
        ({**REMOTE, "headers": {"X": "${place}"}}, (PLACE,)),
        ({**REMOTE, "url": "https://e.example/?k=$HOME"}, ()),
        ({**NPM, "args": ["${HOME}"]}, ()),
        ({**NPM, "args": [7]}, ()),
        ({**NPM, "args": ["{place}"]}, ({**PLACE, "default": "}${HOME}"},)),
        ({**NPM, "identifier": "--call=evil"}, ()),
        ({**NPM, "version": "$X"}, ()),
        ({**IMAGE, "identifier": "-v/:/host"}, ()),
        ({**IMAGE, "env": {"--privileged": "x"}}, ()),
        ({**OWN, "command": "bash"}, ()),
        ({**OWN, "entry": "-c"}, ()),
        ({"type": "mcpb", "identifier": "https://e.example/x.mcpb"}, ()),
        ({"type": "other"}, ()),
        ({}, ()),
    ],
    ids=str,
)
def test_what_is_not_safe_to_write_is_not_written(
    run: Mapping[str, Any], inputs: tuple[Mapping[str, Any], ...]
) -> None:
    """Text that an agent would read as a variable or an option, and programs that no agent starts by itself."""
    assert server_entry(manifest(run or {"type": ""}, *inputs)) is None


def test_a_manifest_that_says_nothing_of_a_server_has_none() -> None:
    """Such a release is in no list of plugins."""
    assert server_entry(reading_room().release("@ann/solar", "1.0.0").manifest("@ann/solar", "1.0.0")) is None


@pytest.mark.parametrize(
    ("run", "plain"),
    [
        (OWN, {"command": "node", "args": ["server/dist/main.js", "--quiet"], "cwd": "."}),
        (
            {**NPM, "env": {"K": "{api-key}", "M": "1"}},
            {"command": "npx", "args": ["-y", "@acme/words@1.2.3"], "env": {"M": "1"}},
        ),
        ({**NPM, "args": ["{place}"]}, None),
        ({**REMOTE, "headers": {"K": "{api-key}"}}, None),
        (REMOTE, {"type": "http", "url": "https://mcp.example.org/mcp"}),
    ],
    ids=["payload", "env", "args", "headers", "remote"],
)
def test_an_agent_that_fills_in_nothing_gets_what_needs_no_filling(
    run: Mapping[str, Any], plain: dict[str, Any] | None
) -> None:
    """Paths from the plugin's folder; variables are left to the agent's own settings, or there is no entry."""
    assert plain == plain_entry(server_entry(manifest(run, KEY, PLACE)) or {})
