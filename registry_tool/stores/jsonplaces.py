"""A strict reader of JSON that remembers where in the text each value stands."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted

Json = Any  # what json.loads returns; narrowed where it matters

_DEPTH: Final = 100  # people's own files may be deeper than our documents; Python's stack is not endless
_BLANK: Final = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Node:
    """One value in the text."""

    start: int
    end: int
    value: Json
    """Decoded."""
    children: "tuple[Child, ...]" = ()
    """Members of an object, items of an array."""


@dataclass(frozen=True, slots=True)
class Child:
    """One member of an object or one item of an array."""

    start: int
    """Where it begins: its name, or the value where it has none."""
    name: str | None
    node: Node


def decode(data: bytes, where: str) -> str:
    """The text of a JSON file; `InvalidInput` naming `where` for another encoding or a byte order mark."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise fault("it begins with a byte order mark", where, "save it as UTF-8 without BOM")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise fault(f"it is not UTF-8 at byte {error.start}", where, "save it as UTF-8") from error
    parse(text, where)
    return text


def parse(text: str, where: str) -> Node:
    """The object that `text` holds, with places.

    Raises `InvalidInput` with line and column: no JSON (comments, trailing commas), a name that is
    there twice, a root that is no object.
    """
    parser = _Parser(text, where)
    root = parser.value(parser.blank(0), 0)
    if parser.blank(root.end) != len(text):
        parser.fail(parser.blank(root.end), "something follows its end")
    if not isinstance(root.value, dict):
        raise fault(f"expected an object, it holds {called(root.value)}", where, "begin it with {")
    return root


class _Parser:
    """A strict reader that keeps places; the standard library reads texts and numbers for it."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._scalar = json.JSONDecoder(parse_constant=_no_constant)

    def blank(self, place: int) -> int:
        """The place after white space."""
        found = _BLANK.match(self._text, place)
        return found.end() if found else place

    def fail(self, place: int, what: str) -> NoReturn:
        line = self._text.count("\n", 0, place) + 1
        column = place - self._text.rfind("\n", 0, place)
        comment = self._text.startswith(("//", "/*", "#"), place)
        what = "comments are not JSON" if comment else what
        raise fault(f"line {line}, column {column}: {what}", self._where, "mend the file, then do it again")

    def value(self, place: int, depth: int) -> Node:
        if depth > _DEPTH:
            self.fail(place, f"it is nested deeper than {_DEPTH}")
        first = self._text[place : place + 1]
        if first in ("{", "["):
            return self._container(place, depth, first)
        try:
            value, end = self._scalar.raw_decode(self._text, place)
        except json.JSONDecodeError as error:
            self.fail(min(error.pos, len(self._text)), "it is not JSON")
        except ValueError:
            self.fail(place, "it is not a number that JSON knows")
        return Node(place, end, value)

    def _container(self, start: int, depth: int, first: str) -> Node:
        closing = "}" if first == "{" else "]"
        children: list[Child] = []
        place = self.blank(start + 1)
        while not (self._text.startswith(closing, place) and not children):
            children.append(self._child(place, depth, named=first == "{"))
            place = self.blank(children[-1].node.end)
            if self._text.startswith(closing, place):
                break
            if not self._text.startswith(",", place):
                self.fail(place, f"expected , or {closing}")
            place = self.blank(place + 1)
        if first == "[":
            return Node(start, place + 1, [child.node.value for child in children], tuple(children))
        members: dict[str, Json] = {}
        for child in children:
            if str(child.name) in members:
                self.fail(child.start, f"the name {quoted(str(child.name))} is there twice")
            members[str(child.name)] = child.node.value
        return Node(start, place + 1, members, tuple(children))

    def _child(self, place: int, depth: int, *, named: bool) -> Child:
        if not named:
            return Child(place, None, self.value(place, depth + 1))
        if not self._text.startswith('"', place):
            self.fail(place, 'expected a name in "')
        name = self.value(place, depth)
        colon = self.blank(name.end)
        if not self._text.startswith(":", colon):
            self.fail(colon, "expected :")
        return Child(place, name.value, self.value(self.blank(colon + 1), depth + 1))


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def called(value: Json) -> str:
    """The type of a value, in words."""
    names = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def fault(message: str, where: str, hint: str) -> InvalidInput:
    """The error for a shared JSON file that cannot be edited."""
    return InvalidInput(message, where=where, code="not-json", hint=hint)
