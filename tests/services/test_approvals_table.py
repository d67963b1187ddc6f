"""Approvals that count for nothing, and waits that hold for people too: as tables (B2)."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.errors import StateForbids
from registry_tool.services.moderator import approve, flag, objection, queue, reject
from tests.proving import refusal
from tests.services.office import LINKS, Office, an_office, verified

pytestmark = pytest.mark.slow

FOLDER = "index/releases/an/ann/links/1.1.0/approvals"
DAY = 86_400


def waiting() -> tuple[Office, str]:
    """Policy wants two people; `mod` approved an update."""
    office = an_office("mod", "two", "three", count=2)
    first = office.publish(LINKS, "1.0.0").id
    for who in ("mod", "two"):
        approve(office.bench(who), first, note="")
    name = office.publish(LINKS, "1.1.0").id
    approve(office.bench("mod"), name, note="")
    return office, name


def laid(office: Office, by: str, change: Callable[[dict[str, Any]], object], *, version: str = "1.1.0") -> None:
    """The approval of `mod`, changed and signed again, where `by` would lay theirs."""
    path = f"{FOLDER}/mod.json"
    value = canonical.parse(office.files()[path], limit=10**6, what=path)
    change(value)
    registry = office.registry
    registry.files = {}
    registry.document(f"{FOLDER.replace('1.1.0', version)}/{by}.json", value, (by,))
    office.land(registry.files)


def another_digest(office: Office) -> None:
    laid(office, "two", lambda value: value.update(manifest=f"sha256:{'0' * 64}"))


def another_version(office: Office) -> None:
    laid(office, "two", lambda value: value.update(version="1.2.0"))


def another_registry(office: Office) -> None:
    laid(office, "two", lambda value: value.update(registry="0" * 64))


def a_stranger(office: Office) -> None:
    laid(office, "eve", lambda value: None)


def a_month_ago(office: Office) -> None:
    laid(office, "two", lambda value: value.update(at="2026-12-01T00:00:00Z"))


def who_left(office: Office) -> None:
    """`two` approves, and their key ended before that."""
    laid(office, "two", lambda value: None)

    def change(value: dict[str, Any]) -> None:
        value["people"][1]["keys"][0] |= {"status": "retired", "since": "2027-01-15T08:00:00Z"}

    people = {"mod": None, "two": None, "three": None}
    office.land(office.evolve(lambda r: r.moderators(people, by=("mod",), under=(), change=change)))


@pytest.mark.parametrize(
    "other", [another_digest, another_version, another_registry, a_stranger, a_month_ago, who_left]
)
def test_an_approval_that_does_not_count_is_nobody_s(other: Callable[[Office], None]) -> None:
    """With it there are still not two: the one who comes next is the second."""
    office, name = waiting()
    other(office)

    assert (5, "approved-already") == refusal(lambda: approve(office.bench("mod"), name, note=""))
    assert "published" == approve(office.bench("three"), name, note="")["state"]
    assert ("mod", "three") == verified(office, "1.1.0").approved_by


def test_any_push_voids_an_approval() -> None:
    """Other bytes are another submission, which nobody approved yet."""
    office, name = waiting()
    (branch,) = office.history.branches("submit/")
    other = office.prepared(LINKS, "1.1.0", {"more.md": b"more\n"})
    office.push(other.additions, branch=branch)
    state = approve(office.bench("two"), other.id, note="")["state"]

    assert (name != other.id, "approved") == (True, state)
    assert (3, "no-submission") == refusal(lambda: approve(office.bench("two"), name, note=""))


def test_an_approval_is_not_the_next_version_s() -> None:
    """Nor is it for the same bytes under another name."""
    office, name = waiting()
    approve(office.bench("two"), name, note="")
    later = office.publish(LINKS, "1.1.1").id

    assert "approved" == approve(office.bench("mod"), later, note="")["state"]


@pytest.mark.parametrize("say", [reject, flag, objection])
def test_what_was_said_later_voids_an_approval(say: Callable[..., Any]) -> None:
    """Whoever approved before did not know; after an objection nobody approves."""
    office, name = waiting()
    say(office.bench("three"), name, reason="other", note="wait")
    if say is objection:
        assert (5, "objection") == refusal(lambda: approve(office.bench("two"), name, note="", despite_flag=True))
        return
    if say is reject:
        name = office.publish(LINKS, "1.1.0").id
    states = [approve(office.bench(who), name, note="", despite_flag=True)["state"] for who in ("two", "mod")]

    assert ["approved", "published"] == states


def test_a_new_name_waits_also_for_people() -> None:
    """The approval is kept, and says until when; it is admitted once that is over, by whoever comes then."""
    office = an_office("mod", "two", waits={"new_name": 3 * DAY})
    name = office.publish(LINKS, "1.0.0").id
    early = approve(office.bench("mod"), name, note="")
    with pytest.raises(StateForbids) as refused:
        approve(office.bench("mod"), name, note="")
    (listed,) = queue(office.bench("mod"))
    office.now += 3 * DAY
    done = approve(office.bench("mod"), name, note="")

    assert ("approved", True) == (early["state"], "and until 2027-01-18T08:" in early["waits"])
    assert ("approved-already", True) == (refused.value.code, "until 2027-01-18T08:" in refused.value.hint)
    assert early["waits"] in listed.waits
    assert ("published", ("mod",)) == (done["state"], verified(office).approved_by)


def test_who_comes_after_the_wait_admits_it_alone_where_one_is_enough() -> None:
    """The approval that waited counts with theirs."""
    office = an_office("mod", "two", waits={"new_name": 3 * DAY})
    name = office.publish(LINKS, "1.0.0").id
    approve(office.bench("mod"), name, note="")
    office.now += 3 * DAY
    approve(office.bench("two"), name, note="")

    assert ("mod", "two") == verified(office).approved_by


def test_a_push_begins_to_wait_anew() -> None:
    """Since when something waits hangs on its bytes."""
    office = an_office("mod", waits={"new_name": 3 * DAY})
    approve(office.bench(), office.publish(LINKS, "1.0.0").id, note="")
    (branch,) = office.history.branches("submit/")
    office.now += 3 * DAY
    other = office.prepared(LINKS, "1.0.0", {"more.md": b"more\n"})
    office.push(other.additions, branch=branch)

    assert "approved" == approve(office.bench(), other.id, note="")["state"]
