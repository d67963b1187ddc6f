"""The queue travels as a file: from the registry into the site, and a mirror of it is still the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.layout import SITE_QUEUE
from registry_tool.feeds.queue import ROUTE
from registry_tool.stores.git import GitHistory
from tests.cli.desk import Desk

pytestmark = pytest.mark.slow

SKILL = {"SKILL.md": b"---\nname: one\ndescription: Finds things. Use it to find things.\n---\n\nLook.\n"}
CARD = {"artifact.yaml": b"license: MIT\n"}
PAGES = (SITE_QUEUE, f"{ROUTE}.json", "queue/index.html")


@pytest.fixture
def waiting(founded: Desk) -> Desk:
    """A registry in which one submission waits."""
    folder = founded.put("skill", {**SKILL, **CARD})
    founded.run(
        "publish", folder, "--id", "@ann/one", "--version", "1.0.0", "--as", "ann", "--registry", "reg", "--yes"
    )
    return founded


def exported(desk: Desk, *more: str) -> dict[str, Any]:  # Any: JSON
    """What `queue export` says."""
    value: dict[str, Any] = desk.json("queue", "export", "-o", "queue.json", "--registry", "reg", *more)["exported"]
    return value


def test_the_queue_becomes_a_page_and_goes_with_it(waiting: Desk) -> None:
    """Exported, built and shown; the next build without it leaves nothing of it; twice the same is no work.

    The page of the queue stays, since others lead to it, and says that nothing is told.
    """
    said = exported(waiting)
    first = waiting.json("build", "--registry", "reg", "--queue", "queue.json")
    site = waiting.work / "site"
    shown = json.loads((site / f"{ROUTE}.json").read_bytes())
    again = waiting.json("build", "--registry", "reg", "--queue", "queue.json")
    home = (site / "index.html").read_text()

    assert (1, "", False) == (said["waiting"], said["note"], said["dry_run"])
    assert (waiting.work / "queue.json").read_bytes() == (site / SITE_QUEUE).read_bytes()
    assert [("pending", "skills", "ann__one")] == [(one["state"], one["kind"], one["slug"]) for one in shown["items"]]
    assert (True, 0) == (first["files"]["written"] > 0, again["files"]["written"])
    assert "1 submission waits" in home

    without = waiting.json("build", "--registry", "reg")

    assert (2, [False, False, True]) == (without["files"]["removed"], [(site / path).exists() for path in PAGES])
    assert "1 submission waits" not in (site / "index.html").read_text()


def test_a_site_with_a_queue_is_what_its_clone_builds(waiting: Desk) -> None:
    """A mirror's check takes what waited from the site itself; a changed page is found all the same."""
    exported(waiting)
    waiting.run("build", "--registry", "reg", "--queue", "queue.json")
    same = waiting.json("verify", "site", "--registry", "reg")["verified"]
    page = waiting.work / "site" / "queue" / "index.html"
    page.write_text(page.read_text().replace("Here for", "Gone for"))

    assert (0, True) == (same["differences"], same["same"] > 3)
    assert (4, "mirror-differs") == waiting.refused("verify", "site", "--registry", "reg")


def test_since_when_it_waits_is_remembered_beside_the_record(waiting: Desk) -> None:
    """The export writes the branch of the queue, and nothing on the main line; a dry run writes neither nor a file."""
    history = GitHistory.open(waiting.work / "reg")
    main = history.resolve("main")
    rehearsed = exported(waiting, "--dry-run")

    assert ([], False) == (list(history.branches("registry/")), (waiting.work / "queue.json").exists())

    said = exported(waiting)

    assert (["registry/queue"], main) == (list(history.branches("registry/")), history.resolve("main"))
    assert (rehearsed["sha256"], True, False) == (said["sha256"], rehearsed["dry_run"], said["dry_run"])


def test_only_a_queue_is_replaced(waiting: Desk) -> None:
    """A second export replaces the first; somebody's other file stays unless they say so."""
    exported(waiting)
    exported(waiting)
    (waiting.work / "notes.txt").write_text("mine")
    (waiting.work / "folder").mkdir()
    words = ("queue", "export", "--registry", "reg", "-o")

    assert (5, "exists") == waiting.refused(*words, "notes.txt")
    assert (5, "exists") == waiting.refused(*words, "folder")
    assert "mine" == (waiting.work / "notes.txt").read_text()
    assert 3 == waiting.refused(*words, "no/where.json")[0]

    waiting.run(*words, "notes.txt", "--force")

    assert "registry.queue/1" == json.loads((waiting.work / "notes.txt").read_bytes())["schema"]


def spoilt(path: Path, **members: object) -> None:
    """Changes members of an exported queue."""
    value = canonical.parse(path.read_bytes(), limit=10**6, what="the queue")
    path.write_bytes(canonical.encode({**value, **members}))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"registry": "0" * 64}, (4, "other-registry")),
        ({"schema": "registry.queue/9"}, (1, "newer-schema")),
        ({"waiting": [{}]}, (1, "invalid-document")),
    ],
)
def test_a_build_refuses_a_queue_that_is_not_its_own(
    waiting: Desk, members: dict[str, object], expected: tuple[int, str]
) -> None:
    """It is somebody's file: of another registry, of a newer tool or spoilt, it is one message and no site."""
    exported(waiting)
    spoilt(waiting.work / "queue.json", **members)

    assert expected == waiting.refused("build", "--registry", "reg", "--queue", "queue.json")
    assert not (waiting.work / "site").exists()


def test_a_queue_that_is_not_there_is_said(waiting: Desk) -> None:
    """The message names the file and the verb that makes it."""
    assert (3, "no-file") == waiting.refused("build", "--registry", "reg", "--queue", "nowhere.json")
    assert "registry queue export" in waiting.error.hint
