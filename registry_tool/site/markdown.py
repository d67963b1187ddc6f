"""Markdown from strangers as HTML that does nothing: no script, no style, no picture, no address but web ones."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from registry_tool.site.words import visible

CHARACTERS: Final = 100_000
"""Of one text that are shown; a page is for reading."""

HTML: Final = 4 * CHARACTERS
"""Characters of HTML: a table of many short rows under one long one gets larger than any text."""

_FRONT_MATTER: Final = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_TAGS: Final = set(
    "a blockquote br code del em h2 h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead tr ul".split()
)
_ATTRIBUTES: Final[dict[str, set[str]]] = {"a": {"href", "title"}, "ol": {"start"}, "span": {"class"}}
_SCROLLED: Final = {"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}}
"""What may be wider than the page is scrolled by itself, also with a keyboard."""
_LEVELS_DOWN: Final = 2  # the page's own headings are h1 and h2


def body(text: str) -> str:
    """`text` without its front matter."""
    return _FRONT_MATTER.sub("", text, count=1)


def to_html(text: str, *, levels_down: int = _LEVELS_DOWN) -> str:
    """`text` (CommonMark and tables) as clean HTML; pictures are told in words, headings go down."""
    shown = visible(text[:CHARACTERS].replace("\r\n", "\n").replace("\r", "\n"))
    reader = _reader()
    tokens = reader.parse(shown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + levels_down)}"
    html = reader.renderer.render(tokens, reader.options, {})
    cut = "" if len(text) <= CHARACTERS else "<p>The text goes on in the files.</p>"
    cleaned = clean(html)
    if len(cleaned) > HTML:
        from html import escape

        cleaned = f'<pre tabindex="0"><code>{escape(shown)}</code></pre>\n'
    return cleaned + cut


def clean(html: str) -> str:
    """`html` with only the tags and attributes that text needs, and links only to the web."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        set_tag_attribute_values=_SCROLLED,
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    )


class _Reader(MarkdownIt):
    """Leaves addresses as they are written: `clean` judges them, and taking each apart is a sixth of the work."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        return url


@cache
def _reader() -> MarkdownIt:
    reader = _Reader("commonmark", {"html": False}).enable(["table", "strikethrough"])
    reader.add_render_rule("image", _image)
    return reader


def _image(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """A picture in words: it would be loaded from elsewhere, and tell there who reads."""
    from html import escape

    alt = self.renderInlineAsText(tokens[index].children, options, env)
    return f'<span class="picture">{escape(alt or "picture")}</span>'
