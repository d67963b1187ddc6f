"""Rows of the operator: full and incremental builds beside dumb-pypi at the same count of packages."""

import json
import shutil
import sys
from pathlib import Path

from tests.bench.ground import BIN, ROOT, Ground
from tests.bench.measure import Ran, Row, fresh, in_turn, run
from tests.generate import write_repository

MANY_SECONDS = 90.0  # of one full build
MANY_NAMES = 10_000


def full(ground: Ground, site: Path) -> list[Row]:
    """From nothing, twice each; leaves our site in `site`."""
    person, theirs = ground.operator("operator"), ground.folder / "dumb"
    packages = _packages(ground, ground.versions)
    peak: list[float] = []
    busy: list[float] = []
    dumb_busy: list[float] = []

    def ours(_: int) -> float:
        shutil.rmtree(site, ignore_errors=True)
        shutil.rmtree(ground.repository / "registry-tool", ignore_errors=True)
        done = person.registry("build", "--registry", str(ground.repository), "--out", str(site))
        peak.append(done.peak_mib)
        busy.append(done.cpu_seconds)
        return done.seconds

    def plain(_: int) -> float:
        out = fresh(ground.folder / "plain")
        command = [sys.executable, "-m", "tests.bench.plain_build", str(ground.repository), str(out)]
        done = run(command, env=person.env, cwd=ROOT, seconds=MANY_SECONDS)
        shutil.rmtree(out)
        return done.seconds

    def dumb(_: int) -> float:
        done = _dumb_pypi(ground, packages, fresh(theirs))
        dumb_busy.append(done.cpu_seconds)
        return done.seconds

    mine, feeds, peers = in_turn(ours, plain, dumb, rounds=2, budget_seconds=45, warm=False)
    what = f"{ground.names} names, {ground.versions} versions"
    return [
        Row(f"full build, {what}", mine, "s", "dumb-pypi", peers, "faster than dumb-pypi", most_times=1.0),
        Row(
            "the same, gallery pages apart",
            feeds,
            "s",
            "dumb-pypi",
            peers,
            "5 s, faster than dumb-pypi",
            limit=5.0,
            most_times=1.0,
        ),
        Row("the full build: CPU", busy, "s", "dumb-pypi", dumb_busy),
        Row("the full build: memory of its main process", peak, "MiB", target="1 GB at 250,000 versions"),
    ]


def incremental(ground: Ground, site: Path) -> list[Row]:
    """After one merge, and after none; `full` was called before."""
    person, theirs = ground.operator("operator"), ground.folder / "dumb"
    before = _packages(ground, ground.versions)
    written: list[float] = []

    def build() -> Ran:
        done = person.registry("build", "--registry", str(ground.repository), "--out", str(site), "--json")
        written.append(json.loads(done.out)["files"]["written"])
        return done

    def merged(number: int) -> float:
        ground.release("@bench-merged/small", f"1.{number + 1}.0")
        return build().seconds

    def dumb(number: int) -> float:
        more = _packages(ground, ground.versions, f"bench-{number}")
        return _dumb_pypi(ground, more, theirs, "--previous-package-list-json", str(before)).seconds

    one, peers = in_turn(merged, dumb, rounds=3, budget_seconds=15)
    files = written[1:]
    (none,) = in_turn(lambda _: build().seconds, rounds=3, budget_seconds=10)
    return [
        Row("build after one merge", one, "s", "dumb-pypi", peers, "0.5 s", limit=0.5),
        Row("the same: files written", files, "", target="50", limit=50),
        Row("build after no change", none, "s"),
        Row("the same: files written", written[len(files) + 2 :], "", target="0", limit=0),
    ]


def unchanged(ground: Ground) -> list[Row]:
    """A registry of ten thousand names: one build, and then builds of the same commit."""
    repository, site = ground.folder / "many.git", ground.folder / "many"
    person = ground.operator("many")
    write_repository(repository, MANY_NAMES, MANY_NAMES).close()

    def build() -> Ran:
        words = ["build", "--unsigned", "--registry", str(repository), "--out", str(site), "--json"]
        return run([str(BIN / "registry"), *words], env=person.env, cwd=person.folder, seconds=10 * MANY_SECONDS)

    first = build()
    (none,) = in_turn(lambda _: build().seconds, rounds=5, budget_seconds=30)
    files = json.loads(build().out)["files"]
    what = f"{MANY_NAMES:,} names, {files['kept']:,} files"
    return [
        Row(f"full build, {what}", [first.seconds], "s"),
        Row(f"build after no change, {what}", none, "s", target="0.5 s", limit=0.5),
        Row("the same: files written", [files["written"]], "", target="0", limit=0),
    ]


def _packages(ground: Ground, versions: int, more: str = "") -> Path:
    """A list for dumb-pypi with as many packages as the registry has versions."""
    lines = []
    for index in range(ground.names):
        first, last = versions * index // ground.names, versions * (index + 1) // ground.names
        for number in range(last - first):
            row = {
                "filename": f"bench_{index:05d}-1.{number}.0-py3-none-any.whl",
                "hash": f"sha256={index * 1000 + number:064x}",
                "requires_python": ">=3.8",
                "core_metadata": f"sha256={number:064x}",
                "upload_timestamp": 1_700_000_000 + number,
            }
            lines.append(json.dumps(row))
    if more:
        lines.append(json.dumps({"filename": f"{more.replace('-', '_')}-1.0.0-py3-none-any.whl", "hash": "sha256=0"}))
    path = ground.folder / f"packages{more}.json"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _dumb_pypi(ground: Ground, packages: Path, out: Path, *more: str) -> Ran:
    command = [str(BIN / "dumb-pypi"), "--package-list-json", str(packages), "--packages-url", "../../pool"]
    command += ["--output-dir", str(out), "--no-generate-timestamp", *more]
    return run(command, env=ground.person("peer").env, cwd=ground.folder, seconds=MANY_SECONDS)
