"""Plugins: servers that give an agent tools (Model Context Protocol), described by a server.json."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from registry_tool.core.card import Card
from registry_tool.core.closure import LOCKS, MEND, Closure, Manager, closure_in, manager_of
from registry_tool.core.confinement import Confinement
from registry_tool.core.document import Document, Seq
from registry_tool.core.errors import InvalidInput, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kind, Pin, Reading
from registry_tool.core.native.agents import AGENTS, Agent, ServerFile, agent_of
from registry_tool.core.native.hosts import NETWORK_RULES, network_covers
from registry_tool.core.native.mcp_server import Program, Server, read_server
from registry_tool.core.native.proposals import proposed_name
from registry_tool.core.native.script_text import look, script_paths
from registry_tool.core.native.server_template import template
from registry_tool.core.payload import Payload
from registry_tool.core.permissions import Grammar, Rule
from registry_tool.core.plan import Place, Plan, PutTree, SetMember
from registry_tool.core.quoting import quoted
from registry_tool.core.verified import Verified
from registry_tool.core.versions import parse_version

_NATIVE: Final = "server.json"
_SHARED: Final = ServerFile(".mcp.json")
"""Where a project names its servers; several agents read it."""
_PROGRAMS: Final[Mapping[str, str]] = {"py": "python3", "js": "node", "mjs": "node", "cjs": "node"}
_PIN_TYPES: Final[Mapping[str, str]] = {"npm": "npm", "pypi": "pypi", "oci": "image", "mcpb": "url"}


class PluginRun(Document):
    """How a server is started or reached; texts are templates, `{name}` stands for the input `name`."""

    type: Literal["payload", "npm", "pypi", "oci", "mcpb", "remote"]
    command: Literal["python3", "node"] | None = None
    """What starts `entry`."""
    entry: str | None = None
    """The file of the payload that is started."""
    identifier: str | None = None
    """Name of the package, image without tag and digest, or address of the file."""
    version: str | None = None
    lock: str | None = None
    """The file of the payload that pins every package it is made of."""
    digest: str | None = None
    """What an image, or a file at an address, is fixed by."""
    url: str | None = None
    """Address of a remote server."""
    args: Seq[str] = ()
    env: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)


class PluginInput(Document):
    """Something that the person gives before the server starts."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    description: str
    secret: bool
    required: bool
    default: str | None = None


class PluginSpec(Document):
    """A plugin's `spec`."""

    native_name: str
    """The server's own name, as `io.github.ann/words`; empty where only artifact.yaml describes it."""
    run: PluginRun
    inputs: Seq[PluginInput]
    tools: Seq[str]
    """Names of its tools, as far as its author lists them, sorted."""


GRAMMAR: Final = Grammar(
    rules=(
        Rule(
            pattern="mcp:(?P<tool>[A-Za-z0-9_.-]{1,128})",
            meaning="let an agent call its tool {tool}",
            allows=lambda match: Confinement(tools=(match["tool"],)),
            accepts=("mcp:word_count", "mcp:Search.Web-2"),
            rejects=("mcp:", "mcp:*", "mcp:two words", "MCP:word_count", "word_count", "mcp:a/b", "mcp:" + "a" * 129),
        ),
        *NETWORK_RULES,
    ),
    covers=network_covers,
)
"""What a plugin can be granted; a tool's name is exact and case-sensitive."""


def flat_permission(permission: str) -> str:
    """The permission for foreign readers: a bare tool name, unless that would read as something else."""
    bare = permission.removeprefix("mcp:")
    return bare if own_permission(bare) == permission else permission


def own_permission(permission: str) -> str:
    """A flat manifest's permission as ours: a bare name is a tool's."""
    return permission if permission == "network" or ":" in permission else f"mcp:{permission}"


