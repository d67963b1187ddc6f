"""The conformance gate: whether a gadget's bundle or a blueprint's source may be published.

Codes, their order and what passes are the ggui client's (ggui wire facts, part 8). Where that gate has
holes we close them under its own codes, since each of these brings in code that no import names:
`export … from`, `require()`, `eval`, `new Function`, JSX pragmas, peer dependencies that are addresses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from registry_tool.core import limits
from registry_tool.core.canonical import Json
from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui.contract import PACKAGE
from registry_tool.core.ggui.manifest import BlueprintManifest, GadgetManifest, read_manifest
from registry_tool.core.native.esmodule import Exports, Module, read_module
from registry_tool.core.quoting import quoted

Code = Literal[
    "manifest_invalid",
    "bundle_parse_error",
    "disallowed_import",
    "missing_default_export",
    "blueprint_source_too_large",
    "blueprint_compile_error",
    "blueprint_disallowed_import",
    "blueprint_missing_default_export",
    "fixture_props_shape_mismatch",
]
"""What the gate can answer; the client's `blueprint_runtime_probe_failed` needs a browser."""

ALLOWED = frozenset(["react", "react-dom", "react/jsx-runtime", "@ggui-ai/gadgets"])
"""What every module may import, each exactly so."""

_FOLLOWED = ("static", "type", "reexport")


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why it may not be published."""

    code: str
    """A stable word, one of `Code` or a lint."""
    message: str
    """What was expected and what came."""
    path: str = ""
    """Its place in the manifest, `bundle` for the compiled module, `gadgets[1]` for a row."""
    line: int | None = None
    """1-based line in the bundle or the source, where there is one."""


def conformance(manifest: Json, bundle: str | None) -> tuple[Fault, ...]:
    """Why this may not be published, in the client's order; empty where it may.

    1. the manifest is valid   2. bundle or source is there, small enough and an ES module
    3. static imports   4. computed and hidden ones   5. the exports   6. fixture properties
    A fault in 1 or 2 ends it; the others are told together. `bundle` is for gadgets; blueprints bring their source.
    """
    # 1
    try:
        read = read_manifest(manifest)
    except InvalidInput as error:
        return tuple(Fault("manifest_invalid", finding.message, finding.path) for finding in error.findings)
    return tuple(_blueprint(read) if isinstance(read, BlueprintManifest) else _gadget(read, bundle))


def _gadget(manifest: GadgetManifest, bundle: str | None) -> Iterator[Fault]:
    # 2
    if not bundle:
        yield Fault("bundle_parse_error", "a gadget needs its compiled module, and there is none", "bundle")
        return
    try:
        module = read_module(bundle, tsx=False)
    except InvalidInput as error:
        yield _broken("bundle_parse_error", error, "bundle")
        return
    # 3, 4
    peers = frozenset(name for name in manifest.peer_deps or {} if PACKAGE.fullmatch(name))
    yield from _imports(module, peers, "disallowed_import", "bundle")
    # 5
    for export in manifest.exports:
        if not (module.exports.default or export.name in module.exports.names):
            words = (
                f"the bundle has neither an export {export.name} nor `export default`; it has {_listed(module.exports)}"
            )
            yield Fault("missing_default_export", words, "bundle")


def _blueprint(manifest: BlueprintManifest) -> Iterator[Fault]:
    # 2
    size = len(manifest.source.encode("utf-8"))
    if size > limits.WIRE_BUNDLE_BYTES:
        words = f"the source may have at most {limits.WIRE_BUNDLE_BYTES} bytes, it has {size}"
        yield Fault("blueprint_source_too_large", words, "source")
        return
    try:
        module = read_module(manifest.source, tsx=True)
    except InvalidInput as error:
        yield _broken("blueprint_compile_error", error, "source")
        return
    # 3, 4
    yield from _imports(module, frozenset(), "blueprint_disallowed_import", "source")
    # 5
    if not (module.exports.default or "default" in module.exports.names):
        words = f"the source has no default export, which is what is shown; it has {_listed(module.exports)}"
        yield Fault("blueprint_missing_default_export", words, "source")
    # 6
    props = (manifest.contract or {}).get("propsSpec")
    if props is not None and "fixture_props" in manifest.model_fields_set:
        yield from _fixture(manifest.fixture_props, props["properties"])


def _broken(code: Code, error: InvalidInput, path: str) -> Fault:
    return Fault(code, str(error), path, error.findings[0].line)


def _imports(module: Module, peers: frozenset[str], code: Code, path: str) -> Iterator[Fault]:
    allowed = ", ".join(sorted(ALLOWED | peers))
    # The client looks at the static ones first; `sorted` keeps the order of the text among equals.
    for found in sorted(module.imports, key=lambda found: found.kind not in _FOLLOWED):
        if found.specifier is None:
            words = f"line {found.line}: what is imported must stand there as plain text, one of {allowed}"
            yield Fault(code, words, path, found.line)
        elif not _may_import(found.specifier, peers):
            words = f"line {found.line}: {quoted(found.specifier)} may not be imported, only {allowed}"
            yield Fault(code, words, path, found.line)
    for hazard in module.hazards:
        if hazard.kind in ("eval", "new Function"):
            words = f"line {hazard.line}: {quoted(hazard.text)} runs code that nobody can look at before"
            yield Fault(code, words, path, hazard.line)


def _may_import(specifier: str, peers: frozenset[str]) -> bool:
    if specifier in ALLOWED or specifier in peers:
        return True
    parts = specifier.split("/")
    root = "/".join(parts[: 2 if specifier.startswith("@") else 1])
    return root in peers and ".." not in parts


def _listed(exports: Exports) -> str:
    return ", ".join(sorted(exports.names)) or "none"


def _fixture(fixture: Json, properties: Json) -> Iterator[Fault]:
    code: Code = "fixture_props_shape_mismatch"
    if not isinstance(fixture, dict):
        yield Fault(code, "fixtureProps must be an object, as the contract has properties", "fixtureProps")
        return
    missing = [name for name, prop in properties.items() if prop.get("required") is True and name not in fixture]
    if missing:
        names = ", ".join(quoted(name) for name in missing)
        yield Fault(code, f"fixtureProps has no {names}, which the contract requires", "fixtureProps")
