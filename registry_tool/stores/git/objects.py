"""The bytes of git's commits, folders and tags (gitformat: `git help cat-file`), read and written.

All of it may come from a stranger, so what git itself would not write is refused, not guessed at:
a folder that names one thing twice means one thing to one reader and another to the next.
"""

import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted
from registry_tool.core.tree import EntryType

FOLDER_MODE: Final = 0o040000
FILE_MODE: Final = 0o100644
EXECUTABLE_MODE: Final = 0o100755

_ENTRY: Final = re.compile(rb"([0-7]{5,6}) ([^\0/]+)\0(.{20})", re.DOTALL)
_AROUND: Final = len(b" \0") + 20
_HEAD: Final = re.compile(rb"tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)author ([^\n]*)\ncommitter ([^\n]*)\n")
_PERSON: Final = re.compile(rb"(.*) ([0-9]{1,15}) [+-][0-9]{4}")
_AUTHOR: Final = re.compile(r"[^<>\0-\x1f\x7f]*[^<>\0-\x1f\x7f ] <[^<>\0-\x20\x7f]*>")
_TAG: Final = re.compile(rb"object ([0-9a-f]{40})\ntype (commit|tag)\n")


class Node(NamedTuple):
    """What a folder says about one name; a build makes hundreds of thousands."""

    mode: int
    """As git keeps it: type and permission bits."""
    id: str
    """40 hex digits."""

    @property
    def type(self) -> EntryType:
        """What git takes the mode for (`canon_mode` in git's cache.h)."""
        return _type(self.mode)


@lru_cache(maxsize=64)
def _type(mode: int) -> EntryType:
    if stat.S_ISREG(mode):
        return "executable" if mode & 0o100 else "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "submodule"


Folder = Mapping[str, Node]
"""Name to what it is; names that are not UTF-8 hold lone surrogates (PEP 383)."""


@dataclass(frozen=True, slots=True)
class CommitText:
    """What a commit says."""

    tree: str
    parents: tuple[str, ...]
    author: str
    """`Name <mail>`."""
    at: int
    """Committer time, seconds since 1970."""
    message: str
    """Without the line end at its end."""


def parse_folder(raw: bytes, name: str) -> Folder:
    """The folder that `raw` holds; `InvalidInput` (`bad-git-object`) where git would not have written it."""
    rows = _ENTRY.findall(raw)
    # Nothing lies between the rows where all of them together are as long as the whole.
    if sum([len(mode) + len(entry) for mode, entry, _ in rows]) + _AROUND * len(rows) != len(raw):
        raise _bad("folder", name, f"something unreadable at byte {_unreadable(raw)}")
    folder = {entry.decode("utf-8", "surrogateescape"): Node(int(mode, 8), id_.hex()) for mode, entry, id_ in rows}
    if len(folder) != len(rows) or "." in folder or ".." in folder:
        raise _bad("folder", name, _bad_name([entry.decode("utf-8", "surrogateescape") for _, entry, _ in rows]))
    return folder


def _unreadable(raw: bytes) -> int:
    """Where the rows of a folder break off."""
    place = 0
    while match := _ENTRY.match(raw, place):
        place = match.end()
    return place


def _bad_name(names: Sequence[str]) -> str:
    """The first name that a folder cannot hold, or holds twice."""
    for at, name in enumerate(names):
        if name in (".", "..") or name in names[:at]:
            return f"the name {quoted(name)}" + (" twice" if name in names[:at] else "")
    return "a name twice"


def folder_bytes(folder: Folder) -> bytes:
    """`folder` as git writes it: in byte order, with folders sorted as if a slash ended their names."""
    rows = []
    for name, node in folder.items():
        raw = name.encode("utf-8", "surrogateescape")
        key = raw + b"/" if stat.S_ISDIR(node.mode) else raw
        rows.append((key, b"%o %s\0%s" % (node.mode, raw, bytes.fromhex(node.id))))
    return b"".join(row for _, row in sorted(rows))


def parse_commit(raw: bytes, name: str) -> CommitText:
    """The commit that `raw` holds; `InvalidInput` (`bad-git-object`) where git would not have written it."""
    head, _, message = raw.partition(b"\n\n")
    match = _HEAD.match(head + b"\n")
    author = match and _PERSON.fullmatch(match[3])
    committer = match and _PERSON.fullmatch(match[4])
    if not match or not author or not committer:
        raise _bad("commit", name, "a head that is not tree, parents, author and committer")
    return CommitText(
        tree=match[1].decode(),
        parents=tuple(line[7:].decode() for line in match[2].splitlines()),
        author=author[1].decode("utf-8", "replace"),
        at=int(committer[2]),
        message=message.decode("utf-8", "replace").removesuffix("\n"),
    )


def commit_bytes(commit: CommitText) -> bytes:
    """`commit` as git writes it, zone UTC, author and committer the same.

    `InvalidInput` (`bad-author`, `bad-message`) for what would break the lines apart.
    """
    if not _AUTHOR.fullmatch(commit.author):
        raise InvalidInput(f"an author is written Name <mail>, {quoted(commit.author)} is not", code="bad-author")
    if "\0" in commit.message or commit.at < 0:
        raise InvalidInput("a commit's message has no zero byte, and its time is not before 1970", code="bad-message")
    parents = "".join(f"parent {parent}\n" for parent in commit.parents)
    person = f"{commit.author} {commit.at} +0000"
    text = f"tree {commit.tree}\n{parents}author {person}\ncommitter {person}\n\n{commit.message}\n"
    return text.encode("utf-8", "replace")


def parse_tag(raw: bytes) -> str | None:
    """The id of the commit or tag that an annotated tag names; `None` where it names something else."""
    match = _TAG.match(raw)
    return match[1].decode() if match else None


def _bad(kind: str, name: str, what: str) -> InvalidInput:
    return InvalidInput(
        f"the git {kind} {name[:12]} holds {what}, which git does not write",
        hint="make the commit again with git; `git fsck` shows what is wrong",
        code="bad-git-object",
    )
