"""Statements that more than one moderator agrees to: owners of a scope become others, a release there needs less.

Their signatures gather on the branch `invite/<subject>/<n>` until they are enough and the wait is over; whoever
comes then lands it. What each of them signs is the statement itself, so nothing else has to be verified.
"""

from typing import Any

from registry_tool.core import layout
from registry_tool.core.authority import people_of
from registry_tool.core.change import Joined
from registry_tool.core.errors import StateForbids
from registry_tool.core.joining import needs_countersignature
from registry_tool.core.keys import Signer, k16
from registry_tool.core.need import Need, eligible
from registry_tool.core.standing import government_at
from registry_tool.core.statements import Person
from registry_tool.services.admitting import verify_landed
from registry_tool.services.author import signature_of
from registry_tool.services.bench import Bench, Waiting, advance, settle, take_off
from registry_tool.services.recovering import gathered


def agree(
    bench: Bench, commit: str, waiting: Waiting, need: Need, person: Person, signer: Signer, *, at: int
) -> dict[str, Any] | None:  # Any: JSON
    """Adds one moderator's signature to each statement, and lands them where that is enough.

    `None` where the tip moved meanwhile. Raises `StateForbids` where nothing is left to do but wait.
    """
    change = waiting.change
    government = government_at(change.tip, registry=change.registry, check=bench.means.check)
    body = government.moderators.head.body
    subjects = frozenset(one.located.subject for one in change.statements if one.located.role == "chain")
    asked = [
        one
        for one in change.statements
        if one.located.role == "chain"
        and needs_countersignature(change, one, government, subjects, check=bench.means.check)
    ]
    may = eligible(change, government.policy.head.body, body)
    if may and person.id not in may:
        raise StateForbids(
            f"{person.id} is the author of this, and this registry wants somebody else to look",
            code="self-approval",
            hint="another moderator approves it",
        )
    signatures: dict[str, bytes] = {}
    fewest = need.people
    places = []
    for joined in asked:
        branch = f"invite/{joined.located.subject}/{joined.located.number}"
        before = bench.history.branches(branch).get(branch)
        keys = gathered(bench, before, joined.path, joined.raw, body)
        known = people_of(body, keys)
        places.append((joined, branch, before, person.id in known))
        keys.setdefault(k16(signer.key), signer.sign(joined.raw))
        fewest = min(fewest, len(known | {person.id}))
        signatures.update({layout.signature_path(joined.path, key): content for key, content in sorted(keys.items())})
    mine = sorted(layout.signature_path(joined.path, k16(signer.key)) for joined in asked)
    value: dict[str, Any] = {"submission": change.submission, "by": person.id, "releases": [], "countersigned": []}
    if fewest < need.people or not need.due(at):
        if all(signed for *_, signed in places):
            raise StateForbids(
                f"{person.id} agreed to this already", code="approved-already", hint=f"it {need.lead(at)}"
            )
        new = _gather(bench, commit, places, signatures, person, at)
        return {**value, "state": "approved", "commit": new, "signed": mine, "waits": need.lead(at)}
    verify_landed(change, change.tip, signatures, at=at, means=bench.means)
    files = {**change.additions, **signatures}
    landed = advance(bench, commit, files, message="Admit statements\n", by=person.id, at=at)
    if landed is None:
        return None
    settle(bench, waiting)
    for _, branch, before, _ in places:
        if before is not None:
            take_off(bench, branch, before)
    words = [joined.words for joined in asked]
    return {**value, "state": "published", "commit": landed, "signed": sorted(signatures), "countersigned": words}


def _gather(
    bench: Bench,
    commit: str,
    places: list[tuple[Joined, str, str | None, bool]],
    signatures: dict[str, bytes],
    person: Person,
    at: int,
) -> str:
    """Puts the signatures so far where the next moderator finds them; the last commit that was made."""
    new = commit
    for joined, branch, before, _ in places:
        own = {path: data for path, data in signatures.items() if path.startswith(joined.path.removesuffix("json"))}
        new = bench.history.commit(
            {joined.path: joined.raw, **own},
            onto=commit,
            message=f"Agree to {joined.located.subject} {joined.located.number}\n",
            author=signature_of(person.id),
            at=at,
        )
        bench.history.move(branch, old=before, new=new)
    return new
