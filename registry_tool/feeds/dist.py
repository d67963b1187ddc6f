"""What a registry lets in, laid out as agents' own tools expect it in a git repository.

    skills/<native name>/…                        skills, for tools that look for folders with a SKILL.md
    plugins/<slug>/.claude-plugin/plugin.json     every skill and every server as a plugin of its own
    plugins/<slug>/skills/<native name>/…             a skill's files
    plugins/<slug>/.mcp.json                          how a server is started, from its manifest
    plugins/<slug>/.codex-plugin/…                    the same once more, for an agent that fills in no variables
    plugins/<slug>/server/…                           a server's files
    .claude-plugin/marketplace.json               the list of plugins
    dist.json README.md .gitattributes            what is what, for programs and for people

Of each artifact only the newest release that can be installed is there. What authors wrote lies two folders deep at
least, and never where an agent looks for hooks, commands or settings of a repository or of a plugin: a server does
not gain powers that nobody granted by bringing a `hooks/hooks.json`.

A skill lies below `skills/` where its artifact holds the native name, since tools that look there go by the name in
SKILL.md and take the first of several. The others are plugins only.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from registry_tool.core import canonical
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.distributed import ATTRIBUTES, README, TABLE
from registry_tool.core.index import About, Copied, Feeds, Listing, Name, Planned
from registry_tool.core.names import ArtifactId, parse_artifact
from registry_tool.core.native.proposals import kebab
from registry_tool.core.paths import path_fault
from registry_tool.core.payload import Files, Payload
from registry_tool.core.release import CatalogueRow
from registry_tool.feeds.agent_skills import entry_as_named, installable, is_skill
from registry_tool.feeds.dist_servers import FILES, plain_entry, server_entry, wanted
from registry_tool.feeds.native_names import folded, holders, marked_name, scoped_name, skill_claims, told_claims

FACT: Final = "dist"
MARKETPLACE: Final = ".claude-plugin/marketplace.json"
PLAIN: Final = ".codex-plugin/mcp.json"
SCHEMA: Final = "https://anthropic.com/claude-code/marketplace.schema.json"
DESCRIPTION: Final = 1000
"""Characters: agents show lists of many."""

_RESERVED: Final = re.compile(
    "claude|anthropic|openai|codex|official|agent-skills|first-party|^(npm|github|inline|builtin)$"
)
"""Names of lists that agents keep for themselves, or that would pass for theirs."""

Value = dict[str, Any]  # Any: JSON


def dist_feeds() -> Feeds:
    """Everything that the branch has."""
    return Feeds(names=(plugin_files,), whole=(dist,), facts={FACT: dist_fact})


def plugin_files(name: Name, about: About) -> Files:
    """A skill or server as a plugin, without its plugin.json."""
    folder = f"plugins/{name.artifact.slug}"
    files: dict[str, bytes] = {f"{folder}/{path}": file.data for path, file in _files(name).items()}
    if files and name.kind != "skill":
        manifest = name.shown.manifest
        entry = server_entry(manifest) or {}
        plain = plain_entry(entry)
        files[f"{folder}/.mcp.json"] = _servers(manifest.name, entry)
        if plain is not None:
            files[f"{folder}/{PLAIN}"] = _servers(manifest.name, plain)
        files[f"{folder}/README.md"] = _words(name, about).encode()
    return files


def dist_fact(name: Name, about: About) -> Value | None:
    """What the lists need to know of a skill or server."""
    if name.kind not in ("skill", "plugin"):
        return None
    claims = skill_claims(name) if name.kind == "skill" else {}
    first = min(str(one.admitted["at"]) for one in name.releases)
    fact: Value = {"claims": claims, "plugins": dict.fromkeys(_plugin_names(name.artifact), first)}
    files = _files(name)
    if not files:
        return fact
    manifest, release = name.shown.manifest, name.shown
    return fact | {
        "folder": _folder(name) if name.kind == "skill" else "",
        "native": folded(manifest.native_name),
        "plain": name.kind == "plugin" and plain_entry(server_entry(manifest) or {}) is not None,
        "files": sorted(files),
        "executable": sorted(path for path, file in files.items() if file.executable),
        "manifest": prefixed(release.digest),
        "license": manifest.license,
        "homepage": manifest.links.get("homepage", ""),
        "at": max([str(release.admitted["at"]), *(event.at for event in release.events)]),
    }


def dist(listing: Listing) -> Iterable[Planned | Copied]:
    """The lists, each plugin's plugin.json, and the skills once more below `skills/`."""
    told = listing.facts[FACT]
    held = holders(told_claims(told))
    called = holders((artifact, fact["plugins"]) for artifact, fact in told.items())
    rows: list[Value] = []
    plugins: list[Value] = []
    for row in listing.rows:
        fact = told.get(row.artifact, {})
        artifact = parse_artifact(row.artifact)
        plugin = next((one for one in _plugin_names(artifact) if called.get(one) == row.artifact), None)
        if "files" not in fact or plugin is None:
            continue
        holds = row.kind == "skill" and held[fact["native"]] == row.artifact
        rows.append(_row(row, fact, plugin, skill=fact["folder"] if holds else ""))
        about = _about(row, fact, plugin, listing.about)
        plugins.append({**about, "source": f"./plugins/{artifact.slug}", "category": row.kind})
        yield _planned(f"plugins/{artifact.slug}/.claude-plugin/plugin.json", _pretty(about))
        if fact["plain"]:
            own = {**about, "mcpServers": f"./{PLAIN}"}
            yield _planned(f"plugins/{artifact.slug}/.codex-plugin/plugin.json", _pretty(own))
        if holds:
            yield from (Copied(path, f"plugins/{artifact.slug}/{path}") for path in fact["files"])
    yield from _lists(listing.about, rows, plugins)


