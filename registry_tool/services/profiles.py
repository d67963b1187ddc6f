"""What an author says of themselves, as a submission; and what moderators do with it: look, confirm, take away.

    author      signs a profile with a control key, and puts up a proof where the claim says
    moderator   fetches the proofs, and by approving signs the same statement

A proof is a file that names the registry and the author:

    https://<domain>/.well-known/registry-author.json      of a domain
    registry-author.json in the repository <name>/.github  of an account or an organisation in a forge
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from registry_tool.core import layout
from registry_tool.core.canonical import parse_loose
from registry_tool.core.digest import Hex
from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids
from registry_tool.core.forge import Forge, PullRequest
from registry_tool.core.joining_profiles import profile_of
from registry_tool.core.keys import k16
from registry_tool.core.names import parse_author
from registry_tool.core.profiles import (
    AccountClaim,
    Claim,
    DomainClaim,
    Profile,
    Standing,
    claim_text,
    claim_words,
)
from registry_tool.core.published import registry_of
from registry_tool.core.quoting import quoted
from registry_tool.core.review import review
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import government_at, heads_at, keyring_at
from registry_tool.core.stored import chain_at
from registry_tool.core.submission import submission_id
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Overlay, Tree
from registry_tool.services.admitting import verify_landed
from registry_tool.services.author import Desk, author_keyring, change_of
from registry_tool.services.bench import TRIES, Bench, Waiting, advance, me, moved, tip_of
from registry_tool.services.queueing import queue

PROOF: Final = "registry-author.json"
WELL_KNOWN: Final = f".well-known/{PROOF}"
PROOF_BYTES: Final = 64 * 1024

Fetch = Callable[[str], bytes | None]
"""The well-known file of a domain; `None` where there is none."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an author wants to change; what is not said stays."""

    name: str | None = None
    about: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    """To be added, or changed."""
    claims: tuple[Claim, ...] = ()
    """To be added."""
    drop: tuple[str, ...] = ()
    """Claims (as people type them) and names of links."""


