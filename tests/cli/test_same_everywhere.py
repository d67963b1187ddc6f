"""The whole site is the same bytes wherever, whenever and however often it was built."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry_tool.stores.git import GitHistory
from tests.building_profiles import profile, review
from tests.cli.test_operator import add_commit, tree_of
from tests.generate import begun, content, large_registry
from tests.queues import typical

pytestmark = pytest.mark.slow

# On one processor a build begins no other process.
ALONE = "import os, runpy; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); runpy.run_module('registry_tool')"


def build(place: Path, repository: Path, *, seed: int, zone: str, locale: str, alone: bool) -> None:
    """Builds into `site` below `place`, with what waits and what was installed."""
    env = {
        **os.environ,
        "TZ": zone,
        "LC_ALL": locale,
        "PYTHONHASHSEED": str(seed),
        "REGISTRY_HOME": str(place / "home"),
    }
    beside = ["--queue", str(repository.with_name("queue.json")), "--counts", str(repository.with_name("counts.json"))]
    words = ["build", "--unsigned", "--registry", str(repository), *beside]
    python = (
        ["-c", ALONE.replace("'registry_tool'", "'registry_tool', run_name='__main__'")]
        if alone
        else ["-m", "registry_tool"]
    )
    subprocess.run([sys.executable, *python, *words], cwd=place, env=env, check=True, capture_output=True)


def test_a_site_that_grew_is_the_site_that_is_built_at_once(tmp_path: Path) -> None:
    """Three commits with a build after each, and one build of the last elsewhere: another hash seed, time zone, locale,
    count of processes and folder, and nothing remembered. Every file is the same, signatures of jobs apart.
    """
    registry = large_registry(60, 100).with_author("ann").with_author("bob")
    history = GitHistory.init(tmp_path / "reg.git", bare=True)
    counts = '{"names":{"@ann/pdf":{"1.0.0":{"2026-03-01":2,"before":40}}},"registry":"%s","schema":"registry.counts/1"'
    (tmp_path / "counts.json").write_text((counts + ',"until":"2026-03-01"}') % registry.id)
    (tmp_path / "queue.json").write_bytes(typical(registry.id).to_bytes())
    one, other = tmp_path / "one", tmp_path / "another place"
    one.mkdir()
    other.mkdir()
    _, permissions, spec = begun("skill", "@ann/pdf")
    for version in range(3):
        files = content("skill", "@ann/pdf", version, 3)
        registry.release(
            "@ann/pdf", f"1.{version}.0", files, kind="skill", spec=spec, permissions=list(permissions), tags=["paper"]
        )
        if version == 1:
            profile(registry)
            review(registry, "@ann/pdf", author="bob")
            registry.event("@ann/pdf", "1.0.0", "revoke", by=("mod",))
        add_commit(history, registry)
        build(one, tmp_path / "reg.git", seed=version, zone="UTC", locale="C", alone=False)
    (tmp_path / "reg.git" / "registry-tool").rename(tmp_path / "forgotten")
    build(other, tmp_path / "reg.git", seed=77, zone="Pacific/Auckland", locale="C.UTF-8", alone=True)
    first, second = tree_of(one / "site"), tree_of(other / "site")

    assert first.keys() == second.keys()
    assert [] == [path for path, data in first.items() if second[path] != data]
    assert [] == [path for path, data in first.items() if str(tmp_path).encode() in data]
