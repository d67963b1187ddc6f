"""server.json is read strictly where it decides what runs, and leniently elsewhere."""

import json
from typing import Any

import pytest

from registry_tool.core.native.mcp_server import Program, Server, read_server, url_fault

HEX = "ab" * 32


def read(**members: Any) -> Server:
    document = {"name": "io.github.ann/words", "description": "Counts.", "version": "1.2.0", **members}
    return read_server(json.dumps(document).encode(), "server.json")


def package(**members: Any) -> dict[str, Any]:
    given = {"registryType": "npm", "identifier": "@ann/words", "version": "1.2.0", "transport": {"type": "stdio"}}
    return {**given, **members}


def faults(server: Server) -> list[str]:
    return [one.message for one in server.findings if one.level == "fail"]


def test_what_it_says_of_itself_is_kept() -> None:
    """Texts are trimmed, absent ones left out."""
    server = read(title=" Words ", websiteUrl="https://example.org", repository={"url": "https://git.example.org/w"})

    assert server.findings == ()
    assert server.fields == {
        "name": "io.github.ann/words",
        "title": "Words",
        "description": "Counts.",
        "version": "1.2.0",
        "website": "https://example.org",
        "repository": "https://git.example.org/w",
    }


def test_unknown_members_are_noted() -> None:
    """They refuse nothing."""
    assert ["note"] == [one.level for one in read(surprise=1.5).findings]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf{}",
        b"{",
        b"[]",
        b'{"name": 1}',
        b'{"a": 1, "a": 2}',
        b'{"packages": {}}',
        b'{"repository": []}',
    ],
)
def test_json_that_is_no_server_is_a_finding(data: bytes) -> None:
    """Each fault is told, none is raised."""
    assert faults(read_server(data, "server.json"))


@pytest.mark.parametrize(
    ("given", "program"),
    [
        (package(), Program("npm", "@ann/words", "1.2.0")),
        (package(fileSha256=HEX), Program("npm", "@ann/words", "1.2.0", f"sha256:{HEX}")),
        (
            package(registryType="pypi", identifier="mcp-words", version="2025.4.1rc1"),
            Program("pypi", "mcp-words", "2025.4.1rc1"),
        ),
        (
            package(registryType="oci", identifier=f"ghcr.io/ann/words:1.2@sha256:{HEX}"),
            Program("oci", "ghcr.io/ann/words", "1.2", f"sha256:{HEX}"),
        ),
        (
            package(registryType="oci", identifier="localhost:5000/ann/words:1.2"),
            Program("oci", "localhost:5000/ann/words", "1.2"),
        ),
        (package(registryType="oci", identifier="ann/words"), Program("oci", "ann/words", "1.2.0")),
        (
            package(registryType="oci", identifier=f"ann/words@sha256:{HEX}", version=""),
            Program("oci", "ann/words", "", f"sha256:{HEX}"),
        ),
        (
            package(registryType="mcpb", identifier="https://example.org/w.mcpb", version="", fileSha256=HEX),
            Program("mcpb", "https://example.org/w.mcpb", "", f"sha256:{HEX}"),
        ),
    ],
)
def test_a_package_is_read(given: dict[str, Any], program: Program) -> None:
    """Name, exact version and digest of each type."""
    server = read(packages=[given])

    assert server.findings == ()
    assert server.programs == (program,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "registryType '' is none of"),
        (package(version="latest"), "one exact version, this is 'latest'"),
        (package(version="^1.0.0"), "one exact version"),
        (package(version="1.2"), "one exact version"),
        (package(version=""), "one exact version"),
        (package(version=1.2), "version is a text, this is a float"),
        (package(registryType="pypi", identifier="words", version=">=1"), "one exact version"),
        (package(registryType="pypi", identifier="words", version="1.x"), "one exact version"),
        (package(registryType="pypi", identifier="--index-url=x"), "no name of a package"),
        (package(identifier="--registry"), "no name of a package"),
        (package(identifier="a b"), "no name of a package"),
        (package(identifier="../x"), "no name of a package"),
        (package(fileSha256="AB" * 32), "64 hexadecimal digits"),
        (package(registryType="oci", identifier="ann/words:latest"), "no exact image"),
        (package(registryType="oci", identifier="ann/words", version="latest"), "no exact image"),
        (package(registryType="oci", identifier="--privileged"), "is no image"),
        (package(registryType="mcpb", identifier="http://example.org/w.mcpb", fileSha256=HEX), "https address"),
        (package(registryType="mcpb", identifier="https://example.org/w.mcpb"), "fileSha256 is missing"),
        (package(environmentVariables=[{"name": "A B"}]), "no name for it"),
        (package(environmentVariables=[{"name": "LD_PRELOAD", "value": "x"}]), "chooses what runs"),
        (package(environmentVariables=[{"name": "node_options"}]), "chooses what runs"),
        (package(environmentVariables=[1]), "list of at most 100 objects"),
        (package(packageArguments=[{}] * 101), "list of at most 100 objects"),
        (package(packageArguments=[{"type": "named", "value": "x"}]), "name is missing"),
    ],
)
def test_a_package_that_is_not_exact_is_refused(given: dict[str, Any], message: str) -> None:
    """Ranges, `latest`, names that a program would take for an option, variables that choose what runs."""
    assert [True] == [message in one for one in faults(read(packages=[given]))][:1]


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (package(registryType="nuget"), "note"),
        (package(transport={"type": "sse", "url": "http://localhost"}), "note"),
        (package(runtimeArguments=[{"type": "positional", "value": "-y"}]), "warn"),
        (package(registryBaseUrl="https://packages.example.org"), "warn"),
    ],
)
def test_what_is_not_used_of_a_package_is_told(given: dict[str, Any], level: str) -> None:
    """A package of another type or transport is passed over, the next one is taken."""
    server = read(packages=[given, package(identifier="second")])

    assert [level] == [one.level for one in server.findings]
    assert server.programs[-1].identifier == "second"


