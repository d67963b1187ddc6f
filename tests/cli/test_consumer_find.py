"""Searching, showing, listing, updating and verifying on the command line."""

import json
import shutil
from dataclasses import replace

import pytest

from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, Desk, added, skill_release


def test_a_search_says_which_registry_answered(desk: Desk, built: RegistryInMemory) -> None:
    """A search finds by words and tags, locked to a kind where asked; the source that won is named (G3)."""
    where = added(desk, built)

    found = desk.json("search", "read", "pdf", "--tag", "paper")

    assert ([PDF], 1, "the only one added") == (
        [one["id"] for one in found["results"]],
        found["total"],
        found["chosen_by"],
    )
    assert 0 == desk.json("theme", "search")["total"]
    assert 1 == desk.json("search", "--kind", "skills")["total"]
    (desk.work / "ggui.json").write_text(json.dumps({"registry": where}))
    desk.world = replace(desk.world, env={**desk.world.env, "REGISTRY_URL": where})
    assert "REGISTRY_URL" == desk.json("search")["chosen_by"]
    assert "ggui.json" == desk.json("show", PDF)["chosen_by"]


@pytest.mark.parametrize("text", ["[", '{"registry": 1}'])
def test_a_broken_project_file_is_told(desk: Desk, built: RegistryInMemory, text: str) -> None:
    """A `ggui.json` that cannot be read stops, instead of another registry being used."""
    added(desk, built)
    (desk.work / "ggui.json").write_text(text)

    assert (1, "bad-ggui-json") == desk.refused("install", PDF)


def test_show_speaks_of_permissions_in_words(desk: Desk, built: RegistryInMemory) -> None:
    """`show` names what it may do in words, its versions and who let it in."""
    added(desk, built)

    said = desk.run("show", PDF)

    assert "reach any host on the public Internet  (network)" in said
    assert "let in by  mod at" in said


def test_lists_and_updates(desk: Desk, built: RegistryInMemory) -> None:
    """What is installed is listed, with what is newer and what was changed; an update takes it and can be undone."""
    added(desk, built)
    assert "Nothing is installed here." == desk.run("list").strip()
    assert (3, "not-installed") == desk.refused("update")
    desk.run("install", PDF, "--yes")
    assert "Everything is at its newest version." == desk.run("update").strip()
    skill_release(built, PDF, "1.1.0", permissions=["network"])
    desk.put("reg", built.files)

    assert [("1.0.0", "1.1.0")] == [
        (one["version"], one["newest"]) for one in desk.json("list", "--outdated")["installed"]
    ]
    assert f"Undo: registry install {PDF}@1.0.0" in desk.run("update", PDF)
    assert "Everything is at its newest version." == desk.run("list", "--outdated").strip()
    (desk.work / ".agents/skills/pdf/SKILL.md").write_text("mine")
    assert [".agents/skills/pdf/SKILL.md"] == desk.json("list")["installed"][0]["edited"]
    assert (3, "not-installed") == desk.refused("update", "@ann/other")


def test_what_is_installed_is_verified_on_the_disk_too(desk: Desk, built: RegistryInMemory) -> None:
    """`verify` compares files with what was installed and releases with their registry, and names what differs."""
    added(desk, built)
    assert (3, "not-installed") == desk.refused("verify", "--all")
    desk.run("install", PDF, "--yes")
    assert f"{PDF} 1.0.0 holds" in desk.run("verify", "--all")
    (desk.work / ".agents/skills/pdf/SKILL.md").write_text("changed")
    built.event(PDF, "1.0.0", "revoke")
    desk.put("reg", built.files)

    assert (4, "not-trusted") == desk.refused("verify")
    assert ["edited", "revoked"] == [one.check for one in desk.error.findings]


def test_a_lock_file_alone_installs(desk: Desk, built: RegistryInMemory) -> None:
    """`install` without a name takes exactly what the lock file pins; without one it says what to write."""
    added(desk, built)
    assert (2, "missing-id") == desk.refused("install")
    assert (2, "missing-id") == desk.refused("skill", "install")
    assert (2, "missing-id") == desk.refused("install", "-g")
    desk.run("install", PDF, "--yes")
    shutil.rmtree(desk.work / ".agents")
    shutil.rmtree(desk.work / ".registry")

    assert "registry.lock.json" == desk.json("install", "--yes")["chosen_by"]
    assert (desk.work / ".agents/skills/pdf/SKILL.md").is_file()
    desk.run("remote", "remove", "reg")
    shutil.rmtree(desk.work / ".registry")
    assert (4, "unknown-registry") == desk.refused("install", "--yes")


@pytest.mark.parametrize(
    ("words", "total"),
    [
        (["pd"], 1),
        (["pdf", "moon"], 0),
        (["read", "tag:paper"], 1),
        (["--tag", "paper", "--tag", "PAPER"], 1),
        (["--tag", "paper", "--tag", "other"], 0),
        (["--author", "ann", "--permission", "network"], 1),
        (["-permission:network"], 0),
        (["-Permission:fs"], 1),
        (["--without-permission", "network", "--without-permission", "fs:tmp"], 0),
        (["--verified"], 0),
        (["--hook", "useMap"], 0),
        (["kind:skills", "--sort", "recent"], 1),
        (["--", "pdf"], 1),
    ],
)
def test_a_search_has_one_language(desk: Desk, built: RegistryInMemory, words: list[str], total: int) -> None:
    """Flags and words say the same and are joined by AND; a second time nothing is read anew."""
    added(desk, built)

    assert [total, total] == [json.loads(desk.run("search", "--json", *words))["total"] for _ in range(2)]


def test_a_mistyped_filter_is_told(desk: Desk, built: RegistryInMemory) -> None:
    """One clear message with what there is, before any registry is asked; a mistyped flag is no word."""
    assert (2, "unknown-filter") == desk.refused("search", "colour:red")
    assert "tag:" in desk.error.hint
    assert (2, "bad-filter") == desk.refused("search", "--", "-pdf")
    added(desk, built)
    desk.run("search", "--tagg", "pdf")
    assert 2 == desk.code
    desk.run("search", "-pdf")
    assert 2 == desk.code


def test_the_orders_are_those_of_the_language() -> None:
    """What `--sort` takes is what the search page takes."""
    from registry_tool.cli.consumer_find import SORTS as OFFERED
    from registry_tool.core.query import SORTS

    assert SORTS == OFFERED


def test_what_is_found_is_shown_on_its_line(desk: Desk, built: RegistryInMemory) -> None:
    """A title that turns the line around, or goes on with an escape, is shown as what it is."""
    built.release("@ann/evil", "1.0.0", title="\u202e\x1b[31mfdp", description="a\nb")
    added(desk, built)

    said = desk.run("search", "evil")

    assert "@ann/evil 1.0.0 (theme): \\u202e\\u001b[31mfdp\n  a b\n" in said
