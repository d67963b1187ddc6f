"""The whole line, as people type it: from an author's folder to a verified install, for each kind."""

import shutil
import socket
from pathlib import Path

import pytest

from registry_tool.kinds import kind_ids
from registry_tool.stores.git import GitHistory
from tests.demo import ONE_OF_EACH
from tests.demo_registry import ARTIFACTS, ROOT, on_disk
from tests.story import FAR_EAST, FAR_WEST, Machine, files_below

pytestmark = pytest.mark.slow

KINDS = sorted(kind_ids())


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        found: int = one.getsockname()[1]
        return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_round_works_word_for_word(kind: str, tmp_path: Path) -> None:
    """Create, publish, list, approve, build, serve, add and install, with the very words of the design."""
    here = Machine(tmp_path, tmp_path / "home", FAR_EAST)
    port = free_port()
    made = here.json(f"registry init reg --name Example --url http://127.0.0.1:{port}/ --yes --json")
    here.do(f"registry {kind} create @ann/thing")
    here.do("registry publish thing --id @ann/thing --version 1.0.0 --as ann --registry reg --yes")
    (waiting,) = here.json("registry queue list --registry reg --json")
    here.do(f'registry queue approve {waiting["id"]} --registry reg --note "read it"')
    built = here.json("registry build --registry reg --out site --json")
    with here.serving(f"registry serve site --port {port}"):
        here.do(f"registry add http://127.0.0.1:{port}/ --root {made['registry']}")
        done = here.json("registry install @ann/thing --project work --yes --json")
    (installed,) = done["installed"]

    assert {"state": "pending", "author": "ann", "releases": [{"artifact": "@ann/thing", "version": "1.0.0"}]} == {
        key: waiting[key] for key in ("state", "author", "releases")
    }
    assert {"id", "state", "author", "releases", "statements", "verdict"} <= waiting.keys()
    assert ("@ann/thing", "1.0.0", kind) == (installed["id"], installed["version"], installed["kind"])
    assert [] == [path for path in installed["files"] if not (tmp_path / "work" / path).is_file()]
    assert (made["registry"], ["operator"]) == (
        installed["verified"]["registry"],
        installed["verified"]["approved_by"],
    )
    assert made["registry"] == built["registry"]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this repository's own registry as `reg`, a repository of its own, built as `site`."""
    folder = tmp_path_factory.mktemp("demonstration")
    history = GitHistory.init(folder / "reg", bare=False)
    first = history.commit(on_disk(), onto=None, message="index", author="demo <demo@registry.invalid>", at=1)
    history.move("main", old=None, new=first)
    history.close()
    Machine(folder, folder / "home").do("registry build --registry reg --out site")
    return folder


def _root(folder: Path) -> str:
    machine = Machine(folder, folder / "home")
    found: str = machine.json("registry trust status --registry reg --json")["registry"]
    return found


def test_every_kind_is_built_alike_elsewhere(demonstration: Path, tmp_path: Path) -> None:
    """In another setting, from a clone: the same tree. Once more: nothing is written."""
    elsewhere = Machine(tmp_path / "else where", tmp_path / "another home", FAR_WEST)
    elsewhere.folder.mkdir()
    elsewhere.do(f"git clone --quiet {demonstration}/reg reg")
    elsewhere.do("registry build --registry reg --out site --unsigned")
    again = elsewhere.json("registry build --registry reg --out site --unsigned --json")["files"]
    theirs = files_below(elsewhere.folder / "site")
    ours = files_below(demonstration / "site")

    # Without the job's keys there is no index; all else is the same.
    assert theirs == {path: data for path, data in ours.items() if not path.startswith("tuf/") or path in theirs}
    assert {"tuf/1.root.json", "tuf/1.targets.json"} == {path for path in theirs if path.startswith("tuf/")}
    assert (0, 0) == (again["written"], again["removed"])


@pytest.mark.parametrize("setting", [FAR_EAST, FAR_WEST])
@pytest.mark.parametrize("copy", ["git clone --quiet {from_}/reg copy", "cp -R {from_}/site copy"])
def test_a_clone_and_a_copy_of_the_site_are_the_registry(
    copy: str, setting: dict[str, str], demonstration: Path, tmp_path: Path
) -> None:
    """One of each kind installs and verifies from either, without a network, for somebody who knows only the id."""
    root = _root(demonstration)
    here = Machine(tmp_path, tmp_path / "home", setting)
    here.do(copy.format(from_=demonstration))
    here.do(f"registry add copy --root {root} --demo")
    names = " ".join(ONE_OF_EACH)
    done = here.json(f"registry install {names} --registry copy --project work --offline --yes --json")
    here.do("registry verify --all --project work --offline")

    assert KINDS == sorted(row["kind"] for row in done["installed"])


