"""This repository's own registry: `index/`, made from `tests/demo_artifacts/` with the tool's own verbs.

    python -m tests.demo_registry            writes index/
    python -m tests.demo_registry --check    says what differs, and ends with 1 where something does

Its keys are the published test keys and its clock is fixed, so everybody makes the same bytes. Anybody
can sign with these keys: clients take the registry for a demonstration and demand `--demo`.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from registry_tool.checks import all_checks
from registry_tool.cli.founding import founding
from registry_tool.core.demo_keys import demo_seed
from registry_tool.core.describe import Said, read_card
from registry_tool.core.errors import StateForbids
from registry_tool.core.keys import Signer
from registry_tool.core.tree import walk
from registry_tool.services.author import Desk, Folder, prepare, signature_of, submit
from registry_tool.services.bench import Bench, tip_of
from registry_tool.services.moderator import approve
from registry_tool.signing.ed25519 import Ed25519Signer
from registry_tool.stores.git import GitHistory
from registry_tool.stores.workfolder import read_folder
from registry_tool.wiring import BRANCH, World

ROOT = Path(__file__).resolve().parent.parent
INDEX = ROOT / "index"
ARTIFACTS = ROOT / "tests" / "demo_artifacts"

NAME = "registry-tool demonstration"
URL = "http://127.0.0.1:8080/"
START = 1_793_523_600
"""2026-11-01T09:00:00Z, in seconds since 1970."""

REGISTRY_SEEDS = {"root": 0, "targets": 1, "publishing": 2, "timestamp": 2, "moderator": 3, "gate": 4}
AUTHOR_SEEDS = {"harbor": {"control": 5, "signing": 6}, "lighthouse": {"control": 7, "signing": 8}}
"""Which published test key is whose, by author and use."""

LOOKED = "read every file of it"
RELEASES: Sequence[tuple[str, str, str]] = (
    ("harbor", "skill-release-notes", "read the script and ran it on two repositories"),
    ("lighthouse", "theme-paper", "looked at it by day, by night and on paper"),
    ("harbor", "theme-harbor", "looked at it by day and by night"),
    ("harbor", "widget-clock", LOOKED),
    ("harbor", "widget-cpu-load-1.0.0", LOOKED),
    ("lighthouse", "skill-csv-profile", "read the script and ran it on three tables"),
    ("lighthouse", "plugin-unit-convert", "called both tools"),
    ("harbor", "plugin-text-stats", "called both tools"),
    ("harbor", "app-static-pages", "the image is pinned; it sees one folder, read-only"),
    ("lighthouse", "app-uptime-page", "the image is pinned; it sees its settings, read-only"),
    ("harbor", "gadget-use-countdown", LOOKED),
    ("lighthouse", "gadget-use-local-storage", LOOKED),
    ("lighthouse", "blueprint-contact-card", LOOKED),
    ("harbor", "blueprint-poll-results", LOOKED),
    ("harbor", "widget-cpu-load", "it reads the number of cores besides and asks more often; both are what it says"),
)
"""Author, folder and the moderator's note, in the order of their submissions."""


@dataclass(slots=True)
class Minutes:
    """A clock that goes on by a minute each time somebody does something."""

    now: int = START

    def __call__(self) -> int:
        return self.now

    def tick(self) -> int:
        self.now += 60
        return self.now


@dataclass(slots=True)
class DemoKeys:
    """The published test keys as a store of keys; it makes none."""

    signers: dict[tuple[str, str], Signer] = field(default_factory=dict)

    def find(self, owner: str, use: str) -> Signer | None:
        return self.signers.get((owner, use))

    def every(self, owner: str, use: str) -> tuple[Signer, ...]:
        found = self.find(owner, use)
        return (found,) if found else ()

    def another(self, owner: str, use: str) -> Signer:
        return self.make(owner, use)

    def make(self, owner: str, use: str) -> Signer:
        raise StateForbids(f"{owner} has no published test key for {use}")


def index_files() -> dict[str, bytes]:
    """Every file below `index/`, made anew, by its path in the repository."""
    clock, keys, history = Minutes(), DemoKeys(), GitHistory.memory()
    world = World(env={}, cwd=ROOT, home=ROOT, now=clock, terminal=False)
    seeds = {use: demo_seed(number) for use, number in REGISTRY_SEEDS.items()}
    made = founding(world, seeds=seeds, name=NAME, url=URL)
    first = history.commit(
        made.files, onto=None, message="Found the registry\n", author=signature_of(made.person), at=clock()
    )
    history.move(BRANCH, old=None, new=first)
    keys.signers[f"registry:{made.registry[:16]}", "moderator"] = Ed25519Signer(seeds["moderator"])
    for author, uses in AUTHOR_SEEDS.items():
        for use, number in uses.items():
            keys.signers[author, use] = Ed25519Signer(demo_seed(number))
    checks = all_checks()
    desk = Desk(kinds=world.kinds, checks=checks, means=world.means, keys=keys, now=clock)
    bench = Bench(history=history, kinds=world.kinds, checks=checks, means=world.means, keys=keys, now=clock)
    for author, name, note in RELEASES:
        commit, tip = tip_of(history)
        prepared = prepare([author_folder(ARTIFACTS / name, author)], tip=tip, desk=desk, demo=True)
        submit(prepared, history, onto=commit, at=clock.tick())
        clock.tick()
        approve(bench, prepared.id, note=note)
    tree = tip_of(history)[1]
    return {path: tree.read(path) or b"" for path, _ in walk(tree, "index")}


def author_folder(path: Path, author: str) -> Folder:
    """An author's folder as `publish` reads it, but for what git says about the checkout that it lies in."""
    card = read_card(read_folder(path).payload)[0]
    return Folder(path.name, read_folder(path, card=card).payload, Said(author=author))


def on_disk(root: Path = ROOT) -> dict[str, bytes]:
    """Every file that lies below `index/` of the checkout `root`."""
    found = sorted(path for path in (root / "index").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def differences(made: Mapping[str, bytes], there: Mapping[str, bytes]) -> list[str]:
    """What is wrong with `there`, a line for each path."""
    wrong = dict.fromkeys(made.keys() - there.keys(), "missing")
    wrong |= dict.fromkeys(there.keys() - made.keys(), "not made by this")
    wrong |= {path: "other bytes" for path in made.keys() & there.keys() if made[path] != there[path]}
    return [f"{path}: {wrong[path]}" for path in sorted(wrong)]


def write(files: Mapping[str, bytes], root: Path = ROOT) -> int:
    """Makes `index/` below `root` hold exactly `files`; returns how many files were written or removed."""
    there = on_disk(root)
    for path in sorted(there.keys() - files.keys()):
        (root / path).unlink()
    changed = sorted(path for path, data in files.items() if there.get(path) != data)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(files[path])
    for folder in sorted((path for path in (root / "index").rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return len(changed) + len(there.keys() - files.keys())


def main(arguments: Sequence[str]) -> int:
    files = index_files()
    wrong = differences(files, on_disk())
    if "--check" in arguments:
        print("\n".join(wrong) or f"index/ is right: {len(files)} files.")
        return 1 if wrong else 0
    print(f"Wrote {write(files)} of {len(files)} files of index/." if wrong else "index/ was right already.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
