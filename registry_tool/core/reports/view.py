"""What a report says, put together once: a terminal, a script and a forge's comment never tell three stories.

Everything here was either written by us, or is told in a member that renderings show as somebody else's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry_tool.core.change import Candidate, Change, Joined
from registry_tool.core.digest import Hex, prefixed
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.gained import gain_words
from registry_tool.core.need import MOST_REASONS, Need
from registry_tool.core.places import label
from registry_tool.core.reports.diff import Diff, diff
from registry_tool.core.reports.signers import release_signers, statement_signers
from registry_tool.core.reports.steps import next_step
from registry_tool.core.reports.told import statement_changes, statement_details
from registry_tool.core.reports.words import permission_words
from registry_tool.core.review import Report, Verdict
from registry_tool.core.tables import REGISTRY_TABLE, read_registry_table

TOLD: Final = frozenset(("gained", "countersigned-statement"))
"""Checks whose findings say what releases and statements say of themselves: people need not read it twice."""
_WAIVED: Final = "waived until "
_ORDINARY: Final = ("policy wants a person for every release", "only its author's key says that it is theirs")
"""How reasons begin that are worth telling only where there is no other."""


@dataclass(frozen=True, slots=True)
class Granted:
    """One permission that a release asks for."""

    permission: str
    words: str
    new: bool
    """Whether the previous version could not do it."""


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """What there is to know about one release."""

    artifact: str
    version: str
    kind: str
    title: str
    description: str
    author: str
    license: str
    manifest: str
    """Digest; empty where there is none that can be read."""
    signatures: tuple[str, ...]
    """Files beside the manifest, by suffix."""
    previous: str
    """The version that it is compared with; empty for the first."""
    permissions: tuple[Granted, ...]
    gained: tuple[str, ...]
    """In words: what it newly may, fetches, runs or is; of a first version all of it."""
    diff: Diff
    """Without any file where they cannot be read."""
    signed_by: tuple[str, ...] = ()
    """The same as `signatures` in words, as far as our clients go by them."""
    private: bool = False
    official: bool = False
    """Whether the operator calls its scope official."""
    imported: str = ""
    """Where the registry's importer took it from; empty where its author publishes it."""


@dataclass(frozen=True, slots=True)
class StatementView:
    """What there is to know about one statement."""

    path: str
    words: str
    signatures: tuple[str, ...]
    """References of the keys that signed it."""
    signed_by: tuple[str, ...] = ()
    """Whose they are, in words."""
    changes: tuple[str, ...] = ()
    """What is other than in the statement before it."""
    details: tuple[str, ...] = ()
    """Lines of what its author wrote, where `words` cuts it off."""
    countersigned: bool = False
    """Whether whoever approves it signs it too."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of a submission that keeps it from going on by itself."""

    action: Literal["flag", "objection"]
    by: str
    reason: str
    note: str
    at: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that a rendering writes down."""

    submission: str
    registry: str
    demonstration: bool
    verdict: Verdict
    next: str
    """What is needed now and from whom, in a sentence of ours."""
    why: tuple[str, ...]
    """Why it takes people, as far as releases, statements and findings do not say it; some words are others'."""
    releases: tuple[ReleaseView, ...]
    statements: tuple[StatementView, ...]
    findings: tuple[Finding, ...]
    undecided: tuple[str, ...]
    said: tuple[Said, ...] = ()
    """Oldest first."""

    @property
    def grave(self) -> tuple[Finding, ...]:
        """The findings that people read before they decide: all but remarks, and what was waived."""
        return tuple(one for one in self.findings if one.check not in TOLD and (one.level != "note" or is_waived(one)))

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """The findings that decide nothing."""
        return tuple(one for one in self.findings if one.level == "note" and not is_waived(one))


def is_waived(finding: Finding) -> bool:
    """Whether a moderator said that a finding does not count; it is a note then, which says until when and why."""
    return finding.level == "note" and finding.message.startswith(_WAIVED)