def test_where_it_came_from_changes_no_byte_of_an_install(demonstration: Path, tmp_path: Path) -> None:
    """A clone and a copied site give the same files, receipts and lock but for the place that they name."""
    root, trees = _root(demonstration), []
    for copy, setting in (("reg", FAR_EAST), ("site", FAR_WEST)):
        here = Machine(tmp_path / copy, tmp_path / copy / "home", setting)
        here.folder.mkdir()
        shutil.copytree(demonstration / copy, here.folder / "copy")
        here.do(f"registry add copy --root {root} --demo")
        here.do(f"registry install {' '.join(ONE_OF_EACH)} --registry copy --project work --offline --yes")
        trees.append(
            {path: data for path, data in files_below(here.folder / "work").items() if ".registry/" not in path}
        )

    assert trees[0] == trees[1]


def test_who_stands_in_a_clone_needs_no_registry_flag(demonstration: Path, tmp_path: Path) -> None:
    """In a clone the verbs of its maintainer find the registry by themselves."""
    here = Machine(tmp_path, tmp_path / "home", FAR_EAST)
    here.do(f"git clone --quiet {demonstration}/reg mine")
    inside = Machine(tmp_path / "mine" / "index", here.home, FAR_EAST)

    assert [] == inside.json("registry queue list --json")
    assert _root(demonstration) == inside.json("registry trust status --json")["registry"]
    assert 0 < inside.json("registry build --out ../../site --json")["releases"]


def test_a_demonstration_is_refused_without_a_word(demonstration: Path, tmp_path: Path) -> None:
    """Without --demo neither adding nor publishing to a demonstration works, and nothing is written."""
    here = Machine(tmp_path, tmp_path / "home")
    root = _root(demonstration)
    for line in (
        f"registry add {demonstration}/site --root {root}",
        f"registry publish {ARTIFACTS}/theme-paper --as somebody --registry {demonstration}/reg --yes",
    ):
        with pytest.raises(AssertionError, match="ended with 4"):
            here.do(line)

    assert {} == files_below(tmp_path)


def test_an_eighth_kind_is_one_file_and_one_row(tmp_path: Path) -> None:
    """With kinds/poster.py and a row in categories.yaml its verbs, its tab and its conformance tests are there."""
    for name in ("registry_tool", "site_templates", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    theme = (ROOT / "registry_tool/kinds/theme.py").read_text("utf-8")
    for old, new in (("theme", "poster"), ("Themes", "Posters"), ("Theme", "Poster")):
        theme = theme.replace(old, new)
    (tmp_path / "registry_tool/kinds/poster.py").write_text(theme, "utf-8")
    here = Machine(tmp_path, tmp_path / "home", {"PYTHONPATH": str(tmp_path)})
    here.do("python -m registry_tool init reg --name Eight --yes")
    here.do("python -m registry_tool poster create @ann/sunset")
    here.do("python -m registry_tool poster publish sunset --as ann --registry reg --yes")
    (waiting,) = here.json("python -m registry_tool queue list --registry reg --json")
    here.do(f"python -m registry_tool queue approve {waiting['id']} --registry reg")
    here.do("python -m registry_tool build --registry reg --out site")
    here.do("python -m pytest -q -p no:cacheprovider tests/kinds/test_every_kind.py tests/checks/test_templates.py")

    schemas = "import registry_tool.core.schemas as s, registry_tool.kinds as k; print(*s.schemas(k.all_kinds()))"

    assert "poster" in here.do("python -m registry_tool --help")
    assert "spec-poster.json" in here.do(f'python -c "{schemas}"')
    assert "id: posters" in (tmp_path / "reg/index/categories.yaml").read_text("utf-8")
    assert "@ann/sunset" in (tmp_path / "site/posters/index.html").read_text("utf-8")
    assert "posters/" in (tmp_path / "site/index.html").read_text("utf-8")
