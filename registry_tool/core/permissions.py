"""What an artifact may be granted: a closed grammar per kind, in words and in rules.

A permission is a string. Each kind has a list of rules; a string that no rule matches is unknown,
and unknown is refused. The words of a rule are what people read everywhere: at the author's check,
in the review, in the gallery and before an install.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from registry_tool.core.confinement import Confinement
from registry_tool.core.errors import NotTrusted
from registry_tool.core.findings import Finding


def same_only(old: str, new: str) -> bool:
    """Whether `old` covers `new` where nothing but itself is covered."""
    return old == new


def group_of(permission: str) -> str:
    """What people search a permission by: all before its first colon, `network` of `network:example.org:443`."""
    return permission.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of permission."""

    pattern: str
    """Regular expression for the whole string; its named groups are used by `meaning`."""
    meaning: str
    """What it lets the artifact do, as a verb phrase with `{group}` placeholders."""
    allows: Callable[[re.Match[str]], Confinement]
    """What a machine lets through for it, and nothing else."""
    accepts: tuple[str, ...]
    """Examples that the pattern matches; a test proves it."""
    rejects: tuple[str, ...]
    """Look-alikes that it refuses; a test proves it."""
    refuse: Callable[[re.Match[str]], str | None] = field(default=lambda match: None)
    """Why a string that fits the pattern is refused all the same (a port above 65535)."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """All that a kind can be granted; `Grammar()` grants nothing, ever."""

    rules: tuple[Rule, ...] = ()
    covers: Callable[[str, str], bool] = same_only
    """Whether a grant of the first string already allows the second."""

    def explain(self, permission: str) -> str | None:
        """What `permission` allows, in words; `None` where it is unknown."""
        for rule in self.rules:
            match = re.fullmatch(rule.pattern, permission, re.ASCII)
            if match and rule.refuse(match) is None:
                words = {name: value or "" for name, value in match.groupdict().items()}
                return rule.meaning.format(**words)
        return None

    def confine(self, permissions: Sequence[str], *, kind: str) -> Confinement:
        """All that an artifact of `kind` with these permissions may do, for whatever enforces it.

        `NotTrusted` for one that is unknown, cannot be granted or is there twice: what cannot be understood is
        never left out, and never let through.
        """
        faults = self.findings(permissions, kind=kind)
        if faults:
            raise NotTrusted(faults[0].message, code=faults[0].check, hint="update the tool, or ask its author")
        matches = ((rule, re.fullmatch(rule.pattern, one, re.ASCII)) for one in permissions for rule in self.rules)
        allowed = Confinement()
        for rule, match in matches:
            if match is not None and rule.refuse(match) is None:
                allowed |= rule.allows(match)
        return allowed

    def covered(self, granted: Iterable[str], permission: str) -> bool:
        """Whether something in `granted` already allows `permission`."""
        return any(self.covers(old, permission) for old in granted)

    def findings(self, permissions: Sequence[str], *, kind: str, path: str = "") -> tuple[Finding, ...]:
        """What is wrong with this list for an artifact of `kind`."""
        found = []
        for permission in sorted(set(permissions)):
            if self.explain(permission) is None:
                found.append(Finding("permission-unknown", "fail", *self._unknown(permission, kind, path)))
            elif permissions.count(permission) > 1:
                message = f"the permission {permission!r} is there {permissions.count(permission)} times"
                found.append(Finding("permission-twice", "fail", message, path, "leave one of them"))
        return tuple(found)

    def _unknown(self, permission: str, kind: str, path: str) -> tuple[str, str, str]:
        shown = permission.encode("unicode_escape").decode("ascii")
        if not self.rules:
            return f"a {kind} is granted nothing, it asks for '{shown}'", path, "remove it: permissions: []"
        for rule in self.rules:
            match = re.fullmatch(rule.pattern, permission, re.ASCII)
            if match and (why := rule.refuse(match)):
                return f"'{shown}' cannot be granted: {why}", path, f"for example: {rule.accepts[0]}"
        folded = "".join(
            character
            for character in unicodedata.normalize("NFKC", permission)
            if unicodedata.category(character) not in {"Cf", "Cc", "Zs"}
        )
        for candidate in (folded, folded.lower(), folded.upper()):
            if candidate != permission and self.explain(candidate) is not None:
                return f"'{shown}' looks like '{candidate}' and is not", path, f"write it as: {candidate}"
        forms = ", ".join(rule.accepts[0] for rule in self.rules)
        return f"'{shown}' is not a permission that a {kind} can have", path, f"a {kind} can ask for: {forms}"
