"""`server.json`, the MCP registry's description of a server (modelcontextprotocol/registry, 2025-09-29 and later).

Strict about what decides: which program is fetched and how it is started. Lenient about the rest,
which is left as it is. A value may be a template, `{name}` in it stands for an input.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry_tool.core import limits
from registry_tool.core.canonical import parse_loose
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding, Level
from registry_tool.core.native.hosts import host_fault, port_fault
from registry_tool.core.quoting import quoted
from registry_tool.core.versions import parse_version

CHECK: Final = "server-json"
PACKAGE_TYPES: Final = ("npm", "pypi", "oci", "mcpb")
"""What can be fetched and started here."""

_KNOWN: Final = frozenset(
    "$schema _meta name title description version websiteUrl repository icons packages remotes status".split()
)
_NPM: Final = re.compile(r"(@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*", re.ASCII)
_PYPI: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_OCI: Final = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*(:[0-9]{1,5}(?=/))?(/[a-z0-9][a-z0-9._-]*)*)"
    r"(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_ENVIRONMENT: Final = re.compile("[A-Za-z_][A-Za-z0-9_]{0,99}")
_HEADER: Final = re.compile("[A-Za-z0-9-]{1,100}")
_VARIABLE: Final = re.compile(r"\{([^{}]{1,100})\}")
_STEERING: Final = re.compile("(LD|DYLD)_.*|PATH|NODE_OPTIONS|NODE_PATH|PYTHON(PATH|STARTUP|HOME)|BASH_ENV|ENV|HOME")
"""Environment variables that choose what runs, instead of telling the server something."""
_ASKS: Final = frozenset(("default", "valueHint", "isRequired", "isSecret", "format", "choices"))
"""Members of an argument that say that a value is wanted."""
_TEXT: Final = 500
_LIST: Final = 100
_TOOLS_UNDER: Final = "io.modelcontextprotocol.registry/publisher-provided"

Json = Mapping[str, Any]  # Any: somebody's JSON


@dataclass(frozen=True, slots=True)
class Program:
    """How the server is reached or started."""

    type: str
    """One of `PACKAGE_TYPES`, or `remote`."""
    identifier: str = ""
    """Name of the package, image without tag and digest, or address of the file."""
    version: str = ""
    digest: str = ""
    """`sha256:<hex>`, where the description pins it."""
    url: str = ""
    arguments: tuple[str, ...] = ()
    """Templates, in order."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variable to template."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Server:
    """What a `server.json` says."""

    fields: Mapping[str, str]
    """`name`, `title`, `description`, `version`, `website`, `repository` as far as it says them."""
    programs: tuple[Program, ...]
    """Those that can be used here, packages first, as they are listed."""
    inputs: Mapping[str, Json]
    """What the person gives, by name: `description`, `secret`, `required`, `default`."""
    tools: tuple[str, ...]
    """Names of its tools where the publisher lists them, sorted."""
    findings: tuple[Finding, ...]


def read_server(data: bytes, path: str) -> Server:
    """What the `server.json` at `path` says; its faults are findings."""
    reader = _Reader(path)
    try:
        document = parse_loose(data, limit=limits.NATIVE_BYTES, what=path, floats=True)
    except InvalidInput as error:
        reader.say("fail", error.message, error.hint)
        document = {}
    if not isinstance(document, dict):
        reader.say("fail", "it is no JSON object", '{"name": "io.github.me/server", "version": "1.0.0"}')
        document = {}
    for key in sorted(set(document) - _KNOWN):
        reader.say("note", f"{quoted(key)} is no member of server.json; it is left as it is")
    fields = {key: reader.text(document, key, "") for key in ("name", "title", "description", "version")}
    fields["website"] = reader.text(document, "websiteUrl", "")
    fields["repository"] = reader.text(reader.object(document, "repository"), "url", "repository.")
    programs = [reader.package(package, number) for number, package in enumerate(reader.objects(document, "packages"))]
    programs += [reader.remote(remote, number) for number, remote in enumerate(reader.objects(document, "remotes"))]
    tools = reader.tools(document)
    good = tuple(program for program in programs if program)
    said = {key: text for key, text in fields.items() if text}
    return Server(said, good, reader.inputs, tools, tuple(reader.findings))


