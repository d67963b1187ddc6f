"""Statements that need people: who may sign for an author or a scope is never decided by a program alone."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.heads import newest
from registry_tool.core.keys import K16
from registry_tool.core.review import Check
from registry_tool.core.statements import Keyring, Scope


def countersigned_statement(change: Change) -> Iterator[Finding]:
    """A finding for each statement that lists who may sign and that moderators are to countersign.

    One that names no moderators only takes away, and stands by itself.
    """
    for joined in change.statements:
        if isinstance(joined.statement, Keyring | Scope) and "moderators" in joined.statement.under:
            message = "a moderator has to agree to this statement"
            hint = "a moderator reads it; approving countersigns it"
            yield Finding("countersigned-statement", "review", message, joined.path, hint)


def consent(change: Change) -> Iterator[Finding]:
    """A finding for each owner or member who is let into a scope without a signature of their own."""
    for joined in change.statements:
        if not isinstance(joined.statement, Scope):
            continue
        scope = joined.located.subject.partition("/")[2]
        before = newest(change.tip, joined.located.subject, Scope, registry=change.registry)
        known = {row.author for row in before.publishers()} if before else set()
        signed = {one.sig for one in change.located if one.path.startswith(joined.path.removesuffix("json"))}
        for author in sorted({row.author for row in joined.statement.publishers()} - known):
            if not signed & _control(change, author):
                message = f"{author} is let in and did not sign"
                hint = f"{author} agrees with `registry scope accept @{scope}`"
                yield Finding("consent", "fail", message, joined.path, hint)


def _control(change: Change, author: str) -> frozenset[K16]:
    """The author's active control keys."""
    body = newest(change.merged, f"authors/{author}", Keyring, registry=change.registry)
    return frozenset(row.k16 for row in body.keys if row.active and row.use == "control") if body else frozenset()


CHECKS: Final = (
    Check(
        id="consent",
        number=24,
        title="Whoever is let into a scope signed that they want it",
        why="People were listed as maintainers of things that they never heard of.",
        level="fail",
        run=consent,
        tells=("not-authorised",),
    ),
    Check(
        id="countersigned-statement",
        number=23,
        title="A person agrees to who may sign for an author or a scope",
        why="Whoever lets a key in can publish with it; stolen accounts begin by adding their own.",
        level="review",
        run=countersigned_statement,
        tells=(
            "bad-named",
            "bad-under",
            "chain-forked",
            "chain-gap",
            "hits",
            "key-used-twice",
            "not-countersigned",
            "other-subject",
            "recover",
            "reserved-author",
            "row-changed",
            "row-vanished",
            "test-key",
        ),
    ),
)
