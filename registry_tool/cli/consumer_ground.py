"""What the consumer's verbs share: their options, which registry they talk to, and where they write."""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from registry_tool.cli.settled import settings_of
from registry_tool.cli.show import dry_run_option, json_option, project_option, registry_option, yes_option
from registry_tool.core.addresses import is_site
from registry_tool.core.errors import InvalidInput, NotTrusted, WrongUsage
from registry_tool.core.native.agents import AGENTS, Agent, agent_of
from registry_tool.core.which import Choice, Places, Purpose, which_registry
from registry_tool.wiring import World, looks_like_git

if TYPE_CHECKING:
    from registry_tool.services.consumer import Ground
    from registry_tool.services.contact import Contact

F = TypeVar("F", bound=Callable[..., Any])

_GGUI_BYTES = 4 * 1024 * 1024  # a project's own file


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a consumer's verb; those that it has not are at their defaults."""

    where: str | None = None
    project: str | None = None
    target: str | None = None
    as_json: bool = False
    dry_run: bool = False
    offline: bool = False
    yes: bool = False
    allow: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    personal: bool = False
    agent: tuple[str, ...] = ()
    name: str | None = None
    demo: bool = False
    force: bool = False
    allow_stale: bool = False
    verify_identity: str | None = None
    identity_issuer: str | None = None


def reading_options(function: F) -> F:
    """`--registry`, `--project`, `--offline`, `--demo`, `--allow-stale` and `--json`."""
    return registry_option(project_option(offline_option(demo_option(stale_option(json_option(function))))))


def offline_option(function: F) -> F:
    """`--offline`."""
    return click.option("--offline", is_flag=True, help="Use no network, only what is known here.")(function)


def demo_option(function: F) -> F:
    """`--demo`."""
    text = "Take a demonstration registry, which proves nothing."
    return click.option("--demo", is_flag=True, help=text)(function)


def stale_option(function: F) -> F:
    """`--allow-stale`."""
    text = "Take a signed index that expired, or a site that has none."
    return click.option("--allow-stale", is_flag=True, help=text)(function)


def identity_options(function: F) -> F:
    """`--verify-identity` and `--issuer`."""
    text = "Only what this keyless identity signed: a whole text, or /regex/."
    identity = click.option("--verify-identity", metavar="TEXT|/REGEX/", help=text)
    issuer = click.option("--issuer", "identity_issuer", metavar="URL", help="Who vouches for that identity.")
    return identity(issuer(function))


def place_options(function: F) -> F:
    """`--target` and `-g`: where what is installed lies."""
    target = click.option("--target", metavar="DIR", help="The folder to install into, instead of the project's.")
    personal = click.option("-g", "--global", "personal", is_flag=True, help="Your own folder instead of a project.")
    return target(personal(function))


def writing_options(function: F) -> F:
    """What an install and an update can be told."""
    allow = click.option("--allow", metavar="P", multiple=True, help="Grant this permission without asking.")
    agent = click.option("--agent", metavar="ID", multiple=True, help=f"For this agent: {', '.join(AGENTS)}.")
    force = click.option("--force", is_flag=True, help="Lose your changes to files that were installed.")
    said = click.option("--input", "inputs", metavar="NAME=VALUE", multiple=True, help="A value that an app asks for.")
    return reading_options(place_options(yes_option(dry_run_option(allow(said(agent(force(function))))))))


def root_of(world: World, options: Options) -> Path:
    """The folder that installs go to: `--target`, `-g`, `--project`, else where the person stands."""
    if options.personal:
        if options.target or options.project:
            raise WrongUsage("-g means your own folder, and --target or --project another one", hint="say one of them")
        return world.home
    return world.project(options.target or options.project)


def where_flags(here: World, options: Options) -> str:
    """The flags that name the same folder again; empty for the one where the person stands."""
    if options.personal:
        return " -g"
    root = root_of(here, options)
    return "" if root == here.cwd else f" --project {shlex.quote(options.target or options.project or str(root))}"


