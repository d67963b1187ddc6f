"""What jobs ask of GitHub's API themselves: to wake, to start, to open and to answer; and what lint-ci lets in."""

import http.server
import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from registry_tool.forges.github_files import files_for
from tests.forge.prism import DESCRIPTION
from tests.forge.runner import Runner, machine
from tests.forge.workflow_place import PINNED, Place, place_at
from tests.forking import program

pytestmark = pytest.mark.slow

AT = "/repos/acme/registry"
SCHEDULED = ("admit", "freshen", "recheck", "intake")
FILES = {path.rpartition("/")[2].removesuffix(".yml"): data for path, data in files_for(PINNED).items()}
Answers = dict[tuple[str, str], str]


class Api:
    """Answers from a table, with 404 beside it, and remembers what was asked with which token."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, Any]] = []  # Any: JSON
        self.tokens: set[str] = set()

    def take(self, method: str, path: str, token: str, body: bytes) -> tuple[int, str]:
        """The answer to a request."""
        self.asked.append((method, path, json.loads(body) if body else None))
        self.tokens.add(token)
        answer = self.answers.get((method, path))
        return (404, "{}") if answer is None else (200, answer)

    @property
    def written(self) -> list[tuple[str, str, Any]]:  # Any: JSON
        """What was asked to be changed."""
        return [one for one in self.asked if one[0] != "GET"]


@contextmanager
def api_at(api: Api) -> Iterator[str]:
    """A server of it, and its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, said = api.take(self.command, self.path, self.headers["Authorization"], body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said.encode())

        do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815  # as the parent has it

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name; Any: as there
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _ran(folder: Path, api: Api, workflow: str, job: str, **said: str) -> bool:
    """Runs one job against the API; whether it went well."""
    with api_at(api) as address:
        env = machine(folder / "home", server="https://github.example", name="acme/registry", api=address)
        runner = Runner(folder / "run", env, {"github.token": "secret-token", **said}, folder, "")
        return runner.job(FILES[workflow], job)


@pytest.mark.parametrize("workflow", ["report", "publish"])
def test_what_github_switched_off_is_switched_on(tmp_path: Path, workflow: str) -> None:
    """Only what GitHub itself switched off is, not what somebody did; one that is not there is no fault."""
    states = dict(zip(SCHEDULED, ("disabled_inactivity", "disabled_manually", "active", None), strict=True))
    rows = {name: json.dumps({"id": 1, "state": state}, indent=2) for name, state in states.items() if state}
    answers: Answers = {("GET", f"{AT}/actions/workflows/{name}.yml"): row for name, row in rows.items()}
    api = Api(answers | {("PUT", f"{AT}/actions/workflows/admit.yml/enable"): ""})

    assert _ran(tmp_path, api, workflow, "wake")
    assert [("PUT", f"{AT}/actions/workflows/admit.yml/enable", None)] == api.written
    assert {"Bearer secret-token"} == api.tokens


def test_freshen_starts_publish(tmp_path: Path) -> None:
    """By a dispatch on main, which a job's own token may do."""
    path = f"{AT}/actions/workflows/publish.yml/dispatches"
    api = Api({("POST", path): ""})

    assert _ran(tmp_path, api, "freshen", "start")
    assert [("POST", path, {"ref": "main"})] == api.asked


def test_a_start_that_github_refuses_fails_the_job(tmp_path: Path) -> None:
    """An error of the API is not taken for success."""
    assert not _ran(tmp_path, Api({}), "freshen", "start")


@pytest.mark.parametrize(("there", "opened"), [("[]", 1), ('[{"number": 7}]', 0)])
def test_recheck_opens_one_issue(tmp_path: Path, there: str, opened: int) -> None:
    """None while one is open, with the run in it, and with no word from the registry."""
    api = Api({("GET", f"{AT}/issues?state=open&labels=recheck"): there, ("POST", f"{AT}/issues"): "{}"})

    assert _ran(tmp_path, api, "recheck", "tell")
    assert opened == len(api.written)
    for _, _, said in api.written:
        assert ["recheck"] == said["labels"]
        assert said["body"].endswith(" https://github.example/acme/registry/actions/runs/1")


@pytest.mark.parametrize(
    ("result", "pull", "begins", "closed"),
    [
        ("success", "12", "It was taken in as #12.", True),
        ("success", "", "It was taken in.", True),
        ("failure", "", "It was not taken in.", False),
    ],
)
def test_intake_answers_the_form(tmp_path: Path, result: str, pull: str, begins: str, closed: bool) -> None:
    """The issue hears what became of it, and is closed where it was taken in."""
    issue = f"{AT}/issues/5"
    api = Api({("POST", f"{issue}/comments"): "{}", ("PATCH", issue): "{}"})
    said = {"github.event.issue.number": "5", "needs.intake.outputs.pull": pull, "needs.intake.result": result}
    well = _ran(tmp_path, api, "intake", "answer", **said)
    comment, *more = api.asked

    assert well
    assert comment[2]["body"].startswith(begins)
    assert [("PATCH", issue, {"state": "closed", "state_reason": "completed"})] * closed == more


