"""The queue in rows: what the last look left is believed only while nothing that it rests on changed."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core.moderation import Mentions
from registry_tool.core.ports import Edit
from registry_tool.core.tree import Tree
from registry_tool.services.bench import Bench
from registry_tool.services.finding import find
from registry_tool.services.listing import Head, heads_named, looked, rows
from registry_tool.services.moderator import approve, flag, reject
from registry_tool.services.queueing import queue
from registry_tool.services.waitlist import remember
from tests.proving import refusal
from tests.services.office import LINKS, START, Office, an_office, with_links

pytestmark = pytest.mark.slow

DAY = 86_400


class Kept:
    """What looks leave, as it lies in a file."""

    def __init__(self, key: str = "this tool") -> None:
        self.key = key
        self.text = "{}"
        self.saved = 0

    def load(self) -> Mapping[str, Any]:
        """What was kept."""
        value: dict[str, Any] = json.loads(self.text)
        return value

    def save(self, value: Mapping[str, Any]) -> bool:
        """Keeps it."""
        self.text, self.saved = json.dumps(value), self.saved + 1
        return True


class Watched:
    """A history that says which commits' files were read."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.read: set[str] = set()
        self.compared: list[str] = []

    def __getattr__(self, name: str) -> Any:  # Any: whatever the history has
        return getattr(self._office.history, name)

    def changed(self, base: str | None, head: str) -> tuple[Edit, ...]:
        """What differs."""
        self.compared.append(head)
        return self._office.history.changed(base, head)

    def tree(self, commit: str) -> Tree:
        """The files of a commit."""
        self.read.add(commit)
        return self._office.history.tree(commit)


def bench_of(office: Office, kept: Kept | None = None, history: Any = None) -> Bench:
    """A moderator's desk at a moment, with what looks leave."""
    bench, now = office.bench(history=history), office.now
    return replace(bench, memory=kept, now=lambda: now)


def looked_at(office: Office, kept: Kept) -> list[str]:
    """The branches whose submissions another look reads; it gives what a look without memory gives."""
    history = Watched(office)
    found = rows(bench_of(office, kept, history))

    assert [one.value() for one in queue(bench_of(office))] == found
    return sorted(name for name, head in office.history.branches("submit/").items() if head in history.read)


def two(office: Office) -> tuple[str, str]:
    """Two updates of names in two scopes; their branches."""
    office.author = "bob"
    approve(office.bench(), office.publish("@bob/other", "1.0.0").id, note="")
    branch = office.publish("@bob/other", "1.1.0").branch
    office.author = "ann"
    return office.publish(LINKS, "1.1.0").branch, branch


def test_a_second_look_reads_nothing() -> None:
    """The first look reads every submission; as long as nothing changes the next reads none, and says the same."""
    office, kept = with_links(an_office()), Kept()
    branches = sorted(two(office))

    assert (branches, []) == (looked_at(office, kept), looked_at(office, kept))
    assert 1 == kept.saved


def another_name(office: Office) -> None:
    office.author = "eve"
    approve(office.bench(), office.publish("@eve/third", "1.0.0").id, note="")
    office.author = "ann"


def same_scope(office: Office) -> None:
    approve(office.bench(), office.publish("@ann/second", "1.0.0").id, note="")


def a_decision(office: Office) -> None:
    flag(office.bench(), find(office.bench(), _id_of(office, "ann")).change.submission, reason="other", note="look")


def an_older_decision(office: Office) -> None:
    office.now += 400 * DAY
    a_decision(office)


def other_policy(office: Office) -> None:
    office.land(office.evolve(lambda r: r.policy(count=2)))


def _id_of(office: Office, author: str) -> str:
    return next(one.change.submission for one in queue(bench_of(office)) if one.author == author)


@pytest.mark.parametrize(
    ("happens", "read"),
    [
        (another_name, []),
        (same_scope, ["ann"]),
        (a_decision, ["ann"]),
        (an_older_decision, ["ann"]),
        (other_policy, ["ann", "bob"]),
    ],
)
def test_only_what_it_concerns_is_looked_at_again(happens: Callable[[Office], None], read: list[str]) -> None:
    """A landing in its scope, a decision about it or another policy; what others do to other names does not matter."""
    office, kept = with_links(an_office()), Kept()
    branches = dict(zip(("ann", "bob"), two(office), strict=True))
    looked_at(office, kept)
    happens(office)

    assert sorted(branches[one] for one in read) == looked_at(office, kept)
    assert [] == looked_at(office, kept)


def test_a_push_is_another_submission() -> None:
    """The same branch with another commit is read again."""
    office, kept = with_links(an_office()), Kept()
    branch, _ = two(office)
    looked_at(office, kept)
    office.push(office.prepared(LINKS, "1.1.0", {"NEW.md": b"new\n"}).additions, branch=branch)

    assert [branch] == looked_at(office, kept)


