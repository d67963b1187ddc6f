"""Badges: a small picture of an artifact's version and status, for its author's own pages.

    badges/<scope>/<name>.svg

It fetches nothing, runs nothing and needs no style: a page with the strictest policy may show it. What it shows is
the truth of the last build, a revoked version too.
"""

from html import escape
from typing import Final

from registry_tool.core.index import About, Name
from registry_tool.core.payload import Files
from registry_tool.core.release import Status
from registry_tool.core.showing import STATUS_WORDS, line

COLOURS: Final[dict[Status, str]] = {
    "active": "#0b5a6b",
    "deprecated": "#6b5200",
    "yanked": "#7a3f00",
    "quarantined": "#8a2b00",
    "revoked": "#98101f",
    "withheld": "#44474b",
}
"""Behind white letters; each has a contrast of at least 4.5 (WCAG 2.2, 1.4.3). The word says it too."""

_LABEL: Final = "#3a3f44"
_HEIGHT: Final = 20
_PADDING: Final = 6
_NARROW: Final = frozenset("fijlrtI.,:;'|!()[]- ")
_WIDE: Final = frozenset("mwMW@%+")


def text_width(text: str) -> int:
    """How wide letters of 11 pixels are, in pixels; roughly, and everywhere the same: the picture says it is so."""
    tenths = sum(40 if one in _NARROW else 105 if one in _WIDE else 72 for one in text)
    return -(-tenths // 10)


def badges(name: Name, about: About) -> Files:
    """The badge of one name: its kind, and the version that an install takes with what is wrong with it."""
    shown = name.shown
    version, status = shown.manifest.version, shown.status
    value = version if status == "active" else f"{version} {status}"
    title = f"{name.artifact} {version} in {line(about.table.name)}: {STATUS_WORDS[status]}"
    path = f"badges/{name.artifact.scope}/{name.artifact.name}.svg"
    return {path: badge(name.kind, value, title, COLOURS[status]).encode("utf-8")}


def badge(label: str, value: str, title: str, colour: str) -> str:
    """The picture: `label` on grey, `value` on `colour`, and `title` for who cannot see it."""
    label_text, value_text = text_width(label), text_width(value)
    left, right = label_text + 2 * _PADDING, value_text + 2 * _PADDING
    shown = escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img"'
        f' aria-label="{shown}">\n'
        f"<title>{shown}</title>\n"
        f'<rect width="{left}" height="{_HEIGHT}" fill="{_LABEL}"/>\n'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{colour}"/>\n'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" aria-hidden="true">\n'
        f"{_text(_PADDING, label_text, label)}\n"
        f"{_text(left + _PADDING, value_text, value)}\n"
        "</g>\n"
        "</svg>\n"
    )


def _text(x: int, width: int, text: str) -> str:
    return f'<text x="{x}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
