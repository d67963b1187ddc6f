"""Folders that hold only source: bundled when their author checks or publishes them, and then like any other."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry_tool.cli.bundling import bundled
from registry_tool.core.card import Card
from registry_tool.core.digest import sri
from registry_tool.core.findings import Finding
from registry_tool.core.payload import PayloadFile
from registry_tool.stores.workfolder import read_folder
from tests.bundlers import keep
from tests.cli.desk import Desk
from tests.real.line import Line, Refused, tree

pytestmark = pytest.mark.network

DIGEST = "sha512-" + "A" * 86 + "=="
GADGET = {
    "kind": "gadget", "scope": "@ann", "name": "ticks", "version": "1.0.0", "visibility": "public",
    "description": "Counts.", "license": "MIT", "bundle": "./src/index.ts",
    "exports": [{"hook": "useTicks", "description": "Counts.", "usage": "useTicks(1)", "example": None}],
}  # fmt: skip
SOURCES = {
    "ggui.gadget.json": json.dumps(GADGET).encode(),
    "src/index.ts": b'import { useState } from "react";\n'
    b'import { double } from "./math";\nimport half from "halving";\n'
    b"export function useTicks(from: number): number {\n  return useState(half(double(from)))[0];\n}\n",
    "src/math.ts": b"export const double = (one: number): number => one * 2;\n",
    "package.json": b'{"name": "ticks", "dependencies": {"halving": "^1.0.0"}}',
    "package-lock.json": json.dumps(
        {"packages": {"node_modules/halving": {"version": "1.0.0", "integrity": DIGEST}}}
    ).encode(),
    ".gitignore": b"node_modules\ndist\n",
    "node_modules/halving/package.json": b'{"name": "halving", "version": "1.0.0", "module": "src/i.mjs"}',
    "node_modules/halving/src/i.mjs": b"export default (one) => one / 2;\n",
    "node_modules/halving/node_modules/deep/i.js": b"not locked",
    "node_modules/halving/LICENSE": b"MIT",
}
WIDGET = {
    "artifact.yaml": b"kind: widget\ntitle: T\ndescription: D.\nlicense: MIT\n",
    "src/widget.tsx": b'import { text } from "./text.ts";\n'
    b"export function mount(root: HTMLElement, host: any) {\n"
    b'  host.subscribe("energy.solar", (one: unknown) => { root.textContent = text(one); });\n}\n',
    "src/text.ts": b"export const text = (one: unknown): string => String(one);\n",
}
BLUEPRINT = {
    "artifact.yaml": b"kind: blueprint\ntitle: T\ndescription: D.\nlicense: MIT\n",
    "ggui.blueprint.json": json.dumps(
        {"kind": "blueprint", "scope": "@ann", "name": "card", "version": "1.0.0", "visibility": "public"}
    ).encode(),
    "src/blueprint.tsx": b'import * as React from "react";\nimport { Row } from "./row";\n'
    b"export default function Card() {\n  return <Row text='all' />;\n}\n",
    "src/row.tsx": b"export const Row = (props: { text: string }) => <b>{props.text}</b>;\n",
}


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with these files."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    line = Line.begin(tmp_path_factory.mktemp("line"), env={"PATH": os.environ["PATH"]})
    keep(line.world.folder("cache"))
    return line


def faults(line: Line, folder: Path, kind: str) -> tuple[Finding, ...]:
    """Why the folder cannot be published."""
    with pytest.raises(Refused) as refused:
        line.publish(folder, f"@ann/{folder.name}", "--kind", kind, "--version", "1.0.0")
    return tuple(one for one in refused.value.findings if one.level == "fail")


def test_a_gadget_of_sources_is_published_admitted_built_and_installed(line: Line, tmp_path: Path) -> None:
    """Its files and its package are one module, which is what the app's row names; the sources lie beside (G5, G8)."""
    folder = written(tmp_path / "ticks", SOURCES)
    before = tree(folder)

    line.approve(line.publish(folder, "@ann/ticks"))
    line.registry("build", "--registry", "reg", "--out", "site")
    row = line.install("@ann/ticks")

    assert "gadget" == row["kind"]
    assert before == tree(folder)
    copy = line.work / ".ggui/installed-gadgets/ann__ticks__1.0.0"
    module = (copy / "dist/gadget.js").read_bytes()
    assert {
        "dist/gadget.js", "ggui.gadget.json", "package-lock.json", "package.json", "src/index.ts", "src/math.ts",
    } == set(tree(copy))  # fmt: skip
    assert b'import { useState } from "react";' in module
    assert b"//   node_modules/halving (halving 1.0.0)\n" in module
    (installed,) = json.loads((line.work / "ggui.json").read_text())["app"]["gadgets"]
    assert sri(module) == installed["bundleSri"]
    assert module == (line.folder / "site/bundles/public/@ann/ticks/1.0.0/bundle.js").read_bytes()


