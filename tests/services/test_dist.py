"""The `dist` branch as a commit: the same everywhere, and never in the place of somebody else's work."""

import json
from collections.abc import Mapping

import pytest

from registry_tool.core.distributed import TABLE
from registry_tool.core.errors import NotTrusted, RegistryError, StateForbids
from registry_tool.core.payload import PayloadFile
from registry_tool.core.times import from_seconds
from registry_tool.feeds.dist import dist_feeds
from registry_tool.kinds import all_kinds
from registry_tool.services.built import Build
from registry_tool.services.dist import commit_of, demand_ours, distribution_of
from registry_tool.services.publisher import build
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory, a_registry
from tests.feeds.native_scene import reading_room, skill
from tests.sites import AUTHOR, built, committed, means

RUN = PayloadFile(b"#!/bin/sh\n", executable=True)
TEXT = PayloadFile(b"---\nname: pdf\ndescription: x\n---\n")


def laid_out(registry: RegistryInMemory, *, at: int = 1_800_000_000) -> Build:
    """The build of the branch; `at` is when the registry's main line was written."""
    history, kinds = committed(registry.files, at=at), all_kinds()
    head = history.resolve("main") or ""
    return build(history, head, kinds=kinds, means=means(kinds), feeds=dist_feeds(), key="", remembered={})


def written(registry: RegistryInMemory, *, at: int = 1_800_000_000) -> tuple[GitHistory, str]:
    """A fresh repository with the commit in it."""
    history = GitHistory.memory()
    return history, commit_of(distribution_of(laid_out(registry, at=at)), history)


def with_a_script() -> RegistryInMemory:
    registry = reading_room()
    spec = {"native_name": "pdf", "entry": "SKILL.md"}
    registry.publish("@ann/pdf", "1.0.0", {"SKILL.md": TEXT, "run.sh": RUN}, kind="skill", spec=spec)
    registry.admit("@ann/pdf", "1.0.0", at="2026-11-05T06:07:08Z")
    return registry


def test_the_commit_says_only_what_its_files_say() -> None:
    """No parent; the registry as its author; the newest admission as its time; executable files are executable."""
    registry = with_a_script()
    history, commit = written(registry)
    info, tree = history.info(commit), history.tree(commit)
    entry = {name: getattr(tree.entry(f"skills/pdf/{name}"), "type", None) for name in ("SKILL.md", "run.sh")}

    assert ((), "The Reading Room <>", "2026-11-05T06:07:08Z") == (info.parents, info.author, from_seconds(info.at))
    assert f"What The Reading Room lets in: 1 release\n\nRegistry: {registry.id}" == info.message.rstrip("\n")
    assert {"SKILL.md": "file", "run.sh": "executable"} == entry
    assert (None, None) == (tree.read("chains/registry.json"), tree.read("index/registry.yaml"))


def test_the_same_registry_gives_the_same_commit() -> None:
    """Whenever its own commits were made, and wherever."""
    registry = with_a_script()

    assert written(registry)[1] == written(registry, at=1_900_000_000)[1]


def test_what_was_taken_back_is_in_no_commit_of_the_branch() -> None:
    """The branch has no past, so nothing that it holds can be asked for once it is gone."""
    registry = reading_room()
    skill(registry, "@ann/pdf")
    first = written(registry)[1]
    skill(registry, "@ann/pdf", "1.1.0", files={"bad.txt": "bad"})
    registry.event("@ann/pdf", "1.1.0", "withhold")

    assert first == written(registry)[1]


def test_an_empty_registry_has_a_branch_that_says_so() -> None:
    """What was the last release can be taken back too."""
    history, commit = written(reading_room())

    assert [] == json.loads(history.tree(commit).read(TABLE) or b"")["releases"]
    assert "lets in: 0 releases" in history.info(commit).message


@pytest.mark.parametrize(("name", "author"), [("A <b@c>\\u0007 d", "A b@c d <>"), ("<>", "A registry <>")])
def test_a_name_that_git_cannot_hold_is_written_without_what_it_cannot(name: str, author: str) -> None:
    """Angle brackets and control characters would end the author's line."""
    registry = a_registry(demo=False)
    registry.files["index/registry.yaml"] = f'name: "{name}"\n'.encode()
    history, commit = written(registry)

    assert author == history.info(commit).author


def test_what_does_not_verify_is_not_laid_out() -> None:
    """The branch is made as a site is: from verified records alone."""
    registry = with_a_script()
    path = next(path for path in registry.files if path.endswith("/admission.json"))
    signature = next(one for one in registry.files if one.startswith(path.removesuffix("json")) and one != path)
    registry.files[signature] = bytes(64)
    with pytest.raises(NotTrusted):
        laid_out(registry)


def test_a_build_of_a_site_is_no_branch() -> None:
    """It has no table to make a commit from."""
    with pytest.raises(RegistryError, match=r"no dist\.json"):
        distribution_of(built(committed(reading_room().files)))


def other(files: Mapping[str, bytes], *, onto: bool = False) -> tuple[GitHistory, str]:
    """A repository whose branch holds something else, perhaps grown from another commit."""
    history = GitHistory.memory()
    first = history.commit({"a": b"a"}, onto=None, message="a", author=AUTHOR, at=1) if onto else None
    return history, history.commit(dict(files), onto=first, message="b", author=AUTHOR, at=2)


@pytest.mark.parametrize(
    ("files", "onto"),
    [({"README.md": b"mine"}, False), ({TABLE: b"{}"}, False), ({TABLE: b"ours"}, True)],
    ids=["a file", "a table that is none", "a past"],
)
def test_a_branch_with_something_else_is_left_alone(files: Mapping[str, bytes], onto: bool) -> None:
    """Somebody's work would be lost."""
    registry = reading_room()
    if onto:
        history, commit = written(registry)
        files = {TABLE: history.tree(commit).read(TABLE) or b""}
    history, commit = other(files, onto=onto)
    with pytest.raises(StateForbids) as refused:
        demand_ours(history, commit, branch="dist", registry=registry.id)

    assert "other-branch" == refused.value.code


def test_the_branch_of_this_registry_is_replaced_and_anothers_is_not() -> None:
    """The id in the table decides, not the name of the branch."""
    registry = reading_room()
    history, commit = written(registry)
    demand_ours(history, commit, branch="dist", registry=registry.id)
    demand_ours(history, None, branch="dist", registry=registry.id)
    with pytest.raises(StateForbids):
        demand_ours(history, commit, branch="dist", registry="0" * 64)
