"""What a site may not fall below: a build that lacks what the one before it had is not published by a job."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from registry_tool.core import canonical, layout
from registry_tool.core.digest import Hex
from registry_tool.core.errors import StateForbids
from registry_tool.core.limits import NAME_RECORD_BYTES
from registry_tool.core.quoting import quoted
from registry_tool.services.trusting import Trust
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.payload import Files
    from registry_tool.services.built import Build

CHANGED_NAMES: Final = 2_000
"""Where more names changed (another tool writes them otherwise), only what is gone as a whole is looked for."""
SHOWN: Final = 10


def demand_no_less(world: World, trust: Trust, site: str, previous: "Files", built: "Build") -> None:
    """`StateForbids` (`fewer`) where the site at `site`, whose signed index is `previous`, has releases that are gone.

    Nothing is said of what does not verify there: it is replaced.
    """
    from registry_tool.cli.site_index import authority_of
    from registry_tool.signing.tuf.published import read_published

    listed = read_published(previous, authority_of(trust)).listed
    gone = [path for path in listed if _is_name(path) and path not in built.listed]
    changed = {
        path: listed[path].sha256
        for path in sorted(built.listed.keys() & listed.keys())
        if _is_name(path) and listed[path].sha256 != built.listed[path]
    }
    missing = [_name(path) for path in sorted(gone)]
    if len(changed) <= CHANGED_NAMES:
        missing += _fewer_versions(world, site, changed, built)
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise StateForbids(
            f"{len(missing)} that {site} has would be gone: {', '.join(map(quoted, missing[:SHOWN]))}{more}; "
            "nothing was written",
            where=site,
            code="fewer",
            hint="find out why, with `registry verify SITE --registry REPO`; where it is meant, add --fewer",
        )


def _is_name(path: str) -> bool:
    return path.startswith("index/") and path.count("/") == 3


def _name(path: str) -> str:
    """`@scope/name` of the path of its file."""
    return "@" + path.removesuffix(".json").split("/", 2)[2]


def _fewer_versions(world: World, site: str, changed: dict[str, Hex], built: "Build") -> Iterator[str]:
    """Every version that a name has at `site` and not in the build."""
    made = {one.path: one for one in built.made if one.path in changed}
    wanted = [(layout.by_digest(path, digest), NAME_RECORD_BYTES) for path, digest in changed.items()]
    for path, data in zip(changed, world.source(site).fetch_all(wanted), strict=True):
        if data is not None:
            now = _versions(made[path].load(path))
            yield from (f"{_name(path)}@{one}" for one in _versions(data) if one not in now)


def _versions(data: bytes) -> Sequence[str]:
    value = canonical.parse_loose(data, limit=NAME_RECORD_BYTES, what="a name's file")
    versions = value.get("versions") if isinstance(value, dict) else None
    return sorted(versions) if isinstance(versions, dict) else []
