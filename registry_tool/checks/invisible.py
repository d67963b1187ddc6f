"""That no text holds characters that nobody sees (`core/hidden.py` says which)."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from registry_tool.checks.agent_text import instructs
from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.hidden import MOST_COUNTED, hidden_in
from registry_tool.core.places import place
from registry_tool.core.review import Check
from registry_tool.core.since import is_as_reviewed


def invisible_characters(change: Change) -> Iterator[Finding]:
    """A finding for each text with invisible characters; it refuses where people or agents read instructions."""
    for candidate in change.releases:
        yield from _text(place(candidate), candidate.manifest_bytes, instructs=True)
        for path, file in sorted((candidate.payload or {}).items()):
            told = instructs(candidate, path)
            if b"\0" not in file.data and (told or not is_as_reviewed(candidate, path)):
                yield from _text(place(candidate, path), file.data, instructs=told)
    for joined in change.statements:
        yield from _text(joined.path, joined.raw, instructs=True)


def _text(path: str, data: bytes, *, instructs: bool) -> Iterator[Finding]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    hidden = () if text.isascii() else hidden_in(text)
    if not hidden:
        return
    kinds = sorted({one for _, one in hidden})
    shown = ", ".join(f"U+{ord(one):04X} {unicodedata.name(one, '')}".rstrip() for one in kinds[:3])
    more = f" and {len(kinds) - 3} more kinds" if len(kinds) > 3 else ""
    times = "once" if len(hidden) == 1 else f"{len(hidden)} times" if len(hidden) < MOST_COUNTED else "very often"
    message = f"characters that nobody sees occur {times}: {shown}{more}"
    line = text.count("\n", 0, hidden[0][0]) + 1
    hint = f"remove them; in Python: re.sub('[{''.join(_escape(one) for one in kinds[:3])}]', '', text)"
    yield Finding("invisible-characters", "fail" if instructs else "review", message, path, hint, line)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


CHECKS: Final = (
    Check(
        id="invisible-characters",
        number=35,
        title="No text holds characters that nobody sees",
        why="Instructions to agents and whole programs were hidden in characters that editors do not show.",
        level="fail",
        run=invisible_characters,
        waivable=True,
    ),
)
