"""Half-signed changes of root and targets that somebody edited on their way: nobody signs them, none lands."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core import canonical
from tests.bad_input.git import registry_here
from tests.bad_input.stage import Stage
from tests.builders import a_registry

Edit = Callable[[dict[str, Any]], object]  # Any: JSON, edited in place


@dataclass(frozen=True)
class Sent:
    """A change that waits for Bob, at Bob's."""

    bob: Stage
    registry: Path
    file: Path


@pytest.fixture
def sent(stage: Stage, tmp_path: Path) -> Sent:
    """Ann asks Bob to sign that they both sign from now on."""
    registry, bob = registry_here(stage), Stage(tmp_path / "bob")
    key = bob.run("trust", "key", "--registry", str(registry)).strip()
    stage.done("trust", "rotate", "--registry", "reg", f"--add=bob={key}", "--threshold", "2", "-o", "c.json", "--yes")
    (bob.work / "c.json").write_bytes((stage.work / "c.json").read_bytes())
    return Sent(bob, registry, bob.work / "c.json")


def inside(member: str, edit: Edit) -> Edit:
    """Edits the signed part of a text that the change carries; its signatures stay."""

    def change(value: dict[str, Any]) -> None:
        text = json.loads(value[member])
        edit(text["signed"])
        value[member] = canonical.encode(text).decode()

    return change


def first_root_of_another(value: dict[str, Any]) -> None:
    value["roots"] = [a_registry(demo=False).files["index/trust/1.root.json"].decode()]


VALUES: Mapping[str, tuple[Edit, int, str]] = {
    "a member more": (lambda value: value.update(surprise=1), 1, "surprise"),
    "the id of another": (lambda value: value.update(registry="0" * 64), 4, "its id should be 0000"),
    "the root of another": (first_root_of_another, 4, "this is another registry"),
    "the root in force twice": (lambda value: value["roots"].append(value["roots"][0]), 1, "root 2"),
    "nothing new": (lambda value: [value.pop("new_root"), value.pop("new_targets", None)], 1, "it changes nothing"),
    "an edited targets in force": (
        inside("targets", lambda signed: signed.update(expires="2099-01-01T00:00:00Z")),
        4,
        "targets 1: the signature by ",
    ),
    "a number left out": (
        inside("new_root", lambda signed: signed.update(version=3)),
        1,
        "root 2 says that it is version 3",
    ),
    "a threshold of none": (
        inside("new_root", lambda signed: signed["roles"]["root"].update(threshold=0)),
        1,
        "thresh",
    ),
    "a day later than Ann signed": (
        inside("new_root", lambda signed: signed.update(expires="2035-01-01T00:00:00Z")),
        4,
        "does not hold",
    ),
    "a name that moves the cursor": (
        inside("new_root", lambda signed: signed["x-names"].update(dict.fromkeys(signed["x-names"], "\x1b[2Jann"))),
        1,
        "x-names",
    ),
    "a sigstore trust root that no targets list": (lambda value: value.update(trusted_root="{}"), 1, "do not list"),
}
BYTES: Mapping[str, tuple[Callable[[bytes], bytes], int, str]] = {
    "cut in half": (lambda data: data[: len(data) // 2], 1, "is not JSON"),
    "cut by its last byte": (lambda data: data[:-1], 1, "is not JSON"),
    "a line more": (lambda data: data + b"\n", 1, "is not in canonical form"),
    "a web page": (lambda data: b"<!doctype html><title>Not found</title>", 1, "is not JSON"),
    "a list": (lambda data: b"[]", 1, "the change says of no registry"),
    "deep": (lambda data: b"[" * 5000, 1, "deep"),
    "far too long": (lambda data: data + b" " * 9_000_000, 1, "the change may have at most 8388608 bytes"),
}


def edited(edit: Edit) -> Callable[[bytes], bytes]:
    """An edit of the whole file's JSON as one of its bytes."""

    def change(data: bytes) -> bytes:
        value = json.loads(data)
        edit(value)
        return canonical.encode(value)

    return change


ROWS = {**BYTES, **{what: (edited(edit), code, says) for what, (edit, code, says) in VALUES.items()}}


@pytest.mark.parametrize("what", ROWS)
def test_an_edited_change_is_not_signed(sent: Sent, what: str) -> None:
    """Bob is told what is wrong; the file stays as it came, with and without a repository to land in."""
    edit, code, says = ROWS[what]
    good = sent.file.read_bytes()
    sent.file.write_bytes(edit(good))
    assert sent.file.read_bytes() != good

    sent.bob.refuses_any(code, says, "trust", "sign", "c.json", "--yes")
    sent.bob.refuses_any(code, says, "trust", "sign", "c.json", "--registry", str(sent.registry), "--yes")


def test_a_change_that_was_not_edited_is_signed_and_lands(sent: Sent) -> None:
    """The same file as Ann wrote it."""
    assert sent.bob.done("trust", "sign", "c.json", "--registry", str(sent.registry), "--yes")["commit"]


def test_what_others_signed_is_lost_with_an_edit(sent: Sent) -> None:
    """Who edits what Ann signed, and takes away her signature that holds no longer, has Bob's alone: nothing lands."""

    def unsigned(value: dict[str, Any]) -> None:
        text = json.loads(value["new_root"])
        text["signed"]["expires"], text["signatures"] = "2035-01-01T00:00:00Z", []
        value["new_root"] = canonical.encode(text).decode()

    sent.file.write_bytes(edited(unsigned)(sent.file.read_bytes()))
    said = sent.bob.done("trust", "sign", "c.json", "--registry", str(sent.registry), "--yes")

    assert (False, "") == (said["complete"], said["commit"])
    assert any(line.startswith("root 2 needs 1 more by the keys of root 1: ") for line in said["missing"])
