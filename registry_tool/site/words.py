"""Foreign text made fit for a page: nothing invisible, nothing that turns the line around."""

import re
from typing import Final

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Control, bidirectional and invisible characters; joiners (U+200C, U+200D) stay, scripts and emoji need them."""

_UNITS: Final = ("bytes", "kB", "MB", "GB")


def visible(text: str) -> str:
    r"""`text` with what cannot be seen written as `\u202e`, so that people read what programs read."""
    return _HIDDEN.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def line(text: str) -> str:
    """`text` on one line, visible; a title of nothing but spaces says so."""
    return visible(" ".join(text.split())) or "(no text)"


def day(time: str) -> str:
    """The day of a document's time: `2026-03-01`."""
    return time[:10]


def size(count: int) -> str:
    """A number of bytes for people: `1.5 kB`."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{count} {_UNITS[0]}" if unit == 0 else f"{amount:.1f} {_UNITS[unit]}"


def counted(count: int, one: str, many: str) -> str:
    """`1 thing`, `2 things`."""
    return f"{count} {one if count == 1 else many}"
