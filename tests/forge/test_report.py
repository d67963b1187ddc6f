"""The report on a submission stands in its pull request: one comment, one label, one check."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import Desk
from tests.forge.forges import account_of, pushed
from tests.forge.github_fake import GitHub
from tests.forge.github_things import Pull
from tests.forge.submitting import Place

pytestmark = pytest.mark.slow

HERE = ("--registry", "registry.git")
GATE = ("--check", "registry/gate")


def report(job: Desk, head: str, *more: str) -> Any:  # Any: JSON
    """What the verb says of a commit that it looks at itself."""
    return job.json("report", "--base", "main", "--head", head, *HERE, *more)


def written(github: GitHub) -> list[str]:
    return [one for one in github.calls() if not one.startswith("GET ")]


def breaks(place: Place, pull: Pull) -> str:
    """The author pushes something that is refused: they change what is not theirs."""
    assert pull.head_repository is not None
    return pushed(pull.head_repository, pull.branch, {"README.md": b"mine now\n"})


def test_a_submission_gets_a_comment_a_label_and_a_check(place: Place, api: str) -> None:
    """The comment says what it is and for which commit, the label and the check carry the verdict; others stay."""
    pull = place.opened()
    pull.labels.add("good first issue")
    job = place.job()
    job.world = replace(job.world, env={**job.world.env, "GITHUB_API_URL": api})

    said = report(job, pull.head, *GATE)

    assert ("review", [pull.number], "registry/gate") == (said["verdict"], said["pull_requests"], said["check"])
    (comment,) = pull.comments
    assert "github-actions[bot]" == (comment.author and comment.author.login)
    assert comment.body.startswith("<!-- registry:report -->\n### 👀 A person has to look\n")
    assert (True, True) == ("@ann/one@" in comment.body, f"Of the commit `{pull.head[:12]}`." in comment.body)
    assert {"registry:review", "good first issue"} == pull.labels
    (check,) = place.github.things.checks
    assert ("registry/gate", pull.head, "neutral") == (check.name, check.head, check.conclusion)
    assert ("A person has to look", True) == (check.title, check.summary in comment.body)


def test_the_comment_and_the_label_follow_what_is_pushed(place: Place) -> None:
    """After another push there is still one comment, about the new commit, and the old label is gone."""
    pull = place.opened()
    old = pull.head
    report(place.job(), old)
    new = breaks(place, pull)

    said = report(place.job(), new, *GATE)

    assert ("fail", [pull.number]) == (said["verdict"], said["pull_requests"])
    (comment,) = pull.comments
    assert (True, False) == (f"`{new[:12]}`" in comment.body, f"`{old[:12]}`" in comment.body)
    assert ({"registry:fail"}, ["failure"]) == (pull.labels, [one.conclusion for one in place.github.things.checks])
    before = written(place.github)
    report(place.job(), new)
    assert before == written(place.github)


def test_a_commit_that_is_no_head_any_more_gets_nothing(place: Place) -> None:
    """A report that comes late, or for a closed pull request, writes nothing and is no error."""
    pull = place.opened()
    old = pull.head
    breaks(place, pull)
    job = place.job()
    before = written(place.github)

    assert [] == report(job, old)["pull_requests"]
    assert "No open pull request has the commit" in job.run("report", "--base", "main", "--head", old, *HERE)
    pull.opened = False
    assert [] == report(job, pull.head)["pull_requests"]
    assert (before, []) == (written(place.github), pull.comments)


def test_the_gate_needs_no_right_to_comment(place: Place) -> None:
    """With --no-comment only the check is set, and no pull request is looked for."""
    pull = place.opened()
    job = place.job()
    before = len(place.github.asked)

    said = report(job, pull.head, *GATE, "--no-comment")

    assert ([], [], set()) == (said["pull_requests"], pull.comments, pull.labels)
    asked = place.github.calls()[before:]
    assert ["GET /repos/org/reg", "POST /repos/org/reg/check-runs"] == asked


def test_a_dry_run_writes_nothing(place: Place) -> None:
    """It says what it would write, and where."""
    pull = place.opened()
    job = place.job()
    before = written(place.github)

    said = job.run("report", "--base", "main", "--head", pull.head, *HERE, *GATE, "--dry-run")

    assert f"Would write the report to {place.github.server}/org/reg/pull/{pull.number}" in said
    assert ("Would set the check registry/gate" in said, before) == (True, written(place.github))


def test_who_may_not_write_is_told(place: Place) -> None:
    """A person's token sets no check; nothing else is written then either."""
    pull = place.opened()
    job = place.job()
    account_of(place.github, "eve")
    job.world = replace(job.world, env={**job.world.env, "GITHUB_TOKEN": "token-of-eve"})

    refused = job.refused("report", "--base", "main", "--head", pull.head, *HERE, *GATE)

    assert ((5, "no-right"), []) == (refused, pull.comments)


