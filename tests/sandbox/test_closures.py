"""Packages of plugins: fetched by their hashes, whole or not at all, and gone with the last that uses them."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from registry_tool.core.closure import Closure, Manager, read_closure
from registry_tool.core.errors import InvalidInput, NotFound, Unreachable
from registry_tool.sandbox.closures import Closures, pip_compile
from registry_tool.sandbox.packages import entry_of
from registry_tool.sandbox.runtimes import python_runtime
from tests.sandbox.distributions import SYSTEM, npm_registry, pip_env, tarball, wheel

RUNTIME = python_runtime(SYSTEM)


def pip_closure(*lines: str) -> Closure:
    return read_closure("pypi", "".join(lines).encode(), "lock")


def fetched(closures: Closures, closure: Closure) -> Path:
    return closures.fetch(closure, RUNTIME.tag, python=RUNTIME.host, inside="/inside", what="@ann/words@1.0.0")


def test_what_pip_fetches_is_there_for_every_user_and_needs_nothing_afterwards(tmp_path: Path) -> None:
    """The folder holds the packages, compiled; it is not fetched again, and what stopped work left is swept."""
    lock = wheel(tmp_path / "wheels", "words", scripts=["words"]), wheel(tmp_path / "wheels", "part")
    closure, closures = pip_closure(*lock), Closures(tmp_path / "closures", pip_env(tmp_path / "wheels"))
    (tmp_path / "closures/.making-left").mkdir(parents=True)

    packages = fetched(closures, closure)

    assert packages == closures.place(closure, RUNTIME.tag)
    assert {"packages", "requirements.txt"} == {path.name for path in packages.parent.iterdir()}
    assert not (tmp_path / "closures/.making-left").exists()
    program = packages / entry_of("pypi", packages, "words")
    command, env = [RUNTIME.host, "-B", str(program)], {"PYTHONPATH": str(packages)}
    said = subprocess.run(command, env=env, capture_output=True, check=True)
    assert b"words 1.0\n" == said.stdout
    assert b"/inside/part.py" in next((packages / "__pycache__").glob("part.*.pyc")).read_bytes()
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in packages.parent.rglob("*"))
    assert packages == fetched(Closures(tmp_path / "closures", {"PATH": "/nowhere"}), closure)


def test_what_is_not_what_the_lock_says_is_not_taken(tmp_path: Path) -> None:
    """Another hash, a package that the lock lacks, one that is not there: nothing of it stays."""
    good = wheel(tmp_path / "wheels", "words", needs=["part"])
    wheel(tmp_path / "wheels", "part")
    closures = Closures(tmp_path / "closures", pip_env(tmp_path / "wheels"))
    name, _, _ = good.partition("sha256:")

    for lock in (f"{name}sha256:{'a' * 64}\n", good, good + good.replace("words", "other")):
        with pytest.raises(Unreachable, match=r"the packages of @ann/words@1\.0\.0 could not be fetched: ERROR"):
            fetched(closures, pip_closure(lock))
    assert ["lock"] == [path.name for path in (tmp_path / "closures").iterdir()]


def test_two_who_fetch_at_once_get_one_folder(tmp_path: Path) -> None:
    """The second waits, and finds it there."""
    closure = pip_closure(wheel(tmp_path / "wheels", "words"))
    found: list[Path] = []

    def fetch() -> None:
        found.append(fetched(Closures(tmp_path / "closures", pip_env(tmp_path / "wheels")), closure))

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 2 == len(found)
    assert 1 == len(set(found))
    assert {"lock", found[0].parent.name} == {path.name for path in (tmp_path / "closures").iterdir()}


def test_packages_go_with_the_last_that_uses_them(tmp_path: Path) -> None:
    """What somebody uses stays; what is damaged is nobody's."""
    closures = Closures(tmp_path / "closures", SYSTEM)
    mine, theirs = (pip_closure(f"{name}==1.0 --hash=sha256:{'a' * 64}\n") for name in ("mine", "theirs"))
    assert 0 == closures.sweep(lambda user: False)
    for closure in (mine, theirs):
        closures.place(closure, "x").mkdir(parents=True)
        closures.use(closure, "x", by=("/work", "@ann/words", str(closure.digest)))
    closures.use(mine, "x", by=("/other", "@ann/words", str(mine.digest)))
    (tmp_path / "closures/users" / f"{mine.digest}-x" / "odd").write_text("{")

    assert 1 == closures.sweep(lambda user: user[0] == "/other")
    assert closures.place(mine, "x").is_dir()
    assert not closures.place(theirs, "x").exists()
    assert 1 == closures.sweep(lambda user: False)
    assert 0 == closures.sweep(lambda user: False)
    assert not closures.place(mine, "x").exists()


def test_a_lock_that_was_made_here_is_kept(tmp_path: Path) -> None:
    """By the release and its manager."""
    closures = Closures(tmp_path, SYSTEM)

    assert closures.kept_lock("ab", "npm") is None
    closures.keep_lock("ab", "npm", b"lock")
    assert b"lock" == closures.kept_lock("ab", "npm")
    assert closures.kept_lock("ab", "pypi") is None


@pytest.mark.parametrize("compiler", [pip_compile(SYSTEM), []], ids=["pip-compile", "pip"])
def test_pip_says_what_a_package_is_made_of(tmp_path: Path, compiler: list[str]) -> None:
    """With the hashes of all of it, and no address: with pip-tools and without it."""
    lines = [
        wheel(tmp_path / "wheels", "words", needs=["part>=0.5", "absent; python_version < '3'"]),
        wheel(tmp_path / "wheels", "part"),
    ]
    closures = Closures(tmp_path / "closures", pip_env(tmp_path / "wheels"))

    lock = closures.resolve("pypi", {"words": "1.0"}, python=RUNTIME.host, compiler=compiler, what="words")
    from_file = closures.resolve("pypi", b"words\n", python=RUNTIME.host, compiler=compiler, what="words")

    assert pip_closure(*lines) == read_closure("pypi", lock, "lock") == read_closure("pypi", from_file, "lock")
    with pytest.raises(Unreachable, match="the packages of words could not be fetched"):
        closures.resolve("pypi", {"gone": "1.0"}, python=RUNTIME.host, compiler=compiler, what="words")


