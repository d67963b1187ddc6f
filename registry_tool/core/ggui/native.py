"""`ggui.gadget.json` and `ggui.blueprint.json` as authors write them, and as the ggui wire gets them.

    the author's file ──judge──▶ findings, or a manifest good for the wire
    our signed manifest + the author's file ──complete──▶ the manifest that the ggui client reads

The wire wants scope, name, version and visibility in that file; here `artifact.yaml`, flags and git may say
them too. So what our manifest says, which is what was signed, stands over what the file says.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from registry_tool.core import canonical, limits
from registry_tool.core.canonical import Json
from registry_tool.core.card import Card
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.ggui import wire
from registry_tool.core.ggui.conformance import Fault, conformance
from registry_tool.core.ggui.manifest import read_manifest
from registry_tool.core.manifest import Manifest
from registry_tool.core.native.esmodule import Module
from registry_tool.core.native.license import normalise
from registry_tool.core.payload import Payload
from registry_tool.core.quoting import quoted

FILE_BYTES: Final = limits.WIRE_BUNDLE_BYTES + limits.NATIVE_BYTES
"""Of a native file: the largest source that it may hold, and as much beside it as others have."""

SPEC_BYTES: Final = 64 * limits.KIB
"""Of a `spec` in canonical form: a quarter of what a manifest may have."""

SENTENCE_UNITS: Final = 280
"""UTF-16 units of a description on the wire (ggui wire facts, part 1)."""

_FILLERS: Final = {"scope": "@scope", "name": "name", "version": "0.0.0", "visibility": "public"}
"""What the file may leave to others; these stand in while it is judged."""

_TAKEN: Final = ("name", "version", "description", "license", "visibility")
_TAG: Final = re.compile("[a-z0-9][a-z0-9-]{0,62}")
_URL: Final = re.compile(r"https://[^\s\"<>\\^`{|}]{1,500}")


def read_json(payload: Payload, path: str) -> tuple[dict[str, Json], tuple[Finding, ...]]:
    """The JSON object at `path`, empty where there is no such file, and why it cannot be taken.

    Refuses what signing would change in silence, as `wire.publishable` does.
    """
    if path not in payload:
        return {}, ()
    try:
        value = wire.publishable(payload[path].data, limit=FILE_BYTES)
    except InvalidInput as error:
        return {}, (Finding("ggui-json", "fail", error.message, path, error.hint or "mend the JSON"),)
    if not isinstance(value, dict):
        return {}, (Finding("ggui-json", "fail", "it is not a JSON object", path, "begin it with { and end it with }"),)
    return value, ()


def read_native(payload: Payload, path: str, kind: str) -> tuple[dict[str, Json], tuple[Finding, ...]]:
    """The native file at `path` as `read_json` gives it; one that says another kind is refused too."""
    value, faults = read_json(payload, path)
    if value.get("kind", kind) == kind:
        return value, faults
    message = f"it says the kind {quoted(str(value['kind']))}"
    return {}, (Finding("ggui-json", "fail", message, path, f'write "kind": "{kind}", or rename the file'),)


def inside(path: str) -> str:
    """`path` as a payload writes it: `./src/index.js` is `src/index.js`."""
    while path.startswith("./"):
        path = path.removeprefix("./")
    return path


def judged(value: Mapping[str, Json], kind: str, card: Card) -> dict[str, Json]:
    """`value` with a stand-in for each member that others may say, to be judged as the wire would."""
    version = {"version": card.version} if card.version is not None else {}
    return {"kind": kind, **_FILLERS, **value, **version}


def manifest_findings(value: Json, path: str) -> tuple[Finding, ...]:
    """What the wire's schema has against `value`; each fault names its place in the file at `path`."""
    try:
        read_manifest(value)
    except InvalidInput as error:
        return tuple(replace(finding, path=path) for finding in error.findings)
    return ()


def gate_findings(value: Json, bundle: str | None, *, code: str, native: str, hint: str) -> tuple[Finding, ...]:
    """Why this may not be published, by the wire's own gate and its codes.

    `code` is the file with the module or the source, `native` the one with the rest; `hint` says how
    to make one module of several.
    """
    return tuple(_gate_finding(fault, code, native, hint) for fault in conformance(value, bundle))


