"""What a report says: who signed, what a statement changes, what is needed next, and what is told once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core.findings import Finding
from registry_tool.core.heads import newest
from registry_tool.core.identity import BUNDLE
from registry_tool.core.need import need_of
from registry_tool.core.reports.markdown import summary_markdown, to_markdown
from registry_tool.core.reports.plain import summary, to_json, to_text
from registry_tool.core.reports.sarif import to_sarif
from registry_tool.core.reports.view import Summary
from registry_tool.core.review import Report
from registry_tool.core.statements import Moderators, Policy
from registry_tool.core.tables import REGISTRY_TABLE
from tests.builders import RegistryInMemory
from tests.building_profiles import DOMAIN, OTHER, profile, review
from tests.checks.changes import with_candidate
from tests.reports.desk import CHECKS, Case, change_of, report_of
from tests.reports.typical import CASES, bob_is_here, links, of, yank

Build = Callable[[RegistryInMemory], object]


def told(build: Build, tip: Build | None = None) -> Summary:
    """What a report says of what `build` brings."""
    return summary(report_of(Case(build, tip)))


def signed_by(*signatures: str, edit: Callable[[dict[str, Any]], None] | None = None) -> tuple[str, ...]:
    """Who signed an update that has these files beside its manifest, in a scope that `edit` changed."""

    def tip(registry: RegistryInMemory) -> None:
        registry.keyring("ann", ended(registry))
        if edit is not None:
            registry.scope("ann", owners=["ann"], change=edit)

    made = with_candidate(change_of(Case(links("1.0.1", {}), tip)), signatures=dict.fromkeys(signatures, b""))
    return summary(Report(made, ())).releases[0].signed_by


def ended(registry: RegistryInMemory) -> list[dict[str, Any]]:
    """Ann's keys, one of them retired."""
    return [
        registry.row("ann control", use="control"),
        registry.row("ann signing", use="signing"),
        registry.row("ann old", use="signing") | {"status": "retired", "since": "2026-11-01T00:00:00Z"},
    ]


def identities(count: int) -> Callable[[dict[str, Any]], None]:
    """A scope that names so many identities."""
    rows = [
        {"issuer": "https://issuer.example", "subject": f"ann{number}@example.org", "status": "active"}
        for number in range(count)
    ]
    return lambda value: value.update(identities=rows)


ONE = "'ann0@example.org' of 'https://issuer.example'"


@pytest.mark.parametrize(
    ("signatures", "edit", "expected"),
    [
        ((), None, ()),
        (("0" * 16 + ".sig", "flat." + "0" * 16 + ".sig"), None, ("an unknown key " + "0" * 16,)),
        ((BUNDLE,), None, ("keyless, and @ann names no identity",)),
        ((BUNDLE,), identities(1), (f"keyless as {ONE}",)),
        ((BUNDLE,), identities(2), (f"keyless as one of {ONE}, {ONE.replace('0', '1')}",)),
    ],
)
def test_who_signed_a_release_is_told(
    signatures: tuple[str, ...], edit: Callable[[dict[str, Any]], None] | None, expected: tuple[str, ...]
) -> None:
    """A key by whose it is, a keyless signature by whom the scope names; what others read is left out."""
    assert expected == signed_by(*signatures, edit=edit)


def test_many_identities_are_counted() -> None:
    """The first five are named."""
    (words,) = signed_by(BUNDLE, edit=identities(8))

    assert (5, True) == (words.count("https://issuer.example"), words.endswith(", and 3 more"))


def test_a_key_that_ended_is_told_as_such() -> None:
    """Who signs a statement with it did so before its end, or not at all."""

    def build(registry: RegistryInMemory) -> None:
        registry.keyring(
            "ann", [*ended(registry), registry.row("ann new", use="signing")], by=("ann control", "ann old")
        )

    view = told(build, lambda registry: registry.keyring("ann", ended(registry)) and None)

    assert ("control key of ann", "signing key of ann, retired since 2026-11-01T00:00:00Z") == view.statements[
        0
    ].signed_by
    assert [True] == [one.startswith("new: signing key ") for one in view.statements[0].changes]


