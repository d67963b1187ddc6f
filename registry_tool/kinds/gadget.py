"""Gadgets: ES modules with hooks and components for the interfaces that an agent writes (ggui).

What a browser loads is one ES module, published as it is. What the ggui client reads about it is made from
`ggui.gadget.json` and the manifest that was signed; a module without that file is described by its exports.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from registry_tool.core.bundling import bundled_note, loaded_entry
from registry_tool.core.canonical import Json
from registry_tool.core.card import Card
from registry_tool.core.digest import sri
from registry_tool.core.document import Document, Seq
from registry_tool.core.errors import InvalidInput, StateForbids, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.ggui import wire
from registry_tool.core.ggui.install import gadget_row, row_faults
from registry_tool.core.ggui.manifest import GadgetManifest
from registry_tool.core.ggui.native import (
    completed,
    gate_findings,
    inside,
    judged,
    manifest_findings,
    proposals,
    read_native,
    required_findings,
    shortened,
    size_findings,
)
from registry_tool.core.kind import Kind, Reading
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.native.connect import CONNECT_RULES, connect_needs
from registry_tool.core.native.esmodule import Module
from registry_tool.core.native.gadget_module import (
    CARD,
    GADGET_FILE,
    bundling,
    described,
    nothing_exported,
    read_entry,
)
from registry_tool.core.native.license import mit_text
from registry_tool.core.native.package_json import Package, read_package
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar
from registry_tool.core.plan import Place, Plan, PutTree, SetRow
from registry_tool.core.quoting import quoted
from registry_tool.core.verified import Verified


class GadgetExport(Document):
    """One hook or component; where only the module names it, the texts come from the manifest."""

    hook: str | None = None
    component: str | None = None
    description: str | None = None
    usage: str | None = None
    example: str | None = None
    """As people read it: a text as it is, any other value as JSON."""
    gotchas: str | None = None


class GadgetSpec(Document):
    """A gadget's `spec`."""

    native_name: str
    """The name in ggui.gadget.json or package.json; empty where neither is there."""
    entry: str
    """The ES module that a browser loads."""
    exports: Annotated[Seq[GadgetExport], Field(min_length=1)]
    hooks: Seq[str]
    """Names of its hooks, sorted."""
    peer_deps: dict[str, str] = Field(alias="peerDeps")
    """Modules that the app brings along, with their ranges."""
    requires: Seq[str]
    """Settings that the app must give, sorted."""
    connect: Seq[str]
    """Addresses that it talks to, as written."""
    mcp_tools: Seq[dict[str, str]] = Field(alias="mcpTools")
    """Tools that it belongs to: `tool`, perhaps `server`."""
    sri: Annotated[dict[str, str], Field(min_length=1)]
    style: str | None = None
    """Its stylesheet, which no client loads yet."""


GRAMMAR: Final = Grammar(rules=CONNECT_RULES)
"""What a gadget can be granted."""


def read(payload: Payload, card: Card) -> Reading:
    """What ggui.gadget.json and the module say; the author's mistakes are findings."""
    native = GADGET_FILE if GADGET_FILE in payload else ""
    value, found = read_native(payload, GADGET_FILE, "gadget")
    package = Package() if native else read_package(payload)
    fields, said = proposals(value, native) if native else (dict(package.fields), package.findings)
    if native and not found:
        found = manifest_findings(_whole(value, card), native)
    if found:
        return Reading(native=native, fields=fields, findings=(*found, *said))
    entry = loaded_entry("gadget", payload, card)
    module, faults = read_entry(payload, entry, said=native or CARD)
    if module is None:
        return Reading(native=native, fields=fields, findings=(*said, *faults))
    base = value if native else described(module, entry, payload)
    if not base["exports"]:
        return Reading(native=native, fields=fields, findings=(*said, nothing_exported(entry)))
    needs, unreachable = connect_needs(base.get("connect", ()), native)
    spec = _spec(base, payload, entry, str(value.get("name") or package.name), told=bool(native))
    return Reading(
        native=native,
        fields=fields,
        spec=spec,
        needs=needs,
        exact=("connect",) if "connect" in base else (),
        findings=(
            *said,
            *_code_findings(_whole(base, card), payload, entry, module, native),
            *_clashes(base, native or entry),
            *unreachable,
            *_style(base, payload, native),
            *size_findings(spec, native or entry),
            *bundled_note("gadget", payload, card),
        ),
    )


