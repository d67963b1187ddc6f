"""What a machine enforces: the grants of one release, as a closed value.

    permissions  ──grammar──▶  Confinement  ──▶  the enforcer of its way of running

Nothing is allowed that is not a member here, and only `Grammar.confine` makes one from permissions. Enforcers
(`sandbox/` for processes, the frame's host page, what an app's compose file becomes) take nothing else.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal

Way = Literal["process", "frame", "inert", "engine"]
"""How something of a kind runs: on this machine, in a page's frame, not at all, in a container engine."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host of the public Internet that may be reached."""

    host: str
    """A DNS name in lower case; `*` for every public one."""
    port: int | None = None
    """`None` for every port."""


ANYWHERE = Endpoint("*")
"""Every port of every public host; never an address of a private network."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """All that something may do; `Confinement()` may do nothing."""

    egress: tuple[Endpoint, ...] = ()
    """Hosts that it reaches, through a proxy of ours."""
    temporary: bool = False
    """Whether it has a /tmp of its own, which is gone when it ends."""
    chat: bool = False
    """Whether it may add text to the person's conversation, through one bounded pipe."""
    tools: tuple[str, ...] = ()
    """Tools that an agent may call, by their exact names."""
    topics: tuple[str, ...] = ()
    """A dashboard's data that it reads: dotted names, `a.*` for all below `a`, `*` for all."""
    intervals: tuple[int, ...] = ()
    """Milliseconds; the shortest is how often it may ask again."""
    origins: tuple[str, ...] = ()
    """Origins that its frame may connect to, as `https://api.example.org`."""
    capabilities: tuple[str, ...] = ()
    """Linux capabilities of its containers, without `CAP_`."""
    ports: tuple[str, ...] = ()
    """Ports published on loopback, as `8080/tcp`."""
    mounts: tuple[str, ...] = ()
    """Volumes and folders of its own, as `source:target` or `source:target:ro`."""

    def __or__(self, other: "Confinement") -> "Confinement":
        """What both together may do."""
        both: dict[str, Any] = {}  # Any: the members are of several types
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            both[one.name] = mine or theirs if isinstance(mine, bool) else tuple(sorted({*mine, *theirs}, key=_order))
        return Confinement(**both)


def _order(one: Any) -> Any:  # Any: a member of one of several types, each with its own order
    return (one.host, one.port or 0) if isinstance(one, Endpoint) else one
