"""Where moderators decide: a repository on this machine, a clone, or one behind a git address."""

import hashlib
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.errors import WrongUsage
from registry_tool.core.ports import History
from registry_tool.core.statements import Account
from registry_tool.services.bench import BRANCH, Bench
from registry_tool.stores.buildstate import QueueState
from registry_tool.wiring import PREPARING, Access, World, open_repository

if TYPE_CHECKING:
    from registry_tool.core.moderation import Mentions
    from registry_tool.services.listing import Head, Json, Share

PACKAGE: Final = Path(str(files("registry_tool")))


def bench_of(world: World, where: str | None) -> Bench:
    """What the moderator's services need, on the registry at `where`: a path, a git address, or a site that names one.

    What lies behind an address is read from there each time, and what lands is pushed. Where that is a forge, its
    pull requests are submissions too.
    """
    choice = choose_registry(world, Options(where=where), "publish")
    known = {str(one["name"]): str(one["where"]) for one in world.state.registries()}
    place = known.get(choice.where, choice.where)
    if is_site(place) or is_git_address(place):
        slot = hashlib.sha256(place.encode()).hexdigest()[:32]
        memory = QueueState(world.folder("cache") / "queue" / f"{slot}.json", PACKAGE)
        return replace(bench_at(world, open_repository(world, place)), memory=memory)
    path = Path(world.path(place.removeprefix("file://")))
    return replace(bench_on(world, world.history(path)), memory=QueueState.at(path, PACKAGE))


def account_in(world: World, where: str | None, name: str, *, number: int | None, forge: str) -> Account:
    """The account called `name` in a forge: by its number, or asked there. `WrongUsage` where neither can be."""
    from registry_tool.core.forge import Forge

    there: Forge | None = None
    if number is None or not forge:
        choice = choose_registry(world, Options(where=where), "publish")
        known = {str(one["name"]): str(one["where"]) for one in world.state.registries()}
        there = world.forge(known.get(choice.where, choice.where))
    host = forge or (there.name if there is not None else "")
    if not host or (number is None and (there is None or there.name != host)):
        raise WrongUsage(
            f"nothing says which account {name} is", code="needs-number", hint="say --forge HOST --number N"
        )
    found = number if number is not None or there is None else there.account(name).number
    return Account.of({"forge": host, "number": found, "name": name})


def bench_at(world: World, access: Access) -> Bench:
    """The same for a repository that was opened already."""
    from registry_tool.stores.pushed import PushedHistory

    if access.remote is None:
        return bench_on(world, access.history)
    history = PushedHistory(access.remote, main=BRANCH, reads=PREPARING)
    return replace(bench_on(world, history), forge=world.forge(access.where), fetch=history.fetch)


def bench_on(world: World, history: History) -> Bench:
    """The same for a history."""
    from registry_tool.checks import all_checks

    return Bench(history, world.kinds, all_checks(), world.means, world.keys, world.now)


def sharing(world: World, bench: Bench) -> "Share | None":
    """Looks at many submissions in several processes, where the repository lies on this machine."""
    from registry_tool.services.listing import looked
    from registry_tool.stores.git import GitHistory
    from registry_tool.stores.workers import cores, shared

    if not isinstance(bench.history, GitHistory):
        return None
    path = Path(bench.history.where)

    def share(heads: "Sequence[Head]", decided: "Mentions") -> "Iterable[tuple[str, Json]]":
        def work(part: "Sequence[Head]") -> "Iterable[tuple[str, Json]]":
            # Its own handles on the repository: two processes that share one would move each other's place in a file.
            return looked(replace(bench, history=world.history(path)), part, decided)

        return shared(work, heads, group=lambda head: head, processes=cores())

    return share


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
