"""What is remembered of a site's folder: nothing is read again, and no damage is missed."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.index import Made
from registry_tool.stores import seen as module
from registry_tool.stores.output import MARKER, write_site
from registry_tool.stores.seen import SeenSite
from registry_tool.stores.workers import all_hold

OBJECT = layout.object_path(sha256(b"object"))
PAGE, DEEP = "index.html", "themes/ann/solar/index.html"
FILES = {layout.ENTRY: b"{}", MARKER: b"chains", OBJECT: b"object", PAGE: b"home", DEEP: b"solar"}
SITE = "the id of a site"


def build(folder: Path, files: Mapping[str, bytes] = FILES, site: str = SITE) -> int:
    """Writes a site as a build does, and remembers it; how many files were written."""
    seen = SeenSite(folder.with_name("seen"), folder)
    made = [Made(path, sha256(data), files.__getitem__) for path, data in files.items()]
    counts = write_site(folder, made, seen=seen)
    digests = {path: sha256(data) for path, data in files.items()}
    seen.save(site, digests, counts.stayed, [one.path for one in counts.changes])
    return counts.written


def unchanged(folder: Path, site: str = SITE) -> bool:
    """Whether the folder is as it was."""
    return SeenSite(folder.with_name("seen"), folder).is_unchanged(site)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site that was built twice, with files that are older than both looks."""
    folder = tmp_path / "site"
    build(folder)
    for path in sorted(folder.rglob("*")):
        os.utime(path, (1, 1))
    build(folder)
    return folder


def test_an_unchanged_folder_is_known(folder: Path) -> None:
    """The same site is unchanged, another site or another folder is not."""
    folder.rename(folder.with_name("other"))
    other = unchanged(folder.with_name("other"))
    folder.with_name("other").rename(folder)

    assert (True, False, False) == (unchanged(folder), unchanged(folder, "another id"), other)


def test_what_is_hidden_at_the_top_is_not_of_the_site(folder: Path) -> None:
    """A git folder beside the site's files may come and go."""
    (folder / ".git").mkdir()

    assert unchanged(folder)


def _rewrite(folder: Path, path: str, data: bytes) -> None:
    """Other bytes of the same number, with the old time of change."""
    before = (folder / path).stat()
    (folder / path).write_bytes(data)
    os.utime(folder / path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _swap(folder: Path, path: str) -> None:
    """A link in a file's place."""
    (folder / path).unlink()
    (folder / path).symlink_to(folder.with_name("outside"))


def _elsewhere(folder: Path) -> None:
    """A link in a folder's place."""
    (folder / "themes").rename(folder.with_name("outside"))
    (folder / "themes").symlink_to(folder.with_name("outside"))


DAMAGES: list[Callable[[Path], object]] = [
    lambda folder: _rewrite(folder, PAGE, b"hime"),
    lambda folder: _rewrite(folder, DEEP, b"moons"),
    lambda folder: (folder / DEEP).unlink(),
    lambda folder: (folder / OBJECT).unlink(),
    lambda folder: (folder / "extra").write_bytes(b"x"),
    lambda folder: (folder / "themes" / "ann" / "extra").write_bytes(b"x"),
    lambda folder: (folder / OBJECT).with_name("0" * 64).write_bytes(b"x"),
    lambda folder: _swap(folder, DEEP),
    _elsewhere,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_is_seen_and_mended(folder: Path, damage: Callable[[Path], object]) -> None:
    """Whoever writes, removes or adds: the folder is not unchanged, and the next build makes it right."""
    damage(folder)
    seen = unchanged(folder)
    build(folder)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert (False, True, FILES) == (seen, unchanged(folder), files)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_in_the_tick_of_the_build_is_seen(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """What was written just now is read again, whatever its stat says."""
    build(tmp_path / "site")
    damage(tmp_path / "site")

    assert not unchanged(tmp_path / "site")


def test_only_what_changed_is_read(folder: Path) -> None:
    """A build after another one reads no file whose stat is the same: one that nobody may read is right."""
    os.utime(folder / PAGE, (5, 5))
    seen = SeenSite(folder.with_name("seen"), folder)
    walked: list[Path] = []

    def walk(where: Path) -> set[str]:
        walked.append(where)
        return set()

    there = seen.there(walk)
    (folder.with_name("gone")).mkdir()
    right = seen.is_same(DEEP, sha256(b"solar")), seen.is_same(PAGE, sha256(b"home")), seen.is_same(PAGE, sha256(b"x"))

    assert ([], set(FILES), (True, True, False)) == (walked, there, right)


def test_a_page_that_changed_is_written_alone(folder: Path) -> None:
    """After another build the folder is known again, with what came and what went."""
    after = {path: data for path, data in FILES.items() if path != DEEP} | {PAGE: b"new home", "a/b": b"x"}

    assert (2, True) == (build(folder, after, "next"), unchanged(folder, "next"))
    assert (3, True) == (build(folder), unchanged(folder)) or not (folder / "a").exists()


@pytest.mark.parametrize("data", [b"", b"{}\n", b"[]\n", b'{"format": 1}\n', b"\xff\n", b"x" * 1000])
def test_a_damaged_memory_is_none(folder: Path, data: bytes) -> None:
    """Then everything is read, and remembered again."""
    whole = folder.with_name("seen").read_bytes()
    folder.with_name("seen").write_bytes(whole[:-1])
    cut = unchanged(folder)
    folder.with_name("seen").write_bytes(data)

    assert (False, False, 0, True) == (cut, unchanged(folder), build(folder), unchanged(folder))


def test_nothing_is_remembered_where_nothing_can_be(tmp_path: Path) -> None:
    """Without a file for it, or with a folder in its place, the site is written all the same."""
    (tmp_path / "seen").mkdir()
    written = build(tmp_path / "site")
    nowhere = SeenSite(None, tmp_path / "site")
    nowhere.save(SITE, {}, (), ())

    assert (5, False, False) == (written, unchanged(tmp_path / "site"), nowhere.is_unchanged(SITE))
    assert not list((tmp_path / "site").glob(".registry*"))


def test_a_large_folder_is_looked_at_by_two_processes(tmp_path: Path) -> None:
    """Damage is seen in either half."""
    files = FILES | {f"p/{number:05}/x": b"x" for number in range(module.ENOUGH)}
    build(tmp_path / "site", files)
    first = unchanged(tmp_path / "site")
    _rewrite(tmp_path / "site", f"p/{module.ENOUGH - 1:05}/x", b"y")
    second = unchanged(tmp_path / "site")
    _rewrite(tmp_path / "site", f"p/{module.ENOUGH - 1:05}/x", b"x")
    build(tmp_path / "site", files)
    _rewrite(tmp_path / "site", "p/00000/x", b"y")

    assert (False, False) == (second, unchanged(tmp_path / "site")), first


@pytest.mark.parametrize("parts", [[True], [True, True], [False], [True, False], [False, True], [True, True, False]])
def test_all_parts_must_hold(parts: list[bool]) -> None:
    """What any process finds counts; one that fails holds nothing."""

    def holds(part: bool) -> bool:
        return part

    assert all(parts) == all_hold(holds, parts)
    assert not all_hold(lambda part: bool(1 // part), [1, 0])
