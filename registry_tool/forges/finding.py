"""Which forge a registry is on, by its git address and by what a job's environment says.

    GITHUB_SERVER_URL   where people and git go          https://github.com
    GITHUB_API_URL      where its API is                 https://api.github.com, elsewhere <server>/api/v3
    GITHUB_REPOSITORY   `owner/name`, for a checkout     a job has it
    GITHUB_TOKEN        with which rights; else GH_TOKEN

The token goes to that server and its API, and nowhere else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.errors import WrongUsage
from registry_tool.core.ports import History
from registry_tool.core.quoting import quoted
from registry_tool.core.tables import REGISTRY_TABLE, read_registry_table

SERVER: Final = "https://github.com"
API: Final = "https://api.github.com"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_SCP_FORM: Final = re.compile(r"(?:[^@/]+@)?([^:/]+):(.*)")
_TOKEN: Final = re.compile("[!-~]{1,1000}")


@dataclass(frozen=True, slots=True)
class Place:
    """A repository of a forge, and the token for it."""

    server: str
    """Without a slash at its end."""
    api: str
    name: str
    """`owner/name`."""
    token: str | None = field(repr=False)


def place_at(address: str, env: Mapping[str, str]) -> Place | None:
    """The repository at a git address; `None` where that is on no forge that is known."""
    server = server_of(env)
    name = _below(server, address)
    if name is None:
        return None
    return Place(server, env.get("GITHUB_API_URL") or _api_of(server), name, token_of(env))


def place_of_job(env: Mapping[str, str]) -> Place | None:
    """The repository that a job runs for; `None` outside of a job. `WrongUsage` for a name that is none."""
    name = env.get("GITHUB_REPOSITORY")
    if not name:
        return None
    found = place_at(f"{server_of(env)}/{name}", env)
    if found is None:
        message = f"GITHUB_REPOSITORY is written as owner/name, this is {quoted(name)}"
        raise WrongUsage(message, code="bad-repository")
    return found


def place_for(where: str, env: Mapping[str, str], *, named: Callable[[], str]) -> Place | None:
    """The repository that the registry at `where` is in; `None` where none is known.

    A git address says it itself. For a path a job's environment says it, else the address that it has `named`.
    """
    if is_site(where) or is_git_address(where):
        return place_at(where, env)
    return place_of_job(env) or place_at(named(), env)


def named_by(history: History) -> str:
    """The git address that a registry's own table names; empty where it names none."""
    head = history.resolve("main") or history.resolve("HEAD")
    return read_registry_table(history.tree(head).read(REGISTRY_TABLE)).git if head else ""


def server_of(env: Mapping[str, str]) -> str:
    """Where the forge is."""
    return (env.get("GITHUB_SERVER_URL") or SERVER).rstrip("/")


def token_of(env: Mapping[str, str]) -> str | None:
    """The token; `WrongUsage` for one that cannot be one, which is not shown."""
    name = "GITHUB_TOKEN" if env.get("GITHUB_TOKEN") else "GH_TOKEN"
    token = env.get(name)
    if token and not _TOKEN.fullmatch(token):
        hint = "is there a space or a line break at its end?"
        raise WrongUsage(f"{name} holds what no token may", code="bad-token", hint=hint)
    return token or None


def _api_of(server: str) -> str:
    return API if server == SERVER else f"{server}/api/v3"


def _below(server: str, address: str) -> str | None:
    """`owner/name` of a repository on the server, by its address over https or ssh."""
    host, path = urlsplit(server).hostname, None
    if "://" in address:
        parts = urlsplit(address)
        if parts.scheme == "ssh" and parts.hostname == host:
            path = parts.path
        elif address.startswith(f"{server}/"):
            path = address.removeprefix(server)
    elif (found := _SCP_FORM.fullmatch(address)) and found[1] == host:
        path = found[2]
    name = (path or "").strip("/").removesuffix(".git")
    pieces = name.split("/")
    return name if _NAME.fullmatch(name) and not {".", ".."} & set(pieces) else None
