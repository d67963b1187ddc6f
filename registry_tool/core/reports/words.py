"""Words and text fit for a report: what a gain means, and foreign text that hides nothing."""

import unicodedata
from typing import Final

from registry_tool.core.kind import Kind

_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def permission_words(permission: str, kind: Kind | None) -> str:
    """What a permission lets an artifact do; says so where nobody knows."""
    words = kind.grammar.explain(permission) if kind else None
    return words or "not known to this tool"


def visible(text: str) -> str:
    """`text` in one line, with everything that cannot be seen written as its code point in braces."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{{{ord(one):x}}}" if _hides(one) else one for one in text)


def size_words(size: int) -> str:
    """A number of bytes as people read it."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _hides(character: str) -> bool:
    if character == "\t":
        return False
    if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return True
    return unicodedata.category(character) in _HIDDEN or character in _BLANK
