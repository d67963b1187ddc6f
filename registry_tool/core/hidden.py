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

_SUSPECT: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_FLAGS: Final = re.compile(
    "\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|"
    "\U000e0077\U000e006c\U000e0073)\U000e007f"
)
MOST_COUNTED: Final = 1000
"""Characters of one text that are told of."""
_JOINERS: Final = "\u200c\u200d"
_SELECTORS: Final = "\ufe0e\ufe0f"
_SKIN: Final = re.compile("[\U0001f3fb-\U0001f3ff]")
_MEANINGLESS: Final = re.compile("[\u00ad\u034f\u200b\u2060-\u2064\ufeff\U000e0001-\U000e007f]")
"""Those of them that can go without a change to what people see: no direction, no joining, no line."""


def hidden_in(text: str) -> tuple[tuple[int, str], ...]:
    """The first 1,000 invisible characters in `text` that are not needed where they stand: place and character."""
    return tuple(islice(all_hidden(text), MOST_COUNTED))


def all_hidden(text: str) -> Iterator[tuple[int, str]]:
    """All of them."""
    flags = {at for match in _FLAGS.finditer(text) for at in range(match.start(), match.end())}
    for match in _SUSPECT.finditer(text):
        if match.start() not in flags and not _is_needed(text, match.start()):
            yield match.start(), match[0]


def without_meaningless(text: str) -> str:
    """`text` without the invisible characters that change nothing that people see; others stay for its author."""
    hidden = {at for at, character in all_hidden(text) if _MEANINGLESS.fullmatch(character)}
    return "".join(character for at, character in enumerate(text) if at not in hidden) if hidden else text


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
