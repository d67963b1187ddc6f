"""Every hostile submission that this suite knows, pushed by the real git to a repository that guards itself.

What is refused is not stored: the server had none of its objects before, and has none of them afterwards.
"""

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry_tool.checks import all_checks
from registry_tool.core.change import Change
from registry_tool.core.ports import Edit
from registry_tool.core.pushes import REFS
from registry_tool.core.review import review
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Tree, TreeEntry, walk
from registry_tool.services.author import with_faults
from tests import forking
from tests.attacks.test_submissions import ATTACKS
from tests.bad_input import test_submissions as by_hand
from tests.bad_input.git import WHO, git
from tests.bad_input.stage import Stage
from tests.builders import RegistryInMemory
from tests.checks.changes import LOOKED_AT, Build, change, skill, version_path
from tests.checks.fixtures import FIXTURES
from tests.core.landings import MEANS
from tests.served import Guarded, Said, serving
from tests.services.pushing import both

pytestmark = pytest.mark.slow

_MODES = {"file": "100644", "executable": "100755", "link": "120000", "submodule": "160000"}
IN_MEMORY = frozenset(("file-set", "payload-paths"))
"""Fixtures whose payload is no payload that git could bring."""


def files_of(tree: Tree) -> dict[str, bytes]:
    return {path: tree.read(path) or b"" for path, _ in walk(tree)}


def is_refused(made: Change) -> bool:
    """Whether the checks refuse it by themselves; others ask for a person only."""
    return review(with_faults(made, MEANS), all_checks()).verdict == "fail"


@dataclass(frozen=True)
class Clone:
    """A clone in which anything is committed, without a work tree."""

    root: Path

    def commit(self, onto: str, files: Mapping[str, bytes], odd: Iterable[Edit] = (), *parents: str) -> str:
        """A commit of `files` and of odd edits on `onto`, with more parents where they are named."""
        index = str(self.root / "index.new")
        git("read-tree", onto, cwd=self.root, GIT_INDEX_FILE=index)
        blobs = {data: self._blob(data) for data in set(files.values())}
        rows = [f"100644 {blobs[data]}\t{path}" for path, data in files.items()]
        for edit in odd:
            name = self._blob(edit.path.encode()) if edit.new and edit.new.type != "submodule" else "1" * 40
            rows.append(f"{_MODES[edit.new.type]} {name}\t{edit.path}" if edit.new else f"0 {'0' * 40}\t{edit.path}")
        data = "".join(f"{row}\n" for row in rows).encode()
        git("update-index", "--index-info", cwd=self.root, data=data, GIT_INDEX_FILE=index)
        tree = git("write-tree", cwd=self.root, GIT_INDEX_FILE=index)
        more = [word for parent in parents for word in ("-p", parent)]
        return git("commit-tree", tree, "-p", onto, *more, "-m", "by hand", cwd=self.root)

    def _blob(self, data: bytes) -> str:
        return git("hash-object", "-w", "--stdin", cwd=self.root, data=data)


def groups() -> Iterator[tuple[str, list[Change]]]:
    """Hostile submissions by what the tip holds, with words for each group."""
    made = [change(attack, tip=tip) for attack, tip in ATTACKS]
    made += [bad() for name, (bad, _) in FIXTURES.items() if name not in IN_MEMORY]
    tips: dict[frozenset[tuple[str, bytes]], list[Change]] = {}
    for one in made:
        if is_refused(one):
            tips.setdefault(frozenset(files_of(one.tip).items()), []).append(one)
    for number, changes in enumerate(tips.values()):
        yield f"tip {number}", changes


def refs_of(clone: Clone, base: str, changes: Sequence[Change]) -> dict[str, str]:
    """A ref for each submission, under the name that it should have, and its commit."""
    found = {}
    for one in changes:
        odd = [edit for edit in one.edits if edit.path not in one.additions]
        found[f"refs/heads/submit/{one.submission[:12]}"] = clone.commit(base, one.additions, odd)
    return found


def pushed(registry: Guarded, clone: Clone, refs: Mapping[str, str], *, to: str = "") -> Said:
    return registry.push(clone.root, *(f"{new}:{ref}" for ref, new in refs.items()), to=to)


def test_every_hostile_submission_is_refused_before_it_is_stored(tmp_path: Path) -> None:
    """Those of the attacks and of the checks, all in as few pushes as there are tips: each of them is named."""
    told = 0
    for name, changes in groups():
        registry = Guarded(tmp_path / name, now=LOOKED_AT)
        base = registry.holding(files_of(changes[0].tip))
        clone = Clone(registry.clone("clone"))
        refs = refs_of(clone, base, changes)
        assert len(refs) <= REFS
        said = pushed(registry, clone, refs)
        told += len(refs)

        assert {f"{ref.removeprefix('refs/heads/')} 1 checks-failed" for ref in refs} == set(said.refused), name
        assert ([], ["main"], []) == (stored(registry, refs.values()), registry.branches(), registry.leftovers())
    assert told > 40


