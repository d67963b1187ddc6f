"""What of an author's folder is bundled, and what may be taken in."""

import json
from typing import Any

import pytest

from registry_tool.core.bundling import Recipe, bundled_note, compiled, loaded_entry, recipe_of, said_entry
from registry_tool.core.card import Bundling, Card
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.native.package_lock import LOCK_BYTES, Lock, closure, read_lock
from registry_tool.core.payload import Payload, PayloadFile

REACT = 'import { useState } from "react";\n'
HOOK = "export const useDemo = (from: number) => from;\n"
DIGEST = "sha512-" + "A" * 86 + "=="
MODULE = {"module": "dist/a.js"}
PACKAGE = {"dependencies": {"a": "^1.0.0"}, "peerDependencies": {"three": "*"}}
OUTSIDE = ("@ggui-ai/gadgets", "react", "react-dom")


def payload(**files: str | bytes | dict[str, Any]) -> Payload:  # Any: JSON
    """A folder; `_` in a name stands for a dot, `__` for a slash, `___` for a minus."""
    return {
        name.replace("___", "-").replace("__", "/").replace("_", "."): PayloadFile(
            json.dumps(data).encode() if isinstance(data, dict) else data.encode() if isinstance(data, str) else data
        )
        for name, data in files.items()
    }


def locked(**rows: Any) -> dict[str, Any]:  # Any: JSON
    """A lock file of npm with these packages, each with a digest."""
    packages = {f"node_modules/{name}": {"integrity": DIGEST, **row} for name, row in rows.items()}
    return {"lockfileVersion": 3, "packages": {"": {"name": "own"}, **packages}}


def card_of(entry: str | None) -> Card:
    """What artifact.yaml says."""
    return Card(entry=entry) if entry else Card()


def faults(kind: str, folder: Payload, card: Card | None = None) -> tuple[Finding, ...]:
    """Why the folder's sources cannot be bundled."""
    with pytest.raises(InvalidInput) as refused:
        recipe_of(kind, folder, card or Card())
    assert "not-bundled" == refused.value.code
    return refused.value.findings


@pytest.mark.parametrize(
    ("kind", "folder", "entry", "expected"),
    [
        ("gadget", payload(src__index_ts=HOOK), "src/index.ts", "src/index.ts"),
        ("gadget", payload(src__index_ts=HOOK), "./src/index.ts", "src/index.ts"),
        ("gadget", payload(ggui_gadget_json={"bundle": "./src/use.tsx"}, src__use_tsx=HOOK), None, "src/use.tsx"),
        ("gadget", payload(ggui_gadget_json={"bundle": 1}, index_ts=HOOK), None, "index.ts"),
        ("gadget", payload(package_json=MODULE, src__a_ts=HOOK), None, "src/a.ts"),
        ("gadget", payload(package_json=MODULE, src__index_mjs="export const useA = 1"), None, "src/index.mjs"),
        ("gadget", payload(src__gadget_tsx=HOOK, src__index_ts=HOOK), None, "src/gadget.tsx"),
        ("gadget", payload(a_js="export const A = () => <b/>"), "a.js", "a.js"),
        ("gadget", payload(a_js='import "./b.js"; export const A = 1', b_js=""), "a.js", "a.js"),
        ("gadget", payload(a_js='import "."; export const A = 1', index_js=""), "a.js", "a.js"),
        ("widget", payload(src__widget_ts="export default 1"), None, "src/widget.ts"),
        ("widget", payload(widget_js='import "./a.ts"; export default 1', a_ts=""), None, "widget.js"),
        ("blueprint", payload(src__blueprint_tsx='import "./a"', src__a_tsx=""), None, "src/blueprint.tsx"),
        # Nothing is to be made of these.
        ("theme", payload(theme_css=":root{--a:1}"), None, None),
        ("gadget", payload(a_js=REACT + "export const useA = 1"), "a.js", None),
        ("gadget", payload(a_js="export const ="), "a.js", None),
        ("gadget", payload(a_js=b"\xff"), "a.js", None),
        ("gadget", payload(a_js='import "node:fs"; import "https://x.example/y.js"; export const A = 1'), "a.js", None),
        ("gadget", payload(a_js="export const A = (x) => import(x), b = require('c')"), "a.js", None),
        ("gadget", payload(a_js='import "three/addons/x"', package_json=PACKAGE), "a.js", None),
        ("gadget", payload(README_md="x"), None, None),
        ("gadget", payload(dist__gadget_js=HOOK), "dist/gadget.js", None),
        ("widget", payload(widget_js='import "./a.js"; export default 1', a_js=""), None, None),
        ("blueprint", payload(src__blueprint_tsx=REACT + "export default () => <b/>"), None, None),
        ("blueprint", payload(ggui_blueprint_json={"source": "x"}, src__blueprint_tsx='import "./a"'), None, None),
        ("blueprint", payload(src__index_tsx='import "./a"'), None, None),
    ],
)  # fmt: skip
def test_only_what_no_page_could_load_is_bundled(
    kind: str, folder: Payload, entry: str | None, expected: str | None
) -> None:
    """TypeScript, JSX, and imports of other files or packages; a module that is good as it is stays as it is (G5)."""
    recipe = recipe_of(kind, folder, card_of(entry))

    assert expected == (recipe.entry if recipe else None)


