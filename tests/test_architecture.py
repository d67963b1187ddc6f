"""The laws of the code, read from its source: layers, banned reads, sizes, docstrings, words."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "registry_tool"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MODULE_LINES = 350
FUNCTION_LINES = 60

_OURS = ("registry_tool", "site_templates", "tests", "index", ".ci", ".github")
"""The folders that are scanned, beside the files of the top level."""

# Written in pieces, since this file is scanned too.
_FORBIDDEN = re.compile(
    rb"|".join(
        [
            rb"py" + rb"pi\.(?:org|python)",
            rb"python" + rb"hosted\.org",
            rb"npm" + rb"js\.(?:org|com)",
            rb"(?:deb|security|ftp|snapshot)\." + rb"debian\.org",
            rb"/wo" + rb"rk/(?:main|shared)",
        ]
    )
)

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def run(*command: str, cwd: Path = ROOT, text: str = "") -> tuple[int, str]:
    """The exit code and all output of a tool of this environment."""
    tool = Path(sys.executable).parent / command[0]
    done = subprocess.run([tool, *command[1:]], cwd=cwd, input=text, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax of a module."""
    return ast.parse(path.read_bytes())


def named(path: Path) -> str:
    """`path` as people write it, from the top level down."""
    return path.relative_to(ROOT).as_posix()


