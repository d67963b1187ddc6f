"""The installer under attack while it works: swapped folders, edited files, kills, many at once."""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from registry_tool.core.errors import RegistryError
from registry_tool.core.plan import Plan
from registry_tool.stores.disk import DiskTarget
from registry_tool.stores.journal import folders_above
from tests.attacks.installer_scene import Deed, Scene, both, refused, scene_in, seen
from tests.stores.killer import Stop, kill
from tests.stores.targets import ID, full_plan, load, picture, tree

pytestmark = pytest.mark.slow

FOLDERS: Final = (".agents/skills", "themes", ".registry", ".registry/staging/new")
DEEDS: Final[dict[str, Deed]] = {"install": lambda scene: scene.install(), "update": lambda scene: scene.update()}


def at_step(deed: str, scene: Scene, number: int, what: Callable[[], None]) -> str:
    """Does `deed` and, before its step `number`, what somebody else does; the code of the refusal."""
    step = Stop(number, what)
    return refused(lambda: scene.install(step) if deed == "install" else scene.update(step))


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_folder_swapped_for_a_link_at_any_step_leads_nowhere(tmp_path: Path, deed: str, folder: str) -> None:
    """Whenever a folder becomes a link, nothing outside changes; and with the folder back, all is old or new."""
    old, new, steps = both(tmp_path / "both", DEEDS[deed], installed=deed == "update")
    wrong = []
    for number in range(1, steps + 1):
        scene = scene_in(tmp_path / str(number))
        if deed == "update":
            scene.install()
        place, aside, outside = scene.root / folder, scene.folder / "aside", seen(scene.outside)

        def swap(place: Path = place, aside: Path = aside, elsewhere: Path = scene.outside) -> None:
            if place.is_dir():
                place.rename(aside)
                place.symlink_to(elsewhere)

        at_step(deed, scene, number, swap)
        unharmed = outside == seen(scene.outside)
        if place.is_symlink():
            place.unlink()
        if aside.exists() and place.parent.exists() and not place.exists():
            aside.rename(place)
        scene.target().recover()
        if not unharmed or picture(scene.root) not in (old, new):
            wrong.append(number)

    assert [] == wrong


def mine(scene: Scene, path: str) -> Callable[[], None]:
    """The person writes a file, where its folder is there."""

    def write() -> None:
        if (scene.root / path).parent.is_dir():
            (scene.root / path).write_text('{"mine": true}\n')

    return write


EDITED: Final = (
    ".mcp.json",
    "themes/index.json",
    "themes/acme__solar/theme.css",
    "themes/acme__solar/note.txt",
    ".agents/skills/solar/bin/note.txt",
)


@pytest.mark.parametrize("path", EDITED)
@pytest.mark.parametrize("deed", DEEDS)
def test_what_a_person_writes_at_any_step_is_not_lost(tmp_path: Path, deed: str, path: str) -> None:
    """A file that is edited while an install or an update works still has the person's text when it ends."""
    _, _, steps = both(tmp_path / "both", DEEDS[deed], installed=deed == "update")
    lost = []
    for number in range(1, steps + 1):
        scene = scene_in(tmp_path / str(number))
        if deed == "update":
            scene.install()
        wrote: list[bool] = []

        def edit(scene: Scene = scene, wrote: list[bool] = wrote) -> None:
            mine(scene, path)()
            wrote.append((scene.root / path).exists())

        code = at_step(deed, scene, number, edit)
        kept = (scene.root / path).exists() and '"mine"' in (scene.root / path).read_text()
        if code not in ("", "moved", "exists", "local-edits", "not-json") or (any(wrote) and not kept):
            lost.append((number, code))

    assert [] == lost


@pytest.mark.parametrize("path", EDITED)
@pytest.mark.parametrize("deed", DEEDS)
def test_what_a_person_writes_after_a_kill_is_not_lost(tmp_path: Path, deed: str, path: str) -> None:
    """After a kill at any step undoing refuses to take a person's edit away, names it, and goes on once it is aside."""
    old, new, steps = both(tmp_path / "both", DEEDS[deed], installed=deed == "update")
    wrong = []
    for number in range(1, steps + 1):
        scene = scene_in(tmp_path / str(number))
        if deed == "update":
            scene.install()
        in_child(partial(at_step, deed, scene, number, kill))
        mine(scene, path)()
        place, aside = scene.root / path, scene.folder / "aside"
        if not place.exists():
            continue
        try:
            scene.target().recover()
            told = True
        except RegistryError as error:
            told = error.code == "local-edits" and path in error.message
        kept = place.read_text() == '{"mine": true}\n'
        place.rename(aside)
        scene.target().recover()
        # A folder that held the person's file was not empty, so it stays.
        apart = {path, *folders_above(path)}
        whole = {name: one for name, one in picture(scene.root).items() if name not in apart}
        expected = [{name: one for name, one in state.items() if name not in apart} for state in (old, new)]
        if not (told and kept and whole in expected):
            wrong.append((number, told, kept))

    assert [] == wrong