def read(payload: Payload, card: Card) -> Reading:
    """What server.json and the card's `entry` say; the author's mistakes are findings."""
    native = _NATIVE if _NATIVE in payload else ""
    server = read_server(payload[native].data, native) if native else Server({}, (), {}, (), ())
    found = list(server.findings)
    if native and not server.fields.get("name"):
        found.append(Finding("plugin-name", "fail", "it has no name", native, '"name": "io.github.me/server"'))
    started = _started(server, payload, card, found)
    needs = {*started.needs, *(f"mcp:{tool}" for tool in server.tools)}
    remote = started.run.get("type") == "remote"
    if not any(permission.startswith("mcp:") for permission in (*(card.permissions or ()), *needs)):
        hint = 'permissions: ["mcp:<name of the tool>"]'
        found.append(Finding("plugin-tools", "warn", "it asks for no tool, so no agent can call one", hint=hint))
    return Reading(
        native=native,
        fields=_fields(server, found),
        spec={
            "native_name": server.fields.get("name", ""),
            "run": dict(started.run),
            "inputs": [{"name": name, **server.inputs[name]} for name in sorted(server.inputs)],
            "tools": list(server.tools),
        },
        needs=tuple(sorted(needs)),
        exact=tuple(group for group, all_told in (("mcp", server.tools), ("network", remote)) if all_told),
        pins=started.pins,
        unpinned=started.unpinned,
        findings=tuple(found),
    )


@dataclass(frozen=True, slots=True)
class _Started:
    """How it is started, and what follows from that."""

    run: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON
    needs: tuple[str, ...] = ()
    pins: tuple[Pin, ...] = ()
    unpinned: tuple[str, ...] = ()


def _started(server: Server, payload: Payload, card: Card, found: list[Finding]) -> _Started:
    program = server.programs[0] if server.programs else None
    if card.entry is not None:
        return _entry_started(card.entry, program, payload, found)
    if program is None:
        message = "nothing says how the server is started or reached"
        hint = "add to artifact.yaml the file that is started: entry: server.py"
        found.append(Finding("plugin-run", "fail", message, _NATIVE, hint))
        return _Started()
    if program.type == "remote":
        host = re.split("[/?#]", program.url.removeprefix("https://"))[0].lower()
        need = "network" if "{" in host else f"network:{host}"
        return _Started({"type": "remote", "url": program.url, "headers": dict(program.headers)}, (need,))
    run: dict[str, Any] = {"type": program.type, "identifier": program.identifier, "version": program.version}  # JSON
    told = {"args": list(program.arguments), "env": dict(program.env)}
    manager = manager_of(run)
    closure = _locked(payload, manager, (program.identifier, program.version), found) if manager else None
    if closure is not None:
        return _Started({**run, "lock": LOCKS[closure.manager], **told}, (), closure.pins)
    pins, unpinned = _by_digest(program, card, found)
    fixed = {"digest": pins[0].digest} if pins and manager is None else {}
    return _Started({**run, **fixed, **told}, (), pins, unpinned)


def _entry_started(entry: str, program: Program | None, payload: Payload, found: list[Finding]) -> _Started:
    """A program of the payload, with the packages that a lock beside it pins."""
    seen = look(payload[path].data for path in script_paths(payload))
    run = _entry(entry, program, payload, found)
    manager = manager_of(run)
    closure = _locked(payload, manager, None, found) if manager else None
    if closure is None:
        return _Started(run, seen.network, unpinned=seen.unpinned)
    return _Started({**run, "lock": LOCKS[closure.manager]}, seen.network, closure.pins, seen.unpinned)


def _locked(payload: Payload, manager: Manager, top: tuple[str, str] | None, found: list[Finding]) -> Closure | None:
    """What a lock file in the payload pins; `None` where there is none, or it pins nothing and the findings say why."""
    try:
        closure = closure_in(payload, manager, top=top)
    except InvalidInput as error:
        found += error.findings
        return None
    for name in closure.scripts if closure else ():
        message = f"{name} wants to run a script when it is installed, and it is not run"
        found.append(Finding("plugin-closure", "note", message, LOCKS[manager], "try it before you publish it"))
    return closure


