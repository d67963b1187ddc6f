"""A registry's repository behind a URL, reached through the `git` executable.

Git brings what people have set up already: their SSH agent, credential helpers and proxies. It
works in a bare repository of ours (a cache, below `workdir`), which holds the newest commit and
of its folders only those that somebody looked at:

    fetch_tip    the commit and the first folders          --depth=1 --filter=tree:3
    reading      the folders on the way, one step each     --filter=tree:0
                 all folders of one name at once           --filter=blob:none
                 the files that are read
    push         the new commit, its new folders and files

A server that offers no filters sends the whole newest commit instead, and nothing is missing later.
Nothing from outside becomes an option, a prompt, a hook or another protocol.
"""

import hashlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final
from urllib.parse import urlsplit

from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids, Unreachable
from registry_tool.core.quoting import quoted
from registry_tool.stores.git import GitHistory
from registry_tool.stores.refusals import clean, declined

TIMEOUT_SECONDS: Final = 120.0
_CONFIG: Final = b"[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
_ANSWER_BYTES: Final = 64 * 1024 * 1024  # a list of half a million branches
_TALK_BYTES: Final = 16 * 1024  # of what git and the other side say
_SHOWN_LINES: Final = 8
_QUIET: Final = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-progress")
_ASK_FOR_ALL: Final = "fetch.negotiationAlgorithm=noop"  # do not say what we have: we have it only in part
_FILTERS: Final = ("tree:3", "tree:0", "blob:none", "")  # some servers allow no depth, some no trees
ALL: Final = 10**9
"""A depth that no history has; folders do not come along. The one that git calls infinite brings also the past of
everything that was fetched before, as of a pull request that somebody made ten million commits deep."""
_LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_SCP_FORM: Final = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!:)[^\0-\x20].*")
_BRANCH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/@+-]{0,200}")
_PULL: Final = re.compile(r"refs/[a-z][a-z-]{0,30}/[0-9]{1,18}/head")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_KEPT_SETTINGS: Final = re.compile(r"GIT_(SSH|ASKPASS|CONFIG_|SSL_|PROXY_|HTTP_|TRACE|CURL_|EXEC_PATH|TEST_).*")
_SETTINGS: Final = {
    "core.hooksPath": os.devnull,
    "protocol.version": "2",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "fetch.writeCommitGraph": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    "push.gpgSign": "false",
    "push.useBitmaps": "false",
    "advice.pushUpdateRejected": "false",
}
_ACCESS: Final = (
    "authentication failed",
    "could not read username",
    "could not read password",
    "permission denied",
    "terminal prompts disabled",
    "access denied",
    "http basic",
    "error: 401",
    "error: 403",
    "host key verification failed",
)
_ABSENT: Final = ("not found", "does not exist", "does not appear to be a git repository", "not exported", "error: 404")
_MOVED: Final = ("stale info", "fetch first", "non-fast-forward", "already exists", "failed to update", "cannot lock")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What git said."""

    code: int
    out: str
    talk: str


class Remote:
    """The repository at `url`: https, ssh or file; http and git only to this machine.

    `env` is the environment that git gets; of its `GIT_…` variables only those that say how to connect.
    `workdir` is a folder of ours, where a fork `of` another finds what was fetched. `InvalidInput` (`bad-address`).
    """

    def __init__(
        self, url: str, *, env: Mapping[str, str], workdir: Path, of: str = "", timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        protocol = _protocol(url)
        self._where = re.sub(r"//[^/@]*@", "//", url)
        self._timeout_seconds = timeout_seconds
        self._cache = workdir / f"{hashlib.sha256((of or url).encode()).hexdigest()[:32]}.git"
        settings = {**_SETTINGS, "remote.origin.url": url}
        self._env = _environment(env, settings, protocol)
        self._fetch_env = _environment(env, {**settings, "remote.origin.promisor": "true"}, protocol)

    @property
    def where(self) -> str:
        """The address, without a password that is in it."""
        return self._where

    def fetch_tip(self, branch: str = "main") -> tuple[GitHistory, str]:
        """A history in which the newest commit of `branch` can be read, and that commit's id.

        Folders and files are fetched when they are looked at; `GitHistory.prefetch` does it in few
        steps. `NotFound` (`no-branch`, `no-repository`), `Unreachable` (`no-network`, `no-access`).
        """
        return self._fetch(branch, depth=1)

    def fetch_branch(self, name: str) -> tuple[GitHistory, str]:
        """As `fetch_tip`, with the commit's parents: what a submission adds can be told."""
        return self._fetch(name, depth=2)

    def fetch_branches(self, prefix: str = "", *, depth: int = 2) -> GitHistory:
        """A history with each branch whose name begins with `prefix`, and its last `depth` commits; see `ALL`."""
        if prefix and not _BRANCH.fullmatch(prefix):
            raise _bad_branch(prefix)
        return self._fetched(f"refs/heads/{prefix}*", depth=depth)

    def fetch_refs(self, refs: Sequence[str], *, depth: int = 2) -> GitHistory:
        """A history with refs that are no branches, as `refs/pull/7/head`, under the same names."""
        if bad := next((ref for ref in refs if not _PULL.fullmatch(ref)), None):
            raise _bad_branch(bad)
        return self._fetched(*refs, depth=depth)

    def list_branches(self, prefix: str = "") -> Mapping[str, str]:
        """Branch name to commit id, sorted, for names that begin with `prefix`."""
        if prefix and not _BRANCH.fullmatch(prefix):
            raise _bad_branch(prefix)
        answer = self._run("ls-remote", "--heads", "--refs", "--", "origin", f"refs/heads/{prefix}*")
        if answer.code:
            raise self._failed(answer)
        rows = (line.split("\trefs/heads/", 1) for line in answer.out.splitlines())
        found = {row[1]: row[0] for row in rows if len(row) == 2 and _COMMIT.fullmatch(row[0])}
        return {name: found[name] for name in sorted(found) if name.startswith(prefix)}

    def push(self, commit: str, branch: str, *, old: str | None = None) -> None:
        """Makes `branch` there point to `commit`; it must be at `old` (`None`: must not be there) or at `commit`.

        `StateForbids`: `moved` where it is elsewhere, `declined` with the words of the other side; what a registry's
        hook refuses is the error that the hook says.
        """
        if not _COMMIT.fullmatch(commit):
            raise InvalidInput(f"a commit's id has 40 hex digits, {quoted(commit)} has not", code="bad-commit")
        self._send(commit, branch, old or "")

    def delete_branch(self, name: str, *, old: str | None = None) -> None:
        """Deletes a branch there, where it is at `old`; `None`: wherever it is. One that is gone already is fine."""
        there = self.list_branches(name).get(name)
        if there:
            self._send("", name, old or there)

    def _send(self, commit: str, branch: str, expected: str) -> None:
        ref = _ref(branch)
        # Git asks the other side for every folder that it does not find, also for those it is about
        # to leave out, unless it does not know that this is a partial clone; `fetch` wrote that down.
        (self._folder() / "config").write_bytes(_CONFIG)
        lease = f"--force-with-lease={ref}:{expected}"
        answer = self._run("push", "--porcelain", "--no-verify", lease, "--", "origin", f"{commit}:{ref}")
        rows = [line.split("\t") for line in answer.out.splitlines() if line.startswith("!\t")]
        if answer.code == 0:
            return
        if not rows:
            raise self._failed(answer)
        reason = rows[0][-1]
        if any(word in reason for word in _MOVED):
            if commit and self.list_branches(branch).get(branch) == commit:
                return
            message = f"the branch {branch} is at another commit there"
            raise StateForbids(message, where=self._where, hint="fetch it again and start from there", code="moved")
        raise declined(branch, reason, answer.talk, where=self._where)

    def _fetch(self, branch: str, *, depth: int) -> tuple[GitHistory, str]:
        history = self._fetched(_ref(branch), depth=depth)
        commit = history.resolve(f"refs/remotes/origin/{branch}")
        if commit is None:
            raise NotFound(f"the branch {branch} is no commit", where=self._where, code="no-branch")
        return history, commit

    def _fetched(self, *refs: str, depth: int) -> GitHistory:
        """What is known after `refs` were fetched, which may end with a `*`."""
        wanted = [f"+{ref}:{ref.replace('refs/heads/', 'refs/remotes/origin/', 1)}" for ref in refs]
        for choice in _FILTERS[depth == ALL :]:
            shape = f"--filter={choice}" if choice else "--no-filter"
            words: tuple[str, ...] = ("fetch", *_QUIET, f"--depth={depth}", shape)
            if not choice and any(self._folder().glob("objects/pack/*.promisor")):
                words = (*words, "--refetch")  # else git trusts that it has what it has not
            answer = self._run(*words, "--", "origin", *wanted)
            if "promisor remote" in answer.talk:  # it sent differences to something that we do not have
                answer = self._run("-c", _ASK_FOR_ALL, *words, "--", "origin", *wanted)
            if answer.code == 0:
                break
            if "filter" not in answer.talk:
                raise self._failed(answer, branch=refs[0].removeprefix("refs/heads/"))
        else:
            raise self._failed(answer)
        return GitHistory.open(self._cache, fetch=self._bring)

    def _bring(self, ids: Sequence[str], *, below: bool) -> None:
        """A `stores.git.Fetch`."""
        shape = "--filter=blob:none" if below else "--filter=tree:0"
        wanted = "".join(f"{name}\n" for name in ids)
        answer = self._run("-c", _ASK_FOR_ALL, "fetch", *_QUIET, shape, "--stdin", "--", "origin", given=wanted)
        if answer.code:
            raise self._failed(answer)

    def _run(self, *words: str, given: str = "") -> _Answer:
        """What git answers; `Unreachable` where there is no git, or no end after two minutes."""
        folder = self._folder()
        with TemporaryFile() as stdin, TemporaryFile() as stderr:
            stdin.write(given.encode("ascii"))
            stdin.seek(0)
            try:
                process = subprocess.Popen(
                    ["git", *words],
                    cwd=folder,
                    env=self._fetch_env if "fetch" in words else self._env,
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    start_new_session=True,  # so that git's own children end with it
                )
            except OSError as error:
                hint = "install git, or name the registry by its http address"
                raise Unreachable("git cannot be started", hint=hint, code="no-git") from error
            out, late = _collect(process, self._timeout_seconds)
            stderr.seek(0)
            talk = clean(stderr.read(_TALK_BYTES).decode("utf-8", "replace"))
        if late:
            message = f"git gave no answer within {self._timeout_seconds:.0f} seconds"
            raise Unreachable(message, where=self._where, hint="try again", code="timeout")
        return _Answer(process.returncode, out.decode("utf-8", "replace"), talk)

    def _folder(self) -> Path:
        """Our repository, made when it is not there."""
        if not self._cache.is_dir():
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            with suppress(StateForbids):  # another process was faster
                GitHistory.init(self._cache, bare=True)
        return self._cache

    def _failed(self, answer: _Answer, *, branch: str = "") -> RegistryError:
        """The error that git's words mean."""
        talk = answer.talk.lower()
        words = "\n".join(answer.talk.splitlines()[-_SHOWN_LINES:]) or "git gave no reason"
        if branch and "couldn't find remote ref" in talk:
            return NotFound(f"there is no branch {branch}", where=self._where, code="no-branch")
        if any(word in talk for word in _ACCESS):
            hint = "set up an SSH key or a git credential helper, and try `git ls-remote` with this address"
            message = f"the other side does not let us in: {words}"
            return Unreachable(message, where=self._where, hint=hint, code="no-access")
        if any(word in talk for word in _ABSENT):
            hint = "is the address right, and may you see it?"
            return NotFound(f"there is no repository: {words}", where=self._where, hint=hint, code="no-repository")
        hint = "is the network up, and the address right? then try again"
        return Unreachable(f"git could not reach it: {words}", where=self._where, hint=hint, code="no-network")


