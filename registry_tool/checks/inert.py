"""What pages show of a release lies still: no script, no frame, no address that runs something."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core import limits
from registry_tool.core.change import Change
from registry_tool.core.findings import Finding, Level
from registry_tool.core.places import place
from registry_tool.core.review import Check
from registry_tool.core.since import is_as_reviewed

_PAGE: Final = re.compile(r"(?:readme(?:\.(?:md|markdown))?|skill\.md)", re.IGNORECASE)
_PICTURE: Final = re.compile(r".*\.svg", re.IGNORECASE)
_ICON: Final = re.compile(r"(?:icon|logo)\.svg", re.IGNORECASE)
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE: Final = re.compile(r"(?<!`)(`{1,3})(?!`)[^`\n]{1,500}\1(?!`)")
_TAG: Final = r"<(?:[a-z]{1,12}:)?"

_ALIVE: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("a script", re.compile(rf"{_TAG}script\b[^<>]{{0,300}}(?:\ssrc ?=|>[^<]{{0,300}}</script)", re.IGNORECASE)),
    ("a frame", re.compile(rf"{_TAG}(?:iframe|object|embed)\b[^<>]{{0,300}}\s(?:src|data|srcdoc) ?=", re.IGNORECASE)),
    ("code that runs by itself", re.compile(r"<[a-z]{1,12}\b[^<>]{0,300}\son[a-z]{3,20} ?= ?[\"'a-z]", re.IGNORECASE)),
    (
        "an address that runs something",
        re.compile(r"(?:\]\( ?<?|(?:href|src|action) ?= ?[\"']?) ?(?:javascript:|vbscript:|data:text/)", re.IGNORECASE),
    ),
)
_FROM_AFAR: Final = re.compile(
    r"!\[[^\]\n]{0,300}\]\( ?<?https?:|<img\b[^<>]{0,300}\ssrc ?= ?[\"']?https?:", re.IGNORECASE
)
_MOVES: Final = re.compile(
    rf"{_TAG}(?:script|foreignobject|iframe|handler)\b|<[a-z:]{{1,20}}\b[^<>]{{0,2000}}\son[a-z]{{3,20}} ?= ?[\"']"
    r"|(?:href|src) ?= ?[\"'] ?(?:javascript:|vbscript:|data:text/)",
    re.IGNORECASE,
)


def inert(change: Change) -> Iterator[Finding]:
    """A finding for each text that a page shows, or picture, that holds something alive."""
    for candidate in change.releases:
        for path, file in sorted((candidate.payload or {}).items()):
            if len(file.data) > limits.NATIVE_BYTES:
                continue
            if _PAGE.fullmatch(path):
                yield from _page(place(candidate, path), file.data)
            elif _PICTURE.fullmatch(path):
                # Pages show the icon; what an app or a widget does with another picture is for a person to see.
                level: Level = "fail" if _ICON.fullmatch(path) else "review"
                if (level == "fail" or not is_as_reviewed(candidate, path)) and _moves(file.data):
                    message = "the picture holds a script, or loads something: it does more than be seen"
                    hint = "save it without scripts, as an editor's plain SVG"
                    yield Finding("inert", level, message, place(candidate, path), hint)


def _moves(data: bytes) -> bool:
    return _MOVES.search(" ".join(data.decode("utf-8", "replace").split())) is not None


def _page(path: str, data: bytes) -> Iterator[Finding]:
    afar = False
    for number, line in _prose(data.decode("utf-8", "replace")):
        for what, form in _ALIVE:
            if form.search(line):
                message = f"a page that shows this would hold {what}"
                hint = "leave it out; where it is an example, put it between ``` lines"
                yield Finding("inert", "fail", message, path, hint, number)
        if not afar and _FROM_AFAR.search(line):
            afar = True  # one is enough: pages with badges have ten
            message = "pages tell its pictures in words: who loads them would be told elsewhere"
            yield Finding("inert", "note", message, path, "", number)


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are no code, with their numbers; code within a line is cut out."""
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence):
                fence = ""
        elif mark:
            fence = mark[1]
        elif not line.startswith(("    ", "\t")) and ("<" in line or "](" in line):
            yield number, _CODE.sub("", " ".join(line.split()))


CHECKS: Final = (
    Check(
        id="inert",
        number=40,
        title="Texts and pictures that pages show hold nothing alive",
        why="A script in a README ran in the browsers of everybody who looked at a gallery.",
        level="fail",
        run=inert,
        waivable=True,
    ),
)
