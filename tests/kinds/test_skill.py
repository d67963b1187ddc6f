"""Skills, as real folders hold them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core.card import Card
from registry_tool.core.errors import WrongUsage
from registry_tool.core.kind import Reading
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.plan import Place, PutTree
from registry_tool.kinds.skill import KIND
from tests.kinds.releases import verified_of

FACTS = "name: pdf-forms\ndescription: Fills forms."


def folder(facts: str = FACTS, **files: bytes) -> Payload:
    others = {path: PayloadFile(data) for path, data in files.items()}
    return {"SKILL.md": PayloadFile(f"---\n{facts}\n---\n\n# Do this\n".encode()), **others}


def read(facts: str = FACTS, **files: bytes) -> Reading:
    return KIND.read(folder(facts, **files), Card())


def levels(reading: Reading) -> list[str]:
    return [finding.level for finding in reading.findings]


def test_an_ordinary_skill_is_read_without_a_word() -> None:
    """What the agent-skills format knows is read and nothing is remarked."""
    reading = read(
        "name: pdf-forms\ndescription: >-\n  Fills\n  forms.\nlicense: MIT\ncompatibility: Needs poppler\n"
        "metadata:\n  version: '1.2.0'\n  author: ann\nallowed-tools: Bash(git add:*) Read,Write"
    )

    assert reading.findings == ()
    assert reading.native == "SKILL.md"
    assert (reading.needs, reading.unpinned, reading.pins) == ((), (), ())
    assert reading.fields == {
        "name": "pdf-forms",
        "title": "pdf-forms",
        "description": "Fills forms.",
        "license": "MIT",
        "version": "1.2.0",
    }
    assert reading.spec == {
        "native_name": "pdf-forms",
        "entry": "SKILL.md",
        "allowed_tools": ["Bash(git add:*)", "Read", "Write"],
        "scripts": [],
    }


@pytest.mark.parametrize("turn", [lambda text: text.replace(b"\n", b"\r\n"), lambda text: b"\xef\xbb\xbf" + text])
def test_windows_line_ends_and_a_byte_order_mark_refuse_nothing(turn: Callable[[bytes], bytes]) -> None:
    """Such a file reads as the plain one does, and its bytes stay as they are."""
    plain = folder()["SKILL.md"].data

    reading = KIND.read({"SKILL.md": PayloadFile(turn(plain))}, Card())

    assert reading.spec == read().spec
    assert "fail" not in levels(reading)


@pytest.mark.parametrize(
    ("name", "native", "proposed", "level"),
    [
        ("pdf-forms", "pdf-forms", "pdf-forms", []),
        ("PDF Forms", "PDF Forms", "pdf-forms", ["note"]),
        ("pdf_forms", "pdf_forms", "pdf-forms", ["note"]),
        ("\u8868\u683c", "\u8868\u683c", None, ["note"]),
        ("'pdf/forms'", "pdf-forms", "pdf-forms", ["warn"]),
        ("-pdf", "pdf", "pdf", ["warn"]),
        (".pdf", "pdf", "pdf", ["warn"]),
        ("'a:b'", "a-b", "a-b", ["warn"]),
        ("'..'", "skill", None, ["warn"]),
        ("NUL", "skill-nul", None, ["warn"]),
        ("a" * 120, "a" * 64, "a" * 64, ["warn"]),
    ],
)
def test_a_name_that_is_not_tidy_is_kept_or_made_a_folder(
    name: str, native: str, proposed: str | None, level: list[str]
) -> None:
    """The given name stays where a folder can have it; else the one that is used is told."""
    reading = read(f"name: {name}\ndescription: Fills forms.")

    assert native == reading.spec["native_name"]
    assert proposed == reading.fields.get("name")
    assert level == levels(reading)


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        ("name: yes\ndescription: x", 'name: "true"'),
        ("description: x", "name: my-skill"),
        ("name: a", "description: what it does"),
        ("name: a\ndescription:", "description: what it does"),
        ("name: a\ndescription: Use when: it rains", 'description: "Use when: it rains"'),
        ("name: a\nname: b\ndescription: x", "the first is in line 2"),
        ("name: a\ndescription: &d x", "quotes"),
        ("name: a\ndescription: x\nallowed-tools: {a: b}", "allowed-tools: Read, Bash(git log:*)"),
        ("name: a\ndescription: x\nallowed-tools: [1]", "allowed-tools: Read, Bash(git log:*)"),
        ("name: a\ndescription: x\nallowed-tools: ['']", "allowed-tools: Read, Bash(git log:*)"),
    ],
)
def test_a_fault_has_the_line_to_write(facts: str, hint: str) -> None:
    """One finding refuses it, with its place."""
    faults = [finding for finding in read(facts).findings if finding.level == "fail"]

    assert [True] == [hint in fault.hint for fault in faults]
    assert [("SKILL.md", True)] == [(fault.path, bool(fault.line)) for fault in faults]


def test_a_file_without_front_matter_is_refused_with_what_to_write() -> None:
    """The hint holds the lines to put at its top."""
    reading = KIND.read({"SKILL.md": PayloadFile(b"# Do this\n")}, Card())

    assert ["fail"] == levels(reading)
    assert "---\nname: my-skill\ndescription:" in reading.findings[0].hint


@pytest.mark.parametrize(
    ("paths", "entry", "level", "hint"),
    [
        (["SKILL.md"], "SKILL.md", [], ""),
        (["skill.md"], "skill.md", ["warn"], "rename skill.md to SKILL.md"),
        (["SKILL.md", "skill.md"], "SKILL.md", [], ""),
        (["Skill.md", "skill.md"], "skill.md", ["warn"], "rename skill.md to SKILL.md"),
        (["Skill.MD"], "", ["fail"], "rename Skill.MD to SKILL.md"),
        (["README.md"], "", ["fail"], "add a SKILL.md that begins with"),
        (["sub/SKILL.md"], "", ["fail"], "add a SKILL.md that begins with"),
    ],
)
def test_which_file_is_read_never_depends_on_the_system(
    paths: list[str], entry: str, level: list[str], hint: str
) -> None:
    """One spelling is read; a second one beside it is refused by the rule for all paths."""
    reading = KIND.read({path: folder()["SKILL.md"] for path in paths}, Card())

    assert entry == reading.native
    assert level == levels(reading)
    assert all(hint in finding.hint for finding in reading.findings)


def test_a_long_description_is_kept_with_a_warning() -> None:
    """Over 1,024 characters agents may cut it; the manifest holds 4,000."""
    reading = read(f"name: a\ndescription: {'x' * 5000}")

    assert ["warn"] == levels(reading)
    assert reading.fields["description"] == "x" * 4000


@pytest.mark.parametrize(
    ("facts", "version", "hint"),
    [
        ("version: 2.0.1", "2.0.1", None),
        ("version: 2.0.1\nmetadata: {version: 3.0.0}", "3.0.0", None),
        ("metadata: {author: ann}\nversion: 2.0.1", "2.0.1", None),
        ("version: 1.0", None, 'version: "1.0.0"'),
        ("version: 2", None, 'version: "2.0.0"'),
        ("version: v1.2", None, 'version: "1.2.0"'),
        ("version: 01.2.3", None, 'version: "1.2.3"'),
        ("version: first", None, 'version: "1.0.0"'),
        ("version: [1]", None, 'version: "1.0.0"'),
        ("metadata: {version: 1.5}", None, 'version: "1.5.0"'),
        ("metadata: some words", None, ""),
    ],
)
def test_a_version_that_is_none_is_not_taken_and_refuses_nothing(
    facts: str, version: str | None, hint: str | None
) -> None:
    """artifact.yaml, a flag or a tag can say it; the line to write is told."""
    reading = read(f"{FACTS}\n{facts}")

    assert version == reading.fields.get("version")
    assert ([] if hint is None else ["warn"]) == levels(reading)
    assert [hint] * len(reading.findings) == [finding.hint for finding in reading.findings]


@pytest.mark.parametrize(
    ("facts", "license", "level"),
    [
        ("license: Apache-2.0", "Apache-2.0", []),
        ("license: Complete terms in LICENSE.txt", "LicenseRef-LICENSE.txt", ["note"]),
        ("license: Proprietary", None, ["warn"]),
        ("license: 2", None, ["warn"]),
    ],
)
def test_a_licence_that_is_none_refuses_nothing_here(facts: str, license: str | None, level: list[str]) -> None:  # noqa: A002  # a column
    """The manifest needs one, but artifact.yaml or a flag can say it."""
    reading = read(f"{FACTS}\n{facts}", **{"LICENSE.txt": b"Mine."})

    assert license == reading.fields.get("license")
    assert level == levels(reading)


@pytest.mark.parametrize(
    ("tools", "read_as", "level"),
    [
        ("Read, Write", ["Read", "Write"], []),
        ("[Read, Write, Read]", ["Read", "Write"], []),
        ("'Bash(git log:*, git diff) Read'", ["Bash(git log:*, git diff)", "Read"], []),
        ("Bash", ["Bash"], ["review"]),
        ("['Bash(*)', Read]", ["Bash(*)", "Read"], ["review"]),
        ("", [], []),
    ],
)
def test_allowed_tools_are_a_string_or_a_list(tools: str, read_as: list[str], level: list[str]) -> None:
    """Any command without asking is something for a person to look at."""
    reading = read(f"{FACTS}\nallowed-tools: {tools}")

    assert read_as == reading.spec["allowed_tools"]
    assert level == levels(reading)


def test_a_flood_of_allowed_tools_is_refused() -> None:
    """At most 200 names."""
    reading = read(f"{FACTS}\nallowed-tools: {' '.join(f'Tool{n}' for n in range(201))}")

    assert ["fail"] == levels(reading)
    assert len(reading.spec["allowed_tools"]) == 200


def test_unknown_members_are_noted() -> None:
    """Real files have many."""
    assert ["note", "note"] == levels(read(f"{FACTS}\nicon: x\nuser-invocable: true"))


def test_scripts_show_what_they_need_and_prose_does_not() -> None:
    """Links in SKILL.md are no need; what a script reaches, writes and fetches is."""
    reading = read(
        FACTS,
        **{
            "scripts/get.py": b"import requests\nrequests.get('https://api.example.org/v1')\nimport tempfile",
            "install.sh": b"npx prettier@3.1.0 .\ncurl http://localhost:9/",
            "reference.md": b"Run `curl https://other.example.org`.",
        },
    )

    assert reading.spec["scripts"] == ["install.sh", "scripts/get.py"]
    assert reading.needs == ("fs:tmp", "network:api.example.org")
    assert reading.unpinned == ("npm prettier 3.1.0",)
    assert [("skill-network", "warn")] == [(one.check, one.level) for one in reading.findings]
    assert "localhost:9" in reading.findings[0].message


@pytest.mark.parametrize(
    ("place", "folders"),
    [
        (Place(), [".agents/skills/pdf-forms"]),
        (Place(name="forms"), [".agents/skills/forms"]),
        (Place(agents=("claude",)), [".agents/skills/pdf-forms", ".claude/skills/pdf-forms"]),
        (Place(agents=("codex", "cursor")), [".agents/skills/pdf-forms"]),
        (Place(agents=("codex",), personal=True), [".agents/skills/pdf-forms", ".codex/skills/pdf-forms"]),
    ],
)
def test_a_skill_is_written_where_the_agents_look(place: Place, folders: list[str]) -> None:
    """The shared folder always, and the own folder of each agent that is named."""
    payload = folder()

    plan = KIND.plan(verified_of(KIND, payload), place)

    assert [PutTree(path, payload) for path in folders] == list(plan.steps)
    assert plan.notes == ()


def test_the_plan_says_who_sees_it() -> None:
    """Agents that read the shared folder are named without asking, others once they are named."""
    verified = verified_of(KIND, folder())

    assert "Claude Code" not in KIND.plan(verified, Place()).seen_by
    assert "Codex" in KIND.plan(verified, Place()).seen_by
    assert "Claude Code" in KIND.plan(verified, Place(agents=("claude",))).seen_by
    assert "Codex" not in KIND.plan(verified, Place(personal=True)).seen_by


def test_a_skill_with_scripts_says_who_runs_them() -> None:
    """The person reads that an agent does, with its own rights, and how one is started confined."""
    verified = verified_of(KIND, KIND.template(parse_artifact("@acme/links")))

    (note,) = KIND.plan(verified, Place()).notes
    assert note.endswith(f"Confined: registry run {verified.artifact} SCRIPT")


def test_the_template_s_script_finds_broken_links(tmp_path: Path) -> None:
    """It prints what is not there, is silent where all is well, and looks at no code and no web address."""
    program = tmp_path / "broken_links.py"
    program.write_bytes(KIND.template(parse_artifact("@acme/links"))["scripts/broken_links.py"].data)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text(
        "# A b\n[one](b.md#c-d)\n[two](b.md#gone)\n[three](c.md)\n[web](https://example.org)\n[top](#a-b)\n"
    )
    (docs / "b.md").write_text("## C d ##\n```\n[code](x.md)\n```\n")

    broken = subprocess.run(
        [sys.executable, str(program), "docs"], cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False
    )
    (docs / "a.md").write_text("[one](b.md)\n")
    good = subprocess.run(
        [sys.executable, str(program), "docs"], cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False
    )

    assert ["docs/a.md:3: b.md#gone", "docs/a.md:4: c.md"] == broken.stdout.splitlines()
    assert (1, 0, "") == (broken.returncode, good.returncode, good.stdout)


@pytest.mark.parametrize("place", [Place(name="a/b"), Place(name=""), Place(name="-x"), Place(agents=("nobody",))])
def test_a_bad_name_or_an_unknown_agent_is_wrong_usage(place: Place) -> None:
    """Exit code 2, before anything is planned."""
    with pytest.raises(WrongUsage):
        KIND.plan(verified_of(KIND, folder()), place)
