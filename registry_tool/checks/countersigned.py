"""Statements that need a person: who may sign for an author or a scope is never decided by a program alone."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
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


CHECKS: Final = (
    Check(
        id="countersigned-statement",
        number=3,
        title="A person agrees to who may sign for an author or a scope",
        why="Whoever lets a key in can publish with it; stolen accounts begin by adding their own.",
        level="review",
        run=countersigned_statement,
    ),
)
