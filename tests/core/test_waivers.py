"""Waivers: which hold, what they lift, and what is said of those that do not count."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.change import Change
from registry_tool.core.errors import RegistryError, StateForbids
from registry_tool.core.families import FAMILIES
from registry_tool.core.findings import Finding, Level
from registry_tool.core.layout import locate
from registry_tool.core.review import Check
from registry_tool.core.standing import government_at
from registry_tool.core.waivers import reviewed, waiver_name, waivers_at
from tests.builders import Change as Edited
from tests.builders import RegistryInMemory
from tests.checks.changes import LOOKED_AT, change, skill, with_candidate
from tests.checks.fixtures import update
from tests.proving import MEANS

AT, UNTIL = "2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z"
WAIVER = FAMILIES["waiver"]


def a_check(
    name: str = "secrets", *, path: str = "@ann/links@1.0.1", waivable: bool = True, level: Level = "fail"
) -> Check:
    """A check that finds one thing about a release."""
    found = [Finding(name, level, "a token", path, "take it out")]
    return Check(name, 34, "title", "why", level, lambda change: found, waivable=waivable)


def digest_of(made: Change) -> str:
    """The release's digest."""
    return made.releases[0].digest


def waive(
    registry: RegistryInMemory,
    digest: str,
    /,
    *,
    name: str = "",
    by: Sequence[str] = ("mod",),
    edit: Edited = None,
    **said: Any,
) -> str:
    """A waiver of `secrets` for @ann/links@1.0.1 with the manifest `digest`; its name."""
    name = name or waiver_name("secrets", digest)
    value = {
        "schema": "registry.waiver/1",
        "registry": registry.id,
        "subject": f"waivers/{name}",
        "number": 1,
        "previous": None,
        "mode": "continue",
        "under": {"moderators": registry.head("moderators")},
        "check": "secrets",
        "artifact": "@ann/links",
        "version": "1.0.1",
        "manifest": f"sha256:{digest}",
        "reason": "an example",
        "at": AT,
        "until": UNTIL,
        **said,
    }
    registry.document(layout.waiver_path(name), value, by, edit)
    return name


def with_waiver(**given: Any) -> Change:
    """An update, onto a tip that waives a check for it as `given` says."""
    digest = digest_of(update())
    return change(
        lambda registry: skill(registry, "1.0.1"), tip=lambda registry: waive(registry, digest, **given) and None
    )


def test_a_waived_finding_is_a_note() -> None:
    """A waiver that counts turns the finding into a note with its end and its reason, and the verdict follows."""
    report = reviewed(with_waiver(), [a_check()], means=MEANS)

    assert [("note", f"waived until {UNTIL}: 'an example'; it was: a token")] == [
        (one.level, one.message) for one in report.findings
    ]
    assert "pass" == report.verdict


@pytest.mark.parametrize(
    ("given", "check", "says"),
    [
        ({"until": "2026-11-20T00:00:00Z"}, a_check(), "it ended at 2026-11-20T00:00:00Z"),
        ({}, a_check(waivable=False), "the check secrets cannot be waived"),
        ({"manifest": f"sha256:{'0' * 64}"}, a_check(), "speaks of another check or release than its name"),
        ({"by": ("eve",)}, a_check(), "is signed by nobody who moderates"),
        ({"by": ()}, a_check(), "is signed by nobody who moderates"),
        ({"until": "2027-11-03T00:00:00Z"}, a_check(), "it ends later, and within 366 days"),
        ({"until": AT}, a_check(), "it ends later, and within 366 days"),
        ({"number": 2}, a_check(), "each stands by itself"),
        ({"subject": "waivers/secrets-000000000000"}, a_check(), "speaks of another check or release than its name"),
        ({"under": {}}, a_check(), "names other chains than the moderators"),
        ({"surprise": 1}, a_check(), "surprise"),
        ({"registry": "0" * 64}, a_check(), "registry"),
    ],
)
def test_a_waiver_that_does_not_count_says_why(given: dict[str, Any], check: Check, says: str) -> None:
    """The finding stays as it is, and its hint names the waiver and what is wrong with it."""
    (finding,) = reviewed(with_waiver(**given), [check], means=MEANS).findings

    assert ("fail", "a token") == (finding.level, finding.message)
    assert finding.hint.startswith(
        f"take it out\nthe waiver {waiver_name('secrets', digest_of(update()))} does not count: "
    )
    assert says in finding.hint


def test_one_by_a_moderator_who_had_ended_does_not_count() -> None:
    """Whoever ended at or before the waiver's time waived nothing; who ended later did."""

    def tip(since: str) -> Change:
        digest = digest_of(update())

        def build(registry: RegistryInMemory) -> None:
            waive(registry, digest)

            def end(value: dict[str, Any]) -> None:
                value["people"][0]["keys"][0] |= {"status": "retired", "since": since}

            registry.moderators({"mod": None, "two": None}, by=("mod", "two"), under=())
            registry.moderators({"mod": None, "two": None}, by=("two",), under=(), change=end)

        return change(lambda registry: skill(registry, "1.0.1"), tip=build)

    ended, later = (reviewed(tip(since), [a_check()], means=MEANS) for since in (AT, "2026-11-02T00:00:00Z"))

    assert "is signed by nobody who moderates any more" in ended.findings[0].hint
    assert ("fail", "pass") == (ended.verdict, later.verdict)


def test_one_for_other_bytes_of_the_version_says_so() -> None:
    """A waiver of the same check and version, given for a manifest that came before, is told beside the finding."""
    made = with_waiver(name=waiver_name("secrets", "f" * 64), manifest=f"sha256:{'f' * 64}")
    (finding,) = reviewed(made, [a_check()], means=MEANS).findings

    assert finding.hint.endswith("the waiver secrets-ffffffffffff does not count: it is for other bytes")


