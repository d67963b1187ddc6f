"""Every file that an install reads, changed on its way: flipped, cut, lengthened, swapped, replayed, emptied, gone.

Once by a host without any key, once with the stolen keys of the jobs that sign the index.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.names import parse_artifact
from registry_tool.stores.folder import FolderSource
from registry_tool.wiring import World
from tests.bad_input.stage import Refusal, Stage, pdf_registry
from tests.builders import RegistryInMemory
from tests.building_index import DAY, SignedSite, bin_of, bins, snapshot_path
from tests.cli.desk import PDF, SKILL_SPEC, skill_release

TAB = "@bob/tab"
LISTED = ("chains", "record", "scope")
"""What the signed index lists of what an install reads."""
OBJECTS = ("evidence", "manifest", "bundle")
INDEX = ("timestamp", "snapshot", "targets", "bin")
INSTALL = ("install", PDF, "--yes")
FIRST_ROOT = "first root"
"""The file from which a machine that knows nothing but the id gets the first root."""


def paths(built: RegistryInMemory, artifact: str, version: str) -> dict[str, str]:
    """Role to path, for the install of one release; what the index lists under its plain name."""
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


def served(site: SignedSite, artifact: str, version: str) -> dict[str, str]:
    """Role to the path at which clients ask for it."""
    plain = paths(site.registry, artifact, version)
    targets = max(path for path in site.files if path.endswith(".targets.json"))
    index = [layout.TIMESTAMP, snapshot_path(site.files), targets, bin_of(site.files, plain["record"])]
    return {
        FIRST_ROOT: layout.REGISTRY_CHAINS,
        **dict(zip(INDEX, index, strict=True)),
        **{role: layout.by_digest(plain[role], sha256(site.files[plain[role]])) for role in LISTED},
        **{role: plain[role] for role in OBJECTS},
    }


def _skill(name: str) -> bytes:
    return f"---\nname: {name}\ndescription: Read files of another kind.\n---\nRead them.\n".encode()


@dataclass(frozen=True)
class Past:
    """A registry as it was, as it is, and another one."""

    site: SignedSite
    """As it is."""
    old: Mapping[str, bytes]
    old_paths: Mapping[str, str]
    """Role to path, at which clients ask for it."""
    new: Mapping[str, bytes]
    paths: Mapping[str, str]
    other: Mapping[str, bytes]
    """Role to the file that belongs to another name or role, or for the chains to another registry."""

    @property
    def built(self) -> RegistryInMemory:
        """The registry."""
        return self.site.registry


@pytest.fixture(scope="module")
def past() -> Past:
    """Targets, a policy, a member and a version came since the old state; @bob/tab was always there."""
    built = pdf_registry()
    built.release(TAB, "1.0.0", {"SKILL.md": _skill("tab")}, kind="skill", spec={**SKILL_SPEC, "native_name": "tab"})
    site = SignedSite(built, now=1_772_000_000 - DAY, bits=1)
    old = site.publish()
    old_paths = served(site, PDF, "1.0.0")
    built.policy()
    built.scope("ann", owners=["ann"], members=["bob"])
    built.release(PDF, "1.1.0", {"SKILL.md": _skill("pdf")}, kind="skill", spec=SKILL_SPEC)
    site.targets()
    new = site.publish()
    found = served(site, PDF, "1.1.0")
    other = {role: new[path] for role, path in served(site, TAB, "1.0.0").items()}
    other["timestamp"], other["snapshot"], other["targets"] = (
        new[found[role]] for role in ("snapshot", "targets", "timestamp")
    )
    other["bin"] = next(new[path] for path in bins(new).values() if path != found["bin"])
    # Another registry has its own first root, so all that it says carries another id.
    foreign = RegistryInMemory(demo=False)
    foreign.hand("somebody else")
    foreign.root()
    foreign.moderators({"mod": None})
    foreign.policy()
    skill_release(foreign, PDF, "1.1.0")
    other["chains"] = other[FIRST_ROOT] = foreign.site()[layout.REGISTRY_CHAINS]
    return Past(site, old, old_paths, new, found, other)


def knows(stage: Stage, past: Past, files: Mapping[str, bytes]) -> None:
    """This person added the registry when its site had these files, and installed something elsewhere."""
    where = stage.put("reg", dict(files))
    stage.run("add", where, "--root", past.built.id)
    stage.done(*INSTALL, "--project", "elsewhere")


def forgets(stage: Stage) -> None:
    """Nothing is known of the registry but its id."""
    shutil.rmtree(stage.folder / "home" / "cache")
    for folder in (stage.folder / "home" / "trust" / "index").iterdir():
        shutil.rmtree(folder)
        folder.mkdir()


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
    """The rows below are all that an install reads, but for a look whether there is a newer root and another bin."""
    knows(stage, past, past.new)
    forgets(stage)
    world = Listening(**{name: getattr(stage.world, name) for name in ("env", "cwd", "home", "now", "terminal")})
    object.__setattr__(world, "asked", [])
    stage.world = world
    stage.done(*INSTALL)
    same = {"tuf/2.root.json", *bins(past.new).values()}

    assert sorted({*past.paths.values()} - same) == sorted({*world.asked} - same - {layout.ENTRY})


Change = Callable[[Past, str], "bytes | None"]

ROWS: Mapping[str, Change] = {
    "cut in half": lambda past, role: past.new[past.paths[role]][: len(past.new[past.paths[role]]) // 2],
    "cut by its last byte": lambda past, role: past.new[past.paths[role]][:-1],
    "lengthened by a space": lambda past, role: past.new[past.paths[role]] + b" ",
    "lengthened by a brace": lambda past, role: past.new[past.paths[role]] + b"}",
    "emptied": lambda past, role: b"",
    "gone": lambda past, role: None,
    "a web page": lambda past, role: b"<!doctype html><title>Not found</title>",
    "swapped": lambda past, role: past.other[role],
    "replayed": lambda past, role: past.old[past.old_paths[role]],
}

_LONG = Refusal(4, "too-large", "it may have at most ")
_DIGEST = {
    "cut in half": Refusal(4, "bad-digest", "expected sha256 "),
    "cut by its last byte": Refusal(4, "bad-digest", "expected sha256 "),
    "lengthened by a space": Refusal(4, "bad-digest", "expected sha256 "),
    "lengthened by a brace": Refusal(4, "bad-digest", "expected sha256 "),
    "emptied": Refusal(4, "bad-digest", "got e3b0c442"),
    "gone": Refusal(6, "object-missing", "an object that the registry names is not there"),
    "a web page": Refusal(4, "bad-digest", "expected sha256 "),
    "swapped": Refusal(4, "bad-digest", "expected sha256 "),
    "replayed": Refusal(4, "bad-digest", "expected sha256 "),
}
_BY_INDEX = {
    **_DIGEST,
    "lengthened by a space": _LONG,
    "lengthened by a brace": _LONG,
    "gone": Refusal(6, "object-missing", "is listed in the signed index, and is not there"),
}
_TEXT = {
    "cut in half": Refusal(4, "not-canonical", "is not JSON"),
    "cut by its last byte": Refusal(4, "not-canonical", "is not JSON"),
    "lengthened by a space": Refusal(4, "not-canonical", "is not in canonical form"),
    "lengthened by a brace": Refusal(4, "not-canonical", "is not JSON"),
    "emptied": Refusal(4, "not-canonical", "is not JSON"),
    "a web page": Refusal(4, "not-canonical", "is not JSON"),
}
_CHAINS = {
    **_TEXT,
    "emptied": Refusal(6, "not-a-registry", "it answers with nothing"),
    "gone": Refusal(3, "not-a-registry", "there is no registry at"),
    "a web page": Refusal(6, "not-a-registry", "it answers with a page"),
    "swapped": Refusal(4, "other-registry", "this is another registry: its id should be"),
}
_BROKEN = Refusal(4, "index-not-trusted", "its signed index does not hold")
_OLDER = Refusal(4, "rolled-back", "its signed index is older than it should be, or mixed from two states")
_INDEX = {  # a space more changes nothing that is signed
    "cut in half": _BROKEN,
    "cut by its last byte": _BROKEN,
    "lengthened by a brace": _BROKEN,
    "emptied": _BROKEN,
    "gone": Refusal(6, "index-missing", "its signed index is not whole"),
    "a web page": _BROKEN,
    "swapped": _BROKEN,
    "replayed": _OLDER,
}
BY_A_HOST: Mapping[str, Mapping[str, Refusal]] = {
    FIRST_ROOT: _CHAINS,
    **dict.fromkeys(INDEX, _INDEX),
    "timestamp": {**_INDEX, "gone": Refusal(4, "index-unsigned", "this site has no signed index")},
    "bin": {**_INDEX, "swapped": _OLDER},
    **dict.fromkeys(LISTED, _BY_INDEX),
    **dict.fromkeys(OBJECTS, _DIGEST),
    "bundle": {**_DIGEST, "lengthened by a space": _LONG, "lengthened by a brace": _LONG},
}


@pytest.mark.parametrize(("role", "what"), [(role, what) for role, rows in BY_A_HOST.items() for what in rows])
def test_a_changed_file_is_refused(stage: Stage, past: Past, role: str, what: str) -> None:
    """Somebody who saw the old state is shown one file of the new one otherwise: refused, and nothing is written."""
    # The old timestamp holds until it expires for whoever saw no newer one.
    knows(stage, past, past.new if role == "timestamp" else past.old)
    stage.put("reg", dict(past.new))
    path, data = stage.folder / "reg" / past.paths[role], ROWS[what](past, role)
    path.unlink() if data is None else path.write_bytes(data)
    if role == FIRST_ROOT:
        forgets(stage)

    stage.refuses(BY_A_HOST[role][what], *INSTALL)


BY_A_THIEF: Mapping[str, Mapping[str, Refusal]] = {
    "chains": {
        **_CHAINS,
        "gone": Refusal(6, "not-a-registry", "there is nothing at chains/registry.json"),
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
}


def signed_again(past: Past, role: str, data: bytes | None) -> dict[str, bytes]:
    """The newest site with another file, and an index over it that the stolen keys of the jobs signed."""
    plain = {**past.built.site(), paths(past.built, PDF, "1.1.0")[role]: data}
    return past.site.fork().publish(plain={path: data for path, data in plain.items() if data is not None})


@pytest.mark.parametrize(("role", "what"), [(role, what) for role, rows in BY_A_THIEF.items() for what in rows])
def test_a_changed_file_is_refused_though_the_index_lists_it(stage: Stage, past: Past, role: str, what: str) -> None:
    """Somebody who saw the newest state meets a thief with the keys of the jobs: the chains refuse what they signed."""
    knows(stage, past, past.new)
    stage.put("reg", signed_again(past, role, ROWS[what](past, role)))

    stage.refuses(BY_A_THIEF[role][what], *INSTALL)


def flipped(good: bytes, *, sizes: bool = False) -> Iterator[bytes]:
    """`good` with one bit flipped, at some thirty places; with `sizes` in every digit of these."""
    found = [place for match in re.finditer(rb'"size":\d+', good) for place in range(*match.span())]
    for place in sorted({*range(0, len(good), len(good) // 24), len(good) - 1, *(found if sizes else ())}):
        yield good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]


@pytest.mark.parametrize("role", [*INDEX, *LISTED, *OBJECTS])
def test_no_byte_can_be_flipped(stage: Stage, past: Past, role: str) -> None:
    """Wherever one bit is flipped on the way, the install ends with 4."""
    knows(stage, past, past.old)
    path = Path(stage.put("reg", dict(past.new)), past.paths[role])
    good = path.read_bytes()
    before = stage.everything()
    codes = set()
    for bad in flipped(good):
        path.write_bytes(bad)
        codes.add(stage.refused(*INSTALL)[0])
    path.write_bytes(good)

    assert {4} == codes
    assert [] == stage.written_since(before)


@pytest.mark.parametrize("role", LISTED)
def test_no_byte_that_the_index_lists_can_be_flipped(stage: Stage, past: Past, role: str) -> None:
    """Signed again by a thief, it ends with 4 too, or with 6 where a name leads to nothing now."""
    knows(stage, past, past.new)
    before = stage.everything()
    codes = set()
    for bad in flipped(past.new[past.paths[role]], sizes=role == "record"):
        stage.put("reg", signed_again(past, role, bad))
        codes.add(stage.refused(*INSTALL)[0])
    stage.put("reg", dict(past.new))

    assert codes <= ({4, 6} if role == "record" else {4})
    assert [] == stage.written_since(before)
