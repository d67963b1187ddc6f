"""What a moderator does: read submissions, admit or reject them.

Landing never merges text. It puts a submission's additions on the tip, adds what the approver signs,
verifies the result as a client will, and moves the branch by compare-and-swap (part 9).
"""

from dataclasses import replace
from typing import Any

from registry_tool.core.change import Candidate, Change
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted
from registry_tool.core.findings import Finding
from registry_tool.core.published import registry_of
from registry_tool.core.recovery import recovery_of
from registry_tool.core.review import review
from registry_tool.core.standing import government_at
from registry_tool.core.submission import additions_of, read_change, submission_id
from registry_tool.core.tree import MemoryTree, Tree
from registry_tool.services.admitting import decide, verify_landed
from registry_tool.services.author import with_faults
from registry_tool.services.bench import (
    TRIES,
    Bench,
    Waiting,
    advance,
    decision_files,
    me,
    moved,
    take_off,
    tip_of,
)
from registry_tool.services.recovering import next_step


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
    brought = waits = due = ""
    try:
        change = change_between(bench, commit, head, tip)
        new = [edit for edit in change.edits if edit.path not in change.additions]
        everything = {**change.additions, **additions_of(MemoryTree({}), bench.history.tree(head), new)}
        brought = submission_id(everything)
        recovery = recovery_of(change, means=bench.means)
        if recovery is not None:
            waits, due = recovery.words, f"{recovery.due} {change.submission[:12]}"
    except (NotTrusted, InvalidInput) as error:
        change = _unreadable(bench, tip, head, error)
    report = replace(review(change, bench.checks), waits=due)
    return Waiting(branch, head, bench.history.info(head).at, change, report, brought, waits)


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
        recovery = recovery_of(change, means=bench.means)
        if recovery is not None:
            step = next_step(bench, commit, tip, waiting, recovery, note=note)
            if step is None:
                continue
            return step
        at = bench.now()
        decision = decide(change, tip, person, signer, at=at, note=note, means=bench.means)
        files = {**change.additions, **decision.files} if decision.complete else decision.files
        if decision.complete:
            verify_landed(change, tip, decision.files, at=at, means=bench.means)
        titles = ", ".join(_title(one) for one in change.releases) or "statements"
        message = f"{'Admit' if decision.complete else 'Approve'} {titles}\n"
        new = advance(bench, commit, files, message=message, by=person.id, at=at)
        if new is None:
            continue
        if decision.complete:
            take_off(bench, waiting.branch, waiting.commit)
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
    raise moved()


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
        new = advance(bench, commit, files, message=message, by=person.id, at=at)
        if new is None:
            continue
        take_off(bench, waiting.branch, waiting.commit)
        return {
            "submission": waiting.change.submission,
            "state": "rejected",
            "reason": reason,
            "note": note,
            "by": person.id,
            "commit": new,
        }
    raise moved()