def test_every_honest_submission_of_the_checks_is_taken(tmp_path: Path) -> None:
    """What each check lets pass comes through the same door, in one push."""
    made = [good() for name, (_, good) in FIXTURES.items() if name not in IN_MEMORY]
    tip = files_of(made[0].tip)
    honest = [one for one in made if files_of(one.tip) == tip and not is_refused(one)]
    registry = Guarded(tmp_path, now=LOOKED_AT)
    clone = Clone(registry.clone("clone")) if registry.holding(tip) else Clone(tmp_path)
    refs = refs_of(clone, registry.head, honest)
    said = pushed(registry, clone, refs)

    assert (0, []) == (said.code, said.refused)
    assert {"main", *(ref.removeprefix("refs/heads/") for ref in refs)} == set(registry.branches())
    assert len(refs) > 5


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The machine that `tests/bad_input` begins from."""
    return by_hand.make_pristine(tmp_path_factory.mktemp("pristine"))


def test_what_somebody_does_by_hand_is_refused_before_it_is_stored(tmp_path: Path, pristine: Path) -> None:
    """Links, submodules, edits, deletions, renames, policies and the like, made with git in a clone of the registry."""
    stage = Stage(tmp_path / "stage")
    registry = Guarded(tmp_path / "guarded", now=stage.world.now())
    collected = tmp_path / "collected.git"
    git("init", "-q", "--bare", str(collected), cwd=tmp_path)
    for number, (deed, _) in enumerate(by_hand.DEEDS.values()):
        reg = by_hand.submitted(stage, pristine, deed)
        git("push", "-q", str(collected), "+main:main", f"submit/good:refs/heads/bad-{number}", cwd=reg)
    git(
        "clone",
        "-q",
        "--bare",
        "--no-local",
        "--single-branch",
        "-b",
        "main",
        str(collected),
        str(registry.path),
        cwd=tmp_path,
    )
    registry.guard(forking.program())
    refs = {f"refs/heads/submit/{number:012x}": f"bad-{number}" for number in range(len(by_hand.DEEDS))}
    said = pushed(registry, Clone(collected), refs, to=str(registry.path))

    assert {f"{ref.removeprefix('refs/heads/')} 1 checks-failed" for ref in refs} == set(said.refused)
    commits = [git("rev-parse", name, cwd=collected) for name in refs.values()]
    assert ([], []) == (stored(registry, commits), registry.leftovers())


POINTER = f"{version_path('1.0.0')}/release.json"


MAIN = "refs/heads/main"


def admitted(registry: RegistryInMemory, **more: Any) -> None:
    """An update with its admission."""
    skill(registry, "1.0.1")
    registry.admit("@ann/links", "1.0.1", **{"compared": "1.0.0", "at": from_seconds(LOOKED_AT), **more})


def of(document: dict[str, Any]) -> None:
    document["manifest"] = f"sha256:{'0' * 64}"


LANDED: Mapping[str, tuple[Build, str]] = {
    "a merge without an approval": (lambda r: skill(r, "1.0.1"), "4 not-admitted"),
    "an admission that nobody signed": (lambda r: admitted(r, by=()), "4 not-authorised"),
    "an admission by its author": (lambda r: admitted(r, by=("ann signing",)), "4 not-authorised"),
    "an admission of another digest": (lambda r: admitted(r, change=of), "4 other-release"),
    "an admission of last year": (lambda r: admitted(r, at="2025-11-21T09:00:00Z"), "4 bad-clock"),
    "a policy with a release": (both(admitted, lambda r: r.policy(self_approval=True)), "4 mixed-landing"),
    "another policy": (lambda r: r.policy(self_approval=True, by=("ann signing",)), "4 stranger"),
    "an edit": (lambda r: r.files.__setitem__(POINTER, b"{}"), "4 main-line"),
}


@pytest.mark.parametrize("what", LANDED)
def test_no_landing_is_made_up(tmp_path: Path, what: str) -> None:
    """Pushed to main by the real git, it is refused and not stored; `tests/attacks/test_pushes.py` knows many more."""
    build, expected = LANDED[what]
    made = change(build)
    registry = Guarded(tmp_path, now=LOOKED_AT)
    base = registry.holding(files_of(made.tip))
    clone = Clone(registry.clone("clone"))
    new = clone.commit(base, made.additions)
    said = pushed(registry, clone, {MAIN: new})

    assert ([f"main {expected}"], base, []) == (said.refused, registry.head, stored(registry, [new]))


def test_the_main_line_is_not_rewritten(town: tuple[Guarded, Clone, Change]) -> None:
    """By force, by deletion, by a link, a submodule or a mode; an honest landing goes through."""
    registry, clone, _ = town
    honest = change(admitted)
    odd = [Edit(POINTER, None, TreeEntry("x", kind, "1")) for kind in ("link", "submodule", "executable")]
    bad = [clone.commit(registry.head, {}, [one]) for one in odd]
    good = clone.commit(registry.head, honest.additions)
    merged = clone.commit(registry.head, honest.additions, (), bad[0])
    before = registry.head

    for new in bad:
        assert ["main 4 main-line"] == pushed(registry, clone, {MAIN: new}).refused
    assert ["main 5 merge"] == pushed(registry, clone, {MAIN: merged}).refused
    assert ["main 5 main-line"] == registry.push(clone.root, f":{MAIN}").refused
    assert ["main 5 not-fast-forward"] == registry.push(clone.root, f"+{_elsewhere(clone)}:{MAIN}").refused
    assert before == registry.head
    assert 0 == pushed(registry, clone, {MAIN: good}).code
    back = registry.push(clone.root, f"+{before}:{MAIN}")

    assert (good, ["main 5 not-fast-forward"]) == (registry.head, back.refused)


def _elsewhere(clone: Clone) -> str:
    tree = git("rev-parse", "HEAD^{tree}", cwd=clone.root)
    return git("commit-tree", tree, "-m", "elsewhere", cwd=clone.root)


def test_a_server_s_own_settings_do_not_open_it(town: tuple[Guarded, Clone, Change], tmp_path: Path) -> None:
    """Another folder of hooks for all repositories of a machine is not this one's."""
    registry, clone, _ = town
    (tmp_path / "global").write_text(f"[core]\n\thooksPath = {tmp_path}/none\n")
    new = clone.commit(registry.head, {"index/notes.txt": b"x"})
    env = {**WHO, "GIT_CONFIG_GLOBAL": str(tmp_path / "global")}
    words = ["git", "push", str(registry.path), f"{new}:{MAIN}"]
    done = subprocess.run(words, cwd=clone.root, env=env, capture_output=True, check=False, timeout=60)

    assert (1, True) == (done.returncode, b"main-line" in done.stderr)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[tuple[Guarded, Clone, Change]]:
    """A guarded registry behind real servers, a clone of it, and an honest update."""
    made = change(lambda registry: skill(registry, "1.0.1"))
    registry = Guarded(tmp_path, now=LOOKED_AT)
    registry.holding(files_of(made.tip))
    with serving(registry):
        yield registry, Clone(registry.clone("clone")), made