def test_a_moderators_signature_is_told_by_name() -> None:
    """It has no place on a submission, and the report says whose it is."""
    view = told(lambda registry: registry.keyring("bob"))

    assert "the moderator mod" in view.statements[0].signed_by


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"members": ["bob"]}, ("new: member bob",)),
        ({"members": ["bob"]}, {}, ("gone: member bob",)),
        (
            {"members": ["bob"]},
            {"members": [{"author": "bob", "status": "retired", "since": "2026-11-01T00:00:00Z"}]},
            ("member bob: retired since 2026-11-01T00:00:00Z",),
        ),
        (
            {"members": [{"author": "bob", "status": "retired", "since": "2026-11-01T00:00:00Z"}]},
            {"members": ["bob"]},
            ("member bob: active again",),
        ),
        ({}, {"change": lambda value: value.update(needs="identity")}, ("what a release needs: identity",)),
        (
            {},
            {"members": [{"author": "bob", "status": "retired", "since": "2026-11-01T00:00:00Z"}]},
            ("new: member bob (retired since 2026-11-01T00:00:00Z)",),
        ),
    ],
)
def test_what_a_statement_changes_is_told(
    before: dict[str, Any], after: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """Each thing that is new, gone or other than in the statement before it."""

    def tip(registry: RegistryInMemory) -> None:
        bob_is_here(registry)
        registry.scope("ann", owners=["ann"], **before)

    view = told(lambda registry: registry.scope("ann", owners=["ann"], by=("ann control",), **after), tip)

    assert expected == view.statements[0].changes
    assert True is view.statements[0].countersigned


def test_many_changes_are_counted() -> None:
    """The first forty are named."""
    names = [f"a{number}" for number in range(45)]
    view = told(
        lambda registry: registry.scope(
            "ann", owners=["ann"], members=names, by=("ann control",), under=("authors/ann",)
        )
    )

    assert (41, "and 5 more") == (len(view.statements[0].changes), view.statements[0].changes[-1])


def test_a_profile_says_what_approving_it_means() -> None:
    """Whoever approves new claims confirms them; a change without any is let in and nothing else."""
    look = "who approves it confirms what it newly claims; look first: registry author verify ann"

    def tip(registry: RegistryInMemory) -> None:
        profile(registry, DOMAIN, by=("ann control", "mod"))

    more = told(lambda registry: profile(registry, DOMAIN, OTHER), tip).statements[0]
    less = told(
        lambda registry: profile(registry, DOMAIN, under=("authors/ann",), name="Ann Lee", about="One.\nTwo."), tip
    ).statements[0]

    assert ((look, "new: the domain other.example"), True) == (more.changes, more.countersigned)
    assert (("their name: 'Ann Lee'",), False) == (less.changes, less.countersigned)
    assert ((), ("One.", "Two.")) == (more.details, less.details)


def test_what_somebody_wrote_is_shown_whole() -> None:
    """Where the sentence cuts it off: a review's text, an event's note, a profile's links; the rest is counted."""
    long = "\n".join(f"line {number} is long enough" for number in range(70))

    def build(registry: RegistryInMemory) -> None:
        review(registry, "@ann/links", text=long)
        profile(registry, author="bob", links={"home": "https://bob.example/"})
        registry.event("@ann/links", "1.0.0", "yank", change=lambda value: value.update(note="n" * 61))

    view = told(build, bob_is_here)

    by = {one.path.split("/")[1]: one.details for one in view.statements}
    assert ("home: https://bob.example/",) == by["authors"]
    assert ("n" * 61,) == by["releases"]
    assert (61, "line 59 is long enough", "… 10 more lines") == (len(by["reviews"]), *by["reviews"][-2:])
    assert () == told(yank).statements[0].details


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("02-owners-update", "### ✅ Nothing stands against it"),
        ("03-new-host", "### 👀 A person has to look"),
        ("08-edits-what-is-published", "### ❌ It cannot be taken in"),
        ("11-flagged-and-objected", "### ✋ Somebody objects: nobody lands it"),
        ("16-flagged", "### 🚩 Somebody asks for a second look"),
    ],
)
def test_the_first_line_is_the_verdict(case: str, expected: str) -> None:
    """What people said comes before what the checks say."""
    assert expected == to_markdown(report_of(CASES[case])).splitlines()[0]