def _whole(value: Mapping[str, Json], card: Card) -> dict[str, Json]:
    return {"description": "A gadget.", **judged(value, "gadget", card)}


def _code_findings(whole: Json, payload: Payload, entry: str, module: Module, native: str) -> tuple[Finding, ...]:
    text, hint = payload[entry].data.decode("utf-8"), bundling(entry)
    found = gate_findings(whole, text, code=entry, native=native or CARD, hint=hint)
    return found or required_findings(module, entry, hint)


def _clashes(base: Mapping[str, Json], path: str) -> Iterator[Finding]:
    """Exports that every app has already, so that none could install it."""
    for fault in row_faults([{"package": "@", "version": "", "exports": base["exports"]}]):
        yield Finding("gadget-clash", "fail", f"{fault.message}, which every app has", path, "export another name")


def _style(base: Mapping[str, Json], payload: Payload, path: str) -> Iterator[Finding]:
    style = base.get("style")
    if style and inside(style) not in payload:
        message = f"the stylesheet {quoted(style)} is not among the files"
        yield Finding("gadget-style", "warn", message, path, "add it, or take style out")
    elif style:
        message = "no client loads a gadget's stylesheet yet"
        yield Finding("gadget-style", "note", message, path, "set the styles that it cannot do without in the module")


def _spec(
    base: Mapping[str, Json], payload: Payload, entry: str, name: str, *, told: bool
) -> dict[str, Any]:  # Any: JSON
    exports = [_shown(export, told=told) for export in base["exports"]]
    return {
        "native_name": name,
        "entry": entry,
        "exports": exports,
        "hooks": sorted(export["hook"] for export in exports if "hook" in export),
        "peerDeps": dict(base.get("peerDeps", {})),
        "requires": sorted(set(base.get("requires", ()))),
        "connect": list(base.get("connect", ())),
        "mcpTools": [dict(binding) for binding in base.get("mcpTools", ())],
        "sri": {entry: sri(payload[entry].data)},
        **({"style": base["style"]} if "style" in base else {}),
    }


def _shown(export: Mapping[str, Json], *, told: bool) -> dict[str, str]:
    name = {noun: export[noun] for noun in ("hook", "component") if noun in export}
    if not told:
        return name
    example = export["example"]
    text = example if isinstance(example, str) else wire.canonical(example).decode("utf-8")
    return {
        **name,
        **{key: export[key] for key in ("description", "usage", "gotchas") if key in export},
        "example": text,
    }


def wire_manifest_of(manifest: Manifest, payload: Payload) -> dict[str, Json]:
    """What the ggui client reads about a release: the author's file under what was signed, valid for the wire.

    Raises `InvalidInput` where the wire has no form for it, as for the version `1.0.0-a-b`.
    """
    value, faults = read_native(payload, GADGET_FILE, "gadget")
    if faults:
        raise InvalidInput(faults[0].message, where=GADGET_FILE, hint=faults[0].hint, findings=faults)
    spec = manifest.spec
    if GADGET_FILE not in payload:
        names = [(noun, name) for export in spec["exports"] for noun, name in export.items()]
        sentence = shortened(manifest.title)
        value["exports"] = [
            {
                noun: name,
                "description": sentence,
                "usage": f'import {{ {name} }} from "{manifest.artifact}"',
                "example": None,
            }
            for noun, name in names
        ]
        if spec["peerDeps"]:
            value["peerDeps"] = spec["peerDeps"]
    if "connect" not in value and manifest.permissions:
        value["connect"] = [permission.removeprefix("connect:") for permission in manifest.permissions]
    return completed({**value, "bundle": spec["entry"]}, manifest)


def wire_payload(manifest: Manifest, payload: Payload) -> bytes:
    """The bytes that the wire's signature of a release covers: its ES module. Raises as `wire_manifest_of` does."""
    wire_manifest_of(manifest, payload)
    return payload[manifest.spec["entry"]].data


