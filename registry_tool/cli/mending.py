"""`check --fix`: what can be mended in an author's folder, shown as a difference, and written where they agree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from registry_tool.cli import show
from registry_tool.core.describe import Described
from registry_tool.core.mending import Mend, mends
from registry_tool.core.payload import PayloadFile
from registry_tool.core.reports.diff import diff
from registry_tool.services.author import Folder
from registry_tool.wiring import World


def mend(
    world: World, folders: Sequence[Folder], looked: Sequence[Described], *, yes: bool, dry_run: bool, quiet: bool
) -> list[dict[str, Any]]:  # Any: JSON
    """Mends what is safe in the folders; a row for each file, and whether it was written."""
    from registry_tool.stores.mended import write_back

    found = [
        (folder, mends(one, asked_by_flag=folder.said.permissions is not None))
        for folder, one in zip(folders, looked, strict=True)
    ]
    found = [(folder, some) for folder, some in found if some]
    talk = show.Talk(quiet=quiet)
    if not found:
        talk.say("There is nothing that can be mended without you.")
        return []
    for folder, some in found:
        talk.say(_shown(folder, some))
    rows = [{"folder": folder.where, "path": one.path, "why": one.why} for folder, some in found for one in some]
    if dry_run:
        return [{**row, "written": False} for row in rows]
    show.ask(world, f"Write {len(rows)} {'file' if len(rows) == 1 else 'files'}?", flag="--yes", yes=yes)
    for folder, some in found:
        before = {one.path: folder.payload[one.path].data for one in some if one.path in folder.payload}
        write_back(Path(folder.where), {one.path: one.data for one in some}, before=before)
    return [{**row, "written": True} for row in rows]


def _shown(folder: Folder, some: Sequence[Mend]) -> str:
    """The difference, with every invisible character written out."""
    old = {one.path: folder.payload[one.path] for one in some if one.path in folder.payload}
    new = {one.path: PayloadFile(one.data, old[one.path].executable if one.path in old else False) for one in some}
    why = [f"  {one.path}: {one.why}" for one in some]
    return "\n".join([f"{folder.where}:", *why, *diff(old, new).lines])