def test_the_module_that_was_made_is_what_is_loaded() -> None:
    """Everybody who reads the files finds it by the same rule; what is good by itself is never replaced."""
    sources = payload(src__index_ts=HOOK, dist__gadget_js="export const useDemo = 1")
    plain = payload(src__index_js="export const useDemo = 1", dist__gadget_js="export const useDemo = 2")
    card = Card(entry="src/index.ts")

    assert "dist/gadget.js" == loaded_entry("gadget", sources, card)
    assert "src/index.ts" == loaded_entry("gadget", payload(src__index_ts=HOOK), card)
    assert "src/index.js" == loaded_entry("gadget", plain, Card(entry="src/index.js"))
    assert "dist/gadget.js" == loaded_entry("gadget", sources, Card(entry="dist/gadget.js"))
    assert "dist/gadget.js" == loaded_entry("gadget", payload(dist__gadget_js="1"), Card())
    assert "" == said_entry("gadget", sources, Card())


def test_whoever_reads_the_sources_is_told_what_is_loaded() -> None:
    """The remark stands at the module that was made, and names what it was made of."""
    made = payload(src__index_ts=HOOK, dist__gadget_js="1")
    (note,) = bundled_note("gadget", made, Card(entry="src/index.ts"))
    (other,) = bundled_note("gadget", made, Card())

    assert ("note", "dist/gadget.js") == (note.level, note.path)
    assert "'src/index.ts'" in note.message
    assert "made of its sources" in other.message
    assert [] == list(bundled_note("gadget", payload(a_js=HOOK), Card(entry="a.js")))


@pytest.mark.parametrize(
    ("kind", "source", "line", "words", "hint"),
    [
        # Rows 119 to 124 of the attacks on sandboxes.
        ("gadget", 'import d from "lodash.debounce";', 1, "package.json does not", "install --save lodash.debounce"),
        ("widget", 'import d from "@a/b/c";', 1, "'@a/b' may not be imported", "npm install --save @a/b"),
        ("blueprint", 'import d from "lodash";', 1, "files of its own folder only", "come from @ggui-ai/gadgets"),
        ("gadget", 'import fs from "fs";', 1, "belongs to node", "without"),
        ("gadget", '\nimport fs from "node:fs";', 2, "'node:fs' may not be imported", "it has no node"),
        ("gadget", 'import "https://evil.example/x.js";', 1, "'https://evil.example/x.js' may not", "fetches no code"),
        ("gadget", 'import "data:text/javascript,1";', 1, "'data:text/javascript,1' may not", "fetches no code"),
        ("gadget", 'import "file:///etc/passwd";', 1, "'file:///etc/passwd' may not", ""),
        ("gadget", 'import "/etc/passwd";', 1, "'/etc/passwd' may not", ""),
        ("gadget", 'import ".\\\\x";', 1, "may not be imported", ""),
        ("gadget", "const a = (x) => import(x);", 1, "plain text", "in quotes"),
        ("gadget", "const a = import(`./${1}`);", 1, "plain text", ""),
        ("gadget", 'const a = require("react");', 1, "require('react') works in no browser", "write: import"),
        ("gadget", 'export * from "./none";', 1, "there is no file './none'", ".gitignore"),
        ("gadget", 'import "../../../../etc/passwd";', 1, "there is no file '../../../../etc/passwd'", ""),
        ("gadget", 'import "..";', 1, "there is no file '..'", ""),
        ("gadget", 'import "./src";', 1, "there is no file", ""),
    ],
)  # fmt: skip
def test_an_import_that_no_module_may_have_is_refused_at_its_line(
    kind: str, source: str, line: int, words: str, hint: str
) -> None:
    """Before anything runs: with the file, the line, and what to do."""
    folder = payload(
        src__b_ts=source, **{"src__blueprint_tsx" if kind == "blueprint" else "src__index_ts": 'import "./b";'}
    )
    (fault,) = faults(kind, folder)

    assert ("fail", "src/b.ts", line) == (fault.level, fault.path, fault.line)
    assert fault.message.startswith(f"line {line}: ")
    assert words in fault.message
    assert hint in fault.hint


