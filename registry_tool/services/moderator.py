"""What a moderator does: read submissions, admit or reject them.

Landing never merges text. It puts a submission's additions on the tip, adds what the approver signs,
verifies the result as a client will, and moves the branch by compare-and-swap (part 9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from registry_tool.core import layout
from registry_tool.core.change import Candidate, Change
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids
from registry_tool.core.findings import Finding
from registry_tool.core.keys import Signer, k16
from registry_tool.core.kind import Kinds
from registry_tool.core.moderation import moderation_subject
from registry_tool.core.paths import repository_path_fault
from registry_tool.core.ports import Clock, History, Keys
from registry_tool.core.published import registry_of
from registry_tool.core.review import Check, Report, review
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import government_at, heads_at
from registry_tool.core.statements import Moderation, Person
from registry_tool.core.submission import additions_of, read_change, submission_id
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import MemoryTree, Tree
from registry_tool.core.trust import Means
from registry_tool.services.admitting import decide, verify_landed
from registry_tool.services.author import signature_of, with_faults

BRANCH = "main"
TRIES = 5
"""How often landing starts again because somebody else landed first."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What every verb of a moderator needs."""

    history: History
    kinds: Kinds
    checks: Sequence[Check]
    means: Means
    keys: Keys
    now: Clock


@dataclass(frozen=True, slots=True)
class Waiting:
    """One submission in the queue."""

    branch: str
    commit: str
    at: int
    """Its commit's time, seconds since 1970."""
    change: Change
    report: Report
    brought: str = ""
    """The id that it had when all that it brings was new: what others landed meanwhile takes the id along."""

    @property
    def author(self) -> str:
        """Who submitted: the releases' author, else the subject of its statements."""
        for release in self.change.releases:
            if release.manifest is not None:
                return release.manifest.author
        return next((one.located.subject.rpartition("/")[2] for one in self.change.statements), "")

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The row for `--json`."""
        return {
            "id": self.change.submission,
            "state": "pending",
            "author": self.author,
            "releases": [
                {"artifact": str(one.artifact), "version": one.manifest.version if one.manifest else one.folder}
                for one in self.change.releases
            ],
            "statements": [one.words for one in self.change.statements],
            "verdict": self.report.verdict,
            "branch": self.branch,
            "submitted": self.submitted,
        }

    @property
    def submitted(self) -> str:
        """When, by the word of its author's clock; empty where that is no time at all."""
        try:
            return from_seconds(self.at)
        except InvalidInput:
            return ""


def tip_of(history: History) -> tuple[str, Tree]:
    """The registry's newest commit and its files; `NotFound` where there is none."""
    commit = history.resolve(BRANCH)
    if commit is None:
        raise NotFound(
            f"{history.where} has no branch {BRANCH}",
            code="not-a-registry",
            hint="make a registry with `registry init DIR`",
        )
    return commit, history.tree(commit)


def queue(bench: Bench) -> tuple[Waiting, ...]:
    """Every submission that waits, oldest first."""
    commit, tip = tip_of(bench.history)
    waiting = [
        read_waiting(bench, branch, head, commit, tip)
        for branch, head in sorted(bench.history.branches("submit/").items())
    ]
    # What landed otherwise brings nothing any more.
    shown = (one for one in waiting if one.change.additions or one.change.trusted)
    return tuple(sorted(shown, key=lambda one: (one.at, one.branch)))


def read_waiting(bench: Bench, branch: str, head: str, commit: str, tip: Tree) -> Waiting:
    """The submission on a branch, checked against the tip.

    One that cannot be read is shown with the reason: it must not hide the others.
    """
    brought = ""
    try:
        change = change_between(bench, commit, head, tip)
        new = [edit for edit in change.edits if edit.path not in change.additions]
        everything = {**change.additions, **additions_of(MemoryTree({}), bench.history.tree(head), new)}
        brought = submission_id(everything)
    except (NotTrusted, InvalidInput) as error:
        change = _unreadable(bench, tip, head, error)
    return Waiting(branch, head, bench.history.info(head).at, change, review(change, bench.checks), brought)


def _unreadable(bench: Bench, tip: Tree, head: str, error: NotTrusted | InvalidInput) -> Change:
    """A submission of which nothing is known but why."""
    registry = registry_of(tip)
    change = read_change(registry=registry, tip=tip, head=tip, edits=(), kinds=bench.kinds, demonstration=False)
    fault = Finding(error.code, "fail", error.message, error.where, error.hint)
    # Told apart by its commit, since its content gives no id.
    return replace(change, submission=sha256(head.encode()), trusted=(fault,))


def change_between(bench: Bench, base: str, head: str, tip: Tree) -> Change:
    """What `head` changes relative to `base`, reading git objects only."""
    history = bench.history
    registry = registry_of(tip)
    ancestor = history.merge_base(base, head)
    if ancestor is None:
        raise NotTrusted(
            "the submission does not grow from this registry's history",
            code="no-common-history",
            hint="publish it again",
        )
    government = government_at(tip, registry=registry, check=bench.means.check)
    change = read_change(
        registry=registry,
        tip=tip,
        head=history.tree(head),
        edits=history.changed(ancestor, head),
        kinds=bench.kinds,
        demonstration=government.demonstration,
    )
    return with_faults(change, bench.means)


def find(bench: Bench, name: str) -> Waiting:
    """The submission that `name` means, the beginning of its id; `NotFound` where none does.

    The id is of what the submission brings, never the name of its branch: whoever may push there could
    put something else in its place after it was read.
    """
    found = [
        one
        for one in (queue(bench) if name else ())
        if one.change.submission.startswith(name) or one.brought.startswith(name)
    ]
    if len(found) != 1:
        what = "several submissions begin" if found else "no submission begins"
        raise NotFound(f"{what} with {name!r}", code="no-submission", hint="`registry queue list` shows what waits")
    return found[0]


