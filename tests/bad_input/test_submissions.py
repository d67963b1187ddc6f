"""Submissions made by hand with git: the check fails them, and no moderator can let them in by accident."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.bad_input.git import admitted, git, registry_here
from tests.bad_input.stage import Refusal, Stage, differences

SKILL = b"---\nname: pdf\ndescription: Reads PDF files.\nlicense: MIT\n---\nRead it.\n"
CARD = b'id: "@ann/pdf"\nversion: "%s"\n'


class Clone:
    """A work tree on the branch of a submission, in which anything can be done."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def first(self, pattern: str) -> str:
        """The first tracked path that `pattern` matches."""
        return git("ls-files", "--", pattern, cwd=self.root).splitlines()[0]

    def published(self) -> str:
        """Where the manifest of 1.0.0 lies."""
        pointer = self.first(RELEASES + "release.json")
        digest = json.loads((self.root / pointer).read_text())["manifest"].removeprefix("sha256:")
        return f"{pointer.removesuffix('1.0.0/release.json')}blobs/{digest[:2]}/{digest}"

    def write(self, path: str, data: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)

    def entry(self, mode: str, data: bytes, path: str) -> None:
        """Puts an object of any mode at a path, as no file system would."""
        name = git("hash-object", "-w", "--stdin", cwd=self.root, data=data)
        git("update-index", "--add", "--cacheinfo", f"{mode},{name},{path}", cwd=self.root)


RELEASES = "index/releases/*/ann/pdf/1.0.0/"
Deed = Callable[[Clone], object]

DEEDS: Mapping[str, tuple[Deed, str]] = {
    "a symbolic link": (
        lambda clone: clone.entry("120000", b"/etc/passwd", "index/releases/link"),
        "a symbolic link came",
    ),
    "a link in the place of a published file": (
        lambda clone: clone.entry("120000", b"x", clone.first(RELEASES + "release.json")),
        "was a file and became a link",
    ),
    "a submodule": (
        lambda clone: git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},index/module", cwd=clone.root),
        "a submodule came",
    ),
    "another mode": (
        lambda clone: git("update-index", "--chmod=+x", clone.first(RELEASES + "release.json"), cwd=clone.root),
        "became",
    ),
    "an executable file": (
        lambda clone: clone.entry("100755", b"#!/bin/sh\n", "index/run.sh"),
        "an executable file came",
    ),
    "an edit": (
        lambda clone: clone.write(clone.first(RELEASES + "release.json"), b"{}"),
        "its bytes were changed",
    ),
    "a space more in an admission": (
        lambda clone: clone.write(clone.first(RELEASES + "admission.json"), b" "),
        "its bytes were changed",
    ),
    "a deletion": (
        lambda clone: git("rm", "-q", clone.first(RELEASES + "admission.json"), cwd=clone.root),
        "it was deleted",
    ),
    "a rename": (
        lambda clone: git("mv", clone.first(RELEASES + "admission.json"), "index/moved.json", cwd=clone.root),
        "it was renamed to",
    ),
    "another policy": (
        lambda clone: clone.write("index/policy/2.json", b"{}"),
        "may not touch what decides about submissions",
    ),
    "an edit of the policy": (
        lambda clone: clone.write("index/policy/1.json", b"{}"),
        "may not touch what decides about submissions",
    ),
    "another root": (
        lambda clone: clone.write("index/trust/2.root.json", b"{}"),
        "may not touch what decides about submissions",
    ),
    "a workflow": (
        lambda clone: clone.write(".github/workflows/gate.yml", b"on: push\n"),
        "may not touch what decides about submissions",
    ),
    "a signature by itself": (
        lambda clone: clone.write("index/authors/an/ann/1." + "0" * 16 + ".sig", bytes(64)),
        "leave it out",
    ),
    "a signature beside a published manifest": (
        lambda clone: clone.write(f"{clone.published()}.{'0' * 16}.sig", bytes(64)),
        "the manifest that it signs is not part of this submission",
    ),
    "an admission": (
        lambda clone: clone.write("index/releases/an/ann/pdf/9.0.0/admission.json", b"{}"),
        "the maintainer who approves writes the admission",
    ),
    "a file that nothing lists": (lambda clone: clone.write("index/notes.txt", b"x"), "there is no place for it"),
    "attributes for git": (lambda clone: clone.write("index/.gitattributes", b"* text\n"), "git reads this file"),
    "a pointer to large-file storage": (
        lambda clone: clone.write(
            "index/large", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n"
        ),
        "large-file storage",
    ),
    "a path that climbs": (
        lambda clone: clone.entry("100644", b"x", "index/aux.txt"),
        "there is no place for it",
    ),
}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pristine(tmp_path_factory.mktemp("pristine"))


def make_pristine(folder: Path) -> Path:
    """A machine with a registry that has @ann/pdf 1.0.0, and 1.1.0 waiting on the branch `submit/good`."""
    stage = Stage(folder)
    reg = registry_here(stage)
    admitted(stage, stage.put("pdf", {"SKILL.md": SKILL, "artifact.yaml": CARD % b"1.0.0"}), "ann")
    pdf = stage.put("pdf", {"SKILL.md": SKILL + b"Twice.\n", "artifact.yaml": CARD % b"1.1.0"})
    branch = stage.done("publish", pdf, "--as", "ann", "--registry", "reg", "--yes")["branch"]
    git("branch", "-m", branch, "submit/good", cwd=reg)
    return stage.folder


