"""A service of a compose file while it is being read."""

from dataclasses import dataclass, field
from typing import Any, Final

from registry_tool.core.native.compose_mounts import Mount
from registry_tool.core.native.compose_ports import Port

START: Final = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")
"""What an image that starts as root uses to hand its files to a user of its own and to become that user."""


@dataclass(slots=True)
class Draft:
    """What is known of it so far."""

    image: str = ""
    capabilities: set[str] = field(default_factory=set)
    drops: set[str] = field(default_factory=set)
    """Capabilities that the author takes away from those that every container of an engine has."""
    ports: list[Port] = field(default_factory=list)
    mounts: list[Mount] = field(default_factory=list)
    takes: list[tuple[str, bool]] = field(default_factory=list)
    """Services whose mounts it has too, and whether it only reads them."""
    networks: dict[str, list[str]] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> tuple[str, ...]:
        """The capabilities that it has by itself and may need to start; none where the author says which it has.

        A container runs with an engine's usual capabilities unless its file names them, drops them, or names a user
        that is not root.
        """
        user = str(self.rest.get("user", "root")).partition(":")[0]
        if self.capabilities or "ALL" in self.drops or user not in ("root", "0", ""):
            return ()
        return tuple(name for name in START if name not in self.drops)
