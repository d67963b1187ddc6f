"""The one ES module of a gadget: where it is, what it exports, and how an author makes one of several files."""

import re
import shlex
from typing import Final

from registry_tool.core.canonical import Json
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.native.esmodule import Module, read_module
from registry_tool.core.native.package_json import peers
from registry_tool.core.payload import Payload
from registry_tool.core.quoting import quoted

CARD: Final = "artifact.yaml"
GADGET_FILE: Final = "ggui.gadget.json"

_HOOK: Final = re.compile("use[A-Z][A-Za-z0-9]*")
_COMPONENT: Final = re.compile("[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")
"""The wire takes `VERSION` too, which is a constant where nobody says otherwise."""
_SOURCE: Final = re.compile(r".*\.(?:[cm]?ts|[jt]sx)")


def bundling(entry: str) -> str:
    """What makes one ES module of `entry` and all that it imports, and where to name that."""
    output = "dist/gadget.js" if entry != "dist/gadget.js" else "dist/module.js"
    outside = " ".join(f"--external:{name}" for name in ("react", "react-dom", "@ggui-ai/gadgets"))
    options = f"--bundle --format=esm --target=es2022 --jsx=automatic {outside} --outfile={output}"
    return (
        f"run: npx esbuild {shlex.quote(entry)} {options}, "
        f'then write "bundle": "{output}" into {GADGET_FILE}, or entry: {output} into {CARD}'
    )


def read_entry(payload: Payload, entry: str, *, said: str) -> tuple[Module | None, tuple[Finding, ...]]:
    """The ES module at `entry`, or why there is none; `said` is the file that names it."""
    if not entry:
        message = f"nothing says which ES module it is, and there is no {GADGET_FILE}"
        hint = f"add {GADGET_FILE}, or write into {CARD}: entry: dist/index.js"
        return None, (Finding("gadget-entry", "fail", message, CARD, hint),)
    if entry not in payload:
        message = f"the module {quoted(entry)} is not among the files"
        hint = (
            "build it first; where .gitignore leaves it out, write into artifact.yaml: "
            f'include: ["{entry}", "*.json", "*.md", "LICENSE"]'
        )
        return None, (Finding("gadget-entry", "fail", message, said, hint),)
    try:
        text = payload[entry].data.decode("utf-8")
    except UnicodeDecodeError:
        return None, (
            Finding("gadget-module", "fail", "a module is UTF-8, this one is not", entry, "save it as UTF-8"),
        )
    try:
        return read_module(text, tsx=False), ()
    except InvalidInput as error:
        if _is_source(text, entry):
            message = "it is TypeScript or JSX, which no browser runs, and it was not bundled"
            return None, (Finding("gadget-source", "fail", message, entry, bundling(entry)),)
        return None, (Finding("gadget-module", "fail", error.message, entry, "mend it", error.findings[0].line),)


def _is_source(text: str, entry: str) -> bool:
    if _SOURCE.fullmatch(entry):
        return True
    try:
        read_module(text, tsx=True)
    except InvalidInput:
        return False
    return True


def described(module: Module, entry: str, payload: Payload) -> dict[str, Json]:
    """What `ggui.gadget.json` would say of this module, its exports sorted, with `…` for their texts."""
    names = sorted(name for name in module.exports.names if _HOOK.fullmatch(name) or _COMPONENT.fullmatch(name))
    exports = [{_noun(name): name, "description": "…", "usage": "…", "example": None} for name in names]
    left = peers(payload)
    return {"exports": exports, "bundle": entry, **({"peerDeps": left} if left else {})}


def nothing_exported(entry: str) -> Finding:
    """The fault of a module in which nothing looks like a hook or a component."""
    message = "it exports no hook (useThing) and no component (Thing)"
    return Finding("gadget-exports", "fail", message, entry, f"is it no ES module? {bundling(entry)}")


def _noun(name: str) -> str:
    return "hook" if _HOOK.fullmatch(name) else "component"
