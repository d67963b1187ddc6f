"""Real folders, without a network: each gets through in one try, or is refused with what mends it."""

import os
import subprocess
from pathlib import Path

import pytest

from registry_tool.core.digest import sha256
from tests.real.folders import Case, apps, parts, skills
from tests.real.folders.skills import skill
from tests.real.line import Line, Refused, tree

pytestmark = pytest.mark.slow

THROUGH = (*skills.THROUGH, *apps.THROUGH, *parts.THROUGH)
REFUSED = (*skills.REFUSED, *apps.REFUSED, *parts.REFUSED)

PLACES = {
    "gadget": ".ggui/installed-gadgets/ann__{name}__{version}",
    "plugin": "plugins/ann__{name}",
    "skill": ".agents/skills/{installed}",
    "theme": "themes/ann__{name}",
}
"""Where the author's files lie in a project; of an app only what it mounts does."""


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    return Line.begin(tmp_path_factory.mktemp("line"), env={"PATH": os.environ["PATH"]})


def told(case: Case) -> tuple[str, ...]:
    """The flags that the author gives."""
    return ("--kind", case.kind, *(("--version", case.version) if case.version else ()))


def taken(line: Line, case: Case, folder: Path) -> None:
    """Takes the folder to an install, and compares every byte with what the author has."""
    artifact = f"@ann/{case.name}"
    line.approve(line.publish(folder, artifact, *told(case)))
    row = line.install(artifact)

    assert (artifact, case.kind) == (row["id"], row["kind"])
    own = tree(folder)
    own = {path: file for path, file in own.items() if path not in (".gitignore", "out.log")}
    assert {sha256(data) for data, _ in own.values()} <= line.blobs()
    if case.kind in PLACES:
        names = {"name": case.name, "version": row["version"], "installed": case.installed or case.name}
        assert own == tree(line.work / PLACES[case.kind].format(**names))


@pytest.mark.parametrize("case", THROUGH, ids=lambda case: case.name)
def test_a_real_folder_gets_through_in_one_try(line: Line, case: Case, tmp_path: Path) -> None:
    """What is harmless is published, admitted and installed as its author wrote it, byte for byte."""
    taken(line, case, case.write(tmp_path))


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_refused_folder_gets_through_with_the_line_that_mends_it(line: Line, case: Case, tmp_path: Path) -> None:
    """There is one fault, which says what to write; with just that written the folder gets through."""
    folder = case.write(tmp_path)
    with pytest.raises(Refused) as refused:
        line.publish(folder, f"@ann/{case.name}", *told(case))
    faults = [finding for finding in refused.value.findings if finding.level == "fail"]

    assert 1 == len(faults), faults
    assert case.refused in faults[0].message
    if case.mend:
        case.mend(folder, faults[0].hint)
        taken(line, case, folder)


def test_a_repository_of_skills_is_published_at_once(line: Line) -> None:
    """Every skill folder in it is found; one that is a link is published where it is named, as what it points to."""
    repository = line.folder / "of skills"
    for folder in ("skills/one", "skills/-two", "../elsewhere/three"):
        path = repository / folder
        path.mkdir(parents=True)
        (path / "SKILL.md").write_bytes(skill(path.name.strip("-")))
    (repository / "skills/three").symlink_to("../../elsewhere/three")
    for command in ("init", "remote add origin https://git.example.org/ann/skills.git"):
        subprocess.run(["git", *command.split()], cwd=repository, check=True, capture_output=True, timeout=20)
    told = ("--registry", str(line.folder / "reg"), "--as", "ann", "--yes")
    versions = ("--version", "1.0.0")
    for name in ("one", "-two"):
        (repository / "skills" / name / "artifact.yaml").write_bytes(b"version: 1.0.0\n")

    said = line.at("of skills").registry("publish", *told)
    again = line.at("of skills/skills").registry("publish", "three", "--id", "@ann/three", *versions, *told)
    dashed = line.at("of skills/skills").registry("publish", *told, "--dry-run", "--id", "@ann/dashed", "--", "-two")

    assert "@ann/one 1.0.0 (2 files)" in said
    assert "@ann/two 1.0.0 (2 files)" in said
    assert "three" not in said
    assert "@ann/three 1.0.0 (1 files)" in again
    assert "@ann/dashed 1.0.0 (2 files)" in dashed
