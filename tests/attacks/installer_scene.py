"""A project with files of its own, and a neighbour's folder that no install may touch."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_tool.core.errors import RegistryError
from registry_tool.stores.disk import DiskTarget
from tests.stores.targets import GGUI, ID, RECORD, Picture, full_plan, picture, write

OURS = ".registry/lock"
"""What may be left of a refused install: a lock that nobody holds."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The two folders."""

    folder: Path

    @property
    def root(self) -> Path:
        """The project."""
        return self.folder / "project"

    @property
    def outside(self) -> Path:
        """What is the neighbour's."""
        return self.folder / "outside"

    def target(self, step: Callable[[str], None] = lambda _: None) -> DiskTarget:
        """The project as the installer has it."""
        return DiskTarget(self.root, step=step)

    def install(self, step: Callable[[str], None] = lambda _: None) -> Mapping[str, Any]:  # Any: JSON
        """A first install."""
        return self.target(step).apply(full_plan("1"), RECORD, lock_text=lambda _: '{"1": 1}\n')

    def update(self, step: Callable[[str], None] = lambda _: None) -> Mapping[str, Any]:  # Any: JSON
        """An update of everything."""
        target = self.target(step)
        new = {**RECORD, "version": "2.0.0"}
        return target.apply(full_plan("2"), new, lock_text='{"2": 2}\n', replaces=target.receipt(ID))


Deed = Callable[[Scene], object]


def scene_in(folder: Path) -> Scene:
    """A new scene below `folder`."""
    scene = Scene(folder)
    scene.root.mkdir(parents=True)
    scene.outside.mkdir()
    write(scene.root, ggui_json=GGUI, README_md="mine\n")
    write(scene.outside, index_json="{}\n", secret="theirs\n", folder__file="theirs\n")
    return scene


def seen(folder: Path) -> Picture:
    """Everything below `folder`, with the bytes of what are files; not what lies deeper than forty folders."""
    found: Picture = {}
    for base, folders, files in os.walk(folder):
        if len(Path(base).parts) - len(folder.parts) > 40:
            folders.clear()
        for name in (*folders, *files):
            path = Path(base, name)
            status = path.lstat()
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            if path.is_symlink():
                data = os.fsencode(os.readlink(path))
            where = path.relative_to(folder).as_posix()
            if where != OURS:
                found[where] = ("", status.st_mode, data)
    return found


def refused(deed: Callable[[], object]) -> str:
    """The code with which `deed` was refused; empty where it was done."""
    try:
        deed()
    except RegistryError as error:
        if not (error.message and error.hint):
            raise AssertionError(f"{error.code} says too little: {error}") from error
        return error.code
    return ""


def both(folder: Path, deed: Deed, *, installed: bool = False) -> tuple[Picture, Picture, int]:
    """The project before and after `deed`, and the number of its steps."""
    scene = scene_in(folder)
    if installed:
        scene.install()
    before = picture(scene.root)
    steps: list[str] = []
    if installed:
        scene.update(steps.append)
    else:
        scene.install(steps.append)
    return before, picture(scene.root), len(steps)
