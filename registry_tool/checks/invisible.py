"""Characters that nobody sees and that machines read all the same.

What people need is let through: a byte order mark at the beginning, joiners inside an emoji or a word
of a script that joins, one variation selector behind a sign that has variants, the flags of England,
Scotland and Wales.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

from registry_tool.core.change import Candidate, Change
from registry_tool.core.describe import CARD
from registry_tool.core.findings import Finding
from registry_tool.core.reports.places import place
from registry_tool.core.review import Check

_SUSPECT: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_FLAGS: Final = re.compile(
    "\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|"
    "\U000e0077\U000e006c\U000e0073)\U000e007f"
)
_COUNTED: Final = 1000
_JOINERS: Final = "\u200c\u200d"
_SELECTORS: Final = "\ufe0e\ufe0f"
_SKIN: Final = re.compile("[\U0001f3fb-\U0001f3ff]")


def invisible_characters(change: Change) -> Iterator[Finding]:
    """A finding for each text with invisible characters; it refuses where people or agents read instructions."""
    for candidate in change.releases:
        yield from _text(place(candidate), candidate.manifest_bytes, instructs=True)
        for path, file in sorted((candidate.payload or {}).items()):
            if b"\0" not in file.data:
                yield from _text(place(candidate, path), file.data, instructs=_instructs(candidate, path))
    for joined in change.statements:
        yield from _text(joined.path, joined.raw, instructs=True)


def hidden_in(text: str) -> tuple[tuple[int, str], ...]:
    """The first 1,000 invisible characters in `text` that are not needed where they stand: place and character."""
    flags = {at for match in _FLAGS.finditer(text) for at in range(match.start(), match.end())}
    hidden = (
        (match.start(), match[0])
        for match in _SUSPECT.finditer(text)
        if match.start() not in flags and not _is_needed(text, match.start())
    )
    return tuple(islice(hidden, _COUNTED))


def _instructs(candidate: Candidate, path: str) -> bool:
    """Whether a file tells people or agents what to do: the native one, the card, Markdown beside Markdown."""
    native = candidate.reading.native if candidate.reading else ""
    return path in (native, CARD) or (native.endswith(".md") and path.lower().endswith(".md"))


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
    times = "once" if len(hidden) == 1 else f"{len(hidden)} times" if len(hidden) < _COUNTED else "very often"
    message = f"characters that nobody sees occur {times}: {shown}{more}"
    line = text.count("\n", 0, hidden[0][0]) + 1
    hint = f"remove them; in Python: re.sub('[{''.join(_escape(one) for one in kinds[:3])}]', '', text)"
    yield Finding("invisible-characters", "fail" if instructs else "review", message, path, hint, line)


def _is_needed(text: str, at: int) -> bool:
    character, before, after = text[at], text[max(0, at - 3) : at], text[at + 1 : at + 2]
    if character == "\ufeff":
        return at == 0
    if not before:
        return False
    if character in _SELECTORS:
        return _has_variants(before[-1])
    if "\U000e0100" <= character <= "\U000e01ef":
        return unicodedata.name(before[-1], "").startswith("CJK UNIFIED IDEOGRAPH")
    if character in _JOINERS and after:
        base = _SKIN.sub("", before.rstrip("\ufe0f"))[-1:]
        if character == "\u200d" and _is_pictograph(base) and _is_pictograph(after):
            return True
        return _joins(before[-1]) and _joins(after)
    return False


def _has_variants(character: str) -> bool:
    """Whether a sign can be shown as text and as a picture: symbols, arrows, digits of keycaps."""
    return character in "0123456789#*" or _is_pictograph(character) or character in "\u203c\u2049\u2139\u3030\u303d"


def _is_pictograph(character: str) -> bool:
    return character != "" and unicodedata.category(character) in ("So", "Sm", "Sk")


def _joins(character: str) -> bool:
    """Whether a letter or mark is of a script that is written with joiners (Arabic to Sinhala, Khmer)."""
    inside = "\u0600" <= character <= "\u0dff" or "\u1780" <= character <= "\u17ff"
    return inside and unicodedata.category(character)[0] in "LM"


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
    ),
)
