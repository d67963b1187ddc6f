"""One program to start, confined: what is started, what it sees of the disk, and how much it may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry_tool.core.limits import MIB


@dataclass(frozen=True, slots=True)
class Shown:
    """A file or folder of the host that the program sees."""

    source: str
    """Absolute, on the host."""
    target: str
    """Absolute, inside."""
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a program may use; it is ended at the first of them."""

    memory: int | None = 1024 * MIB
    """Bytes of address space of each process; `None` for programs that reserve more than they use (node)."""
    cpu: int | None = 300
    """Seconds of processor time of each process."""
    processes: int = 128
    """Processes and threads at once."""
    open_files: int = 256
    file_bytes: int = 256 * MIB
    """Size of one file that it writes."""
    temporary_bytes: int = 64 * MIB
    """Size of its /tmp, where it has one."""
    wall: float | None = 600.0
    """Seconds until it is ended; `None` for servers, which end with whoever asked for them."""
    output_bytes: int | None = 64 * MIB
    """Bytes that it may print on each stream; `None` where somebody else bounds them."""


@dataclass(frozen=True, slots=True)
class Job:
    """One program, as an enforcer starts it."""

    command: tuple[str, ...]
    """Program and arguments, paths as they are inside."""
    shown: tuple[Shown, ...]
    """All that it sees of the host's files."""
    cwd: str = "/item"
    env: Mapping[str, str] = field(default_factory=dict)
    """All of its environment."""
    bounds: Bounds = Bounds()
