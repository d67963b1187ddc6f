"""Foreign text made fit for people, wherever we show it: nothing invisible, nothing that turns the line around.

The same everywhere: no table of Unicode decides, which another version of Python might have otherwise.
"""

import re
from collections.abc import Mapping
from typing import Final

from registry_tool.core.payload import Payload
from registry_tool.core.release import Status

STATUS_WORDS: Final[Mapping[Status, str]] = {
    "active": "active",
    "deprecated": "deprecated: it works, and its author advises something else",
    "yanked": "yanked: new installs do not take it",
    "quarantined": "in quarantine: a moderator is looking into it, nobody installs it",
    "revoked": "revoked: nobody should have it installed",
    "withheld": "withheld: its files are not published",
}
"""What a status means to people."""

READMES: Final = ("readme.md", "readme", "skill.md")
"""Files in which an author tells what it is, best first; letter case makes no difference."""

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Control, bidirectional and invisible characters; joiners (U+200C, U+200D) stay, scripts and emoji need them."""


def visible(text: str) -> str:
    r"""`text` with what cannot be seen written as `\u202e`, so that people read what programs read."""
    return _HIDDEN.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def line(text: str) -> str:
    """`text` on one line, visible; a title of nothing but spaces says so."""
    return visible(" ".join(text.split())) or "(no text)"


def counted(count: int, one: str, many: str) -> str:
    """`1 thing`, `2 things`."""
    return f"{count} {one if count == 1 else many}"


def readme_of(payload: Payload) -> str:
    """The text that the author wrote about it, as it is; empty where there is none."""
    by_name = {path.lower(): path for path in sorted(payload, reverse=True) if "/" not in path}
    found = next((by_name[wanted] for wanted in READMES if wanted in by_name), None)
    return payload[found].data.decode("utf-8", "replace") if found is not None else ""
