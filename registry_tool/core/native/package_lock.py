"""What `package-lock.json` pins: the packages that a bundle may take in, each by version and digest.

Only read, and only npm's own file (its versions 2 and 3): it names every package by the folder that it lies in,
so what a folder holds can be compared with it.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry_tool.core import limits
from registry_tool.core.findings import Finding
from registry_tool.core.payload import Payload

FILE: Final = "package-lock.json"
LOCK_BYTES: Final = 16 * limits.MIB  # a large site's has two
FOLDER: Final = "node_modules/"

_NAME: Final = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*", re.IGNORECASE)
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")
_INTEGRITY: Final = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
_NEEDS: Final = ("dependencies", "optionalDependencies", "peerDependencies")
LOCKING: Final = "run: npm install --package-lock-only"
"""What makes the lock file complete."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One package, as the lock file pins it."""

    folder: str
    """Where it lies, as `node_modules/a/node_modules/b`."""
    name: str
    """Its own name, which an alias is not."""
    version: str
    integrity: str = ""
    """`sha512-…` of its tarball; empty where the lock file has none."""
    needs: tuple[str, ...] = ()
    """Names of the packages that it imports, sorted."""


@dataclass(frozen=True, slots=True)
class Lock:
    """All that a lock file pins."""

    packages: Mapping[str, Locked] = field(default_factory=dict)
    """By folder."""
    findings: tuple[Finding, ...] = ()
    """Why it cannot be used."""


def is_package_name(text: str) -> bool:
    """Whether `text` can be the name of a package; `@/x`, `#x` and `~/x` are aliases of other tools."""
    return _NAME.fullmatch(text) is not None and len(text) <= limits.PATH_BYTES


def package_of(specifier: str) -> str:
    """The package that `import "…"` names: `@a/b` of `@a/b/c`."""
    return "/".join(specifier.split("/")[: 2 if specifier.startswith("@") else 1])


def read_lock(payload: Payload) -> Lock:
    """What the payload's lock file pins; a finding where there is none, or none that can be read."""
    if FILE not in payload:
        return Lock(findings=(_fault("there is none, so nothing says which versions are meant"),))
    data = payload[FILE].data
    if len(data) > LOCK_BYTES:
        return Lock(findings=(_fault(f"it may have at most {LOCK_BYTES} bytes, it has {len(data)}"),))
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    rows = value.get("packages") if isinstance(value, dict) else None
    if not isinstance(rows, dict):
        return Lock(findings=(_fault("it has no table of packages, as npm 7 and later write it"),))
    found = (_row(folder, row) for folder, row in rows.items() if isinstance(row, dict) and FOLDER in folder)
    return Lock({one.folder: one for one in found if one is not None})


def _row(folder: str, row: Mapping[str, Any]) -> Locked | None:  # Any: JSON
    """A package of npm's registry; `None` for a link into another folder, and for what is no package."""
    name, version, integrity = row.get("name", folder.rpartition(FOLDER)[2]), row.get("version"), row.get("integrity")
    parts = folder.removeprefix(FOLDER).split("/" + FOLDER)
    if row.get("link") or not isinstance(name, str) or not isinstance(version, str) or not _VERSION.fullmatch(version):
        return None
    if not all(is_package_name(part) for part in (*parts, name)):
        return None
    needs = {need for key in _NEEDS if isinstance(row.get(key), dict) for need in row[key]}
    digest = integrity if isinstance(integrity, str) and _INTEGRITY.fullmatch(integrity) else ""
    return Locked(folder, name, version, digest, tuple(sorted(needs)))


def closure(lock: Lock, names: Collection[str], *, without: Collection[str] = ()) -> Mapping[str, Locked]:
    """The packages `names` and all that they import, by folder, sorted; found as node finds them.

    What is in `without` is brought along by somebody else. A name that the lock file does not have is left out.
    """
    found: dict[str, Locked] = {}
    waiting = [("", name) for name in names]
    while waiting:
        inside, name = waiting.pop()
        one = None if name in without else _above(lock, inside, name)
        if one is not None and one.folder not in found:
            found[one.folder] = one
            waiting += [(one.folder, need) for need in one.needs]
    return {folder: found[folder] for folder in sorted(found)}


def _above(lock: Lock, inside: str, name: str) -> Locked | None:
    """The package `name` as seen from the folder `inside`: its own `node_modules`, then those around it."""
    while True:
        found = lock.packages.get(f"{inside}/{FOLDER}{name}" if inside else FOLDER + name)
        if found is not None or not inside:
            return found
        inside = inside.rpartition("/" + FOLDER)[0]


def _fault(message: str) -> Finding:
    return Finding("bundle-lock", "fail", message, FILE, LOCKING)
