"""What a client fetches from a small and from a very large registry, counted by a server.

Two artifacts are real and signed; the other names are rows of the signed index that nobody asks for.
"""

import time
from pathlib import Path

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from tests.bench.consuming import FIRST, NEXT, fetched, install
from tests.bench.ground import Ground, small
from tests.bench.measure import Row
from tests.bench.serving import counting
from tests.builders import RegistryInMemory, a_registry
from tests.building_index import SignedSite

SIZES = ((1_000, 8), (100_000, 10))
"""Names, and the power of two that the number of bins is."""


def scaling(ground: Ground) -> list[Row]:
    """First contact and install, the next install, nothing new, and after somebody else's release."""
    rows: list[Row] = []
    for names, bits in SIZES:
        registry = a_registry(demo=False)
        for artifact in (FIRST, NEXT):
            registry.release(artifact, "1.0.0", small(artifact), kind="skill")
        rows += _of_size(ground, registry, names, bits)
    return rows


def _of_size(ground: Ground, registry: RegistryInMemory, names: int, bits: int) -> list[Row]:
    folder = ground.folder / f"names{names}"
    site = SignedSite(registry, now=int(time.time()), bits=bits, also=_crowd(names))
    _write(folder, site.publish())
    person, said = ground.person(f"visitor{names}"), f"{names:,} names"
    sizes = [len(registry.bundle(artifact, "1.0.0")) for artifact in (FIRST, NEXT)]
    with counting(folder) as served:
        person.registry("add", served.url, "--root", registry.id)
        install(person, FIRST, "one")
        rows = fetched(f"{said}: first contact and install", served, sizes[0], 14, 60_000)
        install(person, NEXT, "two")
        rows += fetched(f"{said}: the next install", served, sizes[1], 7, 30_000)
        update = ("update", "--project", str(person.folder / "work"), "--yes", "--json")
        person.registry(*update)
        rows += fetched(f"{said}: nothing new (update)", served, 0, 2, 2_000)
        registry.release("@bench-three/small", "1.0.0", small("@bench-three/small"), kind="skill")
        _write(folder, site.publish())
        person.registry(*update)
        rows += fetched(f"{said}: somebody else's release (update)", served, 0, 7, 30_000)
    return rows


def _crowd(names: int) -> dict[str, str]:
    """Other names, twenty to a scope, with their scopes' chains: path to digest."""
    found: dict[str, str] = {}
    for number in range(names):
        scope = f"crowd-{number // 20:05}"
        found[f"index/cr/{scope}/name-{number:06}.json"] = sha256(f"name {number}".encode())
        found[layout.scope_path(scope)] = sha256(f"scope {scope}".encode())
    return found


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
