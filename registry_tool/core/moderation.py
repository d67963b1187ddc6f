"""What moderators said about submissions (part 4, `moderation/`).

A moderator signs with their own key. In policy's mode `forge` the gate signs a rejection or a flag that somebody
listed wrote as a review in a forge, and names the review. An objection may be an author's, by a control key.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry_tool.core import layout
from registry_tool.core.authorities import Government
from registry_tool.core.authority import gate_of, moderator_keys, people_of
from registry_tool.core.chains import Link, SignedBytes, read_links, signers
from registry_tool.core.errors import NotTrusted
from registry_tool.core.published import signed_at
from registry_tool.core.standing import government_at, keyring_at
from registry_tool.core.statements import ForgeReview, Moderation, Moderators
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means

_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")

Mentions = Mapping[str, frozenset[str]]
"""The digest of a manifest to the submissions whose decisions name it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One decision that counts, and whose it is."""

    action: str
    by: str
    """Who said it, in our words: ids of people, an author, a review by its number."""
    reason: str
    note: str
    """Theirs."""
    at: str
    submission: str
    review: ForgeReview | None = None

    def value(self) -> dict[str, str]:
        """The same for `--json`."""
        return {"action": self.action, "by": self.by, "reason": self.reason, "note": self.note, "at": self.at}


def moderation_subject(submission: str, year: str) -> str:
    """The subject of a chain of decisions; it follows from the path."""
    return f"moderation/{year}/{submission}"


def read_decisions(tree: Tree, submission: str, *, registry: str, means: Means) -> tuple[Link[Moderation], ...]:
    """Every decision about a submission that counts, oldest first; raises `NotTrusted`.

    Each is signed by a moderator, an objection also by a control key of an author whose keyring `under` names.
    """
    found: list[Link[Moderation]] = []
    for year in tree.list("index/moderation"):
        sources = _sources(tree, submission, year.name)
        links = (
            read_links(Moderation, moderation_subject(submission, year.name), sources, registry=registry)
            if sources
            else ()
        )
        for link in links:
            if (link.body.submission, link.body.at[:4]) != (submission, year.name):
                raise NotTrusted(
                    f"a decision in {link.body.subject} is about {link.body.submission[:12]} in {link.body.at[:4]}",
                    code="other-subject",
                )
        found += links
    return _counted(tree, found, registry=registry, means=means) if found else ()


def latest_decision(tree: Tree, submission: str, *, registry: str, means: Means) -> Moderation | None:
    """The last word about a submission; `None` where nobody said anything."""
    return _last([link.body for link in read_decisions(tree, submission, registry=registry, means=means)])


def decided_about(
    tree: Tree, submission: str, manifests: Sequence[str], *, registry: str, means: Means
) -> Moderation | None:
    """The last word about a submission, or about one with the same manifests: its id changes when
    something that it brought landed with another.
    """
    said = latest_decision(tree, submission, registry=registry, means=means)
    if said is not None or not manifests:
        return said
    return _last(
        [
            one
            for one in said_about(tree, manifests, registry=registry, means=means)
            if set(one.manifests) == set(manifests)
        ]
    )


def said_about(tree: Tree, manifests: Sequence[str], *, registry: str, means: Means) -> tuple[Moderation, ...]:
    """Every decision about a submission that brings one of these manifests (digests), oldest first."""
    found: list[Moderation] = []
    for submission in _about(mentions(tree), manifests):
        links = read_decisions(tree, submission, registry=registry, means=means)
        found += [link.body for link in links if set(link.body.manifests) & set(manifests)]
    return tuple(sorted(found, key=lambda one: one.at))


def mentions(tree: Tree) -> Mentions:
    """Which submissions were decided about, by the manifests that they bring: read once, nothing verified."""
    found: dict[str, set[str]] = {}
    for submission in submissions_in(tree):
        for source in _all_sources(tree, submission):
            for digest in _DIGEST.findall(source.data):
                found.setdefault(digest.decode(), set()).add(submission)
    return {digest: frozenset(named) for digest, named in found.items()}


def submissions_in(tree: Tree) -> tuple[str, ...]:
    """Every submission that somebody decided about, by its id, sorted."""
    years = tree.list("index/moderation")
    return tuple(sorted({entry.name for year in years for entry in tree.list(f"index/moderation/{year.name}")}))


def standing_words(
    tree: Tree,
    submission: str,
    manifests: Sequence[str],
    *,
    registry: str,
    means: Means,
    known: Mentions | None = None,
) -> tuple[Word, ...]:
    """What was said about a submission or one of its manifests (digests) and no later rejection settled, oldest first.

    `known` is what `mentions` found, where many are asked about. Raises `NotTrusted` for decisions that do not hold.
    """
    named = {*_about(mentions(tree) if known is None else known, manifests), submission}
    government = None
    words: list[Word] = []
    rejected = ""
    for one in sorted(named):
        links = read_decisions(tree, one, registry=registry, means=means)
        if not links:
            continue
        about = [link for link in links if one == submission or set(link.body.manifests) & set(manifests)]
        last = max((at for at, link in enumerate(about) if link.body.action == "reject"), default=-1)
        rejected = max([rejected, *(link.body.at for link in about if link.body.action == "reject")])
        government = government or government_at(tree, registry=registry, check=means.check)
        words += [_word(link, government, means) for link in about[last + 1 :]]
    # Of two chains only times tell what came first: in one second nothing is settled.
    return tuple(sorted((one for one in words if one.at >= rejected), key=lambda one: one.at))


def said_in(tree: Tree, submission: str, government: Government, *, means: Means) -> tuple[Word, ...]:
    """Every decision about a submission that counts, oldest first, with whose it is; raises `NotTrusted`."""
    links = read_decisions(tree, submission, registry=government.registry, means=means)
    return tuple(_word(link, government, means) for link in links)


def _about(known: Mentions, manifests: Sequence[str]) -> list[str]:
    return sorted(frozenset[str]().union(*(known.get(one, frozenset()) for one in manifests)))


def _word(link: Link[Moderation], government: Government, means: Means) -> Word:
    """A decision that was verified, with whose it is."""
    body = link.body
    return Word(
        body.action, _whose(link, government, means), body.reason, body.note, body.at, body.submission, body.review
    )


def _whose(link: Link[Moderation], government: Government, means: Means) -> str:
    what, body = "a decision", link.body
    authors = sorted(name.partition("/")[2] for name in body.under if name.startswith("authors/"))
    if authors:
        return ", ".join(f"the author {author}" for author in authors)
    then = government.moderators.named(body.under, what).body
    if body.review is not None:
        by = reviewers(body.review.forge, body.review.account, then)
        return f"{', '.join(by)} (review {body.review.review} in a forge)"
    return ", ".join(sorted(people_of(then, signers(link.source, moderator_keys(then), check=means.check, what=what))))


def reviewers(forge: str, account: int, moderators: Moderators) -> tuple[str, ...]:
    """The people behind an account of a forge, by its number; empty where no moderator has it."""
    return tuple(
        sorted(
            person.id
            for person in moderators.people
            for row in person.accounts
            if row.active and (row.forge, row.number) == (forge, account)
        )
    )


def _last(said: Sequence[Moderation]) -> Moderation | None:
    """The newest; of two in one second the one that was written later."""
    return max(enumerate(said), key=lambda pair: (pair[1].at, pair[0]))[1] if said else None


def _all_sources(tree: Tree, submission: str) -> list[SignedBytes]:
    return [source for year in tree.list("index/moderation") for source in _sources(tree, submission, year.name)]


def _sources(tree: Tree, submission: str, year: str) -> list[SignedBytes]:
    folder = layout.moderation_folder(submission, year)
    sources: list[SignedBytes] = []
    while (source := signed_at(tree, f"{folder}/{len(sources) + 1}.json")) is not None:
        sources.append(source)
    return sources


def _counted(
    tree: Tree, links: Sequence[Link[Moderation]], *, registry: str, means: Means
) -> tuple[Link[Moderation], ...]:
    """The decisions that count: what somebody signed at or after their own end counts for nothing.

    A decision by nobody who ever might sign it refuses all of them.
    """
    government = government_at(tree, registry=registry, check=means.check)
    counted = []
    for link in links:
        what = f"decision {link.number} about {link.body.submission[:12]}"
        if link.body.action == "objection" and any(name.startswith("authors/") for name in link.body.under):
            held = _by_control_key(tree, link, government, what, means)
        elif link.body.review is not None:
            held = _by_gate(link, link.body.review, government, what, means)
        else:
            held = _by_moderator(link, government, what, means)
        counted += [link] if held else []
    return tuple(counted)


def _by_moderator(link: Link[Moderation], government: Government, what: str, means: Means) -> bool:
    moderators = government.moderators
    body, now = moderators.named(link.body.under, what).body, moderators.head.body
    signed = signers(link.source, moderator_keys(body), check=means.check, what=what)
    if not people_of(body, signed):
        raise NotTrusted(f"{what} is signed by no moderator", code="not-authorised")
    held = {row.k16 for person in now.people for row in person.keys if row.held_at(link.body.at)}
    return bool(people_of(body, signed & held))


def _by_gate(link: Link[Moderation], review: ForgeReview, government: Government, what: str, means: Means) -> bool:
    """The gate says what somebody listed wrote as a review, where the policy that it names lets it."""
    body, moderators = link.body, government.moderators
    policy, then = government.policy.named(body.under, what).body, moderators.named(body.under, what).body
    if body.action not in ("reject", "flag") or policy.approvals.mode != "forge":
        raise NotTrusted(f"{what} rests on a review in a forge, where policy wants signatures", code="not-authorised")
    gate = gate_of(then, signers(link.source, moderator_keys(then), check=means.check, what=what))
    if gate is None:
        raise NotTrusted(f"{what} is signed by no gate", code="not-authorised")
    account = (review.forge, review.account)
    if not reviewers(*account, then):
        raise NotTrusted(f"{what} rests on the account {account[1]}, which is no moderator's", code="not-authorised")
    now = moderators.head.body
    rows = [row for person in now.people for row in person.accounts if (row.forge, row.number) == account]
    key = next(row for row in now.gate if row.k16 == gate)
    return key.held_at(body.at) and any(row.held_at(body.at) for row in rows)


def _by_control_key(tree: Tree, link: Link[Moderation], government: Government, what: str, means: Means) -> bool:
    """An author objects: with a control key of each keyring that it names."""
    held = True
    for subject in sorted(link.body.under):
        keyring = keyring_at(tree, government, subject.partition("/")[2], check=means.check)
        body = keyring.named(link.body.under, what).body
        control = {row.k16 for row in body.keys if row.active and row.use == "control"}
        signed = control & signers(link.source, [row.raw for row in body.keys], check=means.check, what=what)
        if not signed:
            raise NotTrusted(f"{what} is signed by no control key of {subject}", code="not-authorised")
        held &= any(row.k16 in signed and row.held_at(link.body.at) for row in keyring.head.body.keys)
    return held
