"""Blueprints: the TSX source of one component, with a contract that tells agents how to fill it (ggui).

    ggui.blueprint.json     who it is; may hold `source` and `contract` itself
    src/blueprint.tsx       else the source, or what `entry` in artifact.yaml names
    dist/blueprint.tsx      else what that and the files that it imports were bundled into
    contract.json           else the contract

The wire knows one file that holds all of it, so that is composed, from the payload and what was signed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from registry_tool.core.bundling import bundled_note, loaded_entry
from registry_tool.core.canonical import Json
from registry_tool.core.card import Card
from registry_tool.core.document import Document, Seq
from registry_tool.core.errors import InvalidInput, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.ggui.install import BUILT_IN, blueprint_files, blueprint_folder
from registry_tool.core.ggui.manifest import BlueprintManifest, tool_bindings
from registry_tool.core.ggui.native import (
    completed,
    gate_findings,
    inside,
    judged,
    manifest_findings,
    proposals,
    read_json,
    read_native,
    required_findings,
    size_findings,
)
from registry_tool.core.ggui.wire import canonical
from registry_tool.core.kind import Kind, Reading
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.native.esmodule import read_module
from registry_tool.core.native.license import mit_text
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar
from registry_tool.core.plan import AddItem, Place, Plan, PutTree
from registry_tool.core.quoting import quoted
from registry_tool.core.verified import Verified

_CARD: Final = "artifact.yaml"
_NATIVE: Final = "ggui.blueprint.json"
_SOURCE: Final = "src/blueprint.tsx"
_CONTRACT: Final = "contract.json"
_FOLDER: Final = ".ggui/installed-blueprints"
_IMPORTS: Final = "write what you need from it into the source; gadgets come from @ggui-ai/gadgets"
_SPECS: Final[Mapping[str, str]] = {"actions": "actionSpec", "context": "contextSpec", "streams": "streamSpec"}


class BlueprintContract(Document):
    """The names in a contract, sorted; its schemas stay in the payload, as they may hold fractions."""

    props: Seq[str]
    actions: Seq[str]
    context: Seq[str]
    streams: Seq[str]
    tools: Seq[str]
    """Tools that the agent must have."""


class BlueprintSpec(Document):
    """A blueprint's `spec`."""

    native_name: str
    """The name in ggui.blueprint.json; empty where it says none."""
    entry: str
    """The file with the source; empty where ggui.blueprint.json holds it."""
    contract: BlueprintContract | None = None
    gadgets: Seq[str]
    """Gadgets that the contract names, sorted."""
    hooks: Seq[str]
    """Hooks and components of those gadgets that it uses, sorted: an update that uses more is looked at."""
    mcp_tools: Seq[dict[str, str]] = Field(alias="mcpTools")
    """Tools that it belongs to: `tool`, perhaps `server`."""
    intent: str | None = None
    """What it is for, in its author's words."""
    variance: dict[str, str] | None = None
    """Hints for making others of its kind."""


GRAMMAR: Final = Grammar()
"""A blueprint is granted nothing of its own; what it can do is what its gadgets can."""


def read(payload: Payload, card: Card) -> Reading:
    """What the blueprint's files say; the author's mistakes are findings."""
    native = _NATIVE if _NATIVE in payload else ""
    given, found = read_native(payload, _NATIVE, "blueprint")
    fields, said = proposals(given, native)
    told, file = native or _CARD, inside(card.entry or _SOURCE)
    entry = "" if "source" in given else loaded_entry("blueprint", payload, card) or file
    value, faults = _composed(given, payload, entry)
    whole = judged(value, "blueprint", card)
    found = (*found, *faults) or _missing(entry, payload, told) or manifest_findings(whole, told)
    if found:
        return Reading(native=native, fields=fields, findings=(*found, *said))
    spec = _spec(BlueprintManifest.model_validate(whole), str(given.get("name", "")), entry)
    return Reading(
        native=native,
        fields=fields,
        spec=spec,
        findings=(
            *said,
            *_differences(given, payload, file),
            *_code_findings(whole, entry or native, told),
            *_contract_findings(value, spec["gadgets"], card, told),
            *size_findings(spec, told),
            *bundled_note("blueprint", payload, card),
        ),
    )


