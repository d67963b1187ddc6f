"""The statements that chains are made of (formats of the registry, part 4), and the events.

moderators/       who may admit            signed by the moderators before, the first by the root
policy/           what admitting takes     signed by the moderators' threshold
authors/<id>      an author's keys         extended by that author's control keys
scopes/<scope>    who publishes there      extended by an owner's control key
@s/n@v            what became of a release yank, revoke, …
"""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from registry_tool.core.document import (
    DigestText,
    Document,
    HexText,
    IdText,
    KeyText,
    NoteText,
    NumberInt,
    Seq,
    Signed,
    TimeText,
)
from registry_tool.core.keys import K16, PublicKey, k16, parse_key

RowStatus = Literal["active", "retired", "revoked"]
Seconds = Annotated[int, Field(ge=0, le=366 * 86400)]
CountInt = Annotated[int, Field(ge=1, le=99)]


class HeadRef(Document):
    """A number of another chain, as the signer saw it."""

    number: NumberInt
    sha256: HexText


class Row(Document):
    """Something that is active, or ended and stays listed."""

    status: RowStatus
    since: TimeText | None = None
    """When it ended; absent while it is active."""
    reason: NoteText | None = None

    @model_validator(mode="after")
    def _ended_since(self) -> Self:
        if (self.status == "active") != (self.since is None):
            raise ValueError("an ended row says since when, an active one does not")
        if self.status == "active" and self.reason is not None:
            raise ValueError("an active row gives no reason; reasons are why something ended")
        return self

    def same_as(self, other: "Row") -> bool:
        """Whether both are about the same thing, whatever its status and what people call it."""
        mutable = {"status", "since", "reason", "name"}
        return type(self) is type(other) and all(
            getattr(self, name) == getattr(other, name) for name in type(self).model_fields if name not in mutable
        )

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.status == "active"

    def held_at(self, at: str) -> bool:
        """Whether it is active, or ended only after the time `at`."""
        return self.since is None or self.since > at


class KeyRow(Row):
    """One key."""

    key: KeyText

    @property
    def raw(self) -> PublicKey:
        """The 32 bytes; `InvalidInput` for a key that nobody may use."""
        return parse_key(self.key)

    @property
    def k16(self) -> K16:
        """The short reference to it."""
        return k16(self.raw)


class AuthorKey(KeyRow):
    """A key of an author: `control` extends the keyring, `signing` signs releases and events."""

    use: Literal["control", "signing"]


class Account(Document):
    """A forge account by its number; the name is for people to read."""

    forge: Annotated[str, Field(min_length=1, max_length=100)]
    number: NumberInt
    name: Annotated[str, Field(min_length=1, max_length=100)]


class AccountRow(Row):
    """A forge account through which a moderator reviews."""

    forge: Annotated[str, Field(min_length=1, max_length=100)]
    number: NumberInt
    name: Annotated[str, Field(min_length=1, max_length=100)]


class Person(Document):
    """A moderator."""

    nullable: ClassVar[frozenset[str]] = frozenset({"author"})

    id: IdText
    author: IdText | None
    """The author that this person is; `null` says "publishes nothing here"."""
    accounts: Seq[AccountRow]
    keys: Seq[KeyRow]


class AuthorRow(Row):
    """An owner or member of a scope."""

    author: IdText


class IdentityRow(Row):
    """A keyless identity that may publish."""

    issuer: Annotated[str, Field(min_length=1, max_length=300)]
    subject: Annotated[str, Field(min_length=1, max_length=500)]
    repository_id: NumberInt | None = None
    owner_id: NumberInt | None = None
    named: TimeText | None = None
    """Since when the scope names it: what the log saw before does not count. Landing asks for it in new rows."""

    @property
    def label(self) -> str:
        """How messages call it; no two identities share one."""
        where = f"repository {self.repository_id}" if self.repository_id else "any repository"
        if self.owner_id:
            where += f" of the account {self.owner_id}"
        # A person's mail address comes from no repository; a workflow's address does.
        told = self.repository_id or self.owner_id or self.subject.startswith("https://")
        return f"{self.subject!r} of {self.issuer!r}" + (f" ({where})" if told else "")


class ForgeReview(Document):
    """A review in a forge that counts as an approval."""

    forge: Annotated[str, Field(min_length=1, max_length=100)]
    review: NumberInt
    account: NumberInt


class Statement(Signed):
    """The frame of every statement."""

    nullable: ClassVar[frozenset[str]] = frozenset({"previous"})

    subject: str
    """Follows from the path."""
    number: NumberInt
    previous: DigestText | None
    """Digest of the file before, `null` at 1."""
    mode: Literal["continue", "recover"]
    under: dict[str, HeadRef]
    """Heads of the other chains whose keys sign this, by subject."""
    hits: Seq[DigestText] = ()
    """Manifests and events that a `since` in the past takes back, on purpose."""


