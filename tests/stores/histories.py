"""What the tests of git repositories share: git itself, commits, and errors."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core.errors import RegistryError
from registry_tool.stores.git import GitHistory

ANN = "Ann <ann@example.org>"


def git(where: Path, *words: str, given: bytes = b"") -> str:
    """What git answers in `where`, under settings that are the same everywhere."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(where),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ann",
        "GIT_AUTHOR_EMAIL": "ann@example.org",
        "GIT_COMMITTER_NAME": "Ann",
        "GIT_COMMITTER_EMAIL": "ann@example.org",
        "GIT_AUTHOR_DATE": "1000000000 +0000",
        "GIT_COMMITTER_DATE": "1000000000 +0000",
    }
    command = ["git", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-C", str(where), *words]
    done = subprocess.run(command, env=env, input=given, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def put(history: GitHistory, files: dict[str, bytes], onto: str | None = None, at: int = 1_000_000_000) -> str:
    """A commit with `files` on `onto`."""
    return history.commit(files, onto=onto, message="m", author=ANN, at=at)


def failure(call: Callable[[], object]) -> RegistryError:
    """The error that `call` ends with."""
    with pytest.raises(RegistryError) as caught:
        call()
    return caught.value
