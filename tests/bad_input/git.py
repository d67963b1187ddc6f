"""Registries and submissions that are made with git itself."""

import os
import subprocess
from pathlib import Path

from tests.bad_input.stage import Stage

WHO = {
    "GIT_AUTHOR_NAME": "ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
}


def git(*args: str, cwd: Path, data: bytes = b"", **env: str) -> str:
    """What git says."""
    done = subprocess.run(["git", *args], cwd=cwd, check=True, capture_output=True, input=data, env={**WHO, **env})
    return done.stdout.decode().strip()


def registry_here(stage: Stage) -> Path:
    """A fresh registry in the person's folder, whose moderator they are."""
    stage.done("init", "reg", "--name", "Example", "--url", "https://registry.example/", "--yes")
    return stage.work / "reg"


def admitted(stage: Stage, folder: str, author: str) -> str:
    """Publishes a folder into `reg` and approves it; the id of the submission."""
    identity: str = stage.done("publish", folder, "--as", author, "--registry", "reg", "--yes")["submission"]
    stage.done("queue", "approve", identity, "--registry", "reg", "--note", "read it")
    return identity
