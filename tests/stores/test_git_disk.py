"""Repositories on disk as git and strangers make them."""

import subprocess
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, Unreachable
from registry_tool.core.tree import walk
from registry_tool.stores.git import GitHistory
from tests.stores.histories import ANN, failure, git, put


def test_git_agrees_with_what_is_written(tmp_path: Path) -> None:
    """`git fsck --strict` finds nothing, and git lists the same files with the same ids."""
    history = GitHistory.init(tmp_path / "r", bare=True)
    files = {f"d{number % 7}/{number}": b"%d" % number for number in range(300)}  # enough for a pack
    commit = put(history, files)
    history.move("main", old=None, new=commit)
    git(tmp_path / "r", "fsck", "--strict", "--no-dangling")
    rows = [line.split() for line in git(tmp_path / "r", "ls-tree", "-r", "main").splitlines()]

    assert sorted((path, entry.id) for path, entry in walk(history.tree(commit))) == sorted((r[3], r[2]) for r in rows)


@pytest.mark.parametrize("inner", ["", ".git"])
def test_a_work_tree_opens_at_itself_and_at_its_git_folder(tmp_path: Path, inner: str) -> None:
    """Both are the same repository."""
    commit = put(GitHistory.init(tmp_path, bare=False), {"a": b"1"})

    assert GitHistory.open(tmp_path / inner).info(commit).author == ANN


@pytest.mark.parametrize(("path", "error", "code"), [("no", NotFound, "no-folder"), ("sub", InvalidInput, "not-git")])
def test_what_is_no_repository_is_said(tmp_path: Path, path: str, error: type[RegistryError], code: str) -> None:
    """Also inside a work tree: folders above are not looked at."""
    GitHistory.init(tmp_path, bare=False)
    (tmp_path / "sub").mkdir()
    fault = failure(lambda: GitHistory.open(tmp_path / path))

    assert (error, code) == (type(fault), fault.code)


def test_a_git_file_that_names_nothing_is_said(tmp_path: Path) -> None:
    """A `.git` file must lead somewhere."""
    (tmp_path / ".git").write_bytes(b"gitdir: nowhere\n")

    assert failure(lambda: GitHistory.open(tmp_path)).code == "not-git"


def test_a_repository_is_not_made_twice(tmp_path: Path) -> None:
    """The second `init` changes nothing."""
    GitHistory.init(tmp_path, bare=False)

    assert failure(lambda: GitHistory.init(tmp_path, bare=False)).code == "exists"


def test_a_linked_work_tree_is_the_same_repository(tmp_path: Path) -> None:
    """Its `.git` file leads to the objects and branches of the first one, and to its own HEAD."""
    history = GitHistory.init(tmp_path / "r", bare=False)
    history.move("main", old=None, new=put(history, {"a": b"1"}))
    git(tmp_path / "r", "worktree", "add", "-q", "-b", "side", str(tmp_path / "w"))
    linked = GitHistory.open(tmp_path / "w")
    new = put(linked, {"b": b"2"}, linked.resolve("HEAD"))
    linked.move("side", old=linked.resolve("HEAD"), new=new)

    assert (new, b"2", "") == (
        linked.resolve("HEAD"),
        (tmp_path / "w/b").read_bytes(),
        git(tmp_path / "w", "status", "--porcelain"),
    )


@pytest.mark.parametrize(
    ("setting", "value"), [("extensions.objectFormat", "sha256"), ("extensions.refStorage", "reftable")]
)
def test_a_repository_that_others_could_not_read_is_refused(tmp_path: Path, setting: str, value: str) -> None:
    """SHA-256 and reftable are said to be the reason."""
    GitHistory.init(tmp_path, bare=True)
    git(tmp_path, "config", "--file", "config", setting, value)
    fault = failure(lambda: GitHistory.open(tmp_path))

    assert fault.code == "not-supported"
    assert value in fault.message


