"""Installing, updating and uninstalling on a real disk."""

import os
from pathlib import Path

import pytest

from registry_tool.core.errors import StateForbids
from registry_tool.core.plan import AddItem, Plan, SetMember, SetRow
from registry_tool.stores.disk import DiskTarget
from tests.stores.targets import GGUI, ID, RECORD, full_plan, load, picture, tree, write


def test_an_install_writes_what_the_plan_says(tmp_path: Path) -> None:
    """Files have the author's bytes and modes, shared files have the new parts."""
    DiskTarget(tmp_path).apply(full_plan(), RECORD)

    assert (tmp_path / ".agents/skills/solar/SKILL.md").read_bytes() == b"version 1\n"
    assert (tmp_path / ".agents/skills/solar/bin/run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / ".agents/skills/solar/SKILL.md").stat().st_mode & 0o777 == 0o644
    assert load(tmp_path / ".mcp.json") == {"mcpServers": {"solar": {"command": "registry", "args": ["run", "1"]}}}
    assert load(tmp_path / "themes/index.json") == {"themes": [{"id": ID, "version": "1"}]}


def test_an_install_leaves_nothing_but_receipts_beside_it(tmp_path: Path) -> None:
    """No lock, journal or staging is left when an install is done."""
    DiskTarget(tmp_path).apply(full_plan(), RECORD)

    assert ["receipts"] == os.listdir(tmp_path / ".registry")
    assert ["acme__solar.json"] == os.listdir(tmp_path / ".registry/receipts")


def test_uninstalling_gives_the_folder_that_was_before(tmp_path: Path) -> None:
    """Install and uninstall together change no byte, not in shared files either."""
    write(tmp_path, ggui_json=GGUI, README_md="mine\n")
    before = picture(tmp_path)
    target = DiskTarget(tmp_path)

    receipt = target.apply(full_plan(), RECORD, lock_text='{"a": 1}\n')
    gone = target.remove(receipt, lock_text="")

    assert before == picture(tmp_path)
    assert [] == gone["kept"]


def test_an_update_and_an_uninstall_leave_nothing(tmp_path: Path) -> None:
    """What an update took over from the first install goes with the last."""
    write(tmp_path, ggui_json=GGUI)
    before = picture(tmp_path)
    target = DiskTarget(tmp_path)

    first = target.apply(full_plan("1"), RECORD)
    second = target.apply(full_plan("2"), {**RECORD, "version": "2.0.0"}, replaces=first)
    assert not (tmp_path / ".agents/skills/solar/only-1.txt").exists()
    assert (tmp_path / ".agents/skills/solar/only-2.txt").exists()
    assert load(tmp_path / "ggui.json")["app"]["gadgets"][1] == {"name": "solar", "version": "2"}
    target.remove(second)

    assert before == picture(tmp_path)


def test_an_update_to_nothing_takes_all_back(tmp_path: Path) -> None:
    """Steps that only the old plan has are taken back by the update."""
    target = DiskTarget(tmp_path)
    first = target.apply(full_plan(), RECORD)

    target.apply(Plan(steps=()), RECORD, replaces=first)

    assert [".registry"] == os.listdir(tmp_path)


def test_two_artifacts_share_folders_and_arrays(tmp_path: Path) -> None:
    """A shared glob and the folders around go with the last of two, in whatever order they came."""
    target = DiskTarget(tmp_path)
    one = Plan(steps=(tree("a/b/one", x_txt="1"), AddItem("g.json", ("blueprints", "include"), "a/b/*")))
    two = Plan(steps=(tree("a/b/two", x_txt="2"), AddItem("g.json", ("blueprints", "include"), "a/b/*")))
    first = target.apply(one, {"id": "@acme/one"})
    second = target.apply(two, {"id": "@acme/two"})

    target.remove(first)
    assert load(tmp_path / "g.json") == {"blueprints": {"include": ["a/b/*"]}}
    target.remove(second)

    assert [] == os.listdir(tmp_path)


def test_an_item_that_was_the_persons_stays(tmp_path: Path) -> None:
    """A glob that was there before any install is there after every uninstall."""
    write(tmp_path, g_json='{"include": ["a/*"]}')
    target = DiskTarget(tmp_path)
    receipt = target.apply(Plan(steps=(AddItem("g.json", ("include",), "a/*"),)), RECORD)

    target.remove(receipt)

    assert '{"include": ["a/*"]}' == (tmp_path / "g.json").read_text()


@pytest.mark.parametrize(
    "step",
    [
        SetMember("g.json", (), "a", {"new": True}),
        SetRow("g.json", ("rows",), "id", {"id": "x", "new": True}),
    ],
)
def test_what_an_install_replaced_comes_back(tmp_path: Path, step: SetMember | SetRow) -> None:
    """A member or row that stood there before is put back with its own text."""
    text = '{\n\t"a": {"b":1.0},\n\t"rows": [{ "id": "x" }]\n}'
    write(tmp_path, g_json=text)
    target = DiskTarget(tmp_path)

    receipt = target.apply(Plan(steps=(step,)), RECORD, force=True)
    assert text != (tmp_path / "g.json").read_text()
    target.remove(receipt)

    assert text == (tmp_path / "g.json").read_text()


def test_a_member_of_the_person_s_own_is_not_replaced(tmp_path: Path) -> None:
    """What the person wrote under the same name stays, and the install says so before it writes anything."""
    text = '{"mcpServers": {"solar": {"command": "mine"}}}'
    write(tmp_path, _mcp_json=text)

    with pytest.raises(StateForbids) as caught:
        DiskTarget(tmp_path).apply(full_plan(), RECORD)

    assert ("exists", text) == (caught.value.code, (tmp_path / ".mcp.json").read_text())


def test_what_others_added_meanwhile_stays(tmp_path: Path) -> None:
    """Uninstalling keeps members that the person added to a file that we made."""
    target = DiskTarget(tmp_path)
    receipt = target.apply(full_plan(), RECORD)
    ours = '{"command": "registry", "args": ["run", "1"]}'
    write(tmp_path, _mcp_json=f'{{"mcpServers": {{"solar": {ours}, "own": {{}}}}}}')

    target.remove(receipt)

    assert '{"mcpServers": {"own": {}}}' == (tmp_path / ".mcp.json").read_text()


def test_the_persons_own_files_stay_and_are_told(tmp_path: Path) -> None:
    """A file that the person put into an installed folder survives update and uninstall."""
    target = DiskTarget(tmp_path)
    first = target.apply(Plan(steps=(tree("apps/x", a_txt="1", sub__b_txt="1"),)), RECORD)
    write(tmp_path, apps__x__data__own_txt="mine")

    second = target.apply(Plan(steps=(tree("apps/x", a_txt="2"),)), RECORD, replaces=first)
    assert not (tmp_path / "apps/x/sub").exists()
    gone = target.remove(second)

    assert ["apps/x/data", "apps/x/data/own.txt"] == gone["kept"]
    assert {"apps", "apps/x", "apps/x/data", "apps/x/data/own.txt"} == set(picture(tmp_path))


def test_a_file_takes_the_place_of_a_folder_in_an_update(tmp_path: Path) -> None:
    """Old and new payload may disagree on what is a folder, with a person's file beside."""
    target = DiskTarget(tmp_path)
    first = target.apply(Plan(steps=(tree("x", a__b="1"),)), RECORD)
    write(tmp_path, x__own="mine")

    second = target.apply(Plan(steps=(tree("x", a="2"),)), RECORD, replaces=first)
    assert (tmp_path / "x/a").read_text() == "2"
    target.apply(Plan(steps=(tree("x", a__b="3"),)), RECORD, replaces=second)

    assert (tmp_path / "x/a/b").read_text() == "3"


def test_an_own_file_in_the_way_of_an_update_stops_it(tmp_path: Path) -> None:
    """An update never writes over a file that the person put into the folder."""
    target = DiskTarget(tmp_path)
    first = target.apply(Plan(steps=(tree("x", a="1"),)), RECORD)
    write(tmp_path, x__b="mine")
    before = picture(tmp_path)

    with pytest.raises(StateForbids) as caught:
        target.apply(Plan(steps=(tree("x", a="2", b="2"),)), RECORD, replaces=first)

    assert ("exists", before) == (caught.value.code, picture(tmp_path))


@pytest.mark.parametrize("verb", ["update", "remove"])
def test_local_edits_stop_and_force_goes_on(tmp_path: Path, verb: str) -> None:
    """Changed files are named and kept, until --force."""
    target = DiskTarget(tmp_path)
    first = target.apply(full_plan(), RECORD)
    write(tmp_path, themes__acme____solar__theme_css="mine", _mcp_json='{"mcpServers": {"solar": 1}}')
    (tmp_path / "themes/acme__solar/theme.css").write_text("mine")
    before = picture(tmp_path)

    def run(*, force: bool) -> None:
        if verb == "update":
            target.apply(full_plan("2"), RECORD, replaces=first, force=force)
        else:
            target.remove(first, force=force)

    with pytest.raises(StateForbids) as caught:
        run(force=False)
    assert "you changed what was installed: .mcp.json, themes/acme__solar/theme.css" == caught.value.message
    assert ("local-edits", before) == (caught.value.code, picture(tmp_path))
    run(force=True)

    assert verb == "update" or not (tmp_path / "themes").is_dir() or "index.json" not in os.listdir(tmp_path / "themes")


def test_edited_names_changed_and_missing_files(tmp_path: Path) -> None:
    """A changed file, a removed one and a changed row are all named, nothing else is."""
    target = DiskTarget(tmp_path)
    receipt = target.apply(full_plan(), RECORD)
    assert () == target.edited(receipt)
    (tmp_path / ".agents/skills/solar/SKILL.md").unlink()
    (tmp_path / ".agents/skills/solar/bin/run").write_text("other")
    (tmp_path / "themes/index.json").write_text("{}")

    found = target.edited(receipt)

    assert (".agents/skills/solar/SKILL.md", ".agents/skills/solar/bin/run", "themes/index.json") == found


def test_preview_names_the_files_and_writes_nothing(tmp_path: Path) -> None:
    """What would be written is told in full; the disk is not touched."""
    found = DiskTarget(tmp_path).preview(full_plan(), RECORD)

    assert (
        ".agents/skills/solar/SKILL.md",
        ".agents/skills/solar/bin/run",
        ".agents/skills/solar/only-1.txt",
        ".mcp.json",
        "ggui.json",
        "themes/acme__solar/theme.css",
        "themes/index.json",
    ) == found
    assert [] == os.listdir(tmp_path)


def test_receipts_come_sorted_and_one_by_its_name(tmp_path: Path) -> None:
    """Receipts are listed by artifact with the caller's record in them."""
    target = DiskTarget(tmp_path)
    for name in ("zeta", "alpha"):
        target.apply(Plan(steps=(tree(name, x="1"),)), {"id": f"@acme/{name}", "version": "1.0.0"})

    assert ["@acme/alpha", "@acme/zeta"] == [receipt["artifact"] for receipt in target.receipts()]
    assert (target.receipt("@acme/zeta") or {})["record"] == {"id": "@acme/zeta", "version": "1.0.0"}
    assert target.receipt("@acme/none") is None


def test_the_lock_file_is_written_with_the_install(tmp_path: Path) -> None:
    """The text is kept as it was given, replaced by the next, and left alone without one."""
    target = DiskTarget(tmp_path)
    assert target.lock_text() is None
    target.apply(Plan(steps=()), {"id": "@acme/one"}, lock_text="1\n")
    target.apply(Plan(steps=()), {"id": "@acme/two"}, lock_text="2\n")
    target.apply(Plan(steps=()), {"id": "@acme/three"})

    assert "2\n" == target.lock_text()


def test_a_missing_project_folder_is_made(tmp_path: Path) -> None:
    """An install into a folder that is not there yet makes it."""
    DiskTarget(tmp_path / "a/b").apply(Plan(steps=(tree("x", a="1"),)), RECORD)

    assert "1" == (tmp_path / "a/b/x/a").read_text()


def test_reading_an_empty_project_writes_nothing(tmp_path: Path) -> None:
    """Receipts, lock and recovery of a folder without installs leave it as it is, even a missing one."""
    target = DiskTarget(tmp_path / "none")
    target.recover()

    assert ((), None, []) == (target.receipts(), target.lock_text(), os.listdir(tmp_path))
