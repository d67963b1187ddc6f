"""Skills: folders with a SKILL.md that agents read (the agent-skills format, agentskills.io)."""

import re
from typing import Annotated, Any, Final

from pydantic import Field

from registry_tool.core.card import Card
from registry_tool.core.confinement import Confinement
from registry_tool.core.document import Document, Seq
from registry_tool.core.errors import InvalidInput, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kind, Reading
from registry_tool.core.names import ArtifactId
from registry_tool.core.native.agents import AGENTS, SHARED_SKILLS, Agent, agent_of
from registry_tool.core.native.front_matter import FrontMatter, read_front_matter
from registry_tool.core.native.hosts import NETWORK_RULES, network_covers
from registry_tool.core.native.license import mit_text, to_spdx
from registry_tool.core.native.proposals import kebab, proposed_name
from registry_tool.core.native.script_text import look, script_paths
from registry_tool.core.paths import path_fault
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar, Rule
from registry_tool.core.plan import Place, Plan, PutTree
from registry_tool.core.quoting import quoted
from registry_tool.core.verified import Verified
from registry_tool.core.versions import parse_version

_DESCRIPTION_READ: Final = 1024  # characters; agents may cut what is longer (agentskills.io/specification)
_DESCRIPTION_KEPT: Final = 4000  # characters of the manifest's description
_TOOLS: Final = 200
_NATIVE: Final = ("SKILL.md", "skill.md")
_KNOWN: Final = frozenset("name description license compatibility metadata allowed-tools version".split())
_ANY_COMMAND: Final = frozenset(("*", "Bash", "Bash(*)", "Bash(*:*)", "Bash(:*)", "shell"))
# Tools of agents, and commands, that let no more in or out than the network does.
_REACHES_OUT: Final = re.compile(
    r"(web[_-]?)?(fetch|search)(\(.*\))?|(bash|shell)\((curl|wget|aria2c|ssh|scp|ncat|nc|telnet|git clone)\b.*\)",
    re.I | re.S,
)
_EXAMPLE: Final = "---\nname: my-skill\ndescription: what it does, and when to use it\nlicense: MIT\n---"


class SkillSpec(Document):
    """A skill's `spec`."""

    native_name: Annotated[str, Field(min_length=1, max_length=100)]
    """The folder that it is installed as."""
    entry: str
    """The file that agents read first."""
    allowed_tools: Seq[Annotated[str, Field(min_length=1, max_length=200)]]
    """Tools of the agent that it may use without asking, as its author wishes."""
    scripts: Seq[str]
    """Paths of the files that somebody runs, sorted."""


GRAMMAR: Final = Grammar(
    rules=(
        *NETWORK_RULES,
        Rule(
            pattern="chat_inject",
            meaning="add text to your conversations by itself",
            allows=lambda match: Confinement(chat=True),
            accepts=("chat_inject",),
            rejects=("chat-inject", "Chat_inject", "chat_inject:all"),
        ),
        Rule(
            pattern="fs:tmp",
            meaning="write files below the folder for temporary files",
            allows=lambda match: Confinement(temporary=True),
            accepts=("fs:tmp",),
            rejects=("fs:/tmp", "fs:home", "fs:", "FS:tmp"),
        ),
    ),
    covers=network_covers,
)
"""What a skill can be granted."""


def read(payload: Payload, card: Card) -> Reading:
    """What a skill's folder says; the author's mistakes are findings."""
    del card  # everything that a skill is stands in SKILL.md
    entry = next((name for name in _NATIVE if name in payload), "")
    if not entry:
        near = next((path for path in sorted(payload) if path.lower() == "skill.md"), "")
        hint = f"rename {near} to SKILL.md" if near else f"add a SKILL.md that begins with\n{_EXAMPLE}"
        return Reading(findings=(Finding("skill-file", "fail", "there is no SKILL.md", near, hint),))
    words, unread = read_front_matter(payload[entry].data, entry, example=_EXAMPLE)
    named = _entry_findings(entry)
    if words is None:
        return Reading(native=entry, findings=(*named, *unread))
    words.note_unknown(_KNOWN, "agent-skills")
    scripts = script_paths(payload)
    seen = look(payload[path].data for path in scripts)
    closed = tuple(
        Finding("skill-network", "warn", f"a script names {address}, which no permission allows to reach")
        for address in seen.private
    )
    spec = _spec(words, entry, scripts)
    tools = ("network",) if any(map(_REACHES_OUT.fullmatch, spec["allowed_tools"])) else ()
    return Reading(
        native=entry,
        folder=spec["native_name"],
        fields=_fields(words, payload),
        spec=spec,
        needs=tuple(sorted({*seen.network, *tools, *(("fs:tmp",) if seen.temporary else ())})),
        unpinned=seen.unpinned,
        findings=(*named, *words.findings, *closed),
    )


