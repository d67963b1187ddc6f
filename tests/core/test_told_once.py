"""What is missing in an author's folder is told once, by whoever says best what to write."""

from dataclasses import replace

import pytest

from registry_tool.core.describe import Said, describe
from registry_tool.core.payload import PayloadFile
from registry_tool.kinds import all_kinds

SAID = Said(artifact="@ann/words", version="1.0.0", author="ann")


@pytest.mark.parametrize(
    ("kind", "files", "expected"),
    [
        ("skill", {"SKILL.md": b"# Words\n"}, ["it has no front matter"]),
        ("skill", {"SKILL.md": b"---\nname: words\n"}, ["the front matter has no end"]),
        ("skill", {"SKILL.md": b"---\nname: words\nlicense: MIT\n---\n"}, ["it has no description"]),
        ("skill", {"SKILL.md": b"---\nname: words\ndescription: x\n---\n"}, ["nothing says the license"]),
        (
            "skill",
            {"SKILL.md": b"---\nname: words\n---\n"},
            ["it has no description", "nothing says the license"],
        ),
        (
            "theme",
            {"notes.txt": b""},
            ["there is no stylesheet", "nothing says the description", "nothing says the license"],
        ),
    ],
)
def test_each_fault_has_one_line_to_write(kind: str, files: dict[str, bytes], expected: list[str]) -> None:
    """A native file that cannot be read, or says itself what to write, is not told again as something missing."""
    payload = {path: PayloadFile(data) for path, data in files.items()}

    described = describe(payload, kinds=all_kinds(), registry="0" * 64, said=replace(SAID, kind=kind))

    assert expected == [finding.message for finding in described.findings if finding.level == "fail"]
    assert "license" in described.missing or "description" in described.missing
