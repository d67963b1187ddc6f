"""What a push may do to a registry's repository, decided for each branch before git keeps anything.

    submit/<12>              anybody: a submission that the checks let through, under the first digits of its id
    invite/<subject>/<n>     a statement on its way from signer to signer, signed by one whom it concerns
    objection/<12>/<k16>     an owner's objection to a recovery
    registry/queue           what the registry remembers of its queue, signed by who decides here
    main                     landings, one commit after the other (`landings.py`)

Nobody is asked who they are: what is pushed says by its signatures what it may do. So the first four may be taken
away by anybody who may push at all, and nothing that counts is lost with them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from registry_tool.core import layout, limits
from registry_tool.core.canonical import parse_loose
from registry_tool.core.chains import signers
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids
from registry_tool.core.keys import K16, PublicKey
from registry_tool.core.layout import Located, locate
from registry_tool.core.moderation import read_decisions
from registry_tool.core.names import parse_part
from registry_tool.core.published import chain_at, registry_of, signed_at
from registry_tool.core.pushes import INVITATION, OBJECTION, SUBMISSION, Update, only_withdraw
from registry_tool.core.quoting import quoted
from registry_tool.core.standing import authorities_at, government_at
from registry_tool.core.statements import Keyring, Moderation, Moderators, Policy, Scope, Statement
from registry_tool.core.submission import additions_of, submission_id
from registry_tool.core.tree import MemoryTree, Overlay, Tree
from registry_tool.core.waiting import QUEUE_BRANCH, WAITLIST, WAITLIST_BYTES
from registry_tool.core.waivers import reviewed
from registry_tool.services.bench import BRANCH, Bench, tip_of
from registry_tool.services.landings import check_landing, refuse
from registry_tool.services.queueing import change_between
from registry_tool.services.waitlist import fault_of

COMMITS: Final = 100  # that land in one push
SIGNATURES: Final = 64  # beside one statement; more people than sign anything
_MODELS: Final[Mapping[str, type[Statement]]] = {
    "moderators": Moderators,
    "policy": Policy,
    "authors": Keyring,
    "scopes": Scope,
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A ref that a push may not touch so, and why."""

    ref: str
    error: RegistryError


def received(bench: Bench, updates: Sequence[Update]) -> tuple[Refused, ...]:
    """What a push may not do; empty where all of it may be kept. The bench's history has what the push brings."""
    found = []
    for update in updates:
        try:
            _look(bench, update)
        except RegistryError as error:
            found.append(Refused(update.ref, error))
    return tuple(found)


def submitted(bench: Bench, updates: Sequence[Update]) -> tuple[str, ...]:
    """The ids under which the submissions of a push wait, sorted (as `waitlist.key_of` has them)."""
    commit, _ = tip_of(bench.history)
    found = set()
    for update in updates:
        base = bench.history.merge_base(commit, update.new) if update.new is not None else None
        if update.new is None or base is None or not SUBMISSION.fullmatch(update.branch):
            continue
        edits = bench.history.changed(base, update.new)
        found.add(submission_id(additions_of(MemoryTree({}), bench.history.tree(update.new), edits)))
    return tuple(sorted(found))


def _look(bench: Bench, update: Update) -> None:
    branch = update.branch
    if branch == BRANCH:
        _main_line(bench, update)
    elif branch == QUEUE_BRANCH and update.new is not None:
        _queue(bench, update.old, update.new)
    elif update.new is not None and SUBMISSION.fullmatch(branch):
        _submission(bench, branch, update.new)
    elif update.new is not None and (invited := INVITATION.fullmatch(branch)):
        _invitation(bench, branch, update.new, invited)
    elif update.new is not None and (objected := OBJECTION.fullmatch(branch)):
        _objection(bench, branch, update.new, objected)
    elif not only_withdraw([update]):
        raise StateForbids(
            "nothing is pushed there: a registry takes submit/…, invite/…, objection/… and landings on main",
            code="not-by-push",
            hint="`registry publish` sends a submission; what only operators do, they do where the repository is",
        )


