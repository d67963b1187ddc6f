"""What a module imports and exports, and what in it cannot be followed."""

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.native.esmodule import Exports, exports_of, hazards, imports_of


@pytest.mark.parametrize(
    ("source", "tsx", "expected"),
    [
        ("1", False, []),
        ("import a, {b as c} from 'x'; import * as d from \"y\"; import 'z'", False, [
            "static x", "static y", "static z"]),
        ("import a from 'x' with {type: 'json'}", False, ["static x"]),
        ("export {a} from 'x'; export * from 'y'; export * as z from 'w'; export {b}", False, [
            "reexport x", "reexport y", "reexport w"]),
        ("import('x'); import(`y`); import(z); import(`${z}`); import(/* v */ 'v'); import()", False, [
            "dynamic x", "dynamic y", "dynamic None", "dynamic None", "dynamic v", "dynamic None"]),
        ("import(\n'x'); require('y');\nrequire(z); (0, require)('w')", False, [
            "dynamic x", "require y", "require None", "require w"]),
        ("a.require('x'); const q = require; require.resolve('x'); require.apply(this, b)", False, []),
        ("import type {A} from 'x'; import {type B} from 'y'; import C = require('z')", True, [
            "type x", "static y", "require z"]),
        ("let a: import('x').A; let b: typeof import('y')", True, ["dynamic x", "dynamic y"]),
        ("declare module 'a' { import 'x' }", True, ["static x"]),
        ("// @jsxImportSource x\n/* @jsxImportSource y */", True, ["static x/jsx-runtime", "static y/jsx-runtime"]),
        ("// @jsxImportSource x", False, []),
        ("requ\\u0069re('x'); require<string>('y')", True, ["require x", "require y"]),
    ],
)  # fmt: skip
def test_every_way_to_another_module_is_found(source: str, tsx: bool, expected: list[str]) -> None:
    """Imports are listed in the order of the text, each with its kind."""
    assert expected == [f"{found.kind} {found.specifier}" for found in imports_of(source, tsx=tsx)]


def test_an_import_knows_its_line() -> None:
    """Lines count from 1."""
    assert [1, 3] == [found.line for found in imports_of("import 'a'\n\nimport('b')", tsx=False)]


@pytest.mark.parametrize(
    ("source", "tsx", "names", "default"),
    [
        ("1", False, "", False),
        ("export default 1", False, "", True),
        ("export default function a() {} export const b = 1", False, "b", True),
        ("const a = 1; export {a as default}", False, "default", False),
        ("export {default} from 'x'", False, "default", False),
        ("export {a, b as c, d as 'e'}; /* x */ export * as f from 'y'; export * from 'z'", False, "a c e f", False),
        ("export {a /* why */, /* not */ b}", False, "a b", False),
        ("export function a() {} export async function* b() {} export class C {}", False, "C a b", False),
        ("export let a; export var b = 1, c", False, "a b c", False),
        ("export const {a, b: [c, {d = 1}], e: f = 2, ...g} = x, [h, [i] = []] = y", False, "a c d f g h i", False),
        ("export const us\\u0065A = 1, \\u{62} = 2", False, "b useA", False),
        ("export enum A {} export abstract class B {} export namespace C {}", True, "A B C", False),
        ("export interface A {} export type B = 1; export type {C}; export declare const d: 1", True, "", False),
        ("export import A = b.c; namespace D { export const e = 1 }", True, "", False),
    ],
)
def test_exports_are_what_others_see(source: str, tsx: bool, names: str, default: bool) -> None:
    """Names behind `as`, in patterns and with escapes are found; types are no exports."""
    assert Exports(frozenset(names.split()), default) == exports_of(source, tsx=tsx)


def test_deep_patterns_are_no_way_to_crash_the_reader() -> None:
    """A pattern may nest as deep as its author likes."""
    source = "export const " + "[" * 5000 + "a" + "]" * 5000 + " = 1"

    assert frozenset(["a"]) == exports_of(source, tsx=False).names


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("eval('x')", ["eval"]),
        ("(0, eval)('x')", ["eval"]),
        ("const e = eval", ["eval"]),
        ("e\\u0076al('x')", ["eval"]),
        ("globalThis.eval('x'); window.Function('x')", ["eval", "new Function"]),
        ("new Function('x'); Function('x'); (Function)('x')", ["new Function"] * 3),
        ("Function.apply(0, ['x']); Function.bind(0, 'x')()", ["new Function"] * 2),
        ("require('x'); import('y'); import(z)", ["require", "dynamic import"]),
        ("a.eval('x'); a.Function('x'); self.Function; \\u0061()", []),
        ("a instanceof Function; Function.prototype.call(b); typeof Function; f(Function)", []),
        ("'eval(1)'; /* new Function() */", []),
    ],
)
def test_what_runs_text_as_code_is_found(source: str, expected: list[str]) -> None:
    """`eval`, `Function`, `require` and computed imports are told; words in texts and comments are not."""
    assert expected == [found.kind for found in hazards(source)]


def test_a_hazard_shows_its_code_and_line() -> None:
    """The code is cut after 60 characters."""
    found = hazards("\n new Function('" + "x" * 100 + "')")

    assert [(2, "new Function('" + "x" * 46)] == [(one.line, one.text) for one in found]


@pytest.mark.parametrize(
    ("source", "tsx", "line"),
    [
        ("a\nb c", False, 2),
        ("a;\nlet let b c", False, 2),
        ("let a: number", False, 1),
        ("\nlet a = <b/>", False, 2),
        ("\n\n<!-- a", False, 3),
        ("<!-- a", True, 1),
        ("a\n'\udc00'", True, 2),
        ("{ export {a} }", False, 1),
        ("{ import 'a' }", True, 1),
        ("'\0'", False, 1),
    ],
)
def test_what_is_no_module_is_refused_with_its_line(source: str, tsx: bool, line: int) -> None:
    """The finding has the line of the thing that is wrong, or where it begins."""
    with pytest.raises(InvalidInput) as caught:
        imports_of(source, tsx=tsx)

    assert "not-a-module" == caught.value.code
    assert [line] == [finding.line for finding in caught.value.findings]
