"""The one module that knows the world: environment, home, working directory, clock, real adapters.

Everything else is given what it needs. Slow libraries are imported where they are first used, so
that `registry --help` answers at once.
"""

import os
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.errors import NotFound, WrongUsage

if TYPE_CHECKING:
    from registry_tool.core.forge import Forge
    from registry_tool.core.identity import Identify
    from registry_tool.core.keys import SignatureCheck
    from registry_tool.core.kind import Kinds
    from registry_tool.core.ports import Clock, Source
    from registry_tool.core.trust import Means
    from registry_tool.stores.auditlog import AuditLog
    from registry_tool.stores.disk import DiskTarget
    from registry_tool.stores.git import GitHistory
    from registry_tool.stores.keys import KeyFolder
    from registry_tool.stores.memorykeys import MemoryKeys
    from registry_tool.stores.remote import Remote
    from registry_tool.stores.state import StateStore

APP = "registry-tool"
BRANCH = "main"
"""The branch that a registry lives on."""

PREPARING = (
    "index/trust/**",
    "index/moderators/**",
    "index/policy/**",
    "index/registry.yaml",
    "index/authors/**",  # a key belongs to one person in the whole registry
    "index/releases/*/*/",  # and no name may look like another one
)
"""What preparing a submission reads of a registry."""


@dataclass(frozen=True)
class World:
    """Where and when this process runs, and as whom."""

    env: Mapping[str, str]
    cwd: Path
    home: Path
    now: "Clock"
    """Seconds since 1970."""
    terminal: bool
    """Whether a person can be asked."""
    machine: Path = Path({"darwin": "/Library/Application Support"}.get(sys.platform, "/etc/xdg")) / APP
    """The folder of the settings for everybody on this machine; no variable moves it."""

    def folder(self, use: str) -> Path:
        """The person's folder for `use`: `keys`, `trust`, `settings`, `state` or `cache`.

        `REGISTRY_HOME` holds all of them; otherwise each lies where the platform puts its like, so
        that a wiped cache forgets no trust.
        """
        chosen = self.env.get("REGISTRY_HOME")
        if chosen:
            return (self.cwd / chosen).resolve() / use
        import platformdirs

        base = {
            "cache": platformdirs.user_cache_dir,
            "settings": platformdirs.user_config_dir,
            "state": platformdirs.user_state_dir,
        }.get(use, platformdirs.user_data_dir)
        return Path(base(APP)) / use

    @cached_property
    def kinds(self) -> "Kinds":
        """All kinds."""
        from registry_tool.kinds import all_kinds

        return all_kinds()

    @property
    def check(self) -> "SignatureCheck":
        """Ed25519 verification."""
        from registry_tool.signing.ed25519 import check

        return check

    @cached_property
    def means(self) -> "Means":
        """What verifying needs."""
        from registry_tool.core.covering import Covering
        from registry_tool.core.trust import Means

        return Means(self.check, Covering(self.kinds.by_id), keyless=self._keyless)

    def _keyless(self, trusted_root: bytes) -> "Identify":
        """Verifies keyless signatures under a sigstore trust root; slow to load."""
        from registry_tool.signing.sigstore.verify import identifier

        return identifier(trusted_root, now=self.now)

    @cached_property
    def keys(self) -> "KeyFolder":
        """The person's private keys."""
        from registry_tool.signing.ed25519 import Ed25519Signer
        from registry_tool.stores.keys import KeyFolder

        return KeyFolder(self.folder("keys"), random_seed=lambda: secrets.token_bytes(32), signer=Ed25519Signer)

    @cached_property
    def state(self) -> "StateStore":
        """What was added and seen."""
        from registry_tool.stores.state import StateStore

        return StateStore(self.folder("trust"))

    @cached_property
    def audit(self) -> "AuditLog":
        """Where everything that is installed, removed, started or refused is noted."""
        from registry_tool.stores.auditlog import AuditLog

        chosen = self.env.get("REGISTRY_AUDIT_LOG")
        return AuditLog(self.path(chosen) if chosen else self.folder("state") / "audit.jsonl")

    def path(self, text: str) -> Path:
        """A path that the person named, from where they stand."""
        expanded = self.home / text[2:] if text.startswith("~/") else Path(text)
        return Path(os.path.abspath(self.cwd / expanded))

    def project(self, named: str | None) -> Path:
        """The project's folder: named, else where the person stands."""
        path = self.path(named) if named else self.cwd
        if path.exists() and not path.is_dir():
            raise WrongUsage(f"the project {path} is not a folder")
        return path

    def target(self, root: Path) -> "DiskTarget":
        """The executor of installs below `root`."""
        from registry_tool.stores.disk import DiskTarget

        return DiskTarget(root)

    def history(self, path: Path) -> "GitHistory":
        """The git repository at `path`."""
        from registry_tool.stores.git import GitHistory

        return GitHistory.open(path)

    def remote(self, url: str, *, of: str = "") -> "Remote":
        """The git repository at `url`, fetched into the cache as little as possible; a fork of the one at `of`."""
        import hashlib

        from registry_tool.forges.finding import place_at
        from registry_tool.stores.credentials import with_token
        from registry_tool.stores.remote import Remote

        slot = hashlib.sha256((of or url).encode()).hexdigest()[:16]
        place = place_at(url, self.env)
        env = with_token(self.env, server=place.server, token=place.token) if place else self.env
        return Remote(url, env=env, workdir=self.folder("cache") / "git" / slot, of=of)

    def forge(self, where: str) -> "Forge | None":
        """The forge that the registry at `where` (a path or a git address) is on; `None` where none is known."""
        from registry_tool.forges.finding import named_by, place_for
        from registry_tool.forges.github import GitHubForge
        from registry_tool.stores.http import HttpExchange

        path = self.path(where.removeprefix("file://"))
        place, web = place_for(where, self.env, named=lambda: named_by(self.history(path))), HttpExchange(env=self.env)
        return GitHubForge(web, place, branch=BRANCH, now=self.now, pause=time.sleep) if place else None

    def source(self, where: str) -> "Source":
        """The registry at `where`, as consumers read it: a site, a built folder, or a clone."""
        if is_site(where):
            from registry_tool.stores.http import HttpSource

            return HttpSource(where, env=self.env)
        path = self.path(where.removeprefix("file://"))
        if path.is_file():
            from registry_tool.stores.exported import ExportedSource

            return ExportedSource(path)
        if (path / "chains" / "registry.json").is_file():
            from registry_tool.stores.folder import FolderSource

            return FolderSource(path)
        if looks_like_git(path):
            from registry_tool.core.published import PublishedTree

            history = self.history(path)
            head = history.resolve("HEAD") or history.resolve(BRANCH)
            if head is None:
                raise NotFound(
                    f"{path} has no commit yet", code="not-a-registry", hint="make a registry with `registry init`"
                )
            return PublishedTree(history.tree(head), where=str(path), check=self.check)
        if (path / "index" / "trust" / "1.root.json").is_file():
            from registry_tool.core.published import PublishedTree
            from registry_tool.stores.foldertree import FolderTree

            return PublishedTree(FolderTree(path), where=str(path), check=self.check)
        raise NotFound(
            f"there is no registry at {where}",
            code="not-a-registry",
            hint="give a site's address, a folder that `registry build` wrote, a clone, or a file of `registry export`",
        )

    def standing_in(self) -> Path | None:
        """The registry repository that the person stands in, found upwards from here."""
        for folder in (self.cwd, *self.cwd.parents):
            if looks_like_git(folder):
                inside = (folder / "index" / "trust" / "1.root.json").is_file() or (
                    not (folder / ".git").exists() and self._holds_registry(folder)
                )
                return folder if inside else None
        return None

    def _holds_registry(self, folder: Path) -> bool:
        history = self.history(folder)
        head = history.resolve(BRANCH)
        return head is not None and history.tree(head).read("index/trust/1.root.json") is not None


