"""What the bundler is told, what it may take in, and the module that is published."""

import json
import re
from typing import Any

import pytest

from registry_tool.core import limits
from registry_tool.core.bundled import Taken, arguments, bundler_faults, by_hand, compiling, finished, judged
from registry_tool.core.bundling import Recipe
from registry_tool.core.errors import InvalidInput
from registry_tool.core.native.package_lock import Locked
from registry_tool.core.payload import PayloadFile

DIGEST = "sha512-" + "A" * 86 + "=="
RECIPE = Recipe(
    "gadget",
    "src/index.ts",
    ("react", "three"),
    ("a",),
    {
        "node_modules/a": Locked("node_modules/a", "a", "1.0.0", DIGEST),
        "node_modules/@s/b": Locked("node_modules/@s/b", "@s/b", "2.0.0", DIGEST),
        "node_modules/free": Locked("node_modules/free", "free", "1.0.0"),
    },
)
OWN = ("src/index.ts", "src/b.ts", "src/a.css")


def metafile(inputs: dict[str, list[tuple[str, str]]]) -> bytes:
    """What the bundler writes about these inputs, each with the imports that it leaves and their kinds."""
    rows: dict[str, Any] = {  # Any: JSON
        path: {"bytes": 1, "imports": [{"path": name, "kind": kind, "external": True} for name, kind in left]}
        for path, left in inputs.items()
    }
    rows["src/index.ts"]["imports"].append({"path": "src/b.ts", "kind": "import-statement", "original": "./b"})
    return json.dumps({"inputs": rows, "outputs": {}}).encode()


def test_a_module_is_made_of_the_author_s_files_and_locked_packages() -> None:
    """What the bundler says it took in is told, sorted, each package once."""
    taken = judged(
        RECIPE,
        metafile({
            "src/index.ts": [("react", "import-statement"), ("three/addons/x.js", "dynamic-import")],
            "src/b.ts": [("react/jsx-runtime", "import-statement")],
            "node_modules/a/x/y.js": [],
            "node_modules/a/z.js": [],
            "node_modules/@s/b/i.js": [],
            "(disabled):node_modules/a/fs.js": [],
        }),
        OWN,
    )  # fmt: skip

    assert ("src/b.ts", "src/index.ts") == taken.files
    assert ["@s/b", "a"] == [one.name for one in taken.packages]


@pytest.mark.parametrize(
    ("path", "left", "check", "words"),
    [
        ("../../etc/passwd", [], "bundle-input", "none of the folder's files"),
        ("/usr/lib/x.js", [], "bundle-input", "none of the folder's files"),
        ("<data:text/javascript,1>", [], "bundle-input", "none of the folder's files"),
        ("<stdin>", [], "bundle-input", "none of the folder's files"),
        ("src/other.ts", [], "bundle-input", "none of the folder's files"),
        ("(disabled):src/b.ts", [], "bundle-input", "none of the folder's files"),
        ("node_modules/c/i.js", [], "bundle-input", "package-lock.json does not pin"),
        ("node_modules/free/i.js", [], "bundle-input", "package-lock.json does not pin"),
        ("node_modules/a/node_modules/c/i.js", [], "bundle-input", "package-lock.json does not pin"),
        ("node_modules/a/../../x.js", [], "bundle-input", "package-lock.json does not pin"),
        ("src/b.ts", [("https://x.example/y.js", "import-statement")], "bundle-import", "which no page brings along"),
        ("src/b.ts", [("react-dom/server", "import-statement")], "bundle-import", "which no page brings along"),
        ("src/b.ts", [("three/../x", "import-statement")], "bundle-import", "which no page brings along"),
        ("node_modules/a/i.js", [("react", "require-call")], "bundle-import", "by require-call, which works in no"),
        ("src/a.css", [], "bundle-style", "is a stylesheet"),
        ("node_modules/a/a.css", [("bg.png", "url-token")], "bundle-style", "is a stylesheet"),
    ],
)  # fmt: skip
def test_what_the_bundler_took_in_besides_is_refused(
    path: str, left: list[tuple[str, str]], check: str, words: str
) -> None:
    """Whatever the sources seemed to say: the bundler's own list decides (rows 119 to 124)."""
    with pytest.raises(InvalidInput) as refused:
        judged(RECIPE, metafile({"src/index.ts": [], path: left}), OWN)

    fault = refused.value.findings[0]
    assert (check, "fail", True) == (fault.check, fault.level, bool(fault.hint))
    assert words in fault.message