def test_what_types_name_is_no_import() -> None:
    """`import type` is gone when the module runs; a source that cannot be parsed here is left to the bundler."""
    folder = payload(
        src__index_ts='import type { A } from "csstype";\nimport "./cast";\nimport "./data.json";\nimport "./cast";',
        src__cast_ts="const a = <number>1;",
        src__data_json="{}",
    )
    recipe = recipe_of("gadget", folder, Card(entry="src/index.ts"))

    assert recipe == Recipe("gadget", "src/index.ts", OUTSIDE)


@pytest.mark.parametrize("specifier", ["./part", "./part.js", "./part.tsx", "./folder", "./other.mjs", "./view.jsx"])
def test_files_are_found_as_bundlers_find_them(specifier: str) -> None:
    """With and without ending, as the file that it was made of, and as a folder's index."""
    folder = payload(
        index_ts=f'import "{specifier}"', part_tsx="", folder__index_ts="", other_mts="", view_tsx="", index_js=""
    )

    assert recipe_of("gadget", folder, Card(entry="index.ts"))


def test_names_of_their_own_are_left_to_the_bundler() -> None:
    """`@/part` and what tsconfig.json maps are no packages that anybody could name."""
    source = 'import "@/part"; import "#own"; import "mapped";'
    mapped = {"compilerOptions": {"paths": {"mapped": ["./part.ts"]}}}

    assert recipe_of("gadget", payload(index_ts=source, tsconfig_json=mapped), Card(entry="index.ts"))
    assert ["package.json does not name it"] == [
        one.message.rpartition(": ")[2].removesuffix(" among its dependencies")
        for one in faults("gadget", payload(index_ts=source), Card(entry="index.ts"))
    ]


LOCKED = locked(**{
    "a": {"version": "1.2.0", "dependencies": {"b": "1", "react": "*"}},
    "b": {"version": "1.0.0"},
    "a/node_modules/b": {"version": "2.0.0", "optionalDependencies": {"c": "*", "none": "*"}},
    "c": {"version": "3.0.0", "peerDependencies": {"a": "*"}},
    "d": {"version": "4.0.0"},
    "react": {"version": "19.0.0"},
})  # fmt: skip


def test_a_module_may_take_in_what_is_depended_on_and_locked() -> None:
    """The packages of the lock file that are reached from package.json's dependencies, as node finds them."""
    folder = payload(index_ts='import a from "a/sub";', package_json=PACKAGE, package___lock_json=LOCKED)
    card = Card(entry="index.ts", bundle=Bundling(sourcemap=True))
    recipe = recipe_of("gadget", folder, card)

    assert recipe is not None
    assert ("a",) == recipe.used
    assert (*OUTSIDE, "three") == recipe.outside
    assert recipe.sourcemap
    source = payload(src__blueprint_tsx='import "./a"', src__a_tsx="")
    assert Recipe("blueprint", "src/blueprint.tsx", OUTSIDE) == recipe_of(
        "blueprint", source, Card(bundle=Bundling(sourcemap=True))
    )
    assert ["node_modules/a", "node_modules/a/node_modules/b", "node_modules/c"] == list(recipe.packages)
    assert ("a", "1.2.0", DIGEST, ("b", "react")) == (
        recipe.packages["node_modules/a"].name,
        recipe.packages["node_modules/a"].version,
        recipe.packages["node_modules/a"].integrity,
        recipe.packages["node_modules/a"].needs,
    )


