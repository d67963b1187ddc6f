"""Widgets: ES modules that show something of a dashboard's data, in a frame of their own.

The contract with the page: the module exports `mount(root, host)` (or it is the default export).
`host.read(topic)` and `host.subscribe(topic, listener)` give data, `host.every("30s", task)` runs
again and again. What is not granted is refused by the page, whatever the module asks for.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import Field

from registry_tool.core.bundling import loaded_entry
from registry_tool.core.card import Card
from registry_tool.core.confinement import Confinement
from registry_tool.core.digest import sri
from registry_tool.core.document import Document
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.frames import TOPIC
from registry_tool.core.kind import Kind, Reading
from registry_tool.core.names import ArtifactId
from registry_tool.core.native.esmodule import Import, Module, read_module
from registry_tool.core.native.license import mit_text
from registry_tool.core.native.package_json import read_package
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar, Rule
from registry_tool.core.plan import Place, Plan, PutTree, SetMember
from registry_tool.core.quoting import quoted
from registry_tool.core.verified import Verified

_MILLISECONDS: Final = {"s": 1000, "m": 60_000, "h": 3_600_000}
_SLOWEST: Final = 24 * 3_600_000  # milliseconds: a day
_CALL: Final = re.compile(
    r"\bhost\s*\??\.\s*(read|subscribe|every)\s*\(\s*(?:\"([^\"\\\n]*)\"|'([^'\\\n]*)'|`([^`\\$]*)`)"
)
_COMMENT: Final = re.compile(r"\A\s*/?\*|(?:\A|\s)//")
"""The beginning of a line of which the rest is for people."""

_MARKUP: Final = re.compile(r"\.(innerHTML|outerHTML)\s*\+?=(?!=)|\.(insertAdjacentHTML)\s*\(|\b(document\.write)\s*\(")
"""Text that becomes markup, which the frame of a widget refuses (Trusted Types)."""

_BUNDLE: Final = "bundle it into the file: esbuild widget.js --bundle --format=esm --outfile=dist/widget.js"


class WidgetSpec(Document):
    """A widget's `spec`."""

    entry: str
    """The ES module that a page loads."""
    native_name: str | None = None
    """The name of the package that it comes from, where it comes from one."""
    sri: dict[str, str] = Field(min_length=1)
    """Each module that a browser loads, with `sha384-…` of its bytes."""


def _milliseconds(text: str) -> int:
    return int(text[:-1]) * _MILLISECONDS[text[-1]]


def _too_slow(match: re.Match[str]) -> str | None:
    return "an interval is at most 24h" if _milliseconds(match["interval"]) > _SLOWEST else None


def covers(old: str, new: str) -> bool:
    """Whether a grant of `old` already allows `new`: a `*` all below it, an interval every longer one."""
    if old.startswith("refresh:") and new.startswith("refresh:"):
        return _milliseconds(old.removeprefix("refresh:")) <= _milliseconds(new.removeprefix("refresh:"))
    return old == new or (old.endswith(".*") and new.startswith(old[:-1]))


GRAMMAR: Final = Grammar(
    rules=(
        Rule(
            pattern=f"data:read[.](?P<topic>{TOPIC})",
            meaning="read the dashboard's data {topic}",
            allows=lambda match: Confinement(topics=(match["topic"],)),
            accepts=("data:read.weather", "data:read.energy.solar"),
            rejects=("data:read", "data:read.", "data:read.A", "data:read.a..b", "data:write.a", "data:read.a.*.b"),
        ),
        Rule(
            pattern=f"data:read[.](?P<topic>{TOPIC})[.][*]",
            meaning="read all of the dashboard's data below {topic}",
            allows=lambda match: Confinement(topics=(f"{match['topic']}.*",)),
            accepts=("data:read.energy.*",),
            rejects=("data:read.energy*", "data:read.*.energy", "data:read.energy.**"),
        ),
        Rule(
            pattern="data:read[.][*]",
            meaning="read all of the dashboard's data",
            allows=lambda match: Confinement(topics=("*",)),
            accepts=("data:read.*",),
            rejects=("data:*", "data:read*", "*"),
        ),
        Rule(
            pattern="refresh:(?P<interval>[1-9][0-9]{0,4}[smh])",
            meaning="ask again every {interval}",
            allows=lambda match: Confinement(intervals=(_milliseconds(match["interval"]),)),
            accepts=("refresh:30s", "refresh:5m", "refresh:24h"),
            rejects=("refresh:0s", "refresh:100ms", "refresh:1.5m", "refresh:30", "refresh:25h", "refresh:030s"),
            refuse=_too_slow,
        ),
    ),
    covers=covers,
)
"""What a widget can be granted."""


