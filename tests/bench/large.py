"""A registry of size M in a minute: 15,000 names and 250,000 versions, of which what checks read is real.

Every author, scope and keyring is real, signed and different; so are the names and versions of the first scopes,
to which submissions go. All other names have as many versions, at their real places, but what lies in them is a
copy of one real name's: checks list them and read nothing in them. A build would refuse it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dulwich.object_store import DiskObjectStore
from dulwich.objects import Commit, ObjectID, Tree

from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory, a_registry
from tests.generate import AUTHOR, NAMES_PER_SCOPE, names_of, registry_files
from tests.sites import with_targets

NAMES: Final = 15_000
VERSIONS: Final = 250_000
REAL_NAMES: Final = 600
"""Of the first 100 scopes. A third of them are skills, to which the submissions of a queue go."""
_FOLDER: Final = 0o040000


def write_large(folder: Path, *, names: int = NAMES, versions: int = VERSIONS) -> None:
    """A bare repository at `folder` with such a registry."""
    each = versions // names
    files = registry_files(REAL_NAMES, REAL_NAMES * each)
    base = with_targets(a_registry(demo=False), bits=8)
    for scope in _scopes(names):
        files |= _chains(base, scope)
    history = GitHistory.init(folder, bare=True)
    real = history.commit(files, onto=None, message="What is real", author=AUTHOR, at=1_800_000_000)
    history.close()
    filled = _filled(folder, real, names)
    history = GitHistory.open(folder)
    history.move("main", old=None, new=filled)
    history.close()


def _scopes(names: int) -> Iterator[int]:
    """The numbers of the scopes that hold copies."""
    yield from range(REAL_NAMES // NAMES_PER_SCOPE, -(-names // NAMES_PER_SCOPE))


def _chains(base: RegistryInMemory, number: int) -> dict[str, bytes]:
    """The author and the scope with this number, with keys that nobody else has."""
    scope = f"scope-{number:04d}"
    part = RegistryInMemory(demo=False)
    part.files, part.id = dict(base.files), base.id
    part._hands = dict(base._hands)
    part._hands |= {f"other {one}": base.hand("root") for one in range(2 * number)}
    part.with_author(scope)
    return {path: data for path, data in part.files.items() if path not in base.files}


def _filled(folder: Path, real: str, names: int) -> str:
    """A commit with copies of the first name beside what is real; git keeps what is the same once."""
    store = DiskObjectStore(str(folder / "objects"))
    root = _tree(store, _commit(store, real).tree)
    index = _tree(store, root[b"index"][1])
    releases = _tree(store, index[b"releases"][1])
    shard = _tree(store, releases[b"sc"][1])
    first = next(iter(_tree(store, shard[b"scope-0000"][1]).items()))
    made: list[Tree | Commit] = []
    for number in _scopes(names):
        scope = Tree()
        for name in names_of(number, names):
            scope.add(name.encode(), _FOLDER, first.sha)
        made.append(scope)
        shard.add(f"scope-{number:04d}".encode(), _FOLDER, scope.id)
    releases.add(b"sc", _FOLDER, shard.id)
    index.add(b"releases", _FOLDER, releases.id)
    root.add(b"index", _FOLDER, index.id)
    commit = _commit(store, real)
    commit.tree, commit.parents = root.id, []
    store.add_objects([(one, None) for one in (*made, shard, releases, index, root, commit)])
    store.close()
    return commit.id.decode("ascii")


def _tree(store: DiskObjectStore, name: ObjectID) -> Tree:
    found = store[name]
    assert isinstance(found, Tree)
    return found


def _commit(store: DiskObjectStore, name: str) -> Commit:
    found = store[ObjectID(name.encode("ascii"))]
    assert isinstance(found, Commit)
    return found
