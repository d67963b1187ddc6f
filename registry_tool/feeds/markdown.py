"""Markdown of ours with words of strangers in it, which stay words: no link, no heading, no end of the quotation."""

import re
from collections.abc import Iterable
from typing import Final

from registry_tool.core.showing import line, visible

_TICKS: Final = re.compile("`+")
_PUNCTUATION: Final = re.compile(r"[\\`*_\[\]<>#|~&!]")


def code(text: str) -> str:
    """`text` on one line as a span of code, whatever is in it (CommonMark 0.31 part 6.1)."""
    shown = line(text)
    ticks = "`" * (_longest(shown) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def quoted_block(text: str) -> str:
    """`text` as code inside a quotation: each of its lines is marked, and none of them can end it (part 4.5)."""
    # The ends of lines that Markdown knows (part 2.1); what else ends a line somewhere is written out.
    shown = visible(text.replace("\r\n", "\n").replace("\r", "\n"))
    fence = "`" * max(3, _longest(shown) + 1)
    return "\n".join(f"> {one}" if one else ">" for one in (fence, *shown.strip("\n").split("\n"), fence))


def plain(text: str) -> str:
    """`text` on one line, with what Markdown would take for its own escaped."""
    return _PUNCTUATION.sub(r"\\\g<0>", line(text))


def items(lines: Iterable[str]) -> str:
    """Lines as a list."""
    return "\n".join(f"- {one}" for one in lines)


def _longest(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
