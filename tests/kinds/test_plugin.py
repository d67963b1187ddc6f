"""Plugins, from server.json to an agent's list of servers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.card import Card
from registry_tool.core.errors import WrongUsage
from registry_tool.core.kind import Pin, Reading
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.plan import Place, PutTree, SetMember
from registry_tool.kinds.plugin import KIND
from tests.kinds.releases import verified_of

HEX = "ab" * 32
NPM = {"registryType": "npm", "identifier": "@ann/words", "version": "1.2.0", "transport": {"type": "stdio"}}
TOOLS = {"io.modelcontextprotocol.registry/publisher-provided": {"tools": ["count"]}}
ACME = parse_artifact("@acme/words")


def folder(**members: Any) -> Payload:
    document = {
        "name": "io.github.ann/word-count",
        "description": "Counts.",
        "version": "1.2.0",
        "_meta": TOOLS,
        **members,
    }
    return {"server.json": PayloadFile(json.dumps(document).encode())}


def read(card: Card | None = None, **members: Any) -> Reading:
    return KIND.read(folder(**members), card or Card())


def levels(reading: Reading) -> list[str]:
    return [finding.level for finding in reading.findings]


def test_a_package_is_what_runs() -> None:
    """Without an entry of its own the first package that can be used is started."""
    variables = [{"name": "API_KEY", "description": "Yours.", "isSecret": True, "isRequired": True}]
    reading = read(
        packages=[
            {**NPM, "environmentVariables": variables, "packageArguments": [{"type": "positional", "value": "go"}]}
        ]
    )

    assert [("plugin-closure", "note", "pin all of it: registry plugin lock DIR")] == [
        (one.check, one.level, one.hint) for one in reading.findings
    ]
    assert reading.native == "server.json"
    assert reading.needs == ("mcp:count",)
    assert reading.unpinned == ("npm @ann/words 1.2.0",)
    assert reading.fields == {"name": "word-count", "version": "1.2.0", "description": "Counts.", "links": {}}
    assert reading.spec == {
        "native_name": "io.github.ann/word-count",
        "run": {
            "type": "npm",
            "identifier": "@ann/words",
            "version": "1.2.0",
            "args": ["go"],
            "env": {"API_KEY": "{API_KEY}"},
        },
        "inputs": [{"name": "API_KEY", "description": "Yours.", "secret": True, "required": True}],
        "tools": ["count"],
    }
    assert KIND.spec.of(reading.spec).value() == reading.spec


@pytest.mark.parametrize(
    ("package", "pin", "unpinned"),
    [
        (
            {**NPM, "fileSha256": HEX},
            Pin("npm", "@ann/words", f"sha256:{HEX}", "1.2.0"),
            ("npm packages that @ann/words 1.2.0 needs",),
        ),
        (
            {**NPM, "registryType": "oci", "identifier": f"ann/w:1@sha256:{HEX}"},
            Pin("image", "ann/w", f"sha256:{HEX}", "1"),
            (),
        ),
        (
            {**NPM, "registryType": "mcpb", "identifier": "https://example.org/w.mcpb", "fileSha256": HEX},
            Pin("url", "https://example.org/w.mcpb", f"sha256:{HEX}", "1.2.0"),
            (),
        ),
    ],
)
def test_what_has_a_digest_is_pinned(package: dict[str, Any], pin: Pin, unpinned: tuple[str, ...]) -> None:
    """A package's digest says nothing about what it needs: that is told as not pinned."""
    reading = read(packages=[package])

    assert (pin,) == reading.pins
    assert unpinned == reading.unpinned
    assert ["note"] * len(unpinned) == levels(reading)
    assert KIND.spec.of(reading.spec)


def test_a_digest_may_come_from_artifact_yaml() -> None:
    """The card's pin of the same type and name counts."""
    card = Card(
        pins=(
            {"type": "npm", "name": "other", "digest": "x"},
            {"type": "npm", "name": "@ann/words", "digest": f"sha512:{HEX}"},
        )
    )

    assert (Pin("npm", "@ann/words", f"sha512:{HEX}", "1.2.0"),) == read(card, packages=[NPM]).pins


@pytest.mark.parametrize("version", ["latest", "^1.0.0", "", "1.x"])
def test_a_version_that_is_not_exact_is_refused_with_the_line_to_write(version: str) -> None:
    """Whatever is fetched is one version."""
    faults = [one for one in read(packages=[{**NPM, "version": version}]).findings if one.level == "fail"]

    assert ['"version": "1.2.3"'] == [fault.hint for fault in faults]


