"""Words and text fit for a report: what a gain means, and foreign text that hides nothing."""

import unicodedata
from typing import Final

from registry_tool.core.kind import Kind

_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_GAINS: Final = {
    "unpinned": "fetches {rest} later without a digest",
    "dependency": "depends on {rest}",
    "executable": "installs {rest} as a program",
    "hook": "runs at {rest}",
    "kind": "is a {rest}",
    "author": "is published by {rest}",
}


def permission_words(permission: str, kind: Kind | None) -> str:
    """What a permission lets an artifact do; says so where nobody knows."""
    words = kind.grammar.explain(permission) if kind else None
    return words or "not known to this tool"


def gain_words(gain: str, kind: Kind | None) -> str:
    """A line of `gained` in words, as `permission network:h` or `executable run.sh`."""
    what, _, rest = gain.partition(" ")
    if what == "permission":
        words = kind.grammar.explain(rest) if kind else None
        return f"may {words} ({rest})" if words else f"asks for {rest}, which this tool does not know"
    return _GAINS.get(what, "{what} {rest}").format(what=what, rest=rest)


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
