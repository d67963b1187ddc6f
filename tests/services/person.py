"""Somebody who installs from a site in memory into a real folder."""

from pathlib import Path
from typing import Any

from registry_tool.core.names import parse_wanted
from registry_tool.core.plan import Place
from registry_tool.core.trust import Means
from registry_tool.services.consumer import Ground, Prepared, commit, prepare
from registry_tool.services.contact import Contact
from registry_tool.services.seen import Seen
from registry_tool.signing.ed25519 import check
from registry_tool.stores.disk import DiskTarget
from registry_tool.stores.state import StateStore
from tests.builders import KINDS, RegistryInMemory, SiteInMemory

MEANS = Means(check, {kind.id: kind.grammar.covers for kind in KINDS})
SOLAR = "@ann/solar"


class Person:
    """Somebody with a project folder and a memory, who installs from a site in memory."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.target = DiskTarget(self.root)
        self.memory = StateStore(folder / "memory")
        self.again: dict[str, bytes] = {}

    def ground(self, **more: Any) -> Ground:
        return Ground(self.target, KINDS, **{"place": Place(), **more})

    def contact(self, site: SiteInMemory, registry: str, *, demo: bool = True) -> Contact:
        seen = Seen(self.memory.seen(registry))
        again = (lambda path, limit: self.again.get(path)) if self.again else None
        return Contact(site, registry, means=MEANS, seen=seen, demo=demo, again=again)

    def install(
        self, site: SiteInMemory, registry: str, *wanted: str, kind: str | None = None, **more: Any
    ) -> Prepared:
        contact, ground = self.contact(site, registry), self.ground(**more)
        prepared = prepare(contact, [parse_wanted(one) for one in wanted], ground=ground, kind=kind)
        commit(contact, prepared, ground=ground, memory=self.memory)
        return prepared

    def versions(self) -> dict[str, str]:
        return {str(one["artifact"]): str(one["record"]["version"]) for one in self.target.receipts()}

    def files(self) -> list[str]:
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())


def site_of(registry: RegistryInMemory) -> SiteInMemory:
    return SiteInMemory(registry.site())
