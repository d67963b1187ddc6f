"""Files and settings in git's own folder, for a repository that others push to."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from registry_tool.core.errors import StateForbids
from registry_tool.core.payload import PayloadFile
from registry_tool.stores.git.layout import find_layout
from registry_tool.stores.git.store import read_config, setting


def write_kept(path: Path, files: Mapping[str, PayloadFile], *, mark: bytes) -> None:
    """Writes `files` into the own folder of the repository at `path`, each in one step.

    What holds `mark` is ours and is replaced; `StateForbids` (`exists`) for anything else that lies there.
    """
    folder = find_layout(path).common
    for name in sorted(files):
        place = folder / name
        if place.is_symlink() or (place.exists() and mark not in place.read_bytes()):
            raise StateForbids(
                "there is another one, which this tool did not write",
                where=str(place),
                code="exists",
                hint="move it away; both can run where yours calls ours",
            )
    for name in sorted(files):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f"{place.name}.registry-new")
        new.unlink(missing_ok=True)
        mode = 0o755 if files[name].executable else 0o644
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(files[name].data)
        os.replace(new, place)


def configure(path: Path, settings: Sequence[tuple[str, str, str, bool]]) -> None:
    """Sets git's settings `(section, name, value, kept)`; one that is `kept` only where there is none yet.

    What is there stays as it is written; ours come after it, and the last one counts.
    """
    layout = find_layout(path)
    config = read_config(layout)
    wanted = [
        (section, name, value)
        for section, name, value, kept in settings
        if setting(config, section, name) != value and not (kept and setting(config, section, name))
    ]
    if not wanted:
        return
    file = layout.common / "config"
    before = file.read_bytes() if file.is_file() else b""
    new = file.with_name("config.lock")  # as git does: whoever has it writes
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError as error:
        hint = "try again; where no git runs any more, remove that file"
        raise StateForbids("git's settings are being changed", where=str(new), code="locked", hint=hint) from error
    with open(descriptor, "wb") as written:
        written.write(before + (b"" if before.endswith(b"\n") or not before else b"\n") + _text(wanted))
    os.replace(new, file)


def _text(settings: Iterable[tuple[str, str, str]]) -> bytes:
    text, before = "", ""
    for section, name, value in settings:
        text += f"[{section}]\n" if section != before else ""
        text += f"\t{name} = {value}\n"
        before = section
    return text.encode()
