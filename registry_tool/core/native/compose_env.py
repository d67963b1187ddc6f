"""Small shapes of a compose file: texts, lists, and variables in their three spellings."""

import re
from dataclasses import dataclass, field
from typing import Any

from registry_tool.core.native.compose_values import Fault, Mount, Port
from registry_tool.core.quoting import quoted


@dataclass(slots=True)
class Draft:
    """A service while it is being read."""

    image: str = ""
    capabilities: set[str] = field(default_factory=set)
    ports: list[Port] = field(default_factory=list)
    mounts: list[Mount] = field(default_factory=list)
    networks: dict[str, list[str]] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)


def text_of(key: str, value: Any) -> str:  # Any: what YAML holds
    """The text that `value` is, numbers and flags as compose writes them. Raises `Fault`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Fault(f"{key} is a text, this is {quoted(str(value))}", f'write: {key}: "…"')


def list_of(key: str, value: Any) -> list[Any]:  # Any: what YAML holds
    """The list that `value` is. Raises `Fault`."""
    if isinstance(value, list):
        return value
    raise Fault(f"{key} is a list, this is {quoted(str(value))}", f"write: {key}:\n  - …")


def pairs_of(value: Any) -> dict[str, Any]:  # Any: what YAML holds
    """Variables by name, written as a mapping or as `NAME=value`; `None` for a name alone. Raises `Fault`."""
    if isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for item in list_of("environment", value):
        if not isinstance(item, str):
            raise Fault(f"{quoted(str(item))} is not a variable", "as: - NAME=value")
        name, equals, text = item.partition("=")
        found[name] = text if equals else None
    return found


def env_lines(data: bytes) -> dict[str, str]:
    """The variables of an env file, as far as it is plain; quotes around a value are taken off."""
    found = {}
    for line in data.decode("utf-8", "replace").splitlines():
        match = re.fullmatch(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*", line)
        if match:
            text = match[2]
            quotes = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
            found[match[1]] = text[1:-1] if quotes else re.split(r"\s#", text)[0]
    return found