def required_findings(module: Module, code: str, hint: str) -> tuple[Finding, ...]:
    """The places that call `require`, which is not there in a browser; the gate lets some of them pass."""
    return tuple(
        Finding("ggui-require", "fail", f"{quoted(one.text)} works in no browser", code, hint, one.line)
        for one in module.hazards
        if one.kind == "require"
    )


def _gate_finding(fault: Fault, code: str, native: str, hint: str) -> Finding:
    advice = {
        "disallowed_import": hint,
        "blueprint_disallowed_import": hint,
        "missing_default_export": "export it by that name, or take it out of exports",
        "blueprint_missing_default_export": "write: export default function Card(props) { … }",
        "fixture_props_shape_mismatch": "add it to fixtureProps, or take `required` from the property",
    }.get(fault.code, "mend the line; what follows it may be the cause")
    path = code if fault.path in ("bundle", "source") else native
    return Finding(f"gate-{fault.code.replace('_', '-')}", "fail", fault.message, path, advice, fault.line)


def size_findings(spec: Mapping[str, Any], path: str) -> tuple[Finding, ...]:  # Any: JSON
    """Whether what a release's manifest would repeat of the file is too much."""
    size = len(canonical.encode(dict(spec)))
    if size <= SPEC_BYTES:
        return ()
    message = f"what its manifest repeats of it has {size} bytes, at most {SPEC_BYTES} are allowed"
    return (Finding("ggui-size", "fail", message, path, "shorten the texts"),)


def proposals(value: Mapping[str, Json], path: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:  # Any: JSON
    """The manifest's members that the file says, as far as they are texts, and what cannot be taken over."""
    texts = {name: found for name, found in value.items() if isinstance(found, str)}
    fields: dict[str, Any] = {name: texts[name] for name in _TAKEN if name in texts}  # Any: JSON
    if "scope" in texts and "name" in texts:
        fields["id"] = f"{texts['scope']}/{texts['name']}"
    found = []
    tags = value.get("tags")
    if isinstance(tags, list):
        words = {tag for tag in tags if isinstance(tag, str)}
        fields["tags"] = sorted(tag for tag in words if _TAG.fullmatch(tag))
        for tag in sorted(words - set(fields["tags"])):
            message = f"the tag {quoted(tag)} is left out: a tag begins with a letter or digit and has at most 63"
            found.append(Finding("ggui-tag", "warn", message, path, "write it shorter, as time-series"))
    if homepage := texts.get("homepage"):
        if _URL.fullmatch(homepage):
            fields["links"] = {"homepage": homepage}
        else:
            message = f"the homepage {quoted(homepage)} is left out: only an https address is shown"
            found.append(Finding("ggui-homepage", "warn", message, path, "write https://…"))
    return fields, tuple(found)


def completed(value: Mapping[str, Json], manifest: Manifest) -> dict[str, Json]:
    """The wire's manifest of a release: the author's `value` under what `manifest`, which was signed, says.

    Raises `InvalidInput` where the wire has no form for it, as for a gadget's version `1.0.0-a-b`.
    """
    said: dict[str, Json] = {
        "kind": manifest.kind,
        "scope": f"@{manifest.scope}",
        "name": manifest.name,
        "version": manifest.version,
        "visibility": manifest.visibility,
    }
    if fits(manifest.description) or "description" not in value:
        said["description"] = shortened(manifest.description)
    if sorted(set(value.get("tags", ()))) != list(manifest.tags):
        said["tags"] = list(manifest.tags)
    if normalise(value.get("license", "")) != manifest.license:
        said["license"] = manifest.license
    whole = {**value, **said}
    read_manifest(whole)
    return whole


def fits(text: str) -> bool:
    """Whether `text` may be a description on the wire."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 <= SENTENCE_UNITS


def shortened(text: str) -> str:
    """`text`, cut at its end until it may be a description on the wire."""
    if fits(text):
        return text
    kept = text[: SENTENCE_UNITS - 1]
    while not fits(kept + "…"):
        kept = kept[:-1]
    return kept + "…"
