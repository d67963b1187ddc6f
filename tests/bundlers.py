"""The bundler, fetched once for all tests, and put where the tool keeps it."""

import tarfile
from functools import cache
from pathlib import Path
from typing import Final

from registry_tool.core.bundled import VERSION
from registry_tool.sandbox.esbuild import PINS, pin_for
from tests.real.packages import NodePackage

PIN: Final = pin_for()
ESBUILD: Final = NodePackage(PIN.package, VERSION, PIN.integrity)
EVERY: Final = tuple(NodePackage(pin.package, VERSION, pin.integrity) for pin in PINS.values())


@cache
def program() -> bytes:
    """The program for this machine."""
    with tarfile.open(ESBUILD.fetched()) as archive:
        file = archive.extractfile("package/bin/esbuild")
        assert file is not None
        return file.read()


def keep(cache: Path) -> None:
    """Puts it into a cache, as the first bundling would."""
    place = cache / "esbuild" / f"{VERSION}-{PIN.sha256[:16]}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(program())
