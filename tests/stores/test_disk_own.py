"""Files that an install begins for a person and that are theirs from then on."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.payload import PayloadFile
from registry_tool.core.plan import Plan, PutTree
from registry_tool.stores.disk import DiskTarget
from tests.stores.targets import ID, RECORD, picture

TREE = PutTree("apps/wiki", {"compose.yaml": PayloadFile(b"1\n")}, {".env": b"# head\nA=secret\n"})
APP = Plan((TREE,))


def with_lines(text: bytes, files: bytes = b"2\n") -> Plan:
    """The plan of another version, with these lines."""
    return Plan((replace(TREE, files={"compose.yaml": PayloadFile(files)}, own={".env": text}),))


def test_it_is_for_the_person_s_eyes_and_in_no_receipt(tmp_path: Path) -> None:
    """Mode 0600; the receipt names the file, and neither what is in it nor its digest."""
    target = DiskTarget(tmp_path)

    assert ("apps/wiki/.env", "apps/wiki/compose.yaml") == target.preview(APP, RECORD)
    receipt = target.apply(APP, RECORD)

    assert ("file", 0o600, b"# head\nA=secret\n") == picture(tmp_path)["apps/wiki/.env"]
    assert [".env"] == receipt["steps"][0]["own"]
    assert ["compose.yaml"] == list(receipt["steps"][0]["files"])
    assert b"secret" not in b"".join(
        path.read_bytes() for path in (tmp_path / ".registry").rglob("*") if path.is_file()
    )
    assert b"# head\nA=secret\n" == target.own("apps/wiki/.env")
    assert target.own("apps/wiki/none") is None


def test_an_update_keeps_what_the_person_wrote(tmp_path: Path) -> None:
    """Only names that are missing are added; it is no edit that stops an update."""
    target = DiskTarget(tmp_path)
    first = target.apply(APP, RECORD)
    (tmp_path / "apps/wiki/.env").write_bytes(b"A=mine\n# mine too")

    second = target.apply(with_lines(b"A=secret\nB=2\n"), RECORD, replaces=first)
    third = target.apply(with_lines(b"A=secret\n", b"3\n"), RECORD, replaces=second)

    assert ("file", 0o600, b"A=mine\n# mine too\nB=2\n") == picture(tmp_path)["apps/wiki/.env"]
    assert () == target.edited(third)


def test_an_update_begins_one_that_the_person_removed(tmp_path: Path) -> None:
    """Nothing is missed where it is gone."""
    target = DiskTarget(tmp_path)
    first = target.apply(APP, RECORD)
    (tmp_path / "apps/wiki/.env").unlink()

    assert () == target.edited(first)
    target.apply(with_lines(b"B=2\n"), RECORD, replaces=first)

    assert b"B=2\n" == (tmp_path / "apps/wiki/.env").read_bytes()


@pytest.mark.parametrize("edit", [b"A=secret\n", b"A=mine\nB=1\n"])
def test_uninstalling_leaves_nothing_of_it(tmp_path: Path, edit: bytes) -> None:
    """It goes with its folder, changed or not."""
    target = DiskTarget(tmp_path)
    receipt = target.apply(APP, RECORD)
    (tmp_path / "apps/wiki/.env").write_bytes(edit)

    gone = target.remove(receipt)

    assert ([], []) == (gone["kept"], os.listdir(tmp_path))


def test_uninstalling_leaves_the_person_s_other_files(tmp_path: Path) -> None:
    """What an app's container wrote beside it stays, and is told."""
    target = DiskTarget(tmp_path)
    receipt = target.apply(APP, RECORD)
    (tmp_path / "apps/wiki/data").mkdir()
    (tmp_path / "apps/wiki/data/x").write_bytes(b"")

    gone = target.remove(receipt)

    assert ["apps/wiki/data", "apps/wiki/data/x"] == gone["kept"]
    assert {"apps", "apps/wiki", "apps/wiki/data", "apps/wiki/data/x"} == set(picture(tmp_path))


def test_an_update_without_values_takes_it_away(tmp_path: Path) -> None:
    """A version that asks for nothing has no such file; the folder stays."""
    target = DiskTarget(tmp_path)
    first = target.apply(APP, RECORD)

    target.apply(Plan((replace(TREE, own={}),)), RECORD, replaces=first)

    assert ["compose.yaml"] == os.listdir(tmp_path / "apps/wiki")


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """An update stops rather than to write where a link leads."""
    target = DiskTarget(tmp_path)
    first = target.apply(APP, RECORD)
    (tmp_path / "apps/wiki/.env").unlink()
    (tmp_path / "apps/wiki/.env").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StateForbids):
        target.apply(with_lines(b"B=2\n"), RECORD, replaces=first)

    assert not (tmp_path / "elsewhere").exists()


def test_its_name_stays_inside_of_the_tree(tmp_path: Path) -> None:
    """As that of any file."""
    with pytest.raises(InvalidInput):
        DiskTarget(tmp_path).apply(Plan((replace(TREE, own={"../x": b""}),)), {"id": ID})


VALUES = Plan((PutTree("apps/wiki", {"compose.yaml": PayloadFile(b"1\n")}, {".values/KEY": b"", ".env": b"A=1\n"}),))


@pytest.mark.parametrize("beside", [{}, {".values/configs-x": PayloadFile(b"x")}])
def test_a_folder_of_values_comes_and_goes(tmp_path: Path, beside: dict[str, PayloadFile]) -> None:
    """An update keeps a value that the person wrote; an uninstall leaves no folder of it."""
    (step,) = VALUES.steps
    assert isinstance(step, PutTree)
    plan = Plan((replace(step, files={**step.files, **beside}),))
    target = DiskTarget(tmp_path)
    first = target.apply(plan, RECORD)
    assert 0o600 == (tmp_path / "apps/wiki/.values/KEY").stat().st_mode & 0o777
    (tmp_path / "apps/wiki/.values/KEY").write_bytes(b"mine")

    second = target.apply(plan, RECORD, replaces=first)

    assert b"mine" == (tmp_path / "apps/wiki/.values/KEY").read_bytes()
    assert [] == target.remove(second)["kept"]
    assert [] == os.listdir(tmp_path)


def test_an_update_that_asks_for_a_new_value_begins_its_folder(tmp_path: Path) -> None:
    """Beside what is there."""
    target = DiskTarget(tmp_path)
    first = target.apply(APP, RECORD)

    second = target.apply(VALUES, RECORD, replaces=first)

    assert b"# head\nA=secret\n" == (tmp_path / "apps/wiki/.env").read_bytes()
    assert b"" == (tmp_path / "apps/wiki/.values/KEY").read_bytes()
    target.apply(APP, RECORD, replaces=second)
    assert not (tmp_path / "apps/wiki/.values").exists()
