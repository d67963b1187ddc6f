"""The gate's round: what may go without a moderator's key goes, and of the rest it is said what it waits for.

    nothing new, twice signed, wait over                        admitted, path `owner`
    mode `forge`: enough listed accounts approved this head     admitted, path `person`, naming their reviews
    mode `forge`: a listed account wrote `reject ...` or `flag ...`    recorded, naming the review

It lands by a commit and a compare-and-swap of its own, never by a forge's merge; then it closes the pull request.
"""

from dataclasses import dataclass
from typing import Any

from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids
from registry_tool.core.hearing import Heard, Order, heard
from registry_tool.core.keys import Signer
from registry_tool.core.moderation import mentions, read_decisions
from registry_tool.core.need import own_people
from registry_tool.core.reports.markdown import span
from registry_tool.core.standing import government_at
from registry_tool.core.tree import Tree
from registry_tool.services.admitting import verify_landed
from registry_tool.services.bench import TRIES, Bench, Waiting, advance, decision_files, gate, moved, settle, tip_of
from registry_tool.services.gating import evidence, gate_decision
from registry_tool.services.moderator import titles
from registry_tool.services.queueing import look, place_of, read_waiting, since, waits_here
from registry_tool.services.waitlist import key_of, remember


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission in a round."""

    waiting: Waiting
    state: str
    """`published`, `rejected`, `flagged`, `waits`, or `closed`: the pull request of what was decided before."""
    words: str
    """How it went in, or what it waits for."""
    commit: str = ""
    """What landed."""
    path: str = ""
    """Of what was published: `owner` or `person`."""
    countersigned: tuple[str, ...] = ()

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The row for `--json`."""
        row = self.waiting.value()
        return {
            **{
                name: row[name]
                for name in ("id", "author", "releases", "statements", "need", "pull_request", "branch")
                if name in row
            },
            "state": self.state,
            "path": self.path,
            "commit": self.commit,
            "words": self.words,
            "countersigned": list(self.countersigned),
        }


def admit(bench: Bench) -> tuple[Outcome, ...]:
    """One round, oldest submission first; what landed is what the next ones are checked against.

    Raises `NotFound` where the gate's key is not here, `Unreachable` where the forge or the repository is not.
    """
    _, tip = tip_of(bench.history)
    gate(bench, tip)
    seen = look(bench)
    since_when = remember(bench, seen.waiting).seen if waits_here(bench, tip) else {}
    when = [since(one, since_when[key_of(one)]) if key_of(one) in since_when else one for one in seen.waiting]
    done = [_round(bench, one, seen.commit) for one in when]
    return (*done, *(_closed(bench, one) for one in seen.over))


def _round(bench: Bench, one: Waiting, read_at: str) -> Outcome:
    """What becomes of one submission, which was read at the commit `read_at` of the main line."""
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        if commit != read_at:
            one, read_at = _again(bench, one, commit, tip), commit
            if place_of(one, bench, mentions(tip)) == "over":
                return _closed(bench, one)  # another one brought the same
        if one.merged:
            return Outcome(one, "waits", f"merged without an approval, and not admitted; it {_need_words(one)}")
        need = one.report.need
        if need is None:
            faults = [finding.message for finding in one.report.findings if finding.level == "fail"]
            return Outcome(one, "waits", one.waits or f"the checks refuse it: {faults[0] if faults else 'undecided'}")
        signer = gate(bench, tip)
        try:
            voices = _hear(bench, one, tip)
            order = next((each for each in voices.orders if not _recorded(bench, one, tip, each)), None)
            if order is not None:
                outcome = _obey(bench, one, commit, tip, signer, order)
            else:
                outcome = _land(bench, one, commit, signer, voices)
        except StateForbids as error:
            why = "; ".join(need.reasons) if error.code == "waits" else ""
            return Outcome(one, "waits", ": ".join(filter(None, (error.message, why))))
        except (InvalidInput, NotFound, NotTrusted) as error:  # whatever is wrong with one keeps no other from it
            return Outcome(one, "waits", f"it does not verify: {error.message}")
        if outcome is not None:
            return outcome
    raise moved()


def _again(bench: Bench, one: Waiting, commit: str, tip: Tree) -> Waiting:
    """The same submission on a newer main line; when it was first seen stays."""
    if one.merged:
        return one
    seen = {key_of(one): one.report.need.since} if one.report.need and one.report.need.since is not None else {}
    return read_waiting(bench, one.branch, one.commit, commit, tip, pull=one.pull, seen=seen)


