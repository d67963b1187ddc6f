"""Since when submissions wait: by the registry's clock, and never shorter by anybody's word."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.digest import sha256
from registry_tool.core.errors import StateForbids
from registry_tool.core.sealing import sealed
from registry_tool.core.times import from_seconds
from registry_tool.core.waiting import DECIDED_ROWS, QUEUE_BRANCH, WAITING_ROWS, WAITLIST, WAITLIST_BYTES, Seen
from registry_tool.services.bench import Bench
from registry_tool.services.moderator import approve, queue
from registry_tool.services.rehearsing import rehearsal
from registry_tool.services.waitlist import fault_of, first_seen, key_of, recall, remember, with_room
from registry_tool.stores.git import GitHistory
from registry_tool.stores.pushed import PushedHistory
from registry_tool.stores.remote import Remote
from tests.proving import refusal
from tests.services.office import LINKS, START, Office, an_office

pytestmark = pytest.mark.slow

ONE, OTHER = "1" * 64, "2" * 64
WEEK = 7 * 86400


def the_list(office: Office, history: Any = None) -> dict[str, Any]:  # Any: JSON
    """The list as it lies on the branch."""
    history = history or office.history
    data = history.tree(history.branches(QUEUE_BRANCH)[QUEUE_BRANCH]).read(WAITLIST)
    value: dict[str, Any] = canonical.parse(data, limit=WAITLIST_BYTES, what="the list")
    return value


def put(office: Office, files: Mapping[str, bytes]) -> None:
    """Puts files on the branch as whoever may push there."""
    made = office.history.commit(files, onto=None, message="x\n", author="E <e@example.org>", at=START)
    office.history.move(QUEUE_BRANCH, old=office.history.branches(QUEUE_BRANCH).get(QUEUE_BRANCH), new=made)


def rewritten(office: Office, change: Callable[[dict[str, Any]], None], by: str = "mod") -> None:
    """Puts a changed list there, signed by `by`."""
    value = the_list(office)
    change(value)
    put(office, sealed(WAITLIST, value, [office.registry.hand(by)]))


def test_a_wait_begins_when_the_registry_sees_it() -> None:
    """The first look counts, by this machine's clock; later looks change nothing, and the branch has no history."""
    office = an_office()
    first = dict(first_seen(office.bench(), [ONE]))
    began = office.now
    office.now += WEEK
    commit = office.history.branches(QUEUE_BRANCH)[QUEUE_BRANCH]
    again = dict(first_seen(office.bench(), [ONE]))

    assert ({ONE: began}, {ONE: began}) == (first, again)
    assert commit == office.history.branches(QUEUE_BRANCH)[QUEUE_BRANCH]

    both = first_seen(office.bench(), [ONE, OTHER])
    head = office.history.branches(QUEUE_BRANCH)[QUEUE_BRANCH]

    assert {ONE: began, OTHER: office.now} == dict(both)
    assert () == office.history.info(head).parents
    assert {WAITLIST, f"waitlist.{mod_key(office)}.sig"} == {one.name for one in office.history.tree(head).list("")}


def mod_key(office: Office) -> str:
    """The reference to the moderator's key."""
    return sha256(office.registry.hand("mod").key)[:16]


def test_the_commits_own_time_says_nothing() -> None:
    """A submission whose author dates it years back waits since it was seen."""
    office = an_office()
    made = office.prepared(LINKS, "1.0.0")
    old = office.history.commit(made.additions, onto=office.commit, message="x\n", author="A <a@example.org>", at=1)
    office.history.move(made.branch, old=None, new=old)

    (waiting,) = queue(office.bench())
    seen = remember(office.bench(), [waiting]).seen

    assert {made.id: office.now} == seen


def test_a_rehearsal_writes_nothing() -> None:
    """A dry run is told that it would wait since now, and the branch is not there."""
    office = an_office()
    bench = rehearsal(office.bench())

    assert {ONE: office.now + 60} == dict(first_seen(bench, [ONE]))
    assert {ONE: office.now} == dict(first_seen(bench, [ONE]))
    assert {} == office.history.branches("registry/")


def test_who_does_not_decide_remembers_nothing() -> None:
    """Without a key of a moderator or the gate nothing is written, and it says so."""
    office = an_office()
    found = remember(office.bench(""), [])
    office.publish(LINKS, "1.0.0")
    waiting = queue(office.bench())
    more = remember(office.bench(""), waiting)

    assert ("", {}) == (found.note, found.seen)
    assert ({key_of(waiting[0]): office.now}, True) == (more.seen, "no key" in more.note)
    assert {} == office.history.branches("registry/")