def test_npm_locks_and_fetches_without_running_anything(tmp_path: Path) -> None:
    """A lock without addresses holds all of it; a package's own script is told, and does not run."""
    script = {"install": f"touch {tmp_path}/ran"}
    packages = {"words": tarball("words", needs={"part": "^1.0.0"}, scripts=script), "part": tarball("part")}
    with npm_registry(packages, tmp_path) as env:
        closures = Closures(tmp_path / "closures", env)
        lock = closures.resolve("npm", {"words": "1.0.0"}, what="words")
        closure = read_closure("npm", lock, "lock")
        found = closures.fetch(closure, "node-x", what="words")
        packages["words"] = tarball("words", version="1.0.0", needs={}, description="another")
        with pytest.raises(Unreachable, match="the packages of words could not be fetched: npm error"):
            Closures(tmp_path / "others", {**env, "npm_config_cache": str(tmp_path / "other-cache")}).fetch(
                closure, "node-x", what="words"
            )

    assert b"127.0.0.1" not in lock
    assert ["part", "words"] == [one.name for one in closure.packages]
    assert ("words",) == closure.scripts
    assert "node_modules" == found.name
    assert {"part", "words"} <= {path.name for path in found.iterdir()}
    said = subprocess.run(["node", str(found / entry_of("npm", found, "words"))], capture_output=True, check=True)
    assert b"words 1.0.0\n" == said.stdout
    assert not (tmp_path / "ran").exists()
    assert not list((tmp_path / "others").glob("[0-9a-f]*"))


def test_pip_for_a_python_that_has_none_is_borrowed(tmp_path: Path) -> None:
    """Debian keeps pip in a package of its own; ours then works for that Python."""
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    closure = pip_closure(wheel(tmp_path / "wheels", "words"))
    closures = Closures(tmp_path / "closures", pip_env(tmp_path / "wheels"))

    found = closures.fetch(closure, "bare", python=str(bare / "bin/python"), inside="/x", what="words")

    assert (found / "words.py").is_file()


def python_packages(folder: Path, scripts: list[str], *, there: bool = True) -> None:
    (folder / "Two_Words-1.0.dist-info").mkdir()
    rows = "".join(f"{one} = words:main\n" for one in scripts)
    (folder / "Two_Words-1.0.dist-info/entry_points.txt").write_text(f"[console_scripts]\n{rows}[other]\nx = y\n")
    (folder / "bin").mkdir()
    for one in scripts if there else ():
        (folder / "bin" / one).touch()


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        (["two-words", "other"], "bin/two-words"),
        (["words-server"], "bin/words-server"),
        (["one", "two"], None),
        ([], None),
    ],
)
def test_a_distributions_program_is_found(tmp_path: Path, scripts: list[str], expected: str | None) -> None:
    """The program with the distribution's name is taken, else the only one; among several none is guessed."""
    python_packages(tmp_path, scripts)

    if expected is None:
        with pytest.raises(NotFound, match="two-words has no program of its name"):
            entry_of("pypi", tmp_path, "two-words")
    else:
        assert expected == entry_of("pypi", tmp_path, "two-words")


@pytest.mark.parametrize("text", ["", "[console_scripts", "[console_scripts]\n../up = x:y\n"])
def test_a_distribution_that_says_no_program_has_none(tmp_path: Path, text: str) -> None:
    """Broken tables, names that are paths, and programs that are not there."""
    (tmp_path / "words-1.0.dist-info").mkdir()
    (tmp_path / "words-1.0.dist-info/entry_points.txt").write_text(text)

    with pytest.raises(NotFound, match="only: none"):
        entry_of("pypi", tmp_path, "words")
    python_packages(tmp_path, ["two-words"], there=False)
    with pytest.raises(NotFound):
        entry_of("pypi", tmp_path, "two-words")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"bin": "./cli.js"}, "@ann/words/cli.js"),
        ({"bin": {"words": "cli.js", "other": "x.js"}}, "@ann/words/cli.js"),
        ({"bin": {"mine": "cli.js"}}, "@ann/words/cli.js"),
        ({"bin": {"a": "cli.js", "b": "cli.js"}}, NotFound),
        ({"bin": {"words": "../cli.js"}}, NotFound),
        ({"bin": {"words": "gone.js"}}, NotFound),
        ({"bin": {"words": 1}}, NotFound),
        ({}, NotFound),
        ([], NotFound),
        (None, InvalidInput),
    ],
)
def test_a_node_packages_program_is_found(tmp_path: Path, told: object, expected: object) -> None:
    """The one with the package's name, else the only one, below the package's own folder."""
    (tmp_path / "@ann/words").mkdir(parents=True)
    (tmp_path / "@ann/words/cli.js").touch()
    (tmp_path / "@ann/cli.js").touch()
    if told is not None:
        (tmp_path / "@ann/words/package.json").write_text(json.dumps(told))
    manager: Manager = "npm"

    if isinstance(expected, str):
        assert expected == entry_of(manager, tmp_path, "@ann/words")
    elif isinstance(expected, type):
        with pytest.raises(expected if issubclass(expected, Exception) else Exception):
            entry_of(manager, tmp_path, "@ann/words")