def _entry_findings(entry: str) -> tuple[Finding, ...]:
    if entry != "SKILL.md":
        message = f"the file is called {entry}; some agents only read SKILL.md"
        return (Finding("skill-file", "warn", message, entry, f"rename {entry} to SKILL.md"),)
    return ()


def _spec(words: FrontMatter, entry: str, scripts: tuple[str, ...]) -> dict[str, Any]:  # Any: JSON
    given = words.text("name", "fail", "name: my-skill")
    name = given
    if given and not _installable(given):
        name = kebab(given)
        name = name if _installable(name) else f"skill-{name}".rstrip("-")
        message = f"{quoted(given)} cannot be a folder's name, it is installed as {name}"
        words.say("warn", "name", message, f"write name: {name}")
    elif given and not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", given):
        words.say("note", "name", f"{quoted(given)} is not in the form that agents expect (my-skill)")
    tools = _tools(words)
    wide = sorted(_ANY_COMMAND.intersection(tools))
    if wide:
        message = f"allowed-tools lets an agent run any command without asking ({', '.join(wide)})"
        words.say("review", "allowed-tools", message, "name the commands: allowed-tools: Bash(git log:*)")
    return {"native_name": name, "entry": entry, "allowed_tools": tools, "scripts": list(scripts)}


def _installable(name: str) -> bool:
    return bool(name) and path_fault(name) is None and "/" not in name and name[0] not in "-. "


def _tools(words: FrontMatter) -> list[str]:
    value = words.members.get("allowed-tools")
    if isinstance(value, str):
        value = re.findall(r"[^\s,()]+(?:\([^)]{0,200}\))?", value)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(tool, str) and 0 < len(tool.strip()) <= 200 for tool in value):
        words.say("fail", "allowed-tools", "allowed-tools is a list of names", "allowed-tools: Read, Bash(git log:*)")
        return []
    if len(value) > _TOOLS:
        words.say("fail", "allowed-tools", f"allowed-tools has {len(value)} names, at most {_TOOLS} are allowed")
    return list(dict.fromkeys(tool.strip() for tool in value[:_TOOLS]))


def _fields(words: FrontMatter, payload: Payload) -> dict[str, Any]:  # Any: proposals for a manifest
    name = words.members.get("name")
    name = name if isinstance(name, str) else ""
    fields: dict[str, Any] = {**proposed_name(name)}
    if name.strip():
        fields["title"] = " ".join(name.split())[:280]
    description = words.text("description", "fail", "description: what it does, and when to use it")
    if len(description) > _DESCRIPTION_READ:
        message = f"description has {len(description)} characters; agents may cut it after {_DESCRIPTION_READ}"
        words.say("warn", "description", message, "say the essential at its beginning")
    if description:
        fields["description"] = description[:_DESCRIPTION_KEPT]
    license_text = words.text("license", "warn", "")
    if license_text:
        expression, said = to_spdx(license_text, payload, words.path)
        # artifact.yaml and --license can still say it, so this alone refuses nothing.
        words.findings.extend(
            Finding(one.check, "warn" if one.level == "fail" else one.level, one.message, one.path, one.hint)
            for one in said
        )
        if expression:
            fields["license"] = expression
    version = _version(words)
    if version:
        fields["version"] = version
    return fields


def _version(words: FrontMatter) -> str:
    metadata = words.members.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        words.say("warn", "metadata", "metadata is no list of `key: value` lines; it is not read")
        metadata = None
    key = "metadata" if metadata and "version" in metadata else "version"
    value = (metadata or {}).get("version", words.members.get("version"))
    if value is None:
        return ""
    try:
        return str(parse_version(value if isinstance(value, str) else ""))
    except InvalidInput as error:
        numbers = re.findall("[0-9]{1,9}", quoted(str(value)))[:3] or ["1"]
        hint = f'version: "{".".join(str(int(part)) for part in (*numbers, "0", "0")[:3])}"'
        message = error.message
        if not isinstance(value, str):
            message = f"YAML reads the version {quoted(str(value))} as a {type(value).__name__}"
        words.say("warn", key, message, hint)
        return ""