def _composed(given: Mapping[str, Json], payload: Payload, entry: str) -> tuple[dict[str, Json], tuple[Finding, ...]]:
    """`given` with the source and the contract that lie beside it, where it holds none itself."""
    value = dict(given)
    if "source" not in value and entry in payload:
        try:
            value["source"] = payload[entry].data.decode("utf-8")
        except UnicodeDecodeError:
            return value, (Finding("blueprint-source", "fail", "it is not UTF-8", entry, "save it as UTF-8"),)
    if "contract" in value or _CONTRACT not in payload:
        return value, ()
    contract, faults = read_json(payload, _CONTRACT)
    return {**value, "contract": contract}, faults


def _missing(entry: str, payload: Payload, told: str) -> tuple[Finding, ...]:
    if not entry or entry in payload:
        return ()
    message = f"there is no source: neither {_NATIVE} holds one nor is {quoted(entry)} among the files"
    hint = f"write the component into {_SOURCE}, or into {_CARD}: entry: <the file with its TSX>"
    return (Finding("blueprint-source", "fail", message, told, hint),)


def _differences(given: Mapping[str, Json], payload: Payload, file: str) -> Iterator[Finding]:
    """Files that say something else than what is installed: a reviewer would read one and agents get the other."""
    if "source" in given and file in payload and payload[file].data != given["source"].encode("utf-8"):
        message = f"it holds another source than {_NATIVE}, which is what would be installed"
        yield Finding("blueprint-twice", "fail", message, file, f'take "source" out of {_NATIVE}, or remove this file')
    if "contract" in given and _CONTRACT in payload and read_json(payload, _CONTRACT)[0] != given["contract"]:
        message = f"it holds another contract than {_NATIVE}, which is what would be installed"
        hint = f'take "contract" out of {_NATIVE}, or remove this file'
        yield Finding("blueprint-twice", "fail", message, _CONTRACT, hint)


def _code_findings(whole: Mapping[str, Json], code: str, told: str) -> tuple[Finding, ...]:
    found = gate_findings(whole, None, code=code, native=told, hint=_IMPORTS)
    return found or required_findings(read_module(whole["source"], tsx=True), code, _IMPORTS)


def _contract_findings(value: Mapping[str, Json], gadgets: Sequence[str], card: Card, told: str) -> Iterator[Finding]:
    if "contract" not in value:
        message = "it has no contract, so an app gets its source and no agent finds it or fills it"
        yield Finding("blueprint-contract", "warn", message, told, f"say what it takes in {_CONTRACT}")
    for gadget in gadgets:
        if gadget not in (BUILT_IN, *card.dependencies):
            message = f"it uses the gadget {quoted(gadget)}, which is not installed with it"
            hint = f'where this registry has it, write into {_CARD}: dependencies: {{"{gadget}": "^1.0.0"}}'
            yield Finding("blueprint-gadget", "note", message, told, hint)


def _spec(manifest: BlueprintManifest, name: str, entry: str) -> dict[str, Any]:  # Any: JSON
    contract: Json = manifest.contract or {}
    used = contract.get("clientCapabilities", {}).get("gadgets", {})
    bindings, _ = tool_bindings(manifest)
    spec: dict[str, Any] = {  # Any: JSON
        "native_name": name,
        "entry": entry,
        "gadgets": sorted(used),
        "hooks": sorted({name for exports in used.values() for name in exports}),
        "mcpTools": [dict(binding) for binding in bindings],
    }
    if manifest.contract is not None:
        spec["contract"] = {
            "props": sorted(contract.get("propsSpec", {}).get("properties", {})),
            **{name: sorted(contract.get(member, {})) for name, member in _SPECS.items()},
            "tools": sorted(contract.get("agentCapabilities", {}).get("tools", {})),
        }
    if manifest.intent is not None:
        spec["intent"] = manifest.intent
    if manifest.variance is not None:
        spec["variance"] = manifest.variance.model_dump(by_alias=True, exclude_unset=True, exclude={"context"})
    return spec


def wire_manifest_of(manifest: Manifest, payload: Payload) -> dict[str, Json]:
    """What the ggui client reads about a release, and its author signs for it: everything in one value.

    Raises `InvalidInput` where the wire has no form for it.
    """
    given, found = read_native(payload, _NATIVE, "blueprint")
    value, faults = _composed(given, payload, manifest.spec["entry"])
    if found or faults:
        fault = (*found, *faults)[0]
        raise InvalidInput(fault.message, where=fault.path, hint=fault.hint, findings=(*found, *faults))
    return completed(value, manifest)


