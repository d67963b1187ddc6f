"""What the disk refuses to do, before anything is written."""

import os
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, StateForbids
from registry_tool.core.payload import PayloadFile
from registry_tool.core.plan import Plan, PutTree, SetMember, SetRow
from registry_tool.stores.disk import DiskTarget
from tests.stores.targets import RECORD, full_plan, picture, tree, write


def test_a_second_install_of_one_artifact_is_refused(tmp_path: Path) -> None:
    """What is installed must be updated, not installed again."""
    target = DiskTarget(tmp_path)
    target.apply(Plan(steps=()), RECORD)

    with pytest.raises(StateForbids) as caught:
        target.apply(Plan(steps=()), RECORD)

    assert "already-installed" == caught.value.code


def test_a_receipt_that_is_not_the_present_one_is_refused(tmp_path: Path) -> None:
    """Updating by an old receipt would take back the wrong things."""
    target = DiskTarget(tmp_path)
    first = target.apply(full_plan("1"), RECORD)
    target.apply(full_plan("2"), RECORD, replaces=first)

    with pytest.raises(StateForbids) as caught:
        target.remove(first)

    assert "moved" == caught.value.code


def test_what_is_not_installed_cannot_be_removed(tmp_path: Path) -> None:
    """A receipt of which the disk knows nothing removes nothing."""
    target = DiskTarget(tmp_path)
    receipt = target.apply(Plan(steps=()), RECORD)
    target.remove(receipt)

    with pytest.raises(NotFound) as caught:
        target.remove(receipt)

    assert "not-installed" == caught.value.code


@pytest.mark.parametrize(
    "plan",
    [
        Plan(steps=(tree("apps/x", a="1"),)),
        Plan(steps=(tree("apps", a="1"),)),
        Plan(steps=(tree("apps/x/y", a="1"),)),
        Plan(steps=(SetMember("g.json", ("a",), "k", 2),)),
        Plan(steps=(SetRow("g.json", ("rows",), "id", {"id": "x", "v": 2}),)),
    ],
)
def test_a_place_that_another_artifact_has_is_refused(tmp_path: Path, plan: Plan) -> None:
    """The message names the artifact, the hint the way out; nothing changes."""
    target = DiskTarget(tmp_path)
    rows = (SetMember("g.json", ("a",), "k", 1), SetRow("g.json", ("rows",), "id", {"id": "x", "v": 1}))
    target.apply(Plan(steps=(tree("apps/x", a="1"), *rows)), {"id": "@acme/first"})
    before = picture(tmp_path)

    with pytest.raises(StateForbids) as caught:
        target.apply(plan, RECORD)

    assert ("exists", "@acme/first is installed there") == (caught.value.code, caught.value.message)
    assert "--name" in caught.value.hint
    assert before == picture(tmp_path)


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("/")])
def test_a_foreign_thing_at_a_trees_place_is_refused(tmp_path: Path, make: object) -> None:
    """A folder, file or link that no install made is named and left."""
    assert callable(make)
    make(tmp_path / "x")
    before = picture(tmp_path)

    with pytest.raises(StateForbids) as caught:
        DiskTarget(tmp_path).apply(Plan(steps=(tree("x", a="1"),)), RECORD)

    assert ("exists", str(tmp_path / "x")) == (caught.value.code, caught.value.where)
    assert before == picture(tmp_path)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (tree("away/x", a="1"), "link"),
        (SetMember("away/g.json", (), "a", 1), "link"),
        (SetMember("g.json", (), "a", 1), "not-a-file"),
    ],
)
def test_links_are_not_followed(tmp_path: Path, step: PutTree | SetMember, code: str) -> None:
    """A link in the way of a write is refused, wherever it leads."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "g.json").write_text("{}")
    (root / "away").symlink_to(outside)
    (root / "g.json").symlink_to(outside / "g.json")
    before = picture(tmp_path)

    with pytest.raises(StateForbids) as caught:
        DiskTarget(root).apply(Plan(steps=(step,)), RECORD)

    assert (code, before) == (caught.value.code, picture(tmp_path))


@pytest.mark.parametrize(
    "plan",
    [
        Plan(steps=(tree("../x", a="1"),)),
        Plan(steps=(tree("/x", a="1"),)),
        Plan(steps=(tree("a//b", a="1"),)),
        Plan(steps=(tree(".git/hooks", a="1"),)),
        Plan(steps=(tree("a\\b", a="1"),)),
        Plan(steps=(tree(".registry/receipts/x", a="1"),)),
        Plan(steps=(SetMember("registry.lock.json", (), "a", 1),)),
        Plan(steps=(PutTree("x", {"../a": PayloadFile(b"")}),)),
        Plan(steps=(tree("x", a="1"), tree("x/y", a="1"))),
        Plan(steps=(tree("x", a="1"), SetMember("x/a", (), "a", 1))),
    ],
)
def test_a_plan_that_leaves_its_place_is_refused(tmp_path: Path, plan: Plan) -> None:
    """Paths out of the target, into our notes, or into each other do nothing."""
    with pytest.raises(InvalidInput) as caught:
        DiskTarget(tmp_path).apply(plan, RECORD)

    assert ("bad-path", []) == (caught.value.code, os.listdir(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "expected an object, it holds an array"),
        ("", "line 1, column 1: it is not JSON"),
        ('{\n  // mine\n  "a": 1}', "line 2, column 3: comments are not JSON"),
        ('{"a": 1, "a": 2}', "line 1, column 10: the name 'a' is there twice"),
        ('\ufeff{"a": 1}', "it begins with a byte order mark"),
        ('{"a": 1,}', 'line 1, column 9: expected a name in "'),
        ('{"b": "text"}', "line 1: expected an object at b, it holds a text"),
    ],
)
def test_a_shared_file_that_cannot_be_edited_stops_all(tmp_path: Path, text: str, message: str) -> None:
    """The file and the place in it are named, and nothing at all is written."""
    write(tmp_path, g_json=text)
    before = picture(tmp_path)

    with pytest.raises(InvalidInput) as caught:
        DiskTarget(tmp_path).apply(Plan(steps=(tree("x", a="1"), SetMember("g.json", ("b",), "k", 1))), RECORD)

    assert (message, str(tmp_path / "g.json")) == (caught.value.message, caught.value.where)
    assert before == picture(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "registry.receipt/1"}', "\xff"])
def test_a_damaged_receipt_stops(tmp_path: Path, text: str) -> None:
    """Nothing is done on top of a receipt that cannot be read."""
    target = DiskTarget(tmp_path)
    target.apply(Plan(steps=()), RECORD)
    (tmp_path / ".registry/receipts/acme__solar.json").write_bytes(text.encode("latin-1"))

    with pytest.raises(InvalidInput) as caught:
        target.receipts()

    assert "bad-receipt" == caught.value.code


def test_a_receipt_from_outside_cannot_reach_out(tmp_path: Path) -> None:
    """A receipt that somebody wrote by hand is held to the same paths as a plan."""
    target = DiskTarget(tmp_path)
    target.apply(Plan(steps=(tree("x", a="1"),)), RECORD)
    path = tmp_path / ".registry/receipts/acme__solar.json"
    path.write_text(path.read_text().replace('"path": "x"', '"path": "../x"'))

    with pytest.raises(InvalidInput) as caught:
        target.receipts()

    assert "bad-receipt" == caught.value.code
