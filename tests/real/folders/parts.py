"""Themes, modules and servers."""

import json

from tests.real.folders import Case, card, instead

CSS = b":root {\n  --color-text: #222;\n  --color-page: #fff;\n}\n"
HOOK = b"""import { useEffect, useState } from "react";

export function useTicks(every) {
  const [ticks, setTicks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTicks((one) => one + 1), every);
    return () => clearInterval(timer);
  }, [every]);
  return ticks;
}
"""
PACKAGE = {
    "registryType": "npm",
    "identifier": "@ann/words",
    "version": "1.2.0",
    "transport": {"type": "stdio"},
    "environmentVariables": [{"name": "WORDS_TOKEN", "isSecret": True, "isRequired": True}],
}
SERVER = {"name": "io.github.ann/words", "description": "Counts words.", "version": "1.2.0", "packages": [PACKAGE]}


def package(**more: object) -> bytes:
    told = {"name": "part", "version": "1.0.0", "description": "A part of a page.", "license": "MIT", **more}
    return json.dumps({key: value for key, value in told.items() if value}, indent=2).encode()


def server() -> bytes:
    return json.dumps(SERVER, indent="\t").encode()


def telling(version: str) -> bytes:
    return json.dumps({**SERVER, "packages": [{**PACKAGE, "version": version}]}).encode()


MIT = b"license: MIT\n"
TEXTS = b"title: Colours\ndescription: Colours for a page.\nlicense: MIT\n"

THROUGH = (
    Case("as-program", "theme", {"theme.css": CSS, "artifact.yaml": TEXTS}, programs=("theme.css",)),
    Case("from-node", "theme", {"dist/a.min.css": CSS, "package.json": package(style="dist/a.min.css")}, version=""),
    Case("of-windows", "theme", {"theme.css": b"\xef\xbb\xbf" + CSS.replace(b"\n", b"\r\n"), "artifact.yaml": TEXTS}),
    Case("with-source", "theme", {"theme.css": CSS, "src/theme.scss": b"$a: 1;\n", "artifact.yaml": TEXTS}),
    Case("large", "theme", {"theme.css": CSS + b"/* %s */\n" % (b"x" * 1_200_000), "artifact.yaml": TEXTS}),
    Case(
        "see-there",
        "theme",
        {"a.css": CSS, "package.json": package(license="SEE LICENSE IN LICENSE"), "LICENSE": b"Ours.\n"},
        version="",
    ),
    Case("module", "gadget", {"index.mjs": HOOK, "package.json": package(module="./index.mjs")}, version=""),
    Case(
        "module-windows",
        "gadget",
        {"index.js": HOOK.replace(b"\n", b"\r\n"), "package.json": package(module="index.js")},
        version="",
    ),
    Case("server", "plugin", {"server.json": server(), "artifact.yaml": MIT}, version=""),
    Case(
        "server-windows", "plugin", {"server.json": server().replace(b"\n", b"\r\n"), "artifact.yaml": MIT}, version=""
    ),
)
"""They get through in one try."""

REFUSED = (
    Case(
        "no-property",
        "theme",
        {"theme.css": b"/* soon */\n", "artifact.yaml": TEXTS},
        refused="it sets no custom property",
        mend=instead("theme.css", b"/* soon */", b":root { --color-text: #222 }"),
    ),
    Case(
        "other-property",
        "theme",
        {"theme.css": CSS.replace(b"  --color-page", b"  color"), "artifact.yaml": TEXTS},
        refused="a theme sets custom properties, 'color' is another one",
        mend=instead("theme.css", b"  color:", b"  --color:"),
    ),
    Case(
        "which-one",
        "theme",
        {"dark.css": CSS, "light.css": CSS, "artifact.yaml": TEXTS},
        refused="which stylesheet is the theme",
        mend=card("entry: dark.css"),
    ),
    Case(
        "lost-terms",
        "theme",
        {"a.css": CSS, "package.json": package(license="SEE LICENSE IN LICENSE")},
        refused="license",
        mend=card("license: MIT"),
    ),
    Case(
        "module-alone",
        "gadget",
        {"dist/index.js": HOOK, "artifact.yaml": TEXTS},
        refused="nothing says which ES module it is",
        mend=card("entry: dist/index.js"),
    ),
    Case(
        "more-imports",
        "gadget",
        {"index.js": b'import d from "lodash.debounce";\n' + HOOK, "package.json": package(module="index.js")},
        refused="lodash.debounce",
    ),
    Case(
        "server-terms",
        "plugin",
        {"server.json": server()},
        version="",
        refused="nothing says the license",
        mend=card("license: MIT"),
    ),
    Case(
        "any-version",
        "plugin",
        {"server.json": telling(version="latest"), "artifact.yaml": MIT},
        version="",
        refused="version is one exact version, this is 'latest'",
        mend=instead("server.json", b'"version": "latest"', b'"version": "1.2.3"'),
    ),
)
"""They are refused with what to write, and then get through."""
