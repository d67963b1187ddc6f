"""What waits in a registry: read from branches, pull requests and the main line, checked, with what each needs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from registry_tool.core.change import Change
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, Unreachable
from registry_tool.core.findings import Finding
from registry_tool.core.forge import PullRequest
from registry_tool.core.moderation import Mentions, decided_about, mentions
from registry_tool.core.ports import History
from registry_tool.core.published import registry_of
from registry_tool.core.recovery import recovery_of
from registry_tool.core.remembering import Remembering
from registry_tool.core.review import Report, unread
from registry_tool.core.standing import government_at
from registry_tool.core.submission import additions_of, read_change, submission_id
from registry_tool.core.tree import MemoryTree, Tree
from registry_tool.core.waivers import reviewed
from registry_tool.services.author import with_faults
from registry_tool.services.bench import BRANCH, Bench, Waiting, tip_of
from registry_tool.services.merged import merged
from registry_tool.services.needs import manifests_of, with_need
from registry_tool.services.waitlist import first_seen, key_of, recall

FOLDER: Final = "index/"
UNREAD: Final = frozenset(("missing-objects", "shallow", "timeout"))
"""Why a clone cannot say what a submission is: it lacks objects that others have, or they take too long to come."""
NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Look:
    """All that there is to see, at one commit of the main line."""

    commit: str
    waiting: tuple[Waiting, ...]
    """Oldest first."""
    over: tuple[Waiting, ...]
    """Pull requests that are open still, of what landed or was rejected."""


def queue(bench: Bench) -> tuple[Waiting, ...]:
    """Every submission that waits, oldest first: on a branch, as a pull request, or merged by hand; nothing is written.

    A pull request that was rejected waits no more, whether or not anybody closed it.
    """
    return look(bench).waiting


def look(bench: Bench) -> Look:
    """The same, with the pull requests of which nothing is left to decide."""
    commit, newest = tip_of(bench.history)
    tip = Remembering(newest)
    known, seen = mentions(tip), seen_so_far(bench, tip)
    shown: list[Waiting] = []
    over: list[Waiting] = []
    for branch, head, pull in heads_of(bench):
        one = read_waiting(bench, branch, head, commit, tip, pull=pull, seen=seen, known=known)
        place = place_of(one, bench, known)
        if place == "queue":
            shown.append(one)
        elif place == "over":
            over.append(one)
    shown += merged_ones(bench, commit, tip, known)
    return Look(commit, tuple(sorted(shown, key=lambda one: (one.at, one.branch))), tuple(over))


def place_of(one: Waiting, bench: Bench, known: Mentions) -> Literal["queue", "over", "nowhere"]:
    """Whether a submission waits, or is an open pull request of which nothing is left to decide, or neither."""
    edits = one.change.edits
    if one.pull is not None and edits and not any(edit.path.startswith(FOLDER) for edit in edits):
        return "nowhere"  # it changes something else than what is published
    # What landed otherwise brings nothing any more.
    brings = one.change.additions or one.change.trusted or one.report.undecided
    if brings and not is_over(one, bench, known):
        return "queue"
    return "over" if one.pull is not None else "nowhere"


def heads_of(bench: Bench) -> tuple[tuple[str, str, PullRequest | None], ...]:
    """Where submissions are: branches `submit/...` and pull requests that can be read, with their commits."""
    pulls: dict[str, PullRequest] = {}
    for pull in bench.forge.pull_requests() if bench.forge is not None else ():
        pulls.setdefault(pull.head, pull)  # of two for one commit the older one
    found = [
        (branch, head, pulls.pop(head, None)) for branch, head in sorted(bench.history.branches("submit/").items())
    ]
    refs = {pull.ref or f"refs/pull/{pull.number}/head": pull for pull in pulls.values()}
    if bench.fetch is not None:
        bench.fetch(sorted(refs))
    # One that moved in between is seen the next time.
    found += [(ref, pull.head, pull) for ref, pull in refs.items() if bench.history.resolve(ref) == pull.head]
    return tuple(found)


def seen_so_far(bench: Bench, tip: Tree) -> Mapping[str, int]:
    """Since when submissions wait, by `key_of`, as far as it was written down; empty where policy knows no wait."""
    return recall(bench).seen if waits_here(bench, tip) else {}


def waits_here(bench: Bench, tip: Tree) -> bool:
    """Whether policy makes anything wait."""
    policy = government_at(tip, registry=registry_of(tip), check=bench.means.check).policy.head.body
    return policy.waits.new_name > 0 or policy.waits.owner_update > 0


def read_waiting(
    bench: Bench,
    branch: str,
    head: str,
    commit: str,
    tip: Tree,
    *,
    pull: PullRequest | None = None,
    seen: Mapping[str, int] = NOTHING,
    known: Mentions | None = None,
) -> Waiting:
    """The submission on a branch, checked against the tip, with what it needs.

    One that cannot be read is shown with the reason: it must not hide the others.
    """
    whole = ""
    undecided: tuple[str, ...] = ()
    try:
        change = change_between(bench, commit, head, tip)
        new = [edit for edit in change.edits if edit.path not in change.additions]
        everything = {**change.additions, **additions_of(MemoryTree({}), bench.history.tree(head), new)}
        whole = submission_id(everything)
    except (NotTrusted, InvalidInput) as error:
        change = unreadable(bench, tip, head, error)
    except Unreachable as error:
        if error.code not in UNREAD:
            raise
        change, undecided = unreadable(bench, tip, head), (unread(error, "the submission"),)
    report = report_on(bench, change)
    report = replace(report, undecided=(*undecided, *report.undecided))
    return judged(Waiting(branch, head, _time_of(bench, head), change, report, whole, pull=pull), bench, seen, known)


def _time_of(bench: Bench, head: str) -> int:
    """A commit's time; 0 for one that git would not have written, of which the checks say so."""
    try:
        return bench.history.info(head).at
    except InvalidInput:
        return 0


