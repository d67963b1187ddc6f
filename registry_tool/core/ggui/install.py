"""What an installed gadget or blueprint looks like in a ggui app (ggui wire facts, part 9).

ggui.json                                   app.gadgets[]   one row for each package
.ggui/installed-blueprints/<slug>__<version>/
    index.tsx                               the source, as it is
    ggui.ui.json                            id, name, description, contract
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from registry_tool.core.canonical import Json
from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui import wire
from registry_tool.core.ggui.conformance import Fault
from registry_tool.core.ggui.manifest import BlueprintManifest, GadgetManifest
from registry_tool.core.quoting import quoted

DUPLICATE_PACKAGE: Final = "LINT_GADGET_DUPLICATE_PACKAGE"
IMMUTABLE_MUTATION: Final = "LINT_GADGET_IMMUTABLE_MUTATION"
DUPLICATE_EXPORT: Final = "LINT_GADGET_DUPLICATE_EXPORT_IN_CATALOG"

BUILT_IN: Final = "@ggui-ai/gadgets"
BUILT_IN_EXPORTS: Final = (
    "useCamera",
    "useClipboardPaste",
    "useClipboardWrite",
    "useFilePicker",
    "useGeolocation",
    "useMicrophone",
    "useNotifications",
)
"""The hooks that every app has, as the client's public tests list them; a row of `BUILT_IN` replaces them."""

_BUNDLE_URL = re.compile(r"https?://[^\s/?#\\]+/[^\s\\]*")
_SRI = re.compile(r"sha384-[A-Za-z0-9+/]{64}")


def gadget_row(manifest: GadgetManifest, *, bundle_url: str, bundle_sri: str) -> dict[str, Json]:
    """The row of `app.gadgets[]` that installs the gadget, its members in the client's order.

    `bundle_url` is absolute, `bundle_sri` is `sha384-` and base64. Raises `InvalidInput` for others.
    """
    if _BUNDLE_URL.fullmatch(bundle_url) is None:
        raise InvalidInput(f"the bundle's address must be absolute http or https, it is {quoted(bundle_url)}")
    if _SRI.fullmatch(bundle_sri) is None:
        raise InvalidInput(f"the bundle's integrity must be sha384- and 64 characters, it is {quoted(bundle_sri)}")
    row: dict[str, Json] = {
        "exports": [export.model_dump(by_alias=True, exclude_unset=True) for export in manifest.exports],
        "package": manifest.artifact_id,
        "version": manifest.version,
        "bundleUrl": bundle_url,
        "bundleSri": bundle_sri,
    }
    if manifest.connect is not None:
        row["connect"] = list(manifest.connect)
    if manifest.requires is not None:
        row["requires"] = list(manifest.requires)
    return row


def row_faults(rows: Sequence[Json]) -> tuple[Fault, ...]:
    """What would break an app whose `app.gadgets[]` is `rows`, each fault under the client's lint code.

    One row for each package, one integrity for each version of a package, and one export of each name, the
    built-in hooks counted. What names no package is left to whoever reads `ggui.json`.
    """
    faults: list[Fault] = []
    packages: dict[str, int] = {}
    integrities: dict[tuple[str, str], str] = {}
    exports = (
        {} if any(_member(row, "package") == BUILT_IN for row in rows) else dict.fromkeys(BUILT_IN_EXPORTS, BUILT_IN)
    )
    for number, row in enumerate(rows):
        place, package, version = f"gadgets[{number}]", _member(row, "package"), _member(row, "version")
        if not package:
            continue
        if package in packages:
            words = f"{quoted(package)} is already in gadgets[{packages[package]}]"
            faults.append(Fault(DUPLICATE_PACKAGE, words, place))
        packages.setdefault(package, number)
        integrity = _member(row, "bundleSri")
        if integrity and integrities.setdefault((package, version), integrity) != integrity:
            words = f"{quoted(package)} {quoted(version)} is there with another integrity, and versions never change"
            faults.append(Fault(IMMUTABLE_MUTATION, words, place))
        for name in _exports(row):
            if name in exports:
                words = f"{quoted(name)} is exported by {quoted(exports[name])} too"
                faults.append(Fault(DUPLICATE_EXPORT, words, place))
            exports.setdefault(name, package)
    return tuple(faults)


def replaced_faults(old: Sequence[Json], row: Mapping[str, Json]) -> tuple[Fault, ...]:
    """Why `row` may not take the place of its package's row in `old`: the same version with other bytes."""
    same = [found for found in old if _member(found, "package") == _member(row, "package")]
    return tuple(fault for fault in row_faults([*same, row]) if fault.code == IMMUTABLE_MUTATION)


def blueprint_folder(manifest: BlueprintManifest) -> str:
    """The name of its folder in `.ggui/installed-blueprints/`; versions lie side by side."""
    return f"{manifest.scope.removeprefix('@')}__{manifest.name}__{manifest.version}"


def blueprint_files(manifest: BlueprintManifest) -> dict[str, bytes]:
    """The files of an installed blueprint; none without a contract, since nothing could find it."""
    if manifest.contract is None:
        return {}
    card: dict[str, Json] = {
        "id": f"{manifest.scope.removeprefix('@')}:{manifest.name}:{manifest.version}",
        "name": manifest.artifact_id,
    }
    if manifest.description is not None:
        card["description"] = manifest.description
    card["contract"] = manifest.contract
    return {"ggui.ui.json": wire.pretty(card), "index.tsx": manifest.source.encode("utf-8")}


def _member(row: Json, name: str) -> str:
    found = row.get(name) if isinstance(row, Mapping) else None
    return found if isinstance(found, str) else ""


def _exports(row: Json) -> list[str]:
    exports = row.get("exports") if isinstance(row, Mapping) else None
    listed = exports if isinstance(exports, list) else []
    return [name for export in listed if (name := _member(export, "hook") or _member(export, "component"))]