def public_definitions(node: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Public classes, functions and methods below `node`, with their dotted names."""
    for child in node.body:
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                yield from public_definitions(child, f"{prefix}{child.name}.")


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method in `tree`, private and nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines the function has, from its `def` to its end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def our_files() -> Iterator[Path]:
    """Every file of the checkout that we wrote, in order."""
    below = (path for folder in _OURS for path in (ROOT / folder).rglob("*"))
    top = (path for path in ROOT.iterdir() if path.name != ".git")
    yield from sorted(p for p in (*top, *below) if p.is_file() and "__pycache__" not in p.parts)


def test_imports_obey_the_layers() -> None:
    """Every import contract of pyproject.toml is kept."""
    code, output = run("lint-imports", "--no-cache", "--no-logo")

    assert code == 0, output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "line", "expected"),
    [
        ("core/digest.py", "import os", "do no I/O BROKEN"),
        ("services/__init__.py", "from pathlib import Path", "do no I/O BROKEN"),
        ("core/digest.py", "import registry_tool.checks", "imports point down; siblings do not know each other BROKEN"),
        ("services/__init__.py", "import registry_tool.stores", "siblings do not know each other BROKEN"),
        ("stray.py", "STRAY = True", "siblings do not know each other BROKEN"),
        ("kinds/theme.py", "import registry_tool.kinds.skill", "kinds do not know each other BROKEN"),
        ("site/__init__.py", "import dulwich.repo", "one door: dulwich BROKEN"),
        ("stores/http/source.py", "import nacl.signing", "one door: nacl BROKEN"),
        ("stores/disk.py", "import urllib3", "one door: urllib3 BROKEN"),
        ("wiring.py", "import jinja2", "one door: jinja2 BROKEN"),
        ("wiring.py", "import click", "one door: click BROKEN"),
    ],
)
def test_a_broken_layer_is_seen(tmp_path: Path, module: str, line: str, expected: str) -> None:
    """Each import contract breaks when one line that it forbids is added."""
    shutil.copytree(PACKAGE, tmp_path / "registry_tool", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "registry_tool" / module).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    code, output = run("lint-imports", "--no-cache", "--no-logo", cwd=tmp_path)

    assert (1, True) == (code, expected in output), output


def test_the_code_obeys_its_style() -> None:
    """Ruff finds nothing, in the package and in the tests."""
    code, output = run("ruff", "check", "--no-cache", "--output-format=concise")

    assert code == 0, output


@pytest.mark.parametrize(
    "line",
    [
        "import datetime; WHEN = datetime.datetime.now(datetime.UTC)",
        "from datetime import UTC, datetime; WHEN = datetime.now(UTC)",
        "from datetime import date; WHEN = date.today()",
        "import time; WHEN = time.time()",
        "import os; HOME = os.environ['HOME']",
        "from os import getenv; HOME = getenv('HOME')",
        "import os; HERE = os.getcwd()",
        "import os.path; HOME = os.path.expanduser('~')",
        "from pathlib import Path; HOME = Path.home()",
        "from pathlib import Path; HERE = Path.cwd()",
        "import platformdirs",
    ],
)
@pytest.mark.parametrize(
    ("module", "expected"), [("stores/disk.py", True), ("cli/main.py", True), ("wiring.py", False)]
)
def test_only_wiring_reads_the_world(module: str, expected: bool, line: str) -> None:
    """A read of the clock, the environment, home or the working directory is refused outside wiring.py."""
    source = '"""A module."""\n\n' + line.replace("; ", "\n") + "\n"
    _, output = run("ruff", "check", "--no-cache", "--stdin-filename", f"registry_tool/{module}", "-", text=source)

    assert expected == ("TID251" in output), output


def test_a_module_fits_on_a_few_screens() -> None:
    """No module has more than 350 lines."""
    lines = {named(path): len(path.read_bytes().splitlines()) for path in (*MODULES, *TESTS)}

    assert {} == {name: count for name, count in lines.items() if count > MODULE_LINES}


def test_a_function_is_short() -> None:
    """No function of the package has more than 60 lines."""
    found = ((named(path), one) for path in MODULES for one in functions(parsed(path)))

    assert [] == [f"{name}: {one.name}, {length(one)} lines" for name, one in found if length(one) > FUNCTION_LINES]


def test_what_is_public_is_documented() -> None:
    """Every module, and every public class, function and method of the package, has a docstring."""
    trees = {named(path): parsed(path) for path in MODULES}
    silent = [name for name, tree in trees.items() if not ast.get_docstring(tree)]
    silent += [
        f"{name}: {public}"
        for name, tree in trees.items()
        for public, found in public_definitions(tree)
        if not ast.get_docstring(found)
    ]

    assert [] == silent


def test_a_test_says_what_it_claims() -> None:
    """Every test has a docstring, a sentence that can be false."""
    found = ((named(path), one) for path in TESTS for one in functions(parsed(path)))
    tests = ((name, one) for name, one in found if one.name.startswith("test_"))

    assert [] == [f"{name}: {one.name}" for name, one in tests if not ast.get_docstring(one)]


def test_no_file_names_a_package_registry_or_a_machine() -> None:
    """No file of the checkout holds a package registry's host or a path of the machine it was written on."""
    held = [(named(path), found[0]) for path in our_files() if (found := _FORBIDDEN.search(path.read_bytes()))]

    assert [] == held


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_its_hashes(name: str) -> None:
    """A lock file pins each package to one version with hashes, and names no place to fetch it from."""
    # A requirement goes on over lines that end in a backslash; comments stand between them.
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    requirements = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    pinned = re.compile(r"[a-z0-9-]+==[0-9a-z.]+(?: ;[^\\]+?)?(?: +--hash=sha256:[0-9a-f]{64})+ *")
    loose = [line.split()[0] for line in requirements if not pinned.fullmatch(line)]

    assert requirements
    assert [] == loose


def test_what_the_package_imports_it_declares() -> None:
    """Every library that a module imports stands in pyproject.toml, and none stands there unused."""
    distributions = {"nacl": "pynacl", "yaml": "pyyaml", "markdown_it": "markdown-it-py", "pydantic_core": "pydantic"}
    imported = set()
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imported |= {name.partition(".")[0] for name in names}
    libraries = imported - set(sys.stdlib_module_names) - {"registry_tool", ""}
    used = {distributions.get(name, name.replace("_", "-")) for name in libraries}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[\[>]", one)[0] for one in project["dependencies"]}

    assert declared == used
