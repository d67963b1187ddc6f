"""Pull requests that are made to be too much: one of them keeps nobody from the others."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from registry_tool.cli.show import json_line, plain
from registry_tool.core.errors import Unreachable
from registry_tool.core.ports import Edit
from registry_tool.services.moderator import queue
from registry_tool.stores.git import GitHistory
from registry_tool.stores.git.objects import FOLDER_MODE, CommitText, Node, commit_bytes, folder_bytes
from registry_tool.stores.git.write import BLOB, COMMIT, TREE, NewObjects, object_id
from registry_tool.stores.pushed import PushedHistory
from registry_tool.stores.remote import Remote
from tests.services.gated import ANN, Place
from tests.services.office import LINKS, with_links
from tests.stores.histories import failure, put
from tests.stores.origins import daemon, http, origin, remote, to

__all__ = ["daemon", "http", "origin", "remote", "to"]  # pytest finds fixtures by these names


def by_hand(history: GitHistory, parent: str, times: str) -> str:
    """A commit whose author's and committer's time is written as git would not."""
    tree = history._objects.text(parent).tree
    raw = f"tree {tree}\nparent {parent}\nauthor x <x> {times}\ncommitter x <x> {times}\n\nx\n".encode()
    history._objects.keep({object_id(COMMIT, raw): (COMMIT, raw)})
    return object_id(COMMIT, raw)


@pytest.mark.parametrize("times", ["1 +051800", "-1 +0000", "9999999999999999 +0000"])
def test_a_commit_that_git_would_not_write_hides_no_other(times: str) -> None:
    """It is listed as refused, with what mends it; the one beside it waits as before."""
    place = Place().begun()
    good = place.submit("1.1.0")
    bad = place.forge.open(by_hand(place.office.history, place.office.commit, times), by=ANN)
    place.office.history._refs.set_if_equals(b"refs/pull/2/head", None, bad.head.encode())  # type: ignore[arg-type]  # as git has it
    found = {one.commit: one.report for one in queue(place.gate)}

    assert ("pass", "fail") == (found[good.head].verdict, found[bad.head].verdict)
    assert "bad-git-object" in {one.check for one in found[bad.head].findings}


def test_one_that_takes_too_long_to_come_hides_no_other() -> None:
    """Two gigabytes of files: what they are is not decided, and the others are listed."""
    office = with_links(Place().office)
    slow, quick = office.publish(LINKS, "1.1.0"), office.publish(LINKS, "1.2.0")
    head, real = office.history.branches()[slow.branch], office.history.changed

    def changed(base: str | None, new: str) -> tuple[Edit, ...]:
        if new == head:
            raise Unreachable("git gave no answer within 120 seconds", code="timeout")
        return real(base, new)

    office.history.changed = changed  # type: ignore[method-assign,assignment]  # the network
    found = {one.branch: one.report.verdict for one in queue(office.bench())}

    assert {slow.branch: "undecided", quick.branch: "pass"} == found


def many(history: GitHistory, base: str) -> str:
    """A commit of three folders' objects that names more than a hundred thousand files."""
    objects: NewObjects = {}

    def keep(number: int, raw: bytes) -> str:
        objects[object_id(number, raw)] = (number, raw)
        return object_id(number, raw)

    node = Node(0o100644, keep(BLOB, b""))
    for _ in range(3):
        node = Node(FOLDER_MODE, keep(TREE, folder_bytes({f"f{number}": node for number in range(48)})))
    commit = keep(COMMIT, commit_bytes(CommitText(node.id, (base,), "ann <ann@example.org>", 1, "m")))
    history._objects.keep(objects)
    return commit


@pytest.mark.slow
def test_some_kilobytes_that_name_millions_are_not_walked(remote: Remote, origin: GitHistory) -> None:
    """The walk ends where no submission reaches."""
    base = origin.resolve("main") or ""
    origin.move("submit/one", old=None, new=many(origin, base))
    history = PushedHistory(remote, main="main")
    head = history.branches("submit/")["submit/one"]

    assert "too-large" == failure(lambda: history.changed(base, head)).code


@pytest.mark.slow
def test_only_its_own_past_is_fetched_of_a_pull_request(remote: Remote, origin: GitHistory) -> None:
    """Where one began on an older state, the long past of another one does not come along."""
    base = origin.resolve("main") or ""
    heads = {}
    for number in (7, 8):
        head = base
        for step in range(4):
            head = put(origin, {f"{number}-{step}.txt": b"x"}, head)
        folder = Path(origin.where) / "refs" / "pull" / str(number)
        folder.mkdir(parents=True)
        (folder / "head").write_text(f"{head}\n")
        heads[f"refs/pull/{number}/head"] = head
    history = PushedHistory(remote, main="main")
    origin.move("main", old=base, new=put(origin, {"d.txt": b"d"}, base))
    tip = history.resolve("main") or ""
    asked: list[tuple[Sequence[str], int]] = []
    real = remote.fetch_refs

    def fetch_refs(refs: Sequence[str], *, depth: int = 2) -> GitHistory:
        asked.append((list(refs), depth))
        return real(refs, depth=depth)

    remote.fetch_refs = fetch_refs  # type: ignore[method-assign]  # so that it can be counted
    history.fetch(sorted(heads))
    found = [history.merge_base(tip, head) for head in heads.values()]

    assert [base, base] == found
    assert [(sorted(heads), 2), *(([ref], 1000) for ref in heads)] == asked


COMMANDS = ("##[add-mask]x", "a ##[set-output name=pull;]1", "  ::add-mask::x", "one\n::error::two", "###[group]")


@pytest.mark.parametrize("text", COMMANDS)
@pytest.mark.parametrize("shown", [plain, json_line])
def test_nobody_s_words_are_commands_to_a_runner(shown: Callable[[str], str], text: str) -> None:
    """GitHub's runner obeys `##[command]` anywhere in a line of a job's output, and `::command` where one begins."""
    lines = shown(text).splitlines()

    assert not any("##[" in line or line.strip().startswith("::") for line in lines)
    assert text == json.loads(json_line(text))
