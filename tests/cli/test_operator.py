"""The operator's verbs: a repository becomes a site, and the site is served."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.stores.folder import FolderSource
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import Desk
from tests.cli.operating import DAY, later
from tests.sites import named, with_targets

pytestmark = pytest.mark.slow


def repository(folder: Path, registry: RegistryInMemory, *, bare: bool = False) -> GitHistory:
    """A git repository at `folder` with the registry's files on `main`."""
    history = GitHistory.init(folder, bare=bare)
    add_commit(history, registry)
    return history


def add_commit(history: GitHistory, registry: RegistryInMemory) -> None:
    """One more commit on `main`, with the registry's files as they are now."""
    old = history.resolve("main")
    new = history.commit(registry.files, onto=old, message="x", author="T <t@example.org>", at=1_800_000_000)
    history.move("main", old=old, new=new)


@pytest.fixture
def solar(desk: Desk) -> RegistryInMemory:
    """A registry with one theme, whose index this person signs."""
    registry = with_targets(named(a_registry(demo=False)).release("@ann/solar", "1.0.0"))
    return desk.keeps(registry, "publishing")


def tree_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_build_makes_a_site_that_clients_read(desk: Desk, solar: RegistryInMemory) -> None:
    """The folder holds every file that an install reads, the gallery, and nothing of the repository."""
    repository(desk.work / "reg", solar)
    said = desk.json("build", "--registry", "reg")
    source = FolderSource(desk.work / "site")
    expected = {path: data for path, data in solar.site().items() if path != layout.ENTRY}

    assert (solar.id, 1, 1, []) == (said["registry"], said["artifacts"], said["releases"], said["left_out"])
    assert expected == {path: source.fetch(path, limit=10**6) for path in expected}
    assert (desk.work / "site" / "themes" / "ann" / "solar" / "index.html").is_file()


def test_a_second_build_writes_nothing(desk: Desk, solar: RegistryInMemory) -> None:
    """Nothing changed: no file is written, none verified, and it says so."""
    repository(desk.work / "reg", solar)
    first = desk.json("build", "--registry", "reg")
    second = desk.json("build", "--registry", "reg")

    assert (0, 0, 0) == (second["files"]["written"], second["files"]["removed"], second["verified"])
    assert first["files"]["written"] == second["files"]["kept"]
    assert "nothing changed" in desk.run("build", "--registry", "reg")


def test_a_merge_rewrites_a_handful(desk: Desk, solar: RegistryInMemory) -> None:
    """After one more version only its name's files and the tables about all names are written."""
    history = repository(desk.work / "reg", solar)
    desk.run("build", "--registry", "reg")
    solar.release("@ann/solar", "1.1.0", {"theme.css": b"b"})
    add_commit(history, solar)
    said = desk.json("build", "--registry", "reg")

    # Which they are says tests/services/test_what_changes.py.
    assert said["files"]["written"] < 40
    assert said["files"]["written"] == sum(turn["put"] for turn in said["upload"]["turns"])
    assert len(said["signed"]) in (3, 4)  # one or two of eight bins, snapshot, timestamp


def test_what_to_upload_is_said_in_its_order(desk: Desk, solar: RegistryInMemory) -> None:
    """The file has a line for each file that changed, turn by turn; nothing changed leaves it empty."""
    history = repository(desk.work / "reg", solar)
    desk.run("build", "--registry", "reg", "--changes", "all.jsonl")
    solar.release("@ann/solar", "1.1.0", {"theme.css": b"b"})
    add_commit(history, solar)
    words = desk.run("build", "--registry", "reg", "--changes", "some.jsonl")
    none = desk.json("build", "--registry", "reg", "--changes", "none.jsonl")
    steps = [json.loads(line) for line in (desk.work / "some.jsonl").read_text().splitlines()]

    assert [one["turn"] for one in steps] == sorted(one["turn"] for one in steps)
    assert (1, 8, "tuf/timestamp.json") == (steps[0]["turn"], steps[-1]["turn"], steps[-1]["path"])
    assert "upload in this order: objects (3); pages and feeds (" in words
    assert ("", [], str(desk.work / "none.jsonl")) == (
        (desk.work / "none.jsonl").read_text(),
        none["upload"]["turns"],
        none["upload"]["file"],
    )
    assert len(tree_of(desk.work / "site")) <= len((desk.work / "all.jsonl").read_text().splitlines()) + len(steps)


