"""What `Remote` refuses, and what it makes of the words of the other side."""

import socket
from functools import partial
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids, Unreachable
from registry_tool.stores.git import GitHistory
from registry_tool.stores.remote import Remote
from tests.stores.gitservers import Daemon
from tests.stores.histories import failure
from tests.stores.origins import To, commit_on, daemon, http, origin, remote, to

__all__ = ["daemon", "http", "origin", "remote", "to"]  # pytest finds fixtures by these names


def test_a_declined_push_says_why_and_obeys_nothing(origin: GitHistory, to: To) -> None:
    """The hook's words come through, its control characters do not."""
    hook = Path(origin.where) / "hooks/pre-receive"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nprintf 'only \\033[31mmembers\\007 \\342\\200\\256may\\n' >&2\nexit 1\n")
    hook.chmod(0o755)
    remote = to(f"file://{origin.where}")
    history, tip = remote.fetch_tip()
    fault = failure(lambda: remote.push(commit_on(history, {"a": b""}, tip), "submit/x"))

    assert (StateForbids, "declined") == (type(fault), fault.code)
    assert "remote: only [31mmembers may" in fault.message
    assert "\033" not in fault.message


def test_no_hook_of_the_person_runs(tmp_path: Path, daemon: Daemon, to: To) -> None:
    """Hooks that settings name are for the person's own work."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction", "post-checkout"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    (tmp_path / "settings").write_text(f"[core]\nhooksPath = {hooks}\n")
    remote = to(daemon.url("reg.git"), GIT_CONFIG_GLOBAL=str(tmp_path / "settings"))
    tip = remote.fetch_tip()[1]
    remote.push(tip, "submit/x")

    assert {"submit/x": tip} == remote.list_branches("submit/")


def test_a_surrounding_git_changes_nothing(tmp_path: Path, origin: GitHistory, to: To) -> None:
    """Inside a hook git sets variables that name another repository; they are not passed on."""
    elsewhere = str(tmp_path / "elsewhere")
    remote = to(f"file://{origin.where}", GIT_DIR=elsewhere, GIT_OBJECT_DIRECTORY=elsewhere, GIT_INDEX_FILE=elsewhere)

    assert origin.resolve("main") == remote.fetch_tip()[1]


@pytest.mark.parametrize(
    ("path", "error", "code"),
    [
        ("401/x", Unreachable, "no-access"),
        ("403/x", Unreachable, "no-access"),
        ("404/x", NotFound, "no-repository"),
        ("nothing.git", NotFound, "no-repository"),
        ("500/x", Unreachable, "no-network"),
    ],
)
def test_what_http_says_becomes_an_error_with_a_way_on(
    http: str, to: To, path: str, error: type[RegistryError], code: str
) -> None:
    """No prompt, one message, one hint."""
    fault = failure(to(f"{http}/{path}").fetch_tip)

    assert (error, code, True) == (type(fault), fault.code, bool(fault.hint))


def test_a_password_in_an_address_is_not_shown(http: str, to: To) -> None:
    """Neither in the place of an error nor in git's words."""
    remote = to(http.replace("//", "//ann:secret@") + "/403/x")
    fault = failure(remote.list_branches)

    assert "secret" not in f"{fault} {fault.hint} {remote.where}"


def test_a_folder_that_is_none_is_said(tmp_path: Path, to: To) -> None:
    """A file address without a repository is `no-repository`."""
    assert failure(to(f"file://{tmp_path}/no").fetch_tip).code == "no-repository"


def test_a_closed_port_is_unreachable(to: To) -> None:
    """Nobody listens: try again later."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    fault = failure(to(f"git://127.0.0.1:{port}/x").fetch_tip)

    assert (Unreachable, "no-network") == (type(fault), fault.code)


def test_silence_ends(to: To) -> None:
    """A server that accepts and says nothing is given up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        remote = to(f"git://127.0.0.1:{server.getsockname()[1]}/x", timeout_seconds=0.3)
        fault = failure(remote.list_branches)

    assert (Unreachable, "timeout") == (type(fault), fault.code)


def test_without_git_it_is_said(origin: GitHistory, to: To) -> None:
    """What to install, or what to do instead."""
    assert failure(to(f"file://{origin.where}", PATH="/nowhere").fetch_tip).code == "no-git"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "-x",
        "--upload-pack=touch x",
        "ext::sh -c touch",
        "fd::3",
        "http://example.org/x",
        "git://example.org/x",
        "http://127.0.0.1.example.org/x",
        "ftp://example.org/x",
        "ssh://-oProxyCommand=x/y",
        "-oProxyCommand=x:y",
        "a@-oProxyCommand=x:y",
        "file://example.org/x",
        "file:relative",
        "/a/path",
        "https://",
        "https://example.org:99999/x",
        "https://example.org/\n",
        "https://[x/",
        "host::path",
    ],
)
def test_an_address_that_could_be_something_else_is_refused(tmp_path: Path, url: str) -> None:
    """Options, commands, plain text over the network."""
    fault = failure(lambda: Remote(url, env={}, workdir=tmp_path))

    assert (InvalidInput, "bad-address") == (type(fault), fault.code)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a.git",
        "https://example.org:8443/a",
        "ssh://git@example.org:22/a",
        "git@example.org:a/b.git",
        "example.org:a",
        "file:///a/b",
        "http://localhost:80/a",
        "http://[::1]:80/a",
    ],
)
def test_the_usual_addresses_are_taken(tmp_path: Path, url: str) -> None:
    """Making a `Remote` touches neither disk nor network."""
    where = Remote(url, env={}, workdir=tmp_path / "none").where

    assert url.replace("//git@", "//") == where
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", ["", "-d", "a..b", "a b", "a/", "a:b", "+a", "a//b", "x.lock", "a/.b", "a^", "a\n"])
def test_a_branch_name_cannot_be_an_option_or_a_rule(tmp_path: Path, name: str) -> None:
    """Refused before git is started."""
    remote = Remote("file:///none", env={}, workdir=tmp_path)
    faults = [failure(lambda: remote.fetch_tip(name)), failure(lambda: remote.push("0" * 40, name))]

    assert ["bad-branch"] * 2 == [fault.code for fault in faults]


def test_only_a_commit_id_is_pushed(tmp_path: Path) -> None:
    """A name, an option or a rule is not."""
    remote = Remote("file:///none", env={}, workdir=tmp_path)

    assert ["bad-commit"] * 3 == [failure(partial(remote.push, text, "a")).code for text in ("main", "-f", "+a:b")]
