"""What a new registry gets for the place where it will live: files and settings, as values.

setup(ground) -> Setup      one function for each place, in a module that `SETUPS` names
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry_tool.core.payload import PayloadFile


@dataclass(frozen=True, slots=True)
class Ground:
    """What a registry is, for whoever writes files for it."""

    registry: str
    """Its id."""
    name: str
    url: str
    """Of its site, with a slash at its end; empty where it has none."""
    git: str
    """Where submissions go; empty where nobody said it yet."""
    template: str
    python: str
    """The interpreter that runs this tool, an absolute path."""
    tool: str = ""
    """The pinned requirement of the tool that jobs install; empty where nobody said it yet."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One of git's settings."""

    section: str
    name: str
    value: str
    kept: bool = False
    """Whether another value that somebody chose stays."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is written for a place."""

    bare: bool
    """Whether the repository has no work tree."""
    committed: Mapping[str, bytes] = field(default_factory=dict)
    """Files of the first commit, beside the registry's own."""
    kept: Mapping[str, PayloadFile] = field(default_factory=dict)
    """Files in git's own folder."""
    settings: tuple[Setting, ...] = ()
    words: tuple[str, ...] = ()
    """What to do next, a line each."""