def test_what_somebody_did_to_the_site_is_mended(desk: Desk, solar: RegistryInMemory) -> None:
    """A build of the same commit finds a page that was rewritten, one that is gone and one that came."""
    repository(desk.work / "reg", solar)
    desk.run("build", "--registry", "reg")
    before = tree_of(desk.work / "site")
    (desk.work / "site" / "index.html").write_bytes(before["index.html"][::-1])
    (desk.work / "site" / "style.css").unlink()
    (desk.work / "site" / "extra.html").write_bytes(b"x")
    said = desk.json("build", "--registry", "reg")

    assert (2, 1) == (said["files"]["written"], said["files"]["removed"])
    assert before == tree_of(desk.work / "site")


def test_the_site_is_the_same_everywhere(tmp_path: Path, solar: RegistryInMemory) -> None:
    """Another folder, time zone, locale and hash seed give the same bytes, with and without memory of a build."""
    repository(tmp_path / "reg.git", solar, bare=True)
    trees = []
    for number, (zone, locale) in enumerate([("UTC", "C"), ("Pacific/Auckland", "C.UTF-8")]):
        env = {
            **os.environ,
            "TZ": zone,
            "LC_ALL": locale,
            "PYTHONHASHSEED": str(number + 1),
            "REGISTRY_HOME": str(tmp_path / f"home{number}"),
        }
        folder = tmp_path / f"place {number}"
        folder.mkdir()
        # What a job signs says when.
        words = ["build", "--unsigned", "--registry", str(tmp_path / "reg.git")]
        command = [sys.executable, "-m", "registry_tool", *words]
        subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
        trees.append(tree_of(folder / "site"))

    assert trees[0] == trees[1]
    assert [] == [path for path, data in trees[0].items() if str(tmp_path).encode() in data]


def test_a_dry_run_leaves_no_trace(desk: Desk, solar: RegistryInMemory) -> None:
    """It verifies and counts, and writes neither site nor memory."""
    repository(desk.work / "reg", solar)
    said = desk.json("build", "--registry", "reg", "--dry-run")

    assert said["files"]["written"] > 10
    assert (False, False) == (
        (desk.work / "site").exists(),
        (desk.work / "reg" / ".git" / "registry-tool").exists(),
    )
    assert "would write" in desk.run("build", "--registry", "reg", "--dry-run")


def _state(desk: Desk) -> Path:
    return desk.work / "reg" / ".git" / "registry-tool" / "build.json"


def _forge(desk: Desk) -> None:
    """A bin that lists other bytes, without a signature, in the site and in the state."""
    value = json.loads(_state(desk).read_text())
    bins = sorted(path for path in value["index"]["files"] if ".index-" in path)
    path = [path for path in bins if b"length" in (desk.work / "site" / path).read_bytes()][-1]
    data = json.loads((desk.work / "site" / path).read_text())
    for row in data["signed"]["targets"].values():
        row["hashes"]["sha256"] = sha256(b"evil")
    text = json.dumps({**data, "signatures": []})
    (desk.work / "site" / path).write_text(text)
    value["index"]["files"][path] = sha256(text.encode())
    _state(desk).write_text(json.dumps(value))


def _forget(desk: Desk) -> None:
    value = json.loads(_state(desk).read_text())
    _state(desk).write_text(json.dumps({**value, "index": {}}))


@pytest.mark.parametrize(
    ("meanwhile", "expected"),
    [
        (lambda desk: None, 0),
        (_forget, 0),
        (lambda desk: _state(desk).unlink(), 0),
        (_forge, 1),
        (lambda desk: desk.run("trust", "refresh", "--registry", "reg", "--out", "site"), 0),
    ],
)
def test_what_a_build_remembers_never_keeps_a_wrong_index(
    desk: Desk, solar: RegistryInMemory, meanwhile: Callable[[Desk], object], expected: int
) -> None:
    """With a state that is right, old, lost or forged a merge signs what it must, and all of the index holds.

    A heartbeat in between is gone on from, not back behind.
    """
    history = repository(desk.work / "reg", solar)
    desk.run("build", "--registry", "reg")
    later(desk, 1 / DAY)
    desk.run("build", "--registry", "reg")
    solar.release("@ann/solar", "1.1.0", {"theme.css": b"a{}"})
    add_commit(history, solar)
    usual = len(desk.json("build", "--registry", "reg", "--dry-run")["signed"])
    meanwhile(desk)
    before = json.loads((desk.work / "site" / layout.TIMESTAMP).read_text())["signed"]
    said = desk.json("build", "--registry", "reg")
    after = json.loads((desk.work / "site" / layout.TIMESTAMP).read_text())["signed"]

    assert usual + expected == len(said["signed"])
    assert [] == desk.json("trust", "status", "--registry", "reg", "--out", "site")["faults"]
    assert before["version"] < after["version"]
    assert before["meta"]["snapshot.json"]["version"] < after["meta"]["snapshot.json"]["version"]
    assert 0 == desk.json("build", "--registry", "reg")["files"]["written"]


