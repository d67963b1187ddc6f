"""A site before and after a publish, clients who saw none, one or both of them, and what they read later."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from registry_tool.core import layout, limits
from registry_tool.core.errors import RegistryError
from registry_tool.core.names import parse_artifact
from registry_tool.services.answers import told
from registry_tool.signing.tuf.index import Jobs
from tests.builders import RegistryInMemory, SiteInMemory
from tests.building_chains import _tuf_id, _tuf_key
from tests.building_index import SignedSite, read_through, stranger

SOLAR: Final = layout.name_path(parse_artifact("@ann/solar"))
MOON: Final = layout.name_path(parse_artifact("@ann/moon"))
SCOPE: Final = layout.scope_path("ann")
PATHS: Final = (layout.REGISTRY_CHAINS, SCOPE, SOLAR, MOON, layout.CATALOGUE, layout.REVOKED, layout.TRUSTED_ROOT)
ROOT_KEYS: Final = ("root", "root two", "root three")

State = Mapping[str, bytes | None]
"""What a client reads at `PATHS`."""

AS_IT_IS: Final = "="
"""The client reads the newest state: what was done does not reach it."""
FOOLED: Final = "?"
"""The client takes what it is shown."""


def root(registry: RegistryInMemory, *, by: tuple[str, ...] = ROOT_KEYS[:2], **more: Any) -> None:
    """The next root: two of three sign it, and two of two sign targets; `more` edits what it says."""
    second = _tuf_key(registry.hand("targets two"))

    def change(signed: dict[str, Any]) -> None:
        signed["keys"][_tuf_id(second)] = second
        signed["roles"]["targets"]["keyids"].append(_tuf_id(second))
        signed["roles"]["targets"]["threshold"] = 2
        signed.update(more)

    registry.root(keys=ROOT_KEYS, threshold=2, by=by, change=change)


@dataclass
class Scene:
    """A registry that published twice: a moderator left, a version and a name came, one release was revoked."""

    folder: Path

    def __post_init__(self) -> None:
        registry = RegistryInMemory(demo=False)
        root(registry)
        registry.moderators({"mod": None, "second": None}, by=(*ROOT_KEYS[:2], "mod", "second"))
        registry.policy(by=("mod",))
        registry.release("@ann/solar", "1.0.0")
        self.site = SignedSite(registry, people=("targets", "targets two"))
        self.site.more[layout.REVOKED] = b'{"revoked":[]}'
        self.old = self.site.publish()
        self.before = self.site.fork()
        registry.moderators({"mod": None}, by=("mod",))
        registry.event("@ann/solar", "1.0.0", "yank")
        registry.release("@ann/solar", "1.1.0")
        registry.release("@ann/moon", "1.0.0")
        self.site.more[layout.REVOKED] = b'{"revoked":["@ann/solar@1.0.0"]}'
        self.site.targets(trusted_root=b'{"tlogs":[]}')
        self.new = self.site.publish()

    def recover(self) -> dict[str, bytes]:
        """The site after a theft of the jobs' keys: a new root and new targets with new ones."""
        hands = self.site.registry._hands
        hands["publishing"], hands["bins"] = stranger(11), stranger(12)
        self.site.jobs = Jobs((hands["bins"],), (hands["publishing"],))
        root(self.site.registry)
        self.site.targets(trusted_root=b'{"tlogs":[]}')
        return self.site.publish(later=3600)

    def state(self, files: Mapping[str, bytes], who: str, *, now: int | None = None, **more: Any) -> State:
        """What the client called `who` reads from a site with these files."""
        source = read_through(SiteInMemory(files), self.site, self.folder / who, now=now, **more)
        with told(source.where):
            found = source.fetch_all([(path, limits.CATALOGUE_BYTES) for path in PATHS])
        return dict(zip(PATHS, found, strict=True))

    def visits(self, who: str, files: Mapping[str, bytes], *, now: int | None = None) -> tuple[str, str]:
        """What comes of a visit of one who saw `nothing`, `old` or `new`: the outcome, and the words of a refusal."""
        if who != "nothing":
            self.state({"old": self.old, "new": self.new}[who], who, now=self.site.now)
        try:
            found = self.state(files, who, now=now)
        except RegistryError as error:
            return error.code if error.exit_code in (4, 6) else f"exit {error.exit_code}", error.message
        return (AS_IT_IS if found == plain(self.site.files) else FOOLED), ""


def plain(files: Mapping[str, bytes]) -> State:
    """What an honest site shows at `PATHS`."""
    return {path: files.get(path) for path in PATHS}


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that is done to the index, and what becomes of clients."""

    sentence: str
    deed: Callable[[Scene], Mapping[str, bytes]]
    nothing: str
    """The code of the refusal, `AS_IT_IS` or `FOOLED`, of a client that was never here."""
    old: str
    """The same of one who saw the state before."""
    new: str
    """The same of one who saw the newest."""
    later: int = 0
    """How many seconds after the last publish clients come."""
