"""A registry in a bare repository that guards itself with git's hooks, behind real git servers.

with served(folder) as registry:       `init --forge bare`, git daemon and git http-backend on loopback
    registry.desk("ann").run("publish", …, "--registry", registry.http)
    registry.later(days=3)             the hooks' clock is the test's, as everybody's here
    registry.push(clone, "HEAD:refs/heads/main")        the real git, and what it said
"""

import os
import shlex
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from registry_tool.cli.founding import write_setup
from registry_tool.forges import bare
from registry_tool.forges.setup import Ground
from registry_tool.stores.git import GitHistory
from tests import forking
from tests.bad_input.git import WHO
from tests.cli.desk import Desk
from tests.forking import CLOCK
from tests.stores.gitservers import Daemon, http_backend

START = 1_800_000_000
_HOOKED = """#!/bin/sh
while [ "$1" != registry_tool ]; do shift; done
shift
{variables} exec {program} "$@"
"""


@dataclass(frozen=True, slots=True)
class Said:
    """How git ended."""

    code: int
    talk: str

    @property
    def lines(self) -> list[str]:
        """What the other side said, without what git puts around it."""
        rows = (line.removeprefix("remote:").strip() for line in self.talk.splitlines() if line.startswith("remote:"))
        return [row for row in rows if row]

    @property
    def refused(self) -> list[str]:
        """Each branch (or other ref) that a hook refused, with exit code and code."""
        rows = (line.removeprefix("refused ") for line in self.lines if line.startswith("refused "))
        return [row.removeprefix("refs/heads/") for row in rows]


class Guarded:
    """A bare repository below `folder` whose hooks look at what is pushed, by the test's clock."""

    def __init__(self, folder: Path, *, now: int = START) -> None:
        self.folder = folder
        self.base = folder / "base"
        self.base.mkdir(parents=True)
        self.path = self.base / "reg.git"
        self._clock = folder / "clock"
        self.git = self.http = ""
        """Addresses, once it is served."""
        self.now = now
        self._tell()

    def guard(self, program: Sequence[str]) -> None:
        """Writes the hooks, which start `program` for the tool."""
        python = self.folder / "python"
        env = {"REGISTRY_HOME": str(self.folder / "server"), CLOCK: str(self._clock)}
        variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in env.items())
        python.write_text(_HOOKED.format(variables=variables, program=shlex.join(program)))
        python.chmod(0o755)
        write_setup(self.path, bare.setup(Ground("", "Example", "", "", "personal", str(python))))

    def holding(self, files: Mapping[str, bytes]) -> str:
        """Makes the repository with these files on its main line; their commit."""
        history = GitHistory.init(self.path, bare=True)
        commit = history.commit(files, onto=None, message="there", author="t <t@example.org>", at=self.now)
        history.move("main", old=None, new=commit)
        self.guard(forking.program())
        return commit

    def clock(self) -> int:
        """A second later each time somebody looks."""
        self.now += 1
        self._tell()
        return self.now

    def later(self, *, days: float = 0, seconds: int = 0) -> None:
        """Lets time go by."""
        self.now += int(days * 86_400) + seconds
        self._tell()

    def _tell(self) -> None:
        new = self._clock.with_name(f"clock.{threading.get_ident()}")  # two may land at once
        new.write_text(str(self.now))
        os.replace(new, self._clock)

    @property
    def history(self) -> GitHistory:
        """The repository as it is."""
        return GitHistory.open(self.path)

    @property
    def head(self) -> str:
        """The newest commit of the main line."""
        return self.history.resolve("main") or ""

    def branches(self) -> list[str]:
        """Its branches."""
        return list(self.history.branches())

    def clone(self, name: str) -> Path:
        """A clone by git, in a folder of its own."""
        to = self.folder / name
        _git("clone", "-q", "-b", "main", str(self.path), str(to), cwd=self.folder)
        return to

    def push(self, clone: Path, *refs: str, to: str = "") -> Said:
        """What the real git says when `refs` of a clone are pushed."""
        return _git("push", to or self.git or str(self.path), *refs, cwd=clone)

    def holds(self, commit: str) -> bool:
        """Whether the repository has an object."""
        return _git("cat-file", "-e", commit, cwd=self.path).code == 0

    def leftovers(self) -> list[str]:
        """Folders that git makes for what comes in, and should be gone."""
        return sorted(path.name for path in (self.path / "objects").iterdir() if len(path.name) > 4 and path.is_dir())


class Served(Guarded):
    """The registry, its servers, and the people around it."""

    def __init__(self, folder: Path, *options: str, program: Sequence[str]) -> None:
        super().__init__(folder)
        self._desks: dict[str, Desk] = {}
        self.id: str = self.desk("mod").json("init", str(self.path), "--forge", "bare", *options, "--yes")["registry"]
        self.guard(program)

    def desk(self, name: str) -> Desk:
        """Somebody's machine."""
        if name not in self._desks:
            desk = Desk(self.folder / name)
            desk.world = replace(desk.world, now=self.clock)
            self._desks[name] = desk
        return self._desks[name]

    def at(self, name: str, *line: str) -> Any:  # Any: JSON
        """What a verb on the registry, reached over http, gives somebody, without asking."""
        asks = line[0] in ("publish", "keys", "trust", "policy") or line[:2] in (
            ("queue", "approve"),
            ("queue", "reject"),
            ("moderators", "invite"),
            ("moderators", "sign"),
        )
        return self.desk(name).json(*line, "--registry", self.http, *(("--yes",) if asks else ()))


def _git(*words: str, cwd: Path) -> Said:
    done = subprocess.run(["git", *words], cwd=cwd, env=WHO, capture_output=True, text=True, check=False, timeout=120)
    return Said(done.returncode, done.stdout + done.stderr)


@contextmanager
def served(folder: Path, *options: str, program: Sequence[str] = ()) -> Iterator[Served]:
    """A registry that was made with `init --forge bare` and `options`, behind git daemon and http.

    Its hooks start `program`; where none is given, processes that have the imports behind them.
    """
    registry = Served(folder, *options, program=program or forking.program())
    with serving(registry):
        yield registry


@contextmanager
def serving(registry: Guarded) -> Iterator[None]:
    """Git daemon and git http-backend for a repository, as long as the block runs."""
    daemon = Daemon(registry.base)
    try:
        with http_backend(registry.base) as address:
            registry.git, registry.http = daemon.url("reg.git"), f"{address}/reg.git"
            yield
    finally:
        daemon.close()
