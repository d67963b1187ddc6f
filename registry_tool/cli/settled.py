"""Which settings files are there, and what they say together."""

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from registry_tool.core.errors import InvalidInput
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.settled import Level, SettingsFile, Settled


def settings_of(here: World, root: Path | None) -> "Settled":
    """What the machine, the person and the project in `root` say; `None` for the person's own folder.

    `InvalidInput` (`bad-settings`) where a file is there and cannot be read: it may forbid what is about to be done.
    """
    from registry_tool.core.settings import PROJECT_FILE, SETTINGS_FILE
    from registry_tool.core.settled import settle

    places: list[tuple[Level, Path]] = [
        ("machine", here.machine / SETTINGS_FILE),
        ("person", here.folder("settings") / SETTINGS_FILE),
    ]
    if root is not None:
        places.append(("project", root / PROJECT_FILE))
    found = [_read(level, path) for level, path in places]
    return settle([one for one in found if one is not None], here.kinds)


def _read(level: "Level", path: Path) -> "SettingsFile | None":
    from registry_tool.core.settings import SETTINGS_BYTES, read_settings
    from registry_tool.core.settled import SettingsFile

    try:
        path.lstat()
        if not stat.S_ISREG(path.stat().st_mode):
            raise _unreadable(path, "it is no file")
        with path.open("rb") as file:
            data = file.read(SETTINGS_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            raise _unreadable(path, "it is a link to nothing") from error
        return None
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    return SettingsFile(level, str(path), read_settings(data, what=str(path)))


def _unreadable(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"it cannot be read, and it may forbid what you are about to do: {why}",
        where=str(path),
        code="bad-settings",
        hint="make it a file that you can read, or remove it",
    )
