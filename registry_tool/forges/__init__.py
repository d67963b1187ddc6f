"""Forges: where people read and talk. Nothing in them is trusted by clients."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from registry_tool.forges.setup import Ground, Setup

SETUPS: Final[Mapping[str, str]] = {
    "bare": "bare",
    "github": "github_files",
}
"""What `registry init --forge` can write files for, and the module here whose `setup` does; imported when asked."""


def setup_of(name: str, ground: "Ground") -> "Setup":
    """What is written for a registry that will live at `name`, a word of `SETUPS`."""
    module: Any = import_module(f"registry_tool.forges.{SETUPS[name]}")  # Any: known by its name only
    made: Setup = module.setup(ground)
    return made
