"""`registry verify SITE --registry CLONE`, over HTTP and in folders."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import Desk
from tests.cli.test_operator import add_commit, repository, tree_of
from tests.sites import named
from tests.stores.servers import answer, serving

pytestmark = pytest.mark.slow

RECORD = "index/an/ann/solar.json"


@pytest.fixture
def solar() -> RegistryInMemory:
    """A registry with one theme."""
    return named(a_registry(demo=False)).release("@ann/solar", "1.0.0")


@pytest.fixture
def site(desk: Desk, solar: RegistryInMemory) -> Path:
    """A clone `reg`, and the site that it builds."""
    repository(desk.work / "reg", solar)
    desk.run("build", "--registry", "reg", "--out", "site", "--unsigned")
    return desk.work / "site"


def test_an_honest_folder_is_the_same(desk: Desk, site: Path, solar: RegistryInMemory) -> None:
    """A built folder is what the clone builds, with a `.nojekyll` of its host's, and nothing is written."""
    (site / ".nojekyll").write_bytes(b"")
    before = tree_of(desk.work)

    value = desk.json("verify", "site", "--registry", "reg")["verified"]

    assert (solar.id, len(tree_of(site)) - 1, 0) == (value["registry"], value["same"], value["differences"])
    assert "all" in desk.run("verify", "site", "--registry", "reg")
    assert before == tree_of(desk.work)


def _changed(site: Path) -> None:
    (site / RECORD).write_bytes(b"{}")


def _missing(site: Path) -> None:
    (site / RECORD).unlink()


def _extra(site: Path) -> None:
    (site / "more.js").write_bytes(b"x")


def _a_link(site: Path) -> None:
    (site / RECORD).unlink()
    (site / RECORD).symlink_to(site / "index.html")


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (_changed, ("other", RECORD)),
        (_missing, ("missing", RECORD)),
        (_extra, ("extra", "more.js")),
        (_a_link, ("other", RECORD)),
    ],
)
def test_a_folder_that_differs_is_told_by_file(
    desk: Desk, site: Path, deed: Callable[[Path], None], expected: tuple[str, str]
) -> None:
    """One file that is changed, gone, added or a link is exit 4, by its path."""
    deed(site)

    assert (4, "mirror-differs") == desk.refused("verify", "site", "--registry", "reg")
    assert [expected] == [(one.check, one.path) for one in desk.error.findings]


def test_people_read_twenty_rows_and_scripts_all(desk: Desk, site: Path) -> None:
    """Of many differences words name twenty and their number."""
    for number in range(30):
        (site / f"more{number}.js").write_bytes(b"x")

    desk.refused("verify", "site", "--registry", "reg")
    assert (21, "and 10 more; --json names all") == (len(desk.error.findings), desk.error.findings[-1].message)
    desk.refused("verify", "site", "--registry", "reg", "--json")
    assert 30 == len(desk.error.findings)


def test_an_old_site_is_behind_and_a_new_one_ahead(desk: Desk, site: Path, solar: RegistryInMemory) -> None:
    """A whole site of an earlier commit is exit 4 and called older; where the clone is older, that is said."""
    shutil.copytree(desk.work / "reg", desk.work / "old")
    solar.release("@ann/solar", "1.1.0", {"theme.css": b"b"})
    add_commit(GitHistory.open(desk.work / "reg"), solar)

    assert (4, "mirror-differs") == desk.refused("verify", "site", "--registry", "reg")
    assert "it shows an older state" in desk.error.hint
    desk.run("build", "--registry", "reg", "--out", "site", "--unsigned")
    assert (4, "mirror-differs") == desk.refused("verify", "site", "--registry", "old")
    assert "it shows a newer state" in desk.error.hint