def report_on(bench: Bench, change: Change) -> Report:
    """What all checks say about a change, with the registry's waivers."""
    return reviewed(change, bench.checks, means=bench.means)


def judged(waiting: Waiting, bench: Bench, seen: Mapping[str, int] = NOTHING, known: Mentions | None = None) -> Waiting:
    """The same with what it needs and what it waits for; `seen` and `known` are as in `read_waiting`."""
    change, pull = waiting.change, waiting.pull
    opener = (bench.forge.name, pull.author.number) if bench.forge is not None and pull is not None else None
    try:
        recovery = recovery_of(change, means=bench.means)
        if recovery is not None:
            due = f"{recovery.due} {change.submission[:12]}"
            return replace(waiting, report=replace(waiting.report, waits=due), waits=recovery.words)
        since = seen.get(key_of(waiting))
        report = with_need(waiting.report, bench.means, since=since, opener=opener, mentions=known)
    except (NotTrusted, InvalidInput) as error:
        fault = Finding(error.code, "fail", error.message, error.where, error.hint)
        change = replace(change, trusted=(*change.trusted, fault))
        return replace(waiting, change=change, report=report_on(bench, change))
    return replace(waiting, report=report, waits=report.need.words(change.at) if report.need is not None else "")


def is_over(one: Waiting, bench: Bench, known: Mentions | None = None) -> bool:
    """Whether it was rejected after its pull request was made: the same bytes may come again in a new one.

    What lies on the main line comes no more after a rejection.
    """
    if one.pull is None and not one.merged:
        return False
    tip, submission, manifests = one.change.tip, one.change.submission, manifests_of(one.change)
    if known is not None and not any(manifest in known for manifest in manifests) and manifests:
        return False
    said = decided_about(tip, submission, manifests, registry=one.change.registry, means=bench.means)
    return said is not None and said.action == "reject" and (one.pull is None or said.at >= one.pull.created)


def merged_ones(
    bench: Bench, commit: str, tip: Tree, known: Mentions, *, settled: Collection[str] = frozenset()
) -> Iterator[Waiting]:
    """What was merged by hand and nobody let in, oldest first; `settled` as in `merged`."""
    for head, change in merged(bench, commit, tip, settled=settled):
        one = Waiting(BRANCH, head, bench.history.info(head).at, change, report_on(bench, change), merged=True)
        if not is_over(one, bench, known):
            yield judged(one, bench, NOTHING, known)


def unreadable(bench: Bench, tip: Tree, head: str, error: NotTrusted | InvalidInput | None = None) -> Change:
    """A submission of which nothing is known but why; without `error` not even that is its author's fault."""
    registry = registry_of(tip)
    change = read_change(
        registry=registry, tip=tip, head=tip, edits=(), kinds=bench.kinds, demonstration=False, at=bench.now()
    )
    faults = (Finding(error.code, "fail", error.message, error.where, error.hint),) if error is not None else ()
    # Told apart by its commit, since its content gives no id.
    return replace(change, submission=sha256(head.encode()), trusted=faults)


def change_between(bench: Bench, base: str, head: str, tip: Tree) -> Change:
    """What `head` changes relative to `base`, reading git objects only."""
    history = bench.history
    registry = registry_of(tip)
    ancestor = history.merge_base(base, head)
    if ancestor is None and any(_is_cut_off(history, commit) for commit in (base, head)):
        raise Unreachable(
            "this clone does not reach back to where the submission begins",
            where=history.where,
            code="shallow",
            hint="bring the rest with `git fetch --unshallow`",
        )
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
        at=bench.now(),
    )
    return with_faults(change, bench.means)


def _is_cut_off(history: History, commit: str) -> bool:
    """Whether the history of a commit ends at a shallow boundary: the last one here had parents."""
    *_, last = history.line(commit)
    return bool(history.info(last).parents)


def seen_now(bench: Bench, waiting: Waiting) -> Waiting:
    """The same, with the time since when it waits written down, where it has to wait."""
    need = waiting.report.need
    if need is None or not need.wait or need.since is not None:
        return waiting
    key = key_of(waiting)
    return since(waiting, first_seen(bench, [key])[key])


def since(waiting: Waiting, seen: int) -> Waiting:
    """The same, which the registry saw first at `seen`, in seconds since 1970."""
    if waiting.report.need is None:
        return waiting
    need = replace(waiting.report.need, since=seen)
    return replace(waiting, report=replace(waiting.report, need=need), waits=need.words(waiting.change.at))
