"""What is installed, as a bill of materials that other people's tools read: CycloneDX 1.6, JSON.

    receipts ──▶ components    one for each artifact, and one for each package that a plugin is made of
             └─▶ dependencies  what each needs

Source: ECMA-424 (CycloneDX 1.6); package URLs as the purl specification writes them. The same installs give the same
bytes: no time is in it, and the serial number is made of the rest.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from registry_tool.core.closure import Closure, Manager, plain_name
from registry_tool.core.confinement import Way
from registry_tool.core.digest import sha256
from registry_tool.core.kind import Kinds

Json = dict[str, Any]  # Any: JSON
Record = Mapping[str, Any]  # Any: JSON, what an install notes in its receipt

OURS: Final = "registry-tool"
_TYPES: Final[Mapping[Way, str]] = {"process": "application", "engine": "application", "frame": "library"}
_LINKS: Final = {
    "homepage": "website",
    "repository": "vcs",
    "source": "vcs",
    "issues": "issue-tracker",
    "bugs": "issue-tracker",
    "documentation": "documentation",
    "docs": "documentation",
    "support": "support",
    "changelog": "release-notes",
}
_ADDRESS: Final = re.compile(r"https?://[!-~]{1,1000}")
_INTEGRITY: Final = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_DIGEST: Final = re.compile("sha256:([0-9a-f]{64})")


def bill_of_materials(
    records: Sequence[Record], kinds: Kinds, *, closures: Mapping[str, Closure], version: str
) -> Json:
    """The document about what was installed.

    `closures` has, by artifact, the packages of what is started from some; `version` is the tool's own.
    """
    components: dict[str, Json] = {}
    needs: dict[str, set[str]] = {}
    refs = {str(record["id"]): purl_of(record) for record in records}
    for record in records:
        ref = refs[str(record["id"])]
        components[ref] = _component(record, ref, kinds)
        needs[ref] = {refs[name] for name in record["dependencies"] if name in refs}
        for package in _packages(record, closures.get(str(record["id"]))):
            components.setdefault(package["bom-ref"], package)
            needs.setdefault(package["bom-ref"], set())
            needs[ref].add(package["bom-ref"])
    body: Json = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"tools": {"components": [{"type": "application", "name": OURS, "version": version}]}},
        "components": [components[ref] for ref in sorted(components)],
        "dependencies": [{"ref": ref, "dependsOn": sorted(needs[ref])} for ref in sorted(needs)],
    }
    return {**body, "serialNumber": _serial(body)}


def purl_of(record: Record) -> str:
    """The package URL of something installed, which names its bundle by digest."""
    scope, _, name = str(record["id"]).removeprefix("@").partition("/")
    digest = _DIGEST.fullmatch(str(record.get("bundle", "")))
    tail = f"?checksum=sha256:{digest[1]}" if digest else ""
    return f"pkg:generic/{_part(scope)}/{_part(name)}@{_part(str(record['version']))}{tail}"


def _component(record: Record, ref: str, kinds: Kinds) -> Json:
    scope, _, name = str(record["id"]).partition("/")
    kind = kinds.by_id.get(str(record["kind"]))
    digest = _DIGEST.fullmatch(str(record.get("bundle", "")))
    links = record.get("links")
    references = sorted(_references(links)) if isinstance(links, Mapping) else []
    license_text = record.get("license")
    return {
        "type": _TYPES.get(kind.way, "data") if kind is not None else "data",
        "bom-ref": ref,
        "group": scope,
        "name": name,
        "version": str(record["version"]),
        "description": str(record["title"]),
        "authors": [{"name": str(record["author"])}],
        "purl": ref,
        **({"hashes": [{"alg": "SHA-256", "content": digest[1]}]} if digest else {}),
        **({"licenses": [{"expression": license_text}]} if isinstance(license_text, str) and license_text else {}),
        **({"externalReferences": [{"type": what, "url": url} for what, url in references]} if references else {}),
        "properties": [{"name": f"{OURS}:{what}", "value": value} for what, value in sorted(_properties(record))],
    }


def _references(links: Mapping[str, Any]) -> Iterator[tuple[str, str]]:  # Any: JSON, of a receipt
    for name, url in links.items():
        if isinstance(url, str) and _ADDRESS.fullmatch(url):
            yield _LINKS.get(str(name), "other"), url


def _properties(record: Record) -> Iterator[tuple[str, str]]:
    """What only we know of it: its kind, its address, where it came from, and each permission that it was granted."""
    yield "kind", str(record["kind"])
    yield "manifest", str(record["manifest"])
    yield "registry", str(record["registry"])
    yield from (("permission", str(one)) for one in record["permissions"])


def _packages(record: Record, closure: Closure | None) -> Iterator[Json]:
    """The packages that it is made of; where no lock says that, the one that it starts."""
    if closure is not None:
        for one in closure.packages:
            yield _package(closure.manager, one.name, one.version, one.digest)
        return
    run = record.get("run")
    if isinstance(run, Mapping) and run.get("type") in ("npm", "pypi"):
        name = str(run.get("identifier", ""))
        yield _package(
            run["type"], plain_name(name) if run["type"] == "pypi" else name, str(run.get("version", "")), ""
        )


def _package(manager: Manager, name: str, version: str, digest: str) -> Json:
    path = "/".join(_part(part) for part in name.split("/"))
    ref = f"pkg:{manager}/{path}@{_part(version)}"
    made = {"type": "library", "bom-ref": ref, "name": name, "version": version, "purl": ref}
    hashes = list(_hashes(digest))
    return {**made, **({"hashes": hashes} if hashes else {})}


def _hashes(digest: str) -> Iterator[Json]:
    """A package's digest as the format writes it; nothing where it stands for several files."""
    found = _DIGEST.fullmatch(digest)
    if found:
        yield {"alg": "SHA-256", "content": found[1]}
    name, _, text = digest.partition("-")
    if name in _INTEGRITY:
        yield {"alg": _INTEGRITY[name], "content": b64decode(text).hex()}


def _part(text: str) -> str:
    """A part of a package URL, percent-encoded; a colon stays as it is."""
    return quote(text, safe="-._~:")


def _serial(body: Json) -> str:
    """A UUID (RFC 9562, version 8: made in a way of our own) of the document's other bytes."""
    digits = sha256(json.dumps(body, sort_keys=True).encode())
    variant = "89ab"[int(digits[16], 16) % 4]
    uuid = f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
    return f"urn:uuid:{uuid}"
