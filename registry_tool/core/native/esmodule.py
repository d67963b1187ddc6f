"""What an ES module imports and exports, and what in it a static look cannot follow.

Syntax only, by tree-sitter: JavaScript for compiled bundles, TSX for blueprint sources. Bundles are read
with the JavaScript grammar, not the TypeScript one: types in them are then syntax errors by
themselves, and `f(a<b,c>(d))` keeps its JavaScript meaning. tree-sitter is imported on first use.

This is a net for what stands there plainly. Code that hides what it does (`x.constructor("…")()`)
passes; what it can reach at run time is bounded by the page that it runs in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Query

ImportKind = Literal["static", "dynamic", "reexport", "require", "type"]
"""`import`, `import()`, `export … from`, `require()`, `import type`."""

HazardKind = Literal["eval", "new Function", "require", "dynamic import"]
"""Ways to code that no import names."""


@dataclass(frozen=True, slots=True)
class Import:
    """One place that names another module."""

    specifier: str | None
    """What is imported, as written; None where it is no plain text."""
    kind: ImportKind
    line: int
    """1-based."""


@dataclass(frozen=True, slots=True)
class Exports:
    """What a module exports."""

    names: frozenset[str]
    """Named exports; `export { a as default }` gives the name `default`."""
    default: bool
    """Whether there is an `export default`."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One place where code could come in that nobody has looked at."""

    kind: HazardKind
    text: str
    """The code there, cut."""
    line: int
    """1-based."""


@dataclass(frozen=True, slots=True)
class Module:
    """All of it, from one reading."""

    imports: tuple[Import, ...]
    exports: Exports
    hazards: tuple[Hazard, ...]


def read_module(source: str, *, tsx: bool) -> Module:
    """The imports, exports and hazards of `source`, each in the order of the text.

    `tsx` reads TypeScript with JSX; otherwise only JavaScript is taken, without either. Raises `InvalidInput`
    with code `not-a-module` where it does not parse, and for more than 5 MiB; the finding has the
    line where what does not parse begins.
    """
    found = _captured(source, tsx=tsx)
    names, dynamic, exported = found.get("name", []), found.get("dynamic", []), found.get("export", [])
    required = [call for name in names if _spelled(name) == "require" and (call := _call_of(name, applied=False))]
    imports = [(node, _statement(node)) for node in found.get("import", [])]
    imports += [(node, pragma) for node in found.get("comment", []) for pragma in _pragmas(node)]
    imports += [
        (node, Import(_quoted(origin), "reexport", _line(node))) for node in exported if (origin := _source(node))
    ]
    imports += [(node, Import(_argument(node), "dynamic", _line(node))) for node in dynamic]
    imports += [(node, Import(_argument(node), "require", _line(node))) for node in required]
    dangers = [(node, _hazard("require", node)) for node in required]
    dangers += [(node, _hazard("dynamic import", node)) for node in dynamic if _argument(node) is None]
    dangers += [(node, hazard) for node in (*names, *found.get("property", [])) if (hazard := _evaluation(node))]
    return Module(
        tuple(found for _, found in sorted(imports, key=_start)),
        _exports(exported),
        tuple(found for _, found in sorted(dangers, key=_start)),
    )


def imports_of(source: str, *, tsx: bool) -> tuple[Import, ...]:
    """Everything that `source` imports, in the order of the lines. Raises as `read_module` does."""
    return read_module(source, tsx=tsx).imports


def exports_of(source: str, *, tsx: bool) -> Exports:
    """Everything that `source` exports. Raises as `read_module` does."""
    return read_module(source, tsx=tsx).exports


def hazards(source: str, *, tsx: bool = False) -> tuple[Hazard, ...]:
    """The places in `source` that could run code which no import names. Raises as `read_module` does."""
    return read_module(source, tsx=tsx).hazards


_QUERY = """
(import_statement) @import
(export_statement) @export
(call_expression function: (import)) @dynamic
(html_comment) @refused
"""
_JSX = "[(jsx_element) (jsx_self_closing_element)] @refused\n"
_COMMENTS = "(comment) @comment\n"
_NAMES = r"""
((identifier) @name (#match? @name "^(eval|Function|require)$|\\\\"))
((property_identifier) @property (#match? @property "^(eval|Function)$|\\\\"))
"""
_SUSPECT = re.compile(r"eval|Function|require|\\u")
"""Asking for names costs a third of the parse; sources that hold none of these are not asked."""

