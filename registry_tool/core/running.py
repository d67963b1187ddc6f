"""How what is installed runs, and what holds it to its grants: in words, before anybody installs it."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from registry_tool.core.confinement import Confinement, Endpoint
from registry_tool.core.errors import NotTrusted
from registry_tool.core.kind import Kind
from registry_tool.core.showing import line

Spec = Mapping[str, Any]  # Any: JSON, a manifest's `spec`


def running_words(kind: Kind, artifact: str, spec: Spec, permissions: Sequence[str]) -> tuple[str, ...]:
    """Sentences on how a release of `kind` runs; one says so where its permissions are not understood."""
    try:
        allowed = kind.grammar.confine(permissions, kind=kind.id)
    except NotTrusted as error:
        return (f"It cannot be installed with this tool: {error.message}.",)
    if kind.way == "process":
        return _process(artifact, spec, allowed)
    if kind.way == "engine":
        return _engine(allowed)
    if kind.way == "frame":
        return ("It runs in a frame of the browser, which reads and reaches nothing but what it was granted.",)
    return ("Nothing of it runs.",)


def _process(artifact: str, spec: Spec, allowed: Confinement) -> tuple[str, ...]:
    run, scripts = spec.get("run"), spec.get("scripts")
    if isinstance(run, Mapping):
        if run.get("type") == "remote":
            return ("It runs elsewhere: nothing of it runs here, and what your agent tells it goes there.",)
        tools = "agents see only the tools that were granted"
        started = f"Agents start it with `registry run {artifact}`, which confines it"
        return (f"{started}: it sees {_sight(allowed)}, {_reach(allowed)}, and {tools}.",)
    if not scripts:
        return ("It has no scripts. What it tells an agent to do, the agent does with the rights that you gave it.",)
    named = ", ".join(line(str(one)) for one in scripts[:5]) + (", …" if len(scripts) > 5 else "")
    unheld = "Agents that read it run them by themselves, outside of this tool and with all your rights"
    confined = f"registry run {artifact} {shlex.quote(line(str(scripts[0])))}"
    return (
        f"It brings scripts ({named}). {unheld}: nothing holds them to what was granted.",
        f"Confined: `{confined}`; it sees {_sight(allowed)}, and {_reach(allowed)}.",
    )


def _sight(allowed: Confinement) -> str:
    own = "its own files and none of yours"
    return f"{own}, has a /tmp of its own" if allowed.temporary else own


def _reach(allowed: Confinement) -> str:
    if not allowed.egress:
        return "reaches no network"
    return "reaches " + ", ".join(_host(one) for one in allowed.egress)


def _host(one: Endpoint) -> str:
    if one.host == "*":
        return "public hosts, never your own network"
    return one.host if one.port is None else f"{one.host} on port {one.port}"


def _engine(allowed: Confinement) -> tuple[str, ...]:
    """What the compose file that is written at install lets its containers do."""
    grants = [
        ("privileges", allowed.capabilities),
        ("ports on this machine", allowed.ports),
        ("volumes and folders of its own", allowed.mounts),
    ]
    told = "; ".join(f"{what}: {', '.join(values)}" for what, values in grants if values) or "nothing more"
    anew = "What is started is not its author's compose file but one that is written anew"
    return (
        f"It runs in containers. {anew}: no privileges, no file of yours, no container of others.",
        f"That file grants {told}.",
    )