def me(bench: Bench, tip: Tree) -> tuple[Person, Signer]:
    """The moderator whose key is on this machine; `NotFound` where there is none."""
    registry = registry_of(tip)
    signer = bench.keys.find(f"registry:{registry[:16]}", "moderator")
    body = government_at(tip, registry=registry, check=bench.means.check).moderators.head.body
    for person in body.people:
        if signer is not None and any(row.active and row.k16 == k16(signer.key) for row in person.keys):
            return person, signer
    raise NotFound(
        "no active moderator's key of this registry is on this machine",
        code="key-missing",
        hint="moderators are named in index/moderators/; keys are imported with `registry keys import`",
    )


def approve(bench: Bench, name: str, *, note: str) -> dict[str, Any]:  # Any: JSON
    """Admits a submission, or adds this moderator's approval where policy wants more people.

    Returns what landed. Raises `InvalidInput` where a check refuses it, `StateForbids` where an
    approval does not count, `NotTrusted` where the result would not verify.
    """
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        waiting = find(bench, name)
        change = waiting.change
        person, signer = me(bench, tip)
        if waiting.report.verdict in ("fail", "undecided"):
            faults = tuple(one for one in waiting.report.findings if one.level == "fail")
            raise InvalidInput("the checks refuse this submission", code="checks-failed", findings=faults)
        at = bench.now()
        decision = decide(change, tip, person, signer, at=at, note=note, means=bench.means)
        files = {**change.additions, **decision.files} if decision.complete else decision.files
        if decision.complete:
            verify_landed(change, tip, decision.files, at=at, means=bench.means)
        titles = ", ".join(_title(one) for one in change.releases) or "statements"
        message = f"{'Admit' if decision.complete else 'Approve'} {titles}\n"
        new = _advance(bench, commit, files, message=message, person=person, at=at)
        if new is None:
            continue
        if decision.complete:
            _take_off(bench, waiting)
        return {
            "submission": change.submission,
            "state": "published" if decision.complete else "approved",
            "commit": new,
            "by": person.id,
            "releases": [
                {"artifact": str(one.artifact), "version": one.manifest.version}
                for one in change.releases
                if one.manifest
            ],
            "countersigned": list(decision.countersigned),
            "signed": sorted(decision.files),
        }
    raise _moved()


def _title(candidate: Candidate) -> str:
    return f"{candidate.artifact}@{candidate.manifest.version if candidate.manifest else candidate.folder}"


def reject(bench: Bench, name: str, *, reason: str, note: str) -> dict[str, Any]:  # Any: JSON
    """Records a rejection where the author's `status` finds it, and takes the submission off the queue."""
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        waiting = find(bench, name)
        person, signer = me(bench, tip)
        at = bench.now()
        files = decision_files(waiting.change, tip, signer, action="reject", reason=reason, note=note, at=at)
        message = f"Reject {waiting.change.submission[:12]}: {reason}\n"
        new = _advance(bench, commit, files, message=message, person=person, at=at)
        if new is None:
            continue
        _take_off(bench, waiting)
        return {
            "submission": waiting.change.submission,
            "state": "rejected",
            "reason": reason,
            "note": note,
            "by": person.id,
            "commit": new,
        }
    raise _moved()


def _advance(
    bench: Bench, commit: str, files: Mapping[str, bytes], *, message: str, person: Person, at: int
) -> str | None:
    """The new tip with `files` on `commit`; `None` where somebody else landed first."""
    faults = (repository_path_fault(path) for path in sorted(files))
    if fault := next(filter(None, faults), None):
        raise InvalidInput(
            fault, code="path-too-long", hint="choose shorter names: the author's, the moderator's or the version's"
        )
    new = bench.history.commit(files, onto=commit, message=message, author=signature_of(person.id), at=at)
    try:
        bench.history.move(BRANCH, old=commit, new=new)
    except StateForbids as error:
        if error.code != "moved":
            raise
        return None
    return new


def _take_off(bench: Bench, waiting: Waiting) -> None:
    """Deletes the branch of what is decided; something else that was pushed there meanwhile stays."""
    try:
        bench.history.move(waiting.branch, old=waiting.commit, new=None)
    except StateForbids as error:
        if error.code != "moved":
            raise


def _moved() -> StateForbids:
    return StateForbids("the registry moved on each time; others are landing too", code="moved", hint="try again")


def decision_files(
    change: Change, tip: Tree, signer: Signer, *, action: str, reason: str, note: str, at: int
) -> dict[str, bytes]:
    """A signed moderation statement about a submission."""
    year = from_seconds(at)[:4]
    subject = moderation_subject(change.submission, year)
    folder = layout.moderation_folder(change.submission, year)
    number = 1
    while tip.read(f"{folder}/{number}.json") is not None:
        number += 1
    before = tip.read(f"{folder}/{number - 1}.json")
    value = {
        **frame(
            "registry.moderation/1",
            change.registry,
            subject,
            (number - 1, before) if before else None,
            heads_at(tip, ["moderators"]),
        ),
        "action": action,
        "submission": change.submission,
        "manifests": sorted(prefixed(sha256(one.manifest_bytes)) for one in change.releases if one.manifest_bytes),
        "reason": reason,
        "note": note,
        "at": from_seconds(at),
    }
    Moderation.of(value)
    return sealed(f"{folder}/{number}.json", value, [signer])
