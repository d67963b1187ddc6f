"""Where a git repository keeps its things on disk (git help gitrepository-layout)."""

from dataclasses import dataclass
from pathlib import Path

from registry_tool.core.errors import InvalidInput, NotFound, StateForbids

_GITFILE_BYTES = 4096  # one path


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one repository."""

    control: Path
    """Holds `HEAD` and the index; in a linked work tree its own."""
    common: Path
    """Holds the objects, the branches and the settings."""
    work_tree: Path | None
    """The checked-out files; `None` in a bare repository."""


def find_layout(path: Path) -> Layout:
    """The layout of the work tree, bare repository or `.git` folder at `path`; folders above are not looked at.

    `NotFound` where nothing is there, `InvalidInput` (`not-git`) where something else is.
    """
    if not path.is_dir():
        raise NotFound(f"there is no folder {path}", where=str(path), code="no-folder")
    inner = path / ".git"
    if inner.is_file():
        return _linked(path, inner)
    if _is_control(inner):
        return Layout(inner, inner, path)
    if _is_control(path):
        return Layout(path, path, path.parent if path.name == ".git" else None)
    raise InvalidInput(
        "a git repository was expected, this folder is none",
        where=str(path),
        hint=f"name the folder that holds .git, or make a registry with `registry init {path}`",
        code="not-git",
    )


def make_layout(path: Path, *, bare: bool, main: str) -> None:
    """Makes an empty repository at `path`, whose HEAD is the branch `main`; `StateForbids` (`exists`) where one is."""
    control = path if bare else path / ".git"
    if control.exists() and (not bare or _is_control(control)):
        raise StateForbids("there is a git repository already", where=str(path), code="exists")
    for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (control / folder).mkdir(parents=True, exist_ok=True)
    kept = "" if bare else "\tlogallrefupdates = true\n"
    config = f"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = {str(bare).lower()}\n{kept}"
    config += "[uploadpack]\n\tallowFilter = true\n"  # who reads a registry fetches only what it needs of it
    (control / "config").write_bytes(config.encode())
    (control / "HEAD").write_bytes(f"ref: refs/heads/{main}\n".encode())


def _is_control(path: Path) -> bool:
    return (path / "objects").is_dir() and (path / "refs").is_dir() and (path / "HEAD").is_file()


def _linked(work_tree: Path, file: Path) -> Layout:
    """The layout behind a `.git` file, as linked work trees and submodules have it."""
    with file.open("rb") as opened:
        text = opened.read(_GITFILE_BYTES)
    control = work_tree / text.removeprefix(b"gitdir:").strip().decode("utf-8", "surrogateescape")
    common = control
    if text.startswith(b"gitdir:") and (control / "commondir").is_file():
        with (control / "commondir").open("rb") as opened:
            common = control / opened.read(_GITFILE_BYTES).strip().decode("utf-8", "surrogateescape")
    if not text.startswith(b"gitdir:") or not (common / "objects").is_dir():
        raise InvalidInput(".git is a file that names no git repository", where=str(file), code="not-git")
    return Layout(control, common, work_tree)