def _main_line(bench: Bench, update: Update) -> None:
    """Landings, one commit after the other along first parents."""
    history = bench.history
    if update.new is None or update.old is None:
        raise StateForbids(
            "the main line is made by `registry init`, and never taken away",
            code="main-line",
            hint="what is published stays; it can be yanked, quarantined, revoked or withheld",
        )
    if history.resolve(BRANCH) != update.old:
        raise _moved()
    steps: list[tuple[str, str]] = []
    newer = ""
    for commit in islice(history.line(update.new), COMMITS + 1):
        if newer:
            steps.append((commit, newer))
        if commit == update.old:
            break
        newer = commit
    else:
        raise StateForbids(
            f"the main line only goes on from {update.old[:12]}, along first parents, {COMMITS} commits at a time",
            code="not-fast-forward",
            hint="fetch main, decide it again on the newest state, and push that",
        )
    for parent, commit in reversed(steps):
        check_landing(bench, parent, commit)


def _moved() -> StateForbids:
    return StateForbids("somebody else landed first", code="moved", hint="fetch main and try again")


def _submission(bench: Bench, branch: str, head: str) -> None:
    commit, tip = tip_of(bench.history)
    change = change_between(bench, commit, head, tip)
    refuse(reviewed(change, bench.checks, means=bench.means), "the checks refuse this submission")
    if not change.additions:
        hint = "`registry status` says what became of yours"
        raise StateForbids("it brings nothing that is not there", code="landed", hint=hint)
    wanted = f"submit/{change.submission[:12]}"
    if branch != wanted:
        raise InvalidInput(
            f"a submission waits under the first digits of its id, as {wanted}",
            code="bad-branch",
            hint="`registry publish` names it so; where the registry went on meanwhile, publish again",
        )


def _invitation(bench: Bench, branch: str, head: str, named: re.Match[str]) -> None:
    """The next statement of a chain, on its way, signed by somebody whom it concerns."""
    subject, number = named[1], int(named[5])
    family = named[2] or named[3]
    if named[4]:
        parse_part(named[4], "name")
    tip, files = _brought(
        bench, branch, head, lambda one: one.role == "chain" and (one.subject, one.number) == (subject, number)
    )
    if number != len(chain_at(tip, subject)) + 1:
        raise StateForbids(
            f"the next number of {subject} is {len(chain_at(tip, subject)) + 1}",
            code="sign-again",
            hint="fetch the registry's newest state and sign again",
        )
    path, registry = layout.statement_path(subject, number), registry_of(tip)
    source = signed_at(Overlay(tip, files), path)
    if source is None:
        message = f"the branch {branch} brings no statement"
        raise InvalidInput(message, where=path, code="empty-branch", hint="send the statement with its signatures")
    body = load(_MODELS[family], source.data, limit=limits.STATEMENT_BYTES, registry=registry, what=path)
    if (body.subject, body.number) != (subject, number):
        message = f"it says that it is number {body.number} of {quoted(body.subject)}"
        raise InvalidInput(message, where=path, code="other-subject", hint="send it as what it is")
    if not signers(source, _concerned(bench, tip, subject), check=bench.means.check, what=path):
        raise NotTrusted(
            "it is signed by nobody whom it concerns: no moderator, no owner",
            where=path,
            code="not-authorised",
            hint="the tool's own verbs sign what they send: registry moderators, registry scope",
        )


def _concerned(bench: Bench, tip: Tree, subject: str) -> list[PublicKey]:
    """Active keys of the moderators and the root; of a scope also its owners' control keys."""
    check = bench.means.check
    government = government_at(tip, registry=registry_of(tip), check=check)
    people = government.moderators.head.body.people
    keys = {row.raw for person in people for row in person.keys if row.active} | set(government.roots[-1].keys)
    family, _, scope = subject.partition("/")
    if family == "scopes" and chain_at(tip, subject):
        authorities = authorities_at(tip, government, scope, check=check)
        owners = [row.author for row in authorities.scope.head.body.owners if row.active]
        rows = (row for owner in owners for row in authorities.keyring(owner).head.body.keys)
        keys |= {row.raw for row in rows if row.active and row.use == "control"}
    return sorted(keys)


