"""A registry on a small GitHub with its Pages, a moderator and an author, and machines for its jobs."""

import http.server
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from registry_tool.core.payload import Files
from registry_tool.forges.github_files import files_for
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory
from tests.cli.desk import Desk
from tests.cli.operating import key_folder
from tests.forge.github_fake import JOB_TOKEN, GitHub, serving
from tests.forge.github_things import Account, Pull, Repository
from tests.forge.runner import Runner, machine
from tests.forking import program

SKILL = b"---\nname: one\ndescription: Finds things. Use it to find things.\n---\n\nLook.\n"
PINNED = f"registry-tool==1.2.3 --hash=sha256:{64 * 'a'}"
INSTALL = frozenset({"Install the tool that main pins"})


def has_the_tool(temp: Path) -> None:
    """What the installing step leaves: here the tool of this checkout."""
    folder = temp / "tool" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(sys.executable)
    (folder / "registry").write_text(f'#!/bin/sh\nexec {shlex.join(program())} "$@"\n')
    (folder / "registry").chmod(0o755)


Made = Callable[[Account], RegistryInMemory]


class Place:
    """A registry on a small GitHub, its site on a server, a moderator and an author.

    `init` makes the registry, or it is what `made` gives for the moderator's account.
    """

    def __init__(
        self, folder: Path, github: GitHub, url: str, pages: Path, *, tool: str = PINNED, made: Made | None = None
    ) -> None:
        self.folder, self.github, self.url, self.pages = folder, github, url, pages
        self.moderator, self.author = Desk(folder / "mod"), Desk(folder / "ann")
        for desk in (self.moderator, self.author):
            desk.world = replace(desk.world, now=lambda: int(time.time()))  # as the jobs have it
        self.runs = 0
        self.mod, self.ann = github.things.account("mod"), github.things.account("ann")
        self.files: Files = files_for(tool)
        bare = folder / "registry.git"
        if made is None:
            line = ("init", str(bare), "--bare", "--bins", "2", "--url", url, "--forge", "github", "--tool", tool)
            self.id = self.moderator.json(*line, "--git", f"{github.server}/mod/registry.git", "--yes")["registry"]
        else:
            self.id = self._brought(made(self.mod), bare)
        self.repository: Repository = github.things.repository(self.mod, "registry", bare=bare)
        github.jobs = self.repository

    def _brought(self, registry: RegistryInMemory, bare: Path) -> str:
        """Puts a registry and its gate's key where `init` would; its id."""
        history = GitHistory.init(bare, bare=True, main="main")
        files, at = {**registry.files, **self.files}, self.moderator.world.now()
        commit = history.commit(files, onto=None, message="Found it\n", author="Mod <mod@example.org>", at=at)
        history.move("main", old=None, new=commit)
        for use in ("gate", "publishing", "timestamp"):
            self.moderator.world.keys.import_seed(f"registry:{registry.id[:16]}", use, registry.seed(use))
        return registry.id

    def submitted(self, version: str = "1.0.0", **edits: str) -> Pull:
        """A pull request of somebody's for a release of theirs, in which they also edited files by hand."""
        folder = self.author.put("skill", {"SKILL.md": SKILL, "artifact.yaml": b"license: MIT\n"})
        line = ("publish", folder, "--id", "@ann/one", "--version", version, "--as", "ann", "--yes")
        branch = self.author.json(*line, "--registry", str(self.repository.folder))["branch"]
        if edits:
            self.edit(branch, edits)
        return self.opened(branch)

    def edit(self, branch: str, files: Mapping[str, str], *, onto: str = "") -> None:
        """Commits files onto a branch, or onto another one as a new branch."""
        clone = self.folder / "clone"
        _git(self.folder, "clone", "--quiet", "--branch", onto or branch, str(self.repository.folder), str(clone))
        for path, text in files.items():
            (clone / path).write_text(text)
        _git(clone, "add", "--all")
        _git(clone, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "--quiet", "-m", "Edit")
        _git(clone, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")

    def opened(self, branch: str) -> Pull:
        """The pull request for a branch, from a fork that has it alone."""
        fork = self.github.things.fork(self.repository, self.ann)
        _git(fork.folder, "fetch", "--quiet", str(self.repository.folder), f"+{branch}:{branch}")
        _git(self.repository.folder, "branch", "--quiet", "-D", branch)
        return self.github.things.open(self.repository, fork, branch, author=self.ann, title="A release")

    def runner(self, pull: Pull | None = None, **more: str) -> Runner:
        """A machine for the event of a pull request, or for one of the main line."""
        said = {
            "github.token": JOB_TOKEN,
            "github.server_url": self.github.server,
            "!cancelled()": "true",
            "vars.REGISTRY_APP != ''": "false",
            "steps.app.outputs.token == ''": "true",
            "steps.app.outputs.token || github.token": JOB_TOKEN,
            "inputs.fewer": "",
            **{f"secrets.REGISTRY_{use.upper()}_KEY": self._key(use) for use in ("gate", "publishing", "timestamp")},
            **more,
        }
        if pull is not None:
            head = "github.event.pull_request.head.sha"
            merged = f"{head} || github.event.merge_group.head_sha"
            said |= dict.fromkeys((head, merged, "github.event.workflow_run.head_sha"), pull.head)
        env = machine(self.folder / "home", server=self.github.server, name="mod/registry", api=self.github.api)
        self.runs += 1
        return Runner(self.folder / f"run-{self.runs}", env, said, self.pages, self.url, INSTALL, has_the_tool)

    def workflow(self, name: str) -> bytes:
        """The file that `init` wrote."""
        return self.files[f".github/workflows/{name}.yml"]

    def _key(self, use: str) -> str:
        return (key_folder(self.moderator) / f"{use}.pem").read_text()


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, timeout=60)


class _Pages(http.server.SimpleHTTPRequestHandler):
    """Files as they are, as Pages serves them."""

    disable_nagle_algorithm = True  # else head and body wait 40 ms for each other

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name; Any: as there
        """Says nothing."""


@contextmanager
def pages_at(folder: Path) -> Iterator[str]:
    """A server of the files in a folder, and its address."""
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def place_at(folder: Path, *, tool: str = PINNED, made: Made | None = None) -> Iterator[Place]:
    """The whole of it, for the time of a `with`."""
    (folder / "github").mkdir()
    with serving(folder / "github") as github, pages_at(folder / "pages") as url:
        yield Place(folder, github, url, folder / "pages", tool=tool, made=made)
