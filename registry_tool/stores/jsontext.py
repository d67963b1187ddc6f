"""Edits in the text of a JSON file that others write too: only the place that changes is touched.

Everything else stays as it is, byte for byte: order, indentation, numbers, escapes, the final
newline. So taking back an edit gives the file that was there before.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry_tool.stores.jsonplaces import Child, Json, Node, called, fault, parse

Pointer = tuple[str, ...]

_INDENT: Final = re.compile(r"[\[{]\r?\n([ \t]+)\S")
_TWO_SPACES: Final = "  "


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing one value."""

    text: str
    made: tuple[Pointer, ...] = ()
    """Objects and arrays that were missing and made."""
    replaced: str | None = None
    """The text of the value that stood there."""


def set_member(text: str, pointer: Pointer, name: str, value: Json, where: str) -> Written:
    """`text` with the member `name` of the object at `pointer` set."""
    holder, made = _holder(text, pointer, {}, where)
    if made:
        return Written(_insert_path(text, pointer, {name: value}, where), made)
    child = _named(holder, name)
    if child is None:
        return Written(_insert(text, holder, name, value))
    return Written(_replace(text, child.node, value), replaced=text[child.node.start : child.node.end])


def set_row(text: str, pointer: Pointer, by: str, value: Mapping[str, Json], where: str) -> Written:
    """`text` with `value` in the array at `pointer`, in place of the row with the same `by`."""
    holder, made = _holder(text, pointer, [], where)
    if made:
        return Written(_insert_path(text, pointer, [dict(value)], where), made)
    child = _row(holder, by, value[by])
    if child is None:
        return Written(_insert(text, holder, None, dict(value)))
    return Written(_replace(text, child.node, dict(value)), replaced=text[child.node.start : child.node.end])


def add_item(text: str, pointer: Pointer, value: str, where: str) -> Written:
    """`text` with `value` in the array at `pointer`; unchanged, with `replaced`, where it is there."""
    holder, made = _holder(text, pointer, [], where)
    if made:
        return Written(_insert_path(text, pointer, [value], where), made)
    if any(child.node.value == value for child in holder.children):
        return Written(text, replaced=json.dumps(value))
    return Written(_insert(text, holder, None, value))


def find_member(text: str, pointer: Pointer, name: str, where: str) -> Child | None:
    """The member `name` of the object at `pointer`, where both are there."""
    holder = _find(parse(text, where), pointer)
    return _named(holder, name) if holder and isinstance(holder.value, dict) else None


def find_row(text: str, pointer: Pointer, by: str, key: Json, where: str) -> Child | None:
    """The row whose member `by` is `key` in the array at `pointer`."""
    holder = _find(parse(text, where), pointer)
    return _row(holder, by, key) if holder and isinstance(holder.value, list) else None


def find_item(text: str, pointer: Pointer, value: str, where: str) -> Child | None:
    """The item `value` in the array at `pointer`."""
    holder = _find(parse(text, where), pointer)
    if holder is None or not isinstance(holder.value, list):
        return None
    return next((child for child in holder.children if child.node.value == value), None)


def put_back(text: str, child: Child, replaced: str) -> str:
    """`text` with `child`'s value as the text that it replaced."""
    return text[: child.node.start] + replaced + text[child.node.end :]


def take_out(text: str, pointer: Pointer, child: Child, where: str) -> str:
    """`text` without `child` of the object or array at `pointer`."""
    holder = _find(parse(text, where), pointer)
    if holder is None:
        return text
    place = holder.children.index(child)
    if len(holder.children) == 1:
        return text[: holder.start + 1] + text[holder.end - 1 :]
    if place == 0:
        return text[: child.start] + text[holder.children[1].start :]
    return text[: holder.children[place - 1].node.end] + text[child.node.end :]