def test_the_page_brings_along_what_the_gadget_s_file_leaves_to_it() -> None:
    """`peerDeps` of ggui.gadget.json, not package.json where both are there; for a widget nothing."""
    native = {"peerDeps": {"three": "*", "https://x": "*"}}
    both = payload(ggui_gadget_json=native, package_json=PACKAGE, index_ts='import "three"')
    odd = payload(ggui_gadget_json={"peerDeps": ["three"]}, index_ts="")
    recipes = [recipe_of("gadget", folder, Card(entry="index.ts")) for folder in (both, odd)]

    assert [(*OUTSIDE, "three"), OUTSIDE] == [one.outside for one in recipes if one]
    assert (
        "package.json does not name it"
        in faults("widget", payload(index_ts='import "react"'), Card(entry="index.ts"))[0].message
    )


@pytest.mark.parametrize(
    ("lock", "path", "words"),
    [
        (None, "package-lock.json", "there is none"),
        ({}, "package-lock.json", "no table of packages"),
        ("{", "package-lock.json", "no table of packages"),
        (b" " * (LOCK_BYTES + 1), "package-lock.json", "at most"),
        (locked(), "index.ts", "'a' is not in package-lock.json with a digest"),
        (locked(a={"version": "1.0.0", "integrity": "sha1-x"}), "index.ts", "'a' is not in package-lock.json"),
        (locked(a={"version": "1.0.0", "link": True}), "index.ts", "'a' is not in package-lock.json"),
        (locked(a={"version": 1}), "index.ts", "'a' is not in package-lock.json"),
        (locked(a={"version": "../.."}), "index.ts", "'a' is not in package-lock.json"),
        (locked(a={"version": "1.0.0", "name": "../x"}), "index.ts", "'a' is not in package-lock.json"),
        (locked(a={"version": "1.0.0", "name": 1}), "index.ts", "'a' is not in package-lock.json"),
        ({"packages": {"node_modules/a": 1, "x/y/node_modules/a": {"version": "1.0.0"}}}, "index.ts", "'a' is not"),
    ],
)  # fmt: skip
def test_a_package_that_is_not_locked_is_refused(lock: Any, path: str, words: str) -> None:  # Any: JSON
    """With the command that locks it."""
    more = {} if lock is None else {"package___lock_json": lock}
    (fault,) = faults("gadget", payload(index_ts='import "a"', package_json=PACKAGE, **more), Card(entry="index.ts"))

    assert ("fail", path, "run: npm install --package-lock-only") == (fault.level, fault.path, fault.hint)
    assert words in fault.message


def test_a_broken_lock_file_is_no_fault_where_nothing_is_taken_in() -> None:
    """A folder of tools may have one that nobody here has to read."""
    folder = payload(index_ts=HOOK, package_json=PACKAGE, package___lock_json="{")

    assert recipe_of("gadget", folder, Card(entry="index.ts")) == Recipe("gadget", "index.ts", (*OUTSIDE, "three"))


def test_a_package_under_another_name_keeps_its_own() -> None:
    """An alias of npm lies in a folder of its name, and is told as what it is."""
    lock = read_lock(payload(package___lock_json=locked(short={"version": "1.0.0", "name": "@long/name"})))

    assert ["@long/name"] == [one.name for one in closure(lock, ["short", "none"]).values()]
    assert {} == closure(lock, ["short"], without=["short"])
    assert {} == closure(Lock(), ["short"])


def test_a_blueprint_that_is_published_as_it_is_is_compiled() -> None:
    """To see that it can be; not one that the native file holds, and no other kind."""
    folder = payload(src__blueprint_tsx="export default 1")

    assert Recipe("blueprint", "src/blueprint.tsx", OUTSIDE) == compiled("blueprint", folder, Card())
    assert compiled("gadget", folder, Card(entry="src/blueprint.tsx")) is None
    assert compiled("blueprint", payload(), Card()) is None
    assert compiled("blueprint", payload(ggui_blueprint_json={"source": "x"}), Card()) is None
