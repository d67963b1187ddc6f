"""What a push brings, before git keeps it (`git help git-receive-pack`, "Quarantine Environment").

    objects/tmp_objdir-incoming-…    what came; gone again where a hook refuses it
    objects/                         what was there

Both are read as one, the repository itself first. What came is weighed before any of it is looked at: a few
kilobytes that were sent can be gigabytes once they are unpacked, and git tells how large each object is
without doing that.
"""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from dulwich.object_store import BaseObjectStore, DiskObjectStore, OverlayObjectStore
from dulwich.objects import ObjectID
from dulwich.refs import DiskRefsContainer

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput, Unreachable
from registry_tool.stores.git.history import GitHistory
from registry_tool.stores.git.layout import Layout, find_layout
from registry_tool.stores.git.store import open_store, read_config

OBJECTS: Final = 4 * limits.SUBMISSION_FILES  # a few of the largest submissions, with their folders
OBJECT_BYTES: Final = limits.PAYLOAD_BYTES  # no file of a payload is larger
ALL_BYTES: Final = 4 * limits.PAYLOAD_BYTES  # two submissions of the largest size
PATHS: Final = 2 * limits.SUBMISSION_FILES  # what one commit may change
_PREFIXES: Final = ("incoming-", "tmp_objdir-")  # git before and after 2.35
_KEPT: Final = ("PATH", "HOME", "GIT_EXEC_PATH")


@dataclass(frozen=True, slots=True)
class Incoming:
    """Where git put what a push brings."""

    repository: Path
    quarantine: Path | None
    """`None` where the push brings no objects: it deletes, or moves to what is there."""

    @classmethod
    def of(cls, repository: Path, env: Mapping[str, str]) -> "Incoming":
        """As git tells a hook in its environment; `InvalidInput` (`bad-quarantine`) for a folder elsewhere."""
        told = env.get("GIT_QUARANTINE_PATH")
        if not told:
            return cls(repository, None)
        folder = (repository / told).resolve()
        objects = (find_layout(repository).common / "objects").resolve()
        if folder.parent != objects or not folder.name.startswith(_PREFIXES) or not folder.is_dir():
            raise InvalidInput(
                f"expected a quarantine of git's below {objects}, GIT_QUARANTINE_PATH says {told}",
                code="bad-quarantine",
                hint="git sets it for its hooks; nobody else does",
            )
        return cls(repository, folder)

    def history(self) -> GitHistory:
        """The repository with what came; nothing can be written to it."""
        layout = find_layout(self.repository)
        config = read_config(layout)
        stores: list[BaseObjectStore] = [open_store(layout, config)]
        if self.quarantine is not None:
            stores.append(DiskObjectStore(str(self.quarantine)))
        return GitHistory(
            _Both(stores),
            DiskRefsContainer(layout.common, layout.control),
            where=str(self.repository),
            layout=Layout(layout.control, layout.common, None),
            most=PATHS,
        )

    def weigh(self, env: Mapping[str, str]) -> None:
        """Refuses more than one push may bring: `InvalidInput` (`too-large`). Reads no object."""
        if self.quarantine is None:
            return
        kept = {name: env[name] for name in _KEPT if name in env}
        told = {"GIT_DIR": str(self.repository), "GIT_OBJECT_DIRECTORY": str(self.quarantine), "LC_ALL": "C"}
        words = ["git", "cat-file", "--batch-check=%(objectsize)", "--batch-all-objects", "--unordered"]
        try:
            process = subprocess.Popen(
                words,
                cwd=self.repository,
                env={**kept, **told, "GIT_NO_REPLACE_OBJECTS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            raise Unreachable("git cannot be started", code="no-git", hint="is it on this machine's PATH?") from error
        with process:
            try:
                if process.stdout is not None:
                    _weigh(process.stdout)
            finally:
                process.kill()


class _Both(OverlayObjectStore):
    """Several stores as one, which closes all of them."""

    def __contains__(self, sha1: ObjectID) -> bool:
        """Whether one of them has it; dulwich's own looks at loose objects alone."""
        return any(sha1 in store for store in self.bases)

    def close(self) -> None:
        """Lets go of open files."""
        for store in self.bases:
            store.close()


def _weigh(sizes: IO[bytes]) -> None:
    count = total = 0
    for line in sizes:
        if not line.strip().isdigit():
            hint = "make the commit again with git; `git fsck` shows what is wrong"
            raise InvalidInput("a push brings an object that cannot be read", code="bad-git-object", hint=hint)
        size = int(line)
        count, total = count + 1, total + size
        most = next(
            (
                f"{number} {what}, this one has more"
                for what, number, found in (
                    ("objects", OBJECTS, count),
                    ("bytes in one file", OBJECT_BYTES, size),
                    ("bytes once unpacked", ALL_BYTES, total),
                )
                if found > number
            ),
            None,
        )
        if most is not None:
            hint = "send fewer submissions at a time; a registry keeps no large files"
            raise InvalidInput(f"a push brings at most {most}", code="too-large", hint=hint)
