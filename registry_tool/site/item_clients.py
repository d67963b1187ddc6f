"""The commands with which an artifact is installed: with this tool, and with others that read the same site.

Which other tools read a kind follows from its record: what has a wire form, from the tool of that wire; what is a
`SKILL.md`, from the installer of skills; what is a `server.json`, from clients of the registry of MCP servers.
"""

import shlex
from dataclasses import dataclass

from registry_tool.core.distributed import BRANCH
from registry_tool.core.index import About, Category, Release
from registry_tool.core.status import TREATMENT
from registry_tool.site.words import line


@dataclass(frozen=True, slots=True)
class Command:
    """Something to paste."""

    title: str
    command: str
    note: str = ""


def install(release: Release) -> tuple[Command, ...]:
    """With this tool; nothing where nobody may install the release."""
    if not TREATMENT[release.status].stays:
        return ()
    manifest = release.manifest
    chosen = TREATMENT[release.status].chosen
    wanted = manifest.artifact if chosen else f"{manifest.artifact}@{manifest.version}"
    return (Command("Install", f"registry install {wanted}"),)


def first_time(about: About) -> str:
    """How this tool gets to know the registry; empty where its site has no address."""
    url = about.table.url
    return f"registry add {url} --root {about.id}{' --demo' if about.demonstration else ''}" if url else ""


def others(release: Release, category: Category, about: About, folder: str) -> tuple[Command, ...]:
    """With other people's tools, for an artifact whose page lies in `folder`.

    Nothing where the site has no address, or new installs do not take the release.
    """
    kind, manifest = category.kind, release.manifest
    base = about.table.url.rstrip("/")
    if not base or kind is None or not TREATMENT[release.status].chosen or manifest.visibility != "public":
        return ()
    found = []
    if kind.wire is not None:
        wanted = f"{manifest.artifact}@{manifest.version}"
        found.append(Command("With ggui", f"ggui {kind.id} install {wanted} --registry {base}"))
    native = {path.lower() for path in release.payload if "/" not in path}.intersection(map(str.lower, kind.native))
    if "skill.md" in native:
        found.append(Command("With the skills installer", f"npx skills add {base}/{folder.rstrip('/')}"))
    if "server.json" in native:
        note = f"Its name there is {line(manifest.native_name)}."
        found.append(Command("Address for clients of the MCP registry", f"{base}/v0.1/servers", note))
    if native & {"skill.md", "server.json"} and about.table.git:
        command = f"git clone --branch {BRANCH} {shlex.quote(about.table.git)}"
        note = "For tools that install from repositories, where this registry keeps that branch."
        found.append(Command("From the branch for agents", command, note))
    return tuple(found)
