"""What the bundler is told, what it says it took in, and the module as it is published.

The bundler resolves imports by rules of its own, so what a module is made of is judged by its own list (esbuild's
metafile), not by what the sources seem to say. In what it runs in there are only the folder's files, at `ITEM`, and
the packages that are locked.
"""

import json
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core import limits
from registry_tool.core.bundling import Recipe
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.ggui.conformance import ALLOWED
from registry_tool.core.native.package_lock import FOLDER, Locked, package_of
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.quoting import quoted

VERSION: Final = "0.28.2"
"""Of esbuild; another one may write other bytes."""

ITEM: Final = "/item"
"""Where the author's files lie for the bundler."""
OUT: Final = "/outputs"
"""Where it writes."""
META: Final = "meta.json"

_ASSETS: Final = (".avif", ".gif", ".jpg", ".jpeg", ".png", ".svg", ".webp", ".woff2")
_ALWAYS: Final = (
    *("--bundle", "--format=esm", "--platform=browser", "--target=es2022", "--charset=utf8", "--legal-comments=inline"),
    *("--log-level=warning", "--color=false", "--preserve-symlinks"),
    '--define:process.env.NODE_ENV="production"',
    *(f"--loader:{ending}=dataurl" for ending in _ASSETS),
)
_REACT: Final = 'import * as React from "react";\n'
_BINDS_REACT: Final = re.compile(
    r"^import [^\n]*\bReact\b[^\n]* from |^(?:var|let|const|function|class) React\b", re.MULTILINE
)
_DISABLED: Final = "(disabled):"
_ERROR: Final = re.compile(
    r"^✘ \[ERROR\] (?P<message>.+)\n(?:\n {4}(?P<path>[^\n]+?):(?P<line>[0-9]+):[0-9]+:$)?", re.M
)
_SHOWN: Final = 20  # errors; more help nobody
_MESSAGE: Final = 300  # characters of one


@dataclass(frozen=True, slots=True)
class Taken:
    """What a module is made of."""

    files: tuple[str, ...]
    """The author's, sorted."""
    packages: tuple[Locked, ...]
    """By folder."""


def arguments(recipe: Recipe) -> tuple[str, ...]:
    """What esbuild is called with, paths as they are where it runs; the same for the same recipe."""
    name = recipe.output.rpartition("/")[2]
    return (
        f"./{recipe.entry}",
        *_ALWAYS,
        # What is installed as source keeps its tags, for the people and agents that read it.
        "--jsx=preserve" if recipe.kind == "blueprint" else "--jsx=automatic",
        *(f"--external:{one}" for one in recipe.outside),
        *(("--sourcemap=linked",) if recipe.sourcemap else ()),
        f"--metafile={OUT}/{META}",
        f"--outfile={OUT}/{name}",
    )


def by_hand(recipe: Recipe) -> str:
    """What an author does where it cannot be bundled for them."""
    outside = " ".join(f"--external:{one}" for one in recipe.outside)
    options = " ".join(("--bundle --format=esm --target=es2022 --jsx=automatic", *([outside] if outside else [])))
    run = f"npx esbuild@{VERSION} {shlex.quote('./' + recipe.entry)} {options} --outfile={recipe.output}"
    return f"bundle it yourself: {run}, and name that: entry: {recipe.output} in artifact.yaml"


def compiling(recipe: Recipe) -> tuple[str, ...]:
    """What esbuild is called with to see whether one source compiles, by itself."""
    return (f"./{recipe.entry}", "--jsx=automatic", "--log-level=warning", "--color=false", f"--outfile={OUT}/out.js")


def bundler_faults(said: str, recipe: Recipe, payload: Payload) -> tuple[Finding, ...]:
    """What the bundler printed as errors, each at its place in the author's files; at least one."""
    found = [_fault(match, recipe, payload) for match in _ERROR.finditer(said)]
    if not found:
        message = f"the bundler gave no module and said {quoted(said.strip())}"
        found = [Finding("bundle-error", "fail", message, recipe.entry, "mend it, or bundle it yourself")]
    return tuple(dict.fromkeys(found[:_SHOWN]))


def _fault(match: re.Match[str], recipe: Recipe, payload: Payload) -> Finding:
    shown = _plain(match["message"])[:_MESSAGE]
    path, line = match["path"] or "", match["line"]
    hint = "mend the line; what comes before it may be the cause"
    if "Could not resolve" in shown:
        hint = "add the file, or put the packages there as package-lock.json has them: npm ci"
    elif "No matching export" in shown:
        hint = "export it there; a type is imported with `import type`"
    if path not in payload:
        return Finding("bundle-error", "fail", shown if not path else f"{shown} (in {path})", recipe.entry, hint)
    return Finding("bundle-error", "fail", f"line {line}: {shown}", path, hint, int(line))


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text)