def choose_registry(world: World, options: Options, purpose: Purpose, *, kind: str | None = None) -> Choice:
    """Which registry, and who chose it (`core/which.py`)."""
    standing = None if options.where else world.standing_in()
    places = Places(
        flag=options.where,
        standing=str(standing) if standing else None,
        env=world.env,
        project=None if options.where or standing else ggui_registry(root_of(world, options)),
        added=[str(entry["where"]) for entry in world.state.registries()],
    )
    return which_registry(purpose, places, kind=kind)


def ggui_registry(folder: Path) -> str | None:
    """The member `registry` of the nearest `ggui.json` that has one, at most 16 folders up."""
    from registry_tool.core import canonical

    for place in (folder, *folder.parents)[:17]:
        path = place / "ggui.json"
        if not path.is_file():
            continue
        with path.open("rb") as file:
            data = file.read(_GGUI_BYTES + 1)
        try:
            value = canonical.parse_loose(data, limit=_GGUI_BYTES, what="ggui.json", floats=True)
        except InvalidInput as error:
            raise InvalidInput(error.message, where=str(path), code="bad-ggui-json", hint="mend the file") from error
        if not isinstance(value, dict):
            raise InvalidInput("it is not a JSON object", where=str(path), code="bad-ggui-json", hint="mend the file")
        found = value.get("registry")
        if found is not None and not isinstance(found, str):
            raise InvalidInput("its member registry is not a text", where=str(path), code="bad-ggui-json")
        if found:
            return found
    return None


def kind_of_place(where: str, path: Path) -> str:
    """What a registry's address is: `site`, `clone`, `folder` or `export`."""
    if is_site(where):
        return "site"
    if path.is_file():
        return "export"
    return "clone" if looks_like_git(path) else "folder"


def public_address(contact: "Contact") -> str:
    """The registry's address for browsers, with a slash at its end; empty where it has none."""
    from registry_tool.core import layout, limits
    from registry_tool.core.document import load
    from registry_tool.core.published import PublishedTree
    from registry_tool.core.release import EntryPoint
    from registry_tool.stores.exported import ExportedSource

    if is_site(contact.source.where):
        return contact.source.where.rstrip("/") + "/"
    try:
        if isinstance(contact.source, PublishedTree | ExportedSource):
            return contact.source.address
        data = contact.source.fetch(layout.ENTRY, limit=limits.ENTRY_BYTES)
        if data is None:
            return ""
        return load(EntryPoint, data, limit=limits.ENTRY_BYTES, registry=contact.registry, what=layout.ENTRY).url
    except (InvalidInput, NotTrusted):
        return ""  # words that decide nothing: a kind that needs an address says that there is none


def ground_of(world: World, options: Options, *, address: str = "") -> "Ground":
    """Where an install goes, and how."""
    from registry_tool.core.plan import Place
    from registry_tool.services.consumer import Ground

    root = root_of(world, options)
    for name in options.agent:
        agent_of(name)
    agents = tuple(sorted(set(options.agent))) or found_agents(root, personal=options.personal)
    place = Place(agents=agents, name=options.name, address=address, personal=options.personal)
    return Ground(
        world.target(root),
        world.kinds,
        place,
        locks=not options.personal,
        force=options.force,
        flags=where_flags(world, options),
        settled=settings_of(world, None if options.personal else root),
        now=world.now(),
    )


def found_agents(root: Path, *, personal: bool) -> tuple[str, ...]:
    """The agents whose own folders lie in `root`, by their ids."""
    return tuple(
        name for name, agent in AGENTS.items() if any((root / mark).exists() for mark in _marks(agent, personal))
    )


def _marks(agent: Agent, personal: bool) -> Sequence[str]:
    """What shows that an agent is used in a folder: its own folders there."""
    skills, servers = (agent.own_skills, agent.own_servers) if personal else (agent.skills, agent.servers)
    marks = [skills.rpartition("/")[0]] + ([servers.path] if servers and "/" in servers.path else [])
    # Shared folders show nothing; of a file in a folder, the folder shows it where it is named for the agent.
    own = [re.sub(r"^(\.cursor|\.gemini|\.roo)/.*", r"\1", mark) for mark in marks]
    return [mark for mark in own if mark not in (".agents", "", ".config")]
