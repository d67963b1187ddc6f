"""`GitHistory`: the same answers in memory and on disk."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, StateForbids
from registry_tool.core.ports import History
from registry_tool.core.tree import MemoryTree, Overlay, walk
from registry_tool.stores.git import GitHistory
from tests.stores.histories import ANN, failure, put

Make = Callable[[], GitHistory]


@pytest.fixture(params=["memory", "bare", "work tree"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A new empty repository of each sort."""
    if request.param == "memory":
        return GitHistory.memory
    return lambda: GitHistory.init(tmp_path / "made", bare=request.param == "bare")


def test_it_is_a_history(make: Make) -> None:
    """It has every method of the port, and a commit reads back as it was made."""
    history: History = make()
    files = {"a/b/c": b"1", "a/d": b"2", "e": b""}
    commit = history.commit(files, onto=None, message="first\n\nline", author=ANN, at=5, executable=frozenset(("a/d",)))
    tree = history.tree(commit)
    expected = MemoryTree(files, executable=frozenset(("a/d",)))

    assert [(path, e.type) for path, e in walk(expected)] == [(path, e.type) for path, e in walk(tree)]
    assert files == {path: tree.read(path) for path in files}
    said = history.info(commit)
    assert (commit, (), "first\n\nline", ANN, 5) == (said.id, said.parents, said.message, said.author, said.at)


def test_the_same_commit_has_the_same_id_everywhere(make: Make) -> None:
    """The id is the one that git gives these files, people and times."""
    history = make()
    first = put(history, {"a/x": b"1", "a.b": b"2", "a0": b"3"})
    second = put(history, {"a/x": b"4"}, first, at=2_000_000_000)

    assert ("d2cce6caf584289265f2b5128e42828e9323c38c", "cac20bdd3687d8667cd3559be6bff75fa6b9a20c") == (first, second)


@pytest.mark.parametrize("path", ["", "/", "a/", "/a", "a//d", "a/d/x", "nothing", "a/nothing", ".", "a/../e"])
def test_what_is_no_file_reads_as_nothing(make: Make, path: str) -> None:
    """Folders, missing names and odd paths have no bytes."""
    history = make()
    tree = history.tree(put(history, {"a/d": b"2", "e": b""}))

    assert tree.read(path) is None


def test_lists_are_sorted_by_name(make: Make) -> None:
    """Also where git sorts otherwise: it puts `a.b` before the folder `a`."""
    history = make()
    tree = history.tree(put(history, {"a/x": b"1", "a.b": b"2", "a0": b"3", "ü": b""}))

    assert ["a", "a.b", "a0", "ü"] == [entry.name for entry in tree.list("")]
    assert ((), ()) == (tree.list("a.b"), tree.list("no"))
    root = tree.entry("")
    assert root is not None
    assert ("", "folder") == (root.name, root.type)


def test_a_difference_names_every_path(make: Make) -> None:
    """New, changed, gone, and a file that became a folder; equal folders are left out."""
    history = make()
    one = put(history, {"same/a": b"1", "f": b"1", "gone/x": b"1", "edit": b"1"})
    two = history.commit(
        {"f/inner": b"2", "edit": b"2", "new": b""},
        onto=one,
        message="m",
        author=ANN,
        at=1,
        removals=frozenset(("gone", "f")),
    )
    edits = history.changed(one, two)
    rows = [(edit.path, edit.old is not None, edit.new is not None) for edit in edits]
    expected = [
        ("edit", True, True),
        ("f", True, False),
        ("f/inner", False, True),
        ("gone/x", True, False),
        ("new", False, True),
    ]

    assert expected == rows
    assert ["edit", "f", "gone/x", "same/a"] == [edit.path for edit in history.changed(None, one)]
    assert history.changed(one, one) == ()


@pytest.mark.parametrize(
    ("additions", "removals"),
    [
        ({"": b""}, ()),
        ({"/a": b""}, ()),
        ({"a//b": b""}, ()),
        ({"../a": b""}, ()),
        ({"a/.GIT/b": b""}, ()),
        ({"a\0b": b""}, ()),
        ({"/".join("a" * 65): b""}, ()),
        ({"f/x": b""}, ()),  # f is a file
        ({"d": b""}, ()),  # d is a folder
        ({"n": b"", "n/x": b""}, ()),
        ({}, ("nothing",)),
    ],
)
def test_a_path_that_cannot_be_is_refused(make: Make, additions: dict[str, bytes], removals: tuple[str, ...]) -> None:
    """Nothing is guessed: one clear refusal."""
    history = make()
    base = put(history, {"f": b"", "d/x": b""})
    fault = failure(
        lambda: history.commit(additions, onto=base, message="m", author=ANN, at=1, removals=frozenset(removals))
    )

    assert (InvalidInput, "bad-path") == (type(fault), fault.code)


@pytest.mark.parametrize(
    ("author", "message", "at"), [("Ann", "m", 1), (f"{ANN}\nx", "m", 1), (ANN, "\0", 1), (ANN, "", -1)]
)
def test_a_commit_cannot_be_broken_by_its_words(make: Make, author: str, message: str, at: int) -> None:
    """Authors, messages and times that git could not read back are refused."""
    history = make()
    fault = failure(lambda: history.commit({}, onto=None, message=message, author=author, at=at))

    assert type(fault) is InvalidInput


def test_removing_the_last_file_removes_its_folder(make: Make) -> None:
    """Git keeps no empty folders."""
    history = make()
    one = put(history, {"a/b/c": b"", "d": b""})
    two = history.commit({}, onto=one, message="m", author=ANN, at=1, removals=frozenset(("a/b/c",)))

    assert ["d"] == [entry.name for entry in history.tree(two).list("")]


