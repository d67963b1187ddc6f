"""Programs that work for a person and read what we install: where each of them looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry_tool.core.errors import WrongUsage
from registry_tool.core.quoting import quoted

SHARED_SKILLS: Final = ".agents/skills"
"""The folder of skills that several agents read, in a project and in the person's own folder."""


@dataclass(frozen=True, slots=True)
class ServerFile:
    """A JSON file in which an agent looks for servers."""

    path: str
    key: str = "mcpServers"
    """The member of its outermost object that holds them."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A program that reads skills or starts servers."""

    title: str
    """Its name for people."""
    skills: str
    """Its folder of skills in a project."""
    own_skills: str
    """Its folder of skills in the person's own folder."""
    servers: ServerFile | None = None
    """Where a project names servers for it; `None` where that is no JSON file."""
    own_servers: ServerFile | None = None
    """The same for the person's own folder."""


AGENTS: Final[Mapping[str, Agent]] = {
    "amp": Agent("Amp", SHARED_SKILLS, ".config/agents/skills"),
    "claude": Agent(
        "Claude Code", ".claude/skills", ".claude/skills", ServerFile(".mcp.json"), ServerFile(".claude.json")
    ),
    "cline": Agent("Cline", SHARED_SKILLS, SHARED_SKILLS),
    "codex": Agent("Codex", SHARED_SKILLS, ".codex/skills"),
    "copilot": Agent(
        "GitHub Copilot", SHARED_SKILLS, ".copilot/skills", ServerFile(".vscode/mcp.json", "servers"), None
    ),
    "cursor": Agent(
        "Cursor", SHARED_SKILLS, ".cursor/skills", ServerFile(".cursor/mcp.json"), ServerFile(".cursor/mcp.json")
    ),
    "gemini": Agent(
        "Gemini CLI",
        SHARED_SKILLS,
        ".gemini/skills",
        ServerFile(".gemini/settings.json"),
        ServerFile(".gemini/settings.json"),
    ),
    "goose": Agent("Goose", ".goose/skills", ".config/goose/skills"),
    "opencode": Agent("OpenCode", SHARED_SKILLS, ".config/opencode/skills"),
    "roo": Agent("Roo Code", ".roo/skills", ".roo/skills", ServerFile(".roo/mcp.json"), None),
    "windsurf": Agent("Windsurf", ".windsurf/skills", ".codeium/windsurf/skills"),
}
"""Agents by the id that `--agent` takes."""


def agent_of(name: str) -> Agent:
    """The agent with the id `name`; `WrongUsage` where none is known."""
    if name not in AGENTS:
        hint = "one of: " + ", ".join(AGENTS)
        raise WrongUsage(f"{quoted(name)} is not an agent that is known", code="unknown-agent", hint=hint)
    return AGENTS[name]
