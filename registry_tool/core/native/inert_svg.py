"""Whether a `data:` picture in a stylesheet can do nothing but be seen.

Packages of CSS variables carry small textures as `data:image/svg+xml`. Such a picture is let
through only where every element and attribute is known to draw: no script, no link, no style, no
reference but to its own parts.
"""

import re
from typing import Final
from urllib.parse import unquote

PICTURE_CHARACTERS: Final = 20_000  # a texture has hundreds; a whole drawing belongs into a file

_HEAD: Final = re.compile(r"data:image/svg\+xml(?:;(?:charset=)?utf-?8)?,", re.IGNORECASE)
_TAG: Final = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z]+)(?P<attributes>(?:\s+[\w:-]+\s*=\s*(?:'[^'<>&]*'|\"[^\"<>&]*\"))*)\s*/?>"
)
_ATTRIBUTE: Final = re.compile(r"(?P<name>[\w:-]+)\s*=\s*(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")")
_ELEMENTS: Final = frozenset(
    "svg g defs filter rect circle ellipse line path polygon polyline lineargradient radialgradient stop pattern mask "
    "clippath title desc feblend fecolormatrix fecomponenttransfer fecomposite feconvolvematrix fediffuselighting "
    "fedisplacementmap fedistantlight fedropshadow feflood fefunca fefuncb fefuncg fefuncr fegaussianblur femerge "
    "femergenode femorphology feoffset fepointlight fespecularlighting fespotlight fetile feturbulence".split()
)
_REFUSED_ATTRIBUTES: Final = re.compile(r"on.*|.*href|src|style|xml:.*|base", re.IGNORECASE)
_OWN_PART: Final = re.compile(r"url\(\s*['\"]?#[\w-]+['\"]?\s*\)")


def is_inert_svg(url: str) -> bool:
    """Whether `url` is an SVG picture, written out in text, that only draws."""
    head = _HEAD.match(url)
    if not head or len(url) > PICTURE_CHARACTERS:
        return False
    text = unquote(url[head.end() :])
    tags = list(_TAG.finditer(text))
    between = _TAG.sub("", text)
    if not tags or between.strip() or tags[0]["name"].lower() != "svg" or tags[0]["end"]:
        return False
    return all(tag["name"].lower() in _ELEMENTS and _draws(tag["attributes"]) for tag in tags)


def _draws(attributes: str) -> bool:
    """Whether no attribute of one element runs, links or fetches anything."""
    for attribute in _ATTRIBUTE.finditer(attributes):
        value = attribute["single"] or attribute["double"] or ""
        if attribute["name"] == "xmlns":
            if value != "http://www.w3.org/2000/svg":
                return False
        elif _REFUSED_ATTRIBUTES.fullmatch(attribute["name"]) or re.search(r"[\\:]|//|url\(", _OWN_PART.sub("", value)):
            return False
    return True
