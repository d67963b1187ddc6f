"""The closure of a plugin: every package that it is made of, each fixed by hashes.

A package pins itself and nothing that it needs, so what starts would be another program every day. The author
keeps all of it in a lock file of the field's own format, beside `server.json`:

    requirements.lock.txt    pip's: `name==version --hash=sha256:…`, a hash for each file that may be fetched
    package-lock.json        npm's, version 3, with `integrity`

What is handed to pip and npm is written anew from what was read here, never the author's own bytes: no option,
address, path or version control link gets through.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from registry_tool.core import limits
from registry_tool.core.canonical import encode, parse_loose
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Pin
from registry_tool.core.payload import Payload
from registry_tool.core.quoting import quoted

CHECK: Final = "plugin-closure"
LOCKS: Final[Mapping[str, str]] = {"pypi": "requirements.lock.txt", "npm": "package-lock.json"}
"""Manager to the file of a payload that holds its closure."""
LOCK_BYTES: Final = 2 * limits.MIB
"""A lock of 400 wheels with 100 hashes each, or of 4,000 packages of npm."""
PACKAGES: Final = 1000
"""Packages of one closure; their pins fill a manifest."""
MEND: Final = "registry plugin lock DIR"

Manager = Literal["npm", "pypi"]

_MANAGERS: Final[Mapping[str, Manager]] = {"pypi": "pypi", "npm": "npm", "python3": "pypi", "node": "npm"}
_FAULTS_SHOWN: Final = 10
_LINE: Final = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)(?:\[[A-Za-z0-9._, -]{1,200}\])?"
    r"\s*==\s*(?P<version>[0-9A-Za-z][0-9A-Za-z.!+_-]{0,98})"
    r"(?:\s*;\s*(?P<marker>[A-Za-z0-9_ .'\"()<>=!~,]{1,300}?))?"
    r"(?P<hashes>(?:\s+--hash=sha256:[0-9a-f]{64})*)",
    re.ASCII,
)
_NAME: Final = r"(?:@[a-z0-9~_-][a-z0-9._~-]{0,99}/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]{0,99}"
_PLACE: Final = re.compile(rf"node_modules/(?P<name>{_NAME})|(?:node_modules/{_NAME}/){{1,20}}node_modules/({_NAME})")
_NPM_NAME: Final = re.compile(_NAME)
_NPM_VERSION: Final = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}[0-9A-Za-z.+-]{0,80}")
_INTEGRITY: Final = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
_RANGE: Final = re.compile(rf"(?:npm:{_NAME}@)?[^/:]{{0,300}}")
"""What a package may want of another: versions, and another name for it; no address, path or repository."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package of a closure."""

    name: str
    """As its manager compares names."""
    version: str
    digest: str
    """npm: the integrity of its tarball. pypi: `sha256:<hex>` of its one file; where there are files for several
    machines `files-sha256:<hex>`, the SHA-256 over their hashes, sorted, each with a line feed after it."""


@dataclass(frozen=True, slots=True)
class Closure:
    """All packages of one program."""

    manager: Manager
    packages: tuple[Package, ...]
    """Sorted by name and version."""
    files: Mapping[str, bytes]
    """What the manager is given: its lock file, written anew, and what else it wants to read."""
    scripts: tuple[str, ...] = ()
    """Packages that want to run a script when they are installed; it is never run."""

    @property
    def digest(self) -> Hex:
        """SHA-256 that stands for all of it: two locks with the same packages and hashes have the same one."""
        return sha256(encode({name: sha256(data) for name, data in self.files.items()}))

    @property
    def pins(self) -> tuple[Pin, ...]:
        """Every package as a manifest pins it."""
        return tuple(Pin(self.manager, one.name, one.digest, one.version) for one in self.packages)

    def holds(self, name: str, version: str) -> bool:
        """Whether it has that package at that version."""
        if self.manager == "npm":
            return any((one.name, one.version) == (name, version) for one in self.packages)
        from packaging.version import InvalidVersion, Version  # first use: most runs need none

        try:
            wanted = Version(version)
            return any(one.name == plain_name(name) and Version(one.version) == wanted for one in self.packages)
        except InvalidVersion:
            return False


def manager_of(run: Mapping[str, Any]) -> Manager | None:
    """Where the packages of what is started so come from; `None` where it has none. `run` is a plugin's `spec.run`."""
    return _MANAGERS.get(str(run.get("command") if run.get("type") == "payload" else run.get("type")))