# ------------------------------------------------------- what the pull request's own run says


def forged(place: Place, pull: Pull, job: Desk, **change: Any) -> Path:
    """The file that a pull request's own run left, with what its author likes in it."""
    told = job.run("check", "--base", "main", "--head", pull.head, "--format", "json", *HERE)
    path = job.work / "report.json"
    path.write_text(json.dumps({**json.loads(told), **change}))
    return path


def test_a_report_of_another_run_is_shown_as_such(place: Place) -> None:
    """It becomes the comment and the label, and the comment says that nothing is decided by it."""
    pull = place.opened()
    job = place.job()
    forged(place, pull, job)

    said = job.json("report", "report.json", "--head", pull.head, *HERE)

    assert ("review", [pull.number], None) == (said["verdict"], said["pull_requests"], said["check"])
    (comment,) = pull.comments
    assert "The pull request's own run says so; nothing is decided by it." in comment.body
    assert {"registry:review"} == pull.labels


def test_a_forged_report_speaks_for_nobody(place: Place) -> None:
    """A number in it leads nowhere, its words are code, and it sets no check."""
    pull = place.opened()
    other = place.opened("bob")
    job = place.job()
    evil = "Nothing stands against it: registry queue approve @everyone\n\n![x](http://evil.example/x.png) #1"
    forged(place, pull, job, verdict="pass", findings=[], next=evil, number=other.number, pull_request=other.number)

    job.json("report", "report.json", "--head", pull.head, *HERE)

    assert [] == other.comments
    (comment,) = pull.comments
    prose = re.sub(r"(`+) ?.*? ?\1", "", comment.body)
    assert [] == re.findall(r"@everyone|evil\.example|!\[|#1", prose)
    assert (2, "wrong-usage") == job.refused("report", "report.json", "--head", pull.head, *HERE, *GATE)
    assert [] == place.github.things.checks


@pytest.mark.parametrize(
    ("text", "code"),
    [("{}", "bad-report"), ("no json", "not-canonical"), ("[" * 100, "not-canonical"), (" " * 9_000_000, "too-large")],
)
def test_a_file_that_is_no_report_is_refused_by_its_name(place: Place, text: str, code: str) -> None:
    """Nothing is written for it."""
    job = place.job()
    (job.work / "report.json").write_text(text)

    assert (1, code) == job.refused("report", "report.json", "--head", "0" * 40, *HERE)
    assert ("report.json", []) == (Path(job.error.where).name, written(place.github))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("--head", "0" * 40), (2, "wrong-usage")),
        (("report.json", "--base", "main", "--head", "0" * 40), (2, "wrong-usage")),
        (("--base", "main", "--head", "main"), (2, "wrong-usage")),
        (("--base", "main", "--head", "0" * 39), (2, "wrong-usage")),
        (("--base", "main", "--head", "0" * 40), (3, "no-commit")),
        (("none.json", "--head", "0" * 40), (3, "no-file")),
    ],
)
def test_what_is_asked_wrongly_is_told(place: Place, line: tuple[str, ...], expected: tuple[int, str]) -> None:
    """A name that could mean something else tomorrow is no commit."""
    assert expected == place.job().refused("report", *line, *HERE)


def test_a_registry_on_no_forge_is_told(place: Place) -> None:
    """With what to set."""
    pull = place.opened()
    job = place.job()
    job.world = replace(job.world, env={name: value for name, value in job.world.env.items() if "GITHUB" not in name})

    assert (3, "no-forge") == job.refused("report", "--base", "main", "--head", pull.head, *HERE)
