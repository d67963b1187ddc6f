"""A moderator waives a check for a release: it lands, counts for these bytes, and ends."""

from typing import Any

import pytest

from registry_tool.core.describe import Said
from registry_tool.core.times import from_seconds
from registry_tool.services.author import Folder, Prepared, assemble, submit
from registry_tool.services.mainline import check_main_line
from registry_tool.services.moderator import approve, queue
from registry_tool.services.rehearsing import rehearsal
from registry_tool.services.waiving import grant, listed
from tests.builders import as_payload
from tests.checks.changes import SKILL
from tests.proving import refusal
from tests.services.office import CARD, LINKS, MEANS, Office, an_office

pytestmark = pytest.mark.slow

TOKEN = b"gh" + b"p_" + b"aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dF4gH6\n"
DAY = 86_400


def looked(office: Office, *names: str, notes: bytes = TOKEN) -> Prepared:
    """A submission whose releases hold what looks like a token, however loudly the checks say so."""
    content = {**SKILL, "artifact.yaml": CARD, "notes.txt": notes}
    folders = [
        Folder(
            name, as_payload({**content, "of.md": name.encode()}), Said(artifact=name, version="1.0.0", author="ann")
        )
        for name in names
    ]
    return assemble(folders, tip=office.tip, desk=office.desk())


def leaks(office: Office, *names: str, notes: bytes = TOKEN) -> Prepared:
    """The same, submitted."""
    made = looked(office, *names, notes=notes)
    submit(made, office.history, onto=office.commit, at=office.tick())
    return made


def until(office: Office, days: int = 30) -> str:
    """So many days from now."""
    return from_seconds(office.now + days * DAY)


def waive(office: Office, target: str, check: str = "secrets", *, by: str = "mod", **more: Any) -> dict[str, Any]:
    """A waiver, for a month."""
    given = {"until": until(office), "reason": "an example", **more}
    return grant(office.bench(by), check, target, **given)


@pytest.mark.parametrize("named", [True, False])
def test_a_waived_release_can_be_approved(named: bool) -> None:
    """The checks refuse it, a waiver lands for the submission or the release, and then it is admitted as any other."""
    office = an_office()
    made = leaks(office, LINKS)

    assert (1, "checks-failed") == refusal(lambda: approve(office.bench(), made.id, note=""))

    value = waive(office, f"{LINKS}@1.0.0" if named else made.id)
    (waiting,) = queue(office.bench())

    assert ("mod", "secrets", [LINKS]) == (value["by"], value["check"], [row["artifact"] for row in value["waivers"]])
    assert value["commit"] == office.commit
    assert "review" == waiting.report.verdict
    assert "published" == approve(office.bench(), made.id, note="")["state"]
    check_main_line(office.history, office.commit, until=None, means=MEANS)


def test_the_author_hears_of_it_in_their_own_folder() -> None:
    """Who looks at the same folder again gets the same report as the queue: no fault any more."""
    office = an_office()
    made = leaks(office, LINKS)
    waive(office, made.id)
    again = looked(office, LINKS)

    assert queue(office.bench())[0].report.findings == again.report.findings
    assert "review" == again.report.verdict


def test_other_bytes_need_another_waiver() -> None:
    """The same version with one byte more is refused again, and the finding says that a waiver is for other bytes."""
    office = an_office()
    waive(office, leaks(office, LINKS).id)
    other = leaks(office, LINKS, notes=TOKEN + b"\n")
    found = next(one for one in queue(office.bench()) if one.change.submission == other.id).report

    assert "fail" == found.verdict
    assert "does not count: it is for other bytes" in found.findings[0].hint


def test_a_waiver_ends() -> None:
    """After its end the finding refuses again; a second waiver of the same release has a name of its own."""
    office = an_office()
    made = leaks(office, LINKS)
    first = waive(office, made.id, until=until(office, 1))
    office.now += 2 * DAY
    (waiting,) = queue(office.bench())
    second = waive(office, made.id)
    names = [row["waivers"][0]["id"] for row in (first, second)]

    assert ("fail", True) == (waiting.report.verdict, "it ended at" in waiting.report.findings[0].hint)
    assert f"{names[0]}-2" == names[1]
    assert "review" == queue(office.bench())[0].report.verdict
    assert [(names[0], True), (names[1], False)] == [(row["id"], bool(row["fault"])) for row in listed(office.bench())]


def test_every_release_with_the_finding_is_waived() -> None:
    """A submission's id means those of its releases of which the check says something grave."""
    office = an_office()
    made = leaks(office, LINKS, "@ann/tables")

    assert {LINKS, "@ann/tables"} == {row["artifact"] for row in waive(office, made.id)["waivers"]}
    assert (3, "nothing-to-waive") == refusal(lambda: waive(office, made.id, "sizes"))
    assert (3, "nothing-to-waive") == refusal(lambda: waive(office, made.id))


def test_a_release_on_the_main_line_can_be_waived() -> None:
    """What waits no more is named by its version; one that never was is told."""
    office = an_office()
    approve(office.bench(), office.publish(LINKS, "1.0.0").id, note="")

    assert [LINKS] == [row["artifact"] for row in waive(office, f"{LINKS}@1.0.0")["waivers"]]
    assert (3, "no-version") == refusal(lambda: waive(office, f"{LINKS}@9.0.0"))
    assert (2, "needs-version") == refusal(lambda: waive(office, LINKS))


