"""What a `package.json` beside a stylesheet or a module says about it; only read, never a kind's own file."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.names import parse_part
from registry_tool.core.native.license import to_spdx
from registry_tool.core.payload import Payload
from registry_tool.core.versions import parse_version

FILE: Final = "package.json"
_TAGS: Final = 20  # the manifest's own limit
_MAIN: Final = (("module",), ("exports", ".", "import"), ("exports", ".", "default"), ("exports", "."), ("exports",))
_STYLE: Final = (("style",), ("exports", ".", "style"), ("main",), ("exports", "."), ("exports",))


@dataclass(frozen=True, slots=True)
class Package:
    """What is of use in a package.json."""

    fields: Mapping[str, Any] = field(default_factory=dict)  # Any: proposals for a manifest
    name: str = ""
    """The package's own name, as `@acme/solar`."""
    modules: tuple[str, ...] = ()
    """Paths that it gives as its ES module, best first."""
    styles: tuple[str, ...] = ()
    """Paths that it gives as its stylesheet, best first."""
    findings: tuple[Finding, ...] = ()


def dependencies(payload: Payload) -> Mapping[str, str]:
    """The packages that package.json says it is made of, with their ranges, sorted."""
    return _ranges(payload, "dependencies")


def peers(payload: Payload) -> Mapping[str, str]:
    """The packages that package.json leaves to whoever uses it, with their ranges, sorted."""
    return _ranges(payload, "peerDependencies")


def _ranges(payload: Payload, key: str) -> Mapping[str, str]:
    try:
        value = json.loads(payload[FILE].data[: limits.NATIVE_BYTES]) if FILE in payload else {}
    except (ValueError, RecursionError):  # read_package says so
        value = {}
    found = value.get(key) if isinstance(value, dict) else None
    listed = found if isinstance(found, dict) else {}
    return {name: listed[name] for name in sorted(listed) if name and isinstance(listed[name], str) and listed[name]}


def read_package(payload: Payload) -> Package:
    """What the payload's package.json says; an empty one where it has none."""
    if FILE not in payload:
        return Package()
    try:
        value = json.loads(payload[FILE].data[: limits.NATIVE_BYTES + 1])
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return Package(findings=(Finding("package-json", "warn", "it is not a JSON object, and is not read", FILE),))
    modules = [path for path in (*_paths(value, _MAIN), *_paths(value, (("main",),))) if re.search(r"\.m?js\Z", path)]
    styles = [path for path in _paths(value, _STYLE) if path.endswith(".css")]
    return Package(_fields(value, payload), _word(value, "name"), tuple(modules), tuple(styles))


def _word(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _paths(value: Mapping[str, Any], places: Collection[tuple[str, ...]]) -> list[str]:
    found = []
    for place in places:
        part: Any = value  # Any: JSON
        for key in place:
            part = part.get(key) if isinstance(part, dict) else None
        if isinstance(part, dict):
            part = part.get("default")
        if isinstance(part, str):
            found.append(part.removeprefix("./"))
    return found


def _fields(value: Mapping[str, Any], payload: Payload) -> dict[str, Any]:  # Any: proposals for a manifest
    fields: dict[str, Any] = {}
    last = _word(value, "name").rpartition("/")[2]
    try:
        fields["name"] = parse_part(last, "name")
    except InvalidInput:
        pass  # artifact.yaml or a flag can still say it
    try:
        fields["version"] = str(parse_version(_word(value, "version")))
    except InvalidInput:
        pass  # artifact.yaml, a flag or a tag can still say it
    if last:
        fields["title"] = last[:280]
    if description := _word(value, "description").strip():
        fields["description"] = description[:4000]
    if expression := to_spdx(_word(value, "license"), payload, FILE)[0]:
        fields["license"] = expression
    keywords = value.get("keywords")
    words = [str(word).lower() for word in keywords] if isinstance(keywords, list) else []
    tags = {re.sub("[^a-z0-9]+", "-", word).strip("-") for word in words} - {""}
    if tags:
        fields["tags"] = sorted(tag[:63] for tag in tags)[:_TAGS]
    if re.fullmatch(r"https://[^\s\"<>\\^`{|}]{1,500}", _word(value, "homepage")):
        fields["links"] = {"homepage": value["homepage"]}
    return fields
