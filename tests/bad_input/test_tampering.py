"""Every file that an install reads, changed on its way: flipped, cut, lengthened, swapped, replayed, emptied, gone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.names import parse_artifact
from registry_tool.stores.folder import FolderSource
from registry_tool.wiring import World
from tests.bad_input.stage import Refusal, Stage, adds, pdf_registry
from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, skill_release

TAB = "@bob/tab"
ROLES = ("chains", "record", "scope", "evidence", "manifest", "bundle")
"""What an install reads."""
INSTALL = ("install", PDF, "--yes")


def paths(built: RegistryInMemory, artifact: str, version: str) -> dict[str, str]:
    """Role to path, for the install of one release."""
    name = parse_artifact(artifact)
    evidence = canonical.encode(built.proof(artifact, version).evidence(built.id))
    objects = {
        "evidence": evidence,
        "manifest": built.proof(artifact, version).manifest,
        "bundle": built.bundle(artifact, version),
    }
    return {
        "chains": layout.REGISTRY_CHAINS,
        "record": layout.name_path(name),
        "scope": layout.scope_path(name.scope),
        **{role: layout.object_path(sha256(data)) for role, data in objects.items()},
    }


@dataclass(frozen=True)
class Past:
    """A registry as it was, as it is, and another one."""

    built: RegistryInMemory
    old: Mapping[str, bytes]
    old_paths: Mapping[str, str]
    new: Mapping[str, bytes]
    paths: Mapping[str, str]
    other: Mapping[str, bytes]
    """Role to the file that belongs to another name, or for the chains to another registry."""


@pytest.fixture(scope="module")
def past() -> Past:
    """A policy, a member and a version came since the old state; @bob/tab was always there."""
    built = pdf_registry()
    skill_release(built, TAB, "1.0.0")
    old, old_paths = built.site(), paths(built, PDF, "1.0.0")
    built.policy()
    built.scope("ann", owners=["ann"], members=["bob"])
    skill_release(built, PDF, "1.1.0", description="Reads more.")
    stranger = pdf_registry()
    stranger.policy(self_approval=True)
    new = built.site()
    other = {role: new[path] for role, path in paths(built, TAB, "1.0.0").items()}
    # Another registry has its own first root, so all that it says carries another id.
    foreign = RegistryInMemory(demo=False)
    foreign.hand("somebody else")
    foreign.root()
    foreign.moderators({"mod": None})
    foreign.policy()
    skill_release(foreign, PDF, "1.1.0")
    other["chains"] = foreign.site()[layout.REGISTRY_CHAINS]
    return Past(built, old, old_paths, new, paths(built, PDF, "1.1.0"), other)


class Listening(World):
    """A world that notes what is read of registries in folders."""

    asked: list[str]

    def source(self, where: str) -> FolderSource:
        asked = self.asked

        class Noting(FolderSource):
            def fetch(self, path: str, *, limit: int) -> bytes | None:
                asked.append(path)
                return super().fetch(path, limit=limit)

        return Noting(self.path(where))


def test_an_install_reads_these_files_and_no_others(stage: Stage, past: Past) -> None:
    """The rows below are all that an install reads, but for the name and address that decide nothing."""
    adds(stage, past.built)
    world = Listening(**{name: getattr(stage.world, name) for name in ("env", "cwd", "home", "now", "terminal")})
    object.__setattr__(world, "asked", [])
    stage.world = world
    stage.done(*INSTALL)

    assert sorted(past.paths.values()) == sorted({*world.asked} - {layout.ENTRY})


def outcomes(stage: Stage, past: Past, role: str, data: bytes | None) -> set[tuple[int, str]]:
    """How the install ends with `data` (or nothing) in the place of a file."""
    path = stage.folder / "reg" / past.paths[role]
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    before = stage.everything()
    try:
        return {stage.refused(*INSTALL)}
    finally:
        assert before == stage.everything()
        path.write_bytes(past.new[past.paths[role]])


Change = Callable[[Past, str], "bytes | None"]

ROWS: Mapping[str, Change] = {
    "cut in half": lambda past, role: past.new[past.paths[role]][: len(past.new[past.paths[role]]) // 2],
    "cut by its last byte": lambda past, role: past.new[past.paths[role]][:-1],
    "lengthened by a space": lambda past, role: past.new[past.paths[role]] + b" ",
    "emptied": lambda past, role: b"",
    "gone": lambda past, role: None,
    "a web page": lambda past, role: b"<!doctype html><title>Not found</title>",
    "swapped": lambda past, role: past.other[role],
    "replayed": lambda past, role: past.old[past.old_paths[role]],
}
