"""Themes: a stylesheet that sets custom properties, with the fonts and pictures that it shows."""

from typing import Any, Final

from registry_tool.core.card import Card
from registry_tool.core.document import Document, Seq
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kind, Reading
from registry_tool.core.names import ArtifactId
from registry_tool.core.native.license import mit_text
from registry_tool.core.native.package_json import Package, read_package
from registry_tool.core.native.stylesheet import read_stylesheet
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar
from registry_tool.core.plan import Place, Plan, PutTree, SetMember
from registry_tool.core.quoting import quoted
from registry_tool.core.verified import Verified

_USUAL: Final = "theme.css"


class ThemeSpec(Document):
    """A theme's `spec`."""

    entry: str
    """The stylesheet that a page loads."""
    native_name: str | None = None
    """The name of the package that it comes from, where it comes from one."""
    properties: int
    """How many custom properties it sets."""
    assets: Seq[str]
    """Files that it fetches, sorted."""
    schemes: Seq[str]
    """`dark` and `light`, as far as it knows them."""


GRAMMAR: Final = Grammar()
"""A theme is granted nothing, ever."""


def read(payload: Payload, card: Card) -> Reading:
    """What a theme's stylesheet says; the author's mistakes are findings."""
    package = read_package(payload)
    entry, missing = _entry(payload, card, package)
    fields = {key: value for key, value in package.fields.items() if value}
    if missing:
        return Reading(fields=fields, findings=(*package.findings, missing))
    sheet = read_stylesheet({path: file.data for path, file in payload.items()}, entry)
    found = [*package.findings, *sheet.findings]
    if not sheet.properties and not sheet.findings:
        message = "it sets no custom property, so no page could use it"
        found.append(Finding("theme-empty", "fail", message, entry, "as: :root { --color-text: #222 }"))
    others = [path for path in sorted(payload) if path.endswith(".css") and path != entry and path not in sheet.assets]
    if others:
        message = f"{len(others)} other stylesheets are not loaded and were not looked at, as {quoted(others[0])}"
        found.append(
            Finding("theme-other", "note", message, entry, "to leave them out, name in include: what is needed")
        )
    spec: dict[str, Any] = {  # Any: JSON
        "entry": entry,
        "properties": len(sheet.properties),
        "assets": list(sheet.assets),
        "schemes": list(sheet.schemes),
    }
    if package.name:
        spec["native_name"] = package.name
    return Reading(fields=fields, spec=spec, findings=tuple(found))


def _entry(payload: Payload, card: Card, package: Package) -> tuple[str, Finding | None]:
    """The stylesheet, or why it cannot be told."""
    sheets = [path for path in sorted(payload) if path.endswith(".css")]
    if card.entry is not None:
        if card.entry in sheets:
            return card.entry, None
        message = f"entry names {quoted(card.entry)}, which is not a .css file of the folder"
        return "", Finding("theme-entry", "fail", message, "artifact.yaml", _candidates(sheets))
    for path in (_USUAL, *package.styles):
        if path in sheets:
            return path, None
    top = [path for path in sheets if "/" not in path] or sheets
    if len(top) == 1:
        return top[0], None
    message = "it does not say which stylesheet is the theme" if sheets else "there is no stylesheet"
    return "", Finding("theme-entry", "fail", message, "artifact.yaml", _candidates(top))


def _candidates(sheets: list[str]) -> str:
    if not sheets:
        return f"add a {_USUAL} with: :root {{ --color-text: #222 }}"
    return "write one of: " + ", ".join(f"entry: {path}" for path in sheets[:5])


def plan(verified: Verified, place: Place) -> Plan:
    """The files, and a row in the index of themes that a dashboard reads."""
    del place  # a theme lies in one place
    manifest = verified.manifest
    row = {
        "id": manifest.artifact,
        "version": manifest.version,
        "title": manifest.title,
        "entry": f"{manifest.id.slug}/{manifest.spec['entry']}",
    }
    return Plan(
        (
            PutTree(f"themes/{manifest.id.slug}", verified.payload),
            SetMember("themes/index.json", ("themes",), manifest.id.slug, row),
        ),
        notes=(f'A page uses it with <link rel="stylesheet" href="themes/{row["entry"]}">.',),
    )


_STYLE: Final = """/* Long-evening colours: warm paper by day, ember by night. A page uses the names, as in
   body { background: var(--color-page); color: var(--color-text) } */

:root {
  color-scheme: light dark;
  --color-page: #fbf7f0;
  --color-raised: #ffffff;
  --color-text: #2b2420;
  --color-muted: #6b5d54;
  --color-line: #e2d8cb;
  --color-accent: #9c4a14;
  --color-on-accent: #ffffff;
  --color-good: #2f6b3a;
  --color-warning: #8a5a00;
  --color-bad: #a3262a;
  --radius: 0.5rem;
  --space: 0.5rem;
  --shadow: 0 1px 2px rgb(43 36 32 / 12%);
  --font-text: system-ui, sans-serif;
  --font-code: ui-monospace, monospace;
  --motion: 160ms;
}

@media (prefers-color-scheme: dark) {
  :root {
    --color-page: #1b1613;
    --color-raised: #26201c;
    --color-text: #f3e9dd;
    --color-muted: #b5a596;
    --color-line: #3b322c;
    --color-accent: #f0a868;
    --color-on-accent: #231307;
    --color-good: #86c794;
    --color-warning: #e6b656;
    --color-bad: #f08c8c;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%);
  }
}

@media (prefers-contrast: more) {
  :root {
    --color-muted: var(--color-text);
    --color-line: var(--color-text);
  }
}

@media (prefers-reduced-motion: reduce) {
  :root {
    --motion: 0ms;
  }
}
"""

_CARD: Final = """id: "{id}"
kind: theme
version: 1.0.0
title: Long evenings
description: Warm colours for long evenings, light and dark, readable with high contrast.
license: MIT
permissions: []
tags: [dark, warm]
entry: theme.css
"""


def template(artifact: ArtifactId) -> Payload:
    """A theme with a light and a dark side."""
    return {
        "LICENSE": PayloadFile(mit_text(artifact.scope)),
        "artifact.yaml": PayloadFile(_CARD.format(id=artifact).encode()),
        "theme.css": PayloadFile(_STYLE.encode()),
    }


KIND: Final = Kind(
    id="theme",
    category="themes",
    title="Themes",
    summary="Colours, fonts and spacing as CSS variables; it can do nothing else.",
    icon="🎨",
    target="themes/<slug>/",
    reader="theme/1",
    spec=ThemeSpec,
    grammar=GRAMMAR,
    native=(),
    way="inert",
    read=read,
    template=template,
    plan=plan,
)
"""All that the tool knows about themes."""
