"""Real folders, without a network: each gets through in one try, or is refused with what mends it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.folders import Case, apps, parts, skills
from tests.real.line import Line, Refused, tree

THROUGH = (*skills.THROUGH, *apps.THROUGH, *parts.THROUGH)
REFUSED = (*skills.REFUSED, *apps.REFUSED, *parts.REFUSED)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    yield Line.begin(tmp_path_factory.mktemp("line"), env={"PATH": os.environ["PATH"]})


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
    own = {path: file for path, file in own.items() if not path.startswith(".git") and path != "out.log"}
    if case.kind == "skill":
        assert own == tree(line.work / ".agents/skills" / (case.installed or case.name))


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
