"""What the benchmark stands on: a large registry in git, more releases for it, and a person's machine."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from registry_tool.core.tree import MemoryTree
from registry_tool.stores.git import GitHistory
from tests.bench.measure import Ran, fresh, run
from tests.builders import RegistryInMemory, a_registry
from tests.generate import AUTHOR, text

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

SMALL = {
    "SKILL.md": f"---\nname: small\ndescription: {text(1, 12)}\n---\n# Small\n\n{text(2, 400)}.\n".encode(),
    "README.md": f"# Small\n\n{text(3, 300)}.\n".encode(),
    "LICENSE": b"Permission is granted to everybody, for everything.\n" * 20,
}
"""The small artifact, about 5 kB: what the peers install has the same files."""
SMALL_SPEC = {"native_name": "small", "entry": "SKILL.md", "allowed_tools": [], "scripts": []}
_OTHER_KEYS = 10_000  # more than the large registry's authors have: none of theirs is ours


def small(artifact: str) -> dict[str, bytes]:
    """A small skill whose bundle is no other's: what a client keeps of one must not serve for the next."""
    return {**SMALL, "NOTES.md": f"These are the notes of {artifact}.\n".encode()}


@dataclass
class Person:
    """Somebody's machine: an environment of their own, and the command."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """Nothing of the caller's but where programs are."""
        return {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "REGISTRY_HOME": str(self.folder / "state"),
            "LC_ALL": "C.UTF-8",
        }

    def registry(self, *words: str) -> Ran:
        """`registry WORDS…`."""
        return run([str(BIN / "registry"), *words], env=self.env, cwd=self.folder)


@dataclass
class Ground:
    """A large registry in a bare repository, and how to add to it."""

    folder: Path
    names: int
    versions: int
    id: str = ""
    _base: RegistryInMemory = field(default_factory=lambda: a_registry(demo=False))

    @property
    def repository(self) -> Path:
        """Where it lies."""
        return self.folder / "large.git"

    def make(self) -> None:
        """Makes it, in a process of its own: what this one holds would count as its children's."""
        command = [sys.executable, "-m", "tests.generate", str(self.repository)]
        command += ["--names", str(self.names), "--versions", str(self.versions)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=180, stdout=subprocess.DEVNULL)
        with (self.repository / "config").open("a", encoding="ascii") as config:
            config.write("[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n")  # as forges have it
        self.id = self._base.id
        for number in range(_OTHER_KEYS):
            self._base._hands.setdefault(f"other {number}", self._base.hand("root"))

    def release(self, artifact: str, version: str) -> str:
        """Publishes, admits and merges a small skill; the new commit."""
        before = dict(self._base.files)
        self._base.release(artifact, version, small(artifact), kind="skill", spec=SMALL_SPEC)
        new = {path: data for path, data in self._base.files.items() if path not in before}
        history = GitHistory.open(self.repository)
        tip = history.resolve("main")
        commit = history.commit(new, onto=tip, message=f"{artifact}@{version}", author=AUTHOR, at=1_800_000_100)
        history.move("main", old=tip, new=commit)
        history.close()
        return commit

    def tree(self) -> MemoryTree:
        """What was added, as a registry of its own."""
        return self._base.tree()

    def person(self, name: str) -> Person:
        """A machine that nobody used before."""
        return Person(fresh(self.folder / "people" / name))

    def operator(self, name: str) -> Person:
        """A machine with the key that signs the index."""
        person = self.person(name)
        (person.folder / "job.key").write_bytes(self._base.seed("publishing"))
        person.registry("keys", "import", "job.key", "--as", f"registry:{self.id[:16]}", "--use", "publishing")
        return person
