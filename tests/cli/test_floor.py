"""A job's build is not published where releases that are served now would be gone."""

from pathlib import Path

import pytest

from registry_tool.stores.git import GitHistory
from tests.cli.people import Town

pytestmark = pytest.mark.slow


def _served(folder: Path) -> tuple[Town, str, list[str]]:
    """A registry with a served site of two versions, its address, and main after none, one and two of them."""
    town = Town(folder)
    history = GitHistory.open(Path(town.where))
    commits = [str(history.resolve("main"))]
    for version in ("1.0.0", "1.1.0"):
        town.publish("ann", version)
        commits.append(str(GitHistory.open(Path(town.where)).resolve("main")))
    town.desk("mod").run("build", "--registry", town.where, "--out", "site")
    return town, str(town.desk("mod").work / "site"), commits


@pytest.mark.parametrize(("back", "expected"), [(1, "@ann/one@1.1.0"), (0, "@ann/one")])
def test_a_main_line_that_lost_releases_is_not_published(tmp_path: Path, back: int, expected: str) -> None:
    """A version or a name that is served and not built is named, and nothing is written; --fewer builds it."""
    town, site, commits = _served(tmp_path)
    mod = town.desk("mod")
    line = ("build", "--registry", town.where, "--out", "next", "--since", site)
    GitHistory.open(Path(town.where)).move("main", old=commits[2], new=commits[back])

    assert (5, "fewer") == mod.refused(*line)
    assert f"would be gone: '{expected}'; nothing was written" in mod.error.message
    assert not (mod.work / "next").exists()
    assert back == mod.json(*line, "--fewer")["releases"]


def test_a_main_line_that_grew_is_published(tmp_path: Path) -> None:
    """More versions than are served are no reason to stop."""
    town, site, _ = _served(tmp_path)
    town.publish("ann", "1.2.0")

    assert 3 == town.desk("mod").json("build", "--registry", town.where, "--out", "next", "--since", site)["releases"]
