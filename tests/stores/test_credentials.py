"""The token for git: it goes to one server, and lies nowhere."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry_tool.stores.credentials import with_token


def asked(env: Mapping[str, str], folder: Path, server: str, *, verb: str = "fill") -> str:
    """What git's own asking for credentials gives."""
    protocol, _, host = server.partition("://")
    told = f"protocol={protocol}\nhost={host}\n" + ("username=a\npassword=b\n" if verb == "approve" else "")
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "credential", verb]
    done = subprocess.run(
        command, input=told, env={**base, **env}, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout


@pytest.mark.parametrize(
    ("server", "given"),
    [
        ("https://github.com", True),
        ("https://github.com.evil.example", False),
        ("https://evil.example", False),
        ("http://github.com", False),
    ],
)
def test_only_the_server_hears_the_token(tmp_path: Path, server: str, given: bool) -> None:
    """For every other one git has nothing to say."""
    env = with_token({}, server="https://github.com", token="t0ken$(id)`'\"")

    said = asked(env, tmp_path, server)

    assert given == ("username=x-access-token\npassword=t0ken$(id)`'\"\n" in said)
    assert given == ("t0ken" in said)


def test_other_helpers_neither_answer_nor_keep_it(tmp_path: Path) -> None:
    """A helper that stores what worked would write the token to disk; for that server it is not asked."""
    (tmp_path / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    (tmp_path / ".git-credentials").write_text("https://me:mine@github.com\n")
    env = with_token({}, server="https://github.com", token="t0ken")

    assert "password=t0ken" in asked(env, tmp_path, "https://github.com")
    asked(env, tmp_path, "https://github.com", verb="approve")
    assert "https://me:mine@github.com\n" == (tmp_path / ".git-credentials").read_text()


def test_settings_that_were_there_stay(tmp_path: Path) -> None:
    """Rows are added after those of the caller, and without a token nothing is changed."""
    env = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "ann"}

    found = with_token(env, server="https://github.com", token="t0ken")

    assert ("3", "user.name", "") == (
        found["GIT_CONFIG_COUNT"],
        found["GIT_CONFIG_KEY_0"],
        found["GIT_CONFIG_VALUE_1"],
    )
    assert env is with_token(env, server="https://github.com", token=None)
    assert "2" == with_token({"GIT_CONFIG_COUNT": "x"}, server="https://h", token="t")["GIT_CONFIG_COUNT"]