def _asked(folder: Path) -> list[tuple[str, str, Any]]:  # Any: JSON
    """Everything that these jobs ask."""
    issues, workflows, issue = f"{AT}/issues", f"{AT}/actions/workflows", f"{AT}/issues/5"
    waking = {("GET", f"{workflows}/{name}.yml"): '{"state": "disabled_inactivity"}' for name in SCHEDULED}
    jobs: list[tuple[str, str, Answers]] = [
        ("publish", "wake", waking | {("PUT", f"{workflows}/{name}.yml/enable"): "" for name in SCHEDULED}),
        ("freshen", "start", {("POST", f"{workflows}/publish.yml/dispatches"): ""}),
        ("recheck", "tell", {("GET", f"{issues}?state=open&labels=recheck"): "[]", ("POST", issues): "{}"}),
        ("intake", "answer", {("POST", f"{issue}/comments"): "{}", ("PATCH", issue): "{}"}),
    ]
    said = {"github.event.issue.number": "5", "needs.intake.outputs.pull": "", "needs.intake.result": "success"}
    found = []
    for workflow, job, answers in jobs:
        api = Api(answers)
        assert _ran(folder, api, workflow, job, **said)
        found += api.asked
    return found


@pytest.mark.network
def test_every_call_is_one_that_github_describes(tmp_path: Path) -> None:
    """Path, method and body of each are in GitHub's own published description of its API."""
    line = ["tar", "-xzOf", str(DESCRIPTION.fetched()), "package/generated/api.github.com.json"]
    whole = json.loads(subprocess.run(line, check=True, capture_output=True).stdout)
    paths = {re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(path)): path for path in whole["paths"]}
    calls = _asked(tmp_path)

    assert 13 == len(calls)
    for method, path, body in calls:
        bare = path.partition("?")[0]
        described = [whole["paths"][one][method.lower()] for form, one in paths.items() if re.fullmatch(form, bare)]
        assert described, path
        if body is not None:
            schema = described[0]["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.validate(body, {"components": whole["components"], **schema})


def _lints(place: Place, files: dict[str, str]) -> tuple[bool, str]:
    """Whether lint-ci lets a change in, and what it says; with this checkout's linters."""

    def has_linters(temp: Path) -> None:
        (temp / "lint" / "bin").mkdir(parents=True)
        (temp / "lint" / "bin" / "zizmor").symlink_to(Path(sys.executable).with_name("zizmor"))
        checker = temp / "lint" / "bin" / "check-jsonschema"
        checker.write_text(f'#!/bin/sh\nexec {shlex.join(program("check-jsonschema"))} "$@"\n')
        checker.chmod(0o755)

    place.edit("change", files, onto="main")
    runner = place.runner(place.opened("change"))
    runner.leave_out, runner.ready = frozenset({"Install what looks at workflows"}), has_linters
    well = runner.job(place.workflow("lint-ci"), "lint-ci")
    said = runner.steps["Look at them"]
    return well, re.sub(r"\x1b\[[0-9;]*m", "", said.out + said.err)  # in a job it paints


def test_lint_ci_lets_a_harmless_change_in(tmp_path: Path) -> None:
    """A word in a form."""
    with place_at(tmp_path) as place:
        flag = place.files[".github/ISSUE_TEMPLATE/flag.yml"].decode().replace("What happens", "What you saw")

        assert (True, "") == (_lints(place, {".github/ISSUE_TEMPLATE/flag.yml": flag})[0], "")


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        (".github/workflows/validate.yml", "permissions: {}", "permissions: write-all", "excessive-permissions"),
        (".github/workflows/validate.yml", 'cd "$RUNNER_TEMP"', "cd ${{ github.head_ref }}", "template-injection"),
        (".github/workflows/validate.yml", "timeout-minutes: 15", "timeout-minutes: often", "timeout-minutes"),
        (".github/workflows/publish.yml", "@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128 ", "@main ", "unpinned-uses"),
        (".github/actions/publish/action.yml", "using: composite", "using: magic", "using"),
        (".github/ISSUE_TEMPLATE/flag.yml", "type: dropdown", "type: slider", "slider"),
        (".github/dependabot.yml", "interval: weekly", "interval: always", "always"),
    ],
)
def test_lint_ci_refuses_a_harmful_change(tmp_path: Path, path: str, old: str, new: str, expected: str) -> None:
    """More rights, text from outside in a command, an action by its branch, and what GitHub would not read."""
    with place_at(tmp_path) as place:
        text = place.files[path].decode()
        assert old in text
        well, said = _lints(place, {path: text.replace(old, new)})

    assert not well
    assert expected in said


def test_lint_ci_looks_at_what_a_change_would_hide(tmp_path: Path) -> None:
    """A change that tells git to leave a workflow out of archives has it looked at all the same."""
    with place_at(tmp_path) as place:
        hides = "workflows/more.yml export-ignore\n"
        more = (
            place.files[".github/workflows/validate.yml"].decode().replace("permissions: {}", "permissions: write-all")
        )
        well, said = _lints(place, {".github/.gitattributes": hides, ".github/workflows/more.yml": more})

    assert (False, True) == (well, "excessive-permissions" in said)