@dataclass(frozen=True, slots=True)
class Step:
    """A profile, signed and looked at, not yet submitted."""

    id: Hex
    registry: str
    author: str
    files: Mapping[str, bytes]
    profile: Profile
    open: tuple[Claim, ...]
    """Claims that a moderator is asked to confirm."""

    @property
    def branch(self) -> str:
        """Where it waits."""
        return f"submit/{self.id[:12]}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One claim, and what a look at it came to."""

    claim: Claim
    holds: bool
    words: str

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The same for `--json`."""
        return {**self.claim.value(), "holds": self.holds, "words": self.words}


def proof_text(registry: str, author: str) -> str:
    """What stands in the file that proves a claim, to the letter."""
    return f'{{"registry": "{registry}", "author": "{author}"}}\n'


def proof_place(claim: Claim) -> str:
    """Where that file lies, for people."""
    if isinstance(claim, DomainClaim):
        return f"https://{claim.domain}/{WELL_KNOWN}"
    return f"{PROOF} in the repository {claim.name}/.github on {claim.forge}"


def prepare(tip: Tree, wish: Wish, *, by: str, desk: Desk) -> Step:
    """The author's next profile as a submission, with their keyring where it is the first thing that they send.

    Raises `StateForbids` (`no-change`), `NotFound` without a control key, and `InvalidInput` with everything that
    would keep it from landing.
    """
    registry, author = registry_of(tip), parse_author(by)
    files: dict[str, bytes] = {}
    author_keyring(files, author, tip, registry, desk, needed=False)
    merged = Overlay(tip, files)
    government = government_at(tip, registry=registry, check=desk.means.check)
    known = profile_of(tip, author, government, check=desk.means.check)
    standing = known.standing if known else None
    body = _body(author, wish, standing)
    open_ = standing.open(body["claims"]) if standing else tuple(body["claims"])
    control = desk.keys.find(author, "control")
    keyring = keyring_at(merged, government, author, check=desk.means.check, countersigned=not files).head.body
    active = {row.k16 for row in keyring.keys if row.active and row.use == "control"}
    if control is None or k16(control.key) not in active:
        raise NotFound(
            f"no active control key of {author} is on this machine, and only that signs a profile",
            code="key-missing",
            hint=f"import it with `registry keys import --as {author}`, or run this where it is",
        )
    subject, sources = f"profile/{author}", chain_at(tip, f"profile/{author}")
    before = (len(sources), sources[-1].data) if sources else None
    under = heads_at(merged, [f"authors/{author}", *(("moderators", "policy") if open_ else ())])
    value = {
        **frame("registry.profile/1", registry, subject, before, under),
        **body,
        "claims": [claim.value() for claim in body["claims"]],
        "at": from_seconds(desk.now()),
    }
    profile = Profile.of(value)
    files |= sealed(layout.statement_path(subject, profile.number), value, [control])
    report = review(change_of(files, tip=tip, registry=registry, desk=desk), desk.checks)
    if report.verdict == "fail":
        faults = tuple(finding for finding in report.findings if finding.level == "fail")
        raise InvalidInput("the registry would refuse this", code="checks-failed", findings=faults)
    return Step(submission_id(files), registry, author, files, profile, open_)


def _body(author: str, wish: Wish, standing: Standing | None) -> dict[str, Any]:  # Any: JSON, and claims
    """What the next profile says; raises `StateForbids` where that is nothing new."""
    links = {**(standing.body.links if standing else {}), **wish.links}
    claims = list(standing.claims if standing else ())
    claims += [claim for claim in wish.claims if claim not in claims]
    dropped = {text for text in wish.drop if text in links or text in map(claim_text, claims)}
    for text in wish.drop:
        if text not in dropped:
            raise NotFound(f"the profile of {author} has no claim or link {quoted(text)}", code="no-claim")
    body = {
        "name": wish.name or (standing.body.name if standing else author),
        "about": (standing.body.about if standing else "") if wish.about is None else wish.about,
        "links": {name: link for name, link in links.items() if name not in dropped},
        "claims": tuple(claim for claim in claims if claim_text(claim) not in dropped),
    }
    if standing and body == {
        "name": standing.body.name,
        "about": standing.body.about,
        "links": dict(standing.body.links),
        "claims": standing.claims,
    }:
        raise StateForbids(f"the profile of {author} says that already", code="no-change")
    return body


def waiting_profile(bench: Bench, name: str) -> Waiting | None:
    """The submission with a profile that `name` means, an author or the beginning of an id; `None` without one."""
    found = [one for one in queue(bench) if _profiles(one)]
    by_author = [one for one in found if any(author == name for author, _ in _profiles(one))]
    meant = by_author or [one for one in found if one.change.submission.startswith(name)]
    if len(meant) > 1:
        ids = ", ".join(one.change.submission[:12] for one in meant)
        raise StateForbids(f"several profiles wait: {ids}", code="several", hint="name one of them by its id")
    return meant[0] if meant else None


def _profiles(waiting: Waiting) -> list[tuple[str, Profile]]:
    return [
        (one.located.subject.partition("/")[2], one.statement)
        for one in waiting.change.statements
        if isinstance(one.statement, Profile)
    ]


def claims_of(waiting: Waiting, tip: Tree, *, bench: Bench) -> tuple[str, tuple[Claim, ...]]:
    """The author of a profile that waits, and the claims that who approves it confirms."""
    author, profile = _profiles(waiting)[0]
    standing = standing_at(tip, author, bench=bench)
    return author, standing.open(profile.claims) if standing else profile.claims


def standing_at(tip: Tree, author: str, *, bench: Bench) -> Standing | None:
    """What an author's profile comes to, verified; `None` where there is none that counts."""
    government = government_at(tip, registry=registry_of(tip), check=bench.means.check)
    found = profile_of(tip, author, government, check=bench.means.check)
    return found.standing if found else None


def look(
    claims: Sequence[Claim], *, author: str, registry: str, fetch: Fetch, forge: Forge | None, commit: str = ""
) -> tuple[Seen, ...]:
    """Whether each claim is so: asks the domain and the forge, and says what was found.

    `commit` is the head of the submission, whose pull request may come from the very account. What cannot be asked
    does not hold.
    """
    found = []
    for claim in claims:
        try:
            if isinstance(claim, DomainClaim):
                found.append(_domain(claim, fetch(claim.domain), registry, author))
            else:
                found.append(_account(claim, registry, author, forge, commit))
        except RegistryError as error:
            found.append(Seen(claim, False, f"{claim_words(claim)}: {error.message}"))
    return tuple(found)


