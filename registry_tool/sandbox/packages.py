"""Which file of a fetched closure starts a package, as the package itself says."""

import configparser
import contextlib
import json
from pathlib import Path
from typing import Final

from registry_tool.core.closure import Manager, plain_name
from registry_tool.core.errors import InvalidInput, NotFound

_FACTS_BYTES: Final = 1 << 20


def entry_of(manager: Manager, packages: Path, name: str) -> str:
    """The file below `packages` that starts the package `name`; `NotFound` where it says none."""
    if manager == "npm":
        return _node_entry(packages, name)
    scripts = _python_scripts(packages, name)
    chosen = next((one for one in scripts if plain_name(one) == plain_name(name)), "")
    chosen = chosen or (scripts[0] if len(scripts) == 1 else "")
    if not chosen or not (packages / "bin" / chosen).is_file():
        raise NotFound(f"{name} has no program of its name, only: {' '.join(scripts) or 'none'}", code="no-program")
    return f"bin/{chosen}"


def _python_scripts(packages: Path, name: str) -> list[str]:
    for path in sorted(packages.glob("*.dist-info/entry_points.txt")):
        if plain_name(path.parent.name.removesuffix(".dist-info").rpartition("-")[0]) != plain_name(name):
            continue
        reader = configparser.RawConfigParser(delimiters=("=",), strict=False)
        reader.optionxform = str  # type: ignore[assignment,method-assign]  # names of programs keep their case
        with contextlib.suppress(configparser.Error):
            reader.read_string(_read(path))
        listed = reader.options("console_scripts") if reader.has_section("console_scripts") else []
        return sorted(one for one in listed if "/" not in one and one not in ("", ".", ".."))
    return []


def _node_entry(packages: Path, name: str) -> str:
    try:
        described = json.loads(_read(packages / name / "package.json"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{name} has no package.json that can be read", code="no-program") from error
    told = described.get("bin") if isinstance(described, dict) else None
    programs = {name.rpartition("/")[2]: told} if isinstance(told, str) else told if isinstance(told, dict) else {}
    chosen = programs.get(name.rpartition("/")[2]) or (next(iter(programs.values())) if len(programs) == 1 else None)
    parts = chosen.split("/") if isinstance(chosen, str) else [".."]
    file = "/".join((name, *(part for part in parts if part not in ("", "."))))
    if ".." in parts or not (packages / file).is_file():
        raise NotFound(f"{name} has no program of its name, only: {' '.join(programs) or 'none'}", code="no-program")
    return file


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_FACTS_BYTES).decode("utf-8", "replace")