def test_the_bundler_is_told_the_same_each_time() -> None:
    """Paths are as they are where it runs, and a source file never reads as an option."""
    told = arguments(RECIPE)
    more = arguments(Recipe("blueprint", "--serve.tsx", ("react",), sourcemap=True))

    assert "./src/index.ts" == told[0]
    assert ("--external:react", "--external:three") == tuple(one for one in told if one.startswith("--external"))
    assert ("--metafile=/outputs/meta.json", "--outfile=/outputs/gadget.js") == told[-2:]
    assert "./--serve.tsx" == more[0]
    assert {"--jsx=preserve", "--sourcemap=linked", "--outfile=/outputs/blueprint.tsx"} <= set(more)
    assert {"--jsx=automatic"} <= set(told)
    assert " './a b.ts' --bundle --format=esm --target=es2022 --jsx=automatic --outfile=dist/widget.js, " in by_hand(
        Recipe("widget", "a b.ts")
    )
    assert "--external:react --external:three --outfile=dist/gadget.js, and name that" in by_hand(RECIPE)
    assert "./x.tsx" == compiling(Recipe("blueprint", "x.tsx"))[0]


SAID = """✘ [ERROR] Expected ";" but found "\x1b[31m"

    src/b.ts:5:25:
      5 │ export const a: number = ;
        ╵                          ^

✘ [ERROR] Could not resolve "a/sub"

    node_modules/c/i.js:1:9:
      1 │ import a from "a/sub"

✘ [ERROR] No matching export in "src/b.ts" for import "T"

    src/index.ts:2:9:

✘ [ERROR] Cannot read it

2 errors
"""


def test_errors_of_the_bundler_are_told_at_their_place() -> None:
    """In the author's files with the line; elsewhere the place is named in the message."""
    folder = {path: PayloadFile(b"") for path in ("src/index.ts", "src/b.ts")}
    found = bundler_faults(SAID, RECIPE, folder)

    assert [
        (
            "src/b.ts",
            5,
            'line 5: Expected ";" but found "?[31m"',
            "mend the line; what comes before it may be the cause",
        ),
        ("src/index.ts", None, 'Could not resolve "a/sub" (in node_modules/c/i.js)', "add the file"),
        ("src/index.ts", 2, 'line 2: No matching export in "src/b.ts" for import "T"', "export it there"),
        ("src/index.ts", None, "Cannot read it", "mend the line; what comes before it may be the cause"),
    ] == [(one.path, one.line, one.message, re.split("[,;] (?:or|a) ", one.hint)[0]) for one in found]
    (other,) = bundler_faults("killed\n", RECIPE, folder)
    assert "said 'killed'" in other.message


TAKEN = Taken(("src/\u2028index.ts",), (RECIPE.packages["node_modules/a"],))


def test_a_module_says_what_it_was_made_of() -> None:
    """In comments at its end, one line for each part, that nothing in a name can leave."""
    made = finished(RECIPE, {"gadget.js": b"export {};\n"}, TAKEN)

    assert ["dist/gadget.js"] == list(made)
    assert (
        b"export {};\n// Bundled with esbuild 0.28.2 of\n//   src/?index.ts\n//   node_modules/a (a 1.0.0)\n"
        == made["dist/gadget.js"].data
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("export default () => <b />;\n", True),
        ('import { useState } from "react";\n', True),
        ('import * as React from "react";\n', False),
        ('import React, { useState } from "react";\n', False),
        ("var React = 1;\n", False),
    ],
)
def test_a_blueprint_names_react_once(code: str, expected: bool) -> None:
    """Tags may be compiled into calls of it, and the bundler leaves out what no line names."""
    made = finished(Recipe("blueprint", "src/blueprint.tsx"), {"blueprint.tsx": code.encode()}, Taken((), ()))

    assert expected == made["dist/blueprint.tsx"].data.decode().startswith('import * as React from "react";\n' + code)


def test_a_map_names_the_sources_as_seen_from_the_module() -> None:
    """The author's files by their paths, nothing of where it was made."""
    recipe = Recipe("gadget", "src/index.ts", sourcemap=True)
    mapping = {"version": 3, "sources": ["../item/src/index.ts", "other"], "mappings": ";"}
    outputs = {
        "gadget.js": b"export {};\n//# sourceMappingURL=gadget.js.map\n",
        "gadget.js.map": json.dumps(mapping).encode(),
    }
    made = finished(recipe, outputs, Taken(("src/index.ts",), ()))

    assert ["dist/gadget.js", "dist/gadget.js.map"] == list(made)
    assert made["dist/gadget.js"].data.endswith(b"//   src/index.ts\n//# sourceMappingURL=gadget.js.map\n")
    assert ["../src/index.ts", "other"] == json.loads(made["dist/gadget.js.map"].data)["sources"]


def test_a_module_that_is_too_large_is_refused() -> None:
    """The wire has a limit, and it is told before anything is signed."""
    with pytest.raises(InvalidInput, match="at most 5242880 bytes"):
        finished(RECIPE, {"gadget.js": b" " * limits.WIRE_BUNDLE_BYTES}, TAKEN)
