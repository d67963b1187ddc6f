"""Rows of the author and the validator: publishing into the large registry over git, and checking that."""

import json
import shutil

from tests.bench.ground import SMALL, Ground, Person
from tests.bench.measure import Row, in_turn, run
from tests.stores.gitservers import Daemon

ROUNDS = 5


def submissions(ground: Ground) -> list[Row]:
    """First publish of an author, from a machine that never saw the registry, through `git daemon`; then its check."""
    daemon = Daemon(ground.folder)
    url = daemon.url(ground.repository.name)
    fetched: list[float] = []
    pushed: list[float] = []
    branches: list[str] = []

    def publish(number: int) -> float:
        author = f"author-{chr(ord('a') + number + 1)}"
        person = ground.person(author)
        _folder(person)
        before = daemon.sent, daemon.received
        done = person.registry(
            "publish", "small", "--id", f"@{author}/small", "--version", "1.0.0", "--as", author,
            "--registry", url, "--yes", "--json",
        )  # fmt: skip
        fetched.append(daemon.sent - before[0])
        pushed.append(daemon.received - before[1])
        branches.append(str(json.loads(done.out)["branch"]))
        return done.seconds

    def clone(_: int) -> float:
        place = ground.folder / "clone"
        person = ground.person("cloner")
        done = run(
            ["git", "clone", "--quiet", "--bare", "--depth=1", url, str(place)], env=person.env, cwd=ground.folder
        )
        shutil.rmtree(place)
        return done.seconds

    try:
        (took,) = in_turn(publish, rounds=ROUNDS, budget_seconds=20)
        sizes = [up + down for up, down in zip(fetched[1:], pushed[1:], strict=True)]
        before = daemon.sent
        (clones,) = in_turn(clone, rounds=1, budget_seconds=10, warm=False)
        whole = daemon.sent - before
    finally:
        daemon.close()
    rows = [
        Row("publish into it over git", took, "s", "git clone --depth 1", clones, "3 s", limit=3.0),
        Row("the same: fetched and pushed", sizes, "B", "git clone --depth 1", [whole], "2 MB", limit=2e6),
    ]
    return rows + _checks(ground, branches[1:])


def _checks(ground: Ground, branches: list[str]) -> list[Row]:
    person = ground.person("reviewer")

    def check(number: int) -> float:
        words = ["--base", "main", "--head", branches[number], "--registry", str(ground.repository), "--json"]
        return person.registry("check", *words).seconds

    (took,) = in_turn(check, rounds=len(branches), budget_seconds=15)
    return [Row("check a one-release submission", took, "s", target="1 s", limit=1.0)]


def _folder(person: Person) -> None:
    folder = person.folder / "small"
    folder.mkdir()
    for path, data in SMALL.items():
        (folder / path).write_bytes(data)
    (folder / "artifact.yaml").write_text("license: MIT\n", "utf-8")