_PRAGMA = re.compile(r"@jsxImportSource\s+(\S+)")
_ESCAPE = re.compile(r"\\u(?:([0-9a-fA-F]{4})|\{0*([0-9a-fA-F]{1,6})\})")
_GLOBALS = frozenset(["globalThis", "window", "self", "global"])
_APPLIED = frozenset(["call", "apply", "bind"])
_AROUND = frozenset(
    ["parenthesized_expression", "sequence_expression", "as_expression", "satisfies_expression", "non_null_expression"]
)
_LISTS = frozenset(["lexical_declaration", "variable_declaration", "object_pattern", "array_pattern", "rest_pattern"])
_PARTS = {
    "variable_declarator": "name",
    "pair_pattern": "value",
    "assignment_pattern": "left",
    "object_assignment_pattern": "left",
}
"""The member of a declaration or pattern that holds what it binds."""

_NAMED = frozenset(["identifier", "shorthand_property_identifier_pattern"])
_TYPES = frozenset(["interface_declaration", "type_alias_declaration"])
_NAMESPACES = frozenset(["module", "internal_module", "ambient_declaration"])
_SHOWN = 60  # characters of a hazard


@cache
def _language(tsx: bool) -> "Language":
    from tree_sitter import Language

    if tsx:
        import tree_sitter_typescript

        return Language(tree_sitter_typescript.language_tsx())
    import tree_sitter_javascript

    return Language(tree_sitter_javascript.language())


@cache
def _query(tsx: bool, suspect: bool) -> "Query":
    from tree_sitter import Query

    return Query(_language(tsx), _QUERY + (_COMMENTS if tsx else _JSX) + (_NAMES if suspect else ""))


def _captured(source: str, *, tsx: bool) -> "dict[str, list[Node]]":
    """The nodes that matter, by what they are; refuses what is no module."""
    from tree_sitter import Parser, QueryCursor

    try:
        data = source.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _refused("half of a surrogate pair", source.count("\n", 0, error.start) + 1) from error
    if len(data) > limits.WIRE_BUNDLE_BYTES:
        raise _refused(f"the first of more than {limits.WIRE_BUNDLE_BYTES} bytes", 1)
    root = Parser(_language(tsx)).parse(data).root_node
    if root.has_error:
        raise _refused("a syntax error, at the line or soon below", _line(_first_error(root)))
    found = QueryCursor(_query(tsx, _SUSPECT.search(source) is not None)).captures(root)
    for node in found.get("refused", []):
        # In a module `<!--` is three operators; what follows runs, though some readers see a comment.
        raise _refused("an HTML comment" if node.type == "html_comment" else "JSX", _line(node))
    for node in (*found.get("import", []), *found.get("export", [])):
        if not _at_the_top(node):
            raise _refused("an import or export that is not at the top", _line(node))
    return found


def _refused(what: str, line: int) -> InvalidInput:
    words = f"it is no ES module, line {line} has {what}"
    return InvalidInput(words, code="not-a-module", findings=(Finding("es-module", "fail", words, line=line),))


def _first_error(root: "Node") -> "Node":
    node = root
    while not (node.is_error or node.is_missing):
        node = next(child for child in node.children if child.has_error)
    return node


def _at_the_top(node: "Node") -> bool:
    """Whether an import or export stands where one may: in the module, or in a TypeScript namespace."""
    block = node.parent
    if block is None or block.type == "program":
        return True
    return block.parent is not None and block.parent.type in _NAMESPACES


def _start(found: "tuple[Node, Import | Hazard]") -> int:
    return found[0].start_byte


def _line(node: "Node") -> int:
    return node.start_point.row + 1


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8")


def _spelled(node: "Node") -> str:
    """A name, its Unicode escapes read."""
    return _ESCAPE.sub(lambda found: chr(min(int(found[1] or found[2], 16), 0x10FFFF)), _text(node))


def _quoted(string: "Node") -> str:
    """What stands between the quotes, escapes left as written: then it is no name that anybody allows."""
    return _text(string)[1:-1]


