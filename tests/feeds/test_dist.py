"""The tree that agents' own tools install from (B8): what lies where, and what an author cannot bring to life in it."""

import json
import re
from typing import Any

import jsonschema
import pytest

from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.distributed import is_distributed, read_table
from registry_tool.core.index import About
from registry_tool.feeds.dist import dist_feeds, marketplace_name
from tests.builders import RegistryInMemory, a_registry
from tests.feeds.dist_schema import MARKETPLACE, PLUGIN, SERVERS
from tests.feeds.feed_sites import published
from tests.feeds.native_scene import reading_room, server, skill
from tests.sites import built, committed, named

SCHEMAS = {
    r"\.claude-plugin/marketplace\.json": MARKETPLACE,
    r"plugins/[^/]+/\.(claude|codex)-plugin/plugin\.json": PLUGIN,
    r"plugins/[^/]+/(\.codex-plugin/|\.)mcp\.json": SERVERS,
}
OURS = {".gitattributes", "README.md", "dist.json", ".claude-plugin/marketplace.json"}


def made(registry: RegistryInMemory) -> dict[str, bytes]:
    """The tree, whose documents all fit their schemas."""
    feeds = dist_feeds()
    files = published(registry, names=feeds.names, whole=feeds.whole, facts=feeds.facts)
    assert all(is_distributed(path) for path in files)
    for path, data in files.items():
        schema = next((schema for form, schema in SCHEMAS.items() if re.fullmatch(form, path)), None)
        if schema is not None:
            jsonschema.validate(json.loads(data), schema)
    return files


def listed(files: dict[str, bytes]) -> dict[str, str]:
    """Plugin to folder, as the list has them."""
    rows = json.loads(files[".claude-plugin/marketplace.json"])["plugins"]
    return {row["name"]: row["source"] for row in rows}


def test_a_skill_lies_below_skills_and_in_a_plugin() -> None:
    """The newest release, byte for byte, in both places."""
    registry = reading_room()
    skill(registry, "@ann/pdf", files={"old.txt": "old"})
    skill(registry, "@ann/pdf", "1.1.0", files={"scripts/run.py": "new"})
    files = made(registry)

    assert {
        *OURS,
        "skills/pdf/SKILL.md",
        "skills/pdf/scripts/run.py",
        "plugins/ann__pdf/.claude-plugin/plugin.json",
        "plugins/ann__pdf/skills/pdf/SKILL.md",
        "plugins/ann__pdf/skills/pdf/scripts/run.py",
    } == files.keys()
    assert b"new" == files["skills/pdf/scripts/run.py"] == files["plugins/ann__pdf/skills/pdf/scripts/run.py"]
    assert {"ann-pdf": "./plugins/ann__pdf"} == listed(files)


def test_a_server_is_a_plugin_with_what_starts_it() -> None:
    """Its files lie in a folder of their own below the plugin's."""
    registry = reading_room()
    server(registry, "@ann/words")
    files = made(registry)
    folder = "plugins/ann__words"

    assert {
        *OURS,
        f"{folder}/.claude-plugin/plugin.json",
        f"{folder}/.codex-plugin/plugin.json",
        f"{folder}/.codex-plugin/mcp.json",
        f"{folder}/.mcp.json",
        f"{folder}/README.md",
        f"{folder}/server/server.json",
        f"{folder}/server/server.py",
    } == files.keys()
    assert "@ann/words" in files[f"{folder}/README.md"].decode()


@pytest.mark.parametrize(
    "path",
    [
        ".mcp.json",
        ".claude-plugin/plugin.json",
        ".claude/settings.json",
        "CLAUDE.md",
        "AGENTS.md",
        "hooks/hooks.json",
        "commands/evil.md",
        "agents/evil.md",
        "skills/evil/SKILL.md",
        "settings.json",
        "bin/git",
    ],
)
def test_nothing_of_an_author_comes_alive(path: str) -> None:
    """What an author calls as agents call their own files is neither at the root nor at the root of a plugin."""
    registry = reading_room()
    skill(registry, "@ann/pdf", files={path: "mine!"})
    spec = {"native_name": "x/y", "inputs": [], "run": {"type": "npm", "identifier": "x", "version": "1.0.0"}}
    registry.release("@bob/words", "1.0.0", {"server.json": b"{}", path: b"mine!"}, kind="plugin", spec=spec)
    found = {place for place, data in made(registry).items() if data == b"mine!"}

    assert {f"skills/pdf/{path}", f"plugins/ann__pdf/skills/pdf/{path}", f"plugins/bob__words/server/{path}"} == found


def test_only_who_holds_a_native_name_lies_below_skills() -> None:
    """Tools that look there go by the name in SKILL.md and take the first: a later skill is a plugin only."""
    registry = reading_room()
    skill(registry, "@zoe/pdf")
    skill(registry, "@ann/other", native="pdf")
    files = made(registry)
    rows = read_table(files["dist.json"], registry=registry.id).releases

    assert ["skills/pdf/SKILL.md"] == [path for path in files if path.startswith("skills/")]
    assert [("@ann/other", ""), ("@zoe/pdf", "pdf")] == [(row.artifact, row.skill) for row in rows]
    assert {"ann-other": "./plugins/ann__other", "zoe-pdf": "./plugins/zoe__pdf"} == listed(files)


