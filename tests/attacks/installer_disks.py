"""Disks that are full, read-only, fold names or lie in one another; a program of its own because it mounts them.

    python -m tests.attacks.installer_disks <what> <folder>

prints as JSON what became of each install. `in_mounts` runs it where mounts are seen by nobody else.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry_tool.core.payload import PayloadFile
from registry_tool.core.plan import Plan, PutTree, SetMember
from registry_tool.stores.disk import DiskTarget
from tests.attacks.installer_scene import Scene, refused, scene_in
from tests.stores.targets import ID, RECORD, Picture, load, picture, tree, write

NONE: Final = "no disk that folds names can be mounted here"
DEEDS: Final = ("install", "update", "remove")
REPOSITORY: Final = Path(__file__).parents[2]

_PRIVATE: Final = (
    ("unshare", "--mount"),
    ("unshare", "--map-root-user", "--mount"),
    ("sudo", "--non-interactive", "unshare", "--mount"),
)


@cache
def prefix() -> tuple[str, ...]:
    """What starts a program that may mount, unseen by all others."""
    for words in _PRIVATE[os.geteuid() != 0 :]:
        if subprocess.run([*words, "true"], check=False, capture_output=True).returncode == 0:
            return words
    raise AssertionError("these tests mount disks of their own: run them as root, or where user namespaces are allowed")


def in_mounts(what: str, folder: Path) -> Any:  # Any: JSON
    """What `main` prints of `what`."""
    command = [*prefix(), sys.executable, "-m", "tests.attacks.installer_disks", what, str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


@contextmanager
def mounted(folder: Path, kind: str, device: str, options: str = "") -> Iterator[Path]:
    """A disk at `folder`."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", kind, *(["-o", options] if options else []), device, str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def outcome(scene: Scene, deed: str, after: Picture, *, pages: int | None = None) -> tuple[str, str]:
    """The code of the refusal, and how the project is then; with room for so many pages."""
    before = picture(scene.root)
    if pages is not None:
        _fill(scene.folder, pages)
    code = refused(lambda: _do(scene, deed))
    now = picture(scene.root)
    return code, "before" if now == before else "after" if now == after else "torn"


def afterwards(folder: Path, deed: str) -> Picture:
    """The project after `deed`, with all the room in the world."""
    scene = scene_in(folder / f"after-{deed}")
    if deed != "install":
        scene.install()
    _do(scene, deed)
    return picture(scene.root)


def _do(scene: Scene, deed: str) -> object:
    target = scene.target()
    match deed:
        case "install":
            return scene.install()
        case "update":
            return scene.update()
        case _:
            return target.remove(target.receipt(ID) or {}, lock_text="")


def _fill(folder: Path, pages: int) -> None:
    """Leaves room for `pages` pages on the disk that holds `folder`."""
    free = os.statvfs(folder)
    with open(folder / "filler", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, (free.f_bavail - pages) * free.f_frsize))


def full(folder: Path) -> list[tuple[str, str, str]]:
    """Each deed with room for so many pages, from none to enough."""
    rows = []
    for deed in DEEDS:
        after = afterwards(folder, deed)
        for pages in range(24):
            with mounted(folder / "disk", "tmpfs", "tmpfs", "size=1m"):
                scene = scene_in(folder / "disk")
                if deed != "install":
                    scene.install()
                rows.append((deed, *outcome(scene, deed, after, pages=pages)))
    return rows


def names(folder: Path) -> list[tuple[str, str, str]]:
    """An install on a disk that has room for so many files and folders."""
    rows = []
    after = afterwards(folder, "install")
    for number in range(9, 60, 3):
        with mounted(folder / "disk", "tmpfs", "tmpfs", f"size=1m,nr_inodes={number}"):
            rows.append(("install", *outcome(scene_in(folder / "disk"), "install", after)))
    return rows


def readonly(folder: Path) -> list[tuple[str, str, bool]]:
    """Each deed on a disk that became read-only, and what can still be read."""
    rows = []
    for deed in DEEDS:
        with mounted(folder / "disk", "tmpfs", "tmpfs") as disk:
            scene = scene_in(disk)
            if deed != "install":
                scene.install()
            before = picture(disk)
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            code = refused(lambda deed=deed, scene=scene: _do(scene, deed))  # type: ignore[misc]  # bound now
            listed = [receipt["artifact"] for receipt in scene.target().receipts()]
            rows.append((deed, code, before == picture(disk) and listed == ([] if deed == "install" else [ID])))
    return rows