def _domain(claim: DomainClaim, data: bytes | None, registry: str, author: str) -> Seen:
    place = f"https://{claim.domain}/{WELL_KNOWN}"
    return _file(claim, data, place, registry, author)


def _file(claim: Claim, data: bytes | None, place: str, registry: str, author: str) -> Seen:
    if data is None:
        return Seen(claim, False, f"{claim_words(claim)}: there is no {place}")
    value: Any = parse_loose(data, limit=PROOF_BYTES, what=place)  # Any: JSON that people wrote
    rows = value if isinstance(value, list) else [value]
    if any(isinstance(row, dict) and (row.get("registry"), row.get("author")) == (registry, author) for row in rows):
        return Seen(claim, True, f"{claim_words(claim)}: {place} names {author} of this registry")
    return Seen(claim, False, f"{claim_words(claim)}: {place} does not name {author} of this registry")


def _account(claim: AccountClaim, registry: str, author: str, forge: Forge | None, commit: str) -> Seen:
    what = claim_words(claim)
    if forge is None or forge.name != claim.forge:
        return Seen(claim, False, f"{what}: this machine has no way to ask {quoted(claim.forge)}")
    account = forge.account(claim.name)
    if account.number != claim.number:
        return Seen(
            claim, False, f"{what}: that name is of the account {account.number} by now; it was renamed or given away"
        )
    if (account.kind == "organisation") != (claim.claim == "organisation"):
        return Seen(claim, False, f"{what}: it is no {claim.claim}")
    pull = _opened_by(forge, commit, claim.number) if commit and claim.claim == "account" else None
    if pull is not None:
        return Seen(claim, True, f"{what}: it opened the pull request {pull.number}")
    repository = forge.repository(f"{claim.name}/.github")
    if repository.owner.number != claim.number:
        return Seen(claim, False, f"{what}: {claim.name}/.github belongs to somebody else by now")
    return _file(claim, forge.file(repository, PROOF, limit=PROOF_BYTES), proof_place(claim), registry, author)


def _opened_by(forge: Forge, commit: str, number: int) -> PullRequest | None:
    return next((one for one in forge.pull_requests_of(commit) if one.author.number == number), None)


def remove_claim(bench: Bench, author: str, claim: str, *, note: str) -> dict[str, Any]:  # Any: JSON
    """Takes a claim of an author away, at once, by a moderator's word alone; what was done.

    Raises `NotFound` where the author has no such claim, and what a landing raises.
    """
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        person, signer = me(bench, tip)
        at, registry, subject = bench.now(), registry_of(tip), f"profile/{parse_author(author)}"
        chain = chain_at(tip, subject)
        standing = standing_at(tip, author, bench=bench) if chain else None
        claims = standing.claims if standing else ()
        gone = [one for one in claims if claim == claim_text(one)]
        if not gone:
            there = ", ".join(map(claim_text, claims)) or "none"
            raise NotFound(f"{author} has no claim {quoted(claim)}", code="no-claim", hint=f"there are: {there}")
        last = Profile.of(parse_loose(chain[-1].data, limit=len(chain[-1].data), what=subject))
        value = {
            **frame(
                "registry.profile/1", registry, subject, (len(chain), chain[-1].data), heads_at(tip, ["moderators"])
            ),
            **{name: last.value()[name] for name in ("name", "about", "links")},
            "claims": [one.value() for one in last.claims if one in claims and one not in gone],
            "at": from_seconds(at),
            "note": note,
        }
        Profile.of(value)
        files = sealed(layout.statement_path(subject, len(chain) + 1), value, [signer])
        desk = Desk(bench.kinds, bench.checks, bench.means, bench.keys, bench.now)
        verify_landed(change_of(files, tip=tip, registry=registry, desk=desk), tip, {}, at=at, means=bench.means)
        new = advance(bench, commit, files, message=f"Take a claim of {author} away\n", by=person.id, at=at)
        if new is not None:
            return {"author": author, "claim": claim, "note": note, "by": person.id, "commit": new}
    raise moved()