def test_both_servers_refuse_and_take(town: tuple[Guarded, Clone, Change]) -> None:
    """Over git daemon and over http the same words come back, and the honest one is stored."""
    registry, clone, made = town
    good = refs_of(clone, registry.head, [made])
    bad = {ref: clone.commit(new, {"index/policy/2.json": b"{}"}) for ref, new in good.items()}
    for address in (registry.git, registry.http):
        said = pushed(registry, clone, bad, to=address)

        assert ([f"{next(iter(good))[11:]} 1 checks-failed"], False) == (said.refused, registry.holds(*bad.values()))
        assert any("may not touch what decides about submissions" in line for line in said.lines)
    said = pushed(registry, clone, good, to=registry.http)

    assert (0, [], True) == (said.code, said.refused, registry.holds(*good.values()))


def test_git_s_own_tricks_are_refused(town: tuple[Guarded, Clone, Change]) -> None:
    """A merge with changes of its own, ten thousand files, a history from elsewhere, tags, notes, replaced objects."""
    registry, clone, made = town
    (good,) = refs_of(clone, registry.head, [made]).values()
    evil = clone.commit(registry.head, {**made.additions, POINTER: b"{}"}, (), good)
    many = clone.commit(registry.head, {f"index/{number}.txt": b"" for number in range(10_000)})
    git("checkout", "-q", "--orphan", "elsewhere", cwd=clone.root)
    git("commit", "-q", "-m", "elsewhere", cwd=clone.root)
    orphan = git("rev-parse", "HEAD", cwd=clone.root)
    refs = {
        "refs/heads/submit/00000000000a": (evil, "1 checks-failed"),
        "refs/heads/submit/00000000000b": (many, "1 checks-failed"),
        "refs/heads/submit/00000000000c": (orphan, "4 no-common-history"),
        "refs/heads/submit/00000000000d": (good, "1 bad-branch"),
        "refs/heads/other": (good, "5 not-by-push"),
        "refs/tags/v1": (good, "5 not-by-push"),
        "refs/notes/commits": (good, "5 not-by-push"),
        f"refs/replace/{registry.head}": (good, "5 not-by-push"),
        "refs/heads/registry/queue": (good, "4 not-authorised"),
    }
    said = pushed(registry, clone, {name: new for name, (new, _) in refs.items()})

    assert {f"{name.removeprefix('refs/heads/')} {why}" for name, (_, why) in refs.items()} == set(said.refused)
    assert ([], ["main"]) == (stored(registry, [new for new, _ in refs.values()]), registry.branches())


def stored(registry: Guarded, commits: Iterable[str]) -> list[str]:
    """Those of the commits that the repository has."""
    return [commit for commit in commits if registry.holds(commit)]
