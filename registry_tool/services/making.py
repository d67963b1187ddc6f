"""The files of one build on their way: each path once, the digest of its bytes, and how to get them.

What fits in memory waits there to be written; what does not is made again when its turn comes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from registry_tool.core.digest import Hex, sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.index import Copied, Made
from registry_tool.core.payload import Files

Load = Callable[[str], bytes]
"""A file's bytes for its path."""


@dataclass
class Making:
    """Files that were made, and those that are known to be as they were."""

    room: int
    """Bytes of files that may still be kept in memory."""
    made: dict[str, Made] = field(default_factory=dict)
    _waiting: dict[str, bytes] = field(default_factory=dict)
    _alone: set[str] = field(default_factory=set)

    @property
    def kept(self) -> bool:
        """Whether other processes can write every file: no file takes this one's handles to be made again."""
        return not self._alone

    def add(self, files: Files, again: Load | None = None, *, alone: bool = True) -> dict[str, str]:
        """Takes files in and gives their digests; `again` makes one of them once more, where there is no room.

        `alone` says that `again` reads the repository, which only this process can. Raises `RegistryError` where
        a path was made already, with other bytes.
        """
        digests: dict[str, str] = {}
        for path, data in files.items():
            digest = Hex(path.rpartition("/")[2]) if path.startswith("objects/sha256/") else sha256(data)
            digests[path] = digest
            before = self.made.get(path)
            if before is not None:
                if before.sha256 != digest:
                    raise RegistryError(f"two feeds make {path}")
            elif again is None or len(data) <= self.room:
                self._waiting[path] = data
                self.room -= len(data)
                self.made[path] = Made(path, digest, self._waiting.__getitem__)
            else:
                self.know({path: digest}, again, alone=alone)
        return digests

    def know(self, digests: Mapping[str, str], again: Load, *, alone: bool = True) -> None:
        """Files that are as they were; `again` and `alone` as for `add`."""
        for path, digest in digests.items():
            self.made[path] = Made(path, Hex(digest), again)
        if alone:
            self._alone.update(digests)

    def copy(self, copied: Copied) -> Hex:
        """A file that is the same as another one, and its digest; `RegistryError` where there is no such other."""
        one = self.made.get(copied.source)
        if one is None:
            raise RegistryError(f"{copied.path} should be a copy of {copied.source}, which no feed made")
        if copied.source in self._alone:
            self._alone.add(copied.path)
        self.made[copied.path] = Made(copied.path, one.sha256, lambda path: one.load(one.path))
        return one.sha256
