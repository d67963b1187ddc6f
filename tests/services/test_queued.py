"""The queue as one file: what waits, what it needs, and the numbers of the record."""

from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import digest_of
from registry_tool.core.moderation import moderation_subject
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.waiting import QUEUE_BRANCH, read_queue
from registry_tool.services.moderator import approve, flag, reject
from registry_tool.services.queued import export_queue, take_downs
from registry_tool.services.rehearsing import rehearsal
from tests.builders import START as BEGUN
from tests.builders import RegistryInMemory, a_registry
from tests.services.office import LINKS, MEANS, START, an_office, with_links

SOLAR = "@ann/solar"
HOUR = 3600


def test_every_submission_that_waits_is_a_row() -> None:
    """Who, what, since when and how long, what the checks say and what it needs, oldest first."""
    office = with_links(an_office())
    office.publish(LINKS, "1.1.0", {"N.md": b"1"})
    export_queue(office.bench())
    office.now += 5 * HOUR
    office.publish("@ann/other", "1.0.0")
    found, note = export_queue(office.bench())
    old, new = found.waiting

    assert ("", office.registry.id, from_seconds(office.now)) == (note, found.registry, found.as_of)
    assert [("@ann/links", "1.1.0", "skill", "skills")] == [
        (one.artifact, one.version, one.kind, one.category) for one in old.releases
    ]
    assert (["ann", "ann"], ["pending", "pending"]) == (
        [row.author for row in found.waiting],
        [row.state for row in found.waiting],
    )
    assert (office.now - 60 - START) // HOUR == old.age_seconds // HOUR == 5
    assert new.age_seconds < HOUR
    assert "waits for one person: @ann/other is a new name" in new.need
    assert (2, old.age_seconds) == (found.statistics.waiting.count, found.statistics.waiting.p90_seconds)
    assert found == read_queue(found.to_bytes(), registry=office.registry.id)


def test_a_second_export_in_the_same_second_is_the_same() -> None:
    """It reads the clock for `as_of` alone: with the same record, the same bytes."""
    office = with_links(an_office())
    office.publish(LINKS, "1.1.0")
    first, _ = export_queue(office.bench())
    bench = office.bench()
    frozen = type(bench)(bench.history, bench.kinds, bench.checks, bench.means, bench.keys, lambda: office.now)

    assert export_queue(frozen)[0].to_bytes() == export_queue(frozen)[0].to_bytes()
    assert first.waiting[0].since == export_queue(frozen)[0].waiting[0].since


def test_what_cannot_be_read_is_a_row_too() -> None:
    """A branch of another history waits for somebody to reject it, without an author or releases."""
    office = an_office()
    alien = office.history.commit({"x": b"y"}, onto=None, message="x\n", author="E <e@example.org>", at=START)
    office.history.move("submit/alien", old=None, new=alien)
    (row,) = export_queue(office.bench())[0].waiting

    assert (None, (), "fail", "") == (row.author, row.releases, row.verdict, row.need)


def test_statements_are_told_in_words() -> None:
    """A first submission says whom it registers."""
    office = an_office()
    office.publish(LINKS, "1.0.0")
    (row,) = export_queue(office.bench())[0].waiting

    assert 2 == len(row.statements)
    assert any("ann" in one for one in row.statements)


def test_a_flag_is_in_its_row() -> None:
    """Who wants others to look twice, why, and since when."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    flag(office.bench(), made.id, reason="permissions", note="why?")
    (row,) = export_queue(office.bench())[0].waiting

    assert ("flagged", [("mod", "permissions", "why?")]) == (
        row.state,
        [(one.by, one.reason, one.note) for one in row.flags],
    )


def test_what_was_decided_is_counted() -> None:
    """Of those that the registry saw waiting: how many came to what, and how long they took."""
    office = with_links(an_office())
    made = [office.publish(LINKS, f"1.{number}.0", {"N.md": b"%d" % number}) for number in (1, 2)]
    export_queue(office.bench())
    office.now += HOUR
    approve(office.bench(), made[0].id, note="")
    reject(office.bench(), made[1].id, reason="quality", note="no")
    said = export_queue(office.bench())[0].statistics

    assert (0, 2) == (said.waiting.count, said.decided.count)
    assert (1, 1, 0) == (said.published, said.rejected, said.withdrawn)
    assert said.decided.median_seconds is not None
    assert said.decided.median_seconds // HOUR == 1


def test_a_dry_run_remembers_nothing() -> None:
    """It tells the same, and no branch is there after it."""
    office = with_links(an_office())
    office.publish(LINKS, "1.1.0")

    assert 1 == len(export_queue(rehearsal(office.bench()))[0].waiting)
    assert {} == office.history.branches("registry/")


def test_what_keeps_the_list_from_being_written_is_said() -> None:
    """Somebody without a key gets the queue, and hears that nothing is remembered."""
    office = with_links(an_office())
    office.publish(LINKS, "1.1.0")
    found, note = export_queue(office.bench(""))

    assert (1, True) == (len(found.waiting), "nothing new is remembered" in note)
    assert {} == office.history.branches(QUEUE_BRANCH)


def at(hours: int) -> str:
    """A time so many hours after the first release."""
    return from_seconds(to_seconds(BEGUN) + 100_000 + hours * HOUR)


def flagged(registry: RegistryInMemory, hours: int) -> None:
    """Somebody flagged the release."""
    submission, year = "7" * 64, at(hours)[:4]
    value: dict[str, Any] = {
        "schema": "registry.moderation/1",
        "registry": registry.id,
        "subject": moderation_subject(submission, year),
        "number": 1,
        "previous": None,
        "mode": "continue",
        "under": {"moderators": registry.head("moderators")},
        "action": "flag",
        "submission": submission,
        "manifests": [digest_of(registry.proof(SOLAR, "1.0.0").manifest)],
        "reason": "malicious",
        "note": "",
        "at": at(hours),
    }
    registry.document(f"{layout.moderation_folder(submission, year)}/1.json", value, ("mod",))


@pytest.mark.parametrize(
    ("acts", "hours"),
    [
        ([], []),
        ([("yank", 1)], []),
        ([("quarantine", 5)], [5]),
        ([("revoke", 5), ("withhold", 9)], [5]),
        ([("flag", 2), ("quarantine", 5)], [3]),
        ([("quarantine", 5), ("flag", 9)], [5]),
    ],
)
def test_a_take_down_counts_from_the_first_flag_or_the_admission(acts: list[tuple[str, int]], hours: list[int]) -> None:
    """Each release once, until the first time that it was taken down; a yank takes nothing down."""
    registry = a_registry(demo=False)
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", at=at(0))
    registry.publish(SOLAR, "1.1.0", {"theme.css": b"x"})
    for act, hour in acts:
        if act == "flag":
            flagged(registry, hour)
        else:
            registry.event(SOLAR, "1.0.0", act, at=at(hour))

    assert [hour * HOUR for hour in hours] == list(take_downs(registry.tree(), means=MEANS))
