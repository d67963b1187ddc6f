"""What a person agrees to before anything is installed."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, Desk, added, skill_release

ASKED = ["network:a.example", "fs:tmp"]
WORDS = ["reach a.example", "write files below the folder for temporary files"]


@pytest.fixture
def two(built: RegistryInMemory) -> RegistryInMemory:
    """1.0.0 asks for one permission, 1.1.0 for that and another."""
    registry = a_registry(demo=False)
    skill_release(registry, PDF, "1.0.0", permissions=["network:a.example"])
    return skill_release(registry, PDF, "1.1.0", permissions=sorted(ASKED))


def at_terminal(folder: Path, registry: RegistryInMemory, answers: str) -> Desk:
    desk = Desk(folder, answers=answers)
    added(desk, registry)
    return desk


def test_nobody_there_is_exit_2_with_the_flags(desk: Desk, two: RegistryInMemory) -> None:
    """Without a terminal the hint has `--yes` and an `--allow` for each permission; nothing is written."""
    added(desk, two)

    assert (2, "needs-answer") == desk.refused("install", PDF)
    assert "add --yes, or --allow fs:tmp --allow network:a.example" == desk.error.hint
    assert not (desk.work / ".agents").exists()


@pytest.mark.parametrize(
    ("flags", "good"),
    [
        (["--yes"], True),
        (["--allow", "fs:tmp", "--allow", "network:a.example"], True),
        (["--allow", "fs:tmp", "--allow", "network"], True),
        (["--allow", "fs:tmp"], False),
        (["--allow", "fs:tmp", "--allow", "network:b.example"], False),
        (["--allow", "fs:tmp", "--allow", "network:a.example:443"], False),
    ],
)
def test_a_flag_says_yes_to_what_it_covers(desk: Desk, two: RegistryInMemory, flags: list[str], good: bool) -> None:
    """`--yes` to all, `--allow` to that permission and what it covers; what is left is asked for."""
    added(desk, two)
    if good:
        assert ["1.1.0"] == [one["version"] for one in desk.json("install", PDF, *flags)["installed"]]
    else:
        assert (2, "needs-answer") == desk.refused("install", PDF, *flags)
        assert "fs:tmp" not in desk.error.hint


def test_what_is_allowed_and_not_asked_for_is_no_error(desk: Desk, two: RegistryInMemory) -> None:
    """A script may allow more than a version asks for; what no kind can have is exit 2, for it is a slip."""
    added(desk, two)
    words = ["install", f"{PDF}@1.0.0", "--allow", "network:a.example"]

    assert (2, "unknown-permission") == desk.refused(*words, "--allow", "netwrok")
    assert "Installed" in desk.run(*words, "--allow", "chat_inject")


def test_a_person_reads_the_words_and_answers(tmp_path: Path, two: RegistryInMemory) -> None:
    """The words of every permission stand before the question; no is exit 130 and writes nothing."""
    willing, careful = at_terminal(tmp_path / "a", two, "y\n"), at_terminal(tmp_path / "b", two, "n\n")
    willing.run("install", PDF)

    assert [] == [one for one in (*ASKED, *WORDS, f"{PDF} may then:") if one not in willing.talk]
    assert (130, "interrupted") == careful.refused("install", PDF)
    assert not (careful.work / ".agents").exists()


def test_an_update_asks_only_for_what_is_new(tmp_path: Path, two: RegistryInMemory) -> None:
    """What the installed version may do already is not asked for again."""
    desk = at_terminal(tmp_path, two, "y\n")
    desk.run("install", f"{PDF}@1.0.0")
    desk.run("update")

    assert WORDS[1] in desk.talk
    assert WORDS[0] not in desk.talk


def test_an_update_that_asks_for_nothing_new_asks_nothing(desk: Desk, two: RegistryInMemory) -> None:
    """With the wider permission installed a narrower one needs no question."""
    skill_release(two, PDF, "2.0.0", permissions=["network:a.example:443"])
    added(desk, two)
    desk.run("install", f"{PDF}@1.0.0", "--yes")

    assert "Updated to" in desk.run("install", f"{PDF}@2.0.0")


@pytest.mark.parametrize("verb", [["install"], ["sync"]])
def test_a_lock_file_says_yes_for_nobody(desk: Desk, two: RegistryInMemory, verb: list[str]) -> None:
    """What a project pins is asked for as well where it is installed from the lock."""
    added(desk, two)
    desk.run("install", PDF, "--yes")
    lock = (desk.work / "registry.lock.json").read_text()
    desk.run("uninstall", PDF)
    (desk.work / "registry.lock.json").write_text(lock)

    assert (2, "needs-answer") == desk.refused(*verb)


def test_show_says_what_holds_it(desk: Desk) -> None:
    """Of a skill with scripts, that agents run them with all rights, and the confined way to start one."""
    registry: Any = a_registry(demo=False)
    spec = {"native_name": "pdf", "entry": "SKILL.md", "allowed_tools": [], "scripts": ["scripts/a.py"]}
    files = {"SKILL.md": b"---\nname: pdf\ndescription: Read.\n---\nRead.\n", "scripts/a.py": b"print(1)\n"}
    registry.release(PDF, "1.0.0", files, kind="skill", spec=spec)
    added(desk, registry)
    said = desk.run("show", PDF)

    assert "with all your rights: nothing holds them to what was granted." in said
    assert f"`registry run {PDF} scripts/a.py`" in said
    assert 2 == len(desk.json("show", PDF)["running"])