def test_time_goes_on_without_a_look() -> None:
    """A wait that ends is told from what is remembered."""
    office, kept = an_office(), Kept()
    office.land(office.evolve(lambda r: r.policy(change=lambda value: value["waits"].update(new_name=DAY))))
    office.publish(LINKS, "1.0.0")
    remember(office.bench(), queue(office.bench()))
    looked_at(office, kept)
    office.now += 2 * DAY

    assert [] == looked_at(office, kept)
    assert [True] == [row["need"]["due"] for row in rows(bench_of(office, kept))]


def test_what_cannot_be_read_and_what_was_merged_are_rows_too() -> None:
    """A branch of another history, and a release that somebody put on the main line."""
    office, kept = with_links(an_office()), Kept()
    alien = office.history.commit({"x": b"y"}, onto=None, message="x\n", author="E <e@example.org>", at=START)
    office.history.move("submit/alien", old=None, new=alien)
    office.land(office.prepared(LINKS, "1.1.0").additions)
    looked_at(office, kept)

    assert ["merged", "pending"] == sorted(row["state"] for row in rows(bench_of(office, kept)))
    assert looked_at(office, kept) == []


def test_the_main_line_is_walked_once() -> None:
    """A commit of which nothing was left over is not compared again; one that brings something by hand is seen."""
    office, kept = with_links(an_office()), Kept()
    looked_at(office, kept)
    another_name(office)
    history = Watched(office)
    rows(bench_of(office, kept, history))
    compared = list(history.compared)
    office.land(office.prepared(LINKS, "1.1.0").additions)

    assert [office.history.info(office.commit).parents[0]] == compared
    assert ["merged"] == [row["state"] for row in rows(bench_of(office, kept))]
    assert ["merged"] == [row["state"] for row in rows(bench_of(office, kept))]


@pytest.mark.parametrize(
    "text",
    ["{}", '{"format": 0}', '{"format": 1, "key": "another tool", "rows": {"x": 1}}'],
)
def test_what_another_tool_left_counts_for_nothing(text: str) -> None:
    """Everything is looked at again."""
    office, kept = with_links(an_office()), Kept()
    branches = sorted(two(office))
    looked_at(office, kept)
    kept.text = text

    assert branches == looked_at(office, kept)


def test_a_flag_is_remembered_with_its_words() -> None:
    """Who said what about it is in the row, also when nobody looks again."""
    office, kept = with_links(an_office()), Kept()
    two(office)
    a_decision(office)
    looked_at(office, kept)

    assert [] == looked_at(office, kept)
    assert ["look"] == [one["note"] for row in rows(bench_of(office, kept)) for one in row["need"]["flagged"]]


def test_what_is_decided_leaves_the_rows() -> None:
    """A rejected submission is gone, and so is what was remembered of it."""
    office, kept = with_links(an_office()), Kept()
    two(office)
    looked_at(office, kept)
    reject(replace(office.bench(), memory=kept), _id_of(office, "ann"), reason="other", note="no")

    assert ["bob"] == [row["author"] for row in rows(bench_of(office, kept))]
    assert 1 == len(kept.load()["rows"])


def test_work_can_be_shared() -> None:
    """Whoever looks gets the submissions that are not remembered, and what it gives is what is shown."""
    office, kept = with_links(an_office()), Kept()
    two(office)
    given: list[int] = []

    def share(heads: Sequence[Head], decided: Mentions) -> Iterable[tuple[str, dict[str, Any]]]:
        given.append(len(heads))
        return reversed(list(looked(bench_of(office), heads, decided)))

    first = rows(bench_of(office, kept), share=share)

    assert first == rows(bench_of(office, kept), share=share) == rows(bench_of(office))
    assert [2, 0] == given


def test_an_id_finds_what_is_read_anew() -> None:
    """Of two submissions only the one that is meant is read; what is remembered of it is not what is decided about."""
    office, kept = with_links(an_office()), Kept()
    branch, _ = two(office)
    name = _id_of(office, "ann")
    rows(bench_of(office, kept))
    history = Watched(office)
    found = find(bench_of(office, kept, history), name[:12])

    assert (name, {office.history.branches()[branch]}) == (
        found.change.submission,
        history.read & set(office.history.branches("submit/").values()),
    )


def test_a_memory_that_lies_lets_nothing_in() -> None:
    """An id under which something else is remembered is looked for everywhere, and names what brings it."""
    office, kept = with_links(an_office()), Kept()
    two(office)
    ann, bob = _id_of(office, "ann"), _id_of(office, "bob")
    rows(bench_of(office, kept))
    kept.text = kept.text.replace(ann, "0" * 64).replace(bob, ann).replace("0" * 64, bob)

    assert ("ann", "bob") == tuple(find(bench_of(office, kept), one).author for one in (ann, bob))
    assert (3, "no-submission") == refusal(lambda: find(bench_of(office, kept), "f" * 64))
    assert 1 == len(heads_named(bench_of(office, kept), ann))