def wire_payload(manifest: Manifest, payload: Payload) -> bytes:
    """The bytes that the wire's signature of a release covers. Raises as `wire_manifest_of` does."""
    return canonical(wire_manifest_of(manifest, payload))


def plan(verified: Verified, place: Place) -> Plan:
    """A folder of its own, in which the ggui client finds it, and the pattern by which the client looks.

    Without a contract there is nothing to be found by: the ggui client then writes nothing and says that it did;
    here the source is written all the same, where a person finds it, and the plan says so. Raises `WrongUsage`
    for another name.
    """
    if place.name is not None:
        message = f"a blueprint is found as {verified.artifact}, it cannot be called {quoted(place.name)}"
        raise WrongUsage(message, code="bad-name", hint="leave out --name")
    manifest = BlueprintManifest.model_validate(wire_manifest_of(verified.manifest, verified.payload))
    files = blueprint_files(manifest) or {"index.tsx": manifest.source.encode("utf-8")}
    folder = PutTree(
        f"{_FOLDER}/{blueprint_folder(manifest)}", {path: PayloadFile(files[path]) for path in sorted(files)}
    )
    gadgets = tuple(
        f"It uses the gadget {name}; install that too, if the app does not have it."
        for name in verified.manifest.spec["gadgets"]
        if name not in (BUILT_IN, *verified.manifest.dependencies)
    )
    if manifest.contract is None:
        note = f"It has no contract, so no agent finds it; its source is {folder.path}/index.tsx."
        return Plan((folder,), (), (note, *gadgets))
    glob = AddItem("ggui.json", ("blueprints", "include"), f"{_FOLDER}/**/ggui.ui.json")
    return Plan((folder, glob), ("ggui",), gadgets)


_FILE: Final = """{
  "kind": "blueprint",
  "scope": "@%scope",
  "name": "%name",
  "version": "1.0.0",
  "visibility": "public",
  "description": "The steps of a task, with those that are done.",
  "license": "MIT",
  "tags": ["progress", "tasks"],
  "intent": "Show how far a task of several steps has come.",
  "fixtureProps": {
    "title": "Moving house",
    "steps": [
      { "label": "Pack the books", "done": true },
      { "label": "Label the boxes", "done": false }
    ]
  }
}
"""

_COMPONENT: Final = """import * as React from "react";

interface Step {
  label: string;
  done: boolean;
}

export default function Steps({ title, steps = [] }: { title: string; steps?: Step[] }) {
  const done = steps.filter((step) => step.done).length;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <progress value={done} max={steps.length || 1} aria-label="steps done" />
      <p>
        {done} of {steps.length} done
      </p>
      <ol>
        {steps.map((step, index) => (
          <li key={index}>{step.done ? <s>{step.label}</s> : step.label}</li>
        ))}
      </ol>
    </section>
  );
}
"""

_PROMISE: Final = """{
  "propsSpec": {
    "properties": {
      "title": { "schema": { "type": "string" }, "description": "What the task is.", "required": true },
      "steps": {
        "schema": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": { "label": { "type": "string" }, "done": { "type": "boolean" } },
            "required": ["label", "done"]
          }
        },
        "description": "Its steps, in their order.",
        "required": true
      }
    }
  }
}
"""

_ARTIFACT: Final = """id: "@%scope/%name"
kind: blueprint
title: Steps of a task
license: MIT
permissions: []
"""


def template(artifact: ArtifactId) -> Payload:
    """A component that shows how far a task has come, with its contract."""

    def filled(text: str) -> bytes:
        return text.replace("%scope", artifact.scope).replace("%name", artifact.name).encode()

    return {
        "LICENSE": PayloadFile(mit_text(artifact.scope)),
        "artifact.yaml": PayloadFile(filled(_ARTIFACT)),
        _CONTRACT: PayloadFile(_PROMISE.encode()),
        _NATIVE: PayloadFile(filled(_FILE)),
        _SOURCE: PayloadFile(_COMPONENT.encode()),
    }


KIND: Final = Kind(
    id="blueprint",
    category="blueprints",
    title="Blueprints",
    summary="Components that agents fill with data and show.",
    icon="📐",
    target=f"{_FOLDER}/<scope>__<name>__<version>/",
    reader="blueprint/1",
    spec=BlueprintSpec,
    grammar=GRAMMAR,
    native=(_NATIVE,),
    way="frame",
    read=read,
    template=template,
    plan=plan,
    wire=wire_payload,
    wire_manifest=wire_manifest_of,
)
"""All that the tool knows about blueprints."""
