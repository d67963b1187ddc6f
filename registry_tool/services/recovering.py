"""Letting somebody who lost every key in again: notice, wait, and k moderators (part 4, `recover`).

Each moderator's `approve` takes the step that is due. Their signatures gather on the branch
`invite/<subject>/<n>` until they are enough; the last one lands it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from registry_tool.core import layout, limits
from registry_tool.core.authority import moderator_keys, people_of
from registry_tool.core.chains import signers
from registry_tool.core.document import load
from registry_tool.core.errors import RegistryError, StateForbids
from registry_tool.core.keys import K16, Signer, k16
from registry_tool.core.published import signed_at
from registry_tool.core.recovery import Recovery, may_object, objectors, recovery_of
from registry_tool.core.standing import government_at, keyring_at
from registry_tool.core.statements import Moderation, Moderators, Person
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Overlay, Tree, walk
from registry_tool.services.admitting import verify_landed
from registry_tool.services.author import signature_of
from registry_tool.services.bench import Bench, Waiting, advance, decision_files, me, take_off, tip_of


def next_step(
    bench: Bench, commit: str, tip: Tree, waiting: Waiting, recovery: Recovery, *, note: str
) -> dict[str, Any] | None:  # Any: JSON
    """Takes the step of a recovery that is due and says what happened; `None` where the tip moved meanwhile.

    Raises `StateForbids` while it waits, and for good once its owner objected.
    """
    person, signer = me(bench, tip)
    at = bench.now()
    if recovery.objection is None and (objection := _brought_objection(bench, tip, waiting)):
        if advance(bench, commit, objection, message="Keep an objection\n", by=person.id, at=at) is None:
            return None
        recovery = _again(bench, waiting)
    if recovery.objection is None and recovery.notice is None:
        return _publish_notice(bench, commit, tip, waiting, person, signer, note=note, at=at)
    recovery.may_land(at)
    return _sign(bench, commit, tip, waiting, recovery, person, signer, at=at)


def _again(bench: Bench, waiting: Waiting) -> Recovery:
    """The recovery as it stands on the newest tip."""
    found = recovery_of(replace(waiting.change, tip=tip_of(bench.history)[1]), means=bench.means)
    assert found is not None  # noqa: S101  # it was one before
    return found


def _publish_notice(
    bench: Bench, commit: str, tip: Tree, waiting: Waiting, person: Person, signer: Signer, *, note: str, at: int
) -> dict[str, Any] | None:  # Any: JSON
    change = waiting.change
    files = decision_files(change, tip, signer, action="notice", reason="recover", note=note, at=at)
    message = f"Make a recovery public: {change.submission[:12]}\n"
    new = advance(bench, commit, files, message=message, by=person.id, at=at)
    if new is None:
        return None
    recovery = _again(bench, waiting)
    return {
        **_value(waiting, person, "noticed", new),
        "until": from_seconds(recovery.until or at),
        "signed": sorted(files),
    }


def _sign(
    bench: Bench,
    commit: str,
    tip: Tree,
    waiting: Waiting,
    recovery: Recovery,
    person: Person,
    signer: Signer,
    *,
    at: int,
) -> dict[str, Any] | None:  # Any: JSON
    change, joined = waiting.change, recovery.joined
    body = government_at(tip, registry=change.registry, check=bench.means.check).moderators.head.body
    branch = f"invite/{joined.located.subject}/{joined.located.number}"
    before = bench.history.branches(branch).get(branch)
    signed = gathered(bench, before, joined.path, joined.raw, body)
    if person.id in people_of(body, signed):
        raise StateForbids(
            f"{person.id} signed this recovery already",
            code="approved-already",
            hint=f"it takes {recovery.people} people",
        )
    signed[k16(signer.key)] = signer.sign(joined.raw)
    signatures = {layout.signature_path(joined.path, key): content for key, content in sorted(signed.items())}
    mine = layout.signature_path(joined.path, k16(signer.key))
    if len(people_of(body, signed)) < recovery.people:
        message, author = f"Sign a recovery: {change.submission[:12]}\n", signature_of(person.id)
        files = {joined.path: joined.raw, **signatures}
        new = bench.history.commit(files, onto=commit, message=message, author=author, at=at)
        bench.history.move(branch, old=before, new=new)
        return {**_value(waiting, person, "approved", new), "signed": [mine]}
    verify_landed(change, tip, signatures, at=at, means=bench.means)
    files = {**change.additions, **signatures}
    landed = advance(bench, commit, files, message=f"Recover {joined.located.subject}\n", by=person.id, at=at)
    if landed is None:
        return None
    take_off(bench, waiting.branch, waiting.commit)
    if before is not None:
        take_off(bench, branch, before)
    done = _value(waiting, person, "published", landed)
    return {**done, "countersigned": [joined.words], "signed": sorted(signatures)}


def _value(waiting: Waiting, person: Person, state: str, commit: str) -> dict[str, Any]:  # Any: JSON
    return {
        "submission": waiting.change.submission,
        "state": state,
        "commit": commit,
        "by": person.id,
        "releases": [],
        "countersigned": [],
        "signed": [],
    }


def gathered(bench: Bench, head: str | None, path: str, raw: bytes, body: Moderators) -> dict[K16, bytes]:
    """The moderators' signatures of exactly this statement that wait already; what does not hold counts for nothing."""
    source = signed_at(bench.history.tree(head), path) if head is not None else None
    if source is None or source.data != raw:
        return {}
    return {
        k16(key): source.signatures[k16(key)]
        for key in moderator_keys(body)
        if k16(key) in source.signatures and bench.means.check(key, raw, source.signatures[k16(key)])
    }


