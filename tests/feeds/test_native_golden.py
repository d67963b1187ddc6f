"""What programs of other people read, of one small registry, as people read it in review.

The files lie in `tests/golden/native`; `python -m tests.feeds.test_native_golden` writes them anew.
"""

import json
from pathlib import Path

import pytest

from registry_tool.feeds import agent_skills, mcp_registry
from registry_tool.feeds.dist import dist_feeds
from tests.feeds.feed_sites import published
from tests.feeds.native_scene import reading_room, server, server_json, skill

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "native"
SHOWN = {
    "agent-skills.json": agent_skills.INDEX,
    "agent-skill.json": f"skills/ann/pdf/{agent_skills.INDEX}",
    "mcp-servers.json": mcp_registry.LIST,
    "mcp-versions.json": "v0.1/servers/io.example.ann/words/versions.json",
    "dist.json": "dist.json",
    "dist-marketplace.json": ".claude-plugin/marketplace.json",
    "dist-plugin.json": "plugins/ann__words/.claude-plugin/plugin.json",
    "dist-servers.json": "plugins/ann__words/.mcp.json",
    "dist-README.md": "README.md",
}


def shown() -> dict[str, str]:
    """Every golden file: the documents, JSON with one member a line, and the paths of both trees."""
    registry = reading_room()
    skill(registry, "@ann/pdf", files={"scripts/run.py": "print()\n"})
    skill(registry, "@bob/pdf")
    key = {"name": "KEY", "description": "A key.", "secret": True, "required": True}
    run = {"type": "npm", "identifier": "words", "version": "1.1.0", "args": [], "env": {"KEY": "{KEY}"}, "headers": {}}
    package = {"registryType": "npm", "identifier": "words", "version": "1.1.0", "transport": {"type": "stdio"}}
    native = "io.example.ann/words"
    server(registry, "@ann/words", native=native)
    document = server_json(native, "1.1.0", packages=[package])
    server(registry, "@ann/words", "1.1.0", native=native, document=document, run=run, spec={"inputs": [key]})
    feeds = dist_feeds()
    site = published(
        registry,
        names=(agent_skills.skill_files, mcp_registry.server_files),
        whole=(agent_skills.skill_index, mcp_registry.servers),
        facts={agent_skills.FACT: agent_skills.skill_fact, mcp_registry.FACT: mcp_registry.server_fact},
    )
    tree = published(registry, names=feeds.names, whole=feeds.whole, facts=feeds.facts)
    files = {name: _read(path, {**site, **tree}[path]) for name, path in SHOWN.items()}
    return files | {"site.txt": "\n".join([*sorted(site), ""]), "dist.txt": "\n".join([*sorted(tree), ""])}


def _read(path: str, data: bytes) -> str:
    if not path.endswith(".json"):
        return data.decode()
    return json.dumps(json.loads(data), indent=1, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return shown()


@pytest.mark.parametrize("name", [*SHOWN, "site.txt", "dist.txt"])
def test_it_is_as_it_was_read_in_review(made: dict[str, str], name: str) -> None:
    """Byte for byte, but for white space in JSON."""
    assert (GOLDEN / name).read_text("utf-8") == made[name]


def test_no_other_golden_file_lies_there(made: dict[str, str]) -> None:
    """One that nothing makes any more is gone."""
    assert made.keys() == {path.name for path in GOLDEN.iterdir()}


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for file, text in shown().items():
        (GOLDEN / file).write_text(text, "utf-8")
