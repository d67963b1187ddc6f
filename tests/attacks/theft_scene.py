"""Where thefts happen: a registry of many keys, its site, and a client that has seen it before.

Each deed is done to a registry in which two moderators may admit, the root takes two of three keys,
and ann has published. The thief also controls the address that clients read, and has got the deed
into the repository and past the job that signs the index wherever that is the worst: what is refused
is then refused by the client alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from registry_tool.core.names import parse_artifact
from registry_tool.core.trust import Means
from registry_tool.core.verified import Verified
from registry_tool.services.contact import Contact
from registry_tool.services.resolve import choose
from registry_tool.services.seen import Seen
from registry_tool.signing.ed25519 import check
from registry_tool.signing.tuf.index import Jobs
from tests.builders import RegistryInMemory
from tests.building_index import SignedSite, read_through
from tests.proving import MEANS, SOLAR

NAME: Final = parse_artifact(SOLAR)
EVIL: Final = {"theme.css": b"a { background: url(https://thief.example/) }"}


def a_registry_with_many_keys() -> RegistryInMemory:
    """Two moderators, a gate, a root of two of three, and ann's first release."""
    registry = RegistryInMemory(demo=False)
    registry.root(keys=("root", "root two", "root three"), threshold=2)
    registry.moderators(
        {"mod": None, "second": None}, gate=("gate",), threshold=2, by=("root", "root two", "mod", "second")
    )
    registry.policy(gate_releases="owner-updates", by=("mod", "second"))
    registry.release(SOLAR, "1.0.0")
    return registry


@dataclass
class Scene:
    """A registry, its site, and a client that has seen it before."""

    folder: Path
    registry: RegistryInMemory = field(default_factory=a_registry_with_many_keys)

    def __post_init__(self) -> None:
        self.site = SignedSite(self.registry)
        self.first = self.site.publish()
        self.before: Mapping[str, object] = {}
        self.clients = 0
        self.client = "client"
        self.install(self.first)

    def publish(self, *, jobs: Jobs | None = None) -> dict[str, bytes]:
        """The site as it is now, its index signed by the honest job (or `jobs`)."""
        return self.site.publish(jobs=jobs)

    def newcomer(self) -> "Scene":
        """The same with a client that was never here."""
        other = replace(self)
        other.site, other.first, other.before = self.site, self.first, {}
        other.client = "newcomer"
        return other

    def install(self, files: Mapping[str, bytes], *, version: str | None = None, now: int | None = None) -> Verified:
        """What the client would install from a site with these files; what it saw is kept."""
        source = read_through(files, self.site, self.folder / self.client, now=now)
        means = Means(check, MEANS.covers)
        contact = Contact(source, self.registry.id, means=means, seen=Seen(self.before), demo=False)
        (name,) = contact.names([NAME])
        found = contact.verified(name, choose(name, version))
        self.before = contact.seen.merged(self.before)
        return found


Deed = Callable[[Scene], Verified]
"""What the thief does, up to the install that it is for."""


@dataclass(frozen=True, slots=True)
class Theft:
    """One thing that the thief of a key tries."""

    key: str
    deed: str
    """A sentence, as the table has it."""
    act: Deed
    code: str = ""
    """The code of the refusal; empty where nobody can see it."""