class _Reader:
    """Reads members, gathering findings and inputs."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self.inputs: dict[str, Json] = {}

    def say(self, level: Level, message: str, hint: str = "") -> None:
        self.findings.append(Finding(CHECK, level, message, self.path, hint))

    def text(self, holder: Json, key: str, place: str) -> str:
        value = holder.get(key, "")
        if not isinstance(value, str):
            self.say("fail", f"{place}{key} is a text, this is a {type(value).__name__}", f'"{key}": "…"')
            return ""
        return value.strip()

    def object(self, holder: Json, key: str) -> Json:
        value = holder.get(key, {})
        if isinstance(value, dict):
            return value
        self.say("fail", f"{key} is an object, this is a {type(value).__name__}")
        return {}

    def objects(self, holder: Json, key: str) -> list[Json]:
        value = holder.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or len(value) > _LIST:
            self.say("fail", f"{key} is a list of at most {_LIST} objects", f'"{key}": []')
            return []
        return value

    def tools(self, document: Json) -> tuple[str, ...]:
        listed = self.object(self.object(document, "_meta"), _TOOLS_UNDER).get("tools", [])
        rows = listed if isinstance(listed, list) else [""]
        names = [one.get("name") if isinstance(one, dict) else one for one in rows]
        if not all(isinstance(name, str) and re.fullmatch("[A-Za-z0-9_.-]{1,128}", name) for name in names):
            self.say("fail", "the tools under _meta are a list of their names", '"tools": ["word_count"]')
            return ()
        return tuple(sorted({str(name) for name in names}))

    def package(self, package: Json, number: int) -> Program | None:
        place = f"packages[{number}]."
        kind = self.text(package, "registryType", place)
        if kind not in PACKAGE_TYPES:
            hint = '"registryType": "npm"' if not kind else "nothing is lost where another of its packages can be used"
            message = f"{place}registryType {quoted(kind)} is none of {', '.join(PACKAGE_TYPES)}"
            self.say("note" if kind else "fail", message, hint)
            return None
        transport = self.text(self.object(package, "transport"), "type", place) or "stdio"
        if transport != "stdio":
            self.say("note", f"{place}transport is {quoted(transport)}; only servers on stdio are started here")
            return None
        if self.objects(package, "runtimeArguments"):
            self.say("warn", f"{place}runtimeArguments are not used: `registry run` starts the program by itself")
        if self.text(package, "registryBaseUrl", place):
            self.say("warn", f"{place}registryBaseUrl is not used: packages come from the registry that is set up here")
        identifier, version, digest = self._identity(package, kind, place)
        return Program(
            kind,
            identifier,
            version,
            digest,
            arguments=tuple(self._arguments(package, place)),
            env=self._named(package, "environmentVariables", place, _ENVIRONMENT),
        )

    def _identity(self, package: Json, kind: str, place: str) -> tuple[str, str, str]:
        identifier, version = self.text(package, "identifier", place), self.text(package, "version", place)
        digest = self.text(package, "fileSha256", place)
        if digest and not re.fullmatch("[0-9a-f]{64}", digest):
            self.say("fail", f"{place}fileSha256 is 64 hexadecimal digits in lower case, this is {quoted(digest)}")
        digest = f"sha256:{digest}" if digest else ""
        if kind == "oci":
            return self._image(identifier, version, place)
        if kind == "mcpb":
            fault = url_fault(identifier)
            if fault:
                self.say("fail", f"{place}identifier: {fault}", '"identifier": "https://…/server.mcpb"')
            if not digest:
                self.say("fail", f"{place}fileSha256 is missing", '"fileSha256": "<sha256sum of the file>"')
            return identifier, version, digest
        if not (_NPM if kind == "npm" else _PYPI).fullmatch(identifier):
            message = f"{place}identifier {quoted(identifier)} is no name of a package"
            self.say("fail", message, '"identifier": "my-server"')
        elif not _exact(kind, version):
            message = f"{place}version is one exact version, this is {quoted(version)}"
            self.say("fail", message, '"version": "1.2.3"')
        return identifier, version, digest

    def _image(self, identifier: str, version: str, place: str) -> tuple[str, str, str]:
        match = _OCI.fullmatch(identifier)
        if not match:
            hint = '"identifier": "ghcr.io/me/server:1.2.3@sha256:…"'
            self.say("fail", f"{place}identifier {quoted(identifier)} is no image", hint)
            return identifier, version, ""
        tag, digest = match["tag"] or version, match["digest"] or ""
        if not digest and tag in ("", "latest"):
            hint = f'"identifier": "{match["name"]}:1.2.3@sha256:…"'
            self.say("fail", f"{place}identifier names no exact image, this is {quoted(identifier)}", hint)
        return match["name"], tag, digest

    def remote(self, remote: Json, number: int) -> Program | None:
        place = f"remotes[{number}]."
        url = self.text(remote, "url", place)
        variables = self.object(remote, "variables")
        fault = url_fault(_VARIABLE.sub("x", url))
        if fault:
            self.say("fail", f"{place}url: {fault}", '"url": "https://mcp.example.org/"')
            return None
        self._variables(url, variables)
        return Program("remote", url=url, headers=self._named(remote, "headers", place, _HEADER))

    def _arguments(self, package: Json, place: str) -> list[str]:
        texts: list[str] = []
        for number, argument in enumerate(self.objects(package, "packageArguments")):
            here = f"{place}packageArguments[{number}]."
            name = self.text(argument, "name", here)
            label = self.text(argument, "valueHint", here) or name.lstrip("-") or f"argument-{number + 1}"
            value = self._value(argument, label, here)
            named = self.text(argument, "type", here) == "named"
            if named and not name:
                self.say("fail", f"{here}name is missing", '"name": "--port"')
            texts += [name] if named else []
            texts += [value] if value or not named else []
        return texts

    def _named(self, holder: Json, key: str, place: str, form: re.Pattern[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, one in enumerate(self.objects(holder, key)):
            here = f"{place}{key}[{number}]."
            name = self.text(one, "name", here)
            if not form.fullmatch(name):
                self.say("fail", f"{here}name {quoted(name)} is no name for it", '"name": "API_KEY"')
            elif form is _ENVIRONMENT and _STEERING.fullmatch(name.upper()):
                self.say("fail", f"{here}name: {name} chooses what runs and cannot be set", "leave it out")
            else:
                found[name] = self._value(one, name, here)
        return found

    def _value(self, holder: Json, label: str, place: str) -> str:
        """The template of one value; what the person gives becomes an input."""
        value = self.text(holder, "value", place)
        if value:
            self._variables(value, self.object(holder, "variables"))
            return value
        if holder.get("type") == "named" and not _ASKS.intersection(holder):
            return ""  # a flag without a value
        self._input(label, holder, place)
        return "{" + label + "}"

    def _variables(self, template: str, variables: Json) -> None:
        for name in _VARIABLE.findall(template):
            described = variables.get(name, {})
            self._input(name, described if isinstance(described, dict) else {}, f"variables.{name}.")

    def _input(self, name: str, holder: Json, place: str) -> None:
        default = holder.get("default", "")
        row: dict[str, Any] = {  # Any: JSON
            "description": self.text(holder, "description", place)[:_TEXT],
            "secret": holder.get("isSecret") is True,
            "required": holder.get("isRequired") is True,
        }
        if default not in ("", None):
            row["default"] = (str(default).lower() if isinstance(default, bool) else str(default))[:_TEXT]
        self.inputs[name] = row


def url_fault(url: str) -> str | None:
    """Why a server's address cannot be used, in a few words; `None` for https to a public host."""
    match = re.fullmatch(r"https://(?P<host>[^/:?#@\s]+)(:(?P<port>[^/?#@\s]*))?([/?#]\S*)?", url)
    if not match:
        return f"an https address is expected, this is {quoted(url)}"
    return host_fault(match["host"].lower()) or (match["port"] and port_fault(match["port"])) or None


def _exact(kind: str, version: str) -> bool:
    if kind == "pypi":
        return bool(re.fullmatch(r"[0-9][0-9A-Za-z.+!_-]{0,99}", version)) and ".x" not in version.lower()
    try:
        return bool(parse_version(version))
    except InvalidInput:
        return False