def _lists(about: About, rows: list[Value], plugins: list[Value]) -> Iterable[Planned]:
    table = {
        "schema": "registry.dist/1",
        "registry": about.id,
        "name": about.table.name,
        "url": about.table.url,
        "releases": rows,
    }
    market = {
        "$schema": SCHEMA,
        "name": marketplace_name(about),
        "owner": {"name": about.table.name},
        "description": about.table.description or f"What {about.table.name} lets in.",
        "plugins": plugins,
    }
    yield _planned(TABLE, canonical.encode(table))
    yield _planned(MARKETPLACE, _pretty(market))
    yield _planned(README, _readme(about, len(rows)).encode())
    yield _planned(ATTRIBUTES, b"* -text -filter -ident\n")


def marketplace_name(about: About) -> str:
    """What agents call the list: from the registry's name, unless that would pass for somebody else's."""
    called = kebab(about.table.name)
    return f"registry-{about.id[:8]}" if not called or _RESERVED.search(called) else called


def _planned(path: str, data: bytes) -> Planned:
    return Planned(path, sha256(data), partial(bytes, data))


def _servers(called: str, entry: Value) -> bytes:
    return _pretty({"mcpServers": {called: entry}})


def _pretty(value: Mapping[str, Any]) -> bytes:  # Any: JSON
    """JSON as people read it in a repository."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _files(name: Name) -> Payload:
    """The author's files by their paths in the plugin; none for what nobody may have, or no agent can start."""
    if name.kind == "skill" and is_skill(name):
        return {f"skills/{_folder(name)}/{path}": file for path, file in entry_as_named(name.shown.payload).items()}
    if name.kind == "plugin" and installable(name) and server_entry(name.shown.manifest) is not None:
        return {f"{FILES}/{path}": file for path, file in name.shown.payload.items()}
    return {}


def _folder(name: Name) -> str:
    """What a skill's folder is called: its native name where a folder can be called that."""
    native = name.shown.manifest.native_name
    return native if path_fault(native) is None and "/" not in native and native[0] not in "-." else name.artifact.name


def _plugin_names(artifact: ArtifactId) -> tuple[str, str]:
    """What a plugin can be called, in order: agents know no scopes."""
    return scoped_name(artifact), marked_name(artifact)


def _about(row: CatalogueRow, fact: Value, plugin: str, about: About) -> Value:
    """What plugin.json and the list say of a plugin."""
    category = about.category_of(row.kind)
    page = f"{about.table.url}{category.row.id}/{row.artifact.removeprefix('@')}/" if category else ""
    homepage = page if about.table.url and page else fact["homepage"]
    return {
        "name": plugin,
        "version": row.version,
        "description": row.description[:DESCRIPTION],
        "author": {"name": row.author},
        **({"homepage": homepage} if homepage else {}),
        "license": fact["license"],
        "keywords": list(row.tags),
    }


def _row(row: CatalogueRow, fact: Value, plugin: str, *, skill: str) -> Value:
    slug = parse_artifact(row.artifact).slug
    paths = [f"plugins/{slug}/{path}" for path in fact["executable"]]
    return {
        "artifact": row.artifact,
        "version": row.version,
        "kind": row.kind,
        "manifest": fact["manifest"],
        "plugin": plugin,
        "skill": skill,
        "executable": sorted([*paths, *(fact["executable"] if skill else ())]),
        "at": fact["at"],
    }


def _words(name: Name, about: About) -> str:
    """The README of a server: what it is and what it wants, in our words."""
    manifest = name.shown.manifest
    lines = [f"# {manifest.artifact} {manifest.version}", "", f"A server of {_line(about.table.name)}.", ""]
    asked = wanted(manifest)
    if asked:
        lines += ["Set these variables before it starts:", ""]
        lines += [f"- `{one.variable}`" + (" (needed)" if one.required else "") for one in asked]
        lines += [""]
    lines += [
        f"Its author's files are in `{FILES}/`. To install it verified: `registry install {manifest.artifact}`",
        "",
    ]
    return "\n".join(lines)


def _readme(about: About, count: int) -> str:
    name, what = _line(about.table.name), "release" if count == 1 else "releases"
    where = f" It is served at <{about.table.url}>." if about.table.url else ""
    return f"""# {name}

The newest releases that this registry lets in, as agents' own tools install them from a repository: {count} {what}.
They were written by `registry dist` from verified records; nothing here is edited by hand, and the branch is
replaced as a whole.{where}

- `skills/`: `npx skills add` with the address of this repository and this branch
- `.claude-plugin/marketplace.json`: `/plugin marketplace add` or `codex plugin marketplace add` with the same
- `dist.json`: which release each folder is, under the registry's id `{about.id}`

A folder here proves nothing by itself. `registry install` verifies who wrote and who admitted a release.
"""


def _line(text: str) -> str:
    """Foreign text that is no Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~-])", r"\\\1", " ".join(text.split()))