def within(folder: Path) -> list[tuple[str, bool]]:
    """An install into a project in which one folder is another disk."""
    scene = scene_in(folder / "scene")
    (scene.root / "themes").mkdir()
    with mounted(scene.root / "themes", "tmpfs", "tmpfs"):
        before = picture(scene.root)
        return [(refused(scene.install), before == picture(scene.root))]


def folding(folder: Path) -> list[str]:
    """What goes wrong on a disk that folds the case of names: FAT, or exFAT by FUSE, of which no kernel need know."""
    image = folder / "image"
    with open(image, "wb") as file:
        file.truncate(8 << 20)
    # FUSE remembers another spelling of a name for a second after it is gone, and nothing turns that off.
    disks = (("mkfs.vfat", "vfat", False), ("mkfs.exfat", "exfat", False), ("mkfs.exfat", "exfat-fuse", True))
    for make, kind, stale in disks:
        if not shutil.which(make):
            continue
        subprocess.run([make, image], check=True, capture_output=True)
        loop = subprocess.run(["losetup", "--find", "--show", image], check=False, capture_output=True, text=True)
        if loop.returncode != 0:
            break
        device = loop.stdout.strip()
        try:
            with mounted(folder / "disk", kind, device) as disk:
                return folding_faults(disk, DiskTarget, stale=stale)
        except subprocess.CalledProcessError:
            continue  # this kernel does not know it
        finally:
            subprocess.run(["losetup", "--detach", device], check=True)
    return [NONE]


def folding_faults(folder: Path, made: Callable[[Path], DiskTarget], *, stale: bool = False) -> list[str]:
    """What is not as it should be where `A` and `a` are one name; `stale` where names that are gone may seem there."""
    scene, faults = scene_in(folder), []
    target = made(scene.root)
    write(scene.root, Themes__note_txt="mine\n", _MCP_json='{"mcpServers": {"mine": {}}}\n')
    before = contents(scene.root)
    receipt = target.apply(_folded("SKILL.md", "README.md"), RECORD)
    if load(_spelled(scene.root, ".mcp.json")) != {"mcpServers": {"mine": {}, "solar": {}}}:
        faults.append("a shared file under another spelling was not found")
    write(scene.root, _agents__skills__solar__lib__own_txt="mine\n")
    renamed = refused(lambda: target.apply(_folded("skill.md", "Readme.md"), RECORD, replaces=receipt))
    if renamed not in ({"", "moved"} if stale else {""}):
        faults.append(f"an update that changes the case of a name: {renamed}")
    receipt = target.receipt(ID) or {}
    twin = Plan(steps=(tree(".agents/skills/SOLAR", SKILL_md="3"),))
    if refused(lambda: target.apply(twin, {"id": "@acme/twin"})) != "exists":
        faults.append("another artifact's folder was taken for a free place")
    if target.edited(receipt):
        faults.append("what was installed counts as edited")
    (scene.root / ".agents/skills/solar/lib/own.txt").unlink()
    target.remove(receipt)
    if contents(scene.root) != before:
        faults.append(f"an uninstall leaves {sorted(contents(scene.root).items() ^ before.items())}")
    return faults


def _folded(skill: str, readme: str) -> Plan:
    files = {skill: PayloadFile(b"1"), f"lib/{readme}": PayloadFile(readme.encode())}
    member = SetMember(".mcp.json", ("mcpServers",), "solar", {})
    return Plan(steps=(PutTree(".agents/skills/solar", files), tree("themes/acme__solar", theme_css="1"), member))


def _spelled(folder: Path, name: str) -> Path:
    return next(path for path in folder.iterdir() if path.name.casefold() == name)


def contents(folder: Path) -> dict[str, bytes]:
    """What lies below `folder`; modes and the case of names apart, which such disks do not keep."""
    return {path.casefold(): data for path, (_, _, data) in picture(folder).items()}


ALL: Final = {"full": full, "names": names, "readonly": readonly, "within": within, "folding": folding}


if __name__ == "__main__":
    print(json.dumps(ALL[sys.argv[1]](Path(sys.argv[2]))))
