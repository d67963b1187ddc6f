"""Where moderators decide: a repository on this machine, a clone, or one behind a git address."""

import shlex
from pathlib import Path

from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.ports import History
from registry_tool.services.bench import BRANCH, Bench
from registry_tool.wiring import PREPARING, Access, World, open_repository


def bench_of(world: World, where: str | None) -> Bench:
    """What the moderator's services need, on the registry at `where`: a path, a git address, or a site that names one.

    What lies behind an address is read from there each time, and what lands is pushed.
    """
    choice = choose_registry(world, Options(where=where), "publish")
    known = {str(one["name"]): str(one["where"]) for one in world.state.registries()}
    place = known.get(choice.where, choice.where)
    if is_site(place) or is_git_address(place):
        return bench_at(world, open_repository(world, place))
    return bench_on(world, world.history(Path(world.path(place.removeprefix("file://")))))


def bench_at(world: World, access: Access) -> Bench:
    """The same for a repository that was opened already."""
    from registry_tool.stores.pushed import PushedHistory

    if access.remote is None:
        return bench_on(world, access.history)
    return bench_on(world, PushedHistory(access.remote, main=BRANCH, reads=PREPARING))


def bench_on(world: World, history: History) -> Bench:
    """The same for a history."""
    from registry_tool.checks import all_checks

    return Bench(history, world.kinds, all_checks(), world.means, world.keys, world.now)


def is_clone(history: History) -> bool:
    """Whether it is a repository on this machine that was cloned from another one."""
    from registry_tool.stores.git import GitHistory

    return isinstance(history, GitHistory) and history.resolve(f"refs/remotes/origin/{BRANCH}") is not None


def send_words(history: History, branch: str = BRANCH) -> str:
    """How a clone sends what it alone has on `branch`; empty where nothing is to be sent."""
    if not is_clone(history):
        return ""
    here, there = history.resolve(f"refs/heads/{branch}"), history.resolve(f"refs/remotes/origin/{branch}")
    if here == there:
        return ""
    return f"It is in this clone only. Send it: git -C {shlex.quote(history.where)} push origin {branch}"


def landed_words(history: History) -> str:
    """What to do next after something landed."""
    from registry_tool.stores.git import GitHistory

    if not isinstance(history, GitHistory):
        return f"It is in {history.where}; people hear of it with the next build of the site."
    build = f"Publish it with: registry build --registry {shlex.quote(history.where)}"
    return "\n".join(filter(None, (send_words(history), build)))
