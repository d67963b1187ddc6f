"""Who publishes: somebody whom the scope lists, and one person at a time."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core import limits
from registry_tool.core.change import Candidate, Change
from registry_tool.core.document import load
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.published import chain_at
from registry_tool.core.reports.places import place
from registry_tool.core.review import Check
from registry_tool.core.statements import Policy, Scope

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
    most = policy_limit(change, "releases", RELEASES)
    if len(change.releases) > most:
        message = f"a submission has at most {most} releases, this one has {len(change.releases)}"
        yield Finding("one-author", "fail", message, hint=f"publish at most {most} folders at a time")


def policy_limit(change: Change, name: str, default: int) -> int:
    """The limit that the policy of the tip sets, or `default`; the submission's own policy counts for nothing."""
    chain = chain_at(change.tip, "policy")
    if not chain:
        return default
    try:
        data = chain[-1].data
        policy = load(Policy, data, limit=limits.STATEMENT_BYTES, registry=change.registry, what="the policy")
    except RegistryError:
        return default  # verification says what is wrong with it
    return policy.limits.get(name, default)


def _author_fault(change: Change, candidate: Candidate) -> tuple[str, str] | None:
    """What is wrong with the author of a release, and what to do; `None` where nothing is, or it cannot be read."""
    if candidate.manifest is None:
        return None
    scope, author = candidate.artifact.scope, candidate.manifest.author
    if not chain_at(change.merged, f"authors/{author}"):
        return f"the author {author} is not registered here", "`registry publish` registers you with your first release"
    chain = chain_at(change.merged, f"scopes/{scope}")
    if not chain:
        return f"nobody has claimed the scope @{scope}", "`registry publish` claims it in the same submission"
    try:
        data = chain[-1].data
        body = load(Scope, data, limit=limits.STATEMENT_BYTES, registry=change.registry, what="the scope")
    except RegistryError:
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
        title="A submission is of one author and can be read in one sitting",
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
    ),
)
