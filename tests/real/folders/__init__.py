"""Folders as real authors have them, byte for byte; where one is refused, with the line that mends it."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Mend = Callable[[Path, str], None]
"""Does in a folder what the hint says, and nothing else."""


@dataclass(frozen=True, slots=True)
class Case:
    """One author's folder, and what becomes of it."""

    name: str
    """Of the artifact."""
    kind: str
    files: Mapping[str, bytes]
    programs: tuple[str, ...] = ()
    """Files with the executable bit."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links, path to target."""
    folder: str = ""
    """What the author calls the folder, where that is not the artifact's name."""
    version: str = "1.0.0"
    """Given as a flag; empty where the folder says it."""
    installed: str = ""
    """The name that it is installed under, where that is not the artifact's."""
    refused: str = ""
    """A part of the one message; empty where it gets through as it is."""
    mend: Mend | None = None

    def write(self, root: Path) -> Path:
        """The folder, in `root`."""
        folder = root / (self.folder or self.name)
        for path, data in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
            (folder / path).chmod(0o755 if path in self.programs else 0o644)
        for path, target in self.links.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(target)
        return folder


def card(line: str) -> Mend:
    """Writes the line into artifact.yaml."""

    def mend(folder: Path, hint: str) -> None:
        assert line in hint
        path = folder / "artifact.yaml"
        path.write_bytes((path.read_bytes() if path.exists() else b"") + line.encode() + b"\n")

    return mend


def instead(path: str, old: bytes, new: bytes, *, hinted: str = "") -> Mend:
    """Writes the new line in place of the old one; the hint holds it, or `hinted`."""

    def mend(folder: Path, hint: str) -> None:
        assert (hinted or new.decode().strip()) in hint
        data = (folder / path).read_bytes()
        assert 1 == data.count(old)
        (folder / path).write_bytes(data.replace(old, new))

    return mend


def without(path: str, *, hinted: str) -> Mend:
    """Removes the file, which is what the hint says."""

    def mend(folder: Path, hint: str) -> None:
        assert hinted in hint
        (folder / path).unlink()

    return mend


def renamed(old: str, new: str, *, hinted: str = "") -> Mend:
    """Gives a file the new name; the hint holds it, or `hinted`."""

    def mend(folder: Path, hint: str) -> None:
        assert (hinted or new) in hint
        (folder / old).rename(folder / new)

    return mend


def command(folder: Path, hint: str) -> None:
    """Runs what the hint says, in the folder."""
    subprocess.run(["sh", "-euc", hint.partition(": ")[2]], cwd=folder, check=True, timeout=20)