def prune(text: str, made: tuple[Pointer, ...], where: str) -> str:
    """`text` without those objects and arrays of `made` that are empty now, the innermost first."""
    for pointer in sorted(made, key=len, reverse=True):
        child = find_member(text, pointer[:-1], pointer[-1], where) if pointer else None
        if child is not None and child.node.value in ({}, []):
            text = take_out(text, pointer[:-1], child, where)
    return text


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON; unlike `==` this tells `1` from `true`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _holder(text: str, pointer: Pointer, empty: Json, where: str) -> tuple[Node, tuple[Pointer, ...]]:
    """The node at `pointer`, or the deepest there is above it with the pointers that are missing."""
    node = parse(text, where)
    for depth, name in enumerate(pointer):
        _must_be({}, node, pointer[:depth], text, where)
        child = _named(node, name)
        if child is None:
            return node, tuple(pointer[: below + 1] for below in range(depth, len(pointer)))
        node = child.node
    _must_be(empty, node, pointer, text, where)
    return node, ()


def _must_be(empty: Json, node: Node, pointer: Pointer, text: str, where: str) -> None:
    if type(node.value) is not type(empty):
        line = text.count("\n", 0, node.start) + 1
        message = f"line {line}: expected {called(empty)} at {'.'.join(pointer)}, it holds {called(node.value)}"
        raise fault(message, where, "mend the file, then do it again")


def _insert_path(text: str, pointer: Pointer, value: Json, where: str) -> str:
    holder, made = _holder(text, pointer, value, where)
    for name in reversed(pointer[len(pointer) - len(made) + 1 :]):
        value = {name: value}
    return _insert(text, holder, pointer[len(pointer) - len(made)], value)


def _insert(text: str, holder: Node, name: str | None, value: Json) -> str:
    """`text` with a new last child of `holder`, written as its neighbours are."""
    head = "" if name is None else json.dumps(name, ensure_ascii=False) + _colon(text)
    if holder.children:
        last = holder.children[-1].node.end
        gap = text[holder.start + 1 : holder.children[0].start]
        if "\n" in gap:
            new = head + _dumped(text, value, gap.rpartition("\n")[2])
            return f"{text[:last]},{_newline(text)}{gap.rpartition(chr(10))[2]}{new}{text[last:]}"
        separator = ", " if len(holder.children) == 1 else text[holder.children[0].node.end : holder.children[1].start]
        return text[:last] + separator + head + _dumped(text, value, None) + text[last:]
    if "\n" not in text.strip() and text.strip() != "{}":
        return f"{text[: holder.start + 1]}{head}{_dumped(text, value, None)}{text[holder.end - 1 :]}"
    outer = _line_indent(text, holder.start)
    inner, newline = outer + _unit(text), _newline(text)
    new = head + _dumped(text, value, inner)
    return f"{text[: holder.start + 1]}{newline}{inner}{new}{newline}{outer}{text[holder.end - 1 :]}"


def _replace(text: str, node: Node, value: Json) -> str:
    inline = "\n" not in text[node.start : node.end] and "\n" not in text.strip()
    indent = None if inline else _line_indent(text, node.start)
    return text[: node.start] + _dumped(text, value, indent) + text[node.end :]


def _dumped(text: str, value: Json, indent: str | None) -> str:
    """`value` as JSON; on lines of their own after `indent`, or on one line where that is `None`."""
    if indent is None:
        return json.dumps(value, ensure_ascii=False)
    lines = json.dumps(value, ensure_ascii=False, indent=_unit(text)).split("\n")
    return (_newline(text) + indent).join(lines)


def _unit(text: str) -> str:
    found = _INDENT.search(text)
    if not found:
        return _TWO_SPACES
    return "\t" if found[1].startswith("\t") else found[1]


def _line_indent(text: str, place: int) -> str:
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _colon(text: str) -> str:
    found = re.search(r'"[ \t]*:[ \t]*', text)
    return found[0][1:] if found else ": "


def _find(root: Node, pointer: Pointer) -> Node | None:
    node = root
    for name in pointer:
        child = _named(node, name) if isinstance(node.value, dict) else None
        if child is None:
            return None
        node = child.node
    return node


def _named(holder: Node, name: str) -> Child | None:
    return next((child for child in holder.children if child.name == name), None)


def _row(holder: Node, by: str, key: Json) -> Child | None:
    rows = (child for child in holder.children if isinstance(child.node.value, dict) and by in child.node.value)
    return next((child for child in rows if same(child.node.value[by], key)), None)
