"""esbuild, the bundler: found or fetched once, checked by its digest, and run confined.

It is npm's package for the platform, which holds one program and needs no node. It never runs anything of what it
bundles; it sees the author's files and the locked packages, writes into one folder, and reaches no network.
"""

import base64
import hashlib
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry_tool.core import limits
from registry_tool.core.bundled import ITEM, VERSION
from registry_tool.core.confinement import Confinement
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, Unreachable
from registry_tool.core.job import Bounds, Job, Shown
from registry_tool.sandbox.confined import capture
from registry_tool.sandbox.process import cleared, find_program

PROGRAM: Final = "/esbuild"
"""Where it lies in what it runs in."""

_MEMBER: Final = "package/bin/esbuild"
_PROGRAM_BYTES: Final = 64 * limits.MIB  # it has eleven
_SECONDS: Final = 300
"""How long npm may take for five megabytes."""
_BOUNDS: Final = Bounds(memory=None, cpu=60, wall=120.0, file_bytes=limits.PAYLOAD_BYTES, output_bytes=limits.MIB)
"""Go reserves more memory than it uses, so that is not bounded by address space."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The program for one platform."""

    package: str
    integrity: str
    """`sha512-…` of the package's tarball, as npm has it."""
    sha256: str
    """Of the program in it."""


PINS: Final[Mapping[tuple[str, str], Pin]] = {
    ("linux", "x86_64"): Pin(
        "@esbuild/linux-x64",
        "sha512-4xTZr1FUmSoQW4XIWmit3tzQrUTZM+N3P0XV8xROKYF50XfI7xeO90+1bZvNwxIufQ9hDQVRJH5YhgPVF8A/HQ==",
        "e1698a3d5c6c0798fee4fd3b5cc816651f460c63d390a7a26ea4beb0b1884100",
    ),
    ("linux", "aarch64"): Pin(
        "@esbuild/linux-arm64",
        "sha512-pW4AC0P3it8c7do9MVM4p51FzHzdM/TZrerurgRcHJ2WTa1VQ1CIq18xncfpBJw4ojkiZZrKW2yIBWBP92j6Ug==",
        "90bd269553d258e80b19e3ccab4f98f0831f87442a2f056510ce24fd1b425fc2",
    ),
    ("darwin", "x86_64"): Pin(
        "@esbuild/darwin-x64",
        "sha512-uq6suIWYP37qzGddBKPw5QEQPi6HiLGsO7UmkpfyaYNQ3D+rN6w6WfwH+nuqcGXWvawGwxOEroO4YGnFh95azw==",
        "7fe5c9c905fff0a05d92db98929434ab4d3b6dd92d7a7688922db74380c75df3",
    ),
    ("darwin", "arm64"): Pin(
        "@esbuild/darwin-arm64",
        "sha512-n4KqkOQrraxHJcgjM1RvwbigfQKIKJVpM7xp+KsxiyUSrRdIXnt73VhrPAx0fV44hgfmIVKjxMN9J1t5jySVkw==",
        "10b6243df618d374bb2d5c9cfbe7052e1405f6aa4e53a6164f11a91b9f2e1384",
    ),
}
"""By system and machine, as Python names them."""


def pin_for(system: str = sys.platform, machine: str = platform.machine()) -> Pin:
    """The program for a platform, this one where none is named; `NotFound` where we pin none."""
    found = PINS.get((system, machine))
    if found is None:
        message = (
            f"esbuild {VERSION} is pinned for {', '.join('-'.join(one) for one in PINS)}, not for {system}-{machine}"
        )
        raise NotFound(message, code="no-esbuild", hint="publish from such a machine")
    return found


def program_at_hand(pin: Pin, *, cache: Path, folder: Path) -> bytes | None:
    """The program, from the cache or from the author's `node_modules`, wherever its digest is the pinned one."""
    for path in (_kept(pin, cache), folder / "node_modules" / pin.package / "bin" / "esbuild"):
        try:
            with path.open("rb") as file:
                data = file.read(_PROGRAM_BYTES)
        except OSError:
            continue
        if hashlib.sha256(data).hexdigest() == pin.sha256:
            return data
    return None