def in_child(deed: Callable[[], object]) -> int:
    """The status of a process of its own in which `deed` runs."""
    child = os.fork()
    if child == 0:
        try:
            deed()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001  # the parent looks at the status
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
    return os.waitpid(child, 0)[1]


def one_of_many(root: Path, number: int) -> None:
    """Installs, updates and uninstalls what has this number."""
    target = DiskTarget(root, patience_seconds=60)
    artifact = f"@acme/x{number}"
    steps = (tree(f"a/x{number}", f=str(number)), *full_plan().steps[-1:])
    for _ in range(3):
        receipt = target.apply(Plan(steps=steps), {"id": artifact}, lock_text=lambda text: (text or "") + "line\n")
        receipt = target.apply(Plan(steps=steps), {"id": artifact}, replaces=receipt)
        if number % 2:
            target.remove(receipt)
        else:
            target.apply(Plan(steps=steps), {"id": artifact, "last": True}, replaces=receipt)
            return


def test_eight_processes_at_once_are_all_whole(tmp_path: Path) -> None:
    """Installs, updates and uninstalls by eight processes end well; what a reader sees meanwhile is never torn."""
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            try:
                one_of_many(tmp_path, number)
                os._exit(0)
            except BaseException as error:  # noqa: BLE001  # told on stderr; the parent looks at the status
                sys.stderr.write(f"{number}: {error!r}\n")
                os._exit(1)
        children.append(child)
    reader = DiskTarget(tmp_path, patience_seconds=60)
    looks = [reader.receipts() for _ in range(20)]

    assert [0] * 8 == [os.waitpid(child, 0)[1] for child in children]
    assert all(receipt["steps"] for look in looks for receipt in look)
    assert ["@acme/x0", "@acme/x2", "@acme/x4", "@acme/x6"] == [one["artifact"] for one in reader.receipts()]
    assert ["x0", "x2", "x4", "x6"] == sorted(os.listdir(tmp_path / "a"))
    assert "line\n" * (4 + 3 * 4) == reader.lock_text()
    assert {"blueprints": {"include": [".ggui/installed-blueprints/*"]}} == load(tmp_path / "ggui.json")
    assert ["receipts"] == os.listdir(tmp_path / ".registry")


def test_one_of_many_that_is_killed_harms_no_other(tmp_path: Path) -> None:
    """Of eight processes half are killed at some step; the others and whoever comes next find a whole project."""
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            plan = Plan(steps=(tree(f"a/x{number}", f="1"), *full_plan().steps[-1:]))
            step = Stop(6 + number, kill if number % 2 else lambda: None)
            DiskTarget(tmp_path, patience_seconds=60, step=step).apply(plan, {"id": f"@acme/x{number}"})
            os._exit(0)
        children.append(child)
    ended = [os.waitpid(child, 0)[1] for child in children]

    assert [signal.SIGKILL if number % 2 else 0 for number in range(8)] == ended
    installed = [receipt["artifact"] for receipt in DiskTarget(tmp_path).receipts()]
    assert ["@acme/x0", "@acme/x2", "@acme/x4", "@acme/x6"] == installed
    assert ["x0", "x2", "x4", "x6"] == sorted(os.listdir(tmp_path / "a"))


def test_an_edited_file_stops_an_update_which_names_it(tmp_path: Path) -> None:
    """What the person changed since, made a link of or replaced by a pipe is named, and stays."""
    scene = scene_in(tmp_path)
    scene.install()
    skill = scene.root / ".agents/skills/solar"
    (skill / "SKILL.md").write_text("mine\n")
    (skill / "only-1.txt").unlink()
    (skill / "only-1.txt").symlink_to(scene.outside / "secret")
    (skill / "bin/run").unlink()
    os.mkfifo(skill / "bin/run")
    before = seen(scene.root)

    with pytest.raises(RegistryError) as caught:
        scene.update()
    names = ", ".join(f".agents/skills/solar/{name}" for name in ("SKILL.md", "bin/run", "only-1.txt"))
    assert ("local-edits", f"you changed what was installed: {names}") == (caught.value.code, caught.value.message)
    assert before == seen(scene.root)
    assert ID == (scene.target().receipt(ID) or {})["artifact"]