def plain_name(name: str) -> str:
    """A Python distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_closure(manager: Manager, data: bytes, path: str) -> Closure:
    """The closure in the lock file `data`; `InvalidInput` with all its faults, each with the line to write."""
    if len(data) > LOCK_BYTES:
        raise _refused(path, (Finding(CHECK, "fail", f"it may have at most {LOCK_BYTES} bytes", path, MEND),))
    return _read_npm(data, path) if manager == "npm" else _read_pypi(data, path)


def closure_in(payload: Payload, manager: Manager, *, top: tuple[str, str] | None) -> Closure | None:
    """The closure that the lock file in `payload` holds; `None` where there is none that is meant for it.

    `top` is the package that is started, by name and version; `None` for a program in the payload, which needs
    packages. `InvalidInput` with all faults of the lock, or where it holds the package at another version.
    """
    path = LOCKS[manager]
    if path not in payload or (top is None and any(one.startswith("node_modules/") for one in payload)):
        return None  # somebody's own packages lie beside their program
    data = payload[path].data
    if manager == "npm" and top is not None and f'"node_modules/{top[0]}"'.encode() not in data:
        return None  # the lock of the repository that the package is made in, not one of what is fetched
    closure = read_closure(manager, data, path)
    if top is not None and not closure.holds(*top):
        message = f"it does not hold {top[0]} {top[1]}, which is what starts"
        raise _refused(path, (Finding(CHECK, "fail", message, path, MEND),))
    return closure


def _refused(path: str, faults: Sequence[Finding]) -> InvalidInput:
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    message = f"it does not fix what is fetched: {faults[0].message}{more}"
    return InvalidInput(message, where=path, code=CHECK, hint=MEND, findings=tuple(faults[:_FAULTS_SHOWN]))


def _counted(packages: Sequence[Package], path: str) -> tuple[Package, ...]:
    if not packages:
        raise _refused(path, (Finding(CHECK, "fail", "it names no package", path, MEND),))
    if len(packages) > PACKAGES:
        message = f"it names {len(packages)} packages, at most {PACKAGES} are allowed"
        raise _refused(path, (Finding(CHECK, "fail", message, path, MEND),))
    return tuple(sorted(set(packages), key=lambda one: (one.name, one.version, one.digest)))


# ------------------------------------------------------------------------------------------ pip


def _read_pypi(data: bytes, path: str) -> Closure:
    faults: list[Finding] = []
    packages: list[Package] = []
    lines: set[str] = set()
    for number, text in _logical_lines(data.decode("utf-8", "replace")):
        match = _LINE.fullmatch(text)
        fault = _line_fault(text, match)
        if match is None or fault:
            faults.append(Finding(CHECK, "fail", fault, path, "name==1.2.3 --hash=sha256:… (or: " + MEND + ")", number))
            continue
        name, hashes = plain_name(match["name"]), sorted(set(match["hashes"].split()))
        marker = f" ; {' '.join(match['marker'].split())}" if match["marker"] else ""
        packages.append(Package(name, match["version"], _pypi_digest(hashes)))
        lines.add(" ".join((f"{name}=={match['version']}{marker}", *hashes)) + "\n")
    if faults:
        raise _refused(path, faults)
    return Closure("pypi", _counted(packages, path), {"requirements.txt": "".join(sorted(lines)).encode()})


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each requirement with the number of its first line: comments left out, continued lines joined."""
    joined, begun = "", 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        part = re.sub(r"(^|\s)#.*$", "", line).strip()
        begun = begun or number
        if part.endswith("\\"):
            joined += part.removesuffix("\\") + " "
            continue
        joined = (joined + part).strip()
        if joined:
            yield begun, joined
        joined, begun = "", 0


def _line_fault(text: str, match: re.Match[str] | None) -> str:
    """Why a line of a requirements file fixes nothing; empty where it does."""
    if match is None:
        if text.startswith(("-e", "--editable", ".", "/", "~")) or re.match(r"[\w.-]+/", text):
            return f"{quoted(text)} is a path, and only packages by name and version are fetched"
        if text.startswith("-"):
            return f"{quoted(text)} is an option; where packages come from is set up by whoever installs"
        if "://" in text or " @ " in text or text.startswith("git+"):
            return f"{quoted(text)} is an address, and only packages by name and version are fetched"
        return f"{quoted(text)} is no exact version with its hashes"
    if not match["hashes"]:
        return f"{match['name']} {match['version']} has no hash"
    return _marker_fault(match["marker"] or "")


def _marker_fault(marker: str) -> str:
    if not marker:
        return ""
    from packaging.markers import InvalidMarker, Marker  # first use: few locks have any

    try:
        Marker(marker)
    except InvalidMarker:
        return f"{quoted(marker)} is no condition that pip knows"
    return ""


def _pypi_digest(hashes: Sequence[str]) -> str:
    found = [one.removeprefix("--hash=") for one in hashes]
    return found[0] if len(found) == 1 else "files-sha256:" + sha256("".join(f"{one}\n" for one in found).encode())


