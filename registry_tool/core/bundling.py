"""What an author's sources are bundled into: which module is made, of what, and what it may take in.

    files ──recipe_of──▶ Recipe ──the bundler, confined──▶ module, and a list of what is in it ──judged──▶ a file more

Where what the folder names as its module cannot be loaded as it is (TypeScript, JSX, imports of other files or
packages), it is bundled when its author checks or publishes it. The module is then one of the release's files, at the
place in `BUILT`, and that is what is reviewed, signed and loaded. The author's own files stay as they are.
"""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from registry_tool.core.card import Card
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.ggui.conformance import ALLOWED
from registry_tool.core.ggui.contract import PACKAGE
from registry_tool.core.ggui.native import inside, read_native
from registry_tool.core.native.esmodule import Import, Module, read_module
from registry_tool.core.native.package_json import dependencies, peers, read_package
from registry_tool.core.native.package_lock import (
    FILE,
    LOCKING,
    Locked,
    closure,
    is_package_name,
    package_of,
    read_lock,
)
from registry_tool.core.payload import Payload
from registry_tool.core.quoting import quoted

BUILT: Final[Mapping[str, str]] = {
    "blueprint": "dist/blueprint.tsx",
    "gadget": "dist/gadget.js",
    "widget": "dist/widget.js",
}
"""Where the module lies that is made of a kind's sources."""

CARD: Final = "artifact.yaml"
_NATIVE: Final = "ggui.gadget.json"
_SCRIPT: Final = re.compile(r".*\.[cm]?[jt]sx?")
_LOADED: Final = re.compile(r".*\.m?js")
_TYPED: Final = re.compile(r".*\.(?:[cm]?tsx?|jsx)")
_ENDINGS: Final = (".tsx", ".ts", ".jsx", ".js", ".mts", ".mjs", ".json")
_USUAL: Final = {
    "blueprint": ("src/blueprint.tsx",),
    "gadget": (),
    "widget": ("widget.js", "widget.mjs", "index.js", "index.mjs", "dist/widget.js", "dist/index.js"),
}
_TSCONFIG: Final = re.compile(r"(?:.*/)?(?:ts|js)config(?:\.[\w-]+)?\.json")
_NODE: Final = frozenset("assert buffer child_process crypto fs http https net os path process stream url util".split())


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one module is made."""

    kind: str
    entry: str
    """The source that it begins with."""
    outside: tuple[str, ...] = ()
    """Packages that stay imports, since the page brings them along, sorted."""
    used: tuple[str, ...] = ()
    """Packages that the author's own files import, sorted."""
    packages: Mapping[str, Locked] = field(default_factory=dict)
    """Packages that may be taken in, by the folder that they lie in."""
    sourcemap: bool = False
    """Never for a blueprint, which nobody runs as it is."""

    @property
    def output(self) -> str:
        """The path of the module among the release's files."""
        return BUILT[self.kind]


def said_entry(kind: str, payload: Payload, card: Card) -> str:
    """The module that the folder names; empty where it names none, or holds the source in another file."""
    if card.entry:
        return inside(card.entry)
    if kind == "gadget":
        bundle = read_native(payload, _NATIVE, "gadget")[0].get("bundle")
        if isinstance(bundle, str):
            return inside(bundle)
    modules = read_package(payload).modules if kind != "blueprint" else ()
    there = (path for path in (*modules, *_USUAL[kind]) if path in payload)
    return next(there, next(iter(modules), ""))


def loaded_entry(kind: str, payload: Payload, card: Card) -> str:
    """The module that is loaded: what was made of the sources where it is there and needed, else what is named."""
    said = said_entry(kind, payload, card)
    built = BUILT[kind]
    return built if built in payload and built != said and _needed(kind, payload, said) else said


def bundled_note(kind: str, payload: Payload, card: Card) -> Iterator[Finding]:
    """A remark for whoever reads the sources, where something that was made of them is what is loaded."""
    said, entry = said_entry(kind, payload, card), loaded_entry(kind, payload, card)
    if entry == BUILT[kind] and said != entry:
        sources = f"made of {quoted(said)} and what that imports" if said else "made of its sources"
        message = f"this module is what is loaded, {sources}; nobody has compared the two"
        yield Finding("bundle", "note", message, entry, "read this one, or bundle the sources again: registry check")