def _collect(process: "subprocess.Popen[bytes]", timeout_seconds: float) -> tuple[bytes, bool]:
    """What the process wrote, and whether it had to be ended; it has ended in any case, also by an interrupt."""
    ended = threading.Event()

    def end() -> None:
        ended.set()
        _kill(process)

    timer = threading.Timer(timeout_seconds, end)
    timer.daemon = True
    timer.start()
    try:
        out = process.stdout.read(_ANSWER_BYTES + 1) if process.stdout else b""
        if len(out) > _ANSWER_BYTES:
            end()
        process.wait()
    finally:
        timer.cancel()
        if process.poll() is None:
            _kill(process)
            process.wait()
        if process.stdout:
            process.stdout.close()
    return out, ended.is_set()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _environment(env: Mapping[str, str], settings: Mapping[str, str], protocol: str) -> dict[str, str]:
    """What git runs under. A hook's `GIT_DIR` would lead it elsewhere, so only ways to connect are kept."""
    kept = {name: value for name, value in env.items() if not name.startswith("GIT_") or _KEPT_SETTINGS.match(name)}
    given = kept.get("GIT_CONFIG_COUNT", "0")
    first = int(given) if given.isdecimal() else 0
    for number, (name, value) in enumerate(settings.items(), first):
        kept[f"GIT_CONFIG_KEY_{number}"], kept[f"GIT_CONFIG_VALUE_{number}"] = name, value
    kept["GIT_CONFIG_COUNT"] = str(first + len(settings))
    if "GIT_SSH" not in kept:
        kept.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
    fixed = {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": protocol, "LC_ALL": "C", "GIT_DIR": "."}
    return {**kept, **fixed, "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1"}


def _protocol(url: str) -> str:
    """The one protocol that git may speak; `InvalidInput` for an address that could be anything else."""
    if url.isprintable() and " " not in url and not url.startswith("-"):
        if "://" not in url and _SCP_FORM.fullmatch(url) and not url.startswith("file:"):
            return "ssh"
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            known = parts.port is None or parts.port > 0
        except ValueError:
            host, known = "-", False
        if known and not host.startswith("-"):
            if url.startswith("file:///"):
                return "file"
            if (parts.scheme in ("https", "ssh") and host) or (parts.scheme in ("http", "git") and host in _LOOPBACK):
                return parts.scheme
    raise InvalidInput(
        f"the address of a git repository was expected, {quoted(url)} is none that is followed",
        hint="https://, ssh://, git@host:path or file:///; http:// and git:// only to this machine",
        code="bad-address",
    )


def _ref(branch: str) -> str:
    bad = not _BRANCH.fullmatch(branch) or ".." in branch or "//" in branch or "/." in branch or "@{" in branch
    if bad or branch.endswith(("/", ".", ".lock")) or ".lock/" in branch:
        raise _bad_branch(branch)
    return f"refs/heads/{branch}"


def _bad_branch(branch: str) -> InvalidInput:
    return InvalidInput(f"{quoted(branch)} cannot be the name of a branch", code="bad-branch")
