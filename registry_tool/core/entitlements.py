"""What somebody's tier lets them do (M8; formats, part 4, `entitlements/`).

    index/tiers.yaml        what each tier allows, in words and numbers; no file, no tiers
    entitlements/<id>/<n>   who has which tier, until when, signed by a moderator for the operator

Free needs no entitlement. Caps decide what an install may add, never what is trusted. In a repository an entitlement
counts as everything that a moderator signed: by a key that had not ended at its time. To a client nothing proves that
time, so there its signer must be a moderator today.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from registry_tool.core import limits
from registry_tool.core.authorities import Government
from registry_tool.core.authority import moderator_keys, people_of
from registry_tool.core.chains import Link, SignedBytes, read_links, signers
from registry_tool.core.change import Change, Joined
from registry_tool.core.digest import sha256
from registry_tool.core.document import IdText, KeyText, Seq, TimeText, load
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.family import Family
from registry_tool.core.keys import SignatureCheck, parse_key
from registry_tool.core.layout import Located
from registry_tool.core.quoting import quoted
from registry_tool.core.release import Entry
from registry_tool.core.statements import Statement
from registry_tool.core.stored import chain_at
from registry_tool.core.tiers import Caps, TierName
from registry_tool.core.times import to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means

MOST_SECONDS: Final = 10 * 366 * 86_400
"""How long one may run: ten years."""
MOST_KEYS: Final = 20


class Entitlement(Statement):
    """The tier of one person."""

    schema_: Literal["registry.entitlement/1"] = Field(alias="schema")
    mode: Literal["continue"]
    tier: TierName
    holder: IdText
    """Whose it is; the subject says the same."""
    keys: Annotated[Seq[KeyText], Field(min_length=1, max_length=MOST_KEYS)]
    """Keys that the holder has: on a machine without one of them it counts for nothing."""
    caps: Caps
    publish: bool
    at: TimeText
    until: TimeText

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.subject != subject_of(self.holder):
            raise ValueError(f"it is about {quoted(self.subject)}, and its holder is {self.holder}")
        if not 0 < to_seconds(self.until) - to_seconds(self.at) <= MOST_SECONDS:
            raise ValueError(f"it runs from {self.at} until {self.until}; it may run for ten years at most")
        if len(set(self.keys)) != len(self.keys):
            raise ValueError("a key is there twice")
        try:
            for key in self.keys:
                parse_key(key)
        except InvalidInput as error:
            raise ValueError(error.message) from error
        return self

    def holds_at(self, at: int) -> bool:
        """Whether it has not ended; `at` in seconds since 1970."""
        return at < to_seconds(self.until)


class KeptEntitlement(Entry):
    """An entitlement on the machine of whom it was given to, and as the file that the operator sends."""

    newest: TimeText | None = None
    """The newest time that was verified of the registry; the clock of the machine may be set back."""


@dataclass(frozen=True, slots=True)
class Given:
    """An entitlement whose signatures were looked at."""

    body: Entitlement
    counts: bool
    """Whether a moderator signed it whose key had not ended at its time."""
    today: bool
    """Whether a moderator signed it whose key is active now."""


def subject_of(holder: str) -> str:
    """What the statements about a holder are about."""
    return f"entitlements/{holder}"


def read_entitlement(source: SignedBytes, government: Government, *, check: SignatureCheck) -> Given:
    """One entitlement by itself, as a client is given it.

    `InvalidInput` where it is not well formed; `NotTrusted` for one of another registry, one that was edited, and one
    that no moderator ever signed.
    """
    limit, registry = limits.STATEMENT_BYTES, government.registry
    body = load(Entitlement, source.data, limit=limit, registry=registry, what="the entitlement")
    return _given(Link(body.number, sha256(source.data), body, source), government, check)


def entitlements_at(tree: Tree, holder: str, government: Government, *, check: SignatureCheck) -> tuple[Given, ...]:
    """Everything that the operator gave a holder, oldest first; raises as `read_entitlement` does."""
    subject = subject_of(holder)
    sources = chain_at(tree, subject)
    if not sources:
        return ()
    links = read_links(Entitlement, subject, sources, registry=government.registry)
    for before, link in pairwise(links):
        if link.body.at < before.body.at:
            raise NotTrusted(
                f"{subject} {link.number} is of {link.body.at}, before the one before it", code="bad-clock"
            )
    return tuple(_given(link, government, check) for link in links)


def _given(link: Link[Entitlement], government: Government, check: SignatureCheck) -> Given:
    body, what = link.body, f"{link.body.subject} {link.number}"
    if set(body.under) != {"moderators"}:
        raise NotTrusted(f"{what} is signed under other chains than the moderators'", code="bad-under")
    then, now = government.moderators.named(body.under, what).body, government.moderators.head.body
    signed = signers(link.source, moderator_keys(then), check=check, what=what)
    if not people_of(then, signed):
        raise NotTrusted(f"{what} is signed by no moderator", code="not-authorised")
    rows = [row for person in now.people for row in person.keys if row.k16 in signed]
    held = {row.k16 for row in rows if row.held_at(body.at)}
    return Given(body, bool(people_of(then, signed & held)), any(row.active for row in rows))


def _words(entitlement: Entitlement) -> str:
    return f"gives {entitlement.holder} the tier {quoted(entitlement.tier)} until {entitlement.until}"


def _may_join(change: Change, joined: Joined, government: Government, means: Means) -> None:
    raise StateForbids(
        "the operator gives out entitlements, and no submission does",
        code="not-taken",
        hint="leave it out; a moderator gives one with `registry tier issue`",
    )


def _verify(tree: Tree, located: Located, government: Government, means: Means) -> None:
    entitlements_at(tree, located.subject.partition("/")[2], government, check=means.check)


FAMILY: Final = Family(
    model=Entitlement,
    submitted=False,
    words=_words,
    may_join=_may_join,
    countersigned=lambda change, joined: False,
    verify=_verify,
)