def test_a_repository_that_lies_is_refused_and_the_site_stays(desk: Desk, solar: RegistryInMemory) -> None:
    """A main line that changed a signed file is exit 4, naming it, and the old site is as it was."""
    history = repository(desk.work / "reg", solar)
    desk.run("build", "--registry", "reg")
    before = tree_of(desk.work / "site")
    path = layout.statement_path("policy", 1)
    solar.files[path] += b" "
    add_commit(history, solar)

    assert (4, "main-line") == desk.refused("build", "--registry", "reg")
    assert path == desk.error.where
    assert before == tree_of(desk.work / "site")


def test_the_work_tree_is_not_read(desk: Desk, solar: RegistryInMemory) -> None:
    """What lies uncommitted in the checkout changes nothing."""
    history = repository(desk.work / "reg", solar)
    desk.run("build", "--registry", "reg")
    for file in (desk.work / "reg" / "index").rglob("*.json"):
        file.write_bytes(b"{}")
    said = desk.json("build", "--registry", "reg")

    assert 0 == said["files"]["written"]
    assert history.resolve("main") == said["commit"]


def test_what_was_left_out_and_a_demonstration_are_said(desk: Desk) -> None:
    """The talk names releases without admission, and says what a demonstration is."""
    registry = with_targets(named(a_registry(demo=True))).release("@ann/solar", "1.0.0")
    registry.publish("@ann/solar", "2.0.0", {"theme.css": b"b"})
    repository(desk.work / "reg", registry)
    said = desk.run("build", "--registry", "reg")

    assert "@ann/solar@2.0.0 lies there without an admission" in desk.talk
    assert "demonstration" in desk.talk
    assert f"registry add https://registry.example/ --root {registry.id} --demo" in said


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ((), (2, "no-registry")),
        (("--registry", "nowhere"), (3, "not-a-registry")),
        (("--registry", "https://registry.example/"), (2, "not-local")),
        (("--registry", "git@registry.example:reg.git"), (2, "not-local")),
        (("--registry", "empty"), (3, "not-a-registry")),
    ],
)
def test_what_cannot_be_built_is_told(desk: Desk, where: tuple[str, ...], expected: tuple[int, str]) -> None:
    """An address, an absent or empty repository, and no registry here are refused with what to do."""
    GitHistory.init(desk.work / "empty", bare=False)

    assert expected == desk.refused("build", *where)
    assert desk.error.hint or desk.error.code == "not-a-registry"


def test_a_shallow_clone_is_refused_with_the_mending_command(desk: Desk, solar: RegistryInMemory) -> None:
    """Its history cannot be checked, so nothing is built from it until the rest is there."""
    history = repository(desk.work / "reg.git", solar, bare=True)
    solar.release("@ann/solar", "1.1.0", {"theme.css": b"b"})
    add_commit(history, solar)
    origin = f"file://{desk.work / 'reg.git'}"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", "--bare", "-b", "main", origin, desk.work / "cut"], check=True
    )

    assert (5, "shallow") == desk.refused("build", "--registry", "cut")
    assert "--unshallow" in desk.error.hint


def test_serve_says_its_address_and_serves_until_interrupted(desk: Desk, solar: RegistryInMemory) -> None:
    """With `--port 0` it takes a free port, prints the address as JSON, and ends well on an interrupt."""
    repository(desk.work / "reg", solar)
    desk.run("build", "--registry", "reg")
    command = [sys.executable, "-m", "registry_tool", "serve", "site", "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=desk.work, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = json.loads(server.stdout.readline())
        with urllib.request.urlopen(said["url"] + layout.ENTRY, timeout=10) as answer:
            entry = json.load(answer)
        server.send_signal(signal.SIGINT)
        code = server.wait(timeout=20)

    assert (0, solar.id) == (code, entry["registry"])


def test_serving_what_is_no_site_is_told(desk: Desk) -> None:
    """An empty folder is exit 3 with the verb that makes a site."""
    assert (3, "no-site") == desk.refused("serve", ".")
