"""Who an author says to be, and what of it a moderator confirmed (formats, part 4, `profile/`).

An author's mark *verified* is a claim (a domain, a forge account, an organisation) in a profile that a moderator
signed too, after looking whether it is so. What is not confirmed is shown as the author's own word.

    1 ann: example.org            + a moderator   confirmed
    2 ann: example.org, b.example                 the first stays confirmed, the second is ann's own word
    3 ann: b.example              a moderator alone, who may only take claims away

What somebody signed with a key that had ended by then counts for nothing, and the chain goes on: a profile gives
nobody a right, and a stolen key must not make a registry unreadable.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from registry_tool.core.approvals import who_is_author
from registry_tool.core.authorities import Government
from registry_tool.core.authority import moderator_keys, people_of
from registry_tool.core.chains import Chain, Link, SignedBytes, read_links, signers
from registry_tool.core.document import Document, LineText, NoteText, NumberInt, Seq, TimeText
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import SignatureCheck
from registry_tool.core.quoting import quoted
from registry_tool.core.statements import Keyring, Statement

MOST_CLAIMS: Final = 20
MOST_LINKS: Final = 20


class DomainClaim(Document):
    """A domain whose well-known file names the author."""

    claim: Literal["domain"]
    domain: Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253)]


class AccountClaim(Document):
    """A person's account in a forge, or an organisation there, by its number."""

    claim: Literal["account", "organisation"]
    forge: Annotated[str, Field(min_length=1, max_length=100)]
    number: NumberInt
    name: Annotated[str, Field(min_length=1, max_length=100)]


Claim = DomainClaim | AccountClaim


