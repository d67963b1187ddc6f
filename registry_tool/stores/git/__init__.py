"""Git repositories as values: commits, folders and branches, read straight from the object store.

    GitHistory.open(path)   a work tree, a bare repository or a `.git` folder
    GitHistory.init(path)   a new one
    GitHistory.memory()     one in memory: the same commits get the same ids, bit for bit

    history   commits, folders, branches         store     objects and settings (dulwich)
    follow    a work tree that goes along        worktree  its files, links never followed
    objects   git's bytes, read and written      walk      differences, common ancestors (pure)
    layout    where things lie on disk           write     a root folder with files laid over it (pure)
    served    hooks and settings                 quarantine  what a push brings, before git keeps it

What lies in the work tree, attributes, filters and line endings never change what is read; replace
refs and grafts are ignored, because anybody who can push could make them. Objects of a partial
clone that are not here are fetched where the caller gave a way to (`Fetch`), else
`Unreachable` names the command that brings them.

Refused, and said so: SHA-256 repositories and reftables, which other readers of a registry cannot open.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry_tool.stores.git.history import GitHistory, GitTree
    from registry_tool.stores.git.store import Fetch

__all__ = ["Fetch", "GitHistory", "GitTree"]


def __getattr__(name: str) -> object:
    """The classes above, imported when they are asked for: where a branch is can be said without dulwich."""
    if name not in __all__:
        raise AttributeError(name)
    from registry_tool.stores.git import history

    return getattr(history, name)