def test_a_reason_that_is_told_below_is_not_told_twice() -> None:
    """Gains, statements and findings stand where they belong; what is left stands on top."""
    text = to_markdown(report_of(CASES["03-new-host"]))
    new = report_of(CASES["06-look-alike"])

    assert (1, 0) == (text.count("api.example.org (network"), text.count("may newly"))
    assert ("@bob/broken-link is a new name",) == summary(new).why
    assert new.need is not None
    assert len(new.need.why) > 1


def test_ordinary_reasons_are_told_where_there_is_no_other() -> None:
    """That nobody but a person may, and that there is one sign alone: as `need_of` says it."""
    made = change_of(Case(links("1.0.1", {})))
    policy = newest(made.tip, "policy", Policy, registry=made.registry)
    moderators = newest(made.tip, "moderators", Moderators, registry=made.registry)
    assert policy is not None
    assert moderators is not None
    nobody = policy.model_copy(update={"gate": policy.gate.model_copy(update={"releases": "none"})})
    alone = Report(made, (), need=need_of(made, (), nobody, moderators))

    assert alone.need is not None
    assert alone.need.why == summary(alone).why
    assert (2, True) == (len(alone.need.why), alone.need.why[0].startswith("policy wants a person"))


def test_many_reasons_are_counted() -> None:
    """The first twelve are told."""
    why = tuple(f"reason {number}" for number in range(20))

    assert (13, "and 8 more") == (
        len(summary(of("03-new-host", why=why)).why),
        summary(of("03-new-host", why=why)).why[-1],
    )


def test_a_report_that_fails_says_nothing_of_people() -> None:
    """Whoever flagged it: nothing is decided before it is mended."""
    report = replace(of("16-flagged"), findings=(Finding("names", "fail", "no"),))

    assert ((), ()) == (summary(report).said, summary(report).why)


def test_marks_are_told() -> None:
    """Private, official and imported, in every form."""

    def edit(value: dict[str, Any]) -> None:
        value.update(visibility="private", imported={"from": "https://skills.example/"})

    def tip(registry: RegistryInMemory) -> None:
        registry.files[REGISTRY_TABLE] = b"name: Example\nofficial: [ann]\n"

    report = report_of(Case(links("1.0.1", {}, change=edit), tip))
    row = to_json(report)["releases"][0]

    assert (True, True, "https://skills.example/") == (row["private"], row["official"], row["imported"])
    assert "**private**. **official**. **imported** from `https://skills.example/`." in to_markdown(report)
    assert "  private\n  official\n  imported from https://skills.example/\n" in to_text(report)


def test_a_table_that_cannot_be_read_names_no_official_scope() -> None:
    """The check of tables says what is wrong with it."""
    view = told(links("1.0.1", {}), lambda registry: registry.files.update({REGISTRY_TABLE: b"name: ["}))

    assert False is view.releases[0].official


def test_a_waived_finding_is_told_apart() -> None:
    """With until when and why, without what would mend it, and as a suppression in SARIF."""
    report = report_of(CASES["15-waived"])
    results = to_sarif(report, CHECKS, version="1")["runs"][0]["results"]

    assert (
        "- **waived** `until 2026-12-20T08:00:00Z: 'the password of a test server that is gone'; it was"
        in to_markdown(report)
    )
    assert ("  WAIVED secrets: " in to_text(report), "write EXAMPLE in it" in to_text(report)) == (True, False)
    assert ["accepted"] == [one["status"] for row in results for one in row.get("suppressions", ())]


def test_a_difference_that_fails_is_folded() -> None:
    """As is a long one; a short one is open."""
    failing = Report(change_of(CASES["03-new-host"]), (Finding("names", "fail", "no"),))

    assert "<details><summary>3 files, " in to_markdown(failing)
    assert "<details open><summary>3 files, " in to_markdown(report_of(CASES["03-new-host"]))


def test_files_that_cannot_be_read_are_not_told_as_removed() -> None:
    """The report says that they cannot be read."""
    report = report_of(CASES["08-edits-what-is-published"])

    assert "Its files cannot be read." in to_markdown(report)
    assert "  its files cannot be read\n" in to_text(report)
    assert "removed" not in to_text(report)


def test_what_is_foreign_says_no_sentence_of_ours() -> None:
    """Its next step is shown as code as a whole."""
    view = summary(report_of(CASES["03-new-host"]))

    assert f"\n\n`{view.next}`\n" in summary_markdown(view, foreign=True)
