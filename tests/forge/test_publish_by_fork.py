"""An author publishes with neither a clone nor rights: through a fork and a pull request, or by links."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from registry_tool.cli import main
from registry_tool.stores.git import GitHistory
from tests.forge.forges import account_of, pushed
from tests.forge.github_things import commit_of
from tests.forge.submitting import Place

pytestmark = pytest.mark.slow


def lies_in(folder: Path, secret: str) -> list[str]:
    """The files below a folder that hold a secret."""
    return [str(one) for one in folder.rglob("*") if one.is_file() and secret.encode() in one.read_bytes()]


def test_with_a_token_a_fork_is_made_and_a_pull_request_opened(place: Place, api: str) -> None:
    """The branch is in the fork only, and is the pull request's head; the author sees its address; no token is kept."""
    ann = place.author("ann", api=api)

    said = place.publish(ann, "ann")

    (pull,) = place.github.things.pulls
    fork, branch = place.fork_of("ann"), f"submit/{said['submission'][:12]}"
    url = f"{place.github.server}/org/reg/pull/{pull.number}"
    assert ("pending", url, pull.head) == (said["state"], said["pull_request"], said["commit"])
    assert (fork, branch, "ann", said["commit"]) == (
        pull.head_repository,
        pull.branch,
        pull.author and pull.author.login,
        commit_of(fork, branch),
    )
    assert [] == [name for name in GitHistory.open(place.repository.folder).branches() if name != "main"]
    assert f"Submit @ann/one@{said['releases'][0]['version']}" == pull.title
    (row,) = ann.json("status")
    assert ("pending", url) == (row["state"], row["pull_request"])
    assert url in ann.run("status")
    assert [] == lies_in(place.folder / "ann", "token-of-ann")


def test_a_first_keyring_lists_the_account_that_opens_the_pull_request(place: Place) -> None:
    """By its number, so that with the key there are two signs of who it is; without a token nobody is listed."""
    ann, bob = place.author("ann"), place.author("bob", token=False)
    place.publish(ann, "ann")
    bob.run("publish", "skill", "--as", "bob", *place.here, "--yes")
    fork, there = GitHistory.open(place.fork_of("ann").folder), GitHistory.open(place.repository.folder)
    lists = []
    for history, name in ((fork, "ann"), (there, "bob")):
        (head,) = history.branches("submit/").values()
        data = history.tree(head).read(f"index/authors/{name[:2]}/{name}/keys/1.json")
        lists.append(json.loads(data or b"{}")["accounts"])

    forge = urlsplit(place.github.server).hostname
    assert [[{"forge": forge, "name": "ann", "number": account_of(place.github, "ann").id}], []] == lists


def test_a_second_time_finds_what_the_first_one_did(place: Place) -> None:
    """Nothing is pushed or opened again; after the branch was lost or moved it is put right."""
    ann = place.author("ann")
    first = place.publish(ann, "ann")
    writes = len([one for one in place.github.calls() if not one.startswith("GET ")])

    assert first == place.publish(ann, "ann")
    again = [one for one in place.github.calls() if not one.startswith("GET ")][writes:]
    assert ["POST /repos/org/reg/forks"] == again
    fork, branch = place.fork_of("ann"), f"submit/{first['submission'][:12]}"
    pushed(fork, branch, {"README.md": b"something else\n"})
    second = place.publish(ann, "ann")
    (pull,) = place.github.things.pulls
    assert (pull.head, second["commit"]) == (second["commit"], commit_of(fork, branch))


def test_what_was_half_done_is_finished(place: Place) -> None:
    """Where the pull request could not be opened, the next try opens it for the branch that was pushed."""
    ann = place.author("ann")
    limit = {"Retry-After": "30", "Content-Type": "application/json"}
    place.github.fails(status=403, headers=limit, within="/pulls", method="POST")

    assert (6, "rate-limit") == ann.refused("publish", "skill", "--as", "ann", *place.at, "--yes")
    assert [] == place.github.things.pulls
    said = place.publish(ann, "ann")
    assert [said["commit"]] == [one.head for one in place.github.things.pulls]