def looks_like_git(path: Path) -> bool:
    """Whether `path` is a work tree, a bare repository or a `.git` folder."""
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def real_world() -> World:
    """The world of this process."""
    env = dict(os.environ)
    # Looking for plugins reads what is installed, and none of them may change what is valid.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    return World(
        env=env,
        cwd=Path.cwd(),
        home=Path.home(),
        now=lambda: int(time.time()),
        terminal=sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty(),
    )


@dataclass(frozen=True)
class Access:
    """A registry's repository that submissions go to."""

    where: str
    history: "GitHistory"
    tip: str
    """The newest commit of its main branch."""
    remote: "Remote | None"
    """`None` where the repository lies on this machine."""

    def read_ahead(self) -> None:
        """Fetches what preparing a submission reads, in a few steps instead of one for each file."""
        self.history.prefetch(self.tip, PREPARING)

    def push(self, commit: str, branch: str) -> None:
        """Puts a submission on its branch; `StateForbids` where another one is there."""
        if self.remote is None:
            self.history.move(branch, old=None, new=commit)
        else:
            self.remote.push(commit, branch)

    def branches(self, prefix: str) -> Mapping[str, str]:
        """Branch to commit."""
        return self.history.branches(prefix) if self.remote is None else self.remote.list_branches(prefix)

    def delete(self, branch: str, commit: str) -> None:
        """Takes a branch away."""
        if self.remote is None:
            self.history.move(branch, old=commit, new=None)
        else:
            self.remote.delete_branch(branch, old=commit)


def open_repository(world: World, where: str) -> Access:
    """The repository of the registry at `where`: a path, a git address, or a site that names one."""
    known = {str(one["name"]): str(one["where"]) for one in world.state.registries()}
    where = known.get(where, where)
    if is_site(where) and not is_git_address(where):
        where = _git_address(world, where)
    if is_site(where) or is_git_address(where) or urlsplit(where).scheme == "file":
        remote = world.remote(where)
        history, tip = remote.fetch_tip(BRANCH)
        return Access(where, history, tip, remote)
    path = world.path(where)
    history = world.history(path)
    found = history.resolve(BRANCH)
    if found is None:
        raise NotFound(
            f"{path} has no branch {BRANCH}", code="not-a-registry", hint="make a registry with `registry init`"
        )
    return Access(str(path), history, found, None)


def _git_address(world: World, site: str) -> str:
    """The git address that a site names for submissions."""
    from registry_tool.core import limits
    from registry_tool.core.canonical import parse_loose
    from registry_tool.core.layout import ENTRY

    data = world.source(site).fetch(ENTRY, limit=limits.ENTRY_BYTES)
    git = parse_loose(data, limit=limits.ENTRY_BYTES, what=ENTRY).get("git") if data else None
    if not isinstance(git, str) or not git:
        raise NotFound(
            f"{site} names no repository that submissions go to",
            code="no-git-address",
            hint="give --registry the address of its git repository",
        )
    if not is_git_address(git) and not is_site(git):
        # A site is somebody else's word: it must not send us to a path of this machine.
        raise WrongUsage(f"{site} names {git!r} as its repository, which is no address", code="bad-git-address")
    return git


def memory_keys(world: World) -> "MemoryKeys":
    """The person's keys, with new ones that vanish with the process."""
    from registry_tool.signing.ed25519 import Ed25519Signer
    from registry_tool.stores.memorykeys import MemoryKeys

    return MemoryKeys(world.keys, random_seed=lambda: secrets.token_bytes(32), signer=Ed25519Signer)


def fresh_seed() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(32)
