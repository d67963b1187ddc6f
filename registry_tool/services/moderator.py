"""What a moderator does: let submissions in, or say why not.

Landing never merges text. It puts a submission's additions on the tip, adds what the approver signs,
verifies the result as a client will, and moves the branch by compare-and-swap (part 9).
"""

from typing import Any

from registry_tool.core.change import Candidate, Change
from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.keys import Signer
from registry_tool.core.recovery import recovery_of
from registry_tool.core.statements import Person
from registry_tool.services.admitting import decide, verify_landed
from registry_tool.services.agreeing import agree
from registry_tool.services.bench import TRIES, Bench, Waiting, advance, decision_files, me, moved, settle, tip_of
from registry_tool.services.finding import find
from registry_tool.services.queueing import change_between, queue, read_waiting, seen_now
from registry_tool.services.recovering import next_step

__all__ = ["approve", "change_between", "find", "flag", "objection", "queue", "read_waiting", "reject"]


def approve(bench: Bench, name: str, *, note: str, despite_flag: bool = False) -> dict[str, Any]:  # Any: JSON
    """Admits a submission, or adds this moderator's approval where more people or more time are needed.

    Returns what landed. Raises `InvalidInput` where a check refuses it, `StateForbids` where an approval does not
    count or somebody flagged it (unless `despite_flag`), `NotTrusted` where the result would not verify.
    """
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        waiting = find(bench, name)
        refuse_failed(waiting)
        person, signer = me(bench, tip)
        recovery = recovery_of(waiting.change, means=bench.means)
        if recovery is not None:
            step = next_step(bench, commit, tip, waiting, recovery, note=note)
        else:
            step = _step(bench, commit, seen_now(bench, waiting), person, signer, note=note, despite_flag=despite_flag)
        if step is not None:
            return step
    raise moved()


def refuse_failed(waiting: Waiting) -> None:
    """Refuses what the checks refuse, with what they say."""
    if waiting.report.verdict in ("fail", "undecided"):
        faults = tuple(one for one in waiting.report.findings if one.level == "fail")
        raise InvalidInput("the checks refuse this submission", code="checks-failed", findings=faults)


def _step(
    bench: Bench, commit: str, waiting: Waiting, person: Person, signer: Signer, *, note: str, despite_flag: bool
) -> dict[str, Any] | None:  # Any: JSON
    """What one moderator's yes comes to; `None` where the tip moved meanwhile."""
    change, need, at = waiting.change, waiting.report.need, bench.now()
    if need is not None and need.flags and not despite_flag:
        flag = need.flags[-1]
        raise StateForbids(
            f"{flag.by} flagged it ({flag.reason}): {flag.note}",
            code="flagged",
            hint="look at it again; if it is fine all the same, add --despite-flag",
        )
    if need is not None and need.grave and not change.releases:
        return agree(bench, commit, waiting, need, person, signer, at=at)
    decision = decide(change, change.tip, person, signer, at=at, note=note, means=bench.means, need=need)
    files = {**change.additions, **decision.files} if decision.complete else decision.files
    if decision.complete:
        verify_landed(change, change.tip, decision.files, at=at, means=bench.means)
    # A release's admission holds the note, signed; of statements alone it is kept here.
    words = f"\n{note}\n" if note and not change.releases else ""
    message = f"{'Admit' if decision.complete else 'Approve'} {titles(change)}\n{words}"
    new = advance(bench, commit, files, message=message, by=person.id, at=at)
    if new is None:
        return None
    if decision.complete:
        settle(bench, waiting)
    return {
        **landed_value(waiting, person.id, new, complete=decision.complete),
        "countersigned": list(decision.countersigned),
        "signed": sorted(decision.files),
        **({} if decision.complete or need is None else {"waits": need.lead(at)}),
    }


def reject(bench: Bench, name: str, *, reason: str, note: str) -> dict[str, Any]:  # Any: JSON
    """Records a rejection where the author's `status` finds it, and takes the submission off the queue."""
    return _said(bench, name, action="reject", reason=reason, note=note)


def flag(bench: Bench, name: str, *, reason: str, note: str) -> dict[str, Any]:  # Any: JSON
    """Records that somebody should look again: it goes through by nobody's own light, and stays in the queue."""
    return _said(bench, name, action="flag", reason=reason, note=note)


def objection(bench: Bench, name: str, *, reason: str, note: str) -> dict[str, Any]:  # Any: JSON
    """Records an objection: nobody lands it before it is rejected and submitted again."""
    return _said(bench, name, action="objection", reason=reason, note=note)


_STATES = {"reject": "rejected", "flag": "flagged", "objection": "objected"}


def _said(bench: Bench, name: str, *, action: str, reason: str, note: str) -> dict[str, Any]:  # Any: JSON
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        waiting = find(bench, name)
        person, signer = me(bench, tip)
        at = bench.now()
        files = decision_files(waiting.change, tip, signer, action=action, reason=reason, note=note, at=at)
        message = f"{action.capitalize()} {waiting.change.submission[:12]}: {reason}\n"
        new = advance(bench, commit, files, message=message, by=person.id, at=at)
        if new is None:
            continue
        if action == "reject":
            settle(bench, waiting)
        return {
            "submission": waiting.change.submission,
            "state": _STATES[action],
            "reason": reason,
            "note": note,
            "by": person.id,
            "commit": new,
        }
    raise moved()


def titles(change: Change) -> str:
    """What a submission brings, for the message of a commit."""
    return ", ".join(map(_title, change.releases)) or "statements"


def _title(candidate: Candidate) -> str:
    return f"{candidate.artifact}@{candidate.manifest.version if candidate.manifest else candidate.folder}"


def landed_value(waiting: Waiting, by: str, commit: str, *, complete: bool) -> dict[str, Any]:  # Any: JSON
    """What landed, for `--json`."""
    change = waiting.change
    return {
        "submission": change.submission,
        "state": "published" if complete else "approved",
        "commit": commit,
        "by": by,
        "releases": [
            {"artifact": str(one.artifact), "version": one.manifest.version} for one in change.releases if one.manifest
        ],
    }