def _entry(entry: str, program: Program | None, payload: Payload, found: list[Finding]) -> dict[str, Any]:  # Any: JSON
    command = _PROGRAMS.get(entry.rpartition(".")[2])
    if entry not in payload:
        message = f"entry names {quoted(entry)}, which is not among the files"
        found.append(Finding("plugin-entry", "fail", message, "artifact.yaml", "entry: server.py"))
    elif command is None:
        message = f"entry is a .py, .js, .mjs or .cjs file, this is {quoted(entry)}"
        found.append(Finding("plugin-entry", "fail", message, "artifact.yaml", "entry: server.py"))
    told = {"args": list(program.arguments), "env": dict(program.env)} if program and program.type != "remote" else {}
    return {"type": "payload", "entry": entry, **({"command": command} if command else {}), **told}


def _by_digest(program: Program, card: Card, found: list[Finding]) -> tuple[tuple[Pin, ...], tuple[str, ...]]:
    """What is fetched later without a lock: pinned by a digest, or told as not pinned."""
    kind, wanted = _PIN_TYPES[program.type], program.identifier
    by_card = (row.get("digest", "") for row in card.pins if (row.get("type"), row.get("name")) == (kind, wanted))
    digest = program.digest or next(by_card, "")
    pins = (Pin(kind, program.identifier, digest, program.version),) if digest else ()
    if kind in ("npm", "pypi"):
        message = f"nothing pins what {program.identifier} is made of, so it can be another program every day"
        found.append(Finding("plugin-closure", "note", message, hint=f"pin all of it: {MEND}"))
        rest = f"{kind} packages that {program.identifier} {program.version} needs"
        return pins, (rest if pins else f"{kind} {program.identifier} {program.version}".rstrip(),)
    return pins, () if pins else (f"{kind} {program.identifier} {program.version}".rstrip(),)


def _fields(server: Server, found: list[Finding]) -> dict[str, Any]:  # Any: proposals for a manifest
    said = server.fields
    fields: dict[str, Any] = {key: said[key] for key in ("title", "description") if key in said}
    fields |= proposed_name(said.get("name", "").rpartition("/")[2])
    try:
        fields["version"] = str(parse_version(said.get("version", "")))
    except InvalidInput as error:
        if "version" in said:
            found.append(Finding("plugin-version", "warn", error.message, _NATIVE, error.hint))
    links = {"homepage": said.get("website", ""), "repository": said.get("repository", "")}
    fields["links"] = {key: url for key, url in links.items() if url.startswith("https://")}
    return fields


def plan(verified: Verified, place: Place) -> Plan:
    """The payload, and a row in each agent's list of servers that starts it through `registry run`.

    `WrongUsage` for an unknown agent or a name that agents cannot use.
    """
    name = place.name if place.name is not None else verified.manifest.name
    if not re.fullmatch("[A-Za-z0-9_-]{1,64}", name):
        hint = "write --name with letters, digits, - and _"
        raise WrongUsage(f"{quoted(name)} cannot be a server's name", code="bad-name", hint=hint)
    agents = [agent_of(agent) for agent in place.agents]
    if place.personal:
        agents = agents or [AGENTS["claude"]]
    files = {file for file in (_file(agent, place) for agent in agents) if file}
    if not place.personal:
        files.add(_SHARED)
    value = {"command": "registry", "args": ["run", verified.artifact]}
    members = [SetMember(file.path, (file.key,), name, value) for file in sorted(files, key=lambda file: file.path)]
    notes = [
        f"{agent.title} reads no file that can be written here; tell it to run: registry run {verified.artifact}"
        for agent in agents
        if _file(agent, place) is None
    ]
    return Plan(
        (PutTree(f"plugins/{verified.manifest.id.slug}", verified.payload), *members),
        tuple(sorted(agent.title for agent in AGENTS.values() if _file(agent, place) in files)),
        tuple(notes),
    )


def _file(agent: Agent, place: Place) -> ServerFile | None:
    return agent.own_servers if place.personal else agent.servers


KIND: Final = Kind(
    id="plugin",
    category="plugins",
    title="Plugins",
    summary="Servers that give an agent tools, through the Model Context Protocol.",
    icon="🔌",
    target="plugins/<slug>/",
    reader="plugin/1",
    spec=PluginSpec,
    grammar=GRAMMAR,
    native=(_NATIVE,),
    way="process",
    read=read,
    template=template,
    plan=plan,
    flat_permission=flat_permission,
    own_permission=own_permission,
)
"""All that the tool knows about plugins."""
