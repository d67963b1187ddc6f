"""A check that does not count here, until a date, and why (B11; formats, part 4, `waivers/`).

    index/waivers/<check>-<first 12 of the manifest's digest>.json      and -2, -3, … for later ones about the same

A waiver is signed by a moderator and names one check and one manifest. It never comes from a submission, and it never
lifts what a client verifies: only checks whose record says `waivable`. What it lifts is told all the same, as a note.
One that does not count says why beside the finding that it is about, so that nobody wonders.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

from pydantic import Field

from registry_tool.core import layout, limits
from registry_tool.core.authorities import Government
from registry_tool.core.authority import moderator_keys, people_of
from registry_tool.core.chains import SignedBytes, signers
from registry_tool.core.change import Candidate, Change, Joined
from registry_tool.core.digest import Hex, prefixed
from registry_tool.core.document import ArtifactText, DigestText, NoteText, TimeText, VersionText, load
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids
from registry_tool.core.family import Family
from registry_tool.core.findings import Finding
from registry_tool.core.keys import SignatureCheck
from registry_tool.core.layout import Located
from registry_tool.core.places import label
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Check, Report, ordered, review
from registry_tool.core.standing import government_at
from registry_tool.core.statements import Statement
from registry_tool.core.stored import signed_at
from registry_tool.core.times import to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means

WAIVED_SECONDS: Final = 366 * 86_400
"""How long a waiver counts at most: a year."""
_DIGITS: Final = 12
_NAME: Final = re.compile(rf"(?P<check>[a-z][a-z0-9-]{{1,40}})-(?P<digest>[0-9a-f]{{{_DIGITS}}})(-[1-9][0-9]?)?")


class Waiver(Statement):
    """What does not count, where, why and until when."""

    schema_: Literal["registry.waiver/1"] = Field(alias="schema")
    mode: Literal["continue"]
    check: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    """The id of the check."""
    artifact: ArtifactText
    version: VersionText
    """With `artifact` for people to read: what counts is the manifest."""
    manifest: DigestText
    """The release that it is about; other bytes need another waiver."""
    reason: NoteText
    at: TimeText
    until: TimeText
    """From then on it counts for nothing; at most a year after `at`."""


@dataclass(frozen=True, slots=True)
class Given:
    """One waiver of a registry, and whether it can count."""

    name: str
    """Of its file, without `.json`."""
    check: str
    """The id of the check, as the name says it."""
    waiver: Waiver | None
    """`None` where it cannot be read."""
    by: tuple[str, ...] = ()
    """The moderators whose signatures hold."""
    fault: str = ""
    """Why it never counts, as the end of a sentence; empty where it holds."""

    def fault_at(self, at: int, check: Check | None) -> str:
        """Why it does not count for `check` (`None`: nobody knows it) at `at`, in seconds; empty where it does."""
        if self.fault or self.waiver is None:
            return self.fault
        if check is None:
            return f"no check is called {self.check}"
        if not check.waivable:
            return f"the check {check.id} cannot be waived"
        return f"it ended at {self.waiver.until}" if at >= to_seconds(self.waiver.until) else ""


def waiver_name(check: str, digest: str, number: int = 1) -> str:
    """The name of the waiver of `check` for the manifest with this digest (bare hex); the `number`th of its kind."""
    return f"{check}-{digest[:_DIGITS]}" + (f"-{number}" if number > 1 else "")


def read_waiver(
    source: SignedBytes, name: str, government: Government, *, check: SignatureCheck
) -> tuple[Waiver, frozenset[str]]:
    """A waiver that holds, and the moderators who signed it; that it ends is for the reader's clock.

    1. It is well formed, of this registry, and speaks of what its name says.
    2. It ends after it was given, and within 366 days.
    3. A moderator signed it who is active in the number that it names, and not ended at or before `at`.

    Raises `InvalidInput` and `NotTrusted`.
    """
    # (1)
    what = f"the waiver {name}"
    waiver = load(Waiver, source.data, limit=limits.STATEMENT_BYTES, registry=government.registry, what=what)
    form = _NAME.fullmatch(name)
    said = waiver.subject, waiver.check, waiver.manifest.removeprefix("sha256:")[:_DIGITS]
    if form is None or said != (f"waivers/{name}", form["check"], form["digest"]):
        raise NotTrusted(f"{what} speaks of another check or release than its name", code="other-subject")
    if (waiver.number, waiver.previous) != (1, None):
        raise NotTrusted(f"{what} says that it follows another one; each stands by itself", code="chain-forked")
    # (2)
    lasts = to_seconds(waiver.until) - to_seconds(waiver.at)
    if not 0 < lasts <= WAIVED_SECONDS:
        raise InvalidInput(
            f"{what} is of {waiver.at} and ends at {waiver.until}; it ends later, and within 366 days", code="bad-until"
        )
    # (3)
    if set(waiver.under) != {"moderators"}:
        raise NotTrusted(f"{what} names other chains than the moderators, who sign it", code="bad-under")
    then, now = government.moderators.named(waiver.under, what).body, government.moderators.head.body
    signed = signers(source, moderator_keys(then), check=check, what=what)
    held = {row.k16 for person in now.people for row in person.keys if row.held_at(waiver.at)}
    people = people_of(then, signed & held)
    if not people:
        ended = " any more" if people_of(then, signed) else ""
        raise NotTrusted(f"{what} is signed by nobody who moderates{ended}", code="not-authorised")
    return waiver, people


def waivers_at(tree: Tree, *, registry: str, means: Means) -> tuple[Given, ...]:
    """Every waiver of a registry, by name, also those that count for nothing; raises `NotTrusted` for its chains."""
    names = _names(tree)
    return _given(tree, names, government_at(tree, registry=registry, check=means.check), means) if names else ()


def reviewed(change: Change, checks: Sequence[Check], *, means: Means) -> Report:
    """The report on `change` with the waivers of its tip: what author, queue, hook and merge check show."""
    return with_waivers(review(change, checks), checks, means=means)


def with_waivers(report: Report, checks: Sequence[Check], *, means: Means) -> Report:
    """The report in which waived findings are notes, and a finding says why a waiver for it does not count."""
    rules = {check.id: check for check in checks}
    change = report.change
    about = {finding: one for finding in report.findings if (one := _release_of(finding, change, rules)) is not None}
    asked = {finding.check for finding in about}
    names = [name for name in _names(change.tip) if _check_of(name) in asked] if asked else []
    if not names:
        return report
    try:
        government = government_at(change.tip, registry=change.registry, check=means.check)
    except RegistryError:
        return report  # verification says what is wrong with it
    given = _given(change.tip, names, government, means)
    found = (
        _judged(finding, about[finding], given, rules, change.at) if finding in about else finding
        for finding in report.findings
    )
    return replace(report, findings=ordered(found))


def _release_of(finding: Finding, change: Change, rules: Mapping[str, Check]) -> Candidate | None:
    """The release that a grave finding of a check is about; `None` where it is about no single one."""
    if finding.level not in ("fail", "review") or finding.check not in rules:
        return None
    for candidate in change.releases:
        if candidate.digest and (finding.path == label(candidate) or finding.path.startswith(f"{label(candidate)}: ")):
            return candidate
    return None


def _judged(
    finding: Finding, candidate: Candidate, given: Sequence[Given], rules: Mapping[str, Check], at: int
) -> Finding:
    """A finding as the waivers leave it."""
    faults = []
    for one in given:
        fault = _fault(one, finding, candidate, rules, at)
        if fault == "" and one.waiver is not None:
            message = f"waived until {one.waiver.until}: {quoted(one.waiver.reason)}; it was: {finding.message}"
            return replace(finding, level="note", message=message)
        faults += [f"the waiver {one.name} does not count: {fault}"] if fault else []
    return replace(finding, hint="\n".join(filter(None, (finding.hint, *faults)))) if faults else finding


def _fault(one: Given, finding: Finding, candidate: Candidate, rules: Mapping[str, Check], at: int) -> str | None:
    """Why a waiver does not lift a finding; empty where it does, `None` where it is about something else."""
    if one.check != finding.check:
        return None
    if one.fault or one.waiver is None:
        return one.fault if one.name.startswith(waiver_name(finding.check, candidate.digest)) else None
    if one.waiver.manifest == prefixed(Hex(candidate.digest)):
        return one.fault_at(at, rules.get(finding.check))
    same = (one.waiver.artifact, one.waiver.version.partition("+")[0].lower()) == (
        str(candidate.artifact),
        candidate.folder,
    )
    return "it is for other bytes" if same else None


def _names(tree: Tree) -> tuple[str, ...]:
    """The names of all waivers, sorted."""
    return tuple(
        sorted(
            located.subject.partition("/")[2]
            for entry in tree.list("index/waivers")
            if (located := layout.locate(f"index/waivers/{entry.name}")).role == "waiver" and located.sig is None
        )
    )


def _check_of(name: str) -> str:
    """The check that a name begins with; the whole where it has no such form."""
    form = _NAME.fullmatch(name)
    return form["check"] if form else name


def _given(tree: Tree, names: Sequence[str], government: Government, means: Means) -> tuple[Given, ...]:
    """These waivers, read; a bad one hides no other."""
    found = []
    for name in names:
        source = signed_at(tree, layout.waiver_path(name))
        if source is None:
            continue  # no plain file lies there
        try:
            waiver, people = read_waiver(source, name, government, check=means.check)
            found.append(Given(name, _check_of(name), waiver, tuple(sorted(people))))
        except RegistryError as error:
            found.append(Given(name, _check_of(name), _loose(source, government.registry), fault=error.message))
    return tuple(found)


def _loose(source: SignedBytes, registry: str) -> Waiver | None:
    """What a waiver that does not hold says, for whoever is told of it; `None` where it cannot be read."""
    try:
        return load(Waiver, source.data, limit=limits.STATEMENT_BYTES, registry=registry, what="a waiver")
    except RegistryError:
        return None


def _words(waiver: Waiver) -> str:
    what = f"{waiver.artifact}@{waiver.version}"
    return f"waives the check {waiver.check} for {what} until {waiver.until}: {quoted(waiver.reason)}"


def _may_join(change: Change, joined: Joined, government: Government, means: Means) -> None:
    raise StateForbids(
        "a submission brings no waiver",
        where=joined.path,
        code="not-submitted",
        hint="leave it out; a moderator gives one with `registry waiver grant`",
    )


def _verify(tree: Tree, located: Located, government: Government, means: Means) -> None:
    source = signed_at(tree, located.path)
    if source is None:
        raise InvalidInput("it is missing", where=located.path, code="not-found")
    read_waiver(source, located.subject.partition("/")[2], government, check=means.check)


FAMILY: Final = Family(
    model=Waiver,
    submitted=False,
    words=_words,
    may_join=_may_join,
    countersigned=lambda change, joined: False,
    verify=_verify,
)
