"""What the other side says when git pushes: its words without what a terminal would obey, and the error that they mean.

    remote: error: refs/heads/main: the commit 1a2b… is a merge
    remote:   land it with `registry queue approve`
    remote: refused refs/heads/main 5 merge             by a registry's hook (`cli/hook.py`): exit code and code

Anybody can answer so. It decides only which error somebody sees whose push was not taken in any case.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids

_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))  # control, invisible, unassigned
_REFUSED: Final = re.compile(r"remote: refused refs/heads/(\S{1,250}) ([145]) ([a-z0-9]+(?:-[a-z0-9]+)*)")
_ERRORS: Final[Mapping[str, type[RegistryError]]] = {"1": InvalidInput, "4": NotTrusted, "5": StateForbids}


def clean(talk: str) -> str:
    """Words from the other side without anything that a terminal would obey, and without passwords in addresses."""
    lines = (line.split("\r")[-1] if not line.endswith("\r") else line[:-1] for line in talk.split("\n"))
    shown = ("".join(c for c in line if unicodedata.category(c) not in _HIDDEN) for line in lines)
    return re.sub(r"//[^/@\s]*@", "//", "\n".join(line.rstrip() for line in shown if line.strip()))


def declined(branch: str, reason: str, talk: str, *, where: str) -> RegistryError:
    """The error of a push to `branch` that was declined for git's `reason`; `talk` was cleaned.

    Where a registry's hook refused it, it is of the branch and code that the hook says; else `StateForbids`
    (`declined`).
    """
    said = [line for line in talk.splitlines() if line.startswith("remote:")]
    told = next((row for row in map(_REFUSED.fullmatch, said) if row and row[1] == branch), None)
    words = "".join(f"\n{line}" for line in said if not _REFUSED.fullmatch(line))
    hint = "the lines that begin with `remote:` say why" if words else "whoever keeps it knows why"
    if told is not None:
        message = f"the registry there refuses the branch {branch}{words}"
        return _ERRORS[told[2]](message, where=where, hint=hint, code=told[3])
    message = f"the other side declined the branch {branch}: {clean(reason)}{words}"
    return StateForbids(message, where=where, hint=hint, code="declined")