def plan(verified: Verified, place: Place) -> Plan:
    """A row in `app.gadgets[]` of ggui.json, which is what an app reads, and a copy of all files beside it.

    The row names the module at the registry's public address, with the `sha384-…` of the bytes that were
    verified, so the address is trusted with nothing. The copy in `.ggui/installed-gadgets/` is for people and for
    work without a network; the row cannot point there, since a browser loads the module. Raises `StateForbids` for
    a registry without an address and `WrongUsage` for another name.
    """
    manifest = verified.manifest
    if place.name is not None:
        message = f"a gadget is imported as {verified.artifact}, it cannot be called {quoted(place.name)}"
        raise WrongUsage(message, code="bad-name", hint="leave out --name")
    if not place.address:
        message = f"an app loads {verified.artifact} from the registry's public address, and this registry has none"
        hint = "whoever runs the registry gives it one: registry init --url https://…"
        raise StateForbids(message, code="no-address", hint=hint)
    wired = GadgetManifest.model_validate(wire_manifest_of(manifest, verified.payload))
    url = f"{place.address}bundles/public/{verified.artifact}/{manifest.version}/bundle.js"
    entry = manifest.spec["entry"]
    notes = [f"Set {key} in app.publicEnv of ggui.json before the gadget is used." for key in manifest.spec["requires"]]
    return Plan(
        (
            PutTree(f".ggui/installed-gadgets/{manifest.id.slug}__{manifest.version}", verified.payload),
            SetRow(
                "ggui.json",
                ("app", "gadgets"),
                "package",
                gadget_row(wired, bundle_url=url, bundle_sri=sri(verified.payload[entry].data)),
            ),
        ),
        ("ggui",),
        tuple(notes),
    )


_FILE: Final = """{
  "kind": "gadget",
  "scope": "@%scope",
  "name": "%name",
  "version": "1.0.0",
  "visibility": "public",
  "description": "A hook that counts down to a moment, second by second.",
  "license": "MIT",
  "tags": ["hooks", "time"],
  "bundle": "src/index.js",
  "exports": [
    {
      "hook": "useCountdown",
      "description": "The days, hours, minutes and seconds that are left until a moment.",
      "usage": "const left = useCountdown(until)",
      "example": "const { days, hours, minutes, seconds, over } = useCountdown('2030-01-01T00:00:00Z');",
      "gotchas": "It renders once a second until the moment has come."
    }
  ]
}
"""

_MODULE: Final = """import { useEffect, useState } from "react";

/**
 * What is left until a moment.
 * @param {string | number | Date} until a date, or what `new Date` takes
 * @returns {{ days: number, hours: number, minutes: number, seconds: number, over: boolean }}
 */
export function useCountdown(until) {
  const end = new Date(until).getTime();
  const [now, setNow] = useState(() => Date.now());
  const over = !(end > now);

  useEffect(() => {
    if (over) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [over]);

  const left = over ? 0 : Math.ceil((end - now) / 1000);
  return {
    days: Math.floor(left / 86400),
    hours: Math.floor(left / 3600) % 24,
    minutes: Math.floor(left / 60) % 60,
    seconds: left % 60,
    over,
  };
}
"""

_ARTIFACT: Final = """id: "@%scope/%name"
kind: gadget
title: Countdown
license: MIT
permissions: []
"""


def template(artifact: ArtifactId) -> Payload:
    """A hook that counts down to a moment, as one ES module that uses React alone."""

    def filled(text: str) -> bytes:
        return text.replace("%scope", artifact.scope).replace("%name", artifact.name).encode()

    return {
        "LICENSE": PayloadFile(mit_text(artifact.scope)),
        "artifact.yaml": PayloadFile(filled(_ARTIFACT)),
        GADGET_FILE: PayloadFile(filled(_FILE)),
        "src/index.js": PayloadFile(_MODULE.encode()),
    }


KIND: Final = Kind(
    id="gadget",
    category="gadgets",
    title="Gadgets",
    summary="Hooks and components that interfaces written by an agent can use.",
    icon="🪝",
    target="ggui.json",
    reader="gadget/1",
    spec=GadgetSpec,
    grammar=GRAMMAR,
    native=(GADGET_FILE,),
    way="frame",
    read=read,
    template=template,
    plan=plan,
    wire=wire_payload,
    wire_manifest=wire_manifest_of,
)
"""All that the tool knows about gadgets."""
