"""Recovering a chain whose owner lost every key: what must be public, and how long (formats, part 4).

    submitted ──▶ a moderator's notice ──▶ policy's wait ──▶ k moderators sign ──▶ it lands
                              └── a control key that objects ends it for good

The statement is signed by its new keys alone. Clients see that k moderators signed it; that the notice was
public long enough and that nobody objected is what landing sees to.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from registry_tool.core.chains import Link
from registry_tool.core.change import Change, Joined
from registry_tool.core.errors import StateForbids
from registry_tool.core.moderation import read_decisions
from registry_tool.core.standing import government_at
from registry_tool.core.statements import Keyring, Moderation, Scope
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.trust import Means


@dataclass(frozen=True, slots=True)
class Recovery:
    """A submission that recovers a chain, and what was said about it."""

    joined: Joined
    """Its statement."""
    notice: Moderation | None
    """What made it public; `None` before, and after a rejection."""
    objection: Moderation | None
    """Somebody's objection, which stands."""
    wait: int
    """Seconds between notice and landing, by today's policy."""
    people: int
    """How many moderators sign it."""

    @property
    def until(self) -> int | None:
        """From when it may land, in seconds since 1970."""
        return None if self.notice is None else to_seconds(self.notice.at) + self.wait

    @property
    def words(self) -> str:
        """What it waits for, and until when."""
        if self.objection is not None:
            return f"somebody objected at {self.objection.at}; it will not land, reject it"
        if self.until is None or self.notice is None:
            return (
                f"waits for a moderator to make it public; then {days(self.wait)} must pass, "
                f"and then it takes the signatures of {self.people} moderator(s)"
            )
        return (
            f"public since {self.notice.at}; from {from_seconds(self.until)} it takes the signatures of "
            f"{self.people} moderator(s), unless a control key objects before"
        )

    @property
    def due(self) -> str:
        """The same for whoever reads the submission, with the command for the step that is due."""
        step = "reject" if self.objection is not None else "approve"
        return f"A recovery; {self.words}: registry queue {step}"

    def may_land(self, at: int) -> None:
        """Refuses it before its time `at` (seconds since 1970): `StateForbids` with what is missing."""
        if self.objection is not None:
            raise StateForbids(
                f"{self.joined.located.subject} is not recovered: {self.words}",
                code="objection",
                hint="reject it; whoever lost the keys settles it and asks again, with a new notice and a new wait",
            )
        if self.until is None:
            raise StateForbids(
                f"a recovery of {self.joined.located.subject} must be public before it lands",
                code="recover-notice",
                hint="`registry queue approve` makes it public first",
            )
        if at < self.until:
            raise StateForbids(
                f"a recovery of {self.joined.located.subject} lands at {from_seconds(self.until)} at the earliest, "
                f"and it is {from_seconds(at)}",
                code="recover-waits",
                hint="until then its owner can object with `registry keys object`; approve it again afterwards",
            )


def recovery_of(change: Change, *, means: Means) -> Recovery | None:
    """The recovery that a submission is; `None` for any other. Raises `NotTrusted` for decisions that do not hold."""
    statements = (one for one in change.statements if one.statement is not None)
    joined = next((one for one in statements if one.statement and one.statement.mode == "recover"), None)
    if joined is None:
        return None
    government = government_at(change.tip, registry=change.registry, check=means.check)
    decisions = read_decisions(change.tip, change.submission, registry=change.registry, means=means)
    said = [link.body for link in decisions]
    rejected = max((number for number, one in enumerate(said) if one.action == "reject"), default=-1)
    return Recovery(
        joined,
        notice=next((one for one in said[rejected + 1 :] if one.action == "notice"), None),
        objection=_objection(decisions, joined),
        wait=government.policy.head.body.waits.recover,
        people=government.moderators.head.body.threshold,
    )


def may_object(statement: object) -> frozenset[str]:
    """The authors whose control keys can object to a statement that recovers their chain."""
    if isinstance(statement, Keyring):
        return frozenset({statement.subject.partition("/")[2]})
    if isinstance(statement, Scope):
        return frozenset(row.author for row in statement.owners)
    return frozenset()


def objectors(decision: Moderation) -> frozenset[str]:
    """The authors whose keys a decision names as those that signed it; empty for a moderator's."""
    return frozenset(name.partition("/")[2] for name in decision.under if name.startswith("authors/"))


def _objection(decisions: Sequence[Link[Moderation]], joined: Joined) -> Moderation | None:
    """The first objection by a moderator, or by somebody whose chain it is."""
    owners = may_object(joined.statement)
    return next(
        (
            link.body
            for link in decisions
            if link.body.action == "objection" and (not objectors(link.body) or objectors(link.body) & owners)
        ),
        None,
    )


def days(seconds: int) -> str:
    """A wait as people say it."""
    if seconds % 86_400 == 0:
        return f"{seconds // 86_400} day(s)"
    return f"{seconds} seconds"