def read(payload: Payload, card: Card) -> Reading:
    """What a widget's modules say; the author's mistakes are findings."""
    package = read_package(payload)
    fields = dict(package.fields)
    entry, missing = _entry(payload, card)
    if missing:
        return Reading(fields=fields, findings=(*package.findings, missing))
    found = list(package.findings)
    needs: set[str] = set()
    hashes: dict[str, str] = {}
    queue = [entry]
    for path in queue:  # grows while it is read
        module = _module(payload[path].data, path, found)
        if module is None:
            continue
        hashes[path] = sri(payload[path].data)
        source = payload[path].data.decode("utf-8")
        needs.update(_asked(source, path, found))
        _look(module, path, found)
        _marked_up(source, path, found)
        for one in module.imports:
            target = _resolve(one, path, payload, found)
            if target and target not in queue:
                queue.append(target)
        if path == entry and not (module.exports.default or "mount" in module.exports.names):
            message = "it exports neither mount nor a default, so a page cannot start it"
            found.append(
                Finding("widget-mount", "fail", message, path, "write: export function mount(root, host) { … }")
            )
    spec: dict[str, Any] = {"entry": entry, "sri": dict(sorted(hashes.items()))}  # Any: JSON
    if package.name:
        spec["native_name"] = package.name
    return Reading(fields=fields, spec=spec, needs=tuple(sorted(needs)), findings=tuple(found))


def _entry(payload: Payload, card: Card) -> tuple[str, Finding | None]:
    """The module, or why it cannot be told."""
    entry = loaded_entry("widget", payload, card)
    if entry in payload and entry.endswith((".js", ".mjs")):
        return entry, None
    if card.entry is not None:
        message = f"entry names {quoted(card.entry)}, which is not a .js file of the folder"
        return "", Finding("widget-entry", "fail", message, "artifact.yaml", f"compiled already? {_BUNDLE}")
    scripts = [path for path in sorted(payload) if path.endswith((".js", ".mjs"))]
    hint = "write one of: " + ", ".join(f"entry: {path}" for path in scripts[:5]) if scripts else _BUNDLE
    return "", Finding("widget-entry", "fail", "it does not say which ES module it is", "artifact.yaml", hint)


def _module(data: bytes, path: str, found: list[Finding]) -> Module | None:
    try:
        return read_module(data.decode("utf-8"), tsx=False)
    except UnicodeDecodeError:
        found.append(Finding("widget-module", "fail", "a module is UTF-8, this one is not", path, "save it as UTF-8"))
    except InvalidInput as error:
        line = error.findings[0].line if error.findings else None
        found.append(Finding("widget-module", "fail", error.message, path, error.hint or _BUNDLE, line))
    return None


def _asked(source: str, path: str, found: list[Finding]) -> Iterator[str]:
    """The permissions for everything that the source plainly asks its host for."""
    for match in _CALL.finditer(source):
        if _in_comment(source, match.start()):
            continue
        argument = match[2] or match[3] or match[4] or ""
        permission = f"refresh:{argument}" if match[1] == "every" else f"data:read.{argument}"
        if GRAMMAR.explain(permission) is not None and not argument.endswith("*"):
            yield permission
        else:
            line = source.count("\n", 0, match.start()) + 1
            what = 'an interval, as "30s"' if match[1] == "every" else 'one topic, as "energy.solar"'
            message = f"host.{match[1]} takes {what}, this is {quoted(argument)}"
            found.append(Finding("widget-host", "fail", message, path, "write it in lower case, without spaces", line))


def _look(module: Module, path: str, found: list[Finding]) -> None:
    for hazard in module.hazards:
        level = "review" if hazard.kind in ("eval", "new Function") else "fail"
        message = f"{hazard.kind} runs code that nobody has looked at: {hazard.text}"
        hint = "the frame of a widget refuses it; write it without"
        if hazard.kind in ("require", "dynamic import"):
            hint = _BUNDLE
        found.append(
            Finding("widget-code", "review" if level == "review" else "fail", message, path, hint, hazard.line)
        )


