"""What of a Markdown text is alive where a forge shows it: everything that somebody else may never put there."""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from registry_tool.core.reports.words import visible

_OURS: Final = re.compile(
    r"</details>\n|<details( open)?><summary>\d+ files?, [\d.]+ [kM]?B"
    r"(: (\d+ (added|changed|removed|as before)(, )?)+)?</summary>\n"
)
"""The only HTML that reports have; nobody else's word is in it."""
_ALIVE: Final = frozenset(("html_inline", "link_open", "image", "hr", "s_open", "table_open", "blockquote_open"))
_MARKS: Final = re.compile(r"[@#<>~|]|://|www\.|&\w+;")
"""Mentions, numbers of issues, addresses, and what becomes them."""


def alive(markdown: str) -> list[str]:
    """What is alive outside of code; empty where only our own words are."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    flat = [inner for token in tokens for inner in (token, *(token.children or ()))]
    found = [one.type for one in flat if one.type in _ALIVE]
    found += [one.content for one in flat if one.type == "html_block" and not _OURS.fullmatch(one.content)]
    found += [one.tag for one in flat if one.type == "heading_open" and one.tag not in ("h3", "h4")]
    found += [one.content for one in flat if one.type == "text" and _MARKS.search(one.content)]
    found += [line for line in markdown.split("\n") if visible(line) != line]
    return found if _balanced(flat) else [*found, "a block is left open"]


def _balanced(tokens: list[Token]) -> bool:
    """Whether each folded block is closed before the next one begins."""
    blocks = [one.content.startswith("</") for one in tokens if one.type == "html_block"]
    return blocks == [False, True] * (len(blocks) // 2)
