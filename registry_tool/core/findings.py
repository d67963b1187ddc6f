"""One fault or remark about an input, with its place and what mends it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["fail", "review", "warn", "note"]
"""`fail` refuses, `review` asks for a person, `warn` and `note` are told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one place."""

    check: str
    """Stable id of the rule, as `payload-path` or `manifest-schema`."""
    level: Level
    """How grave it is."""
    message: str
    """What was expected and what came, in one sentence."""
    path: str = ""
    """The file it is about; empty for the whole input."""
    hint: str = ""
    """What to do next, where possible the line to write."""
    line: int | None = None
    """1-based line in `path`, where one is known."""