def judged(recipe: Recipe, metafile: bytes, own: Collection[str]) -> Taken:
    """What the module is made of, where all of it may be in one.

    `own` are the author's files. Raises `InvalidInput` with a finding for each file and each import that may not.
    """
    inputs = _inputs(metafile)
    files, packages, found = [], {}, []
    for path in sorted(inputs):
        place = path.removeprefix(_DISABLED)
        one = _package(recipe, place)
        if place == path and path in own and not path.startswith(FOLDER):
            files.append(path)
        elif one is not None:
            packages[one.folder] = one
        else:
            found.append(_stranger(path, recipe))
        found += _leaving(inputs[path], path, recipe, path if path in own else recipe.entry)
    if found:
        message = f"{recipe.entry} cannot be bundled as it is"
        raise InvalidInput(message, code="not-bundled", findings=tuple(dict.fromkeys(found)))
    return Taken(tuple(files), tuple(packages[folder] for folder in sorted(packages)))


def _inputs(metafile: bytes) -> Mapping[str, Mapping[str, Any]]:  # Any: JSON
    value = json.loads(metafile)  # written by the program that we pin
    inputs: Mapping[str, Mapping[str, Any]] = value["inputs"]
    return inputs


def _package(recipe: Recipe, path: str) -> Locked | None:
    """The locked package that a file lies in; `None` where it lies in none."""
    if not path.startswith(FOLDER) or {"..", "."} & set(path.split("/")):
        return None
    parts = path.split("/")
    # From the deepest: a package inside another one has to be locked by itself.
    last = len(parts) - 1 - parts[::-1].index("node_modules")
    size = 3 if parts[last + 1].startswith("@") else 2
    one = recipe.packages.get("/".join(parts[: last + size]))
    return one if one is not None and one.integrity else None


def _stranger(path: str, recipe: Recipe) -> Finding:
    if path.startswith(FOLDER):
        message = f"it takes in {quoted(path)}, of a package that package-lock.json does not pin as a dependency"
        hint = f"run: npm install --save {package_of(path.rpartition(FOLDER)[2])}"
    else:
        message = f"it takes in {quoted(path)}, which is none of the folder's files"
        hint = "put the file into the folder, and import it by its path"
    return Finding("bundle-input", "fail", message, recipe.entry, hint)


def _leaving(row: Mapping[str, Any], path: str, recipe: Recipe, told: str) -> Iterator[Finding]:  # Any: JSON
    """What is wrong with the imports of one file that stay imports, and with what no module can hold."""
    if path.endswith(".css"):
        hint = "set the styles that it cannot do without in the module"
        yield Finding("bundle-style", "fail", f"{quoted(path)} is a stylesheet, which nobody would load", told, hint)
    for one in row["imports"]:
        name, kind = one["path"], one["kind"]
        if not one.get("external"):
            continue
        if name not in ALLOWED and (package_of(name) not in recipe.outside or ".." in name.split("/")):
            message = f"{quoted(path)} imports {quoted(name)}, which no page brings along"
            yield Finding("bundle-import", "fail", message, told, "write it without, or take in a package that does")
        elif kind not in ("import-statement", "dynamic-import"):
            message = f"{quoted(path)} asks for {quoted(name)} by {kind}, which works in no browser"
            hint = "use a build of it that is an ES module"
            yield Finding("bundle-import", "fail", message, told, hint)


def finished(recipe: Recipe, outputs: Mapping[str, bytes], taken: Taken) -> dict[str, PayloadFile]:
    """The module as it is published, and its map where the author wants one.

    The module ends with what it was made of; there, so that the map's lines stay right.
    """
    name = recipe.output.rpartition("/")[2]
    code, link = outputs[name].decode("utf-8"), ""
    if recipe.sourcemap:
        code, found, rest = code.rpartition("//# sourceMappingURL=")
        link = found + rest
    if recipe.kind == "blueprint" and not _BINDS_REACT.search(code):
        code = _REACT + code  # no line of it names React, but what compiles the tags may
    parts = (*taken.files, *(f"{one.folder} ({one.name} {one.version})" for one in taken.packages))
    told = "".join(f"//   {_plain(part)}\n" for part in parts)
    data = f"{code}// Bundled with esbuild {VERSION} of\n{told}{link}".encode()
    if len(data) > limits.WIRE_BUNDLE_BYTES:
        message = f"the module may have at most {limits.WIRE_BUNDLE_BYTES} bytes, it has {len(data)}"
        raise InvalidInput(message, code="not-bundled", hint="take in less: leave large packages to the page")
    made = {recipe.output: PayloadFile(data)}
    if recipe.sourcemap:
        made[f"{recipe.output}.map"] = PayloadFile(_mapped(outputs[f"{name}.map"]))
    return made


def _mapped(data: bytes) -> bytes:
    """The map, its sources named as seen from the module's place among the author's files."""
    value = json.loads(data)
    before = f"..{ITEM}/"
    value["sources"] = ["../" + one.removeprefix(before) if one.startswith(before) else one for one in value["sources"]]
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"