@pytest.mark.parametrize(
    "given",
    [
        {"name": waiver_name("secrets", "f" * 64), "manifest": f"sha256:{'f' * 64}", "version": "9.0.0"},
        {"name": waiver_name("licence", "f" * 64), "manifest": f"sha256:{'f' * 64}", "check": "licence"},
        {"name": waiver_name("secrets", "f" * 64), "manifest": f"sha256:{'f' * 64}", "surprise": 1},
        {"name": "nothing"},
    ],
)
def test_one_about_something_else_is_not_told(given: dict[str, Any]) -> None:
    """Waivers of other releases and checks, readable or not, leave a finding and its hint alone."""
    (finding,) = reviewed(with_waiver(**given), [a_check()], means=MEANS).findings

    assert ("fail", "take it out") == (finding.level, finding.hint)


def test_the_second_of_two_can_count() -> None:
    """Where the first has ended, a later one about the same release lifts the finding."""
    digest = digest_of(update())

    def tip(registry: RegistryInMemory) -> None:
        waive(registry, digest, until="2026-11-20T00:00:00Z")
        waive(registry, digest, name=waiver_name("secrets", digest, 2))

    made = change(lambda registry: skill(registry, "1.0.1"), tip=tip)

    assert "pass" == reviewed(made, [a_check()], means=MEANS).verdict


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (a_check(path="@ann/links@1.0.1: notes.md"), "pass"),
        (a_check(path="@ann/links"), "fail"),
        (a_check(path="@ann/links@1.0.10"), "fail"),
        (a_check(path=""), "fail"),
        (a_check(level="review"), "pass"),
        (a_check(level="warn"), "pass"),
        (a_check("license"), "fail"),
    ],
)
def test_a_waiver_is_about_one_release_and_one_check(check: Check, expected: str) -> None:
    """It lifts what the check says of that release and of its files, and nothing else."""
    assert expected == reviewed(with_waiver(), [check], means=MEANS).verdict


def test_a_waiver_leaves_other_checks_alone() -> None:
    """Of two grave findings about one release only the waived check's becomes a note."""
    found = reviewed(with_waiver(), [a_check(), a_check("license")], means=MEANS).findings

    assert [("license", "fail"), ("secrets", "note")] == [(one.check, one.level) for one in found]


def test_what_verification_finds_is_never_waived() -> None:
    """A finding of verification under a check's own id stays, also where a waiver counts for that check."""
    finding = Finding("secrets", "fail", "the signature does not hold", "@ann/links@1.0.1")
    made = replace(with_waiver(), trusted=(finding,))

    assert finding in reviewed(made, [], means=MEANS).findings


def test_a_waiver_in_the_submission_counts_for_nothing() -> None:
    """Only the tip's waivers are read; one that a submission brings may not join."""
    digest = digest_of(update())

    def build(registry: RegistryInMemory) -> None:
        skill(registry, "1.0.1")
        waive(registry, digest)

    made = change(build)
    government = government_at(made.tip, registry=made.registry, check=MEANS.check)

    assert "fail" == reviewed(made, [a_check()], means=MEANS).verdict
    with pytest.raises(StateForbids, match="brings no waiver"):
        WAIVER.may_join(made, made.statements[0], government, MEANS)
    assert not WAIVER.countersigned(made, made.statements[0])
    assert "waives the check secrets for @ann/links@1.0.1 until" in made.statements[0].words


def test_waivers_are_listed_with_who_gave_them() -> None:
    """Those that hold name their moderators, the others why they do not; a file that is no waiver is passed over."""
    digest = digest_of(update())

    def tip(registry: RegistryInMemory) -> None:
        waive(registry, digest)
        waive(registry, digest, name="odd", by=())
        registry.files["index/waivers/notes.txt"] = b"x"
        registry.files["index/waivers/folder.json/inside"] = b"x"

    made = change(lambda registry: skill(registry, "1.0.1"), tip=tip)
    found = waivers_at(made.tip, registry=made.registry, means=MEANS)

    assert [("odd", (), True), (waiver_name("secrets", digest), ("mod",), False)] == [
        (one.name, one.by, bool(one.fault)) for one in found
    ]
    assert "no check is called secrets" == found[1].fault_at(LOOKED_AT, None)
    assert found[0].fault == found[0].fault_at(LOOKED_AT, a_check())
    assert () == waivers_at(update().tip, registry=made.registry, means=MEANS)


def test_a_registry_that_does_not_hold_is_left_to_verification() -> None:
    """Where moderators cannot be verified no waiver counts, and the report is as without any."""
    made = with_waiver()
    broken = replace(made, registry="0" * 64)

    assert "fail" == reviewed(broken, [a_check()], means=MEANS).verdict


def test_a_release_that_cannot_be_read_has_no_waiver() -> None:
    """A finding about a release without a manifest is nobody's to waive."""
    made = with_candidate(with_waiver(), digest="", manifest=None)

    assert "fail" == reviewed(made, [a_check(path="@ann/links@1.0.1")], means=MEANS).verdict


def test_a_tree_with_a_bad_waiver_is_refused() -> None:
    """Landing verifies what it lands: a waiver that holds passes, a missing or unsigned one does not."""
    digest = digest_of(update())
    good, bad = with_waiver(), with_waiver(by=())
    located = locate(layout.waiver_path(waiver_name("secrets", digest)))
    government = government_at(good.tip, registry=good.registry, check=MEANS.check)
    WAIVER.verify(good.tip, located, government, MEANS)

    for tree in (bad.tip, update().tip):
        with pytest.raises(RegistryError):
            WAIVER.verify(tree, located, government, MEANS)