# ------------------------------------------------------------------------------------------ npm

Json = Mapping[str, Any]  # Any: somebody's JSON

_WANTS: Final = ("dependencies", "optionalDependencies", "peerDependencies")


def _read_npm(data: bytes, path: str) -> Closure:
    try:
        value = parse_loose(data, limit=LOCK_BYTES, what=path, floats=True)
    except InvalidInput as error:
        raise _refused(path, (Finding(CHECK, "fail", error.message, path, MEND),)) from error
    rows = value.get("packages") if isinstance(value, dict) else None
    if not isinstance(rows, dict) or value.get("lockfileVersion") != 3:
        message = 'it is no lock file of npm with "lockfileVersion": 3'
        raise _refused(path, (Finding(CHECK, "fail", message, path, MEND),))
    faults: list[Finding] = []
    packages: list[Package] = []
    kept: dict[str, Any] = {}
    for place, row in sorted(rows.items()):
        if isinstance(row, dict) and row.get("dev") is True:
            continue  # what only its author needs
        fault = _row_fault(place, row)
        if fault:
            faults.append(Finding(CHECK, "fail", fault, path, MEND))
            continue
        kept[place] = _kept(place, row)
        if place and not row.get("inBundle"):
            packages.append(Package(_name_of(place, row), row["version"], row["integrity"]))
    if faults:
        raise _refused(path, faults)
    top = {"name": "plugin", "version": "0.0.0", **kept.get("", {})}
    lock = {"name": "plugin", "version": "0.0.0", "lockfileVersion": 3, "requires": True}
    files = {
        "package.json": encode({**top, "private": True}) + b"\n",
        "package-lock.json": encode({**lock, "packages": {**kept, "": top}}) + b"\n",
    }
    scripts = sorted({_name_of(place, row) for place, row in rows.items() if place and row.get("hasInstallScript")})
    return Closure("npm", _counted(packages, path), files, tuple(scripts))


def _name_of(place: str, row: Json) -> str:
    return str(row.get("name") or place.rpartition("node_modules/")[2])


def _row_fault(place: str, row: Any) -> str:  # Any: somebody's JSON
    """Why a row of npm's lock fixes nothing; empty where it does."""
    if not isinstance(row, dict):
        return f"{quoted(place)} is no object"
    if any(not _wants(row.get(key, {})) for key in _WANTS):
        return f"{quoted(place)} wants something by an address, a path or a repository"
    if not place:
        return ""
    if row.get("link") or not _PLACE.fullmatch(place):
        return f"{quoted(place)} is a path, and only packages by name and version are fetched"
    if not _NPM_NAME.fullmatch(_name_of(place, row)):
        return f"{quoted(place)} is called {quoted(_name_of(place, row))}, which is no name of a package"
    version, resolved = row.get("version"), row.get("resolved", "")
    if not isinstance(version, str) or not _NPM_VERSION.fullmatch(version):
        return f"{quoted(place)} has no exact version"
    if not isinstance(resolved, str) or (resolved and not resolved.startswith(("https://", "http://"))):
        return f"{quoted(place)} comes from {quoted(str(resolved))}, and only packages by name and version are fetched"
    if not row.get("inBundle") and not _INTEGRITY.fullmatch(str(row.get("integrity"))):
        return f"{quoted(place)} has no integrity in sha512"
    return ""


def _wants(value: Any) -> bool:  # Any: somebody's JSON
    return isinstance(value, dict) and all(
        _NPM_NAME.fullmatch(name) and isinstance(wanted, str) and _RANGE.fullmatch(wanted)
        for name, wanted in value.items()
    )


def _kept(place: str, row: Json) -> dict[str, Any]:  # Any: JSON
    """What npm is told of a row: no address, and nothing but what decides what is laid where."""
    kept: dict[str, Any] = {key: dict(row[key]) for key in _WANTS if row.get(key)}  # Any: JSON
    if not place:
        return {key: kept[key] for key in _WANTS[:2] if key in kept}
    facts = ("name", "version", "integrity", "optional", "peer", "inBundle", "hasInstallScript")
    kept |= {key: row[key] for key in facts if isinstance(row.get(key), str | bool)}
    for key in ("os", "cpu", "libc", "bundleDependencies"):
        listed = row.get(key)
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            kept[key] = list(listed)
    optional = row.get("peerDependenciesMeta")
    if isinstance(optional, dict):
        kept["peerDependenciesMeta"] = {
            name: {"optional": True}
            for name, told in optional.items()
            if _NPM_NAME.fullmatch(name) and isinstance(told, dict) and told.get("optional") is True
        }
    return kept
