"""`registry stats import` and `registry build --counts`: from an access log to the pages."""

import gzip
import json
from pathlib import Path

import pytest

from registry_tool.core.digest import sha256
from registry_tool.core.layout import object_path
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import Desk
from tests.cli.test_operator import repository
from tests.services.test_stats import line
from tests.sites import named, with_targets

pytestmark = pytest.mark.slow


@pytest.fixture
def solar(desk: Desk) -> RegistryInMemory:
    """A registry with one theme, as a repository at `reg` and a site at `site`."""
    registry = with_targets(named(a_registry(demo=False)).release("@ann/solar", "1.0.0"))
    desk.keeps(registry, "publishing")
    repository(desk.work / "reg", registry)
    desk.run("build", "--registry", "reg")
    return registry


def a_log(registry: RegistryInMemory, *addresses: str) -> bytes:
    """What a server wrote while these clients took the theme."""
    path = object_path(sha256(registry.bundle("@ann/solar", "1.0.0")))
    return b"".join(line(f"/{path}", month="Feb", address=address) for address in addresses)


def imported(desk: Desk, *logs: str) -> int:
    """How many installs an import found."""
    return int(desk.json("stats", "import", *logs, "--registry", "site")["counted"]["installs"])


def live(desk: Desk) -> object:
    """The live numbers of the one scope."""
    path = desk.work / "site" / "counts" / "an.json"
    return json.loads(path.read_bytes()) if path.exists() else None


def test_installs_come_from_the_log_to_the_site(desk: Desk, solar: RegistryInMemory) -> None:
    """What the log tells is in the live numbers after a build; without counts there are none."""
    (desk.work / "access.log").write_bytes(a_log(solar, "a", "b", "c"))
    before = live(desk)
    found = imported(desk, "access.log")
    desk.run("build", "--registry", "reg", "--counts", "counts.json")

    assert (None, 3, {"@ann/solar": {"recent": 3, "total": 3}}) == (before, found, live(desk))
    desk.run("build", "--registry", "reg")
    assert live(desk) is None


def test_a_packed_log_is_the_same_log(desk: Desk, solar: RegistryInMemory) -> None:
    """What was counted plain counts no second time packed, or through a pipe; what came to it does."""
    (desk.work / "access.log").write_bytes(a_log(solar, "a", "b"))
    (desk.work / "access.log.1.gz").write_bytes(gzip.compress(a_log(solar, "a", "b", "c")))

    assert [2, 1, 0] == [imported(desk, log) for log in ("access.log", "access.log.1.gz", "access.log")]


def test_a_broken_log_counts_as_far_as_it_goes(desk: Desk, solar: RegistryInMemory) -> None:
    """A packed log that ends too early is told; the whole one adds what was missing."""
    whole = gzip.compress(a_log(solar, *(str(number) for number in range(2000))), compresslevel=0)
    (desk.work / "a.gz").write_bytes(whole[:100_000])
    first = imported(desk, "a.gz")
    broken = desk.json("stats", "import", "a.gz", "--registry", "site", "--dry-run")["counted"]["logs"][0]["broken"]
    (desk.work / "a.gz").write_bytes(whole)

    assert 0 < first < 2000
    assert (True, 2000) == (broken != "", first + imported(desk, "a.gz"))


def test_a_dry_run_counts_and_writes_nothing(desk: Desk, solar: RegistryInMemory) -> None:
    """It says the same, and no file is there."""
    (desk.work / "access.log").write_bytes(a_log(solar, "a") + b"garbage\n")
    said = desk.run("stats", "import", "access.log", "--registry", "reg", "--dry-run")

    assert "Would add 1 installs" in said
    assert "1 of 2 lines are no requests" in desk.talk
    assert not (desk.work / "counts.json").exists()


def test_nothing_new_leaves_the_file(desk: Desk, solar: RegistryInMemory) -> None:
    """A second import of the same log does not touch the counts."""
    (desk.work / "access.log").write_bytes(a_log(solar, "a"))
    imported(desk, "access.log")
    before = (desk.work / "counts.json").stat()
    imported(desk, "access.log")

    assert before.st_mtime_ns == (desk.work / "counts.json").stat().st_mtime_ns


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["stats", "import", "gone.log", "--registry", "site"], (3, "no-file")),
        (["stats", "import", "access.log", "--registry", "nowhere"], (3, "not-a-registry")),
        (["stats", "import", "access.log"], (2, "no-registry")),
        (["stats", "import", "access.log", "--registry", "site", "-o", "site"], (5, "exists")),
        (["stats", "import", "access.log", "--registry", "site", "-o", "access.log"], (1, "not-canonical")),
        (["stats", "import", "site", "--registry", "site"], (5, "disk")),
        (["build", "--registry", "reg", "--counts", "gone.json"], (3, "no-file")),
        (["build", "--registry", "reg", "--counts", "access.log"], (1, "not-canonical")),
        (["build", "--registry", "reg", "--counts", "other.json"], (4, "other-registry")),
    ],
)
def test_what_cannot_be_counted_is_refused(
    desk: Desk, solar: RegistryInMemory, words: list[str], expected: tuple[int, str]
) -> None:
    """One message, one exit code, and nothing written."""
    (desk.work / "access.log").write_bytes(a_log(solar, "a"))
    other = {"schema": "registry.counts/1", "registry": "0" * 64, "until": "2026-03-01", "names": {}}
    (desk.work / "other.json").write_text(json.dumps(other, sort_keys=True, separators=(",", ":")))
    before = {path: path.read_bytes() for path in _files(desk.work)}

    assert expected == desk.refused(*words)
    assert before == {path: path.read_bytes() for path in _files(desk.work)}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)


def test_a_site_with_counts_is_what_its_clone_builds(desk: Desk, solar: RegistryInMemory) -> None:
    """Who compares a mirror with a clone takes the counts from the mirror: no clone has them."""
    (desk.work / "access.log").write_bytes(a_log(solar, *(str(number) for number in range(12))))
    imported(desk, "access.log")
    desk.run("build", "--registry", "reg", "--counts", "counts.json")
    verified = desk.json("verify", "site", "--registry", "reg")["verified"]

    assert (0, verified["files"]) == (verified["differences"], verified["same"])