def _objection(bench: Bench, branch: str, head: str, named: re.Match[str]) -> None:
    """An author's objection, signed by the key that the branch names, on top of what was said."""
    tip, files = _brought(bench, branch, head, lambda one: one.role == "moderation" and one.hex.startswith(named[1]))
    documents = [path for path in sorted(files) if path.endswith(".json")]
    if len(documents) != 1 or layout.signature_path(documents[0], K16(named[2])) not in files:
        message = f"the branch {branch} brings one objection, signed by {named[2]}"
        raise InvalidInput(message, code="stray-file", hint="`registry keys object` makes and sends it")
    where, registry = documents[0], registry_of(tip)
    said = load(Moderation, files[where], limit=limits.STATEMENT_BYTES, registry=registry, what=where)
    links = read_decisions(Overlay(tip, files), said.submission, registry=registry, means=bench.means)
    by_author = any(name.startswith("authors/") for name in said.under)
    if said.action != "objection" or not by_author or not any(link.body == said for link in links):
        raise NotTrusted(
            "it is no objection by an author that counts now",
            where=where,
            code="not-authorised",
            hint="fetch the registry's newest state; `registry keys object` makes and sends it",
        )


def _brought(bench: Bench, branch: str, head: str, allowed: Callable[[Located], bool]) -> tuple[Tree, dict[str, bytes]]:
    """The tip, and what a branch adds to it: small files, all of them `allowed`."""
    commit, tip = tip_of(bench.history)
    base = bench.history.merge_base(commit, head)
    if base is None:
        message = "it does not grow from this registry's history"
        raise NotTrusted(message, code="no-common-history", hint="fetch main and begin there")
    edits = bench.history.changed(base, head)
    for edit in edits:
        if edit.old is None and edit.new is not None and edit.new.type == "file" and allowed(locate(edit.path)):
            continue
        raise InvalidInput(
            f"the branch {branch} brings one statement with its signatures, and nothing else",
            where=edit.path,
            code="stray-file",
            hint="leave that out; the tool's own verbs bring what is needed",
        )
    if len(edits) > SIGNATURES + 1:
        message = f"one statement and at most {SIGNATURES} signatures were expected, {len(edits)} files came"
        raise InvalidInput(message, where=edits[0].path, code="too-large", hint="leave the others out")
    found = additions_of(tip, bench.history.tree(head), edits)
    for path, data in sorted(found.items()):
        most = limits.STATEMENT_BYTES if path.endswith(".json") else 64
        if len(data) > most:
            message = f"it may have at most {most} bytes, it has {len(data)}"
            raise InvalidInput(message, where=path, code="too-large", hint="leave it out")
    return tip, found


def _queue(bench: Bench, old: str | None, new: str) -> None:
    """The list of what waits, newer than the one that is there: waits would begin anew under an older one."""
    _, tip = tip_of(bench.history)
    registry = registry_of(tip)
    government = government_at(tip, registry=registry, check=bench.means.check)
    tree = bench.history.tree(new)
    fault = fault_of(tree, registry=registry, moderators=government.moderators.head.body, bench=bench)
    if fault:
        hint = "only who decides here writes to it: registry queue"
        raise NotTrusted(fault, where=QUEUE_BRANCH, code="not-authorised", hint=hint)
    if old is not None and _as_of(tree) < _as_of(bench.history.tree(old)):
        raise StateForbids("it is older than what is there", where=QUEUE_BRANCH, code="moved", hint="fetch it again")


def _as_of(tree: Tree) -> str:
    value = parse_loose(tree.read(WAITLIST) or b"{}", limit=WAITLIST_BYTES, what=WAITLIST)
    return str(value.get("as_of", "")) if isinstance(value, dict) else ""
