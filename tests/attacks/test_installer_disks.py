"""The installer under attack by the disk: full, read-only, folding names, another person's, too long for a path."""

import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from registry_tool.core.payload import PayloadFile
from registry_tool.core.plan import Plan, PutTree, SetMember
from registry_tool.stores.disk import DiskTarget
from registry_tool.stores.journal import Journal
from registry_tool.stores.rooted import Rooted
from tests.attacks.installer_disks import NONE, folding_faults, in_mounts
from tests.attacks.installer_scene import Scene, refused, scene_in, seen
from tests.stores.targets import ID, RECORD, picture, tree

pytestmark = pytest.mark.slow

NOBODY: Final = 65534


def told_by_child(scene: Scene, prepare: object) -> str:
    """The code with which an install in a process of its own is refused, after `prepare` changed what it may."""
    assert callable(prepare)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(scene.root)  # the way here may be closed to whom the process becomes
            prepare()
            target = DiskTarget(Path())
            os.write(writer, refused(lambda: target.apply(_plan(), RECORD)).encode())
            os._exit(0)
        except BaseException as error:  # noqa: BLE001  # told to the parent
            os.write(writer, repr(error).encode())
            os._exit(1)
    os.close(writer)
    with open(reader, "rb") as told:
        said = told.read().decode()
    os.waitpid(child, 0)
    return said


def _plan() -> Plan:
    return Plan(steps=(tree("themes/acme__solar", theme_css="1" * 3000), SetMember(".mcp.json", (), "solar", {})))


def test_a_disk_without_room_has_the_project_as_it_was_or_as_it_shall_be(tmp_path: Path) -> None:
    """With room for none to all of its pages an install, update or uninstall is refused whole or done whole."""
    rows = in_mounts("full", tmp_path)

    assert {("disk-full", "before"), ("", "after")} == {(code, state) for _, code, state in rows}
    assert {"install", "update", "remove"} == {deed for deed, code, _ in rows if code}


def test_a_disk_without_names_has_the_project_as_it_was_or_as_it_shall_be(tmp_path: Path) -> None:
    """With room for some of its files and folders an install is refused whole or done whole."""
    rows = in_mounts("names", tmp_path)

    assert {("disk-full", "before"), ("", "after")} == {(code, state) for _, code, state in rows}


def files_of_at_most(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [0, 30, 100, 300, 1000, 2900])
def test_files_that_may_not_grow_are_a_full_disk(tmp_path: Path, size: int) -> None:
    """Under a limit on the size of files (RLIMIT_FSIZE) an install is refused and nothing is left of it."""
    scene = scene_in(tmp_path)
    before = seen(scene.root)

    assert "disk-full" == told_by_child(scene, lambda: files_of_at_most(size))
    assert before == seen(scene.root)


def test_a_read_only_disk_is_read_and_never_written(tmp_path: Path) -> None:
    """Each verb is refused with `read-only`, the project is as it was, and what is installed can still be listed."""
    rows = [["install", "read-only", True], ["update", "read-only", True], ["remove", "read-only", True]]

    assert rows == in_mounts("readonly", tmp_path)


def test_a_folder_that_is_another_disk_is_named(tmp_path: Path) -> None:
    """Where nothing can be moved to in one step, an install is refused and changes nothing."""
    assert [["other-disk", True]] == in_mounts("within", tmp_path)


def become_nobody() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


