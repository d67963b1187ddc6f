"""What became of submissions that waited: read from the record, and kept for the numbers."""

from registry_tool.core.times import to_seconds
from registry_tool.services.moderator import approve, queue, reject
from registry_tool.services.waitlist import first_seen, remember
from tests.services.office import LINKS, an_office, with_links

ONE = "1" * 64


def test_what_is_decided_is_kept_for_the_numbers() -> None:
    """Published, rejected and withdrawn ones stay with their times; one of which only the id is known does not."""
    office = with_links(an_office())
    made = [office.publish(LINKS, f"1.{number}.0", {"N.md": b"%d" % number}) for number in (1, 2, 3)]
    seen = remember(office.bench(), queue(office.bench())).seen
    first_seen(office.bench(), [ONE])
    approve(office.bench(), made[0].id, note="")
    reject(office.bench(), made[1].id, reason="quality", note="no")
    office.history.move(made[2].branch, old=office.history.branches(made[2].branch)[made[2].branch], new=None)
    after = remember(office.bench(), queue(office.bench()))

    assert {} == after.seen
    assert [
        (made[0].id, "published", "@ann/links@1.1.0"),
        (made[1].id, "rejected", "@ann/links@1.2.0"),
        (made[2].id, "withdrawn", "@ann/links@1.3.0"),
    ] == [(one.id, one.outcome, one.titles[0]) for one in after.decided]
    assert [seen[one.id] for one in made] == [to_seconds(one.seen) for one in after.decided]
    assert after == remember(office.bench(), queue(office.bench()))
    assert all(one.seen <= one.decided for one in after.decided)


def test_a_statement_that_landed_was_published() -> None:
    """A first submission of keys alone is known by its statements."""
    office = an_office()
    made = office.prepared(LINKS, "1.0.0")
    chains = {path: data for path, data in made.additions.items() if "/releases/" not in path}
    office.push(chains)
    (waiting,) = queue(office.bench())
    remember(office.bench(), [waiting])
    approve(office.bench(), waiting.change.submission, note="")
    (decided,) = remember(office.bench(), queue(office.bench())).decided

    assert ("published", tuple(path for path in sorted(chains) if path.endswith(".json"))) == (
        decided.outcome,
        decided.titles,
    )
