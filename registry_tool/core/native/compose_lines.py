"""Findings about one compose file, each with its line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from registry_tool.core.findings import Finding, Level

CHECK: Final = "app-compose"


@dataclass(slots=True)
class Lines:
    """The text of the file, and what was found in it."""

    text: str
    path: str
    findings: list[Finding] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    """What is left out of what is installed, with the reason."""
    changed: dict[str, str] = field(default_factory=dict)
    """What is written anew in what is installed, and how."""
    moved: dict[str, str] = field(default_factory=dict)
    """Paths of somebody's host, and the app's own folders in their place."""

    def fail(self, place: tuple[str, ...], message: str, hint: str) -> None:
        """Notes a fault at `place`, the keys from the top down."""
        self._tell("fail", place, message, hint)

    def warn(self, place: tuple[str, ...], message: str, hint: str) -> None:
        """Notes at `place` what may be other than its author means."""
        self._tell("warn", place, message, hint)

    def tell_rest(self) -> None:
        """Adds a remark each for all that was left out, written anew, and moved into the app's folder."""
        if self.moved:
            words = "; ".join(f"{old} is {new}" for old, new in sorted(self.moved.items()))
            message = f"paths of a host become folders of the app's own, empty at first: {words}"
            hint = "nothing of the host is seen; whoever installs the app puts their files there"
            self.findings.append(Finding(CHECK, "warn", message, self.path, hint))
        for told, rows in (("left out of", self.dropped), ("written anew in", self.changed)):
            if rows:
                words = _listed(rows)
                self.findings.append(Finding(CHECK, "note", f"{told} what is installed: {words}", self.path))

    def _tell(self, level: Level, place: tuple[str, ...], message: str, hint: str) -> None:
        at = ": ".join(place[1:-1])
        words = f"{at}: {message}" if at else message
        self.findings.append(Finding(CHECK, level, words, self.path, hint, self.line(place)))

    def line(self, place: tuple[str, ...]) -> int | None:
        """The 1-based line of the key at the end of `place`, or of the nearest one above it.

        Only for people: keys are looked for by their indentation, since a parsed value has no lines.
        """
        found: int | None = None
        start, indent = 0, -1
        lines = self.text.splitlines()
        for key in place:
            pattern = re.compile(rf"(?P<indent> *)(?:- +)?['\"]?{re.escape(key)}['\"]?[ \t]*:")
            for index in range(start, len(lines)):
                match = pattern.match(lines[index])
                if match and len(match["indent"]) > indent:
                    found, start, indent = index + 1, index + 1, len(match["indent"])
                    break
            else:
                break
        return found


def _listed(rows: Mapping[str, str]) -> str:
    return "; ".join(f"{name} ({why})" for name, why in sorted(rows.items()))
