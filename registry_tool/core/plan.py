"""What an install will do to a project, as a value.

A kind's `plan` is pure: it says what to write and where. One executor (`stores/disk.py`) does it:
staged, journaled, at one instant. The receipt that it leaves turns a plan around exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry_tool.core.payload import Payload


@dataclass(frozen=True, slots=True)
class PutTree:
    """A folder that belongs to the artifact alone."""

    path: str
    """Relative to the target, `/` between the parts."""
    files: Payload
    """All it holds; uninstall removes exactly these."""
    own: Mapping[str, bytes] = field(default_factory=dict)
    """Files in it that are the person's from the first install on, for their eyes only (0600).

    An update keeps them; to one called .env, of lines `NAME=value`, it adds names that are missing. Uninstall removes
    them. What is in them is in no receipt and no lock file.
    """


@dataclass(frozen=True, slots=True)
class SetMember:
    """One member of an object in a JSON file that others write too."""

    path: str
    """The JSON file; made where it is missing."""
    pointer: tuple[str, ...]
    """Names down to the object; missing objects are made."""
    key: str
    """The member; uninstall removes it."""
    value: Any
    """JSON."""


@dataclass(frozen=True, slots=True)
class SetRow:
    """One row of an array of objects in a JSON file, found by one of its members."""

    path: str
    pointer: tuple[str, ...]
    """Names down to the array; a missing one is made."""
    by: str
    """The member that tells rows apart."""
    value: Mapping[str, Any]
    """JSON; replaces the row with the same `by`, else is appended."""


@dataclass(frozen=True, slots=True)
class AddItem:
    """One text in an array of a JSON file that several artifacts share."""

    path: str
    pointer: tuple[str, ...]
    value: str
    """Appended once; removed with the last receipt that has it, with the array and the object
    around it where they are empty then."""


Step = PutTree | SetMember | SetRow | AddItem


@dataclass(frozen=True, slots=True)
class Ask:
    """One value that whoever installs gives."""

    name: str
    description: str = ""
    default: str | None = None
    secret: bool = False
    """Whether nobody should see it."""
    demanded: bool = False
    """Whether it does not start without a value."""
    file: str = ""
    """The file that holds it and nothing else, beside the file of lines; empty where there is none."""
    variable: bool = True
    """Whether it has a line in the file of lines."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an install writes."""

    steps: tuple[Step, ...]
    seen_by: tuple[str, ...] = ()
    """Who reads what was written: names of agents and tools, for the person."""
    notes: tuple[str, ...] = ()
    """What the person should know, one sentence each."""
    asks: tuple[Ask, ...] = ()
    """What the person is asked for; `core/answers.py` puts what they say into the plan."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how a person wants it installed."""

    agents: tuple[str, ...] = ()
    """Agents found or named, by their ids (`claude`, `cursor`, …)."""
    name: str | None = None
    """Another name than the artifact's own (`--name`)."""
    address: str = ""
    """The registry's public address with a trailing slash; empty where it has none."""
    personal: bool = False
    """For the person's own folder (`-g`) instead of a project."""