def test_the_line_follows_first_parents(make: Make) -> None:
    """Newest first, down to the first commit."""
    history = make()
    commits = [put(history, {"a": b"0"})]
    for number in range(1, 5):
        commits.append(put(history, {"a": b"%d" % number}, commits[-1]))

    assert commits[::-1] == list(history.line(commits[-1]))


def test_the_merge_base_is_the_newest_common_commit(make: Make) -> None:
    """Two lines from one commit, one inside the other, and two that never met."""
    history = make()
    root = put(history, {"a": b"0"}, at=1)
    fork = put(history, {"a": b"1"}, root, at=2)
    left = put(history, {"a": b"2"}, fork, at=3)
    right = put(history, {"b": b"2"}, put(history, {"b": b"1"}, fork, at=4), at=5)
    alone = put(history, {"z": b""}, at=9)
    pairs = [(left, right), (right, left), (root, right), (right, fork), (left, left), (left, alone)]

    assert [fork, fork, root, fork, left, None] == [history.merge_base(one, other) for one, other in pairs]


def test_a_branch_moves_only_from_where_it_is_thought_to_be(make: Make) -> None:
    """Made, moved and deleted by compare-and-swap; each wrong guess is `moved` and changes nothing."""
    history = make()
    one = put(history, {"a": b"1"})
    two = put(history, {"a": b"2"}, one)
    history.move("submit/x", old=None, new=one)
    faults = [
        failure(lambda: history.move("submit/x", old=None, new=two)),
        failure(lambda: history.move("submit/x", old=two, new=one)),
        failure(lambda: history.move("submit/x", old=two, new=None)),
        failure(lambda: history.move("no", old=one, new=two)),
    ]
    before = dict(history.branches())
    history.move("submit/x", old=one, new=two)
    after = dict(history.branches("submit/"))
    history.move("submit/x", old=two, new=None)

    assert [(StateForbids, "moved")] * 4 == [(type(fault), fault.code) for fault in faults]
    assert ({"submit/x": one}, {"submit/x": two}, {}) == (before, after, history.branches())


@pytest.mark.parametrize("name", ["", "-x", "a..b", "a b", "a/", "HEAD", "../x", "x.lock", "a\nb"])
def test_a_name_that_git_refuses_is_no_branch(make: Make, name: str) -> None:
    """Names that git or a shell would take for something else."""
    history = make()
    commit = put(history, {"a": b"1"})
    fault = failure(lambda: history.move(name, old=None, new=commit))

    assert (InvalidInput, "bad-branch") == (type(fault), fault.code)


def test_a_branch_points_to_a_commit_that_is_here(make: Make) -> None:
    """Another id, or the id of a folder, is refused before the branch moves."""
    history = make()
    root = history.tree(put(history, {"a": b"1"})).entry("")
    assert root is not None
    faults = [failure(partial(history.move, "main", old=None, new=name)) for name in ("0" * 40, root.id, "main")]

    assert [(NotFound, "no-commit")] * 3 == [(type(fault), fault.code) for fault in faults]


def test_names_resolve_to_commits(make: Make) -> None:
    """Full and short ids, HEAD, branches, whole refs and steps back."""
    history = make()
    one = put(history, {"a": b"1"})
    two = put(history, {"a": b"2"}, one)
    history.move("main", old=None, new=two)
    history.move("v1/x", old=None, new=one)
    root = history.tree(one).entry("")
    assert root is not None
    found = {name: history.resolve(name) for name in ("HEAD", "main", "refs/heads/main", "heads/main", two, two[:9])}
    back = [history.resolve(name) for name in ("HEAD~1", "main^", "v1/x", "HEAD^^", "HEAD~9")]
    none = [history.resolve(name) for name in ("", "no", "0" * 40, root.id, "main//x", "-x", "a b", "../HEAD", "~1")]

    assert {two} == set(found.values())
    assert [one, one, one, None, None] == back
    assert [None] * 9 == none


def test_two_commits_with_one_beginning_are_ambiguous(make: Make) -> None:
    """Four digits that begin two ids are told, not guessed."""
    history = make()
    seen: dict[str, str] = {}
    short = ""
    for number in range(2000):
        commit = history.commit({}, onto=None, message=str(number), author=ANN, at=1)
        if seen.setdefault(commit[:4], commit) != commit:
            short = commit[:4]
            break

    assert failure(lambda: history.resolve(short)).code == "ambiguous"


def test_a_bomb_of_folders_is_refused() -> None:
    """Seventy folders that hold ten times the same folder are ten to the seventy files."""
    history = GitHistory.memory()
    from registry_tool.stores.git.objects import FOLDER_MODE, CommitText, Node, commit_bytes, folder_bytes
    from registry_tool.stores.git.write import BLOB, COMMIT, TREE, NewObjects, object_id

    objects: NewObjects = {}

    def keep(number: int, raw: bytes) -> str:
        objects[object_id(number, raw)] = (number, raw)
        return object_id(number, raw)

    node = Node(0o100644, keep(BLOB, b""))
    for _ in range(70):
        node = Node(FOLDER_MODE, keep(TREE, folder_bytes(dict.fromkeys("0123456789", node))))
    commit = keep(COMMIT, commit_bytes(CommitText(node.id, (), ANN, 1, "m")))
    history._objects.keep(objects)
    fault = failure(lambda: history.changed(None, commit))

    assert (InvalidInput, "too-large") == (type(fault), fault.code)


def test_a_tree_can_be_laid_under_additions() -> None:
    """What landing checks: the tip with a submission's files over it."""
    history = GitHistory.memory()
    tree = history.tree(put(history, {"a/b": b"1"}))
    both = Overlay(tree, {"a/c": b"2"})

    assert ["a/b", "a/c"] == [path for path, _ in walk(both)]