def _hear(bench: Bench, one: Waiting, tip: Tree) -> Heard:
    """What the reviews of its pull request come to; nothing where policy wants signatures."""
    change, pull, forge, need = one.change, one.pull, bench.forge, one.report.need
    government = government_at(tip, registry=change.registry, check=bench.means.check)
    policy, moderators = government.policy.head.body, government.moderators.head.body
    if pull is None or forge is None or policy.approvals.mode != "forge":
        return Heard()
    return heard(
        pull,
        forge.reviews(pull.number),
        moderators,
        forge=forge.name,
        own=own_people(change, policy, moderators),
        opener=None if policy.self_approval else pull.author.number,
        after=max((word.at for word in need.flags), default="") if need is not None else "",
        at=change.at,
    )


def _recorded(bench: Bench, one: Waiting, tip: Tree, order: Order) -> bool:
    """Whether what a review says was written down already."""
    change = one.change
    links = read_decisions(tip, change.submission, registry=change.registry, means=bench.means)
    return any(link.body.review is not None and link.body.review.review == order.voice.review.number for link in links)


def _obey(bench: Bench, one: Waiting, commit: str, tip: Tree, signer: Signer, order: Order) -> Outcome | None:
    """Writes down that somebody listed rejected or flagged it; `None` where the tip moved meanwhile."""
    assert bench.forge is not None  # noqa: S101  # a review came from one
    at = bench.now()
    files = decision_files(
        one.change,
        tip,
        signer,
        action=order.action,
        reason=order.reason,
        note=order.note,
        at=at,
        under=("moderators", "policy"),
        review=evidence(order.voice, bench.forge.name),
    )
    who = ", ".join(order.voice.people)
    message = f"{order.action.capitalize()} {one.change.submission[:12]}: {order.reason}\n"
    new = advance(bench, commit, files, message=message, by="gate", at=at)
    if new is None:
        return None
    words = f"{order.reason}, by {who} (review {order.voice.review.number})" + (f": {order.note}" if order.note else "")
    if order.action == "flag":
        return Outcome(one, "flagged", words, new)
    left = _settled(bench, one, f"Rejected, {span(words)}.\n\nMend it and publish again; the same version is fine.")
    return Outcome(one, "rejected", words + left, new)


def _land(bench: Bench, one: Waiting, commit: str, signer: Signer, voices: Heard) -> Outcome | None:
    """Lets a submission in; `None` where the tip moved meanwhile, `StateForbids` with what it waits for."""
    change, need, at = one.change, one.report.need, bench.now()
    assert need is not None  # noqa: S101  # the checks let it through
    forge = bench.forge.name if bench.forge is not None else ""
    decision = gate_decision(change, change.tip, signer, need, voices, forge=forge, at=at, means=bench.means)
    if one.pull is not None and bench.forge is not None:
        there = bench.forge.pull_request(one.pull.number)
        if not there.opened or there.head != one.pull.head:
            raise StateForbids("its branch moved on while it was looked at; what is there now is looked at next")
    verify_landed(change, change.tip, decision.files, at=at, means=bench.means)
    how = _how(one, voices)
    message = f"Admit {titles(change)}\n\n{how}\n"
    new = advance(bench, commit, {**change.additions, **decision.files}, message=message, by="gate", at=at)
    if new is None:
        return None
    left = _settled(bench, one, f"Admitted as {span(new)}: {span(titles(change))}, {span(how)}.")
    return Outcome(one, "published", how + left, new, need.path, decision.countersigned)


def _how(one: Waiting, voices: Heard) -> str:
    """How it went in, in our own words."""
    if one.report.need is not None and one.report.need.path == "owner":
        compared = sorted(
            f"{release.artifact}@{release.previous.version}" for release in one.change.releases if release.previous
        )
        return f"by its owner: nothing new compared with {', '.join(compared)}"
    reviews = [f"{', '.join(voice.people)} (review {voice.review.number})" for voice in voices.approving]
    return f"approved by {', '.join(reviews)}" if reviews else "approved with moderators' own keys"


def _need_words(one: Waiting) -> str:
    return one.report.need.words(one.change.at) if one.report.need is not None else "is refused by the checks"


def _closed(bench: Bench, one: Waiting) -> Outcome:
    """Closes a pull request of which nothing is left to decide: it landed, or was rejected."""
    rejected = bool(one.change.additions or one.change.trusted)
    words = "it was rejected; a changed or new one is looked at again" if rejected else "what it brings is published"
    return Outcome(one, "closed", words + _settled(bench, one, f"Closed: {words}."))


def _settled(bench: Bench, one: Waiting, text: str) -> str:
    """Why the pull request of what is decided stays open; empty where it does not. What was decided stands."""
    try:
        settle(bench, one, text)
    except (InvalidInput, NotFound, StateForbids) as error:
        return f"; its pull request stays open: {error.message}"
    return ""