@pytest.mark.parametrize(
    ("url", "need"),
    [
        ("https://MCP.example.org/sse", "network:mcp.example.org"),
        ("https://mcp.example.org:8443?x", "network:mcp.example.org:8443"),
        ("https://{tenant}.example.org/", "network"),
    ],
)
def test_a_remote_server_needs_its_host(url: str, need: str) -> None:
    """The host of its address, or any where the person says part of it."""
    reading = read(remotes=[{"type": "sse", "url": url, "headers": [{"name": "X-Key", "value": "1"}]}])

    assert reading.findings == ()
    assert ("mcp:count", need) == reading.needs
    assert {"type": "remote", "url": url, "headers": {"X-Key": "1"}} == reading.spec["run"]
    assert KIND.spec.of(reading.spec)


@pytest.mark.parametrize(
    ("entry", "command"), [("server.py", "python3"), ("dist/a.mjs", "node"), ("a.js", "node"), ("a.cjs", "node")]
)
def test_an_entry_of_the_payload_wins(entry: str, command: str) -> None:
    """The file is started instead of a package, with what the description says about arguments and variables."""
    package = {**NPM, "packageArguments": [{"type": "positional", "value": "go"}]}
    script = PayloadFile(b"curl https://api.example.org/\nnpx x@1.0.0\n")

    reading = KIND.read({**folder(packages=[package]), entry: script}, Card(entry=entry))

    assert reading.findings == ()
    assert {"type": "payload", "entry": entry, "command": command, "args": ["go"], "env": {}} == reading.spec["run"]
    assert ("mcp:count", "network:api.example.org") == reading.needs
    assert ((), ("npm x 1.0.0",)) == (reading.pins, reading.unpinned)


def test_an_entry_needs_no_server_json() -> None:
    """artifact.yaml alone is enough; a remote address beside an entry is not used."""
    alone = KIND.read({"server.py": PayloadFile(b"")}, Card(entry="server.py", permissions=("mcp:count",)))
    beside = KIND.read(
        {**folder(remotes=[{"url": "https://example.org"}]), "server.py": PayloadFile(b"")}, Card(entry="server.py")
    )

    assert alone.findings == ()
    assert ("", "") == (alone.native, alone.spec["native_name"])
    assert alone.spec["run"] == beside.spec["run"] == {"type": "payload", "entry": "server.py", "command": "python3"}


@pytest.mark.parametrize(("entry", "message"), [("gone.py", "not among the files"), ("server.json", "is a .py, .js")])
def test_an_entry_that_cannot_be_started_is_refused(entry: str, message: str) -> None:
    """It is a file of the payload in Python or JavaScript."""
    reading = read(Card(entry=entry))

    assert ["fail"] == levels(reading)
    assert message in reading.findings[0].message


@pytest.mark.parametrize(
    "members", [{}, {"packages": [{**NPM, "registryType": "nuget"}]}, {"remotes": [{"url": "http://example.org"}]}]
)
def test_a_server_that_nothing_starts_is_refused(members: dict[str, Any]) -> None:
    """The hint says where to name a file."""
    faults = [one for one in read(**members).findings if one.check == "plugin-run"]

    assert [True] == ["entry: server.py" in fault.hint for fault in faults]


def test_a_server_without_a_name_is_refused() -> None:
    """The line to write is told."""
    reading = read(name="", packages=[NPM])

    assert ['"name": "io.github.me/server"'] == [one.hint for one in reading.findings if one.level == "fail"]
    assert "name" not in reading.fields


@pytest.mark.parametrize(
    ("version", "fields", "level"), [("2.0.0", "2.0.0", []), ("2.0", None, ["warn"]), ("", None, [])]
)
def test_a_version_that_is_no_semver_is_not_taken(version: str, fields: str | None, level: list[str]) -> None:
    """artifact.yaml, a flag or a tag can say it."""
    reading = read(version=version, packages=[NPM])

    assert fields == reading.fields.get("version")
    assert level == [one.level for one in reading.findings if one.check == "plugin-version"]


def test_links_are_https() -> None:
    """Others are left out."""
    reading = read(
        packages=[NPM], websiteUrl="http://example.org", repository={"url": "https://git.example.org/w"}, title="Words"
    )

    assert {"repository": "https://git.example.org/w"} == reading.fields["links"]
    assert reading.fields["title"] == "Words"


