"""Where an import reads from: files, addresses, and repositories, all bounded."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from registry_tool.cli.folders import folders_of
from registry_tool.core.addresses import is_site
from registry_tool.core.describe import Said
from registry_tool.core.errors import InvalidInput, NotFound, Unreachable
from registry_tool.core.forge import ForgeRepository
from registry_tool.core.ports import Exchange
from registry_tool.services.author import Folder
from registry_tool.services.importing import Checkout
from registry_tool.stores.git import GitHistory
from registry_tool.wiring import World

BRANCHES: Final = ("main", "master")
"""What the branch of a repository is called that people look at."""
ACCEPT: Final = {"Accept": "*/*"}


class WorldLibrary:
    """A `Library` of this machine and the network."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange: Exchange | None = None
        self._histories: dict[str, GitHistory] = {}

    def read(self, where: str, *, limit: int) -> bytes:
        """The bytes at an address or of a file; `NotFound` where there are none, `Unreachable`, `InvalidInput`."""
        if not is_site(where):
            return self._file(where, limit)
        if self._exchange is None:
            from registry_tool.stores.http import HttpExchange

            self._exchange = HttpExchange(env=self._world.env)
        answer = self._exchange.send("GET", where, headers=ACCEPT, body=None, limit=limit)
        if answer.status in (404, 410):
            raise NotFound(f"there is nothing (HTTP {answer.status})", where=where, code="not-found")
        if answer.status != 200:
            raise Unreachable(f"it answers with HTTP {answer.status}", where=where, code="server-error")
        return answer.body

    def _file(self, where: str, limit: int) -> bytes:
        path = self._world.path(where)
        if not path.is_file():
            raise NotFound("there is no file", where=where, code="no-file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise InvalidInput(f"it may have at most {limit} bytes", where=where, code="too-large")
        return data

    def repository(self, address: str) -> Checkout:
        """The newest commit of the repository's branch that people look at, and its number where a forge says it."""
        remote = self._world.remote(address)
        for branch in BRANCHES:
            try:
                history, commit = remote.fetch_tip(branch)
            except NotFound as error:
                if error.code != "no-branch" or branch == BRANCHES[-1]:
                    raise
                continue
            break
        self._histories[commit] = history
        found = self.in_forge(address)
        return Checkout(address, history.tree(commit), commit, found.number if found else None)

    def prefetch(self, checkout: Checkout, folder: str) -> None:
        """Brings the files of a folder at once."""
        self._histories[checkout.commit].prefetch(checkout.commit, [f"{folder}/**" if folder else "**"])

    def folders(self, path: str) -> Sequence[Folder]:
        """What can be published in a folder of this machine."""
        return folders_of(self._world, (path,), Said())

    def in_forge(self, address: str) -> ForgeRepository | None:
        """The repository as its forge knows it; `None` where it is on none that is known."""
        forge = self._world.forge(address)
        return forge.repository(urlsplit(address).path.strip("/").removesuffix(".git")) if forge else None
