"""A gadget of TypeScript around a package that people use, through the whole line by the installed command."""

import json
import subprocess
from pathlib import Path

import pytest

from registry_tool.core.digest import sha256
from registry_tool.sandbox.esbuild import PINS
from tests.bundlers import EVERY, keep
from tests.real.line import Shell, tree
from tests.real.packages import HOOK, REACT, NodePackage

pytestmark = pytest.mark.network

SOURCE = b"""import { useState } from "react";
import { useDebounce } from "use-debounce";
import { shorter } from "./shorter";

/** What was typed, a while after somebody stopped typing. */
export function useQuiet(first: string): readonly [string, (text: string) => void] {
  const [text, setText] = useState<string>(first);
  const [quiet] = useDebounce(text, 300);
  return [shorter(quiet), setText] as const;
}
"""
SHORTER = b"export const shorter = (text: string): string => text.trim();\n"
GADGET = {
    "kind": "gadget", "scope": "@ann", "name": "quiet", "version": "1.0.0", "visibility": "public",
    "description": "What was typed, a while after.", "license": "MIT", "bundle": "./src/index.ts",
    "exports": [{"hook": "useQuiet", "description": "Waits.", "usage": "useQuiet('')", "example": "useQuiet('a')"}],
}  # fmt: skip


def author(folder: Path) -> Path:
    """A folder as npm leaves it, with the package in it and locked."""
    files = {
        "ggui.gadget.json": json.dumps(GADGET),
        "package.json": json.dumps({"name": "quiet", "dependencies": {HOOK.name: f"^{HOOK.version}"}}),
        "package-lock.json": json.dumps({
            "lockfileVersion": 3,
            "packages": {
                f"node_modules/{HOOK.name}": {
                    "version": HOOK.version, "integrity": HOOK.integrity, "peerDependencies": {"react": "*"},
                },
                "node_modules/react": {"version": REACT.version, "integrity": REACT.integrity, "peer": True},
            },
        }),
        ".gitignore": "node_modules/\ndist/\n",
        "src/index.ts": SOURCE.decode(),
        "src/shorter.ts": SHORTER.decode(),
    }  # fmt: skip
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "node_modules").mkdir()
    for package in (HOOK, REACT):
        package.unpacked(folder / "packed").rename(folder / "node_modules" / package.name)
        (folder / "packed").rmdir()
    return folder


def test_an_author_who_has_only_source_publishes_a_gadget(shell: Shell, tmp_path: Path) -> None:
    """Installed from the admitted release it runs in node beside react; another folder gives the same (G5)."""
    keep(Path(shell.env["REGISTRY_HOME"]) / "cache")
    folder, other = author(tmp_path / "quiet"), author(tmp_path / "elsewhere" / "of another name")
    before = tree(folder)
    told = ("--as", "ann", "--registry", "reg")
    looked = [json.loads(shell.registry("check", str(one), *told, "--json")) for one in (folder, other)]
    (manifest,) = {one["folders"][0]["manifest"] for one in looked}

    shell.registry("publish", str(folder), *told, "--yes")
    (pending,) = json.loads(shell.registry("queue", "list", "--registry", "reg", "--json"))
    shell.registry("queue", "approve", pending["id"], "--registry", "reg", "--note", "read it")
    shell.registry("build", "--registry", "reg", "--out", "site")
    shell.registry("add", "reg", "--root", sha256((tmp_path / "reg/index/trust/1.root.json").read_bytes()))
    shell.registry("install", "@ann/quiet", "--registry", "reg", "--project", "work", "--yes", "--offline")

    assert manifest.startswith("sha256:")
    assert before == tree(folder)
    module = (tmp_path / "work/.ggui/installed-gadgets/ann__quiet__1.0.0/dist/gadget.js").read_bytes()
    assert f"//   node_modules/{HOOK.name} ({HOOK.name} {HOOK.version})\n".encode() in module
    assert b"/tmp" not in module
    assert module == (tmp_path / "site/bundles/public/@ann/quiet/1.0.0/bundle.js").read_bytes()
    (folder / "module.mjs").write_bytes(module)
    script = "import { useQuiet } from './module.mjs'; console.log(typeof useQuiet, useQuiet.length)"
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script],
        cwd=folder, check=True, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert "function 1\n" == done.stdout


@pytest.mark.parametrize("package", EVERY, ids=lambda package: package.name)
def test_the_bundler_is_pinned_for_every_platform(package: NodePackage, tmp_path: Path) -> None:
    """What npm gives for each has the digest that is pinned, and so has the program in it."""
    program = package.unpacked(tmp_path / "packed") / "bin/esbuild"

    assert sha256(program.read_bytes()) in {pin.sha256 for pin in PINS.values() if pin.package == package.name}
