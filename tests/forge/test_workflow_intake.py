"""From an author's own job to a submission: the publish action signs, the form asks, and the intake job takes it in."""

from pathlib import Path

import pytest
import yaml

from registry_tool.forges.github_files import files_for
from tests.cli.desk import SKILL
from tests.forge import test_intake
from tests.forge.runner import Runner, machine
from tests.forge.test_intake import Town
from tests.forge.workflow_place import INSTALL, PINNED, has_the_tool

pytestmark = pytest.mark.slow

sigstore, town = test_intake.sigstore, test_intake.town
FILES = files_for(PINNED)
WORKFLOW = FILES[".github/workflows/intake.yml"]
TOKEN = "token-of-a-job"
INSTALLS = {"Install the tool that the registry pins", "Attach it to the release"}


def _signed(town: Town, folder: Path, version: str) -> bytes:
    """What the publish action makes in a job of ann's repository, which has no key and no secret."""
    action = yaml.safe_load(FILES[".github/actions/publish/action.yml"])
    job = yaml.safe_dump({"jobs": {"publish": {"steps": action["runs"]["steps"]}}}).encode()
    card = f"license: MIT\nid: '@ann/pdf'\nversion: {version}\n".encode()
    source = town.author.put(f"action-{version}", {**SKILL, "artifact.yaml": card})
    env = machine(folder / "home", server=town.github.server, name="ann/links", api=town.github.api) | {
        "REGISTRY_IDENTITY_TOKEN": town.sigstore.job(repository_id=str(town.links.id)),
        "REGISTRY_SIGSTORE_CONFIG": str(town.config),
    }
    said = {"inputs.folder": source, "inputs.author": "ann", "inputs.registry": town.path}
    runner = Runner(folder / "action", env, said, folder, "", frozenset(INSTALLS), has_the_tool)
    assert runner.job(job, "publish"), runner.steps
    return (runner.temp / "release.tar").read_bytes()


def _takes(town: Town, folder: Path, **said: str) -> Runner:
    """The machine on which the intake job ran for an event."""
    nothing = {"github.event.issue.body": "", "github.event.client_payload.release || inputs.release": ""}
    told = {"github.token": TOKEN, "github.server_url": town.github.server, **nothing, **said}
    env = machine(folder / "home", server=town.github.server, name=town.registry.full_name, api=town.github.api)
    runner = Runner(folder / "intake", env, told, folder, "", INSTALL, has_the_tool)
    runner.job(WORKFLOW, "intake")
    return runner


def test_a_release_that_a_job_signed_is_taken_in_by_a_form(town: Town, tmp_path: Path) -> None:
    """No clone, no fork, no key: what the action signed waits as a pull request, with its check and its report."""
    packed = _signed(town, tmp_path, "2.0.0")
    town.github.things.release(town.links, "v2.0.0", {"release.tar": packed})
    form = "### Repository\r\n\r\nann/links\r\n\r\n### Tag\r\n\r\nv2.0.0\r\n"
    runner = _takes(town, tmp_path, **{"github.event.issue.body": form})
    pull = town.github.things.pulls[-1]

    assert {"intake": {"pull": str(pull.number)}} == runner.jobs, runner.steps
    assert "Publish @ann/pdf@2.0.0" == pull.title
    assert ["registry/gate"] == [one.name for one in town.github.things.checks if one.head == pull.head]
    assert 1 == len(pull.comments)


@pytest.mark.parametrize(
    "form",
    [
        "### Repository\n\nann/links\n\n### Tag\n\n",
        "### Repository\n\n_No response_\n\n### Tag\n\nv1.0.0\n",
        "### Repository\n\n--registry=https://evil.example/x.git\n\n### Tag\n\nv1.0.0\n",
        "### Repository\n\n$(touch owned)\n\n### Tag\n\n`touch owned`\n",
        "### Repository\n\nann/links@v1.0.0; touch owned\n\n### Tag\n\nv1.0.0\n",
    ],
)
def test_a_form_is_only_data(town: Town, tmp_path: Path, form: str) -> None:
    """What is no repository and no tag is refused in one line, and nothing of it is run."""
    runner = _takes(town, tmp_path, **{"github.event.issue.body": form})

    assert {"intake": {}} == runner.jobs
    assert '"error"' in runner.steps["Take the release in"].out
    assert [] == list(tmp_path.rglob("owned"))


def test_the_schedule_asks_every_source(town: Town, tmp_path: Path) -> None:
    """Without a form and without a release, the repositories in the registry's own table are looked through."""
    runner = _takes(town, tmp_path)

    assert {"intake": {"pull": ""}} == runner.jobs, runner.steps
