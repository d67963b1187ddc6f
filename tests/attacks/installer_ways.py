"""What may lie in the way of an install, and what becomes of it (the first table of the installer under attack)."""

import os
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry_tool.core.digest import sha256
from registry_tool.stores.receipts import RECEIPT_BYTES
from tests.attacks.installer_scene import Deed, Scene
from tests.stores.targets import write


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that lies there."""

    what: str
    prepare: Deed
    code: str = ""
    """Of the refusal; empty where the install is done in spite of it."""


def link(path: str, to: str) -> Deed:
    """A symbolic link to something outside."""

    def make(scene: Scene) -> None:
        (scene.root / path).parent.mkdir(parents=True, exist_ok=True)
        (scene.root / path).symlink_to(scene.outside / to)

    return make


def a(make: Callable[[Path], object], path: str) -> Deed:
    """What `make` makes of a path in the project."""

    def prepare(scene: Scene) -> None:
        (scene.root / path).parent.mkdir(parents=True, exist_ok=True)
        make(scene.root / path)

    return prepare


def a_socket(path: Path) -> None:
    here = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"/proc/self/fd/{here}/{path.name}")  # the path itself may be too long for a socket's address
    finally:
        os.close(here)


def a_device(path: Path) -> None:
    """`/dev/zero`, which never ends; a pipe, which never begins, where only root may make devices."""
    if os.geteuid() == 0:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    else:
        os.mkfifo(path)


def hard_link(path: str, to: str) -> Deed:
    def make(scene: Scene) -> None:
        (scene.root / path).hardlink_to(scene.outside / to)

    return make


def text(path: str, content: str) -> Deed:
    return a(lambda place: place.write_text(content, "utf-8"), path)


def endless(path: Path) -> None:
    """Longer than any receipt."""
    with open(path, "wb") as file:
        file.truncate(RECEIPT_BYTES + 1)


def deep(scene: Scene) -> None:
    """A folder in a folder, 3,000 times: deeper than any path can say."""
    place = os.open(scene.root, os.O_RDONLY)
    for name in (".registry", "staging", *["a"] * 3000):
        os.mkdir(name, dir_fd=place)
        inner = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)


def journal_of_a_clone(op: str, path: str, *, files: str = "{}") -> Deed:
    """A journal that came with a repository and names a file of the person's own."""

    def make(scene: Scene) -> None:
        write(scene.root, _env="mine\n", _registry__staging__old__0="theirs\n")
        entry = f'{{"files":{files},"mode":0,"op":"{op}","path":"{path}"}}'
        journal = scene.root / ".registry/journal.json"
        journal.write_text(f'{{"entries":[{entry}],"schema":"registry.journal/1"}}')

    return make


_GUESSED = f'{{"":"{sha256(b"another")}"}}'

WAYS: Final = (
    Way("`.mcp.json` is a link to a file elsewhere", link(".mcp.json", "index.json"), "not-a-file"),
    Way("`.mcp.json` is a link to nothing", link(".mcp.json", "none"), "not-a-file"),
    Way("`.mcp.json` is a hard link to a file elsewhere", hard_link(".mcp.json", "index.json")),
    Way("`.mcp.json` is a folder", a(Path.mkdir, ".mcp.json"), "not-a-file"),
    Way("`.mcp.json` is a pipe that nobody writes to", a(os.mkfifo, ".mcp.json"), "not-a-file"),
    Way("`.mcp.json` is a socket", a(a_socket, ".mcp.json"), "not-a-file"),
    Way("`.mcp.json` is a device that never ends", a(a_device, ".mcp.json"), "not-a-file"),
    Way("`themes/index.json` is a link to a file elsewhere", link("themes/index.json", "index.json"), "not-a-file"),
    Way("`registry.lock.json` is a link to a file elsewhere", link("registry.lock.json", "index.json"), "not-a-file"),
    Way("`registry.lock.json` is a pipe", a(os.mkfifo, "registry.lock.json"), "not-a-file"),
    Way("a folder on the way is a link to a folder elsewhere", link(".agents", "folder"), "link"),
    Way("a folder further down is a link", link(".agents/skills", "folder"), "link"),
    Way("a folder on the way is a link round in a circle", a(lambda path: path.symlink_to(path), "themes"), "link"),
    Way("a folder on the way is a file", a(Path.touch, "themes"), "link"),
    Way("the artifact's own place is a link", link("themes/acme__solar", "folder"), "exists"),
    Way("the artifact's own place is a folder of the person's", a(Path.mkdir, "themes/acme__solar"), "exists"),
    Way("the artifact's own place is a pipe", a(os.mkfifo, "themes/acme__solar"), "exists"),
    Way("the artifact's own place is a socket", a(a_socket, "themes/acme__solar"), "exists"),
    Way("the artifact's own place is a device", a(a_device, "themes/acme__solar"), "exists"),
    Way("`.registry` is a link to a folder elsewhere", link(".registry", "folder"), "link"),
    Way("`.registry` is a file", a(Path.touch, ".registry"), "link"),
    Way("the lock is a link to a file elsewhere", link(".registry/lock", "secret"), "link"),
    Way("the lock is a link to nothing", link(".registry/lock", "none"), "link"),
    Way("the lock is a folder", a(Path.mkdir, ".registry/lock"), "not-a-file"),
    Way("the lock is a pipe", a(os.mkfifo, ".registry/lock"), "not-a-file"),
    Way("the lock is a device", a(a_device, ".registry/lock"), "not-a-file"),
    Way("the receipts are a link to a folder elsewhere", link(".registry/receipts", "folder"), "link"),
    Way("a receipt is a link", link(".registry/receipts/a__b.json", "index.json"), "not-a-file"),
    Way("a receipt is a pipe", a(os.mkfifo, ".registry/receipts/a__b.json"), "not-a-file"),
    Way("a receipt is endless", a(endless, ".registry/receipts/a__b.json"), "too-large"),
    Way("the journal is a link", link(".registry/journal.json", "secret"), "not-a-file"),
    Way("the journal is a pipe", a(os.mkfifo, ".registry/journal.json"), "not-a-file"),
    Way("the journal is no journal", text(".registry/journal.json", "{}"), "journal-damaged"),
    Way("a journal from a clone takes back a file of the person's", journal_of_a_clone("put", ".env"), "local-edits"),
    Way(
        "a journal from a clone guesses a file's bytes",
        journal_of_a_clone("put", ".env", files=_GUESSED),
        "local-edits",
    ),
    Way("a journal from a clone puts another file there", journal_of_a_clone("swap", ".env"), "local-edits"),
    Way("a journal from a clone puts one back over it", journal_of_a_clone("drop", ".env"), "local-edits"),
    Way("a journal from a clone takes back a folder", journal_of_a_clone("put", ".registry/staging"), "local-edits"),
    Way("a journal from a clone leads outside", journal_of_a_clone("drop", "../outside/new"), "journal-damaged"),
    Way("a journal from a clone plants a hook", journal_of_a_clone("drop", ".git/hooks/pre-commit"), "journal-damaged"),
    Way("the staging folder is a link to a folder elsewhere", link(".registry/staging", "folder")),
    Way("the staging folder holds other people's files", text(".registry/staging/new/0", "theirs")),
    Way("the staging folder is deeper than any path", deep),
    Way("a half-written journal was left", text(".registry/journal.new", "{")),
)
"""Each lies in the project before an install; what is outside is never touched."""
