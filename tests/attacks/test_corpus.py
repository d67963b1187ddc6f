"""That every attack of the table is carried out by a test, and that people can read the same table."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.corpus import CORPUS, Attack
from tests.attacks.installer_ways import WAYS

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "site_templates" / "docs" / "attacks.md"


@pytest.fixture(scope="module")
def collected() -> list[str]:
    """The ids of all cases of the files that the table names."""
    files = sorted({f"tests/{attack.test.partition('::')[0]}" for attack in CORPUS})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", *files]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_each_attack_is_there_once() -> None:
    """The rows 1 to 142, in their order."""
    assert list(range(1, 143)) == [attack.number for attack in CORPUS]


def test_each_attack_is_carried_out(collected: list[str]) -> None:
    """What the table names is collected, with the case that it names, so `make test` runs it."""
    missing = [attack for attack in CORPUS if not any(carries_out(name, attack) for name in collected)]

    assert [] == missing


def carries_out(name: str, attack: Attack) -> bool:
    """Whether a case's id is that of the attack."""
    function, bracket, case = name.partition("[")
    return function == f"tests/{attack.test}" and attack.case in bracket + case


def rows_below(heading: str) -> list[tuple[str, ...]]:
    """The cells of the table below a heading of the page, without its head."""
    part = DOCUMENT.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines][2:]


def test_the_page_shows_the_table() -> None:
    """Each row of the documentation is an attack with its verdict, and there are no others."""
    assert [(attack.kind, attack.what, attack.verdict) for attack in CORPUS] == rows_below("What comes in an artifact")


def test_the_page_shows_what_installers_meet() -> None:
    """Each thing that may lie in an installer's way is there with what becomes of it."""
    expected = [(way.what, f"refused: `{way.code}`" if way.code else "installed, nothing else touched") for way in WAYS]

    assert expected == rows_below("What lies in an installer's way")
