"""What a registry on GitHub gets: files that linters, GitHub's own schemas and this project's rules agree with."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry_tool import __version__
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.payload import Files
from registry_tool.forges.github_files import TOOL, files_for, requirement_of
from registry_tool.stores.git import GitHistory
from tests.cli.desk import Desk
from tests.forking import TOOLS, program

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
PINNED = f"registry-tool==1.2.3 --hash=sha256:{64 * 'a'}"
BOTH = {"another registry": files_for(PINNED), "the tool's own repository": files_for(own=True)}
WORKFLOWS = {"validate", "gate", "report", "admit", "publish", "freshen", "recheck", "intake", "lint-ci"}
SCHEMAS = {
    "github-workflows": ".github/workflows/",
    "github-actions": ".github/actions/",
    "github-issue-forms": ".github/ISSUE_TEMPLATE/[fs]",
    "github-issue-config": ".github/ISSUE_TEMPLATE/config",
    "dependabot": ".github/dependabot",
}
WAKES = r"# zizmor: ignore\[dangerous-triggers\] ([^\n]{40,})"
"""The one thing that may be let pass, with its reason."""

both = pytest.mark.parametrize("files", BOTH.values(), ids=list(BOTH))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _committed(desk: Desk) -> dict[str, bytes]:
    """Every file of the registry `reg` on its main line."""
    history = GitHistory.open(desk.work / "reg")
    head = str(history.resolve("main"))
    return {edit.path: history.tree(head).read(edit.path) or b"" for edit in history.changed(None, head)}


def _put(folder: Path, files: Files) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def _ran(*line: str, cwd: Path) -> tuple[int, str]:
    started = program(line[0]) if line[0] in TOOLS else (str(Path(sys.executable).with_name(line[0])),)
    done = subprocess.run([*started, *line[1:]], cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _workflows(files: Files) -> Iterator[tuple[str, Any]]:  # Any: YAML
    for path, data in files.items():
        if path.startswith(".github/workflows/"):
            yield path.rpartition("/")[2].removesuffix(".yml"), yaml.safe_load(data)


def _jobs(files: Files) -> Iterator[tuple[str, Any]]:  # Any: YAML
    for name, text in _workflows(files):
        for job, body in text["jobs"].items():
            yield f"{name}/{job}", body


def _steps(files: Files) -> Iterator[tuple[str, Any]]:  # Any: YAML
    for name, job in _jobs(files):
        for step in job["steps"]:
            yield name, step
    for step in yaml.safe_load(files[".github/actions/publish/action.yml"])["runs"]["steps"]:
        yield "action", step


def _action_texts(files: Files) -> str:
    return "".join(data.decode() for path, data in files.items() if path.endswith(".yml"))


@both
def test_the_linter_of_workflows_finds_nothing(tmp_path: Path, files: Files) -> None:
    """zizmor, at its strictest, has nothing to say beside the triggers that are let pass with a reason."""
    line = ("zizmor", "--offline", "--no-config", "--no-progress", "--collect", "all", "--strict-collection")
    code, said = _ran(*line, "--persona", "auditor", "--color", "never", "--quiet", ".", cwd=_put(tmp_path, files))

    assert (0, "No findings to report. Good job! (3 ignored)\n") == (code, said)


@both
def test_only_three_triggers_are_let_pass(files: Files) -> None:
    """Gate, report and admit have triggers that can be misused, and each says why it does not."""
    found = {name: re.findall(WAKES, files[f".github/workflows/{name}.yml"].decode()) for name in sorted(WORKFLOWS)}

    assert {"admit", "gate", "report"} == {name for name, reasons in found.items() if reasons}
    assert 3 == _action_texts(files).count("zizmor:")


@both
@pytest.mark.parametrize(("schema", "where"), SCHEMAS.items())
def test_files_are_what_github_reads(tmp_path: Path, files: Files, schema: str, where: str) -> None:
    """Every file fits the schema that is published for its kind."""
    paths = [path for path in files if re.match(re.escape(where).replace(r"\[fs\]", "[fs]"), path)]
    code, said = _ran("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *paths, cwd=_put(tmp_path, files))

    assert paths
    assert (0, "ok -- validation done\n") == (code, said)


@both
def test_every_workflow_of_the_survey_is_there(files: Files) -> None:
    """One file for each, which has its name."""
    named = {name: text["name"] for name, text in _workflows(files)}

    assert {name: name for name in WORKFLOWS} == named


@both
def test_a_workflow_has_no_rights_and_a_job_has_those_it_says(files: Files) -> None:
    """`permissions: {}` above, and below what a comment explains; every job ends by itself."""
    assert [] == [name for name, text in _workflows(files) if text["permissions"] != {}]
    assert [] == [name for name, job in _jobs(files) if not job["permissions"] or not job["timeout-minutes"]]
    assert [] == [name for name, job in _jobs(files) if "write-all" in str(job["permissions"])]


@both
def test_writing_rights_are_few(files: Files) -> None:
    """Who may write what, as a whole; where submissions are looked at beside `intake`, only words may be written."""
    writes = {
        name: sorted(right for right, how in job["permissions"].items() if how == "write") for name, job in _jobs(files)
    }

    assert {
        "admit/admit": ["contents", "pull-requests"],
        "freshen/start": ["actions"],
        "gate/gate": ["checks"],
        "intake/answer": ["issues"],
        "intake/intake": ["checks", "contents", "pull-requests"],
        "publish/deploy": ["id-token", "pages"],
        "publish/dist": ["contents"],
        "publish/wake": ["actions"],
        "recheck/tell": ["issues"],
        "report/report": ["pull-requests"],
        "report/wake": ["actions"],
    } == {name: rights for name, rights in writes.items() if rights}


@both
def test_secrets_are_given_to_the_one_step_that_signs(files: Files) -> None:
    """Each key is in one step of a job with an environment, and no other job has a secret."""
    found = [
        (name, step["name"], secret)
        for name, step in _steps(files)
        for secret in re.findall(r"secrets\.([A-Z_]+)", str(step))
    ]
    with_place = {name for name, job in _jobs(files) if "environment" in job}

    assert [
        ("admit/admit", "Be the registry's app", "REGISTRY_APP_KEY"),
        ("admit/admit", "Admit what may go in", "REGISTRY_GATE_KEY"),
        ("publish/build", "Build and sign", "REGISTRY_PUBLISHING_KEY"),
        ("publish/build", "Build and sign", "REGISTRY_TIMESTAMP_KEY"),
    ] == found
    assert {"admit/admit", "publish/build", "publish/deploy"} == with_place
    assert 4 == _action_texts(files).count("secrets.")


@both
def test_actions_are_few_and_pinned(files: Files) -> None:
    """Each is named by a whole commit with its version beside it; none checks anything out or keeps a cache."""
    used = {step["uses"] for _, step in _steps(files) if "uses" in step}

    assert {"upload-artifact", "download-artifact", "deploy-pages", "create-github-app-token"} == {
        one.partition("@")[0].removeprefix("actions/") for one in used
    }
    assert [] == [one for one in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", one)]
    text = _action_texts(files)
    assert len(re.findall(r"uses: actions/[^\n]*@[0-9a-f]{40} # v\d+\.\d+\.\d+\n", text)) == len(
        [step for _, step in _steps(files) if "uses" in step]
    )


@both
def test_no_text_from_outside_becomes_a_command(files: Files) -> None:
    """No `run:` holds an expression: values come through `env:`, and are quoted."""
    assert [] == [(name, step["name"]) for name, step in _steps(files) if "${{" in step.get("run", "")]


@both
def test_nothing_that_came_in_is_checked_out(files: Files) -> None:
    """Repositories are bare, and the one archive of a submission is what the linter of workflows reads."""
    runs = [(name, line) for name, step in _steps(files) for line in step.get("run", "").splitlines()]

    assert [] == [
        line for _, line in runs if re.search(r"git.* (checkout|clone|worktree|switch|restore|reset)\b", line)
    ]
    assert {"lint-ci/lint-ci"} == {name for name, line in runs if "archive submission" in line}


@both
def test_everything_installed_has_a_hash(files: Files) -> None:
    """pip takes only what the lock names by hash, and never a source that would run at install."""
    installs = [step["run"] for name, step in _steps(files) if "pip install" in step.get("run", "").replace('"', "")]

    assert len(installs) >= 9
    assert [] == [run for run in installs if "--require-hashes" not in run or "--only-binary :all:" not in run]


def test_what_has_a_schedule_is_switched_on_again(tmp_path: Path) -> None:
    """Whatever GitHub would switch off in a quiet registry is in the list of what its next guest wakes."""
    files = files_for(PINNED)
    scheduled = {name for name, text in _workflows(files) if "schedule" in text[True]}  # YAML reads `on` as true
    steps = [step["run"] for name, step in _steps(files) if name.endswith("/wake")]

    assert 2 == len(steps)
    assert [scheduled] * 2 == [set(re.findall(r"for workflow in ([a-z ]+);", run)[0].split()) for run in steps]


def test_this_repository_is_guarded_by_the_same_files() -> None:
    """Its own `.github` is what the templates give, byte for byte."""
    own = files_for(own=True)
    folders = (".github/workflows", ".github/ISSUE_TEMPLATE", ".github/actions")
    there = [path for folder in folders for path in (REPOSITORY / folder).rglob("*") if path.is_file()]

    assert own == {path: (REPOSITORY / path).read_bytes() for path in own}
    assert {path.relative_to(REPOSITORY).as_posix() for path in there} <= own.keys()


def test_init_writes_exactly_these(desk: Desk) -> None:
    """`init --forge github --tool` commits the files, with that tool in the lock."""
    desk.run("init", "reg", "--forge", "github", "--tool", PINNED, "--bins", "2", "--yes")
    expected = files_for(PINNED)

    assert expected == {path: data for path, data in _committed(desk).items() if path.startswith(".github/")}
    assert expected[TOOL].decode().endswith(f"\n{PINNED}\n")


def test_a_tool_that_nobody_named_is_to_be_filled_in(desk: Desk) -> None:
    """Without `--tool` the lock ends with what to write, which pip does not read, and `init` says so."""
    said = desk.run("init", "reg", "--forge", "github", "--bins", "2", "--yes")
    lines = files_for()[TOOL].decode().splitlines()

    assert f"# registry-tool=={__version__} --hash=sha256:" == lines[-1]
    assert [] == [line for line in lines if line.startswith("registry-tool")]
    assert "name the tool and its hash" in said


def test_a_wheel_is_pinned_by_its_bytes(desk: Desk) -> None:
    """`--tool WHEEL` writes the version of its name and its hash, and no path."""
    wheel = Path(desk.put("wheels", {"registry_tool-0.3.0-py3-none-any.whl": b"wheel"}))
    path = str(wheel / "registry_tool-0.3.0-py3-none-any.whl")
    desk.run("init", "reg", "--forge", "github", "--tool", path, "--bins", "2", "--yes")
    lock = _committed(desk)[TOOL]

    assert f"registry-tool==0.3.0 --hash=sha256:{sha256(b'wheel')}" == lock.decode().splitlines()[-1]
    assert str(desk.folder).encode() not in lock


@pytest.mark.parametrize(
    "tool",
    [
        "registry-tool",
        "registry-tool==1.0",
        "registry-tool>=1.0 --hash=sha256:" + 64 * "a",
        "registry-tool==1.0 --hash=sha256:" + 63 * "a",
        "registry-tool==1.0 --hash=sha256:" + 64 * "a" + "\nother==1.0",
        "registry-tool @ http://wheels.example/one.whl --hash=sha256:" + 64 * "a",
        "other==1.0 --hash=sha256:" + 64 * "a",
        "--index-url=https://evil.example/ --hash=sha256:" + 64 * "a",
    ],
)
def test_a_tool_without_a_hash_is_refused(tool: str) -> None:
    """What pip could resolve to other bytes, and what is no requirement of the tool, is no pin."""
    with pytest.raises(InvalidInput) as refused:
        files_for(tool)

    assert "bad-requirement" == refused.value.code


def test_a_tool_is_taken_from_an_address_too() -> None:
    """A wheel that lies at an address is pinned by its hash as well."""
    tool = f"registry-tool @ https://wheels.example/registry_tool-1.0-py3-none-any.whl --hash=sha256:{64 * 'b'}"

    assert files_for(tool)[TOOL].decode().endswith(f"\n{tool}\n")


@pytest.mark.parametrize(
    "name", ["other-1.0-py3-none-any.whl", "registry_tool-1.0.tar.gz", "registry_tool--py3-none-any.whl"]
)
def test_another_wheel_is_refused(name: str) -> None:
    """Only the tool's own wheel is pinned as the tool."""
    with pytest.raises(InvalidInput) as refused:
        requirement_of(name, b"wheel")

    assert "bad-requirement" == refused.value.code


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("--tool", PINNED), (2, "wrong-usage")),
        (("--tool", PINNED, "--forge", "bare"), (2, "wrong-usage")),
        (("--tool", "none.whl", "--forge", "github"), (3, "no-file")),
        (("--tool", "registry-tool", "--forge", "github"), (1, "bad-requirement")),
    ],
)
def test_a_wrong_tool_makes_no_registry(desk: Desk, line: tuple[str, ...], expected: tuple[int, str]) -> None:
    """Where the pin cannot be used, `init` writes nothing."""
    assert expected == desk.refused("init", "reg", "--bins", "2", "--yes", *line)
    assert not (desk.work / "reg").exists()