def test_two_submissions_of_one_version_are_told_apart() -> None:
    """A version that two submissions bring with other bytes is named by the id of one of them."""
    office = an_office()
    for notes in (TOKEN, TOKEN + b"\n"):
        leaks(office, LINKS, notes=notes)

    assert (2, "several") == refusal(lambda: waive(office, f"{LINKS}@1.0.0"))


@pytest.mark.parametrize(
    ("check", "more", "expected"),
    [
        ("signature", {}, (2, "bad-check")),
        ("no-such-check", {}, (2, "bad-check")),
        ("secrets", {"reason": " "}, (2, "needs-reason")),
        ("secrets", {"until": from_seconds(0)}, (2, "bad-until")),
        ("secrets", {"until": "2029-01-01T00:00:00Z"}, (2, "bad-until")),
        ("secrets", {"until": "tomorrow"}, (1, "bad-time")),
    ],
)
def test_only_what_can_be_waived_is(check: str, more: dict[str, str], expected: tuple[int, str]) -> None:
    """A check that clients rely on, none, no reason, an end that was or is too far: nothing lands."""
    office = an_office()
    made = leaks(office, LINKS)
    before = office.commit

    assert expected == refusal(lambda: waive(office, made.id, check, **more))
    assert before == office.commit


def test_nobody_waives_for_themselves() -> None:
    """Who is the author is refused where policy wants other eyes, and not where it does not."""
    strict = an_office("mod", author_of={"mod": "ann"})
    personal = an_office("mod", author_of={"mod": "ann"}, self_approval=True)

    assert (5, "self-approval") == refusal(lambda: waive(strict, leaks(strict, LINKS).id))
    assert "mod" == waive(personal, leaks(personal, LINKS).id)["by"]


def test_what_did_not_arrive_is_waived_by_its_digest() -> None:
    """Where the checks keep a submission out, its author tells the digest; the waiver counts when it comes."""
    office = an_office()
    made = looked(office, LINKS)
    digest = made.report.change.releases[0].digest
    waive(office, f"{LINKS}@1.0.0", manifest=f"sha256:{digest}")

    assert "review" == looked(office, LINKS).report.verdict
    assert (2, "bad-digest") == refusal(lambda: waive(office, f"{LINKS}@1.0.0", manifest="sha256:x"))
    assert (2, "needs-version") == refusal(lambda: waive(office, LINKS, manifest=digest))
    assert (2, "needs-version") == refusal(lambda: waive(office, "1a2b3c", manifest=digest))


@pytest.mark.parametrize("known", [True, False])
def test_nobody_waives_by_a_digest_for_a_scope_of_theirs(known: bool) -> None:
    """Who publishes in the scope, or is called as one that nobody claimed yet, asks another moderator."""
    office = an_office("mod", "two", author_of={"mod": "ann"})
    if known:
        approve(office.bench("two"), office.publish(LINKS, "1.0.0").id, note="")
    digest = "f" * 64

    assert (5, "self-approval") == refusal(lambda: waive(office, f"{LINKS}@1.0.1", manifest=digest))
    assert "two" == waive(office, f"{LINKS}@1.0.1", manifest=digest, by="two")["by"]


def test_a_rehearsal_writes_nothing() -> None:
    """A dry run says what would be waived, and the main line stays."""
    office = an_office()
    made = leaks(office, LINKS)
    before = office.commit
    value = grant(rehearsal(office.bench()), "secrets", made.id, until=until(office), reason="x")

    assert ([LINKS], before) == ([row["artifact"] for row in value["waivers"]], office.commit)


def test_one_who_landed_first_is_waited_for() -> None:
    """Where the registry moves each time, it is said; where it moves once, the waiver lands on the newest state."""
    office = an_office()
    made = leaks(office, LINKS)

    class Busy:
        """A history in which somebody else lands first, so many times."""

        def __init__(self, times: int) -> None:
            self.times = times

        def __getattr__(self, name: str) -> Any:  # Any: a History
            return getattr(office.history, name)

        def move(self, branch: str, *, old: str | None, new: str | None) -> None:
            if self.times and branch == "main":
                self.times -= 1
                office.land({"index/registry.yaml": b"name: R%d\n" % self.times})
            office.history.move(branch, old=old, new=new)

    once = grant(office.bench(history=Busy(1)), "secrets", made.id, until=until(office), reason="x")

    assert once["commit"] == office.commit
    assert (5, "moved") == refusal(
        lambda: grant(office.bench(history=Busy(9)), "secrets", f"{LINKS}@1.0.0", until=until(office), reason="x")
    )


def test_a_list_names_what_cannot_be_read() -> None:
    """A file on the main line that is no waiver is listed with what is wrong with it."""
    office = an_office()
    office.land({"index/waivers/odd.json": b"{}"})
    (row,) = listed(office.bench())

    assert ("odd", None, True) == (row["id"], row["artifact"], bool(row["fault"]))