def plan(verified: Verified, place: Place) -> Plan:
    """One folder per place that an agent reads. `WrongUsage` for an unknown agent or a bad name."""
    name = place.name if place.name is not None else verified.manifest.native_name
    if not _installable(name):
        hint = "write --name with letters, digits and -"
        raise WrongUsage(f"{quoted(name)} cannot be a folder's name", code="bad-name", hint=hint)
    folders = sorted({SHARED_SKILLS, *(_folder(agent_of(agent), place) for agent in place.agents)})
    seen_by = sorted(agent.title for agent in AGENTS.values() if _folder(agent, place) in folders)
    notes: tuple[str, ...] = ()
    if verified.manifest.spec.get("scripts"):
        confined = f"registry run {verified.artifact}"
        notes = (f"An agent runs the scripts of a skill by itself, with its own rights. Confined: {confined} SCRIPT",)
    steps = tuple(PutTree(f"{folder}/{name}", verified.payload) for folder in folders)
    return Plan(steps, tuple(seen_by), notes)


def _folder(agent: Agent, place: Place) -> str:
    return agent.own_skills if place.personal else agent.skills


_SKILL: Final = """---
name: {name}
description: Find broken links between Markdown files. Use when documents were moved, renamed or split.
license: MIT
---

# Broken links in Markdown

1. Run `python3 scripts/broken_links.py FOLDER`. It only reads, and prints `file:line: target` for each
   link to a file or heading that is not there. No output means that all is well.
2. For each line, look for the file that was meant: the same name in another folder, or a heading that
   was reworded. Mend the link; do not remove it.
3. Run it again until it prints nothing. Tell the person which links you changed, and which you could
   not place.

Addresses on the web are not looked at.
"""

_SCRIPT: Final = r'''#!/usr/bin/env python3
"""Print each link between Markdown files below a folder whose target is not there."""

import re
import sys
import unicodedata
from pathlib import Path

LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")


def anchor(heading):
    """The anchor that most renderers give a heading."""
    kept = [c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LN"]
    return "".join(kept).replace(" ", "-")


def lines(path):
    """Number and text of the lines outside of code blocks."""
    code = False
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        if line.lstrip().startswith(("```", "~~~")):
            code = not code
        elif not code:
            yield number, line


def main(folder):
    broken = 0
    for path in sorted(Path(folder).rglob("*.md")):
        for number, line in lines(path):
            for target in LINK.findall(line):
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue
                name, _, wanted = target.partition("#")
                other = path.parent / name if name else path
                good = other.exists()
                if good and wanted and other.suffix == ".md":
                    headings = (HEADING.match(text) for _, text in lines(other))
                    good = wanted.lower() in {anchor(found[1]) for found in headings if found}
                if not good:
                    broken += 1
                    print(f"{path}:{number}: {target}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
'''

_CARD: Final = """id: "{id}"
kind: skill
version: 1.0.0
title: Broken links
permissions: []
tags: [documentation, markdown]
"""


def template(artifact: ArtifactId) -> Payload:
    """A skill that finds broken links between Markdown files."""
    return {
        "LICENSE": PayloadFile(mit_text(artifact.scope)),
        "SKILL.md": PayloadFile(_SKILL.format(name=artifact.name).encode()),
        "artifact.yaml": PayloadFile(_CARD.format(id=artifact).encode()),
        "scripts/broken_links.py": PayloadFile(_SCRIPT.encode(), executable=True),
    }


KIND: Final = Kind(
    id="skill",
    category="skills",
    title="Skills",
    summary="Instructions and scripts that teach an agent to do one thing well.",
    icon="🎓",
    target=".agents/skills/<name>/",
    reader="skill/1",
    spec=SkillSpec,
    grammar=GRAMMAR,
    native=_NATIVE,
    way="process",
    read=read,
    template=template,
    plan=plan,
)
"""All that the tool knows about skills."""