def test_without_a_token_both_links_and_lines_that_work_are_printed(place: Place) -> None:
    """Nothing is sent; the lines pasted into a shell, with a fork made in a browser, bring exactly the submission."""
    ann = place.author("ann", token=False)

    said = place.publish(ann, "ann")

    assert "prepared" == said["state"]
    assert {"GET"} == {one.partition(" ")[0] for one in place.github.calls()} | {"GET"}
    server, branch = place.github.server, f"submit/{said['submission'][:12]}"
    assert f"{server}/org/reg/fork" in said["todo"]
    assert f"{server}/org/reg/compare/main...YOU:{branch}?expand=1" in said["todo"]
    assert ["prepared"] == [one["state"] for one in ann.json("status")]
    assert (5, "decided") == ann.refused("withdraw", said["submission"], "--yes")
    fork = place.github.things.fork(place.repository, account_of(place.github, "ann"))
    lines = "\n".join(line.removeprefix("  2. ") for line in said["todo"].splitlines()[3:5])
    env = {**ann.world.env, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraHeader", "GIT_TERMINAL_PROMPT": "0"}
    env["GIT_CONFIG_VALUE_0"] = "Authorization: Basic YW5uOnRva2VuLW9mLWFubg=="  # what a credential helper gives
    lines = lines.replace("your-account", "ann")
    subprocess.run(["sh", "-euc", lines], env=env, check=True, capture_output=True, timeout=60)
    assert said["commit"] == commit_of(fork, branch)
    ann_there = account_of(place.github, "ann")
    place.github.things.open(place.repository, fork, branch, author=ann_there, title="by hand")
    (row,) = ann.json("status")
    assert ("pending", said["commit"]) == (row["state"], row["commit"])


def test_the_words_without_a_token_say_what_to_do(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """People read what was prepared, that nothing was sent, and where their keys are; the exit code is 5."""
    ann = place.author("ann", token=False)

    for verb in (("publish",), ("skill", "publish")):
        with pytest.raises(SystemExit) as ended:
            main([*verb, "skill", "--as", "ann", *place.at, "--yes"], ann.world)
        said = capsys.readouterr().out
        assert (5, True) == (ended.value.code, said.startswith("Prepared the skill @ann/one "))
        assert (True, True) == ("nothing was sent" in said, "Your keys are in" in said)


def test_who_may_push_needs_no_fork(place: Place) -> None:
    """A maintainer's branch is in the registry itself, with its pull request."""
    mod = place.author("mod")
    place.repository.writers.add(account_of(place.github, "mod").id)

    said = place.publish(mod, "mod")

    (pull,) = place.github.things.pulls
    assert (place.repository, said["commit"]) == (pull.head_repository, pull.head)
    assert said["commit"] == commit_of(place.repository, pull.branch)


def test_a_submission_is_taken_back_by_its_pull_request(place: Place, api: str) -> None:
    """It is closed and its branch is gone; a second time says what it is; without a token it says where."""
    ann = place.author("ann", api=api)
    said = place.publish(ann, "ann")
    nobody = place.author("ann", token=False)
    assert (5, "needs-token") == nobody.refused("withdraw", said["submission"], "--yes")
    assert said["pull_request"] in nobody.error.hint

    assert "withdrawn" == ann.json("withdraw", said["submission"], "--yes")["state"]

    (pull,) = place.github.things.pulls
    assert (False, None) == (pull.opened, commit_of(place.fork_of("ann"), pull.branch))
    assert ["withdrawn"] == [one["state"] for one in ann.json("status")]
    assert (5, "decided") == ann.refused("withdraw", said["submission"], "--yes")


def test_a_submission_whose_fork_is_gone_is_taken_back_all_the_same(place: Place) -> None:
    """GitHub closes the pull requests of a deleted fork; where it has not, closing it is enough."""
    ann = place.author("ann")
    said = place.publish(ann, "ann")
    (pull,) = place.github.things.pulls
    place.github.things.remove(place.fork_of("ann"))
    pull.opened = True

    assert "withdrawn" == ann.json("withdraw", said["submission"], "--yes")["state"]
    assert not pull.opened


def test_statements_go_the_same_way(place: Place) -> None:
    """A change of keys is a pull request too; without a token it is refused with what to do, and not lost."""
    ann = place.author("ann")
    first = place.publish(ann, "ann")
    place.moderator.run("queue", "approve", first["submission"], *landed(place, first))
    rotate = ("keys", "rotate", "--use", "signing", "--as", "ann", *place.at, "--yes")
    nobody = place.author("ann", token=False)
    assert (5, "needs-token") == nobody.refused(*rotate)
    assert "/compare/main...YOU:submit/" in nobody.error.hint

    said = ann.json(*rotate)

    assert "pull request: " in ann.talk
    assert 2 == len(place.github.things.pulls)
    assert f"submit/{said['submission'][:12]}" == place.github.things.pulls[1].branch


def landed(place: Place, said: Any) -> tuple[str, ...]:  # Any: JSON
    """The submission as a branch of the registry itself, where a moderator without the forge finds it."""
    git = ["git", "-C", str(place.repository.folder)]
    subprocess.run([*git, "update-ref", f"refs/heads/submit/{said['submission'][:12]}", said["commit"]], check=True)
    return place.here


def test_a_plain_git_address_is_no_forge(place: Place) -> None:
    """On another server than the forge's nothing is asked of an API, and the branch is pushed as ever."""
    ann = place.author("ann")
    env = {name: value for name, value in ann.world.env.items() if not name.startswith("GITHUB_")}
    ann.world = replace(ann.world, env={**env, "GITHUB_TOKEN": "token-of-ann"})
    place.repository.writers.add(account_of(place.github, "ann").id)

    assert (6, "no-access") == ann.refused("publish", "skill", "--as", "ann", *place.at, "--yes")
    assert [] == place.github.calls()
