"""Every file that an install reads, changed on its way: flipped, cut, lengthened, swapped, replayed, emptied, gone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.names import parse_artifact
from registry_tool.stores.folder import FolderSource
from registry_tool.wiring import World
from tests.bad_input.stage import Refusal, Stage, adds, differences, pdf_registry
from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, SKILL_SPEC, skill_release

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


def _skill(name: str) -> bytes:
    return f"---\nname: {name}\ndescription: Read files of another kind.\n---\nRead them.\n".encode()


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
    built.release(TAB, "1.0.0", {"SKILL.md": _skill("tab")}, kind="skill", spec={**SKILL_SPEC, "native_name": "tab"})
    old, old_paths = built.site(), paths(built, PDF, "1.0.0")
    built.policy()
    built.scope("ann", owners=["ann"], members=["bob"])
    built.release(PDF, "1.1.0", {"SKILL.md": _skill("pdf")}, kind="skill", spec=SKILL_SPEC)
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

_DIGEST = {
    "cut in half": Refusal(4, "bad-digest", "expected sha256 "),
    "cut by its last byte": Refusal(4, "bad-digest", "expected sha256 "),
    "lengthened by a space": Refusal(4, "bad-digest", "expected sha256 "),
    "emptied": Refusal(4, "bad-digest", "got e3b0c442"),
    "gone": Refusal(6, "object-missing", "an object that the registry names is not there"),
    "a web page": Refusal(4, "bad-digest", "expected sha256 "),
    "swapped": Refusal(4, "bad-digest", "expected sha256 "),
    "replayed": Refusal(4, "bad-digest", "expected sha256 "),
}
_TEXT = {
    "cut in half": Refusal(4, "not-canonical", "is not JSON"),
    "cut by its last byte": Refusal(4, "not-canonical", "is not JSON"),
    "lengthened by a space": Refusal(4, "not-canonical", "is not in canonical form"),
    "emptied": Refusal(4, "not-canonical", "is not JSON"),
    "a web page": Refusal(4, "not-canonical", "is not JSON"),
}
EXPECTED: Mapping[str, Mapping[str, Refusal]] = {
    "chains": {
        **_TEXT,
        "emptied": Refusal(6, "not-a-registry", "it answers with nothing"),
        "gone": Refusal(3, "not-a-registry", "there is no registry at"),
        "a web page": Refusal(6, "not-a-registry", "it answers with a page"),
        "swapped": Refusal(4, "other-registry", "this is another registry: its id should be"),
        "replayed": Refusal(4, "rolled-back", "policy ends at 1 here, and you have seen number 2"),
    },
    "record": {
        **_TEXT,
        "gone": Refusal(3, "no-artifact", "has no @ann/pdf"),
        "swapped": Refusal(4, "other-artifact", "asked for @ann/pdf, got the record of @bob/tab"),
        "replayed": Refusal(4, "rolled-back", "@ann/pdf@1.1.0 is gone, and you have seen it"),
    },
    "scope": {
        **_TEXT,
        "gone": Refusal(4, "chain-empty", "who may publish in @ann is not said"),
        "swapped": Refusal(4, "other-subject", "scopes/ann 1 is a statement about scopes/bob"),
        "replayed": Refusal(4, "rolled-back", "scopes/ann ends at 1 here, and you have seen number 2"),
    },
    "evidence": _DIGEST,
    "manifest": _DIGEST,
    "bundle": {**_DIGEST, "lengthened by a space": Refusal(4, "too-large", "it may have at most 2048 bytes")},
}


@pytest.mark.parametrize(("role", "what"), [(role, what) for role in ROLES for what in ROWS])
def test_a_changed_file_is_refused(stage: Stage, past: Past, role: str, what: str) -> None:
    """Somebody who saw the newest state is shown one file of it otherwise: refused, and nothing is written."""
    adds(stage, past.built)
    stage.done(*INSTALL, "--project", "elsewhere")
    path, data = stage.folder / "reg" / past.paths[role], ROWS[what](past, role)
    path.unlink() if data is None else path.write_bytes(data)

    stage.refuses(EXPECTED[role][what], *INSTALL)


@pytest.mark.parametrize("role", ROLES)
def test_no_byte_can_be_flipped(stage: Stage, role: str) -> None:
    """Wherever one bit is flipped, the install ends with 4, or with 6 where a name leads to nothing now."""
    built = pdf_registry()
    path = Path(adds(stage, built), paths(built, PDF, "1.0.0")[role])
    good = path.read_bytes()
    sizes = [place for match in re.finditer(rb'"size":\d+', good) for place in range(*match.span())]
    places = sorted({*range(0, len(good), len(good) // 24), len(good) - 1, *(sizes if role == "record" else ())})
    before = stage.everything()
    codes = set()
    for place in places:
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        codes.add(stage.refused(*INSTALL)[0])
    path.write_bytes(good)

    assert codes <= ({4, 6} if role == "record" else {4})
    assert [] == differences(before, stage.everything())