def test_values_are_templates_and_what_the_person_gives_is_an_input() -> None:
    """Fixed values stay, variables and open values become inputs with their words."""
    arguments = [
        {"type": "positional", "value": "serve"},
        {"type": "named", "name": "--quiet"},
        {"type": "named", "name": "--port", "default": 8080, "description": "Port."},
        {"type": "named", "name": "--root", "value": "{home}/x", "variables": {"home": {"isRequired": True}}},
        {"type": "positional", "valueHint": "folder", "default": True},
        {"type": "positional"},
    ]
    variables = [
        {"name": "API_KEY", "isSecret": True, "isRequired": True},
        {"name": "MODE", "value": "{mode}", "variables": {"mode": 1}},
    ]
    server = read(packages=[package(packageArguments=arguments, environmentVariables=variables)])

    assert server.findings == ()
    program = server.programs[0]
    assert program.arguments == (
        "serve",
        "--quiet",
        "--port",
        "{port}",
        "--root",
        "{home}/x",
        "{folder}",
        "{argument-6}",
    )
    assert program.env == {"API_KEY": "{API_KEY}", "MODE": "{mode}"}
    plain = {"description": "", "secret": False, "required": False}
    assert server.inputs == {
        "port": {**plain, "description": "Port.", "default": "8080"},
        "home": {**plain, "required": True},
        "folder": {**plain, "default": "true"},
        "argument-6": plain,
        "API_KEY": {**plain, "secret": True, "required": True},
        "mode": plain,
    }


def test_a_remote_server_is_read_after_the_packages() -> None:
    """Its address and headers are templates."""
    remote = {
        "type": "streamable-http",
        "url": "https://{tenant}.example.org/mcp",
        "headers": [{"name": "X-Key", "isSecret": True}],
    }
    server = read(remotes=[remote], packages=[package()])

    assert [one.type for one in server.programs] == ["npm", "remote"]
    assert server.programs[1] == Program("remote", url="https://{tenant}.example.org/mcp", headers={"X-Key": "{X-Key}"})
    assert sorted(server.inputs) == ["X-Key", "tenant"]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.org", True),
        ("https://example.org:8443/mcp?x=1", True),
        ("https://Example.org/", True),
        ("http://example.org", False),
        ("https://localhost/", False),
        ("https://127.0.0.1/", False),
        ("https://user@example.org/", False),
        ("https://example.org:0/", False),
        ("https://example.org:/", True),
        ("https://[::1]/", False),
        ("https://example.org/a b", False),
        ("", False),
    ],
)
def test_an_address_is_https_to_a_public_host(url: str, good: bool) -> None:
    """No other scheme, no credentials, no private host; a remote of such an address is refused."""
    assert good == (url_fault(url) is None)
    assert good == (faults(read(remotes=[{"type": "sse", "url": url}])) == [])


@pytest.mark.parametrize(
    ("tools", "names", "good"),
    [
        (["b", "a", "b"], ("a", "b"), True),
        ([{"name": "a", "description": "x"}], ("a",), True),
        ([], (), True),
        (["two words"], (), False),
        ([{}], (), False),
        ([1], (), False),
        ("a", (), False),
    ],
)
def test_tools_are_read_where_the_publisher_lists_them(tools: Any, names: tuple[str, ...], good: bool) -> None:
    """Under the member of `_meta` that belongs to the publisher, as names or as objects with a name."""
    server = read(_meta={"io.modelcontextprotocol.registry/publisher-provided": {"tools": tools}})

    assert names == server.tools
    assert good == (faults(server) == [])
