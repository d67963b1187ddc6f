"""A forge that repeats the token which it was given: no verb shows or keeps it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bad_input.stage import Stage, look
from tests.forge.conftest import github, github_home
from tests.forge.github_fake import JOB_TOKEN, Fault, GitHub
from tests.stories.test_forge import Forge

pytestmark = pytest.mark.slow
__all__ = ["github", "github_home"]

HEAD = "0" * 40
VERBS = (
    ("admit",),
    ("queue", "list"),
    ("queue", "export", "-o", "queue.json"),
    ("intake", "acme/solar@v1"),
    ("report", "--base", "main", "--head", HEAD, "--check", "registry/gate"),
    ("moderators", "account", "zoe", "zoe", "--yes"),
    ("publish", "one", "--id", "@ann/one", "--version", "1.0.0", "--as", "ann", "--yes"),
)


@pytest.fixture
def forge(github: GitHub, tmp_path: Path) -> Forge:
    return Forge(github, github.api, tmp_path)


def test_no_verb_says_the_token(forge: Forge) -> None:
    """Neither on a terminal nor for scripts, and in no file; whatever the forge answers."""
    stage = Stage(forge.folder / "job")
    stage.world = replace(forge.job.world, cwd=stage.work)
    stage.put("one", {"SKILL.md": b"---\nname: one\ndescription: Finds links.\nlicense: MIT\n---\nLook.\n"})
    body = json.dumps({"message": f"bad token {JOB_TOKEN}", "errors": [{"message": JOB_TOKEN}]}).encode()
    headers = {"Location": f"https://{JOB_TOKEN}@elsewhere.example/?{JOB_TOKEN}"}
    told = {}
    for line in VERBS:
        for status in (302, 401, 403, 422, 500):
            forge.github.faults = [Fault(status, headers, body)] * 20
            told[line, status] = stage.call(*line, *forge.at, *(("--json",) if status % 2 else ()))

    assert [] == [which for which, one in told.items() if one.code == 0]
    assert [] == [which for which, one in told.items() if JOB_TOKEN in one.out + one.err]
    assert [] == [path for path, (_, data) in look(forge.folder).items() if JOB_TOKEN.encode() in data]