OTHERS: Final = {"the project": ".", "a folder on the way": "themes", "the notes": ".registry"}


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_another_persons_is_refused(tmp_path: Path, what: str) -> None:
    """In a project, or with a folder in it, that this person may not write to, an install leaves nothing."""
    scene = scene_in(tmp_path)
    (scene.root / OTHERS[what]).mkdir(exist_ok=True)
    if os.geteuid() == 0:
        for path in (scene.root, *scene.root.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        os.chown(scene.root / OTHERS[what], 0, 0)
    (scene.root / OTHERS[what]).chmod(0o555)
    before = seen(scene.root)

    assert "read-only" == told_by_child(scene, become_nobody)
    assert before == seen(scene.root)
    (scene.root / OTHERS[what]).chmod(0o755)


def test_a_file_of_another_person_is_refused(tmp_path: Path) -> None:
    """A shared file that this person may not read stops an install, which leaves nothing."""
    scene = scene_in(tmp_path)
    (scene.root / ".mcp.json").write_text("{}")
    if os.geteuid() == 0:
        os.chown(scene.root, NOBODY, NOBODY)
    (scene.root / ".mcp.json").chmod(0)
    before = {path: one for path, one in seen(scene.root).items() if path != ".mcp.json"}

    assert "read-only" == told_by_child(scene, become_nobody)
    assert before == {path: one for path, one in seen(scene.root).items() if path != ".mcp.json"}


class Folding(Rooted):
    """A folder that folds the case of names and keeps how they were written first, as disks of other systems do."""

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        with super()._parent(path) as (descriptor, name):
            yield descriptor, self._listed(descriptor, name)

    def _deeper(self, descriptor: int, part: str, path: str) -> int:
        return super()._deeper(descriptor, self._listed(descriptor, part), path)

    def _listed(self, descriptor: int, name: str) -> str:
        return next((one for one in os.listdir(descriptor) if one.casefold() == name.casefold()), name)


class FoldingTarget(DiskTarget):
    """An install into such a folder."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._files = Folding(root)
        self._journal = Journal(self._files, self._step)


def test_names_that_are_one_are_never_two(tmp_path: Path) -> None:
    """Where names are folded: shared files are found, updates may change case, twins are refused, all goes again."""
    assert [] == folding_faults(tmp_path, FoldingTarget)


def test_a_real_disk_that_folds_names_is_no_trap(tmp_path: Path) -> None:
    """The same on FAT or exFAT, which keep neither modes nor links; only root can mount them."""
    faults = in_mounts("folding", tmp_path)

    assert [] == [one for one in faults if one != NONE]


def long_root(folder: Path, length: int) -> Path:
    """A path of so many bytes below `folder`."""
    path = str(folder)
    while length - len(path) > 201:
        path += "/" + "d" * 200
    return Path(path + "/" + "d" * (length - len(path) - 1))


@pytest.mark.parametrize("length", [3900, 4050, 4095])
def test_files_beyond_the_longest_path_are_installed_and_removed(tmp_path: Path, length: int) -> None:
    """In a project whose own path can just be said, files are written, found unchanged and removed."""
    root = long_root(tmp_path, length)
    target = DiskTarget(root)
    receipt = target.apply(_plan(), RECORD)

    assert (ID, ()) == ((target.receipt(ID) or {})["artifact"], target.edited(receipt))
    assert b"1" * 3000 == Rooted(root).read("themes/acme__solar/theme.css", limit=3000)
    target.remove(receipt)
    assert [] == os.listdir(root)


@pytest.mark.parametrize("length", [4096, 5000])
def test_a_project_beyond_the_longest_path_is_refused(tmp_path: Path, length: int) -> None:
    """A path that the system cannot say is refused with `bad-path`."""
    target = DiskTarget(long_root(tmp_path, length))

    assert "bad-path" == refused(lambda: target.apply(_plan(), RECORD))


@pytest.mark.parametrize("path", ["n" * 256, "themes/" + "n" * 256, "n" * 256 + "/x"])
def test_a_name_that_the_disk_cannot_hold_is_refused(tmp_path: Path, path: str) -> None:
    """A place of 256 bytes is refused with `bad-path`, and nothing is left."""
    scene = scene_in(tmp_path)
    before = seen(scene.root)

    assert "bad-path" == refused(lambda: scene.target().apply(Plan(steps=(tree(path, a="1"),)), RECORD))
    assert before == seen(scene.root)


def test_the_longest_and_deepest_payload_is_installed(tmp_path: Path) -> None:
    """Names of 100 bytes and 16 folders in one another, at a place of 255 bytes, come and go."""
    target = DiskTarget(tmp_path)
    files = {"n" * 100: PayloadFile(b"1"), "/".join(["d"] * 15 + ["n" * 100]): PayloadFile(b"2")}
    receipt = target.apply(Plan(steps=(PutTree("p" * 255, files),)), RECORD)

    assert (2, ()) == (sum(1 for path in tmp_path.rglob("n*") if path.is_file()), target.edited(receipt))
    target.remove(receipt)
    assert [] == os.listdir(tmp_path)


@pytest.mark.parametrize(("size", "code"), [(6 << 20, ""), (70 << 20, "too-large")])
def test_a_receipt_that_is_written_can_be_read(tmp_path: Path, size: int, code: str) -> None:
    """One as large as that of 5,000 files in the folders of five agents is read again; what nobody reads is refused."""
    target = DiskTarget(tmp_path)

    assert code == refused(lambda: target.apply(_plan(), {**RECORD, "note": "x" * size}))
    if not code:
        target.remove(target.receipt(ID) or {})
    assert [] == os.listdir(tmp_path)


def test_a_persons_own_folders_may_be_deeper_than_paths(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What a person keeps in an installed folder, 1,500 folders deep, survives an update and an uninstall."""
    scene = scene_in(tmp_path)
    request.addfinalizer(lambda: Rooted(scene.folder).remove_tree("project"))  # deeper than others can remove it
    target = scene.target()
    receipt = target.apply(Plan(steps=(tree("apps/x", a="1"),)), RECORD)
    place = os.open(scene.root / "apps/x", os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("a-" * 20, dir_fd=place)
        inner = os.open("a-" * 20, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(os.open("mine", os.O_WRONLY | os.O_CREAT, dir_fd=place))

    receipt = target.apply(Plan(steps=(tree("apps/x", a="2"),)), RECORD, replaces=receipt)
    target.remove(receipt)
    assert ["mine"] == os.listdir(place)
    os.close(place)


def test_a_hard_link_keeps_what_it_is_linked_to(tmp_path: Path) -> None:
    """Where installed and shared files are hard-linked elsewhere, an update writes new files, not into the old ones."""
    scene = scene_in(tmp_path)
    scene.install()
    for name, path in (("a", ".mcp.json"), ("b", ".agents/skills/solar/SKILL.md")):
        (scene.outside / name).hardlink_to(scene.root / path)
    before = {path: data for path, (_, _, data) in picture(scene.outside).items()}
    scene.update()

    assert before == {path: data for path, (_, _, data) in picture(scene.outside).items()}
    assert "run" in json.dumps(json.loads((scene.root / ".mcp.json").read_text()))