class Moderators(Statement):
    """Who may admit."""

    schema_: Literal["registry.moderators/1"] = Field(alias="schema")
    mode: Literal["continue"]
    people: Annotated[Seq[Person], Field(min_length=1, max_length=200)]
    threshold: CountInt
    """People that sign the next statement and the policy."""
    gate: Annotated[Seq[KeyRow], Field(max_length=50)]

    @property
    def rows(self) -> tuple[KeyRow, ...]:
        """The keys of all people and of the gate, ended ones too."""
        return (*(row for person in self.people for row in person.keys), *self.gate)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _once("person", [person.id for person in self.people])
        _once("author", [person.author for person in self.people if person.author is not None])
        _once("account", [f"{row.number} of {row.forge}" for person in self.people for row in person.accounts])
        _once("key", [row.k16 for row in self.rows])
        if self.threshold > sum(any(row.active for row in person.keys) for person in self.people):
            raise ValueError("the threshold is higher than the number of people with an active key")
        return self


class Approvals(Document):
    """How many people a release needs."""

    mode: Literal["signed", "forge"]
    count: CountInt
    new_name: CountInt
    """For the first release of a name."""
    gain: CountInt
    """For a release that may do more than the one before."""


class GatePolicy(Document):
    """What the gate key may sign by itself."""

    releases: Literal["none", "owner-updates"]
    statements: Annotated[Seq[Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,40}$")]], Field(max_length=20)]
    """Names of schemas (`keyring`, `scope`) that it may countersign."""


class Waits(Document):
    """Seconds that must pass."""

    new_name: Seconds
    owner_update: Seconds
    recover: Seconds


class Policy(Statement):
    """What admitting takes."""

    schema_: Literal["registry.policy/1"] = Field(alias="schema")
    mode: Literal["continue"]
    approvals: Approvals
    gate: GatePolicy
    waits: Waits
    self_approval: bool
    private: bool
    """Whether private releases are taken."""
    limits: dict[Annotated[str, Field(pattern=r"^[a-z][a-z_-]{1,40}$")], Annotated[int, Field(ge=0, le=2**40)]]


class Keyring(Statement):
    """An author's keys."""

    schema_: Literal["registry.keyring/1"] = Field(alias="schema")
    keys: Annotated[Seq[AuthorKey], Field(min_length=1, max_length=200)]
    accounts: Annotated[Seq[Account], Field(max_length=20)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _once("key", [row.k16 for row in self.keys])
        _once("account", [f"{row.number} of {row.forge}" for row in self.accounts])
        if not any(row.active and row.use == "control" for row in self.keys):
            raise ValueError("an author always has an active control key")
        return self


class Scope(Statement):
    """Who publishes in a scope, and what a release there needs."""

    schema_: Literal["registry.scope/1"] = Field(alias="schema")
    owners: Annotated[Seq[AuthorRow], Field(min_length=1, max_length=200)]
    members: Annotated[Seq[AuthorRow], Field(max_length=1000)]
    needs: Literal["key", "identity", "both"]
    identities: Annotated[Seq[IdentityRow], Field(max_length=200)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _once("owner", [row.author for row in self.owners])
        _once("member", [row.author for row in self.members])
        _once("identity", [row.label for row in self.identities])
        if not any(row.active for row in self.owners):
            raise ValueError("a scope always has an active owner")
        return self

    def publishers(self) -> tuple[AuthorRow, ...]:
        """Owners and members, ended ones too."""
        return (*self.owners, *self.members)


class Event(Statement):
    """What became of a release."""

    schema_: Literal["registry.event/1"] = Field(alias="schema")
    mode: Literal["continue"]
    action: Literal["yank", "deprecate", "quarantine", "revoke", "withhold", "restore"]
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,40}$")]
    note: NoteText
    at: TimeText
    lifts: DigestText | None = None
    """For `restore`: the event that it takes back."""

    @model_validator(mode="after")
    def _restores(self) -> Self:
        if (self.action == "restore") != (self.lifts is not None):
            raise ValueError("`restore` names what it lifts, and nothing else does")
        return self


class Moderation(Statement):
    """What a moderator (or, objecting, an author) says about a submission."""

    schema_: Literal["registry.moderation/1"] = Field(alias="schema")
    mode: Literal["continue"]
    action: Literal["reject", "flag", "objection", "notice"]
    submission: HexText
    manifests: Seq[DigestText]
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,40}$")]
    note: NoteText
    at: TimeText
    review: ForgeReview | None = None
    """The review in a forge that says so, where the gate signs for it (policy's mode `forge`)."""


def _once(what: str, values: Sequence[str]) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise ValueError(f"the {what} {twice[0]} is there twice")