def recipe_of(kind: str, payload: Payload, card: Card) -> Recipe | None:
    """How the module is made of the folder's sources; `None` where nothing is to be made.

    Raises `InvalidInput` with a finding for each import that a module may not have.
    """
    if kind not in BUILT or (kind == "blueprint" and _holds_source(payload)):
        return None
    said = said_entry(kind, payload, card)
    entry = said if said in payload or kind == "blueprint" else _source(kind, payload, said)
    if entry not in payload or entry == BUILT[kind] or not (entry != said or _needed(kind, payload, entry)):
        return None
    outside = _outside(kind, payload)
    used, found = _walk(kind, payload, entry, outside)
    packages: Mapping[str, Locked] = {}
    if kind != "blueprint" and not found and (used or FILE in payload):
        lock = read_lock(payload)
        packages = closure(lock, dependencies(payload), without=outside)
        locked = {folder for folder, one in packages.items() if one.integrity}
        missing = [fault for name, fault in used.items() if f"node_modules/{name}" not in locked]
        found += lock.findings if missing and lock.findings else missing
    if found:
        message = f"{entry} cannot be bundled as it is"
        raise InvalidInput(message, code="not-bundled", findings=tuple(dict.fromkeys(found)))
    sourcemap = card.bundle is not None and card.bundle.sourcemap and kind != "blueprint"
    return Recipe(kind, entry, outside, tuple(sorted(used)), packages, sourcemap)


def compiled(kind: str, payload: Payload, card: Card) -> Recipe | None:
    """How a blueprint's source is compiled that is published as it is, to see that it can be; `None` for others."""
    if kind != "blueprint" or _holds_source(payload):
        return None
    entry = loaded_entry(kind, payload, card)
    return Recipe(kind, entry, _outside(kind, payload)) if entry in payload else None


def _holds_source(payload: Payload) -> bool:
    return "source" in read_native(payload, "ggui.blueprint.json", "blueprint")[0]


def _source(kind: str, payload: Payload, said: str) -> str:
    """The source of a module that is not there yet: a file of its name, else a usual one."""
    stem = posixpath.splitext(posixpath.basename(said))[0] if said else kind
    for name in dict.fromkeys((stem, kind, "index", "main")):
        for path in (f"src/{name}", name):
            for ending in _ENDINGS[:-1]:
                if path + ending in payload:
                    return path + ending
    return ""


def _outside(kind: str, payload: Payload) -> tuple[str, ...]:
    """What a page has already: react and its like, and what a gadget's own file or package.json leaves to it."""
    if kind == "widget":
        return ()
    more: Collection[str] = ()
    if kind == "gadget":
        told = read_native(payload, _NATIVE, "gadget")[0].get("peerDeps", {}) if _NATIVE in payload else peers(payload)
        more = [name for name in told if PACKAGE.fullmatch(name)] if isinstance(told, Mapping) else ()
    return tuple(sorted({*(package_of(name) for name in ALLOWED), *more}))


def _read(payload: Payload, path: str) -> Module | None:
    """A module of any make; `None` where it is none, or where another reader has to say so."""
    try:
        return read_module(payload[path].data.decode("utf-8"), tsx=True)
    except (UnicodeDecodeError, InvalidInput):
        return None


def _needed(kind: str, payload: Payload, entry: str) -> bool:
    """Whether no page could load `entry` as it is, and the bundler may mend that."""
    if entry not in payload or (kind != "blueprint" and _TYPED.fullmatch(entry)):
        return True
    module = _read(payload, entry)
    if module is None:
        return False  # the kind's own reader says what is wrong
    if kind != "blueprint" and not _is_plain(payload[entry].data):
        return True
    outside = _outside(kind, payload)
    return any(_to_take_in(kind, payload, entry, one, outside) for one in module.imports)


def _is_plain(data: bytes) -> bool:
    """Whether a module is JavaScript without types and JSX."""
    try:
        read_module(data.decode("utf-8"), tsx=False)
    except InvalidInput:
        return False
    return True


