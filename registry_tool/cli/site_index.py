"""The index of a site folder: what the build signs last, and what a heartbeat signs again."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_tool.cli.trust_keys import Given, jobs_of
from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import NotFound, StateForbids
from registry_tool.core.freshness import DAY, Freshness
from registry_tool.core.index import Made
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.services.trusting import Trust, demand_fresh, needed_targets
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.payload import Files
    from registry_tool.core.ports import Source
    from registry_tool.services.built import Build
    from registry_tool.signing.tuf.index import Authority, Jobs, SignedIndex


def ready(world: World, trust: Trust, given: Given) -> "Jobs":
    """The keys of the jobs, after a look at what people signed: what fails here fails before anything is written."""
    targets = needed_targets(trust)
    demand_fresh(trust, world.now())
    return jobs_of(world, trust.government.registry, trust.root, targets, given)


def authority_of(trust: Trust) -> "Authority":
    """What jobs sign under."""
    from registry_tool.signing.tuf.index import Authority

    return Authority(trust.root.text, trust.root.number, needed_targets(trust))


def shown_by(world: World, trust: Trust, where: str | Path) -> "Files":
    """What jobs signed last for the site in a folder or at an address; empty where there is none yet."""
    from registry_tool.signing.tuf.published import fetch_published
    from registry_tool.stores.folder import FolderSource

    if isinstance(where, Path) and not (where / layout.TIMESTAMP).is_file():
        return {}
    source: Source = FolderSource(where) if isinstance(where, Path) else world.source(where)
    return fetch_published(source, needed_targets(trust))


def index_of(
    world: World, trust: Trust, built: "Build", jobs: "Jobs", previous: "Files", folder: Path
) -> "SignedIndex":
    """The signed index of a build whose site goes to `folder`."""
    from registry_tool.signing.tuf.index import sign_index

    files = {one.path: one for one in built.made if layout.is_listed(one.path)}

    def size_of(path: str) -> int:
        try:  # what lies there under its digest is right, and need not be made again
            return (folder / layout.by_digest(path, files[path].sha256)).stat(follow_symlinks=False).st_size
        except OSError:
            return len(files[path].load(path))

    return sign_index(
        built.listed,
        size_of,
        authority=authority_of(trust),
        previous=previous,
        jobs=jobs,
        now=world.now(),
    )


def as_made(files: "Files") -> list[Made]:
    """Files that are in memory as files of a site."""
    return [Made(path, sha256(data), files.__getitem__) for path, data in files.items()]


def sign_until(trust: Trust, expires: Mapping[str, str]) -> int:
    """When the next signature is due, in seconds since 1970: half of a role's days before it expires."""
    days = trust.days
    roles = {"bins": days.bins, "snapshot": days.snapshot, "timestamp": days.timestamp}
    due = [to_seconds(expires[role]) - number * DAY // 2 for role, number in roles.items()]
    return min(due + [to_seconds(time) for time in all_expiries(trust, {}).values()])


def all_expiries(trust: Trust, expires: Mapping[str, str]) -> dict[str, str]:
    """What expires when, of people and of jobs."""
    offline = {"root": trust.root.expires} | ({"targets": trust.targets.expires} if trust.targets else {})
    return {**offline, **expires}


def freshness_of(world: World, trust: Trust, expires: Mapping[str, str]) -> Freshness:
    """The same as a client sees it."""
    days = trust.days
    lifetimes = {"bins": days.bins, "snapshot": days.snapshot, "timestamp": days.timestamp}
    return Freshness(from_seconds(world.now()), True, all_expiries(trust, expires), lifetimes)


def heartbeat(world: World, trust: Trust, folder: Path, given: Given, *, dry_run: bool) -> dict[str, Any]:  # Any: JSON
    """Signs the timestamp of the site in `folder` anew, and whatever else has less than half of its days left.

    `NotFound` (`index-missing`) where there is no whole index under the keys of today: that takes a build.
    """
    from registry_tool.signing.tuf.index import sign_index
    from registry_tool.signing.tuf.published import read_published
    from registry_tool.stores.output import write_in_turn

    jobs = ready(world, trust, given)
    previous = shown_by(world, trust, folder)
    shown = read_published(previous, authority_of(trust))
    if shown.faults:
        raise NotFound(
            f"the index of this site cannot be signed again as it is: {shown.faults[0]}",
            where=str(folder),
            code="index-missing",
            hint="registry build makes it anew",
        )
    _demand_present(folder, shown.listed)
    signed = sign_index(
        {path: one.sha256 for path, one in shown.listed.items()},
        lambda path: shown.listed[path].size,
        authority=authority_of(trust),
        previous=previous,
        jobs=jobs,
        now=world.now(),
        renew=True,
    )
    if not dry_run:
        write_in_turn(folder, as_made({path: signed.files[path] for path in signed.signed}))
    return {"out": str(folder), "signed": list(signed.signed), "expires": all_expiries(trust, signed.expires)}


def _demand_present(folder: Path, paths: Iterable[str]) -> None:
    """A heartbeat must not say that a site is fresh which lost what its index lists."""
    lost = next((path for path in paths if not (folder / path).is_file()), None)
    if lost is not None:
        raise StateForbids(
            f"the index lists {lost}, which is not there", where=str(folder), code="not-whole", hint="registry build"
        )
