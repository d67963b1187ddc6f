"""An author's folder on disk, read into a payload; and what git says about it.

Everything counts but what `.gitignore` names, version control, and files whose names begin with
`.git`. Bytes are never changed. What cannot be published (a link, a device) is a finding with the
line that mends it.
"""

import os
import re
import shlex
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pathspec import GitIgnoreSpec

from registry_tool.core import limits
from registry_tool.core.card import Card
from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.findings import Finding
from registry_tool.core.payload import Payload, PayloadFile

SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".registry"})
"""Folders that are never an author's payload."""

ALWAYS = ("artifact.yaml",)
"""Published with whatever `include` names: reviewers read it again."""

SECONDS = 20
"""How long git may think about a folder."""

_HARMLESS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "safe.bareRepository=explicit",  # a repository can lie as plain files inside another one
    *(f"protocol.{name}allow=never" for name in ("", "ext.", "fd.", "file.", "git.", "http.", "https.", "ssh.")),
)
"""What keeps a folder's own settings from naming a program that git runs: the folder may be somebody else's."""
_FILTER = re.compile(r"filter\.[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """What lies in an author's folder."""

    path: Path
    payload: Payload
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class GitSays:
    """What git says about a folder, each empty where it says nothing."""

    owner: str = ""
    """Owner in the remote's address, lower case."""
    tag: str = ""
    """Version of a `v*` tag at HEAD."""
    repository: str = ""
    """The remote as an https address."""
    commit: str = ""
    """HEAD, where the folder has no changes of its own."""


def read_folder(path: Path, *, card: Card | None = None, native: tuple[str, ...] = ()) -> WorkFolder:
    """The payload in `path`.

    `card` gives `include` and `executable`; `native` are file names that are kept whatever `include`
    says. Raises `NotFound` for no folder, `InvalidInput` for one that is far too large.
    """
    if not path.is_dir():
        raise NotFound(f"{path} is not a folder", code="no-folder")
    modes = _modes(path)
    files: dict[str, PayloadFile] = {}
    findings: list[Finding] = []
    total = 0
    for relative, status in _walk(path):
        if not _included(relative, card, native):
            continue
        if stat.S_ISLNK(status.st_mode):
            findings.append(_link(path, relative))
            continue
        if not stat.S_ISREG(status.st_mode):
            findings.append(Finding("payload-path", "fail", "it is not a regular file", relative, "leave it out"))
            continue
        total += status.st_size
        if total > limits.PAYLOAD_BYTES or len(files) >= limits.PAYLOAD_FILES:
            raise InvalidInput(
                f"{path} holds more than {limits.PAYLOAD_FILES} files or {limits.PAYLOAD_BYTES} bytes",
                code="too-large",
                hint="name what belongs to it: `include: [...]` in artifact.yaml, or a .gitignore",
            )
        executable = relative in (card.executable if card else ()) or modes.get(relative, bool(status.st_mode & 0o100))
        files[relative] = PayloadFile((path / relative).read_bytes(), executable)
    return WorkFolder(path, files, tuple(findings))


def publishable_folders(path: Path, native: tuple[str, ...]) -> tuple[Path, ...]:
    """The folders in a repository that are something by themselves, sorted; `path` alone where it is.

    Looks at `path`, and where it is nothing at `skills/*/` and everything else down to four levels.
    """
    names = {*native, *ALWAYS}
    if any((path / name).is_file() for name in names):
        return (path,)
    found: list[Path] = []
    for folder, folders, files in os.walk(path):
        depth = len(Path(folder).relative_to(path).parts)
        folders[:] = sorted(one for one in folders if one not in SKIPPED and not one.startswith(".git") and depth < 4)
        if names & set(files):
            found.append(Path(folder))
            folders.clear()
    return tuple(sorted(found))


def git_says(path: Path) -> GitSays:
    """What the repository around `path` says; nothing where there is none."""
    remote = _git(path, "config", "--get", "remote.origin.url").strip()
    tags = [tag[1:] for tag in _git(path, "tag", "--points-at", "HEAD").split() if re.fullmatch(r"v[0-9].*", tag)]
    owner, repository = _owner(remote)
    clean = repository and _is_clean(path)
    commit = _git(path, "rev-parse", "HEAD").strip() if clean else ""
    return GitSays(
        owner, tags[0] if len(tags) == 1 else "", repository, commit if re.fullmatch("[0-9a-f]{40,64}", commit) else ""
    )


def _owner(remote: str) -> tuple[str, str]:
    match = re.fullmatch(r"(?:[a-z]+@)?([a-z0-9.-]+):([^/]+)/(.+?)(?:\.git)?/?", remote)
    if match and "//" not in remote:
        host, owner, name = match.groups()
    else:
        parts = urlsplit(remote)
        pieces = parts.path.strip("/").split("/")
        if parts.scheme not in ("http", "https", "ssh") or len(pieces) < 2 or not parts.hostname:
            return "", ""
        host, owner, name = parts.hostname, pieces[0], "/".join(pieces[1:]).removesuffix(".git")
    return owner.lower(), f"https://{host}/{owner}/{name}"


def _is_clean(path: Path) -> bool:
    """Whether the folder holds what HEAD does; also `False` where git would have to run a program to say it."""
    names = {
        name.rpartition(".")[0]
        for name in _git(path, "config", "-z", "--name-only", "--get-regexp", r"^filter\.").split("\0")
        if name
    }
    if not all(_FILTER.fullmatch(name) for name in names):
        return False
    off = [f"{name}.{member}" for name in sorted(names) for member in ("clean=", "process=", "required=false")]
    return not _git(path, "status", "--porcelain", "--ignore-submodules=all", "--", ".", settings=off).strip()


def _git(path: Path, *arguments: str, settings: Sequence[str] = ()) -> str:
    words = [word for setting in (*_HARMLESS, *settings) for word in ("-c", setting)]
    command = ["git", *words, "-C", str(path), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _modes(path: Path) -> Mapping[str, bool]:
    """Which tracked files git holds as executable; it knows better than a file system without modes."""
    modes = {}
    for line in _git(path, "ls-files", "-s", "-z", "--", ".").split("\0"):
        head, _, name = line.partition("\t")
        if name:
            modes[name] = head.startswith("100755")
    return modes


def _walk(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below `root` that `.gitignore` files do not name, sorted, links not followed."""
    yield from _below(root, "", ())


def _below(
    root: Path, prefix: str, ignores: tuple[tuple[str, GitIgnoreSpec], ...]
) -> Iterator[tuple[str, os.stat_result]]:
    own = root / prefix / ".gitignore"
    if own.is_file() and not own.is_symlink():
        ignores = (*ignores, (prefix, GitIgnoreSpec.from_lines(own.read_text("utf-8", "replace").splitlines())))
    for entry in sorted(os.scandir(root / prefix), key=lambda entry: entry.name):
        relative = f"{prefix}{entry.name}"
        if entry.name in SKIPPED or entry.name.lower().startswith(".git"):
            continue
        folder = entry.is_dir(follow_symlinks=False)
        if _ignored(relative + ("/" if folder else ""), ignores):
            continue
        if folder:
            yield from _below(root, f"{relative}/", ignores)
        else:
            yield relative, entry.stat(follow_symlinks=False)


def _ignored(relative: str, ignores: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    verdict = False
    for prefix, spec in ignores:
        answer = spec.check_file(relative[len(prefix) :]).include
        verdict = verdict if answer is None else answer
    return verdict


def _included(relative: str, card: Card | None, native: tuple[str, ...]) -> bool:
    if card is None or card.include is None or relative in (*ALWAYS, *native, card.entry):
        return True
    return card.takes(relative)


def _link(root: Path, relative: str) -> Finding:
    """Refuses a link, with the command that puts what it points to in its place (to be run in `root`)."""
    target, here = os.readlink(root / relative), shlex.quote(f"./{relative}")
    message = f"it is a link to {target!r}, and links are not published"
    hint = f"it points to nothing, remove it: rm {here}"
    if (root / relative).exists():
        beside = shlex.quote(f"./{relative}.copy")
        hint = f"replace it with what it points to: cp -RL {here} {beside} && rm {here} && mv {beside} {here}"
    return Finding("payload-path", "fail", message, relative, hint)