def _source(node: "Node") -> "Node | None":
    clause = next((child for child in node.named_children if child.type == "import_require_clause"), node)
    return clause.child_by_field_name("source")


def _statement(node: "Node") -> Import:
    words = {child.type for child in node.children}
    kind: ImportKind = "require" if "import_require_clause" in words else "type" if "type" in words else "static"
    source = _source(node)
    return Import(_quoted(source) if source else None, kind, _line(node))


def _pragmas(comment: "Node") -> Iterator[Import]:
    """A compiler imports the JSX functions from where a comment tells it to."""
    for found in _PRAGMA.finditer(_text(comment)):
        yield Import(f"{found[1]}/jsx-runtime", "static", _line(comment))


def _argument(call: "Node") -> str | None:
    """The module that `import()` or `require()` is called with, where it stands there plainly."""
    arguments = call.child_by_field_name("arguments")
    given = [child for child in arguments.named_children if child.type != "comment"] if arguments else []
    if not given or given[0].type not in ("string", "template_string"):
        return None
    computed = any(child.type == "template_substitution" for child in given[0].named_children)
    return None if computed or "\\" in _text(given[0]) else _quoted(given[0])


def _call_of(name: "Node", *, applied: bool) -> "Node | None":
    """The call or `new` whose function `name` is, as in `f(1)`, `new f(1)`, `(0, f)(1)`; `f.call(0, 1)` if `applied`.

    Bundlers write `require.apply(this, arguments)` into code that no browser reaches, so that is let be.
    """
    inner, outer = name, name.parent
    while outer is not None and outer.type in _AROUND:
        inner, outer = outer, outer.parent
    if (
        applied
        and outer is not None
        and outer.type == "member_expression"
        and outer.child_by_field_name("object") == inner
    ):
        property_ = outer.child_by_field_name("property")
        if property_ is not None and _text(property_) in _APPLIED:
            inner, outer = outer, outer.parent
    if outer is None or inner not in (outer.child_by_field_name("function"), outer.child_by_field_name("constructor")):
        return None
    return outer


def _evaluation(node: "Node") -> Hazard | None:
    """The hazard where `node` names `eval`, or names `Function` and calls it."""
    name = node
    if node.type == "property_identifier":
        member = node.parent
        owner = member.child_by_field_name("object") if member is not None else None
        if member is None or owner is None or _text(owner) not in _GLOBALS:
            return None
        name = member
    match _spelled(node):
        case "eval":
            return _hazard("eval", name.parent or name)
        case "Function" if call := _call_of(name, applied=True):
            return _hazard("new Function", call)
        case _:
            return None


def _hazard(kind: HazardKind, node: "Node") -> Hazard:
    return Hazard(kind, _text(node)[:_SHOWN], _line(node))


def _exports(statements: "list[Node]") -> Exports:
    names: set[str] = set()
    default = False
    for node in statements:
        words = {child.type for child in node.children}
        if node.parent is None or node.parent.type != "program" or "type" in words:
            continue
        for child in node.named_children:
            if child.type == "export_clause":
                names.update(_exported(one) for one in child.named_children if one.type == "export_specifier")
            elif child.type == "namespace_export":
                names.update(_exported(one) for one in child.named_children)
        declared = node.child_by_field_name("declaration")
        if "default" in words:
            default = True
        elif declared is not None:
            names.update(_bound(declared))
    return Exports(frozenset(names), default)


def _exported(specifier: "Node") -> str:
    """The name that others see: behind `as`, where there is one."""
    node = specifier.child_by_field_name("alias") or specifier.child_by_field_name("name") or specifier
    name = _spelled(node)
    return name[1:-1] if node.type == "string" else name


def _bound(declaration: "Node") -> Iterator[str]:
    """The names that a declaration or a pattern binds; by hand, since patterns nest as deep as their author likes."""
    waiting = [declaration]
    while waiting:
        node = waiting.pop()
        if node.type in _NAMED:
            yield _spelled(node)
        elif node.type in _LISTS:
            waiting += node.named_children
        elif node.type not in _TYPES and (part := node.child_by_field_name(_PARTS.get(node.type, "name"))):
            if node is declaration:
                yield _spelled(part)
            else:
                waiting.append(part)
