"""Statements beside the chains of keys: what one family of them is.

    profile/       who an author says to be            by the author, confirmed by a moderator
    reviews/       what somebody thinks of a release   by an author
    waivers/       a check that does not count here    by a moderator, until a date
    entitlements/  what somebody's tier allows         by the operator, until a date

A family is one module; `families.py` lists them, and everything else asks there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry_tool.core.authorities import Government
from registry_tool.core.change import Change, Joined
from registry_tool.core.layout import Located
from registry_tool.core.statements import Statement
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means


@dataclass(frozen=True, slots=True)
class Family:
    """How the statements of one folder are read, judged and told."""

    model: type[Statement]
    submitted: bool
    """Whether a submission may bring one; otherwise moderators write them."""
    words: Callable[[Any], str]  # Any: the model's own instance
    """What one says, in one sentence; what people wrote in it is quoted."""
    may_join: Callable[[Change, Joined, Government, Means], None]
    """Refuses one that may not land on the tip, the approver's signature apart."""
    countersigned: Callable[[Change, Joined], bool]
    """Whether who approves it signs it too: it claims something that a moderator confirms."""
    verify: Callable[[Tree, Located, Government, Means], None]
    """Refuses a tree in which the one at this place does not hold, as clients see it."""
