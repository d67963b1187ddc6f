"""Objects in packs: whole, as differences, damaged."""

import os
import subprocess
import zlib
from pathlib import Path

import pytest

from registry_tool.core.tree import walk
from registry_tool.stores.git import GitHistory
from registry_tool.stores.git.packs import Packs

TEXT = "".join(f"line {number} of a text that hardly changes\n" for number in range(300))
FILES = {
    "empty": b"",
    "short": b"x",
    "large": os.urandom(1000) * 200,  # its size takes three bytes to say
    **{f"texts/{number}": f"{TEXT}{number}\n".encode() for number in range(20)},
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A bare repository with two commits, in one pack that keeps the texts as differences."""
    history = GitHistory.init(tmp_path / "reg.git", bare=True)
    first = history.commit(FILES, onto=None, message="m", author="Ann <ann@example.org>", at=1)
    history.move("main", old=None, new=first)
    history.close()
    subprocess.run(["git", "-C", tmp_path / "reg.git", "repack", "-adfq"], check=True, timeout=60)
    return tmp_path / "reg.git"


def objects(repository: Path) -> dict[str, str]:
    """Every object's id and what `git` says of it: type and size, and whether it is kept as a difference."""
    words = "%(objectname) %(objecttype) %(objectsize) %(deltabase)"
    done = subprocess.run(
        ["git", "-C", repository, "cat-file", "--batch-all-objects", f"--batch-check={words}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_a_packed_repository_reads_as_it_was_written(repository: Path) -> None:
    """Whole objects and differences alike."""
    history = GitHistory.open(repository)
    tree = history.tree(str(history.resolve("main")))
    found = {path: tree.read(path) for path, _ in walk(tree)}
    history.close()

    assert found == FILES


def test_only_differences_are_left_to_the_library(repository: Path) -> None:
    """Everything that git keeps whole is read here, with git's own type and size."""
    packs, types = Packs(repository / "objects/pack"), ("", "commit", "tree", "blob", "tag")
    rows = objects(repository)
    whole = {name: row.split()[:2] for name, row in rows.items() if row.endswith("0" * 40)}
    read = {name: packs.read(name) for name in rows}

    assert 0 < len(whole) < len(rows)
    assert whole == {name: [types[one[0]], str(len(one[1]))] for name, one in read.items() if one}
    assert packs.read("0" * 40) is None


def test_a_damaged_pack_gives_no_other_bytes(repository: Path) -> None:
    """Wherever a pack is overwritten: an object reads as it was, or it is left to the library, which refuses it."""
    (pack,) = (repository / "objects/pack").glob("*.pack")
    good, names = pack.read_bytes(), sorted(objects(repository))
    before = Packs(pack.parent)
    right = {name: before.read(name) for name in names}
    others: list[str] = []
    left = 0
    for place in range(12, len(good), len(good) // 40):
        pack.unlink()  # what is open stays as it was
        pack.write_bytes(good[:place] + b"\xff" * 8 + good[place + 8 :])
        packs = Packs(pack.parent)
        for name in names:
            found, whole = packs.read(name), right[name]
            left += found is None and whole is not None
            others += [name] if found and (whole is None or found[1] != whole[1]) else []

    assert ([], True) == (others, left > 0)


@pytest.mark.parametrize("data", [b"", b"PACK", b"\xff" * 40], ids=["empty", "cut off", "other"])
def test_a_pack_that_is_none_is_left_to_the_library(repository: Path, data: bytes) -> None:
    """Nothing is raised, and nothing is found."""
    names = sorted(objects(repository))
    (pack,) = (repository / "objects/pack").glob("*.pack")
    pack.unlink()
    pack.write_bytes(data)
    packs = Packs(pack.parent)

    assert {None} == {packs.read(name) for name in names}


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    """A bare repository whose few objects lie in files of their own."""
    history = GitHistory.init(tmp_path / "loose.git", bare=True)
    first = history.commit(FILES, onto=None, message="m", author="Ann <ann@example.org>", at=1)
    history.move("main", old=None, new=first)
    history.close()
    return tmp_path / "loose.git"


def test_loose_objects_are_read_without_the_library(loose: Path) -> None:
    """Type and size are git's own; an object that is nowhere is left to the library."""
    packs, types = Packs(loose / "objects/pack"), ("", "commit", "tree", "blob", "tag")
    rows = objects(loose)
    read = {name: packs.read(name) for name in rows}

    assert {name: row.split()[:2] for name, row in rows.items()} == {
        name: [types[one[0]], str(len(one[1]))] for name, one in read.items() if one
    }
    assert packs.read("0" * 40) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 40,
        zlib.compress(b"blob 3"),
        zlib.compress(b"blob 4\0abc"),
        zlib.compress(b"blob 2\0abc"),
        zlib.compress(b"blob " + b"9" * 19 + b"\0abc"),
        zlib.compress(b"blob -3\0abc"),
        zlib.compress(b"bomb 3\0abc"),
        zlib.compress(b"blob 3" + b" " * 40 + b"\0abc"),
        zlib.compress(b"blob 3\0abc")[:-3],
    ],
)
def test_a_damaged_loose_object_is_left_to_the_library(loose: Path, data: bytes) -> None:
    """A size that is a lie, an unknown type, a file that is cut off: nothing is raised, and nothing is found."""
    name = sorted(objects(loose))[0]
    path = loose / "objects" / name[:2] / name[2:]
    path.chmod(0o644)
    path.write_bytes(data)

    assert Packs(loose / "objects/pack").read(name) is None