def _with_links(tmp_path: Path) -> GitHistory:
    """A repository by git itself with a link, a submodule, an executable file and an odd name."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "run").write_bytes(b"#!")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "link").symlink_to("/etc/passwd")
    git(tmp_path, "add", ".")
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    git(tmp_path, "commit", "-q", "-m", "first")
    return GitHistory.open(tmp_path)


def test_links_and_submodules_are_listed_and_never_followed(tmp_path: Path) -> None:
    """They have a type and no bytes."""
    tree = _with_links(tmp_path).tree(git(tmp_path, "rev-parse", "HEAD"))
    types = {entry.name: entry.type for entry in tree.list("")}

    assert {"link": "link", "module": "submodule", "run": "executable"} == types
    assert [None, None, None, b"#!"] == [tree.read(path) for path in ("link", "module", "module/x", "run")]


def test_tags_and_remote_branches_resolve(tmp_path: Path) -> None:
    """Both kinds of tag, `origin/main` and `origin`; a tag named like a branch does not take its place."""
    history = _with_links(tmp_path)
    one = git(tmp_path, "rev-parse", "HEAD")
    git(tmp_path, "tag", "light")
    git(tmp_path, "tag", "-a", "-m", "t", "heavy")
    git(tmp_path, "tag", "-a", "-m", "t", "heavier", "heavy")
    git(tmp_path, "tag", "blob", f"{one}:run")
    git(tmp_path, "update-ref", "refs/remotes/origin/main", one)
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "tag", "main", one)
    git(tmp_path, "pack-refs", "--all")
    names = ["light", "heavy", "heavier", "origin/main", "origin", "refs/tags/heavy", "tags/light", "refs/tags/main"]

    assert [one] * 8 == [history.resolve(name) for name in names]
    assert (None, git(tmp_path, "rev-parse", "refs/heads/main")) == (history.resolve("blob"), history.resolve("main"))


def test_replace_refs_and_grafts_change_nothing(tmp_path: Path) -> None:
    """What git shows instead is not what is read."""
    history = GitHistory.init(tmp_path, bare=True)
    one = put(history, {"a": b"1"})
    two = put(history, {"a": b"2"}, one)
    history.move("main", old=None, new=two)
    git(tmp_path, "update-ref", f"refs/replace/{two}", put(history, {"a": b"evil"}))
    (tmp_path / "info").mkdir(exist_ok=True)
    (tmp_path / "info/grafts").write_text(f"{two}\n")
    again = GitHistory.open(tmp_path)

    assert ([two, one], b"2") == (list(again.line(two)), again.tree(two).read("a"))


def test_line_endings_and_filters_change_nothing(tmp_path: Path) -> None:
    """Bytes come from the objects, whatever settings and attributes ask for."""
    history = GitHistory.init(tmp_path, bare=False)
    git(tmp_path, "config", "core.autocrlf", "true")
    commit = put(history, {".gitattributes": b"* text eol=crlf ident filter=x\n", "a": b"$Id$\n\r\n"})
    history.move("main", old=None, new=commit)

    assert b"$Id$\n\r\n" == GitHistory.open(tmp_path).tree(commit).read("a") == (tmp_path / "a").read_bytes()


def _bad_tree(tmp_path: Path, raw: bytes) -> GitHistory:
    GitHistory.init(tmp_path, bare=True)
    root = git(tmp_path, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw)
    commit = git(tmp_path, "commit-tree", "-m", "x", root)
    git(tmp_path, "update-ref", "refs/heads/main", commit)
    return GitHistory.open(tmp_path)


@pytest.mark.parametrize(
    "raw",
    [
        b"100644 a\0" + b"\1" * 20 + b"100755 a\0" + b"\2" * 20,
        b"100644 a/b\0" + b"\1" * 20,
        b"100644 ..\0" + b"\1" * 20,
        b"100644 a\0" + b"\1" * 19,
        b"junk",
    ],
)
def test_a_folder_that_git_would_not_write_is_refused(tmp_path: Path, raw: bytes) -> None:
    """One name twice, a slash in a name, dots, and plain rubbish: two readers could see two things."""
    history = _bad_tree(tmp_path, raw)
    fault = failure(lambda: history.tree(history.resolve("main") or "").list(""))

    assert (InvalidInput, "bad-git-object") == (type(fault), fault.code)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A tree entry that says folder and names a blob is an error, not an empty folder."""
    GitHistory.init(tmp_path, bare=True)
    blob = git(tmp_path, "hash-object", "-w", "--stdin", given=b"x")
    root = git(tmp_path, "mktree", "--missing", given=b"")
    assert root
    raw = b"40000 d\0" + bytes.fromhex(blob)
    tree = git(tmp_path, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw)
    history = GitHistory.open(tmp_path)
    commit = git(tmp_path, "commit-tree", "-m", "x", tree)

    assert failure(lambda: history.tree(commit).list("d")).code == "bad-git-object"


@pytest.mark.parametrize("kind", ["blob:none", "tree:0", "shallow"])
def test_the_hint_brings_what_a_partial_clone_lacks(tmp_path: Path, kind: str) -> None:
    """`Unreachable` with one command; after that command everything can be read."""
    source = GitHistory.init(tmp_path / "source", bare=True)
    one = put(source, {"a/b": b"1"})
    two = put(source, {"a/b": b"2"}, one)
    source.move("main", old=None, new=two)
    git(tmp_path / "source", "config", "uploadpack.allowFilter", "true")
    words = ["--depth=1"] if kind == "shallow" else [f"--filter={kind}"]
    git(tmp_path, "clone", "-q", "--no-checkout", *words, f"file://{tmp_path}/source", "my clone")
    part = GitHistory.open(tmp_path / "my clone")
    line = list(part.line(two))
    fault = failure(lambda: part.tree(one).read("a/b"))
    subprocess.run(fault.hint, shell=True, check=True, capture_output=True, timeout=60)
    whole = GitHistory.open(tmp_path / "my clone")

    assert (Unreachable, "missing-objects") == (type(fault), fault.code)
    assert ([two] if kind == "shallow" else [two, one]) == line
    assert ([two, one], b"1", b"2") == (
        list(whole.line(two)),
        whole.tree(one).read("a/b"),
        whole.tree(two).read("a/b"),
    )