def an_earlier(value: dict[str, Any]) -> None:
    """As if it had waited for long."""
    value["waiting"][0]["seen"] = "2001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(lambda o: {}, id="nothing"),
        pytest.param(lambda o: {WAITLIST: b"{}"}, id="unsigned"),
        pytest.param(lambda o: sealed(WAITLIST, the_list(o), [o.registry.hand("eve")]), id="by a stranger"),
        pytest.param(lambda o: sealed(WAITLIST, {"schema": "x"}, [o.registry.hand("mod")]), id="no list"),
        pytest.param(
            lambda o: sealed(WAITLIST, {**the_list(o), "registry": ONE}, [o.registry.hand("mod")]), id="elsewhere"
        ),
        pytest.param(lambda o: {WAITLIST: b" " * (16 * 1024 * 1024 + 1)}, id="too large"),
        pytest.param(
            lambda o: {**sealed(WAITLIST, the_list(o), [o.registry.hand("mod")]), WAITLIST: b"{ }"}, id="other bytes"
        ),
    ],
)
def test_what_nobody_who_decides_signed_lets_waits_begin_anew(files: Callable[[Office], dict[str, bytes]]) -> None:
    """Whoever spoils the branch makes waits longer; it says so, it is written anew, and a guard refuses the push."""
    office = an_office()
    first_seen(office.bench(), [ONE])
    began = office.now
    put(office, files(office))
    moderators = office.registry.government().moderators.head.body
    spoilt = office.history.tree(office.history.branches(QUEUE_BRANCH)[QUEUE_BRANCH])
    office.now += WEEK

    note = recall(office.bench()).note
    again = first_seen(office.bench(), [ONE])
    bench = office.bench()

    assert "all waits begin anew" in note
    assert {ONE: office.now} == dict(again) != {ONE: began}
    assert "" != fault_of(spoilt, registry=office.registry.id, moderators=moderators, bench=bench)
    assert "" == recall(bench).note


def test_a_guard_lets_through_what_counts() -> None:
    """The list with the signature of an active key, and no other file beside it."""
    office = an_office()
    first_seen(office.bench(), [ONE])
    moderators = office.registry.government().moderators.head.body
    good = office.history.branches(QUEUE_BRANCH)[QUEUE_BRANCH]
    more = office.history.commit({"x": b""}, onto=good, message="x\n", author="E <e@example.org>", at=START)
    said = [
        fault_of(office.history.tree(one), registry=office.registry.id, moderators=moderators, bench=office.bench())
        for one in (good, more)
    ]

    assert ["", "registry/queue holds waitlist.json and its signature, and nothing else"] == said


def test_an_earlier_time_cannot_be_made_up() -> None:
    """A `seen` of years ago that a stranger signed counts for nothing, for a known submission and for one to come."""
    office = an_office()
    first_seen(office.bench(), [ONE])
    rewritten(office, an_earlier, by="eve")

    assert {ONE: office.now + 60, OTHER: office.now + 60} == dict(first_seen(office.bench(), [ONE, OTHER]))


def test_a_key_that_ended_writes_no_list() -> None:
    """What a removed moderator signed counts for nothing."""
    office = an_office("mod", "amy")
    ended = {"status": "revoked", "since": from_seconds(START), "reason": "stolen"}
    first_seen(office.bench(), [ONE])
    began = office.now
    people = {"mod": None, "amy": None}
    office.land(office.evolve(lambda r: r.moderators(people, change=lambda v: v["people"][0]["keys"][0].update(ended))))

    assert {ONE: office.now + 60} == dict(first_seen(office.bench("amy"), [ONE])) != {ONE: began}


def test_a_time_to_come_counts_as_now() -> None:
    """A clock that ran ahead does not keep a submission waiting for years, and the row is mended."""
    office = an_office()
    first_seen(office.bench(), [ONE])
    rewritten(office, lambda value: value["waiting"][0].update(seen="2050-01-01T00:00:00Z"))
    mended = first_seen(office.bench(), [ONE])

    assert {ONE: office.now} == dict(mended)
    assert from_seconds(office.now) == the_list(office)["waiting"][0]["seen"]


def test_a_list_of_a_newer_tool_is_left_alone() -> None:
    """It is signed and says more than this tool knows: the tool is to be updated."""
    office = an_office()
    first_seen(office.bench(), [ONE])
    rewritten(office, lambda value: value.update(schema="registry.waitlist/2"))

    assert (1, "newer-schema") == refusal(lambda: first_seen(office.bench(), [ONE]))


class Contested:
    """A history in which somebody writes the list just before we do, `times` times."""

    def __init__(self, office: Office, times: int) -> None:
        self._office = office
        self._times = times

    def __getattr__(self, name: str) -> Any:  # Any: whatever the history has
        return getattr(self._office.history, name)

    def move(self, branch: str, *, old: str | None, new: str | None) -> None:
        """Somebody else is faster."""
        if self._times and branch == QUEUE_BRANCH:
            self._times -= 1
            first_seen(self._office.bench(), [sha256(b"%d" % self._times)])
        self._office.history.move(branch, old=old, new=new)


def test_two_that_write_at_once_lose_nothing() -> None:
    """The slower one starts again from what the other wrote; one who is never fast enough says so."""
    office = an_office()
    first_seen(office.bench(history=Contested(office, 2)), [ONE])

    assert {ONE, sha256(b"0"), sha256(b"1")} == set(recall(office.bench()).seen)
    assert (5, "moved") == refusal(lambda: first_seen(office.bench(history=Contested(office, 9)), [OTHER]))


