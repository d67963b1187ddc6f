"""The bundler: the pinned program and no other, confined, and the same bytes wherever it runs."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry_tool.core.bundled import arguments, bundler_faults, finished, judged
from registry_tool.core.bundling import Recipe, recipe_of
from registry_tool.core.card import Bundling, Card
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, Unreachable
from registry_tool.core.payload import PayloadFile
from registry_tool.sandbox.esbuild import Pin, fetch_program, pin_for, program_at_hand, run
from tests.bundlers import PIN, keep, program

INDEX = b"""import { useState } from "react";
import half from "halving";
import { Row } from "./row";
import words from "./words.json";
import dot from "./dot.svg";
export const useHalf = (n: number) => useState(half(n) + words.length + dot.length + String(Row).length);
"""
SOURCES = {
    "src/index.tsx": INDEX,
    "src/row.tsx": "export const Row = (props: { a: string }) => <b title='é'>{props.a}</b>;\n".encode(),
    "src/words.json": b'["one"]',
    "src/dot.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "package.json": b'{"dependencies": {"halving": "1"}}',
}
PACKAGE = {
    "node_modules/halving/package.json": b'{"name": "halving", "version": "1.0.0", "main": "i.js"}',
    "node_modules/halving/i.js": b"module.exports = (n) => n / 2;\n",
}
LOCK = json.dumps({
    "packages": {"node_modules/halving": {"version": "1.0.0", "integrity": "sha512-" + "A" * 86 + "=="}},
}).encode()  # fmt: skip
CARD = Card(entry="src/index.tsx", bundle=Bundling(sourcemap=True))


def made(sources: Mapping[str, bytes], more: Mapping[str, bytes], *, backwards: bool = False) -> dict[str, PayloadFile]:
    """The module of these sources, with what else lies there for the bundler."""
    payload = {path: PayloadFile(data) for path, data in sources.items()}
    recipe = recipe_of("gadget", payload, CARD)
    assert recipe is not None
    ran = run(program(), arguments(recipe), sorted([*sources.items(), *more.items()], reverse=backwards))
    if not ran.outputs:
        raise InvalidInput(ran.said, findings=bundler_faults(ran.said, recipe, payload))
    return finished(recipe, ran.outputs, judged(recipe, ran.outputs["meta.json"], payload))


@pytest.mark.network
def test_the_same_sources_give_the_same_bytes() -> None:
    """In another folder, in another order, in another time zone: nothing of the machine is in what is made."""
    lock = {"package-lock.json": LOCK}
    first = made({**SOURCES, **lock}, PACKAGE)
    again = made({**SOURCES, **lock}, PACKAGE, backwards=True)

    assert first == again
    assert ["dist/gadget.js", "dist/gadget.js.map"] == sorted(first)
    text = first["dist/gadget.js"].data.decode()
    assert text.endswith(
        "// Bundled with esbuild 0.28.2 of\n//   src/dot.svg\n//   src/index.tsx\n//   src/row.tsx\n"
        "//   src/words.json\n//   node_modules/halving (halving 1.0.0)\n//# sourceMappingURL=gadget.js.map\n"
    )
    assert 'from "react"' in text
    assert "/item" not in text + first["dist/gadget.js.map"].data.decode()
    assert "/tmp" not in text + first["dist/gadget.js.map"].data.decode()
    assert "../src/row.tsx" in json.loads(first["dist/gadget.js.map"].data)["sources"]


def case(code: str, *, expected: str, at: str = "src/index.tsx", **more: bytes) -> object:
    return pytest.param(code.encode(), more, at, expected, id=code[:40])


@pytest.mark.network
@pytest.mark.parametrize(
    ("code", "more", "place", "expected"),
    [
        # Rows 119 to 124 once more, by ways that our own reading of the sources leaves to the bundler.
        case('import "@/none"; export const A = 1;', expected="line 1: Could not resolve"),
        case("export const A: = 1;", expected="line 1: Unexpected"),
        case('import { B } from "./row"; export const A = B;', expected='line 1: No matching export in "src/row.tsx"'),
        case("export const A = 1; export const A = 2;", expected="line 1: "),
        case('import "@/up";', expected="line 1: Could not resolve", up=b'["../../../../../etc/passwd"]'),
        case('import "@/abs";', expected="line 1: Could not resolve", abs=b'["/etc/passwd"]'),
        case('import "@/host";', expected="line 1: Could not resolve", host=b'["/usr/share/nodejs/x.js"]'),
        case('import "@/self";', expected='Unexpected "\\x7f" (in ../esbuild)', self=b'["/esbuild"]'),
        case('import "@/web";', expected="line 1: Could not resolve", web=b'["https://evil.example/x.js"]'),
        case('import "@/free";', expected="package-lock.json does not pin", free=b'["./node_modules/free/i.js"]'),
        case('import "./a.css"; export const A = 1;', at="src/a.css", expected="is a stylesheet"),
        case('import { B } from "@/cjs"; B();', at="cjs.js", expected="by require-call", cjs=b'["./cjs.js"]'),
    ],
)  # fmt: skip
def test_nothing_but_the_author_s_files_and_locked_packages_gets_in(
    code: bytes, more: Mapping[str, bytes], place: str, expected: str
) -> None:
    """Whatever tsconfig.json says where a module lies: what is not there does not resolve, what is there is judged."""
    paths = {f"@/{name}": json.loads(data) for name, data in more.items()}
    config = json.dumps({"compilerOptions": {"baseUrl": ".", "paths": {"@/x": ["x"], **paths}}}).encode()
    sources = {
        **SOURCES, "src/index.tsx": code, "tsconfig.json": config, "src/a.css": b"a{}",
        "cjs.js": b"var r = require; var m = r('react'); module.exports = { B: require('react') };",
    }  # fmt: skip
    free = {"node_modules/free/i.js": b"export const A = 1", "node_modules/free/package.json": b"{}"}
    with pytest.raises(InvalidInput) as refused:
        made(sources, free)

    fault = refused.value.findings[0]
    assert ("fail", place) == (fault.level, fault.path)
    assert expected in fault.message


@pytest.mark.network
def test_a_blueprint_keeps_its_tags_and_its_react() -> None:
    """What is installed is source that people and agents read, its own files in it."""
    sources = {
        "src/blueprint.tsx": b'import * as React from "react";\nimport { Row } from "./row";\n'
        b"export default function Card() {\n  return <Row a='x' />;\n}\n",
        "src/row.tsx": SOURCES["src/row.tsx"],
    }
    payload = {path: PayloadFile(data) for path, data in sources.items()}
    recipe = recipe_of("blueprint", payload, Card())
    assert recipe is not None
    ran = run(program(), arguments(recipe), sources.items())
    text = finished(recipe, ran.outputs, judged(recipe, ran.outputs["meta.json"], payload))["dist/blueprint.tsx"].data

    assert b'import * as React from "react";' in text
    assert b"<Row a='x' />" in text
    assert b"{ a: string }" not in text


@pytest.mark.network
def test_the_bundler_sees_nothing_of_the_machine() -> None:
    """A file of the machine that is named to it on purpose is not there, nor is a place to write."""
    out = run(program(), ("/etc/ld.so.conf", "--loader:.conf=text", "--outfile=/outputs/a.js"), [("a.ts", b"1")])
    kept = run(program(), ("./a.ts", "--outfile=/item/b.js"), [("a.ts", b"1")])

    assert {} == out.outputs
    assert {} == kept.outputs
    assert "no such file" in out.said.lower() or "could not resolve" in out.said.lower()
    assert "read-only" in kept.said.lower() or "permission denied" in kept.said.lower()


@pytest.mark.network
def test_only_the_pinned_program_is_taken(tmp_path: Path) -> None:
    """From the cache or from the author's own folder; one other byte and it is not there."""
    cache, folder = tmp_path / "cache", tmp_path / "folder"
    keep(cache)
    own = folder / "node_modules" / PIN.package / "bin/esbuild"
    own.parent.mkdir(parents=True)
    own.write_bytes(program())

    assert program() == program_at_hand(PIN, cache=cache, folder=tmp_path)
    assert program() == program_at_hand(PIN, cache=tmp_path, folder=folder)
    own.write_bytes(program()[:-1] + b"x")
    assert program_at_hand(PIN, cache=tmp_path, folder=folder) is None