def summary(report: Report) -> Summary:
    """What the report says, put together from its change."""
    change, need = report.change, report.need
    official = _official(change)
    releases = tuple(_release(change, candidate, official) for candidate in change.releases)
    statements = tuple(_statement(change, joined) for joined in change.statements)
    open_ = need is not None and report.verdict in ("pass", "review")
    return Summary(
        change.submission,
        change.registry,
        change.demonstration,
        report.verdict,
        next_step(report),
        _why(need, report.findings, releases, statements) if need is not None and open_ else (),
        releases,
        statements,
        report.findings,
        report.undecided,
        _said(need) if need is not None and open_ else (),
    )


def _release(change: Change, candidate: Candidate, official: Sequence[str]) -> ReleaseView:
    manifest, kind, previous = candidate.manifest, candidate.kind, candidate.previous
    changes = _diff(candidate)
    gains = {gain.partition(" ")[2] for gain in candidate.gained if gain.startswith("permission ")}
    version = label(candidate).rpartition("@")[2]
    if manifest is None:
        return ReleaseView(str(candidate.artifact), version, "", "", "", "", "", "", (), "", (), (), changes)
    return ReleaseView(
        str(candidate.artifact),
        version,
        manifest.kind,
        manifest.title,
        manifest.description,
        manifest.author,
        manifest.license,
        prefixed(Hex(candidate.digest)),
        tuple(sorted(candidate.signatures)),
        previous.version if previous else "",
        tuple(Granted(one, permission_words(one, kind), one in gains) for one in manifest.permissions),
        tuple(gain_words(gain, kind) for gain in candidate.gained),
        changes,
        release_signers(change, candidate, manifest),
        manifest.visibility == "private",
        manifest.scope in official,
        manifest.imported.from_ if manifest.imported else "",
    )


def _diff(candidate: Candidate) -> Diff:
    """What it changes of the version before; nothing where its files cannot be read: they are not removed."""
    if candidate.payload is None:
        return Diff((), ())
    native = candidate.reading.native if candidate.reading else ""
    return diff(candidate.previous_payload or {}, candidate.payload, first=native)


def _official(change: Change) -> tuple[str, ...]:
    """The scopes that the operator calls official."""
    try:
        return read_registry_table(change.tip.read(REGISTRY_TABLE)).official
    except RegistryError:
        return ()  # the check of tables says what is wrong with it


def _statement(change: Change, joined: Joined) -> StatementView:
    stem = joined.path.removesuffix("json")
    signed = sorted(one.sig for one in change.located if one.sig is not None and one.path.startswith(stem))
    return StatementView(
        joined.path,
        joined.words,
        tuple(signed),
        statement_signers(change, joined, signed),
        statement_changes(change, joined),
        statement_details(joined),
        joined.statement is not None and "moderators" in joined.statement.under and joined.located.role != "event",
    )


def _said(need: Need) -> tuple[Said, ...]:
    rows = [Said("flag", one.by, one.reason, one.note, one.at) for one in need.flags]
    rows += [Said("objection", one.by, one.reason, one.note, one.at) for one in need.objections]
    return tuple(sorted(rows, key=lambda one: one.at))


def _why(
    need: Need, findings: Sequence[Finding], releases: Sequence[ReleaseView], statements: Sequence[StatementView]
) -> tuple[str, ...]:
    """What `need` gives as reasons and nothing else in the report says: the first of them, and how many there are."""
    told = {*(one.words for one in statements), *(one.message for one in findings)}
    gains = tuple(f" newly {gain.removeprefix('may ')}" for one in releases for gain in one.gained)
    only = [one for one in need.why if not one.startswith(_ORDINARY)] or need.why
    left = [one for one in only if one not in told and not one.endswith(gains)]
    more = len(left) - MOST_REASONS
    return (*left[:MOST_REASONS], f"and {more} more") if more > 0 else tuple(left)
