"""Findings about one compose file, each with its line."""

import re
from dataclasses import dataclass, field
from typing import Final

from registry_tool.core.findings import Finding

CHECK: Final = "app-compose"


@dataclass(slots=True)
class Lines:
    """The text of the file, and what was found in it."""

    text: str
    path: str
    findings: list[Finding] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    """What is left out of what is installed, with the reason."""

    def fail(self, place: tuple[str, ...], message: str, hint: str) -> None:
        """Notes a fault at `place`, the keys from the top down."""
        at = ": ".join(place[1:-1])
        words = f"{at}: {message}" if at else message
        self.findings.append(Finding(CHECK, "fail", words, self.path, hint, self.line(place)))

    def tell_dropped(self) -> None:
        """Adds one remark for everything that was left out."""
        if self.dropped:
            words = "; ".join(f"{name} ({why})" for name, why in sorted(self.dropped.items()))
            self.findings.append(Finding(CHECK, "note", f"left out of what is installed: {words}", self.path))

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