def test_a_widget_of_sources_is_one_module(line: Line, tmp_path: Path) -> None:
    """What it asks its host for is read from the module, and so what it may be granted."""
    folder = written(tmp_path / "solar", WIDGET)

    line.approve(line.publish(folder, "@ann/solar", "--version", "1.0.0"))
    line.install("@ann/solar")

    index = json.loads((line.work / "widgets/index.json").read_text())["widgets"]["ann__solar"]
    assert "ann__solar/dist/widget.js" == index["entry"]
    assert ["data:read.energy.solar"] == index["permissions"]


def test_a_blueprint_of_several_files_is_one_source(line: Line, tmp_path: Path) -> None:
    """Its own files are taken in, its tags stay, and what is installed compiles by itself."""
    folder = written(tmp_path / "card", BLUEPRINT)

    line.approve(line.publish(folder, "@ann/card", "--version", "1.0.0"))
    line.install("@ann/card")

    source = (line.work / ".ggui/installed-blueprints/ann__card__1.0.0/index.tsx").read_text()
    assert 'import * as React from "react";' in source
    assert "<Row text='all' />" in source
    assert "./row" not in source


def test_check_says_what_is_loaded(line: Line, tmp_path: Path) -> None:
    """An author needs no account to see it, and nothing is written into the folder."""
    folder = written(tmp_path / "ticks", SOURCES)
    before = tree(folder)

    (value,) = json.loads(line.registry("check", str(folder), "--as", "ann", "--json"))["folders"]

    assert value["ready"]
    assert ("bundle", "note", "dist/gadget.js") in [
        (one["check"], one["level"], one["path"]) for one in value["findings"]
    ]
    assert before == tree(folder)


@pytest.mark.parametrize(
    ("more", "path", "message", "hint"),
    [
        ({"src/math.ts": b"export const double = ;"}, "src/math.ts", 'line 1: Unexpected ";"', "mend the line"),
        ({"dist/gadget.js": b"1", ".gitignore": b"node_modules\n"}, "dist/gadget.js", "another file here", "remove it"),
        (
            {"node_modules/halving/package.json": b'{"version": "1.0.1"}'},
            "src/index.ts",
            "node_modules/halving has the version '1.0.1', and package-lock.json says 1.0.0",
            "npm ci",
        ),
        ({"node_modules/halving/package.json": b"{"}, "src/index.ts", "has the version 'None'", "npm ci"),
        ({"src/math.ts": b'export * from "node:os";'}, "src/math.ts", "'node:os' may not be imported", "no node"),
    ],
)
def test_what_cannot_be_bundled_is_told_at_its_place(
    line: Line, tmp_path: Path, more: Mapping[str, bytes], path: str, message: str, hint: str
) -> None:
    """One fault, in the author's own file, with what to do."""
    (fault,) = faults(line, written(tmp_path / "ticks", {**SOURCES, **more}), "gadget")

    assert (path, True, True) == (fault.path, message in fault.message, hint in fault.hint)


def test_packages_are_folders_of_npm_s(line: Line, tmp_path: Path) -> None:
    """A link into somewhere else is not followed, be it the package or what it lies in; nor is a missing one."""
    folder = written(tmp_path / "ticks", SOURCES)
    package = folder / "node_modules/halving"
    package.rename(tmp_path / "elsewhere")
    gone = faults(line, folder, "gadget")
    package.symlink_to(tmp_path / "elsewhere")
    linked = faults(line, folder, "gadget")

    assert ["node_modules/halving is not there as a folder, as npm makes it"] * 2 == [
        one.message for one in (*gone, *linked)
    ]