class Profile(Statement):
    """What an author says of themselves."""

    schema_: Literal["registry.profile/1"] = Field(alias="schema")
    mode: Literal["continue"]
    name: LineText
    """What people call them."""
    about: Annotated[str, Field(max_length=1000)]
    links: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=40)],
            Annotated[str, Field(pattern=r"^https://[^\s\"<>\\^`{|}]{1,500}$")],
        ],
        Field(max_length=MOST_LINKS),
    ]
    claims: Annotated[Seq[Annotated[Claim, Field(discriminator="claim")]], Field(max_length=MOST_CLAIMS)]
    at: TimeText
    note: Annotated[NoteText, Field(min_length=1)] | None = None
    """Why a moderator took claims away; an author's own statement has none."""

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len(set(self.claims)) != len(self.claims):
            raise ValueError("a claim is there twice")
        return self


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A claim that moderators looked at."""

    claim: Claim
    by: tuple[str, ...]
    """Ids of the moderators, sorted."""
    at: str
    """Time of the statement that they signed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an author's statements come to."""

    body: Profile
    """The author's newest one that counts."""
    claims: tuple[Claim, ...]
    """What is left of its claims."""
    confirmed: tuple[Confirmed, ...]
    """Those of them that a moderator confirmed."""
    removed: tuple[tuple[Claim, str, str], ...] = ()
    """What a moderator took away since, with the time and the note."""

    @property
    def verified(self) -> bool:
        """Whether the author has the mark: at least one claim is confirmed."""
        return bool(self.confirmed)

    def open(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        """Those of `claims` that nobody confirmed."""
        known = {one.claim for one in self.confirmed}
        return tuple(claim for claim in claims if claim not in known)


@dataclass(frozen=True, slots=True)
class ProfileChain:
    """An author's profile, verified."""

    links: tuple[Link[Profile], ...]
    standing: Standing | None
    """`None` where no statement counts."""


def read_profile(
    sources: Sequence[SignedBytes],
    author: str,
    government: Government,
    keyring: Chain[Keyring],
    *,
    check: SignatureCheck,
) -> ProfileChain:
    """The profile of `author`, whose verified keyring is `keyring`; raises `NotTrusted` and `InvalidInput`.

    1. A statement is signed by a control key that is active in the keyring number that it names.
    2. A claim is confirmed where a moderator signed the same statement, and stays so while it is unchanged; the
       author's own confirmation counts only under a policy that says `self_approval`.
    3. A moderator alone may take claims away, with a note, and nothing else.
    """
    links = read_links(Profile, f"profile/{author}", sources, registry=government.registry)
    reader = _Reader(author, government, keyring, check)
    standing: Standing | None = None
    for before, link in zip((None, *links), links, strict=False):
        what = f"the profile of {author}, number {link.number},"
        if before is not None and link.body.at < before.body.at:
            raise NotTrusted(f"{what} is of {link.body.at}, the one before it of {before.body.at}", code="bad-clock")
        held = reader.by_author(link, what)
        if held is None:
            counts = reader.by_moderator(link, before, what)
            standing = _narrowed(standing, link.body) if counts and standing else standing
        else:
            people = reader.confirming(link, what)
            standing = _continued(standing, link.body, people) if held else standing
    return ProfileChain(links, standing)


def _continued(standing: Standing | None, body: Profile, people: tuple[str, ...]) -> Standing:
    known = {one.claim: one for one in standing.confirmed} if standing else {}
    if people:
        known |= {claim: Confirmed(claim, people, body.at) for claim in body.claims if claim not in known}
    return Standing(body, body.claims, tuple(known[claim] for claim in body.claims if claim in known))


def _narrowed(standing: Standing, body: Profile) -> Standing:
    gone = tuple((claim, body.at, body.note or "") for claim in standing.claims if claim not in body.claims)
    return replace(
        standing,
        claims=tuple(claim for claim in standing.claims if claim in body.claims),
        confirmed=tuple(one for one in standing.confirmed if one.claim in body.claims),
        removed=standing.removed + gone,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who signed the statements of one profile."""

    author: str
    government: Government
    keyring: Chain[Keyring]
    check: SignatureCheck

    def by_author(self, link: Link[Profile], what: str) -> bool | None:
        """Whether the author's signature counts; `None` where the author did not sign."""
        subject = f"authors/{self.author}"
        for name in sorted(set(link.body.under) - {subject, "moderators", "policy"}):
            raise NotTrusted(f"{what} names {quoted(name)}, whose keys cannot sign it", code="bad-under")
        if subject not in link.body.under:
            return None
        then = self.keyring.named(link.body.under, what).body
        signed = signers(link.source, [row.raw for row in then.keys], check=self.check, what=what)
        control = {row.k16 for row in then.keys if row.active and row.use == "control"} & signed
        if not control:
            raise NotTrusted(
                f"{what} is signed by no active control key of {self.author}",
                code="not-authorised",
                hint="sign it again",
            )
        if link.body.note is not None:
            raise NotTrusted(f"{what} has a note, which only a moderator writes who takes claims away", code="bad-note")
        return any(row.k16 in control and row.held_at(link.body.at) for row in self.keyring.head.body.keys)

    def confirming(self, link: Link[Profile], what: str) -> tuple[str, ...]:
        """The moderators who confirm what it claims."""
        if "moderators" not in link.body.under:
            return ()
        _, people = self._moderators(link, what)
        policy = self.government.policy.named(link.body.under, what).body if "policy" in link.body.under else None
        if policy is None or not policy.self_approval:
            then = self.government.moderators.named(link.body.under, what).body
            people -= who_is_author(self.author, then, self.keyring)
        return tuple(sorted(people))

    def by_moderator(self, link: Link[Profile], before: Link[Profile] | None, what: str) -> bool:
        """Whether a moderator's own statement counts; refuses one that does more than take claims away."""
        if "moderators" not in link.body.under:
            raise NotTrusted(f"{what} names nobody whose keys can sign it", code="bad-under")
        then, held = self._moderators(link, what)
        if not then:
            raise NotTrusted(f"{what} is signed neither by its author nor by a moderator", code="not-authorised")
        if before is None or not narrows(before.body, link.body):
            raise NotTrusted(
                f"{what} is a moderator's, who may take claims away and do nothing else",
                code="not-authorised",
                hint=f"{self.author} signs it with a control key",
            )
        return bool(held)

    def _moderators(self, link: Link[Profile], what: str) -> tuple[frozenset[str], frozenset[str]]:
        """The moderators who signed, and those of them whose keys had not ended by then."""
        moderators = self.government.moderators
        then, now = moderators.named(link.body.under, what).body, moderators.head.body
        signed = signers(link.source, moderator_keys(then), check=self.check, what=what)
        held = {row.k16 for person in now.people for row in person.keys if row.held_at(link.body.at)}
        return people_of(then, signed), people_of(then, signed & held)


def narrows(before: Profile, after: Profile) -> bool:
    """Whether `after` says why and does nothing but leave claims out.

    It may leave out none: of a stolen key's statement before it, which counts for nothing, there may be none to leave.
    """
    kept = tuple(claim for claim in before.claims if claim in after.claims)
    same = (before.name, before.about, before.links) == (after.name, after.about, after.links)
    return same and after.note is not None and after.claims == kept


def claim_words(claim: Claim) -> str:
    """A claim for people; what others wrote is quoted."""
    if isinstance(claim, DomainClaim):
        return f"the domain {claim.domain}"
    return f"the {claim.claim} {quoted(claim.name)} ({claim.number}) in {quoted(claim.forge)}"


def claim_text(claim: Claim) -> str:
    """A claim as people type it: `example.org`, `github.com/ann`."""
    return claim.domain if isinstance(claim, DomainClaim) else f"{claim.forge}/{claim.name}"


def profile_words(profile: Profile) -> str:
    """What a profile says, in one sentence."""
    author = profile.subject.partition("/")[2]
    claims = ", ".join(map(claim_words, profile.claims))
    if profile.note is not None:
        left = f"leaves {claims}" if claims else "leaves no claim"
        return f"takes claims of {author} away: {quoted(profile.note)}; {left}"
    return f"says who {author} is: {quoted(profile.name)}" + (f"; claims {claims}" if claims else "")


def claim_value(claim: Claim, standing: Standing) -> dict[str, Any]:  # Any: JSON
    """A claim as pages and scripts read it, with who confirmed it and when."""
    known = next((one for one in standing.confirmed if one.claim == claim), None)
    told = {"by": list(known.by), "at": known.at} if known else {}
    return {**claim.value(), "verified": known is not None, **told}
