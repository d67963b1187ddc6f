"""A repository's commits, folders and branches, and how they are made and moved."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, Self

from dulwich.errors import RefFormatError
from dulwich.file import FileLocked
from dulwich.object_store import BaseObjectStore
from dulwich.refs import DiskRefsContainer, Ref, RefsContainer, SymrefLoop, check_ref_format
from dulwich.repo import MemoryRepo

from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.payload import Files
from registry_tool.core.ports import Commit, Edit
from registry_tool.core.quoting import quoted
from registry_tool.core.tree import TreeEntry
from registry_tool.stores.git.follow import Follower
from registry_tool.stores.git.layout import Layout, find_layout, make_layout
from registry_tool.stores.git.objects import FOLDER_MODE, CommitText, Node, commit_bytes
from registry_tool.stores.git.store import (
    FULL_ID,
    NAMED_DEPTH,
    Fetch,
    Objects,
    mending,
    oid,
    open_store,
    read_config,
    setting,
)
from registry_tool.stores.git.walk import CHANGED_PATHS, Folders, common_ancestor, differences
from registry_tool.stores.git.write import BLOB, COMMIT, laid_over, object_id

_NEAR_FOLDERS: Final = 10_000
"""Paths of folders that a tree remembers: a build asks for many files of few folders."""
_STEPS: Final = re.compile(r"(.+?)((?:~[0-9]{0,6}|\^1?)+)")


class GitTree:
    """The files of one commit; a `core.tree.Tree`."""

    def __init__(self, folders: Folders, blob: Callable[[str], bytes], root: str) -> None:
        self._folders = folders
        self._blob = blob
        self._root = Node(FOLDER_MODE, root)
        self._near: dict[str, Node | None] = {}

    def read(self, path: str) -> bytes | None:
        """The bytes of the regular file at `path`."""
        node = self._node(path)
        return self._blob(node.id) if node and node.type in ("file", "executable") else None

    def entry(self, path: str) -> TreeEntry | None:
        """What lies at `path`; the root has no name."""
        node = self._node(path)
        return TreeEntry(path.rpartition("/")[2], node.type, node.id) if node else None

    def list(self, folder: str) -> tuple[TreeEntry, ...]:
        """What lies in `folder`."""
        node = self._node(folder)
        if node is None or node.type != "folder":
            return ()
        depth = folder.count("/") + 1 if folder else 0
        inside = self._folders(node.id, depth)
        return tuple(TreeEntry(name, node.type, node.id) for name, node in sorted(inside.items()))

    def _node(self, path: str) -> Node | None:
        if not path or path.startswith("/"):
            return None if path else self._root
        above, _, name = path.rpartition("/")
        if above not in self._near:
            if len(self._near) >= _NEAR_FOLDERS:
                self._near.clear()
            self._near[above] = self._walked(above)
        node = self._near[above]
        return self._folders(node.id, path.count("/")).get(name) if node and node.type == "folder" else None

    def _walked(self, path: str) -> Node | None:
        node: Node | None = self._root
        for depth, part in enumerate(path.split("/") if path else ()):
            if node is None or node.type != "folder":
                return None
            node = self._folders(node.id, depth).get(part)
        return node


class GitHistory:
    """A repository; a `core.ports.History`."""

    def __init__(
        self,
        store: BaseObjectStore,
        refs: RefsContainer,
        *,
        where: str,
        layout: Layout | None = None,
        mend: str = "",
        fetch: Fetch | None = None,
        most: int = CHANGED_PATHS,
    ) -> None:
        self._refs = refs
        self._most = most
        self._where = where
        self._layout = layout
        self._objects = Objects(store, where=where, layout=layout, mend=mend, fetch=fetch)

    @classmethod
    def open(cls, path: Path, *, fetch: Fetch | None = None) -> Self:
        """The repository at `path`; see `find_layout` for what it raises."""
        layout = find_layout(path)
        config = read_config(layout)
        # A work tree that settings put elsewhere, or hold only in part, does not follow its branch.
        own = not any(setting(config, "core", name) for name in ("worktree", "sparsecheckout"))
        if config.get_boolean(("core",), "bare", False) or not own:
            layout = Layout(layout.control, layout.common, None)
        return cls(
            open_store(layout, config),
            DiskRefsContainer(layout.common, layout.control),
            where=str(path),
            layout=layout,
            mend=mending(layout, config, path),
            fetch=fetch,
        )

    @classmethod
    def init(cls, path: Path, *, bare: bool, main: str = "main") -> Self:
        """A new repository at `path` whose HEAD is `main`; `StateForbids` (`exists`) where there is one."""
        _branch_ref(main)
        make_layout(path, bare=bare, main=main)
        return cls.open(path)

    @classmethod
    def memory(cls, *, main: str = "main") -> Self:
        """A new repository in memory."""
        repository = MemoryRepo()
        repository.refs.set_symbolic_ref(Ref(b"HEAD"), _branch_ref(main))
        return cls(repository.object_store, repository.refs, where="memory")

    def close(self) -> None:
        """Lets go of open files; dropping the value does the same."""
        self._objects.close()

    @property
    def where(self) -> str:
        """Its path."""
        return self._where

    def resolve(self, ref: str) -> str | None:
        """The commit that `ref` names: a full id, `HEAD`, `refs/…`, a branch, a tag, `origin/main`, a short id;
        `~2` and `^` may follow.

        A branch goes before a tag of its name: nobody can take over `main` by pushing a tag.
        `InvalidInput` (`ambiguous`) for a short id of several commits.
        """
        steps = _STEPS.fullmatch(ref)
        found = self._objects.commit_at(self._named(steps[1] if steps else ref))
        for name, number in re.findall(r"([~^])([0-9]*)", steps[2]) if steps else ():
            for _ in range(int(number) if number and name == "~" else 1):
                parents = self._objects.parents(found)[1] if found else ()
                found = parents[0] if parents else None
        return found

    def tree(self, commit: str) -> GitTree:
        """The files of a commit, each read when it is asked for."""
        return GitTree(self._objects.folder, self._blob, self._objects.text(commit).tree)

    def info(self, commit: str) -> Commit:
        """What the commit says; parents also where a shallow clone lacks them."""
        text = self._objects.text(commit)
        return Commit(commit, text.parents, text.message, text.author, text.at)

    def changed(self, base: str | None, head: str, *, most: int = CHANGED_PATHS) -> tuple[Edit, ...]:
        """Every path that differs, sorted; folders that are equal are not looked into.

        `InvalidInput` (`too-large`) for more than `most` paths or deeper folders than any registry has: a few
        kilobytes can describe billions of files.
        """
        old = self._objects.text(base).tree if base else None
        return differences(old, self._objects.text(head).tree, self._objects.folder, most=min(most, self._most))

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both grew from, `None` where there is none here."""
        return common_ancestor(one, other, self._objects.parents)

    def line(self, head: str) -> Iterator[str]:
        """`head` and its first parents, newest first; ends at a shallow boundary."""
        commit: str | None = head
        while commit:
            parents = self._objects.parents(commit)[1]
            yield commit
            commit = parents[0] if parents else None

    def branches(self, prefix: str = "") -> Mapping[str, str]:
        """Branch name to commit id, sorted by name."""
        base = b"refs/heads/"
        names = sorted(key for key in self._refs.allkeys() if key.startswith(base + _bytes(prefix)))
        found = ((_text(name[len(base) :]), self._ref(name)) for name in names)
        return {name: commit for name, commit in found if commit}

    def commit(
        self,
        additions: Files,
        *,
        onto: str | None,
        message: str,
        author: str,
        at: int,
        executable: frozenset[str] = frozenset(),
        removals: frozenset[str] = frozenset(),
    ) -> str:
        """The id of a new commit with `removals` (files or folders) taken from `onto` and `additions` laid over it.

        The same arguments give the same id everywhere. `InvalidInput` (`bad-path`) for a path that
        is none, or that would be a file and a folder at once.
        """
        base = self._objects.text(onto).tree if onto else None
        root, objects = laid_over(base, self._objects.folder, additions, executable=executable, removals=removals)
        parents = (onto,) if onto else ()
        raw = commit_bytes(CommitText(root, parents, author, at, message.rstrip("\n")))
        name = object_id(COMMIT, raw)
        self._objects.keep({**objects, name: (COMMIT, raw)})
        return name

    def move(self, branch: str, *, old: str | None, new: str | None) -> None:
        """Moves, makes (`old=None`) or deletes (`new=None`) `branch` by compare-and-swap, as the port says.

        Where it is checked out, each changed path follows whose file has no changes of its own; a
        file that has some stays as it is, and git shows it as changed. `StateForbids`: `moved`, or
        `locked` while git works on the same branch or work tree.
        """
        ref = _branch_ref(branch)
        after = self._objects.text(new).tree if new else None
        follower = self._follower(ref) if after else None
        if follower and follower.locked:
            raise self._locked(f"{self._where} is", "locked")
        try:
            if new is None:
                done = old is None or self._refs.remove_if_equals(ref, oid(old))
            elif old is None:
                done = self._refs.add_if_new(ref, oid(new))
            else:
                done = self._refs.set_if_equals(ref, oid(old), oid(new))
        except FileLocked as error:
            raise self._locked(f"the branch {branch} is", "moved") from error
        except OSError as error:
            message = f"the branch {branch} cannot be written: {error.strerror}"
            hint = "is there a branch that is named like a folder of it?"
            raise StateForbids(message, where=self._where, hint=hint) from error
        if not done:
            there = self._ref(ref)
            message = f"the branch {branch} is at {(there or 'nothing')[:12]} and not at {(old or 'nothing')[:12]}"
            raise StateForbids(message, where=self._where, hint="somebody was faster: start again", code="moved")
        if follower and after:
            before = self._objects.text(old).tree if old else None
            follower.follow(differences(before, after, self._objects.folder), self._blob)

    def prefetch(self, commit: str, paths: Collection[str]) -> None:
        """Brings what reading `paths` will need, in as few steps as there are folders above.

        A path names a file, or a folder with the folders below it; `*` stands for every name in a folder,
        `**` at the end for all files below too, and a `/` at the end for that folder's list alone.
        Only a hint, for partial clones with a `Fetch`; paths that do not exist are passed over.
        """
        if not self._objects.lazy:
            return
        root = self._objects.text(commit).tree
        wanted = [(root, tuple(path.split("/"))) for path in sorted(paths)]
        found: list[str] = []
        depth = 0
        while wanted:
            self._objects.bring([name for name, _ in wanted], below=depth >= NAMED_DEPTH)
            nodes = [below for name, rest in wanted for below in self._matching(name, rest, depth)]
            wanted = [(node.id, rest) for node, rest in nodes if node.type == "folder" and rest]
            found += [node.id for node, rest in nodes if _ends(node, rest)]
            depth += 1
        self._objects.bring(found, below=True)

    def _matching(self, folder: str, rest: tuple[str, ...], depth: int) -> list[tuple[Node, tuple[str, ...]]]:
        """What the first part of a path names in a folder, each with the parts that are left."""
        inside = self._objects.folder(folder, depth)
        if rest[0] in ("*", "**"):
            left = rest if rest[0] == "**" else rest[1:]
            return [(node, left) for node in inside.values()]
        return [(inside[rest[0]], rest[1:])] if rest[0] in inside else []

    def _blob(self, name: str) -> bytes:
        return self._objects.raw(name, BLOB)

    def _named(self, ref: str) -> str | None:
        """The object that `ref` names, tags not peeled."""
        if FULL_ID.fullmatch(ref):
            return ref
        for form in ("%s", "refs/heads/%s", "refs/tags/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD", "refs/%s"):
            full = form % ref
            if full == "HEAD" or (full.startswith("refs/") and check_ref_format(Ref(_bytes(full[5:])))):
                found = self._ref(Ref(_bytes(full)))
                if found:
                    return found
        return self._objects.short(ref)

    def _ref(self, ref: Ref) -> str | None:
        try:
            found = self._refs.follow(ref)[1]
        except (SymrefLoop, RefFormatError):
            return None
        return _text(found) if found else None

    def _follower(self, ref: Ref) -> "Follower | None":
        if self._layout is None or self._layout.work_tree is None:
            return None
        head = self._refs.read_ref(Ref(b"HEAD"))
        return Follower(self._layout.work_tree, self._layout.control / "index") if head == b"ref: " + ref else None

    def _locked(self, what: str, code: str) -> StateForbids:
        hint = "try again; where no git runs any more, remove the .lock file that it left"
        return StateForbids(f"{what} being changed by another program", where=self._where, hint=hint, code=code)


def _ends(node: Node, rest: tuple[str, ...]) -> bool:
    """Whether a path ends at `node`, with `rest` left of it: there, or at any file below a `**`."""
    return node.type != "submodule" and (not rest or (rest == ("**",) and node.type != "folder"))


def _branch_ref(branch: str) -> Ref:
    ref = Ref(_bytes(f"refs/heads/{branch}"))
    if branch.startswith("-") or branch == "HEAD" or not check_ref_format(Ref(ref[5:])):
        raise InvalidInput(f"{quoted(branch)} cannot be the name of a branch", code="bad-branch")
    return ref


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
