"""Small plans and whole pictures of folders, for the tests of the disk."""

import json
import os
from pathlib import Path
from typing import Any

from registry_tool.core.payload import PayloadFile
from registry_tool.core.plan import AddItem, Plan, PutTree, SetMember, SetRow

Picture = dict[str, tuple[str, int, bytes]]

ID = "@acme/solar"
RECORD = {"id": ID, "version": "1.0.0"}

GGUI = """{
    "name": "über",
    "app": {"gadgets": [ {"name": "clock", "size": 1.0} ]},
    "ratio": 1e3
}
"""


def picture(root: Path) -> Picture:
    """Everything below `root`: path to type, mode and bytes."""
    found: Picture = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = Path(folder) / name
            mode = path.lstat().st_mode & 0o7777
            key = path.relative_to(root).as_posix()
            if path.is_symlink():
                found[key] = ("link", 0, os.readlink(path).encode())
            elif path.is_dir():
                found[key] = ("folder", mode, b"")
            else:
                found[key] = ("file", mode, path.read_bytes())
    return found


def tree(path: str, **files: str) -> PutTree:
    """A folder; names are given with `__` for `/` and `_` for `.`."""
    return PutTree(path, {_name(name): PayloadFile(text.encode()) for name, text in files.items()})


def _name(name: str) -> str:
    return name.replace("__", "/").replace("_", ".")


def full_plan(version: str = "1") -> Plan:
    """A plan with a step of each type; `version` tells what differs."""
    return Plan(
        steps=(
            PutTree(
                ".agents/skills/solar",
                {
                    "SKILL.md": PayloadFile(f"version {version}\n".encode()),
                    f"only-{version}.txt": PayloadFile(b""),
                    "bin/run": PayloadFile(b"#!/bin/sh\n", executable=True),
                },
            ),
            tree("themes/acme__solar", theme_css=":root {}\n"),
            SetRow("themes/index.json", ("themes",), "id", {"id": ID, "version": version}),
            SetMember(".mcp.json", ("mcpServers",), "solar", {"command": "registry", "args": ["run", version]}),
            SetRow("ggui.json", ("app", "gadgets"), "name", {"name": "solar", "version": version}),
            AddItem("ggui.json", ("blueprints", "include"), ".ggui/installed-blueprints/*"),
        )
    )


def write(root: Path, **files: str) -> None:
    """Makes files below `root`; names as in `tree`."""
    for name, text in files.items():
        path = root / _name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def load(path: Path) -> Any:
    """The JSON in a file."""
    return json.loads(path.read_text(encoding="utf-8"))