@pytest.mark.network
def test_the_program_is_fetched_once(tmp_path: Path) -> None:
    """By npm, as it is set up on the machine; then it is in the cache."""
    assert program() == fetch_program(PIN, cache=tmp_path, env=dict(os.environ))
    assert program() == program_at_hand(PIN, cache=tmp_path, folder=tmp_path)


def npm(folder: Path, script: str) -> dict[str, str]:
    """An environment in which `npm` is this script."""
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), "SECRET": "kept"}


@pytest.mark.parametrize(
    ("script", "error", "words"),
    [
        ("echo 'npm error code E404' >&2; exit 1", Unreachable, "npm error code E404"),
        ("printf 'a\\033[31mb' >&2; exit 1", Unreachable, "a?[31mb"),
        ("exit 3", Unreachable, "npm ended with 3"),
        ("exit 0", Unreachable, "npm ended with 0"),
        ('for last; do :; done; echo "$SECRET" > "$last/esbuild.tgz"', NotTrusted, "what npm fetched has sha512-"),
    ],
)
def test_what_npm_cannot_or_should_not_give_is_refused(
    tmp_path: Path, script: str, error: type[Exception], words: str
) -> None:
    """With what to do; another package than the pinned one is never unpacked, and npm sees no secrets."""
    with pytest.raises(error, match="esbuild") as refused:
        fetch_program(PIN, cache=tmp_path, env=npm(tmp_path / "bin", script))

    assert words in str(refused.value)
    assert [tmp_path / "bin"] == list(tmp_path.iterdir())


@pytest.mark.network
def test_a_package_with_another_program_is_refused(tmp_path: Path) -> None:
    """Also where the tarball is the one that a wrong pin would name."""
    from tests.bundlers import ESBUILD

    env = npm(tmp_path / "bin", f'for last; do :; done; cp {ESBUILD.fetched()} "$last"')
    other = Pin(PIN.package, PIN.integrity, "0" * 64)
    with pytest.raises(NotTrusted, match="is not the pinned one"):
        fetch_program(other, cache=tmp_path, env=env)


def test_without_npm_the_author_is_told_what_to_do(tmp_path: Path) -> None:
    """To install it; what else can be done is said by whoever knows the folder."""
    with pytest.raises(NotFound, match="there is no npm") as refused:
        fetch_program(PIN, cache=tmp_path, env={"PATH": str(tmp_path)})

    assert "apt-get install npm" in refused.value.hint


def test_another_platform_is_told_which_are_pinned() -> None:
    """There is a program for Linux and macOS on two machines each, and no other is tried."""
    with pytest.raises(NotFound, match=r"linux-x86_64.* not for plan9-mips"):
        pin_for("plan9", "mips")

    assert "@esbuild/linux-arm64" == pin_for("linux", "aarch64").package
    assert Recipe("gadget", "a.ts").output == "dist/gadget.js"