def submitted(stage: Stage, pristine: Path, deed: Deed) -> Path:
    """A copy of that machine, on which `submit/good` also did `deed`; the registry is checked out on `main` again."""
    shutil.rmtree(stage.folder)
    shutil.copytree(pristine, stage.folder, symlinks=True)
    reg = stage.work / "reg"
    git("checkout", "-q", "submit/good", cwd=reg)
    before = git("write-tree", cwd=reg)
    deed(Clone(reg))
    if git("write-tree", cwd=reg) == before:
        git("add", "-A", cwd=reg)
    git("commit", "-q", "--allow-empty", "-m", "by hand", cwd=reg)
    git("checkout", "-qf", "main", cwd=reg)
    git("clean", "-qfd", cwd=reg)
    return reg


@pytest.mark.parametrize("what", DEEDS)
def test_a_submission_made_by_hand_is_refused(stage: Stage, pristine: Path, what: str) -> None:
    """The check says what is wrong in words and for scripts (exit 1), and approving it is exit 1 and lands nothing."""
    deed, says = DEEDS[what]
    submitted(stage, pristine, deed)
    before = stage.everything()
    checked = stage.call("check", "--base", "main", "--head", "submit/good", "--registry", "reg")
    listed = stage.done("queue", "list", "--registry", "reg")
    approved = stage.call("queue", "approve", listed[0]["id"], "--registry", "reg", "--json")

    assert (1, True) == (checked.code, says in checked.out), checked
    assert ["fail"] == [row["verdict"] for row in listed]
    assert (1, "checks-failed") == (approved.code, json.loads(approved.out)["error"]["code"])
    assert [] == differences(before, stage.everything())


def test_the_same_submission_without_the_deed_is_good(stage: Stage, pristine: Path) -> None:
    """What the rows begin from passes, so that each row fails for its deed alone."""
    submitted(stage, pristine, lambda clone: None)
    checked = stage.call("check", "--base", "main", "--head", "submit/good", "--registry", "reg")

    assert 0 == checked.code, checked


def test_a_branch_from_elsewhere_is_refused(stage: Stage, pristine: Path) -> None:
    """A submission that does not grow from the registry's history is exit 4 for the check."""

    def orphan(clone: Clone) -> None:
        git("checkout", "-q", "--orphan", "elsewhere", cwd=clone.root)
        git("commit", "-q", "-m", "elsewhere", cwd=clone.root)
        git("branch", "-qf", "submit/good", cwd=clone.root)
        git("checkout", "-q", "submit/good", cwd=clone.root)

    submitted(stage, pristine, orphan)
    expected = Refusal(4, "no-common-history", "does not grow from this registry's history")

    stage.refuses(expected, "check", "--base", "main", "--head", "submit/good", "--registry", "reg")


def test_one_bad_branch_does_not_hide_the_others(stage: Stage, pristine: Path) -> None:
    """A branch that is no submission at all is shown or left out, and the good one can still be approved."""

    def orphan(clone: Clone) -> None:
        git("checkout", "-q", "--orphan", "elsewhere", cwd=clone.root)
        git("commit", "-q", "-m", "elsewhere", cwd=clone.root)
        git("branch", "-q", "submit/bad", cwd=clone.root)
        git("checkout", "-q", "submit/good", cwd=clone.root)

    submitted(stage, pristine, orphan)
    rows = {row["branch"]: row for row in stage.done("queue", "list", "--registry", "reg")}

    assert "fail" == rows["submit/bad"]["verdict"]
    assert "published" == stage.done("queue", "approve", rows["submit/good"]["id"], "--registry", "reg")["state"]


@pytest.mark.parametrize("head", ["nowhere", "submit/none", "", "--help-me", "0" * 40, "main^{tree}"])
def test_a_commit_that_is_not_there_is_told(stage: Stage, pristine: Path, head: str) -> None:
    """A branch, tag or id that is not there is exit 3, and none of them reaches git as an option."""
    submitted(stage, pristine, lambda clone: None)
    said = stage.call("check", "--base", "main", f"--head={head}", "--registry", "reg")

    assert said.code in ((0, 3) if not head else (3,)), said


def test_a_statement_by_itself_asks_for_a_person(stage: Stage, pristine: Path) -> None:
    """A submission that only lets somebody in is listed as `review`, never as `pass`: a moderator has to agree."""
    submitted(stage, pristine, lambda clone: None)
    admitted(
        stage, stage.put("tab", {"SKILL.md": SKILL, "artifact.yaml": CARD.replace(b"ann", b"bob") % b"1.0.0"}), "bob"
    )
    stage.done("scope", "invite", "@ann", "bob", "--as", "ann", "--registry", "reg")
    stage.done("scope", "accept", "@ann", "--as", "bob", "--registry", "reg")
    rows = [row for row in stage.done("queue", "list", "--registry", "reg") if not row["releases"]]

    assert ["review"] == [row["verdict"] for row in rows]