def test_two_artifacts_that_agents_would_call_the_same_are_two_plugins() -> None:
    """@aa/bb-cc was first and is aa-bb-cc; @aa-bb/cc has a mark."""
    registry = reading_room()
    server(registry, "@aa/bb-cc")
    server(registry, "@aa-bb/cc")
    names = {folder: name for name, folder in listed(made(registry)).items()}

    assert "aa-bb-cc" == names["./plugins/aa__bb-cc"]
    assert "aa-bb-cc-" == names["./plugins/aa-bb__cc"][:9]


@pytest.mark.parametrize("action", ["yank", "quarantine", "revoke", "withhold"])
def test_what_cannot_be_installed_is_not_there(action: str) -> None:
    """Nothing of it is left in the tree, nor the word of it in a list."""
    registry = reading_room()
    skill(registry, "@ann/pdf")
    server(registry, "@ann/words")
    for artifact in ("@ann/pdf", "@ann/words"):
        registry.event(artifact, "1.0.0", action)
    files = made(registry)

    assert OURS == files.keys()
    assert not any(b"ann" in data for data in files.values())


def test_other_kinds_and_servers_that_no_agent_can_start_are_not_there() -> None:
    """A theme is nothing that agents install, and an mcpb file is started by other programs."""
    registry = reading_room().release("@ann/solar", "1.0.0")
    server(registry, "@ann/words", run={"type": "mcpb", "identifier": "https://e.example/x.mcpb"})

    assert OURS == made(registry).keys()


def test_the_table_says_which_release_a_folder_is() -> None:
    """Its manifest is its address in the registry; the time is that of the newest that was said of it."""
    registry = reading_room()
    skill(registry, "@ann/pdf", at="2026-11-01T00:00:00Z")
    registry.event("@ann/pdf", "1.0.0", "deprecate", at="2026-11-03T00:00:00Z")
    table = read_table(made(registry)["dist.json"], registry=registry.id)

    assert {
        "artifact": "@ann/pdf",
        "version": "1.0.0",
        "kind": "skill",
        "manifest": prefixed(sha256(registry.proof("@ann/pdf", "1.0.0").manifest)),
        "plugin": "ann-pdf",
        "skill": "pdf",
        "executable": [],
        "at": "2026-11-03T00:00:00Z",
    } == table.releases[0].value()
    assert "2026-11-03T00:00:00Z" == table.at


def about_of(name: str) -> About:
    registry = a_registry(demo=False)
    registry.files["index/registry.yaml"] = f"name: {json.dumps(name)}\n".encode()
    return built(committed(registry.files)).about


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("The Reading Room", "the-reading-room"),
        ("official claude plugins", "registry-"),
        ("npm", "registry-"),
        ("読書室", "registry-"),
    ],
)
def test_the_list_is_called_as_the_registry_unless_that_passes_for_another(name: str, called: str) -> None:
    """Agents keep some names for themselves; such a registry's list is called by its id."""
    about = about_of(name)

    assert called + (about.id[:8] if called[-1] == "-" else "") == marketplace_name(about)


def test_a_registry_without_an_address_names_the_authors_page() -> None:
    """Where the operator named no site, a plugin's homepage is what its author says, or nothing."""
    registry = named(a_registry(demo=False), url="")

    def linked(value: dict[str, Any]) -> None:  # Any: JSON
        value["links"] = {"homepage": "https://ann.example/pdf"}

    for artifact, change in (("@ann/pdf", linked), ("@ann/xls", None)):
        spec = {"native_name": artifact[5:], "entry": "SKILL.md"}
        content = {"SKILL.md": b"---\n---\n"}
        registry.release(artifact, "1.0.0", content, kind="skill", spec=spec, change=change)
    rows = json.loads(made(registry)[".claude-plugin/marketplace.json"])["plugins"]

    assert ["https://ann.example/pdf", None] == [row.get("homepage") for row in rows]


@pytest.mark.parametrize("native", ["../up", "a/b", ".git", "-x", "con", ""])
def test_a_native_name_that_is_no_folder_is_not_used_as_one(native: str) -> None:
    """The artifact's own name stands in."""
    registry = reading_room()
    spec = {"native_name": native, "entry": "SKILL.md"}
    registry.release("@ann/pdf", "1.0.0", {"SKILL.md": b"---\n---\n"}, kind="skill", spec=spec)

    assert ["skills/pdf/SKILL.md"] == [path for path in made(registry) if path.startswith("skills/")]


def test_a_name_with_markdown_is_text_in_the_readme() -> None:
    """Whoever names the registry writes no links into the file that people read first."""
    registry = a_registry(demo=False)
    registry.files["index/registry.yaml"] = b'name: "[x](javascript:y) <b>"\n'

    assert made(registry)["README.md"].startswith(b"# \\[x\\]\\(javascript:y\\) \\<b\\>\n")