class Guarded(Contested):
    """A history whose keeper lets nobody write the list."""

    def __init__(self, office: Office, code: str) -> None:
        super().__init__(office, 0)
        self._code = code

    def move(self, branch: str, *, old: str | None, new: str | None) -> None:
        """Declines."""
        raise StateForbids("the other side declined", code=self._code)


@pytest.mark.parametrize("code", ["declined", "moved", "locked"])
def test_a_branch_that_nobody_may_write_only_keeps_waits_from_ending(code: str) -> None:
    """The queue can still be read, and it says why nothing new is remembered."""
    office = an_office()
    office.publish(LINKS, "1.0.0")
    found = remember(office.bench(history=Guarded(office, code)), queue(office.bench()))

    assert [office.now] == list(found.seen.values())
    assert "registry/queue cannot be written: the other side declined" in found.note


def test_what_others_landed_does_not_begin_the_wait_anew() -> None:
    """Half of a submission lands with another one: its id changes, its wait does not."""
    office = an_office()
    one = office.prepared(LINKS, "1.0.0")
    other = office.prepared("@ann/other", "1.0.0")
    office.push(one.additions, branch="submit/one")
    office.push({**one.additions, **other.additions}, branch="submit/two")
    before = remember(office.bench(), queue(office.bench())).seen
    approve(office.bench(), one.id, note="")
    (waiting,) = queue(office.bench())

    assert waiting.change.submission != waiting.brought
    assert before[waiting.brought] == remember(office.bench(), [waiting]).seen[waiting.brought]


def test_the_list_is_bounded() -> None:
    """The last 500 decided stay; of too many that wait the oldest are remembered."""
    office = an_office()
    first_seen(office.bench(), [ONE])
    row = {"id": OTHER, "titles": ["x"], "seen": from_seconds(1), "decided": from_seconds(2), "outcome": "published"}
    rewritten(office, lambda value: value.update(decided=[row] * DECIDED_ROWS))
    office.publish(LINKS, "1.0.0")
    remember(office.bench(), queue(office.bench()))
    for branch, head in office.history.branches("submit/").items():
        office.history.move(branch, old=head, new=None)
    remember(office.bench(), [])

    assert (DECIDED_ROWS, "withdrawn") == (len(the_list(office)["decided"]), the_list(office)["decided"][-1]["outcome"])

    many = first_seen(office.bench(), [sha256(b"%d" % number) for number in range(WAITING_ROWS + 5)])
    commit = office.history.branches(QUEUE_BRANCH)[QUEUE_BRANCH]
    first_seen(office.bench(), list(many))

    assert (WAITING_ROWS, WAITING_ROWS + 5) == (len(the_list(office)["waiting"]), len(many))
    assert commit == office.history.branches(QUEUE_BRANCH)[QUEUE_BRANCH]


def test_many_large_ones_do_not_spoil_the_list() -> None:
    """Where what they bring would make the list too large, of the newest only the times are kept."""
    waiting = {row.id: row for row in map(a_large_one, range(400))}
    room = with_room(waiting)

    assert waiting.keys() == room.keys()
    assert {0, 200} == {len(row.releases) for row in room.values()}
    assert [row.seen for row in waiting.values()] == [room[name].seen for name in waiting]
    assert sum(len(row.to_bytes()) for row in room.values()) < WAITLIST_BYTES


def a_large_one(number: int) -> Seen:
    """A submission of 200 releases with long names."""
    release = {"artifact": f"@{'a' * 50}/{'b' * 50}", "version": "1.0.0", "manifest": ONE}
    name = sha256(b"%d" % number)
    return Seen.of({"id": name, "seen": from_seconds(number), "releases": [release] * 200, "statements": []})


@pytest.mark.parametrize("bare", [True, False])
def test_it_works_where_the_registry_lies_elsewhere(tmp_path: Path, bare: bool) -> None:
    """In a repository on disk and through its address the same list is read and written."""
    office = an_office()
    disk = GitHistory.init(tmp_path / "reg", bare=bare)
    main = disk.commit(office.files(), onto=None, message="x\n", author="A <a@example.org>", at=START)
    disk.move("main", old=None, new=main)
    here = dict(first_seen(office.bench(history=disk), [ONE]))
    remote = Remote(f"file://{tmp_path / 'reg'}", env={"PATH": "/usr/bin:/bin"}, workdir=tmp_path / "cache")
    bench: Bench = office.bench(history=PushedHistory(remote, main="main"))
    there = dict(first_seen(bench, [ONE, OTHER]))

    assert here[ONE] == there[ONE]
    assert there == dict(first_seen(office.bench(history=GitHistory.open(tmp_path / "reg")), [OTHER, ONE]))
    assert main == GitHistory.open(tmp_path / "reg").resolve("main")