def _to_take_in(kind: str, payload: Payload, path: str, one: Import, outside: Collection[str]) -> bool:
    """Whether an import has to be taken into the module; a scheme or an absolute path never is."""
    if one.specifier is None or one.kind in ("require", "type") or _foreign(one.specifier):
        return False
    if _relative(one.specifier):
        # The modules of a widget are loaded one by one, where each stands there as it is.
        return kind != "widget" or not _LOADED.fullmatch(_joined(path, one.specifier))
    return package_of(one.specifier) not in outside


def _relative(specifier: str) -> bool:
    return specifier in (".", "..") or specifier.startswith(("./", "../"))


def _foreign(specifier: str) -> bool:
    return specifier.startswith("/") or ":" in specifier or "\\" in specifier


def _joined(path: str, specifier: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))


def _walk(
    kind: str, payload: Payload, entry: str, outside: Collection[str]
) -> tuple[Mapping[str, Finding], list[Finding]]:
    """The packages that the author's own modules import, each with the fault if it is not locked, and other faults."""
    named = dependencies(payload) if kind != "blueprint" else ()
    aliases = any(_TSCONFIG.fullmatch(path) and b'"paths"' in payload[path].data for path in payload)
    used: dict[str, Finding] = {}
    found: list[Finding] = []
    queue = [entry]
    for path in queue:  # grows while it is read
        module = _read(payload, path)
        for one in module.imports if module else ():
            fault = _fault(kind, one, outside)
            if fault or one.specifier is None or one.kind == "type":
                found += [Finding("bundle-import", "fail", *_placed(fault, path, one))] if fault else []
            elif _relative(one.specifier):
                target = _target(payload, path, one.specifier)
                if target is None:
                    fault = (f"there is no file {quoted(one.specifier)}", "add it, or mend the path; .gitignore counts")
                    found.append(Finding("bundle-import", "fail", *_placed(fault, path, one)))
                elif target not in queue and _SCRIPT.fullmatch(target):
                    queue.append(target)
            elif (name := package_of(one.specifier)) in outside:
                continue
            elif name in named:
                fault = (f"{quoted(name)} is not in package-lock.json with a digest", LOCKING)
                used.setdefault(name, Finding("bundle-import", "fail", *_placed(fault, path, one)))
            elif is_package_name(name) and not aliases:
                found.append(Finding("bundle-import", "fail", *_placed(_undeclared(kind, name), path, one)))
    return used, found


def _placed(fault: tuple[str, str], path: str, one: Import) -> tuple[str, str, str, int]:
    return f"line {one.line}: {fault[0]}", path, fault[1], one.line


def _fault(kind: str, one: Import, outside: Collection[str]) -> tuple[str, str] | None:
    """Why no module may have this import, wherever it leads, and what to do."""
    if one.specifier is None:
        return "what is imported must stand there as plain text", "write the module's name or path in quotes"
    if one.kind == "require":
        return f"require({quoted(one.specifier)}) works in no browser", 'write: import … from "…"'
    if _foreign(one.specifier):
        allowed = ", ".join(outside) or "nothing"
        return (
            f"{quoted(one.specifier)} may not be imported, only files of the folder and packages",
            f"a {kind} runs in a page, which brings along {allowed}; it has no node and fetches no code",
        )
    return None


def _undeclared(kind: str, name: str) -> tuple[str, str]:
    if kind == "blueprint":
        return (
            f"{quoted(name)} may not be imported: a blueprint is source, and takes in files of its own folder only",
            "write what you need from it into the source; gadgets come from @ggui-ai/gadgets",
        )
    if name in _NODE:
        return f"{quoted(name)} may not be imported: it belongs to node, and this runs in a page", "write it without"
    leave = ", or leave it to the app: peerDependencies (peerDeps in ggui.gadget.json)" if kind == "gadget" else ""
    return (
        f"{quoted(name)} may not be imported: package.json does not name it among its dependencies",
        f"to take it in, run: npm install --save {name}{leave}",
    )


def _target(payload: Payload, path: str, specifier: str) -> str | None:
    """The file that a relative import names, as bundlers find it; `None` where there is none."""
    base = _joined(path, specifier)
    stem, ending = posixpath.splitext(base)
    written = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",)}.get(ending, ())
    folder = "" if base == "." else f"{base}/"
    tries = (base, *(base + one for one in _ENDINGS), *(stem + one for one in written))
    return next((one for one in (*tries, *(f"{folder}index{one}" for one in _ENDINGS)) if one in payload), None)