def objection_branch(submission: str, key: K16) -> str:
    """Where an owner's objection waits for the next moderator, whose `approve` cannot overlook it."""
    return f"objection/{submission[:12]}/{key}"


def _brought_objection(bench: Bench, tip: Tree, waiting: Waiting) -> dict[str, bytes]:
    """An owner's objection that waits on a branch, as files for the tip; empty where there is none.

    Raises `StateForbids` for one that holds and does not follow what was said meanwhile: it counts all the same.
    """
    change = waiting.change
    for branch, head in sorted(bench.history.branches(objection_branch(change.submission, K16(""))).items()):
        brought = bench.history.tree(head)
        files = {
            path: brought.read(path) or b""
            for year in brought.list("index/moderation")
            for path, _ in walk(brought, f"index/moderation/{year.name}/{change.submission}")
            if tip.entry(path) is None or tip.read(path) != brought.read(path)
        }
        objecting = sorted(
            path for path in files if path.endswith(".json") and _objects(bench, tip, waiting, brought, path)
        )
        if not objecting:
            continue  # by nobody who may, or about something else
        if all(tip.entry(path) is None for path in files) and _fits(bench, tip, waiting, files):
            return files
        raise StateForbids(
            f"the owner objected on the branch {branch}",
            code="objection",
            hint="reject the recovery",
        )
    return {}


def _objects(bench: Bench, tip: Tree, waiting: Waiting, brought: Tree, path: str) -> bool:
    """Whether a document is an objection to this recovery, signed by a control key that its owner has today."""
    change = waiting.change
    source = signed_at(brought, path)
    owners = frozenset[str]().union(*(may_object(one.statement) for one in change.statements))
    try:
        assert source is not None  # noqa: S101  # it is one of the files
        said = load(Moderation, source.data, limit=limits.STATEMENT_BYTES, registry=change.registry, what=path)
        if (said.action, said.submission) != ("objection", change.submission):
            return False
        government = government_at(tip, registry=change.registry, check=bench.means.check)
        for author in sorted(objectors(said) & owners):
            body = keyring_at(tip, government, author, check=bench.means.check).head.body
            control = [row.raw for row in body.keys if row.active and row.use == "control"]
            if signers(source, control, check=bench.means.check, what=path):
                return True
    except RegistryError:
        return False  # it is no objection
    return False


def _fits(bench: Bench, tip: Tree, waiting: Waiting, files: Mapping[str, bytes]) -> bool:
    """Whether the objection counts once its files are on the tip."""
    try:
        found = recovery_of(replace(waiting.change, tip=Overlay(tip, files)), means=bench.means)
    except RegistryError:
        return False
    return found is not None and found.objection is not None
