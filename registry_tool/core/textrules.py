"""Rules about what a text says: data that proves itself, as the rules of permissions do.

A rule is a net, not a proof: whoever writes around it passes, and a person who reads decides what it means. So it
asks for a look and never refuses by itself. A text is looked at sentence by sentence, code line by line, with white
space made one; a rule's parts must follow each other in one of them. So the time is that of a few readings of the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from registry_tool.core import limits

_SENTENCES: Final = re.compile(r"(?<=[.!?;:])\s+|\n\s*\n|\n(?=\s{0,8}[-*#>|`0-9])")
_LINES: Final = re.compile(r"\n")
_TRIES: Final = 20
"""How often a rule begins again within one sentence."""


@dataclass(frozen=True, slots=True)
class TextRule:
    """One thing that a text should not say without a person having read it."""

    parts: tuple[str, ...]
    """Regular expressions that follow each other; letter case makes no difference, white space is one space. None
    repeats what may itself be long."""
    says: str
    """What a text that it finds does, as the rest of a sentence that begins with `it`."""
    hint: str
    """What to do about it."""
    finds: tuple[str, ...]
    """Examples that it finds; a test proves it."""
    passes: tuple[str, ...]
    """Honest look-alikes that it lets pass; a test proves it."""
    reach: int = 240
    """Characters from the beginning of the first part to the end of the last, at most."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a rule found something first."""

    rule: TextRule
    line: int
    """1-based: where the sentence begins, or the line of code."""
    text: str
    """What it found, in one line."""


def hits(rules: Iterable[TextRule], data: bytes, *, code: bool = False) -> Iterator[Hit]:
    """The first place of each rule in a text; nothing in what is no text, or longer than any that people write."""
    if len(data) > limits.NATIVE_BYTES or b"\0" in data:
        return
    text = data.decode("utf-8", "replace")
    whole = " ".join(text.split())
    # Nearly always a part is nowhere in the text, which is quickly seen.
    left = [rule for rule in rules if all(_compiled(part).search(whole) for part in rule.parts)]
    if not left:
        return
    units = list(_units(text, _LINES if code else _SENTENCES))
    for rule in left:
        for line, unit in units:
            found = _found(rule, unit)
            if found:
                yield Hit(rule, line, found)
                break


def _units(text: str, border: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Each sentence or line, with the line that it begins in."""
    start, line = 0, 1
    for match in border.finditer(text):
        yield line, " ".join(text[start : match.start()].split())
        line += text.count("\n", start, match.end())
        start = match.end()
    yield line, " ".join(text[start:].split())


def _found(rule: TextRule, unit: str) -> str:
    """What `rule` finds in one sentence; empty where it finds nothing."""
    first, *rest = map(_compiled, rule.parts)
    start = 0
    for _ in range(_TRIES):
        match = begin = first.search(unit, start)
        for part in rest:
            match = part.search(unit, match.end()) if match else None
        if match is None or begin is None:
            return ""
        if match.end() - begin.start() <= rule.reach:
            return unit[begin.start() : match.end()]
        start = begin.end()
    return ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
