"""What a push brings, read before git keeps it; with objects that the repository does not have."""

import zlib
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, RegistryError, Unreachable
from registry_tool.core.tree import walk
from registry_tool.stores.git import GitHistory, quarantine
from registry_tool.stores.git.quarantine import Incoming
from tests.bad_input.git import WHO, git

pytestmark = pytest.mark.slow

AUTHOR = "Tests <tests@example.org>"


class Repository:
    """A bare repository with one commit, and what somebody is pushing to it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "reg.git"
        history = GitHistory.init(self.path, bare=True)
        self.first = history.commit({"a": b"one\n"}, onto=None, message="first", author=AUTHOR, at=0)
        history.move("main", old=None, new=self.first)
        self.folder = self.path / "objects" / "tmp_objdir-incoming-x1"
        self.folder.mkdir()
        self.env = {**WHO, "GIT_QUARANTINE_PATH": f"{self.path}/./objects/{self.folder.name}"}

    def _git(self, *words: str, data: bytes = b"") -> str:
        there = {"GIT_OBJECT_DIRECTORY": str(self.folder), "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{self.path}/objects"}
        return git(*words, cwd=self.path, data=data, **there)

    def brings(self, *files: tuple[str, bytes], packed: bool = False) -> str:
        """A commit on the first one that adds `files`, as git would put it there."""
        rows = [self._git("ls-tree", self.first)]
        rows += [f"100644 blob {self._git('hash-object', '-w', '--stdin', data=data)}\t{name}" for name, data in files]
        tree = self._git("mktree", data="\n".join(rows).encode())
        new = self._git("commit-tree", tree, "-p", self.first, "-m", "second")
        if packed:
            self._git(
                "pack-objects", "--revs", str(self.folder / "pack" / "pack"), data=f"{new}\n^{self.first}\n".encode()
            )
            for path in self.folder.glob("??/*"):
                path.unlink()
        return new

    @property
    def incoming(self) -> Incoming:
        return Incoming.of(self.path, self.env)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.mark.parametrize("packed", [False, True])
def test_what_came_is_read_on_top_of_what_is_there(repository: Repository, packed: bool) -> None:
    """As loose objects and as a pack; without git's quarantine nobody sees it."""
    new = repository.brings(("b", b"two\n"), packed=packed)
    history = repository.incoming.history()

    assert {"a": b"one\n", "b": b"two\n"} == {path: history.tree(new).read(path) for path, _ in walk(history.tree(new))}
    assert (new, repository.first) == (history.resolve(new), history.resolve("main"))
    assert (repository.first, ["b"]) == (
        history.merge_base(repository.first, new),
        [edit.path for edit in history.changed(repository.first, new)],
    )
    assert None is GitHistory.open(repository.path).resolve(new)


def test_nothing_is_written_there(repository: Repository) -> None:
    """Who judges a push adds nothing to it."""
    history = repository.incoming.history()

    with pytest.raises(NotImplementedError):
        history.commit({"c": b"three\n"}, onto=repository.first, message="third", author=AUTHOR, at=0)


def test_a_push_may_bring_nothing_new(repository: Repository) -> None:
    """A branch is taken away, or put on a commit that is there: then there is no quarantine."""
    incoming = Incoming.of(repository.path, WHO)
    incoming.weigh(WHO)

    assert repository.first == incoming.history().resolve("main")


@pytest.mark.parametrize("place", ["/tmp", "objects", "objects/pack", "objects/tmp_objdir-incoming-none", "refs"])
def test_a_folder_elsewhere_is_no_quarantine(repository: Repository, place: str) -> None:
    """Whoever can set the environment does not lead the judge to objects of their own."""
    with pytest.raises(InvalidInput, match="expected a quarantine of git's") as refused:
        Incoming.of(repository.path, {**WHO, "GIT_QUARANTINE_PATH": place})

    assert "bad-quarantine" == refused.value.code


def refused(repository: Repository) -> RegistryError:
    with pytest.raises(RegistryError) as told:
        repository.incoming.weigh(repository.env)
    return told.value


def test_a_large_file_is_refused_before_it_is_unpacked(repository: Repository) -> None:
    """A few kilobytes that become more than any payload may have."""
    repository.brings(("zeros", bytes(quarantine.OBJECT_BYTES + 1)))
    error = refused(repository)

    assert ("too-large", True) == (error.code, "bytes in one file, this one has more" in error.message)


def test_many_large_files_are_refused(repository: Repository) -> None:
    """Each of them might pass alone."""
    size = quarantine.OBJECT_BYTES
    for number in range(quarantine.ALL_BYTES // size + 1):
        _loose(repository.folder, f"{number + 1:040x}", b"blob %d\0" % size + bytes([number]) * size)
    error = refused(repository)

    assert "bytes once unpacked, this one has more" in error.message


def _loose(folder: Path, name: str, raw: bytes) -> None:
    """An object under any name: nobody reads it to weigh it."""
    path = folder / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(raw, 1))


def test_what_cannot_be_read_is_refused(repository: Repository) -> None:
    """Git names it and says no size."""
    _loose(repository.folder, "0" * 40, b"blob 1\0x")

    assert "bad-git-object" == refused(repository).code


def test_what_fits_is_not_refused(repository: Repository) -> None:
    """An ordinary push, packed and loose."""
    repository.brings(("b", b"two\n"))
    repository.incoming.weigh(repository.env)
    repository.brings(("c", b"three\n"), packed=True)

    repository.incoming.weigh(repository.env)


def test_without_git_nothing_is_weighed(repository: Repository) -> None:
    """And so nothing is taken."""
    with pytest.raises(Unreachable, match="git cannot be started"):
        repository.incoming.weigh({"PATH": str(repository.path)})


def test_a_bomb_of_folders_is_refused(repository: Repository) -> None:
    """Few objects that describe millions of files are too many paths, told without listing them."""
    inner = repository._git("mktree", data=b"100644 blob %s\tx\n" % _blob(repository))
    for _ in range(5):
        rows = "".join(f"040000 tree {inner}\t{number:02}\n" for number in range(20))
        inner = repository._git("mktree", data=rows.encode())
    new = repository._git("commit-tree", inner, "-p", repository.first, "-m", "bomb")
    repository.incoming.weigh(repository.env)

    with pytest.raises(InvalidInput, match=f"changes at most {quarantine.PATHS} paths"):
        repository.incoming.history().changed(repository.first, new)


def _blob(repository: Repository) -> bytes:
    return repository._git("hash-object", "-w", "--stdin", data=b"").encode()


def test_settings_that_git_alone_can_read_close_nothing(repository: Repository) -> None:
    """`64m` is a number to git; what is only for who writes keeps nobody from reading."""
    git("config", "core.bigFileThreshold", "64m", cwd=repository.path)

    assert repository.first == GitHistory.open(repository.path).resolve("main")
    assert repository.first == repository.incoming.history().resolve("main")
