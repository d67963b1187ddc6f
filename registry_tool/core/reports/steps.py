"""What is needed now and from whom, in one sentence of ours with the command for it."""

from registry_tool.core.approvals import needed
from registry_tool.core.change import Change, Joined
from registry_tool.core.families import FAMILIES
from registry_tool.core.heads import newest
from registry_tool.core.need import Need
from registry_tool.core.review import Report
from registry_tool.core.statements import Policy


def next_step(report: Report) -> str:
    """What is needed now; a command stands behind its last colon."""
    match report.verdict:
        case "fail":
            return "The author mends what fails and publishes again; nothing was taken in."
        case "undecided":
            return "A check could not decide; that is not the author's fault. Run it again."
        case _ if report.waits:
            return report.waits
        case _ if report.need is not None:
            return _needed(report.change, report.need)
        case _:
            return _unasked(report)


def _needed(change: Change, need: Need) -> str:
    """What a submission needs, with the step that is due."""
    lead, short = f"It {need.lead(change.at)}", change.submission[:12]
    if need.objections:
        return f"{lead}. To reject it: registry queue reject {short} --note WHY"
    if need.path == "owner":
        return f"{lead}."
    approve = f"registry queue approve {short}{' --despite-flag' if need.flags else ''}"
    policy = _policy(change)
    if policy is None or policy.approvals.mode == "signed":
        return f"{lead}: {approve}"
    if not all(_gate_signs(change, one, policy) for one in change.statements):
        return f"{lead}. It takes a moderator's own key, no review in the forge: {approve}"
    review = "approve its pull request" + (", later than the flag" if need.flags else "")
    return f"{lead}. To let it in, {review}, or type: {approve}"


def _gate_signs(change: Change, joined: Joined, policy: Policy) -> bool:
    """Whether reviews in the forge are enough for a statement; where this is wrong, the gate says it."""
    body, family = joined.statement, FAMILIES.get(joined.located.role)
    if family is not None:
        return not family.countersigned(change, joined)
    if body is None or joined.located.role != "chain" or "moderators" not in body.under:
        return True
    name = "keyring" if joined.located.subject.startswith("authors/") else "scope"
    return name in policy.gate.statements and "policy" in body.under and not body.hits


def _unasked(report: Report) -> str:
    """The same where nobody asked what it needs: policy's numbers alone."""
    change = report.change
    policy = _policy(change)
    by = f"{_people(change, policy)} must approve it" if policy is not None else "it is approved by hand"
    seen = "A person looks at what is marked review" if report.verdict == "review" else "Nothing stands against it"
    return f"{seen}; {by}: registry queue approve {change.submission[:12]}"


def _people(change: Change, policy: Policy) -> str:
    """How many people policy wants."""
    wanted = (
        needed(policy, compared=one.previous.version if one.previous else None, gained=bool(one.gained))
        for one in change.releases
    )
    people = max([1, *wanted])
    return f"{people} {'person' if people == 1 else 'people'}"


def _policy(change: Change) -> Policy | None:
    """The policy of the tip; `None` where there is none that can be read."""
    return newest(change.tip, "policy", Policy, registry=change.registry)