def test_a_site_over_http_is_compared_with_its_pages(desk: Desk, site: Path) -> None:
    """Over HTTP pages count too; a host that answers with a page for what it lacks is told by that file."""
    routes = {f"/{path}": answer(data) for path, data in tree_of(site).items()}
    with serving(routes) as server:
        assert 0 == desk.json("verify", server.url, "--registry", "reg")["verified"]["differences"]
        server.routes[f"/{RECORD}"] = answer(b"<!doctype html><title>404</title>", Content_Type="text/html")
        del server.routes[f"/{layout.REVOKED}"]

        assert (4, "mirror-differs") == desk.refused("verify", server.url, "--registry", "reg")
        assert [("other", RECORD), ("missing", layout.REVOKED)] == [
            (one.check, one.path) for one in desk.error.findings
        ]
        assert (6, "offline") == desk.refused("verify", server.url, "--registry", "reg", "--offline")
    assert (6, "unreachable") == desk.refused("verify", server.url, "--registry", "reg")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("site", "--registry", "https://registry.example/"), (2, "not-a-clone")),
        (("site", "--registry", "site"), (2, "not-a-clone")),
        (("reg", "--registry", "reg"), (3, "not-a-site")),
        (("none", "--registry", "reg"), (3, "not-a-site")),
    ],
)
def test_only_a_site_is_compared_with_a_clone(
    desk: Desk, site: Path, args: tuple[str, ...], expected: tuple[int, str]
) -> None:
    """Two sites, a clone as the site and a folder that is not there are refused with what to write."""
    assert expected == desk.refused("verify", *args)


def test_registries_that_were_added_are_known_by_name(desk: Desk, site: Path, solar: RegistryInMemory) -> None:
    """The clone may be called as `registry remote list` calls it, and its id is known then."""
    assert "a registry that you did not add" in desk.run("verify", "site", "--registry", "reg")
    desk.run("add", "reg", "--root", solar.id, "--name", "mine")

    said = desk.run("verify", "site", "--registry", "mine")

    assert f"registry id: {solar.id}" in said
    assert "did not add" not in said
    assert json.loads(desk.run("verify", "site", "--registry", "mine", "--json"))["verified"]["known"]


def test_what_jobs_sign_is_compared_by_what_it_says(desk: Desk) -> None:
    """A signed site is the same; one whose index is gone, of other keys or of another state is exit 4."""
    desk.run("init", "reg", "--name", "Example", "--url", "https://registry.example/", "--yes")
    desk.run("build", "--registry", "reg", "--out", "site")
    timestamp = desk.work / "site" / layout.TIMESTAMP
    genuine = timestamp.read_bytes()
    assert 0 == desk.json("verify", "site", "--registry", "reg")["verified"]["differences"]

    for damage in (b"{}", b"<html>", genuine.replace(b"Z", b"", 1), genuine[:-9]):
        timestamp.write_bytes(damage)
        assert (4, "mirror-differs") == desk.refused("verify", "site", "--registry", "reg")
        assert [("other", layout.TIMESTAMP)] == [(one.check, one.path) for one in desk.error.findings]
    timestamp.unlink()
    assert (4, "mirror-differs") == desk.refused("verify", "site", "--registry", "reg")
    timestamp.symlink_to("/etc/hostname")
    assert (4, "mirror-differs") == desk.refused("verify", "site", "--registry", "reg")


def test_an_index_of_an_earlier_state_is_told(desk: Desk) -> None:
    """Files of today below the signed index of yesterday are exit 4, and the index is what is told."""
    desk.run("init", "reg", "--name", "Example", "--url", "https://registry.example/", "--yes")
    desk.run("build", "--registry", "reg", "--out", "site")
    history = GitHistory.open(desk.work / "reg")
    tip = history.resolve("main")
    table = b"name: Another name\nurl: https://registry.example/\n"
    new = history.commit({"index/registry.yaml": table}, onto=tip, message="x", author="T <t@example.org>", at=1)
    history.move("main", old=tip, new=new)
    shutil.copytree(desk.work / "site", desk.work / "old")
    desk.run("build", "--registry", "reg", "--out", "site")
    shutil.rmtree(desk.work / "site/tuf")
    shutil.copytree(desk.work / "old/tuf", desk.work / "site/tuf")

    assert (4, "mirror-differs") == desk.refused("verify", "site", "--registry", "reg")
    (finding,) = desk.error.findings
    assert (layout.TIMESTAMP, True) == (finding.path, "lists another state of" in finding.message)
