"""A registry with tiers, and somebody who installs from it."""

import json
from typing import Any

from registry_tool.core.published import signed_at
from tests.builders import RegistryInMemory, a_registry
from tests.building_tiers import entitle, with_tiers
from tests.cli.desk import SKILL_SPEC, Desk

GIVEN = "2026-02-01T00:00:00Z"
ENDS = "2026-12-01T00:00:00Z"
NOW = "2026-03-10T00:00:00Z"
LINE = ("--registry", "reg", "--yes")
CAPS = {"free": {"caps": {"skills": 2}, "publish": False}, "pro": {"caps": {}, "publish": True}}


def a_skill(registry: RegistryInMemory, name: str, version: str = "1.0.0", **more: Any) -> RegistryInMemory:
    """A skill `@ann/<name>`."""
    text = f"---\nname: {name}\ndescription: Read PDF files.\n---\nRead it.\n"
    spec = {**SKILL_SPEC, "native_name": name}
    content = {"SKILL.md": text.encode()}
    return registry.release(f"@ann/{name}", version, content, kind="skill", spec=spec, **more)


def skills(count: int, tiers: Any = CAPS, **more: Any) -> RegistryInMemory:
    """A registry with tiers and skills `@ann/a`, `@ann/b`, …"""
    registry = a_registry(demo=False)
    for name in "abcdefgh"[:count]:
        a_skill(registry, f"s{name}", **more)
    return with_tiers(registry, tiers) if tiers else registry


def placed(desk: Desk, registry: RegistryInMemory, folder: str = "work/reg") -> str:
    """The registry as a folder, added by its id."""
    where = desk.put(folder, registry.files)
    if not desk.world.state.registries():
        desk.run("add", where, "--root", registry.id, "--name", "reg")
    return where


def sent(desk: Desk, registry: RegistryInMemory, holder: str = "ann", number: int = 1) -> str:
    """The file that the operator sends."""
    source = signed_at(registry.tree(), f"index/entitlements/{holder}/{number}.json")
    assert source is not None
    path = desk.work / f"{holder}.tier.json"
    path.write_text(json.dumps(source.entry()))
    return str(path)


def owns(desk: Desk, registry: RegistryInMemory, name: str = "ann signing") -> None:
    """This person has a key."""
    desk.world.keys.import_seed("me", "signing", registry.seed(name))


def install(desk: Desk, *names: str, where: tuple[str, ...] = ()) -> None:
    desk.run("install", *(f"@ann/{name}" for name in names), *LINE, *where)


def given(registry: RegistryInMemory, **more: Any) -> RegistryInMemory:
    """Ann was given the tier pro."""
    entitle(registry, **{"at": GIVEN, "until": ENDS, **more})
    return registry