def test_what_was_made_already_is_published_again(line: Line, tmp_path: Path) -> None:
    """A copy of a release gives the same release, whatever its folder is called."""
    folder = written(tmp_path / "ticks", SOURCES)
    read = read_folder(folder).payload
    made = bundled(line.world, folder, read, read, Card(), kind="")
    again = bundled(line.world, folder, made, made, Card(), kind="gadget")

    assert made == again
    assert {"dist/gadget.js"} == made.keys() - read.keys()


def test_only_what_include_names_is_published_beside_the_module(line: Line, tmp_path: Path) -> None:
    """An author who shows no sources may; the module is there all the same, and its map where it is asked for."""
    card = b'include: ["*.json"]\nbundle: {sourcemap: true}\n'
    native = json.dumps({**GADGET, "name": "hidden"}).encode()
    folder = written(tmp_path / "hidden", {**SOURCES, "artifact.yaml": card, "ggui.gadget.json": native})

    line.approve(line.publish(folder, "@ann/hidden"))
    line.install("@ann/hidden")

    copy = tree(line.work / ".ggui/installed-gadgets/ann__hidden__1.0.0")
    assert {
        "artifact.yaml", "dist/gadget.js", "dist/gadget.js.map",
        "ggui.gadget.json", "package-lock.json", "package.json",
    } == set(copy)  # fmt: skip


def test_a_blueprint_that_does_not_compile_is_refused_where_the_compiler_is_there(line: Line, tmp_path: Path) -> None:
    """Two exports of one name parse; what runs it would not take them. Without a compiler ours is the only look."""
    twice = b"const a = 1;\nconst a = 2;\nexport default () => <b>{a}</b>;\n"
    folder = written(tmp_path / "card", {**BLUEPRINT, "src/blueprint.tsx": twice})
    (fault,) = faults(line, folder, "blueprint")
    bare = Line.begin(tmp_path / "bare", env={"PATH": os.environ["PATH"]})

    assert ("src/blueprint.tsx", 2) == (fault.path, fault.line)
    assert bare.publish(folder, "@ann/card", "--version", "1.0.0")


def test_the_bundler_is_fetched_when_it_is_needed(tmp_path: Path) -> None:
    """Once, with a word about it; without npm the author hears what to do, and nothing was sent."""
    desk = Desk(tmp_path / "desk")
    folder = written(tmp_path / "solar", WIDGET)
    desk.run("init", "reg", "--name", "Example", "--yes")
    line = ("publish", str(folder), "--id", "@ann/solar", "--version", "1.0.0", "--as", "ann", "--registry", "reg")

    desk.world.env["PATH"], path = str(tmp_path), desk.world.env["PATH"]  # type: ignore[index]  # it is a dict
    assert (3, "no-esbuild") == desk.refused(*line, "--yes")
    assert "install npm" in desk.error.hint
    assert "npx esbuild@0.28.2 ./src/widget.tsx --bundle" in desk.error.hint
    assert "entry: dist/widget.js in artifact.yaml" in desk.error.hint
    desk.world.env["PATH"] = path  # type: ignore[index]  # it is a dict
    desk.run(*line, "--dry-run")
    assert "fetching @esbuild/linux-x64 once, which bundles src/widget.tsx" in desk.talk
    desk.run(*line, "--dry-run")
    assert "fetching" not in desk.talk


def test_a_folder_that_is_something_else_is_not_bundled_for_a_flag(line: Line, tmp_path: Path) -> None:
    """The verbs of a kind still say which kind it is."""
    folder = written(tmp_path / "card", BLUEPRINT)
    with pytest.raises(Refused, match="is a blueprint, not a gadget"):
        line.registry("gadget", "publish", str(folder), "--registry", "reg", "--yes")


def test_a_folder_without_a_module_is_left_alone(line: Line, tmp_path: Path) -> None:
    """Nothing is started for what is no kind, or another one."""
    theme = {"theme.css": PayloadFile(b":root{--a:1}")}

    assert theme == bundled(line.world, tmp_path, theme, theme, Card(kind="theme"), kind="")
    assert {} == bundled(line.world, tmp_path, {}, {}, Card(), kind="")
