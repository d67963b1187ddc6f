"""A small runner of GitHub's workflows: as much of one as ours use, on this machine.

It runs `run:` steps in bash as GitHub does, with their `env:` filled in from `${{ }}`. What an expression says is given
by the test, so that one which nobody thought of fails; outputs of steps and jobs are looked up. Of the actions it
knows those that ours need: keeping an artifact, taking it, and putting it on Pages.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Step = Mapping[str, Any]  # Any: YAML
_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")
_OUTPUT = re.compile(r"(steps|needs)\.([a-z]+)\.outputs\.([a-z_]+)")


@dataclass
class Done:
    """What a step came to."""

    code: int
    out: str
    err: str


@dataclass
class Runner:
    """A machine, for the jobs of one event."""

    folder: Path
    env: Mapping[str, str]
    """What GitHub sets for every step, and what the machine has."""
    said: Mapping[str, str]
    """Expression to its value for this event."""
    pages: Path
    """The folder that Pages serves, and the address where."""
    url: str
    leave_out: frozenset[str] = frozenset()
    """Names of steps that are not run."""
    ready: Callable[[Path], None] = lambda temp: None
    """Prepares a fresh machine."""
    jobs: dict[str, dict[str, str]] = field(default_factory=dict)
    """Outputs by job."""
    summary: str = ""
    steps: dict[str, Done] = field(default_factory=dict)
    """By name, of the last job."""

    @property
    def temp(self) -> Path:
        """The folder of the job that runs."""
        return self.folder / "temp"

    @property
    def artifacts(self) -> Path:
        """What jobs kept, by name."""
        return self.folder / "artifacts"

    def job(self, workflow: bytes, name: str) -> bool:
        """Runs a job on a fresh machine, up to a step that fails; whether none did."""
        text = yaml.safe_load(workflow)
        job = text["jobs"][name]
        shutil.rmtree(self.temp, ignore_errors=True)
        self.temp.mkdir(parents=True)
        self.ready(self.temp)
        outputs: dict[str, str] = {}
        self.steps, well = {}, True
        env = {key: self._filled(value, outputs) for key, value in job.get("env", {}).items()}
        for step in job["steps"]:
            if step["name"] in self.leave_out or not self._wanted(step, outputs, well=well):
                continue
            done = self._run(step, env, outputs) if "run" in step else self._use(step, outputs)
            self.steps[step["name"]] = done
            well = well and (done.code == 0 or bool(step.get("continue-on-error")))
        named = job.get("outputs", {}).items()
        self.jobs[name] = {key: self._filled(value, outputs) for key, value in named} if well else {}
        return well

    def _wanted(self, step: Step, outputs: dict[str, str], *, well: bool) -> bool:
        """Whether a step runs: without a condition where all went well so far."""
        condition = step.get("if")
        return well if condition is None else self._filled(condition, outputs) == "true"

    def _filled(self, value: object, outputs: Mapping[str, str]) -> str:
        def say(found: re.Match[str]) -> str:
            output = _OUTPUT.fullmatch(found[1])
            if found[1] == "runner.temp":
                return str(self.temp)
            if output is None or found[1] in self.said:
                return self.said[found[1]]
            of, name, key = output.groups()
            return self.jobs[name][key] if of == "needs" else outputs[f"{name}.{key}"]

        return _EXPRESSION.sub(say, str(value))

    def _run(self, step: Step, env: Mapping[str, str], outputs: dict[str, str]) -> Done:
        here = self.folder / "files"
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir()
        (here / "script.sh").write_text(step["run"])
        (here / "output").touch()
        (here / "summary").touch()
        (here / "work").mkdir()
        own = {key: self._filled(value, outputs) for key, value in step.get("env", {}).items()}
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(here / "script.sh")],
            cwd=here / "work",
            env={
                **self.env,
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_OUTPUT": str(here / "output"),
                "GITHUB_STEP_SUMMARY": str(here / "summary"),
                **env,
                **own,
            },
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        self.summary += (here / "summary").read_text()
        for line in (here / "output").read_text().splitlines():
            key, _, value = line.partition("=")
            outputs[f"{step['id']}.{key}"] = value
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def _use(self, step: Step, outputs: dict[str, str]) -> Done:
        action = step["uses"].partition("@")[0]
        given = {key: self._filled(value, outputs) for key, value in step.get("with", {}).items()}
        if action == "actions/upload-artifact":
            source = Path(given["path"])
            if source.is_file():
                (self.artifacts / given["name"]).mkdir(parents=True, exist_ok=True)
                shutil.copy(source, self.artifacts / given["name"] / source.name)
            return Done(0 if source.is_file() or given["if-no-files-found"] == "ignore" else 1, "", "")
        if action == "actions/download-artifact":
            there = self.artifacts / given["name"]
            if there.is_dir():
                shutil.copytree(there, given["path"], dirs_exist_ok=True)
            return Done(0 if there.is_dir() else 1, "", "")
        assert "actions/deploy-pages" == action
        packed = self.artifacts / "github-pages" / "artifact.tar"
        self.pages.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-xf", str(packed), "-C", str(self.pages)], check=True, timeout=60)
        outputs[f"{step['id']}.page_url"] = self.url
        return Done(0, "", "")


def machine(home: Path, *, server: str, name: str, api: str) -> dict[str, str]:
    """The environment of a step: a repository `name` at a `server` whose API is at `api`."""
    home.mkdir(exist_ok=True)
    pip = {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
    return pip | {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PIP_NO_COMPILE": "1",  # most of what a job installs is never imported here
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": server,
        "GITHUB_REPOSITORY": name,
        "GITHUB_API_URL": api,
        "GITHUB_RUN_ID": "1",
    }
