"""`ggui.gadget.json` and `ggui.blueprint.json`, read strictly.

The schemas are the ggui client's (ggui wire facts, part 2), and what they take we take, save where the
client's own reader lets something through that breaks later, or says one thing to people and
another to machines: addresses that are no web address, paths out of the folder, exports named twice,
versions that no client can install, members that signing would drop.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from registry_tool.core.canonical import Json
from registry_tool.core.document import Seq
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.ggui import wire
from registry_tool.core.ggui.contract import (
    ENTRIES,
    Component,
    ContractValue,
    Hook,
    Maybe,
    Sentence,
    Text,
    ToolName,
    Wire,
    counted,
    matching,
    units,
)
from registry_tool.core.quoting import SHOWN_CHARACTERS, quoted

BINDINGS = 16  # part 2: declared at most, derived cut
TAGS = 20  # part 2
BindingSource = Literal["declared", "derived", "none"]
"""Where a manifest's tool bindings come from."""

_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION = (
    r"(?:(?:0|[1-9][0-9]*)\.){2}(?:0|[1-9][0-9]*)"
    rf"(?:-{_IDENTIFIER}(?:\.{_IDENTIFIER})*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)
_INSTALLABLE = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(-[\w.]+)?(\+[\w.]+)?", re.ASCII)
_EMAIL = r"(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
_REST = r"(?:[/?#][^\s\x00-\x20\x7f]*)?"
_TOOL = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_CONNECT = re.compile(rf"(?:https?|wss?)://{_HOST}{_REST}")


def _path(text: str) -> str:
    odd = text.startswith("/") or ".." in text.split("/") or re.search(r"[\\\x00-\x1f\x7f]|^[A-Za-z]:", text)
    if odd:
        raise PydanticCustomError("path", "must be a path inside the folder, as src/index.ts")
    return text


def _installable(version: str) -> str:
    if _INSTALLABLE.fullmatch(version) is None:
        message = "has a hyphen inside its pre-release or build part, and no client can install such a gadget"
        raise PydanticCustomError("installable", message)
    return version


def _connectable(address: str) -> str:
    if _CONNECT.fullmatch(address) is None:
        raise PydanticCustomError("connect", "must be an address as https://api.example.org to be installable")
    return address


def _unlike(tools: tuple["ToolBinding", ...]) -> tuple["ToolBinding", ...]:
    if len(set(tools)) != len(tools):
        raise PydanticCustomError("twice", "names the same tool of the same server twice")
    return tools


def _one_each(exports: tuple["Export", ...]) -> tuple["Export", ...]:
    names = [export.name for export in exports]
    if len(set(names)) != len(names):
        raise PydanticCustomError("twice", "names one export twice, and the app's catalogue takes each only once")
    return exports


Link = Annotated[
    str, matching(rf"https?://{_HOST}{_REST}|mailto:[^\s\x00-\x20\x7f]+", "https://example.org, without spaces around")
]
"""An address for people; the client would take `javascript:` too, and trim spaces after signing."""

_Path = Annotated[Text, AfterValidator(_path)]
_Connect = Annotated[str, AfterValidator(_connectable)]
_Semver = Annotated[str, matching(_VERSION, "1.2.3")]
_EnvKey = Annotated[str, matching(r"GGUI_PUBLIC_APP_[A-Z0-9_]+", "GGUI_PUBLIC_APP_MAP_KEY")]
_Tag = Annotated[Text, Field(max_length=64), matching(r"[a-z0-9-]+", "time-series")]


class Author(Wire):
    """Who made it, as people read it; it proves nothing."""

    name: Annotated[str, units(1, 200)]
    email: Maybe[Annotated[str, matching(_EMAIL, "ann@example.org")]] = None
    url: Maybe[Link] = None


class ToolBinding(Wire):
    """A tool that this belongs to, on any server or on one."""

    tool: ToolName
    server: Maybe[ToolName] = None


class Export(Wire):
    """One hook or component that a gadget's bundle exports."""

    hook: Maybe[Hook] = None
    component: Maybe[Component] = None
    description: Sentence
    usage: Text
    example: Json
    gotchas: Maybe[str] = None

    @property
    def name(self) -> str:
        """The name that it is imported by; empty where neither is there, which `read_manifest` refuses."""
        return self.hook or self.component or ""


def _hook_or_component(export: Export) -> Export:
    if (export.hook is None) == (export.component is None):
        raise PydanticCustomError("one", "must have one of hook and component")
    return export


class _Manifest(Wire):
    """What both kinds have."""

    scope: Annotated[str, matching("@[a-z0-9][a-z0-9-]{0,62}[a-z0-9]", "@acme")]
    name: Annotated[str, matching("[a-z0-9][a-z0-9-]{0,62}[a-z0-9]", "solar-map")]
    version: _Semver
    visibility: Literal["public", "private"]
    tags: Maybe[Annotated[Seq[_Tag], counted(0, TAGS)]] = None
    author: Maybe[Author] = None
    license: Maybe[Text] = None
    homepage: Maybe[Link] = None
    mcp_tools: Maybe[Annotated[Seq[ToolBinding], counted(1, BINDINGS), AfterValidator(_unlike)]] = None

    @property
    def artifact_id(self) -> str:
        """`@scope/name`."""
        return f"{self.scope}/{self.name}"


class GadgetManifest(_Manifest):
    """`ggui.gadget.json`: hooks and components in one compiled ES module."""

    kind: Literal["gadget"]
    version: Annotated[_Semver, AfterValidator(_installable)]
    description: Sentence
    exports: Annotated[
        Seq[Annotated[Export, AfterValidator(_hook_or_component)]], counted(1, ENTRIES), AfterValidator(_one_each)
    ]
    bundle: _Path
    """The source's entry in the author's folder; what is published is the compiled module."""
    style: Maybe[_Path] = None
    requires: Maybe[Seq[_EnvKey]] = None
    """Settings that the app must give."""
    peer_deps: Maybe[dict[Text, Text]] = None
    bundle_host: Maybe[Annotated[str, matching(r"[a-z0-9.-]+(:[0-9]+)?", "cdn.example.org")]] = None
    connect: Maybe[Seq[_Connect]] = None
    """Addresses that it talks to."""


class Variance(Wire):
    """Hints for making others of its kind."""

    persona: Maybe[str] = None
    aesthetic: Maybe[str] = None
    seed_prompt: Maybe[str] = None
    context: Maybe[dict[str, Json]] = None


class BlueprintManifest(_Manifest):
    """`ggui.blueprint.json`: the TSX source of one component, often with a contract."""

    kind: Literal["blueprint"]
    source: Text
    description: Maybe[Sentence] = None
    contract: Maybe[ContractValue] = None
    """As the author wrote it; without one there is nothing to install."""
    fixture_props: Json = None
    """Any value, null too; `model_fields_set` tells whether there is one."""
    variance: Maybe[Variance] = None
    intent: Maybe[Text] = None
    generator_protocol_version: Maybe[Text] = None
    tool_identity_catalog_hash: Maybe[Text] = None


def read_manifest(value: Json) -> GadgetManifest | BlueprintManifest:
    """The manifest that a parsed `ggui.gadget.json` or `ggui.blueprint.json` holds.

    Raises `InvalidInput` with every fault as a finding `wire-manifest`, whose path is the place in the
    manifest, as `exports[0].hook`.
    """
    if not isinstance(value, Mapping):
        raise _refused([_finding("", f"must be a JSON object, it is {_shown(value)}")])
    models: dict[object, type[GadgetManifest | BlueprintManifest]] = {
        "gadget": GadgetManifest,
        "blueprint": BlueprintManifest,
    }
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in models:
        raise _refused([_finding("kind", f"must be 'gadget' or 'blueprint', it is {_shown(kind)}")])
    lost = [_finding(place, words) for place, words in wire.losses(value)]
    if lost:
        raise _refused(lost)
    try:
        return models[kind].model_validate(value)
    except ValidationError as error:
        raise _refused([_fault(fault) for fault in error.errors(include_url=False)]) from error


def tool_bindings(
    manifest: GadgetManifest | BlueprintManifest,
) -> tuple[tuple[dict[str, str], ...], BindingSource]:
    """The tools that a search finds the manifest by, each as `tool` and perhaps `server`, and where they come from.

    What is declared wins outright. Else a blueprint's come from its contract: the tools of its
    properties, then of its streams, in their order, each once, the first 16.
    """
    if manifest.mcp_tools:
        return tuple(binding.model_dump(exclude_unset=True) for binding in manifest.mcp_tools), "declared"
    if isinstance(manifest, GadgetManifest) or manifest.contract is None:
        return (), "none"
    names = [name for name in _contract_tools(manifest.contract) if _TOOL.fullmatch(name)]
    derived = tuple({"tool": name} for name in list(dict.fromkeys(names))[:BINDINGS])
    return derived, "derived" if derived else "none"


def _contract_tools(contract: Mapping[str, Json]) -> Iterable[str]:
    for prop in contract.get("propsSpec", {}).get("properties", {}).values():
        yield prop.get("sourceTool", "")
    for stream in contract.get("streamSpec", {}).values():
        yield stream.get("source", {}).get("tool", "")


def _refused(findings: list[Finding]) -> InvalidInput:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return InvalidInput(
        f"it is not a valid ggui manifest: {findings[0].message}{more}",
        code="wire-manifest",
        findings=tuple(findings),
    )


def _finding(place: str, words: str, hint: str = "") -> Finding:
    return Finding("wire-manifest", "fail", f"{place or 'the manifest'} {words}", place, hint)


def _fault(fault: Any) -> Finding:  # Any: pydantic's ErrorDetails
    place = ""
    for part in fault["loc"]:
        if part != "[key]":
            place = wire.inside(place, part)
    match fault["type"]:
        case "extra_forbidden":
            return _finding(place, "is not a member that is known here", "remove it, or look for a typing mistake")
        case "missing":
            return _finding(place, "is missing")
        case "null" | "count" | "length" | "twice" | "one":
            return _finding(place, fault["msg"])
        case _:
            return _finding(place, f"{_words(fault)}, it is {_shown(fault['input'])}")


def _words(fault: Any) -> str:  # Any: pydantic's ErrorDetails
    context = fault.get("ctx", {})
    match fault["type"]:
        case "string_type" | "string_too_short":
            return "must be a text, and not empty" if fault["type"] == "string_too_short" else "must be a text"
        case "string_too_long":
            return f"may have at most {context['max_length']} characters"
        case "literal_error":
            return f"must be {context['expected']}"
        case "bool_type":
            return "must be true or false"
        case "int_type" | "greater_than_equal":
            return "must be a whole number, 0 or more"
        case "tuple_type":
            return "must be a list"
        case "dict_type" | "model_type":
            return "must be an object"
        case _:
            return str(fault["msg"])


def _shown(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return json.dumps(value)[:SHOWN_CHARACTERS]
