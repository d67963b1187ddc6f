"""Who publishes: somebody whom the scope lists, and one person at a time."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Candidate, Change
from registry_tool.core.findings import Finding
from registry_tool.core.heads import newest
from registry_tool.core.places import place
from registry_tool.core.published import chain_at
from registry_tool.core.review import Check
from registry_tool.core.statements import Policy, Scope
from registry_tool.core.tree import Tree

RELEASES: Final = 20
"""Releases in one submission, where policy does not say: what a person can still read."""


def owner_may_act(change: Change) -> Iterator[Finding]:
    """A finding for each release whose author is not registered, or not listed by its scope."""
    for candidate in change.releases:
        fault = _author_fault(change, candidate)
        if fault:
            yield Finding("owner-may-act", "fail", fault[0], place(candidate), fault[1])


def one_author(change: Change) -> Iterator[Finding]:
    """A finding where releases of several people come together, or more than can be read at once."""
    authors = {candidate.manifest.author for candidate in change.releases if candidate.manifest}
    subjects = (joined.located.subject.partition("/") for joined in change.statements)
    authors |= {owner for family, _, owner in subjects if family == "authors"}
    if len(authors) > 1:
        message = f"one submission is of one author, this one is of {', '.join(sorted(authors))}"
        yield Finding("one-author", "fail", message, hint="make one submission for each of them")
    else:
        yield from _one_family(change)
    most = policy_limit(change, "releases", RELEASES)
    if len(change.releases) > most:
        message = f"a submission has at most {most} releases, this one has {len(change.releases)}"
        yield Finding("one-author", "fail", message, hint=f"publish at most {most} folders at a time")


def _one_family(change: Change) -> Iterator[Finding]:
    """A finding where scopes of different people come together: each of them would decide about the others' part."""
    subjects = (joined.located.subject.partition("/") for joined in change.statements)
    scopes = {owner for family, _, owner in subjects if family == "scopes"}
    scopes |= {candidate.artifact.scope for candidate in change.releases}
    families = {scope: owners_of(change.merged, scope, registry=change.registry) for scope in sorted(scopes)}
    if len({owners for owners in families.values() if owners}) > 1:
        message = f"one submission is of one scope, or of one owner's; this one touches @{', @'.join(families)}"
        yield Finding("one-author", "fail", message, hint="make one submission for each of them")


def owners_of(tree: Tree, scope: str, *, registry: str) -> frozenset[str]:
    """The active owners of a scope; nobody where it cannot be read."""
    body = newest(tree, f"scopes/{scope}", Scope, registry=registry)
    return frozenset(row.author for row in body.owners if row.active) if body else frozenset()


def policy_limit(change: Change, name: str, default: int) -> int:
    """The limit that the policy of the tip sets, or `default`; the submission's own policy counts for nothing."""
    policy = newest(change.tip, "policy", Policy, registry=change.registry)
    return policy.limits.get(name, default) if policy else default  # verification says what is wrong with it


def _author_fault(change: Change, candidate: Candidate) -> tuple[str, str] | None:
    """What is wrong with the author of a release, and what to do; `None` where nothing is, or it cannot be read."""
    if candidate.manifest is None:
        return None
    scope, author = candidate.artifact.scope, candidate.manifest.author
    if not chain_at(change.merged, f"authors/{author}"):
        return f"the author {author} is not registered here", "`registry publish` registers you with your first release"
    if not chain_at(change.merged, f"scopes/{scope}"):
        return f"nobody has claimed the scope @{scope}", "`registry publish` claims it in the same submission"
    body = newest(change.merged, f"scopes/{scope}", Scope, registry=change.registry)
    if body is None:
        return None  # verification says what is wrong with it
    row = next((row for row in body.publishers() if row.author == author and row.active), None)
    if row is not None:
        return None
    invite = f"an owner lets you in with `registry scope invite @{scope} {author}`, or publish in a scope of your own"
    if any(row.author == author for row in body.publishers()):
        return f"{author} does not publish in @{scope} any more", invite
    return f"{author} is no owner or member of @{scope}", invite


CHECKS: Final = (
    Check(
        id="one-author",
        number=32,
        title="A submission is of one author and one owner's scopes, and can be read in one sitting",
        why="What is too much to read is approved unread.",
        level="fail",
        run=one_author,
    ),
    Check(
        id="owner-may-act",
        number=3,
        title="The author of a release is an owner or member of its scope",
        why="Handles of forges are renamed and taken over; a signed list of authors is not.",
        level="fail",
        run=owner_may_act,
        tells=("no-author", "no-scope", "not-a-publisher", "owner"),
    ),
)