def fetch_program(pin: Pin, *, cache: Path, env: Mapping[str, str]) -> bytes:
    """The program, fetched by npm from where npm is set up to fetch, and kept in the cache.

    `NotFound` without npm, `Unreachable` where npm cannot fetch it, `NotTrusted` where it is not the pinned one.
    """
    exact = f"{pin.package}@{VERSION}"
    npm = find_program("npm", env)
    if npm is None:
        message = f"this has to be bundled, which needs {exact}, and there is no npm to fetch it"
        raise NotFound(message, code="no-esbuild", hint="install npm (Debian: apt-get install npm)")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", exact, "--silent", "--ignore-scripts", "--pack-destination", folder]
        try:
            done = subprocess.run(
                command, cwd=folder, env=cleared(env, {}), stdin=subprocess.DEVNULL, capture_output=True,
                check=False, timeout=_SECONDS,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _unfetched(exact, str(error)) from error
        packed = sorted(Path(folder).glob("*.tgz"))
        if done.returncode or len(packed) != 1:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise _unfetched(exact, said[-1] if said else f"npm ended with {done.returncode}")
        data = _unpacked(pin, packed[0], exact)
    kept = _kept(pin, cache)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.{os.getpid()}")
    part.write_bytes(data)
    part.replace(kept)
    return data


def _kept(pin: Pin, cache: Path) -> Path:
    return cache / "esbuild" / f"{VERSION}-{pin.sha256[:16]}"


def _unfetched(exact: str, why: str) -> Unreachable:
    shown = "".join(one if one.isprintable() else "?" for one in why)[:200]
    hint = f"try again, or put it there: npm install --save-dev --save-exact esbuild@{VERSION}"
    return Unreachable(f"npm could not fetch {exact}: {shown}", code="no-esbuild", hint=hint)


def _unpacked(pin: Pin, tarball: Path, exact: str) -> bytes:
    """The program of a tarball whose digest, and whose program's, are the pinned ones."""
    packed = tarball.read_bytes()
    digest = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode("ascii")
    if digest != pin.integrity:
        message = f"{exact} should have the digest {pin.integrity}, what npm fetched has {digest}"
        raise NotTrusted(message, code="other-esbuild", hint="look at what npm's registry setting names")
    with tarfile.open(tarball, "r:gz") as archive:
        member = archive.extractfile(_MEMBER)
        data = member.read(_PROGRAM_BYTES) if member is not None else b""
    if hashlib.sha256(data).hexdigest() != pin.sha256:
        raise NotTrusted(f"the program in {exact} is not the pinned one", code="other-esbuild")
    return data


@dataclass(frozen=True, slots=True)
class Ran:
    """What the bundler left."""

    outputs: Mapping[str, bytes]
    """By name; empty where it failed."""
    said: str
    """What it printed on stderr."""


def run(program: bytes, arguments: Sequence[str], files: Iterable[tuple[str, bytes]]) -> Ran:
    """Runs the bundler, confined, in a folder that holds just `files`.

    Raises `StateForbids` where nothing can be confined here.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)  # whoever it runs as has to get in
        item, out, binary = root / "item", root / "out", root / "esbuild"
        for path, data in files:
            place = item / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        item.mkdir(exist_ok=True)
        out.mkdir()
        binary.write_bytes(program)
        binary.chmod(0o755)
        shown = (Shown(str(item), ITEM), Shown(str(binary), PROGRAM))
        job = Job((PROGRAM, *arguments), shown, ITEM, {"GOMAXPROCS": "2"}, _BOUNDS)
        done = capture(job, Confinement(), outputs=out)
        return Ran(_outputs(out) if done.code == 0 else {}, done.stderr.decode("utf-8", "replace"))


def _outputs(out: Path) -> Mapping[str, bytes]:
    """The files that it wrote: regular ones, bounded."""
    found: dict[str, bytes] = {}
    for path in sorted(out.iterdir()):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > limits.PAYLOAD_BYTES:
            raise InvalidInput(f"the bundler wrote {path.name!r}, which is no file of a module", code="not-bundled")
        found[path.name] = path.read_bytes()
    return found
