"""`registry export`, and everything that takes its file as a registry; lock files restored from every source."""

import shutil
import subprocess
from pathlib import Path

import pytest

from registry_tool.core.digest import sha256
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, Desk, added, skill_release
from tests.demo import ONE_OF_EACH
from tests.demo_registry import on_disk

pytestmark = pytest.mark.slow

FILE = "pdf.tar"


def carried(desk: Desk, built: RegistryInMemory) -> bytes:
    """An export of `@ann/pdf`, made from a clone that is gone afterwards."""
    added(desk, built)
    desk.run("export", PDF, "-o", FILE)
    data = (desk.work / FILE).read_bytes()
    (desk.work / FILE).unlink()
    shutil.rmtree(desk.folder / "reg")
    desk.run("remote", "remove", "reg")
    return data


def test_an_export_says_what_it_holds(desk: Desk, built: RegistryInMemory) -> None:
    """The result names the file, its digest, its releases and how old it is; a dry run writes nothing."""
    added(desk, built)

    dry = desk.json("export", PDF, "-o", FILE, "--dry-run")["exported"]
    assert not (desk.work / FILE).exists()
    value = desk.json("export", PDF, "-o", FILE)["exported"]
    said = desk.run("export", f"{PDF}@1.0.0", "-o", "again.tar")

    assert {**dry, "dry_run": False} == value
    assert [{"artifact": PDF, "version": "1.0.0", "asked": True}] == value["releases"]
    assert f"as of {value['as_of']}, unproven by the index" in said
    assert (desk.work / FILE).read_bytes() == (desk.work / "again.tar").read_bytes()
    assert value["bytes"] == (desk.work / FILE).stat().st_size


def test_a_file_installs_where_nothing_else_is(desk: Desk, built: RegistryInMemory, tmp_path: Path) -> None:
    """With the registry's id alone the file is added, shown, verified and installed from."""
    data = carried(desk, built)
    other = Desk(tmp_path / "island")
    (other.work / FILE).write_bytes(data)

    assert (4, "unknown-registry") == other.refused("install", FILE, "--yes")
    assert (4, "other-registry") == other.refused("add", FILE, "--root", "0" * 64)
    assert "export" == other.json("add", FILE, "--root", built.id)["added"]["kind"]
    value = other.json("install", FILE, "--yes", "--offline")

    assert [(PDF, "1.0.0")] == [(one["id"], one["version"]) for one in value["installed"]]
    assert (other.work / ".agents/skills/pdf/SKILL.md").is_file()
    assert "1.0.0" == other.json("show", PDF, "--registry", FILE)["version"]
    assert "holds" in other.run("verify", PDF, "--registry", FILE)
    assert f"Verified 1 release of 1 artifact in {FILE}: everything holds" in other.run("verify", FILE)
    assert f"{PDF} 1.0.0 holds" in other.run("verify", "--all")


def test_an_older_version_is_what_its_file_holds(desk: Desk, built: RegistryInMemory) -> None:
    """Where the registry has a newer version, show and verify speak of the one in the file."""
    skill_release(built, PDF, "1.1.0")
    added(desk, built)
    desk.run("export", f"{PDF}@1.0.0", "-o", FILE)

    assert "1.0.0" == desk.json("show", PDF, "--registry", FILE)["version"]
    assert "1.0.0" == desk.json("verify", PDF, "--registry", FILE)["verified"]["version"]
    assert "1.0.0" == desk.json("install", FILE, "--yes")["installed"][0]["version"]
    assert (6, "object-missing") == desk.refused("show", f"{PDF}@1.1.0", "--registry", FILE)


def test_an_export_is_a_folder_that_installs(desk: Desk, built: RegistryInMemory) -> None:
    """Any tar program unpacks it, to the files of a site."""
    data = carried(desk, built)
    (desk.work / "usb").mkdir()
    subprocess.run(["tar", "-x", "-C", str(desk.work / "usb")], input=data, check=True)

    desk.run("add", "usb", "--root", built.id, "--allow-stale")
    assert PDF == desk.json("install", PDF, "--yes", "--allow-stale")["installed"][0]["id"]


@pytest.mark.parametrize("damage", [b"", b"x", b"more"])
def test_a_file_that_is_no_export_is_not_trusted(desk: Desk, built: RegistryInMemory, damage: bytes) -> None:
    """A cut, a foreign and a longer file are exit 4, and nothing is written."""
    data = carried(desk, built)
    desk.run("add", desk.put("usb", built.files), "--root", built.id)
    (desk.work / FILE).write_bytes(data + damage if damage == b"more" else damage or data[:-512])

    assert (4, "bad-export") == desk.refused("install", FILE, "--yes")
    assert [FILE] == [path.name for path in desk.work.iterdir()]


def test_a_yanked_version_is_exported_with_a_word(desk: Desk, built: RegistryInMemory) -> None:
    """It is taken where it is named, and only a lock file installs it."""
    built.event(PDF, "1.0.0", "yank")
    added(desk, built)

    assert "it was yanked" in desk.run("export", f"{PDF}@1.0.0", "-o", FILE)
    assert (5, "yanked") == desk.refused("install", FILE, "--yes")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A machine with the demonstration registry as a clone `reg`, and as a folder and an export of each."""
    desk = Desk(tmp_path_factory.mktemp("demonstration"))
    history = GitHistory.init(desk.folder / "reg", bare=False)
    history.move("main", old=None, new=history.commit(on_disk(), onto=None, message="x", author="t <t@x>", at=1))
    history.close()
    root = sha256(on_disk()["index/trust/1.root.json"])
    desk.run("add", str(desk.folder / "reg"), "--root", root, "--demo")
    desk.run("build", "--registry", str(desk.folder / "reg"), "--out", str(desk.folder / "site"), "--unsigned")
    for name in ONE_OF_EACH:
        desk.run("export", name, "-o", str(desk.folder / f"{name.rpartition('/')[2]}.tar"), "--demo")
    return desk


@pytest.mark.parametrize("artifact", ONE_OF_EACH)
@pytest.mark.parametrize("source", ["reg", "site", "export"])
def test_a_lock_file_restores_every_byte_from_every_source(demonstration: Desk, artifact: str, source: str) -> None:
    """A clone, a built folder without its index and an export give the bytes of the first install, for each kind."""
    desk = demonstration
    project = desk.folder / f"project-{source}-{artifact.rpartition('/')[2]}"
    desk.run("install", artifact, "--project", str(project), "--yes")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    lock = (project / "registry.lock.json").read_bytes()
    shutil.rmtree(project)
    project.mkdir()
    (project / "registry.lock.json").write_bytes(lock)
    where = desk.folder / {"export": f"{artifact.rpartition('/')[2]}.tar"}.get(source, source)

    desk.run("sync", "--frozen", "--project", str(project), "--registry", str(where), "--offline", "--yes")

    assert before == {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
