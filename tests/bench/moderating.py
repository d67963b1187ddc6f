"""Rows of the moderator: 200 submissions that wait, listed and checked, at the usual size and at size M."""

import json
import shutil
from pathlib import Path
from typing import Final

from registry_tool.core.submission import submission_id
from registry_tool.core.tree import walk
from registry_tool.stores.git import GitHistory
from tests.bench.ground import SMALL_SPEC, Ground, Person, small
from tests.bench.large import NAMES, VERSIONS, write_large
from tests.bench.measure import Row, in_turn, run
from tests.builders import RegistryInMemory, a_registry
from tests.generate import AUTHOR, KINDS, NAMES_PER_SCOPE
from tests.sites import with_targets

PENDING: Final = 200
ROUNDS: Final = 5
_AT: Final = 1_800_000_200
_NEW: Final = "a-newcomer"


def moderating(ground: Ground) -> list[Row]:
    """The queue of the registry that the other rows have, and of a copy in which 200 updates wait."""
    repository = ground.folder / "queue.git"
    shutil.copytree(ground.repository, repository)
    branches = pend(repository, PENDING)
    return _rows(ground, repository, branches, "", 1.0)


def moderating_large(ground: Ground) -> list[Row]:
    """The same at size M of the design."""
    repository = ground.folder / "m.git"
    write_large(repository)
    branches = pend(repository, PENDING)
    return _rows(ground, repository, branches, f" at {NAMES:,} names and {VERSIONS:,} versions", 3.0)


def _rows(ground: Ground, repository: Path, branches: list[str], size: str, seconds: float) -> list[Row]:
    person = ground.person("moderator")
    words = ["queue", "list", "--registry", str(repository), "--json"]
    kept = repository / "registry-tool"

    def list_first(_: int) -> float:
        shutil.rmtree(kept, ignore_errors=True)
        return _listed(person, words)

    def list_again(_: int) -> float:
        return _listed(person, words)

    def list_after(number: int) -> float:
        land(repository, number + 1)
        return _listed(person, words)

    def check(number: int) -> float:
        return _checked(person, repository, branches[number])

    (first,) = in_turn(list_first, rounds=3, budget_seconds=30, warm=False)
    (again,) = in_turn(list_again, rounds=ROUNDS, budget_seconds=15)
    (after,) = in_turn(list_after, rounds=ROUNDS, budget_seconds=15)
    (update,) = in_turn(check, rounds=ROUNDS, budget_seconds=20)
    newcomer = _first_submission(ground, repository)
    (new,) = in_turn(lambda _: _checked(person, repository, newcomer), rounds=ROUNDS, budget_seconds=20)
    goal = f"{seconds:.0f} s"
    return [
        Row(f"list {PENDING} submissions{size}", again, "s", target="1 s", limit=1.0),
        Row("the same after something landed", after, "s", target="1 s", limit=1.0),
        Row("the same for the first time", first, "s", note="every submission is read and checked, by all cores"),
        Row(f"check an update{size}", update, "s", target=goal, limit=seconds),
        Row("check a new author's first submission", new, "s", target=goal, limit=seconds),
    ]


def _listed(person: Person, words: list[str]) -> float:
    done = person.registry(*words)
    rows = json.loads(done.out)
    if {row["verdict"] for row in rows} - {"pass", "review"} or len(rows) < PENDING:
        raise RuntimeError(f"a queue of {PENDING} good submissions is expected, it has {len(rows)} rows")
    return done.seconds


def _checked(person: Person, repository: Path, branch: str) -> float:
    return person.registry("check", "--base", "main", "--head", branch, "--registry", str(repository), "--json").seconds


def _first_submission(ground: Ground, repository: Path) -> str:
    """Somebody who was never here submits a skill; its branch."""
    person = ground.person(_NEW)
    folder = person.folder / "small"
    folder.mkdir()
    for path, data in small(f"@{_NEW}/small").items():
        (folder / path).write_bytes(data)
    (folder / "artifact.yaml").write_text("license: MIT\n", "utf-8")
    words = ["--id", f"@{_NEW}/small", "--version", "1.0.0", "--as", _NEW, "--registry", str(repository), "--yes"]
    return str(json.loads(person.registry("publish", "small", *words, "--json").out)["branch"])


def pend(repository: Path, count: int) -> list[str]:
    """Submits the next version of so many skills, each as a branch on the newest commit; the branches."""
    history = GitHistory.open(repository)
    tip = history.branches("main")["main"]
    made = []
    for index in _skills(count):
        files = _update(history, tip, index, "2.0.0", admitted=False)
        commit = history.commit(files, onto=tip, message=f"skill {index}", author=AUTHOR, at=_AT + index)
        made.append(f"submit/{submission_id(files)[:12]}")
        history.move(made[-1], old=None, new=commit)
    history.close()
    run(["git", "gc", "--quiet"], env={"PATH": "/usr/bin:/bin"}, cwd=repository)
    return made


def land(repository: Path, number: int) -> None:
    """Lets in a version of a skill for which nothing waits."""
    history = GitHistory.open(repository)
    tip = history.branches("main")["main"]
    index = _skills(PENDING + 1)[-1]
    files = _update(history, tip, index, f"3.{number}.0", admitted=True)
    commit = history.commit(files, onto=tip, message=f"landing {number}", author=AUTHOR, at=_AT + 9000 + number)
    history.move("main", old=tip, new=commit)
    history.close()


def _skills(count: int) -> list[int]:
    """The numbers of the first skills."""
    found = [index for index in range(count * len(KINDS)) if KINDS[index % len(KINDS)] == "skill"]
    return found[:count]


def _update(history: GitHistory, tip: str, index: int, version: str, *, admitted: bool) -> dict[str, bytes]:
    """What a new version of a generated skill adds, signed by the author that the generator made."""
    number = index // NAMES_PER_SCOPE
    scope, tree = f"scope-{number:04d}", history.tree(tip)
    base = with_targets(a_registry(demo=False), bits=8)
    part = RegistryInMemory(demo=False)
    part.id = base.id
    part._hands = {**base._hands, **{f"other {one}": base.hand("root") for one in range(2 * number)}}
    for name in ("control", "signing"):
        part.hand(f"{scope} {name}")  # the generator made them in this order
    chains = (f"index/authors/{scope[:2]}/{scope}", f"index/scopes/{scope[:2]}/{scope}")
    for folder in ("index/trust", "index/moderators", "index/policy", *chains):
        part.files |= {path: tree.read(path) or b"" for path, _ in walk(tree, folder)}
    before = set(part.files)
    artifact = f"@{scope}/skill-{index:05d}"
    part.publish(artifact, version, small(artifact), kind="skill", spec=SMALL_SPEC, title=f"Skill {index}")
    if admitted:
        part.admit(artifact, version)
    return {path: data for path, data in part.files.items() if path not in before}