def test_a_plugin_that_asks_for_no_tool_is_told() -> None:
    """Tools are listed by the publisher or asked for in the card; with neither no agent can call one."""
    assert "warn" in levels(read(_meta={}, packages=[NPM]))
    assert "warn" not in levels(read(Card(permissions=("mcp:count",)), _meta={}, packages=[NPM]))


@pytest.mark.parametrize(
    ("own", "flat"),
    [
        ("mcp:count", "count"),
        ("mcp:Count", "Count"),
        ("network", "network"),
        ("network:example.org:443", "network:example.org:443"),
        ("mcp:network", "mcp:network"),
    ],
)
def test_a_tool_s_flat_name_is_bare_and_never_means_the_network(own: str, flat: str) -> None:
    """A tool that is called `network` keeps its prefix, so that no reader takes it for a grant of the network."""
    assert flat == KIND.flat_permission(own)
    assert own == KIND.own_permission(flat)


def value(artifact: str = "@acme/thing") -> dict[str, Any]:
    return {"command": "registry", "args": ["run", artifact]}


@pytest.mark.parametrize(
    ("place", "members", "seen_by"),
    [
        (Place(), [(".mcp.json", "mcpServers", "thing")], ("Claude Code",)),
        (Place(name="My_words"), [(".mcp.json", "mcpServers", "My_words")], ("Claude Code",)),
        (
            Place(agents=("copilot", "cursor", "claude")),
            [
                (".cursor/mcp.json", "mcpServers", "thing"),
                (".mcp.json", "mcpServers", "thing"),
                (".vscode/mcp.json", "servers", "thing"),
            ],
            ("Claude Code", "Cursor", "GitHub Copilot"),
        ),
        (Place(personal=True), [(".claude.json", "mcpServers", "thing")], ("Claude Code",)),
        (Place(agents=("cursor",), personal=True), [(".cursor/mcp.json", "mcpServers", "thing")], ("Cursor",)),
    ],
)
def test_a_plugin_is_started_through_registry_run(
    place: Place, members: list[tuple[str, str, str]], seen_by: tuple[str, ...]
) -> None:
    """The payload lies in its own folder; each agent's file gets one row."""
    payload = KIND.template(parse_artifact("@acme/thing"))

    plan = KIND.plan(verified_of(KIND, payload), place)

    rows = [SetMember(path, (pointer,), key, value()) for path, pointer, key in members]
    assert (PutTree("plugins/acme__thing", payload), *rows) == plan.steps
    assert seen_by == plan.seen_by
    assert plan.notes == ()


def test_an_agent_without_a_file_of_servers_is_told_by_a_note() -> None:
    """The note holds what to tell it."""
    plan = KIND.plan(verified_of(KIND, KIND.template(ACME), name="words"), Place(agents=("codex",)))

    assert ["registry run @acme/words" in note for note in plan.notes] == [True]


@pytest.mark.parametrize("place", [Place(name="a b"), Place(name=""), Place(agents=("nobody",))])
def test_a_bad_name_or_an_unknown_agent_is_wrong_usage(place: Place) -> None:
    """Exit code 2."""
    with pytest.raises(WrongUsage):
        KIND.plan(verified_of(KIND, KIND.template(ACME)), place)


def test_the_template_is_a_server_that_works(tmp_path: Path) -> None:
    """It answers the handshake, lists its tool, counts, and refuses what it does not know."""
    program = tmp_path / "server.py"
    program.write_bytes(KIND.template(ACME)["server.py"].data)
    call = {"name": "word_count", "arguments": {"text": "It rains. Does it?"}}
    requests: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
        {"id": 3, "method": "tools/call", "params": call},
        {"id": 4, "method": "resources/list"},
        {"id": 5, "method": "tools/call", "params": {"name": "other"}},
    ]
    lines = "".join(json.dumps({"jsonrpc": "2.0", **one}) + "\n" for one in requests) + "{\n"

    done = subprocess.run(
        [sys.executable, str(program)], input=lines, capture_output=True, text=True, check=True, timeout=20
    )
    replies = [json.loads(line) for line in done.stdout.splitlines()]

    assert [1, 2, 3, 4, 5, None] == [reply["id"] for reply in replies]
    assert replies[0]["result"]["serverInfo"] == {"name": "words", "version": "1.0.0"}
    assert [tool["name"] for tool in replies[1]["result"]["tools"]] == ["word_count"]
    assert json.loads(replies[2]["result"]["content"][0]["text"]) == {"words": 4, "sentences": 2, "minutes": 0.0}
    assert [-32601, -32602, -32700] == [reply["error"]["code"] for reply in replies[3:]]