def _marked_up(source: str, path: str, found: list[Finding]) -> None:
    match = next((one for one in _MARKUP.finditer(source) if not _in_comment(source, one.start())), None)
    if match:
        message = f"{match[1] or match[2] or match[3]} makes markup of text, which the frame of a widget refuses"
        hint = "make elements: document.createElement, textContent, append, replaceChildren"
        line = source.count("\n", 0, match.start()) + 1
        found.append(Finding("widget-markup", "warn", message, path, hint, line))


def _in_comment(source: str, place: int) -> bool:
    return _COMMENT.search(source[source.rfind("\n", 0, place) + 1 : place]) is not None


def _resolve(one: Import, path: str, payload: Payload, found: list[Finding]) -> str | None:
    """The payload's module that is imported; a finding where it is none."""
    if one.specifier is None or one.kind in ("require", "type"):
        return None  # told as a hazard, or not there at run time
    parts = path.split("/")[:-1]
    inside = one.specifier.startswith(("./", "../"))
    for part in one.specifier.split("/"):
        if part == ".." and not parts:
            inside = False
        elif part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    target = "/".join(parts)
    if inside and target in payload:
        return target
    message = f"it imports {quoted(one.specifier)}, which is not a file of the folder"
    found.append(Finding("widget-import", "fail", message, path, _BUNDLE, one.line))
    return None


def plan(verified: Verified, place: Place) -> Plan:
    """The files, and a row in the index of widgets that a dashboard reads."""
    del place  # a widget lies in one place
    manifest = verified.manifest
    slug = manifest.id.slug
    row = {
        "id": manifest.artifact,
        "version": manifest.version,
        "title": manifest.title,
        "entry": f"{slug}/{manifest.spec['entry']}",
        "sri": {f"{slug}/{path}": value for path, value in manifest.spec["sri"].items()},
        "permissions": list(manifest.permissions),
    }
    return Plan(
        (PutTree(f"widgets/{slug}", verified.payload), SetMember("widgets/index.json", ("widgets",), slug, row)),
        notes=("A page that reads widgets/index.json shows it; registry widget host writes such a page.",),
    )


_MODULE: Final = """// Shows one number of the dashboard and how it went, as text and as a small line.
//
// A page starts a widget with mount(root, host). What host gives is bounded by the permissions:
//   host.read("topic")               one value, as a promise
//   host.subscribe("topic", listen)  listen(value) at each change
//   host.every("30s", task)          task() again and again
// It has no network, no storage and no other page.

const TOPIC = "metrics.load";
const KEPT = 60;

export function mount(root, host) {
  const values = [];
  const text = document.createElement("output");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  svg.setAttribute("viewBox", `0 0 ${KEPT - 1} 20`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  line.setAttribute("fill", "none");
  line.setAttribute("stroke", "currentColor");
  line.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(line);
  root.replaceChildren(text, svg);

  function show(value) {
    const number = Number(value);
    if (!Number.isFinite(number)) return;
    values.push(number);
    if (values.length > KEPT) values.shift();
    const low = Math.min(...values);
    const span = Math.max(...values) - low || 1;
    const points = values.map((one, at) => `${at},${(19 - ((one - low) / span) * 18).toFixed(1)}`);
    line.setAttribute("points", points.join(" "));
    text.textContent = number.toLocaleString(undefined, { maximumFractionDigits: 2 });
    svg.setAttribute("aria-label", `${TOPIC}: ${values.length} values, now ${text.textContent}`);
  }

  const ask = async () => show(await host.read("metrics.load"));
  ask();
  return host.every("30s", ask);
}
"""

_CARD: Final = """id: "{id}"
kind: widget
version: 1.0.0
title: Load
description: The load of the machine, as a number and as a line of the last half hour.
license: MIT
permissions: ["data:read.metrics.load", "refresh:30s"]
tags: [metrics]
entry: widget.js
"""


def template(artifact: ArtifactId) -> Payload:
    """A widget that shows one number and how it went."""
    return {
        "LICENSE": PayloadFile(mit_text(artifact.scope)),
        "artifact.yaml": PayloadFile(_CARD.format(id=artifact).encode()),
        "widget.js": PayloadFile(_MODULE.encode()),
    }


KIND: Final = Kind(
    id="widget",
    category="widgets",
    title="Widgets",
    summary="A small view of a dashboard's data, in a frame that can reach nothing else.",
    icon="📊",
    target="widgets/<slug>/",
    reader="widget/1",
    spec=WidgetSpec,
    grammar=GRAMMAR,
    native=(),
    way="frame",
    read=read,
    template=template,
    plan=plan,
)
"""All that the tool knows about widgets."""
