"""A policy in words: what it takes to be let in, readable in a minute."""

from registry_tool.core.need import people_words, time_words
from registry_tool.core.statements import Policy

_LIMITS = {"releases": "releases in one submission", "open": "submissions of one author that wait at once"}


def policy_lines(policy: Policy) -> tuple[str, ...]:
    """What a policy says, one sentence each, in the order in which a submission meets it."""
    return (*_looks(policy), _approvals(policy), _statements(policy), _recovery(policy), *_rest(policy))


def differences(before: Policy, after: Policy) -> tuple[str, ...]:
    """The sentences that become others, as they will be."""
    old = set(policy_lines(before))
    return tuple(line for line in policy_lines(after) if line not in old)


def _looks(policy: Policy) -> tuple[str, ...]:
    approvals, waits = policy.approvals, policy.waits
    count, gain = approvals.count, max(approvals.count, approvals.gain)
    if policy.gate.releases == "owner-updates":
        wait = f" after {time_words(waits.owner_update)}" if waits.owner_update else ""
        alone = (
            f"An update that asks for nothing new goes through by itself{wait}, where its owner signed it twice: "
            "with a key, and as a keyless identity or from the account that the keyring lists."
        )
    else:
        alone = f"An update that asks for nothing new: {people_words(count)}."
    name = max(count, approvals.new_name)
    wait = f", and {time_words(waits.new_name)}" if waits.new_name else ""
    return (
        alone,
        f"One that may do more than the version before: {people_words(gain)}.",
        f"A new name: {people_words(name)}{wait}.",
        f"Another author, source or owner: two people where there are two{wait}.",
    )


def _approvals(policy: Policy) -> str:
    if policy.approvals.mode == "signed":
        return "People approve with their own keys; a review in a forge counts for nothing."
    return (
        "A review in the forge counts: of exactly the commit that was checked, by an account that the moderators "
        "list by its number; the gate signs for it. People's own keys count too."
    )


def _statements(policy: Policy) -> str:
    names = {"keyring": "new keys", "scope": "who publishes in a scope"}
    signed = [names.get(one, one) for one in policy.gate.statements]
    if not signed:
        return "New keys, and who publishes in a scope: signed by a moderator."
    return f"The gate signs, once people approved: {', '.join(signed)}."


def _recovery(policy: Policy) -> str:
    return (
        f"Somebody who lost every key is let in again after a notice and {time_words(policy.waits.recover)}, "
        "by as many moderators as sign for the registry."
    )


def _rest(policy: Policy) -> tuple[str, ...]:
    own = "Moderators may approve what is their own." if policy.self_approval else "Nobody approves what is their own."
    private = "Private releases are taken." if policy.private else "Private releases are not taken."
    limits = (f"At most {most} {_LIMITS.get(name, name)}." for name, most in sorted(policy.limits.items()))
    return (own, private, *limits)
