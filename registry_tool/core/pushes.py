"""What a push does to a registry's repository, as git tells it to a hook, and the names that branches have there.

    <old> <new> refs/heads/…         forty zeros where there is none

Light enough for every push: what only takes a branch away is decided here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted

REFS: Final = 64  # of one push; the tool's verbs send one at a time
INPUT_BYTES: Final = REFS * 400  # two ids and the name of a ref each
SUBMISSION: Final = re.compile(r"submit/([0-9a-f]{12})")
INVITATION: Final = re.compile(r"invite/((moderators|policy)|(authors|scopes)/([a-z0-9-]{2,64}))/([1-9][0-9]{0,8})")
OBJECTION: Final = re.compile(r"objection/([0-9a-f]{12})/([0-9a-f]{16})")
_NOTHING: Final = "0" * 40
_ROW: Final = re.compile(r"([0-9a-f]{40}) ([0-9a-f]{40}) (refs/[^\x00-\x20\x7f]{1,250})")
_HEADS: Final = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Update:
    """What a push does to one ref."""

    ref: str
    old: str | None
    """`None` where it is made."""
    new: str | None
    """`None` where it is taken away."""

    @property
    def branch(self) -> str:
        """The branch's name; empty for any other ref."""
        return self.ref.removeprefix(_HEADS) if self.ref.startswith(_HEADS) else ""


def read_updates(data: bytes) -> tuple[Update, ...]:
    """What git tells a hook on its standard input; `InvalidInput` for what git does not write, or too much."""
    lines = data.decode("utf-8", "replace").splitlines()
    if len(lines) > REFS or len(data) > INPUT_BYTES:
        message = f"a push may touch at most {REFS} branches"
        raise InvalidInput(message, code="too-many-refs", hint="send fewer at a time")
    found = []
    for line in lines:
        row = _ROW.fullmatch(line)
        if row is None:
            raise InvalidInput(
                f"a line `old new ref` was expected, this is {quoted(line[:200])}",
                code="bad-hook-input",
                hint="this verb is for git's hooks: registry hook install REPOSITORY",
            )
        old, new = (None if one == _NOTHING else one for one in row.groups()[:2])
        found.append(Update(row[3], old, new))
    return tuple(found)


def only_withdraw(updates: Sequence[Update]) -> bool:
    """Whether a push does nothing but take away branches on which something waits: anybody may.

    Nobody is asked who they are, and nothing that counts is lost: whose it was sends it again.
    """
    return all(
        one.new is None and any(form.fullmatch(one.branch) for form in (SUBMISSION, INVITATION, OBJECTION))
        for one in updates
    )
